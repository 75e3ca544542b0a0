// A livestream as the platform meters it: one hold, a tick each minute that
// captures what was watched and reserves the next. Ninety ticks of odd
// viewer counts cost exactly what one capture of all of it costs.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
    chained, newSpace, ok, own, price, refused, seeded, viewing,
} from './meter.js';
import { must, stopWhole } from './shop.js';
import { startSite } from './site.js';

let site;
before(async () => { site = await startSite(); });
after(() => stopWhole(site));

const advance = (how) => must(site, ['clock', 'advance', how]);

// Until when the credits that are left last at the pace of `credits` from
// `since` until the event.
function lasting(since, { occurred_at: at }, left, credits) {
    const took = Date.parse(at) - Date.parse(since);
    assert.ok(took >= 60000, `a minute and a little, not ${took} ms`);
    return new Date(Date.parse(at) + Math.floor(left * took / credits))
        .toISOString();
}

const seconds = (from, to) => (Date.parse(to) - Date.parse(from)) / 1000;

// One tick a minute; the viewers of each, the last one captured finally.
async function stream(space, viewers) {
    let { hold } = ok(await space.hold(viewing(Math.max(1, viewers[0]),
        { livestream: 'ls', expires_in_s: 180 })), 201);
    let sum = 0;
    for (const [i, watched] of viewers.entries()) {
        const last = i === viewers.length - 1;
        const body = last ? { quantity: watched, final: true } : {
            quantity: watched,
            extend: { quantity: Math.max(1, viewers[i + 1]), expires_in_s: 180 },
        };
        if (last && watched === 0) body.quantity = undefined;
        const { hold: now, event, balance } = ok(
            await space.capture(hold.id, body), 200);
        sum += watched;
        // After every tick what was charged is exactly what was watched.
        assert.equal(now.captured, price(sum, 20, 1000), `tick ${i}`);
        assert.equal(event.quantity, watched);
        assert.equal(balance.total, 100000 - now.captured);
        assert.equal(balance.held, now.credits - now.captured);
        hold = now;
    }
    return { hold, sum };
}

test('a livestream of 90 ticks of odd viewer counts costs exactly the total, rounded once', async () => {
    const random = seeded('livestream');
    for (const most of [3, 49, 51, 997, 60013]) {
        const viewers = Array.from({ length: 90 }, () => random.int(0, most));
        viewers[89] = Math.max(1, viewers[89]);
        const space = await newSpace(site, 100000);
        const { hold, sum } = await stream(space, viewers);
        const cost = price(sum, 20, 1000);
        assert.equal(hold.state, 'captured');
        assert.equal(hold.captured, cost);
        assert.deepEqual(await space.balance(), {
            available: 100000 - cost, held: 0, total: 100000 - cost, seq: 91,
        });
        const events = await space.events();
        assert.equal(chained(events), 100000 - cost);
        assert.equal(events.slice(1).reduce((n, e) => n + e.quantity, 0), sum);
        // The same in one hold and one capture, and without a hold.
        const one = await newSpace(site, 100000);
        const { hold: whole_ } = ok(await one.hold(viewing(sum)), 201);
        ok(await one.capture(whole_.id, { quantity: sum }), 200);
        assert.equal((await one.balance()).total, 100000 - cost);
        const direct = await newSpace(site, 100000);
        ok(await direct.charge(viewing(sum)), 201);
        assert.equal((await direct.balance()).total, 100000 - cost);
    }
});

test('lasts_until says when the credits are used up at the pace of the last minute', async () => {
    const space = await newSpace(site, 1000);
    const minute = { quantity: 5000, expires_in_s: 600 };
    let { hold } = ok(await space.hold(viewing(5000)), 201);
    let since = hold.created_at;
    for (const left of [900, 800, 700]) {
        await advance('60s');
        const answer = ok(await space.capture(hold.id,
            { quantity: 5000, extend: minute }), 200);
        assert.equal(answer.balance.total, left);
        // What is held for the next minute is available to this stream.
        assert.equal(answer.hold.lasts_until,
            lasting(since, answer.event, left, 100));
        hold = answer.hold;
        since = answer.event.occurred_at;
    }
    // Twice the viewers, half the time; nobody, no end.
    await advance('60s');
    const double = ok(await space.capture(hold.id,
        { quantity: 5000, extend: { ...minute, quantity: 10000 } }), 200);
    assert.equal(double.hold.lasts_until, lasting(since, double.event, 600, 100));
    await advance('60s');
    const faster = ok(await space.capture(hold.id,
        { quantity: 10000, extend: minute }), 200);
    assert.equal(faster.hold.lasts_until,
        lasting(double.event.occurred_at, faster.event, 400, 200));
    await advance('60s');
    const idle = ok(await space.capture(hold.id,
        { quantity: 0, extend: minute }), 200);
    assert.equal(idle.hold.lasts_until, null);
});

test('when the credits run out the tick is refused, the minute is still paid, and the stream ends at zero', async () => {
    const space = await newSpace(site, 250);
    let { hold } = ok(await space.hold(viewing(5000)), 201);
    const tick = { quantity: 5000, extend: { quantity: 5000, expires_in_s: 120 } };
    hold = ok(await space.capture(hold.id, tick), 200).hold;
    const was = await space.holdOf(hold.id);
    const problem = refused(await space.capture(hold.id, tick), 402,
        'insufficient_credits');
    assert.deepEqual([problem.available, problem.required, problem.shortfall],
        [50, 100, 50]);
    assert.deepEqual(await space.holdOf(hold.id), was);
    const { balance } = ok(await space.capture(hold.id, { quantity: 5000 }), 200);
    assert.deepEqual(balance, { available: 50, held: 0, total: 50 });
});

test('a hold that is extended again and again ends 30 days after it was made', async () => {
    const space = await newSpace(site, 1000);
    let { hold } = ok(await space.hold(own(1, { expires_in_s: 604800 })), 201);
    const made = hold.created_at;
    const ends = [];
    for (let week = 0; week < 5; week += 1) {
        await advance('6d');
        if (week === 4) break;
        const answer = ok(await space.capture(hold.id, {
            credits: 1, extend: { credits: 1, expires_in_s: 604800 },
        }), 200);
        hold = answer.hold;
        ends.push(seconds(made, hold.expires_at) / 86400);
    }
    assert.equal(ends[3], 30);
    assert.deepEqual(ends.slice(0, 3).map(Math.floor), [13, 19, 25]);
    assert.equal((await space.holdOf(hold.id)).state, 'expired');
    refused(await space.capture(hold.id, {
        credits: 1, extend: { credits: 1, expires_in_s: 60 },
    }), 409, 'hold_not_open');
    assert.deepEqual(await space.balance(),
        { available: 996, held: 0, total: 996, seq: 5 });
});
