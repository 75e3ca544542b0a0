// Grouped usage: whatever is asked, groups, days, CSV, history and the ledger
// come to the same credits, over 20,000 events and page by page; days are the
// Space's own; pages are of one moment.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
    addDays, csvRows, dayIn, newBook, pages, queryOf, REFERENCES,
} from './ledger-book.js';
import {
    newSpace, ok, own, refused, seeded,
} from './meter.js';
import { must, newBuyer, stopWhole } from './shop.js';
import { keyed, startSite } from './site.js';

const HOUR = 3600000;
let site;
let client;
// The business's time; each test begins later than the one before ended.
let clock = Date.now();
const moveTo = async (time) => {
    clock = time;
    await must(site, ['clock', 'set', new Date(time).toISOString()]);
};
const move = (ms) => moveTo(clock + ms);

before(async () => {
    site = await startSite({ env: { SCRIP_TICK_SECONDS: '0' } });
    client = keyed(site);
});
after(() => stopWhole(site));

const usageOf = async (space, query) => ok(await space
    .get(`usage?${query}`), 200);

// Up to 1,000 captures in one call; the events.
async function batch(space, captures, name) {
    const { results } = ok(await client.post('/api/v1/captures/batch', {
        captures: captures.map((capture, i) => (
            { space: space.slug, key: `${name} ${i}`, ...capture })) }), 200);
    return results.map((result) => ok(
        { status: result.status, text: JSON.stringify(result), json: result },
        201,
    ).event);
}

const ODD = ['=HYPERLINK("http://x","y")', '<script>alert(1)</script>', 'a,b',
    '%', '_', 'שלום'.repeat(50), '\u202etxt.exe', ' a ', "'"];

function somebodysCapture(random) {
    const reference = (name) => {
        const what = random.int(1, 100);
        if (what <= 20) return undefined;
        if (what <= 90) return `${name} ${random.int(1, 12)}`;
        return what <= 97 ? random.pick(ODD) : `${name} of ${random.next()}`;
    };
    const references = Object.fromEntries(['livestream', 'order', 'campaign',
        'member'].map((name) => [name, reference(name)]));
    return random.int(1, 2) === 1
        ? { activity: 'livestream_viewing', quantity: random.int(1, 4000),
            ...references }
        : own(random.int(1, 9), { ...references,
            feature: `feature ${random.int(1, 40)}` });
}

// --------------------------------------------------------- it adds up

test('over 20,000 events groups, days, CSV, history and the ledger come to the same', async () => {
    const random = seeded('usage');
    const space = await newSpace(site, 10 ** 9);
    const book = newBook('Europe/London');
    for (let i = 0; i < 20; i += 1) {
        const made = await batch(space, Array.from({ length: 1000 },
            () => somebodysCapture(random)), `batch ${i}`);
        for (const event of made) book.add(event);
        const charges = made.filter(({ credits }) => credits < 0);
        for (let k = 0; k < 10; k += 1) {
            // Each at most once: a charge of 1 credit has no second refund.
            const [charge] = charges.splice(
                random.int(0, charges.length - 1), 1);
            const { event } = ok(await space.refund({ credits: 1,
                event: charge.id }, `refund ${i} ${k}`), 201);
            book.add(event);
        }
        await move(random.int(1, 30) * HOUR);
    }
    const history = (await pages(space, 'events', 'events', () => 100)).all;
    book.events.unshift(history.at(-1)); // the credits it began with
    assert.deepEqual(history, [...book.events].reverse());
    let balance = 0;
    for (const event of book.events) {
        balance += event.credits;
        assert.equal(event.balance_after, balance);
    }
    assert.equal((await space.balance()).total, balance);

    const first = book.day(book.events[1]);
    const last = book.day(book.events.at(-1));
    for (const [from, to] of [[first, last], [addDays(first, 3),
        addDays(last, -4)], [addDays(first, 5), addDays(first, 5)]]) {
        for (const by of REFERENCES) {
            const { all, last: page } = await pages(space,
                `usage?group_by=${by}&from=${from}&to=${to}`, 'groups',
                () => random.pick([3, 25, 100]));
            assert.deepEqual(all.map(({ label, ...group }) => group),
                book.groups(by, from, to), `${by} from ${from} to ${to}`);
            assert.deepEqual(page.total, book.total(from, to));
            assert.deepEqual(page.days, book.days(from, to));
            assert.equal(all.reduce((sum, { net }) => sum + net, 0),
                page.total.net);
        }
    }

    const csv = await space.get(`events.csv?from=${first}&to=${last}`);
    const rows = csvRows(csv.text);
    assert.deepEqual(rows.map(({ seq }) => Number(seq.text)),
        book.events.map(({ seq }) => seq));
    const sumOf = (kind) => rows.filter((row) => row.kind.text === kind)
        .reduce((sum, { credits }) => sum + Number(credits.text), 0);
    const { captured, refunded } = book.total(first, last);
    assert.deepEqual([-sumOf('captured_usage'), sumOf('usage_refund')],
        [captured, refunded]);
    assert.equal(10 ** 9 - captured + refunded, balance);

    await everyFilter(space, book, random);
});

// Random filters, each page of each.
async function everyFilter(space, book, random) {
    for (let i = 0; i < 25; i += 1) {
        const like = random.pick(book.events.slice(1));
        const filter = {};
        for (const name of REFERENCES) {
            if (random.int(1, 3) === 1) filter[name] = like[name] ?? '';
        }
        if (random.int(1, 3) === 1) filter.kind = [like.kind, 'bonus'];
        if (random.int(1, 3) === 1) filter.from = addDays(book.day(like), -1);
        if (random.int(1, 3) === 1) filter.to = like.occurred_at;
        const query = queryOf(filter);
        const expected = book.passing(filter);
        if (expected.length > 4000) continue;
        const { all } = await pages(space, `events?${query}`, 'events',
            () => random.pick([7, 100]));
        assert.deepEqual(all, expected, query);
        const rows = csvRows((await space.get(`events.csv?${query}`)).text);
        assert.deepEqual(rows.map(({ id }) => id.text),
            expected.map(({ id }) => id).reverse(), query);
    }
}

test('a refund counts on its own day, in the groups of what it refunds', async () => {
    const space = await newSpace(site, 100);
    await move(24 * HOUR);
    const { event } = ok(await space.charge(own(10,
        { livestream: 'l', member: 'm' })), 201);
    await move(48 * HOUR);
    const { event: back } = ok(await space.refund(
        { event: event.id, credits: 4 }), 201);
    const day = dayIn('Europe/London');
    for (const [by, key] of [['livestream', 'l'], ['member', 'm'],
        ['order', null], ['feature', 'own']]) {
        const { groups, days, total } = await usageOf(space, `group_by=${by}`);
        assert.equal(groups.length, 1);
        assert.deepEqual([groups[0].key, groups[0].captured,
            groups[0].refunded, groups[0].net, groups[0].events],
        [key, 10, 4, 6, 2]);
        assert.deepEqual(days, [
            { date: day(event.occurred_at), captured: 10, refunded: 0 },
            { date: day(back.occurred_at), captured: 0, refunded: 4 }]);
        assert.deepEqual(total, { captured: 10, refunded: 4, net: 6, events: 2 });
    }
    const { groups } = await usageOf(space,
        `group_by=livestream&from=${day(back.occurred_at)}`);
    assert.deepEqual(groups.map(({ net }) => net), [-4]);
});

test('what only came in, expired or was adjusted is no usage', async () => {
    const space = await newSpace(site, 100);
    ok(await space.grant({ credits: -5, kind: 'adjustment' }), 201);
    ok(await space.grant({ credits: 7, expires_at: new Date(clock + HOUR)
        .toISOString() }), 201);
    await move(2 * HOUR);
    const { groups, days, total } = await usageOf(space, 'group_by=feature');
    assert.deepEqual([groups, days, total],
        [[], [], { captured: 0, refunded: 0, net: 0, events: 0 }]);
});

// ------------------------------------------------------------------ days

// The last Sunday of a month: when clocks are changed in London.
function lastSunday(year, month) {
    const end = new Date(Date.UTC(year, month, 0));
    end.setUTCDate(end.getUTCDate() - end.getUTCDay());
    return end.getTime();
}

test('a day of 23 hours and one of 25 are whole days in London', async () => {
    const year = new Date(clock).getUTCFullYear() + 1;
    for (const [noon, offset, hours] of [[lastSunday(year, 3), 0, 23],
        [lastSunday(year, 10), 1, 25]]) {
        const space = await newSpace(site, 1000);
        const begins = noon - offset * HOUR; // its midnight, in UTC
        const ends = begins + hours * HOUR;
        const times = [begins - 60000, begins, begins + HOUR, ends - HOUR,
            ends - 60000, ends];
        for (const [i, time] of times.entries()) {
            await moveTo(time);
            ok(await space.charge(own(i + 1)), 201);
        }
        const date = new Date(noon).toISOString().slice(0, 10);
        const { days } = await usageOf(space, 'group_by=member');
        assert.deepEqual(days, [
            { date: addDays(date, -1), captured: 1, refunded: 0 },
            { date, captured: 2 + 3 + 4 + 5, refunded: 0 },
            { date: addDays(date, 1), captured: 6, refunded: 0 }]);
        const one = await usageOf(space, `group_by=member&from=${date}&to=${date}`);
        assert.equal(one.total.captured, 14);
        const list = await pages(space, `events?from=${date}&to=${date}`,
            'events', () => 2);
        assert.deepEqual(list.all.map(({ credits }) => credits),
            [-5, -4, -3, -2]);
    }
});

test('Auckland has its own days, and a change of zone moves none', async () => {
    const space = await newSpace(site, 1000, { time_zone: 'Pacific/Auckland' });
    await move(48 * HOUR);
    const book = newBook('Pacific/Auckland');
    const use = async (credits) => {
        const { event } = ok(await space.charge(own(credits)), 201);
        return event;
    };
    for (let i = 1; i <= 8; i += 1) {
        book.add(await use(i));
        await move(5 * HOUR);
    }
    const from = book.day(book.events[0]);
    const to = book.day(book.events.at(-1));
    const asked = `group_by=feature&from=${from}&to=${to}`;
    const before_ = await usageOf(space, asked);
    assert.deepEqual(before_.days, book.days(from, to));
    assert.ok(before_.days.length >= 2);

    ok(await client.put(`/api/v1/spaces/${space.slug}`,
        { name: 'Moved', time_zone: 'America/Los_Angeles' }), 200);
    const after_ = await usageOf(space, asked);
    assert.deepEqual(after_.days, before_.days);
    const middle = book.day(book.events[3]);
    const list = await pages(space,
        `events?from=${middle}&to=${middle}&kind=captured_usage`, 'events',
        () => 1);
    assert.deepEqual(list.all.map(({ seq }) => seq),
        book.passing({ from: middle, to: middle }).map(({ seq }) => seq));
    const { occurred_at: at } = await use(100);
    const date = newBook('America/Los_Angeles').day({ occurred_at: at });
    const today = await pages(space, `events?from=${date}`, 'events', () => 1);
    assert.ok(today.all.some(({ credits }) => credits === -100));
});

test('the last 90 days are shown where none are asked for, today among them', async () => {
    const space = await newSpace(site, 1000);
    // Noon: no day ends meanwhile, and 24 hours later is another.
    await moveTo((Math.floor(clock / (24 * HOUR)) + 1.5) * 24 * HOUR);
    ok(await space.charge(own(1)), 201);
    await move(24 * HOUR);
    ok(await space.charge(own(2)), 201);
    await move(89 * 24 * HOUR);
    ok(await space.charge(own(4)), 201);
    const today = newBook('Europe/London').day(
        { occurred_at: new Date(clock).toISOString() });
    const answer = await usageOf(space, 'group_by=feature');
    assert.deepEqual([answer.from, answer.to, answer.total.captured],
        [addDays(today, -89), today, 6]);
    const cases = [
        [`from=${addDays(today, -90)}`, addDays(today, -90), today, 7],
        [`from=${today}`, today, today, 4],
        [`to=${addDays(today, -1)}`, addDays(today, -90), addDays(today, -1), 3],
        [`from=${addDays(today, 5)}`, addDays(today, 5), addDays(today, 5), 0],
        ['from=0000-01-01&to=9999-12-31', '0000-01-01', '9999-12-31', 7],
    ];
    for (const [query, from, to, captured] of cases) {
        const page = await usageOf(space, `group_by=feature&${query}`);
        assert.deepEqual([page.from, page.to, page.total.captured],
            [from, to, captured], query);
    }
});

// ------------------------------------------------------------------ pages

test('pages are of one moment: nothing twice, nothing skipped, totals that add up', async () => {
    const space = await newSpace(site, 10 ** 6);
    await batch(space, Array.from({ length: 300 }, (_, i) => own(i % 40 + 1,
        { livestream: `l${i}` })), 'at first');
    const whole_ = await usageOf(space, 'group_by=livestream&limit=1');
    let shuffle = 0;
    const { all, last } = await pages(space, 'usage?group_by=livestream',
        'groups', () => 20, async (page) => {
            assert.deepEqual(page.total, whole_.total);
            // Those behind come to the front; new ones come, enough to fold.
            await batch(space, Array.from({ length: 300 }, (_, i) => own(50,
                { livestream: i < 200 ? `l${299 - i}` : `new ${i}` })),
            `while ${shuffle += 1}`);
        });
    assert.equal(all.length, 300);
    assert.equal(new Set(all.map(({ key }) => key)).size, 300);
    assert.deepEqual(last.total, whole_.total);
    assert.equal(all.reduce((sum, { net }) => sum + net, 0), whole_.total.net);
    const now = await usageOf(space, 'group_by=livestream&limit=1');
    assert.equal(now.total.events, 300 + 300 * shuffle);
});

test('groups are called what people call them', async () => {
    const buyer = await newBuyer(site);
    const space = { ...await newSpace(site, 100), slug: buyer.space };
    const mine = keyed(site);
    const charge = async (body, key) => ok(await mine.post(
        `/api/v1/spaces/${buyer.space}/captures`, body, { key }), 201);
    ok(await mine.post(`/api/v1/spaces/${space.slug}/grants`,
        { credits: 100, kind: 'bonus', reason: 'x' }, { key: 'g' }), 201);
    const stranger = await newBuyer(site);
    await charge({ activity: 'livestream_room', quantity: 1,
        member: buyer.session.member.id }, 'a');
    await charge(own(3, { member: stranger.session.member.id }), 'b');
    await charge(own(4), 'c');
    const ask = async (by) => ok(await buyer.get(
        `/api/v1/spaces/${buyer.space}/usage?group_by=${by}`), 200)
        .groups.map(({ key, label }) => [key, label]);
    assert.deepEqual(await ask('feature'),
        [['own', 'own'], ['livestream_room', 'Livestream room']]);
    const { name, id } = buyer.session.member;
    const other = stranger.session.member.id;
    assert.deepEqual(await ask('member'),
        [[null, 'No member'], [other, other], [id, name]]);
});

test('labels of any kind are shown as they are, and lead to their events', async () => {
    const space = await newSpace(site, 1000);
    for (const label of ODD) {
        ok(await space.charge(own(1, { campaign: label })), 201);
    }
    const { groups } = await usageOf(space, 'group_by=campaign');
    assert.deepEqual(groups.map(({ key }) => key).sort(), [...ODD].sort());
    for (const { key } of groups) {
        const { events } = ok(await space.get(
            `events?campaign=${encodeURIComponent(key)}`), 200);
        assert.deepEqual(events.map(({ campaign }) => campaign), [key]);
    }
    const { all } = await pages(space, 'usage?group_by=campaign', 'groups',
        () => 1);
    assert.deepEqual(all, groups);
});

// ----------------------------------------------------------------- refusals

test('questions that make no sense are 400, and say where', async () => {
    const space = await newSpace(site, 10);
    const cases = [
        ['', '/group_by'], ['group_by=', '/group_by'], ['group_by=note', '/group_by'],
        ['group_by=Feature', '/group_by'],
        ['group_by=feature&from=2026-02-30', '/from'],
        ['group_by=feature&from=2026-1-1', '/from'],
        ['group_by=feature&from=', '/from'],
        ['group_by=feature&to=2026-11-22T00:00:00Z', '/to'],
        ['group_by=feature&from=2026-11-22&to=2026-11-21', '/to'],
        ['group_by=feature&limit=0', '/limit'],
        ['group_by=feature&limit=101', '/limit'],
        ['group_by=feature&kind=bonus', '/kind'],
        ['group_by=feature&group_by=member', '/group_by'],
    ];
    for (const [query, pointer] of cases) {
        const { errors } = refused(await space.get(`usage?${query}`), 400,
            'invalid_request');
        assert.deepEqual(errors.map((error) => error.pointer), [pointer], query);
    }
    refused(await client.post(`${space.path}/usage?group_by=feature`, {}), 405,
        'method_not_allowed');
});

test('cursors are ours, of this Space and this question, or 400', async () => {
    const [space, other] = [await newSpace(site, 100), await newSpace(site, 100)];
    for (const key of ['a', 'b', 'c']) {
        ok(await space.charge(own(1, { livestream: key, order: key })), 201);
        ok(await other.charge(own(1, { livestream: key })), 201);
    }
    const asked = 'group_by=livestream&limit=1';
    const { next_before: cursor } = await usageOf(space, asked);
    const bad = (where, query, before_) => where
        .get(`usage?${query}&before=${encodeURIComponent(before_)}`)
        .then((answer) => refused(answer, 400, 'invalid_cursor'));
    ok(await space.get(`usage?${asked}&before=${cursor}`), 200);
    ok(await space.get(`usage?group_by=livestream&limit=9&before=${cursor}`), 200);
    await bad(other, asked, cursor);
    await bad(space, 'group_by=order&limit=1', cursor);
    await bad(space, `${asked}&from=2026-01-01`, cursor);
    const { next_before: ofEvents } = ok(await space.get('events?limit=1'), 200);
    await bad(space, asked, ofEvents);
    refused(await space.get(`events?limit=1&before=${cursor}`), 400,
        'invalid_cursor');
    for (let i = 0; i < cursor.length; i += 1) {
        const changed = cursor[i] === 'A' ? 'B' : 'A';
        await bad(space, asked,
            cursor.slice(0, i) + changed + cursor.slice(i + 1));
    }
    for (const text of ['', 'x', cursor.slice(1), cursor.slice(0, -1),
        `${cursor}A`, 'A'.repeat(2000)]) {
        await bad(space, asked, text);
    }
});

test('an answer that is known is 304, until something is used', async () => {
    const space = await newSpace(site, 100);
    ok(await space.charge(own(1)), 201);
    const ask = (etag) => client.get(`${space.path}/usage?group_by=feature`,
        { headers: etag ? { 'If-None-Match': etag } : {} });
    const first = await ask();
    assert.equal(first.headers['cache-control'], 'private, no-cache');
    const known = await ask(first.headers.etag);
    assert.deepEqual([known.status, known.text], [304, '']);
    ok(await space.charge(own(1)), 201);
    const next = await ask(first.headers.etag);
    assert.equal(next.status, 200);
    assert.notEqual(next.headers.etag, first.headers.etag);
});

test('members and keys with read may ask, others may not', async () => {
    const owner = await newBuyer(site);
    const member = await newBuyer(site, { role: 'member' });
    const path = (of) => `/api/v1/spaces/${of.space}/usage?group_by=feature`;
    ok(await owner.get(path(owner)), 200);
    ok(await member.get(path(member)), 200);
    refused(await owner.get(path(member)), 404, 'not_found');
    const { key } = await must(site, ['key', 'add', '--name', 'm', '--all',
        '--scope', 'meter']);
    refused(await keyed(site, key).get(path(owner)), 403, 'scope');
    refused(await keyed(site, 'sk_nobody').get(path(owner)), 401, 'unauthenticated');
});
