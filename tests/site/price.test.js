// Price books: dated versions that are imported. A price that is in force is
// never changed, and what is held keeps the price that it was made at.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import {
    chained, newSpace, ok, refused, room, viewing,
} from './meter.js';
import { must, sql, stopWhole } from './shop.js';
import { startSite } from './site.js';

let site;
before(async () => { site = await startSite({ env: { SCRIP_TICK_SECONDS: '0' } }); });
after(() => stopWhole(site));

const activity = (id, credits, per = 1, more = {}) => ({
    id, label: `The ${id}`, unit: 'minute', qualities: null,
    price: { credits, per }, ...more,
});
const book = (...activities) => ({
    sections: [{ id: 'livestream', label: 'Livestream', activities }],
});
const both = (a, b, per = 1000) => book(activity('livestream_room', a),
    activity('livestream_viewing', b, per));

let files = 0;
async function importing(what, ...args) {
    files += 1;
    const path = join(site.home, `book${files}.json`);
    writeFileSync(path, typeof what === 'string' ? what : JSON.stringify(what));
    return site.scrip(['price', 'import', path, ...args, '--json']);
}
async function imported(what, ...args) {
    const { code, stdout, stderr } = await importing(what, ...args);
    assert.equal(code, 0, stderr + stdout);
    return JSON.parse(stdout);
}
const versions = async () => (await sql(site,
    'SELECT count(*) AS n FROM price_book'))[0].n;
const iso = (at) => new Date(at).toISOString();
const priceOf = async (space) => {
    const { event } = ok(await space.charge(room(1)), 201);
    return event.price.credits;
};

// ------------------------------------------------------------- refusals

test('a site begins with the first book', async () => {
    const space = await newSpace(site, 1000);
    const first = [
        ['livestream_room', null, 2, 1], ['livestream_viewing', null, 20, 1000],
        ['clip', 'fast', 5, 1], ['clip', 'balanced', 10, 1], ['clip', 'premium', 25, 1],
        ['draft_post', 'fast', 4, 1], ['draft_post', 'balanced', 8, 1],
        ['draft_post', 'premium', 20, 1],
        ['chat_reply', 'fast', 1, 1], ['chat_reply', 'balanced', 2, 1],
        ['chat_reply', 'premium', 5, 1],
        ['long_draft', 'fast', 10, 1], ['long_draft', 'balanced', 20, 1],
        ['long_draft', 'premium', 50, 1],
        ['video_summary', 'fast', 5, 10], ['video_summary', 'balanced', 10, 10],
        ['video_summary', 'premium', 20, 10],
    ];
    for (const [id, quality, credits, per] of first) {
        const { event } = ok(await space.charge({
            activity: id, quantity: 3, ...(quality ? { quality } : {}),
        }), 201);
        assert.deepEqual([event.price, event.credits],
            [{ credits, per }, -Math.ceil(3 * credits / per)], `${id} ${quality}`);
    }
    for (const [body, pointer] of [
        [{ activity: 'clip', quantity: 1 }, '/quality'],
        [{ activity: 'clip', quantity: 1, quality: 'best' }, '/quality'],
        [{ activity: 'livestream_room', quantity: 1, quality: 'fast' }, '/quality'],
        [{ activity: 'Clip', quantity: 1, quality: 'fast' }, '/activity'],
        [{ activity: 'own', quantity: 1 }, '/activity'],
    ]) {
        for (const operation of ['charge', 'hold']) {
            const { errors } = refused(await space[operation](body), 400,
                'invalid_request');
            assert.deepEqual(errors.map((error) => error.pointer), [pointer]);
        }
    }
});

const wrong = [
    ['{', /member's name/], ['[]', /object/], ['{}', /sections/],
    [{ sections: [] }, /sections/],
    [{ sections: [{ id: 'x', label: 'X', activities: [] }] }, /activities/],
    [book(activity('a', 0)), /credits/], [book(activity('a', -1)), /credits/],
    [book(activity('a', 1, 0)), /per/], [book(activity('a', 1.5)), /credits|integer/],
    [book(activity('a', 1e13)), /credits/], [book(activity('a', '1')), /credits/],
    [book(activity('a', 1), activity('a', 2)), /a/],
    [book(activity('', 1)), /id/],
    [book(activity('a', 1, 1, { label: '' })), /label/],
    [book(activity('a', 1, 1, { unit: null })), /unit/],
    [book(activity('a', 1, 1, { price: null })), /price|qualities/],
    [book(activity('a', 1, 1, { qualities: { fast: { credits: 1, per: 1 } } })), /price/],
    [book(activity('a', 1, 1, { price: null, qualities: {} })), /a|qualit/],
    [book(activity('a', 1, 1, { price: null, qualities: { best: { credits: 1, per: 1 } } })), /best/],
    [book(activity('a', 1, 1, { colour: 'red' })), /colour/],
];

test('a book that makes no sense is refused in words, and nothing is stored', async () => {
    const was = await versions();
    for (const [what, words] of wrong) {
        const { code, stdout, stderr } = await importing(what);
        assert.notEqual(code, 0, JSON.stringify(what));
        assert.match(stdout + stderr, words, JSON.stringify(what));
    }
    for (const args of [['--from', '2020-01-01T00:00:00Z'], ['--from', 'x'],
        ['--from', '2099-02-30T00:00:00Z']]) {
        const { code, stdout, stderr } = await importing(both(3, 30), ...args);
        assert.notEqual(code, 0, args.join(' '));
        assert.match(stdout + stderr, /from/);
    }
    const { code } = await site.scrip(['price', 'import', '/no/such/file']);
    assert.notEqual(code, 0);
    assert.equal(await versions(), was);
});

// ----------------------------------------------------------------- time

test('a new price is in force at once for what is new; what is held keeps its price to the end', async () => {
    const space = await newSpace(site, 100000);
    const { hold: a } = ok(await space.hold(room(10)), 201);
    const { hold: b } = ok(await space.hold(viewing(1000)), 201);
    const charged = await space.charge(room(5), 'charged');
    assert.equal(ok(charged, 201).event.credits, -10);
    const { version } = await imported(both(7, 90));
    assert.equal(version, 2);
    assert.equal(await priceOf(space), 7);
    const { hold: c } = ok(await space.hold(room(10)), 201);
    assert.deepEqual([c.credits, c.price], [70, { credits: 7, per: 1 }]);
    // Captured, extended and captured again at the old price.
    const tick = ok(await space.capture(a.id,
        { quantity: 10, extend: { quantity: 100, expires_in_s: 60 } }), 200);
    assert.deepEqual([tick.event.credits, tick.event.price, tick.hold.credits,
        tick.event.words], [-20, { credits: 2, per: 1 }, 220, '10 minutes × 2 = 20']);
    assert.equal(ok(await space.capture(a.id, {}), 200).event.credits, -200);
    assert.equal(ok(await space.capture(b.id, { quantity: 951 }), 200).event.credits, -20);
    // A refund is in credits, of what was charged then.
    const back = ok(await space.refund({ event: charged.json.event.id }), 201);
    assert.deepEqual([back.event.credits, back.event.price],
        [10, { credits: 2, per: 1 }]);
    // And a replay is what it was.
    const again = await space.charge(room(5), 'charged');
    assert.deepEqual(again.json, charged.json);
    refused(await space.charge({ activity: 'clip', quality: 'fast', quantity: 1 }),
        400, 'invalid_request');
    chained(await space.events());
});

test('what a later book no longer has is captured at its price, and keeps its words', async () => {
    const space = await newSpace(site, 1000);
    const { hold } = ok(await space.hold(viewing(2000)), 201);
    await imported(book(activity('livestream_room', 3)));
    refused(await space.charge(viewing(1)), 400, 'invalid_request');
    const { event } = ok(await space.capture(hold.id,
        { quantity: 1000, extend: { quantity: 1000, expires_in_s: 60 } }), 200);
    assert.deepEqual([event.title, event.unit, event.words], [
        'The livestream_viewing', 'minute', '1,000 minutes × 90 per 1,000 = 90']);
    assert.equal((await space.holdOf(hold.id)).price.credits, 90);
});

test('books with a time are in force from it on, to the millisecond, and the latest version counts', async () => {
    const space = await newSpace(site, 10 ** 6);
    const was = await priceOf(space);
    const { now } = await must(site, ['clock', 'advance', '1s']);
    const start = Date.parse(now) + 3600000;
    const at = (minutes) => iso(start + minutes * 60000);
    await imported(both(11, 30), '--from', at(10));
    await imported(both(12, 30), '--from', at(20));
    // Of two for one time the later one.
    await imported(both(13, 30), '--from', at(20));
    assert.equal(await priceOf(space), was);
    const { hold } = ok(await space.hold(room(1)), 201);
    assert.equal(hold.price.credits, was);
    const seen = new Map();
    const look = async () => {
        const { event } = ok(await space.charge(room(1)), 201);
        const late = event.occurred_at >= at(10);
        assert.equal(event.price.credits, late ? 11 : was, event.occurred_at);
        seen.set(late, (seen.get(late) ?? 0) + 1);
    };
    // Once in any case, then as often as there is time for.
    await must(site, ['clock', 'set', at(9)]);
    await look();
    assert.ok(seen.get(false) > 0);
    await must(site, ['clock', 'set', iso(start + 600000 - 1200)]);
    do await look(); while ((seen.get(true) ?? 0) < 10);
    await must(site, ['clock', 'set', at(20)]);
    assert.equal(await priceOf(space), 13);
    // One that begins now, when others are planned, lasts until they begin.
    await imported(both(21, 30), '--from', at(40));
    await imported(both(19, 30));
    assert.equal(await priceOf(space), 19);
    await must(site, ['clock', 'set', at(40)]);
    assert.equal(await priceOf(space), 21);
    const { code } = await importing(both(1, 1), '--from', at(30));
    assert.notEqual(code, 0, 'no book for a time that is over');
    chained(await space.events());
});

test('a batch, a hold and a capture in flight while prices change are each charged by one book', async () => {
    const space = await newSpace(site, 10 ** 6);
    let done = false;
    const prices = new Set();
    const loading = Promise.all(Array.from({ length: 8 }, async () => {
        while (!done) {
            const { event } = ok(await space.charge(room(10)), 201);
            assert.equal(event.credits, -10 * event.price.credits);
            prices.add(event.price.credits);
        }
    }));
    for (const credits of [31, 32, 33]) {
        await imported(both(credits, 30));
        assert.equal(await priceOf(space), credits);
    }
    done = true;
    await loading;
    assert.ok(prices.has(33));
    chained(await space.events());
});
