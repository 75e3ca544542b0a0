// Every rule about time, tried by moving the sandbox's clock: ends to the
// millisecond, whoever looks and whenever it is written; months and years of
// any length, days of 23 and 25 hours; and that tick changes nothing.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
    chained, newSpace, ok, own, refused, room, viewing,
} from './meter.js';
import { must, newBuyer, sql, stopWhole, whole } from './shop.js';
import { startSite } from './site.js';

const NO_TICK = { env: { SCRIP_TICK_SECONDS: '0' } };

let site;
before(async () => { site = await startSite(NO_TICK); });
after(() => stopWhole(site));

const set = (at, where = site) => must(where, ['clock', 'set', iso(at)]);
const advance = (how, where = site) => must(where, ['clock', 'advance', how]);
const iso = (at) => new Date(at).toISOString();
const ms = (text) => Date.parse(text);
const DAY = 86400000;

// The business's time of this moment, by the offset that the database has.
async function offset() {
    const [row] = await sql(site, 'SELECT offset_ms FROM site_clock');
    return row === undefined ? 0 : row.offset_ms;
}

// The next test's time: always later than all before it, and than any day on
// which this is run.
let later = Date.parse('2055-01-04T10:00:00Z');
async function nextDay() {
    later += 2 * DAY;
    await set(later);
    return later;
}

const balanceOf = async (space) => {
    const { available, held, total } = await space.balance();
    return { available, held, total };
};
const lines = (events) => events.map(({ kind, credits, occurred_at: at }) => (
    [kind, credits, at]));

// ---------------------------------------------------------- to the millisecond

// Looks until well past `end`: each look that ended before it has to see
// `before_`, each that began at or after it `after_`. How many were before it.
async function lookPast(end, look, before_, after_) {
    const shift = await offset();
    const seen = { before: 0, after: 0 };
    for (;;) {
        const began = Date.now() + shift;
        const is = await look();
        const ended = Date.now() + shift;
        if (ended < end) {
            assert.deepEqual(is, before_, `at ${iso(began)}, before ${iso(end)}`);
            seen.before += 1;
        } else if (began >= end) {
            assert.deepEqual(is, after_, `at ${iso(began)}, from ${iso(end)} on`);
            seen.after += 1;
        }
        if (seen.after >= 20) return seen.before;
    }
}

// The same from shortly before `end`. Looks write nothing, so where none was
// in time the clock goes back, and further.
async function watched(end, look, before_, after_) {
    for (let lead = 1500; ; lead *= 2) {
        await set(end - lead);
        if (await lookPast(end, look, before_, after_) > 0) return;
        assert.ok(lead < 60000, 'no look ended before the end');
    }
}

test('a lot ends to the millisecond, for whoever looks, and its end is written when it was', async () => {
    const now = await nextDay();
    const end = now + 3600001;
    const space = await newSpace(site);
    ok(await space.grant({ credits: 7 }), 201);
    ok(await space.grant({ credits: 100, expires_at: iso(end) }), 201);
    await watched(end, () => balanceOf(space),
        { available: 107, held: 0, total: 107 },
        { available: 7, held: 0, total: 7 });
    // Read, though nobody has written it yet.
    const [{ n }] = await sql(site, `SELECT count(*) AS n FROM event
        WHERE space = (SELECT number FROM space WHERE slug = '${space.slug}')`);
    assert.equal(n, 2);
    const shown = await space.events();
    assert.deepEqual(lines(shown.slice(2)), [['expiry', -100, iso(end)]]);
    refused(await space.charge(own(8)), 402, 'insufficient_credits');
    ok(await space.charge(own(1)), 201);
    const written = await space.events();
    assert.deepEqual(written.slice(0, 3), shown);
    chained(written);
});

test('a hold ends to the millisecond, for whoever looks', async () => {
    await nextDay();
    const space = await newSpace(site, 100);
    const { hold } = ok(await space.hold(own(60, { expires_in_s: 3600 })), 201);
    const end = ms(hold.expires_at);
    assert.equal(end - ms(hold.created_at), 3600000);
    await watched(end, async () => [(await space.holdOf(hold.id)).state],
        ['held'], ['expired']);
    assert.deepEqual(await balanceOf(space),
        { available: 100, held: 0, total: 100 });
    assert.deepEqual((await space.holds('&state=held')), []);
    assert.deepEqual((await space.holds('&state=expired')).map(({ id }) => id),
        [hold.id]);
    refused(await space.capture(hold.id, {}), 409, 'hold_not_open');
    const { hold: same } = ok(await space.release(hold.id), 200);
    assert.equal(same.state, 'expired');
    // An end of a hold is no event; all of it may be held again.
    assert.equal((await space.events()).length, 1);
    ok(await space.hold(own(100)), 201);
});

test('captures around a hold\'s end are captured or refused as their time says, and never both', async () => {
    await nextDay();
    const space = await newSpace(site, 10000);
    for (let round = 0; round < 3; round += 1) {
        const { hold } = ok(await space.hold(own(1000, { expires_in_s: 600 })), 201);
        const end = ms(hold.expires_at);
        await set(end - 500);
        const shift = await offset();
        let captured = 0;
        let late = 0;
        while (late < 5) {
            const began = Date.now() + shift;
            const answer = await space.capture(hold.id, { credits: 1, final: false });
            const ended = Date.now() + shift;
            if (answer.status === 200) {
                captured += 1;
                assert.ok(began < end, 'after its end');
                assert.ok(ms(answer.json.event.occurred_at) < end);
            } else {
                refused(answer, 409, 'hold_not_open');
                assert.ok(ended >= end, 'before its end');
                late += 1;
            }
        }
        const is = await space.holdOf(hold.id);
        assert.deepEqual([is.state, is.captured], ['expired', captured]);
    }
    chained(await space.events());
});

// ------------------------------------------------- lots and holds together

test('an allocation that ends while a hold is open on it: what is free expires then, what is held when the hold gives it back', async () => {
    const now = await nextDay();
    const end = now + 3600000;
    const allocation = {
        kind: 'included_allocation', credits: 100, period: iso(now), expires_at: iso(end),
    };
    const run = async (finish) => {
        const space = await newSpace(site);
        ok(await space.grant(allocation), 201);
        const { hold } = ok(await space.hold(own(60, { expires_in_s: 7200 })), 201);
        return { space, hold, finish };
    };
    const runs = [
        await run((space, hold) => space.capture(hold.id, { credits: 20 })),
        await run((space, hold) => space.release(hold.id)),
        await run((space, hold) => space.capture(hold.id, {})),
        await run(() => null),
    ];
    await set(end + 1000);
    for (const { space, hold } of runs) {
        assert.deepEqual(await balanceOf(space),
            { available: 0, held: 60, total: 60 });
        refused(await space.charge(own(1)), 402, 'insufficient_credits');
        assert.equal((await space.holdOf(hold.id)).state, 'held');
    }
    const wanted = [
        [['captured_usage', -20], ['expiry', -40]],
        [['expiry', -60]],
        [['captured_usage', -60]],
        [['expiry', -60]],
    ];
    for (const { space, hold, finish } of runs) {
        const answer = await finish(space, hold);
        if (answer) {
            ok(answer, 200);
            assert.deepEqual(answer.json.balance, { available: 0, held: 0, total: 0 });
        }
    }
    await set(now + 7300000);
    for (const [i, { space, hold }] of runs.entries()) {
        assert.deepEqual(await balanceOf(space), { available: 0, held: 0, total: 0 });
        const events = await space.events();
        chained(events);
        assert.deepEqual(lines(events.slice(0, 2)).map(([kind, n]) => [kind, n]),
            [['included_allocation', 100], ['expiry', -40]]);
        assert.equal(events[1].occurred_at, iso(end));
        assert.deepEqual(events.slice(2).map(({ kind, credits }) => [kind, credits]),
            wanted[i]);
        // Given back by the hold's own end, it expired at that moment.
        if (i === 3) assert.equal(events[2].occurred_at, hold.expires_at);
    }
});

test('a refund to a lot that has ended is a lot of its kind for 30 days', async () => {
    const now = await nextDay();
    const end = now + 3600000;
    const space = await newSpace(site);
    ok(await space.grant({
        kind: 'included_allocation', credits: 50, period: iso(now), expires_at: iso(end),
    }), 201);
    ok(await space.grant({ credits: 50 }), 201);
    const { event } = ok(await space.charge(own(70)), 201);
    assert.deepEqual(event.lots.map(({ kind, credits }) => [kind, credits]),
        [['included', -50], ['bonus', -20]]);
    await set(end);
    // 60 of 70: what was spent last returns first.
    const back = ok(await space.refund({ event: event.id, credits: 60 }), 201);
    assert.deepEqual(back.event.lots.map(({ kind, credits }) => [kind, credits]).sort(),
        [['bonus', 20], ['included', 40]]);
    const made = back.event.lots.find(({ kind }) => kind === 'included');
    assert.ok(event.lots.every(({ lot }) => lot !== made.lot), 'a lot of its own');
    const { balance } = ok(await space.get('credits'));
    assert.deepEqual([balance.included, balance.bonus], [40, 50]);
    const until = ms(back.event.occurred_at) + 30 * DAY;
    assert.equal(balance.included_expires_at, iso(until));
    later = until;
    await set(until - 60000);
    assert.equal((await space.balance()).total, 90);
    await set(until);
    assert.equal((await space.balance()).total, 50);
    const events = await space.events();
    assert.deepEqual(lines(events.slice(-1)), [['expiry', -40, iso(until)]]);
    chained(events);
});

test('what is due is written one at a time, the earliest first, each at its own time', async () => {
    const now = await nextDay();
    const space = await newSpace(site);
    const at = (minutes) => iso(now + minutes * 60000);
    ok(await space.grant({ credits: 30, expires_at: at(60) }), 201);
    ok(await space.grant({ credits: 20, expires_at: at(30) }), 201);
    ok(await space.grant({ credits: 10, expires_at: at(90) }), 201);
    // Holds take the soonest lots: this one all of the second and 5 of the
    // first, and outlives both; the next 5 of the first, and ends before it.
    const { hold } = ok(await space.hold(own(25, { expires_in_s: 4500 })), 201);
    ok(await space.hold(own(5, { expires_in_s: 600 })), 201);
    await set(now + 7200000);
    const events = (await space.events()).slice(3);
    const same = ([, a], [, b]) => a - b;
    assert.deepEqual([...lines(events.slice(0, 1)),
        ...lines(events.slice(1, 3)).sort(same), ...lines(events.slice(3))], [
        ['expiry', -25, at(60)],
        ['expiry', -20, hold.expires_at],
        ['expiry', -5, hold.expires_at],
        ['expiry', -10, at(90)],
    ]);
    assert.deepEqual(await balanceOf(space), { available: 0, held: 0, total: 0 });
    // All of it written by one small request, as it was shown.
    ok(await space.grant({ credits: 1 }), 201);
    assert.deepEqual((await space.events()).slice(3, 3 + events.length), events);
});

// ------------------------------------------------------------ the calendar

// A cap a day and one a month show where the Space's days and months end.
const edges = [
    ['spring forward: 28 March 2055 in London has 23 hours', 'Europe/London',
        ['2055-03-28T00:00:00Z', '2055-03-28T23:00:00Z'], 'day'],
    ['the month of that night ends at 23:00 UTC', 'Europe/London',
        ['2055-03-28T23:00:00Z', '2055-03-31T23:00:00Z'], 'month'],
    ['the month of February 2055 has 28 days', 'Europe/London',
        ['2055-02-28T12:00:00Z', '2055-03-01T00:00:00Z'], 'month'],
    ['summer days begin at 23:00 UTC', 'Europe/London',
        ['2055-06-30T22:00:00Z', '2055-06-30T23:00:00Z'], 'month'],
    ['fall back: 31 October 2055 in London has 25 hours', 'Europe/London',
        ['2055-10-30T23:00:00Z', '2055-11-01T00:00:00Z'], 'day'],
    ['29 February 2056 is a day, and February has it', 'Europe/London',
        ['2056-02-29T00:00:00Z', '2056-03-01T00:00:00Z'], 'day', 'month'],
    ['a year ends when it ends there', 'Pacific/Kiritimati',
        ['2056-12-30T10:00:00Z', '2056-12-31T10:00:00Z'], 'month'],
    ['half an hour counts: Kathmandu', 'Asia/Kathmandu',
        ['2057-01-14T18:15:00Z', '2057-01-15T18:15:00Z'], 'day'],
].sort(([, , [a]], [, , [b]]) => ms(a) - ms(b));

test('days and months are the Space\'s, whatever their length', async () => {
    const owner = await newBuyer(site);
    for (const [name, zone, [from, to], ...periods] of edges) {
        assert.ok(ms(from) > later - 60 * DAY, name);
        const space = await newSpace(site, 0, { time_zone: zone });
        await must(site, ['member', 'add', owner.email, '--name', 'O', '--space',
            space.slug, '--role', 'owner']);
        const path = `${space.path}/limits`;
        await set(Math.max(ms(from), later));
        ok(await space.grant({ credits: 100 }), 201);
        ok(await owner.put(path, { caps: periods.map((per) => (
            { on: { member: 'm' }, credits: 10, per })) }), 200);
        const used = async () => ok(await owner.get(path)).caps
            .map((one) => one.used);
        ok(await space.charge(own(10, { member: 'm' })), 201);
        const end = ms(to);
        await watched(end, used, periods.map(() => 10), periods.map(() => 0));
        ok(await space.charge(own(10, { member: 'm' })), 201, name);
        refused(await space.charge(own(1, { member: 'm' })), 402, 'cap_reached');
        later = end + 300000; // it runs on
    }
});

// --------------------------------------------------------- tick changes nothing

// A story with all kinds of ends in it, at fixed times.
async function story(tick) {
    const other = await startSite(NO_TICK);
    try {
        const start = Date.parse('2055-05-01T00:00:00Z');
        const space = await newSpace(other);
        const at = async (minutes) => {
            await set(start + minutes * 60000, other);
            if (tick) {
                await must(other, ['tick']);
                await must(other, ['tick']);
            }
        };
        const ends = (minutes) => iso(start + minutes * 60000);
        await at(0);
        ok(await space.grant({ credits: 100, expires_at: ends(100) }), 201);
        ok(await space.grant({ credits: 50, expires_at: ends(30) }), 201);
        ok(await space.grant({
            kind: 'included_allocation', credits: 80, period: ends(0),
            expires_at: ends(60),
        }), 201);
        const a = ok(await space.hold(own(70, { expires_in_s: 40 * 60 })), 201).hold;
        const b = ok(await space.hold(viewing(2000, { expires_in_s: 20 * 60 })), 201).hold;
        await at(10);
        const usage = ok(await space.charge(own(40)), 201).event;
        ok(await space.capture(b.id, { quantity: 700,
            extend: { quantity: 900, expires_in_s: 45 * 60 } }), 200);
        await at(35);
        ok(await space.capture(a.id, { credits: 5, final: false }), 200);
        await at(58);
        ok(await space.refund({ event: usage.id, credits: 30 }), 201);
        await at(61);
        const c = ok(await space.hold(room(5, { expires_in_s: 120 * 60 })), 201).hold;
        await at(101);
        ok(await space.refund({ event: usage.id }), 201);
        await at(170);
        ok(await space.release(c.id), 200);
        await at(40 * 24 * 60);
        if (tick) await must(other, ['tick']);
        ok(await space.grant({ credits: 3 }), 201);
        const events = await space.events();
        const holds = await space.holds();
        const { balance } = ok(await space.get('credits'));
        await whole(other);
        return {
            events: events.map(({ seq, kind, credits, balance_after: left,
                occurred_at: when, lots }) => [seq, kind, credits, left,
                // What a request did is dated by it, to the second here; what
                // was due, by its own end, to the millisecond.
                kind === 'expiry' ? due(when, start) : when.slice(0, 16),
                lots.map((lot) => [lot.kind, lot.credits])]),
            holds: holds.map(({ state, credits, captured }) => (
                [state, credits, captured])),
            balance: { ...balance, included_expires_at: null },
        };
    } finally {
        await other.stop();
    }
}

// An end that a request computed (30 days from a refund) is as exact as that.
const due = (when, start) => ((ms(when) - start) % 60000 === 0 ? when
    : when.slice(0, 16));

test('tick, put in anywhere, changes no event, hold or balance', async () => {
    const [with_, without] = await Promise.all([story(true), story(false)]);
    assert.deepEqual(with_, without);
    const kinds = without.events.map(([, kind]) => kind);
    assert.ok(kinds.filter((kind) => kind === 'expiry').length >= 4,
        'there was something for it to do');
});

// ---------------------------------------------------------------- the command

test('the clock is set, advanced by seconds to days, and runs on; reset is the system\'s time', async () => {
    const other = await startSite(NO_TICK);
    try {
        const about = (text, want) => assert.ok(
            Math.abs(ms(text) - want) < 20000, `${text}, not ${iso(want)}`);
        const clock = (...args) => must(other, ['clock', ...args]);
        const start = Date.parse('2055-01-01T00:00:00Z');
        assert.deepEqual(await clock('set', '2055-01-01T00:00:00Z'),
            { now: '2055-01-01T00:00:00.000Z' });
        let sum = start;
        for (const [how, step] of [['90s', 90000], ['61m', 3660000],
            ['2h', 7200000], ['31d', 31 * DAY], ['0s', 0]]) {
            sum += step;
            about((await clock('advance', how)).now, sum);
        }
        const space = await newSpace(other, 1);
        about((await space.events())[0].occurred_at, sum);
        // Not before the last event of any Space, but by force.
        for (const args of [['set', '2055-01-02T00:00:00Z'], ['reset']]) {
            const { code, stderr } = await other.scrip(['clock', ...args]);
            assert.notEqual(code, 0);
            assert.match(stderr, /--force/);
        }
        about((await clock('set', '2055-01-02T00:00:00Z', '--force')).now,
            Date.parse('2055-01-02T00:00:00Z'));
        // Events go on where the last one was: time never runs back in them.
        ok(await space.grant({ credits: 1 }), 201);
        const events = await space.events();
        assert.equal(events[1].occurred_at, events[0].occurred_at);
        chained(events);
        about((await clock('reset', '--force')).now, Date.now());
        await whole(other);
    } finally {
        await other.stop();
    }
});

test('the clock refuses what is no time, and is not there with a live key', async () => {
    for (const args of [['set'], ['set', 'tomorrow'], ['set', '2030-01-01'],
        ['set', '2030-02-30T00:00:00Z'], ['set', '2030-01-01T00:00:00+01:00'],
        ['advance'], ['advance', '5'], ['advance', '-5s'], ['advance', '5w'],
        ['advance', '1.5h'], ['advance', '99999999999999999d'], ['forward', '5s'],
        ['reset', 'now'], []]) {
        const { code } = await site.scrip(['clock', ...args]);
        assert.notEqual(code, 0, args.join(' '));
    }
    const { code, stderr } = await site.scrip(['clock', 'advance', '1s'], {
        env: { ...site.env, SCRIP_STRIPE_SECRET_KEY: 'sk_live_x',
            SCRIP_STRIPE_WEBHOOK_SECRET: 'whsec_0123456789abcdef' },
    });
    assert.notEqual(code, 0);
    assert.match(stderr, /sandbox/);
});

test('sessions keep the system\'s time', async () => {
    const owner = await newBuyer(site);
    await advance('90d');
    ok(await owner.get(`/api/v1/spaces/${owner.space}/credits`), 200);
});
