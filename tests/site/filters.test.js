// The history by filters: each leads to its events and no others, goes on
// from its own cursors alone, and says what it cannot read. And one event,
// with the refunds of it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { pages, queryOf } from './ledger-book.js';
import {
    EVENT, newSpace, ok, own, refused,
} from './meter.js';
import { must, stopWhole } from './shop.js';
import { keyed, startSite } from './site.js';

let site;
let client;
let clock = Date.now();
const advance = async (hours) => {
    await must(site, ['clock', 'advance', `${hours}h`]);
    clock += hours * 3600000;
};
before(async () => {
    site = await startSite({ env: { SCRIP_TICK_SECONDS: '0' } });
    client = keyed(site);
});
after(() => stopWhole(site));

const notes = ({ events }) => events.map(({ note }) => note);
const ask = async (space, query) => ok(await space.get(`events?${query}`), 200);

test('each filter lets through what it names, and they hold together', async () => {
    const space = await newSpace(site, 1000);
    const use = async (note, more) => ok(await space
        .charge(own(1, { note, ...more })), 201).event;
    await use('a', { livestream: 'l1', order: 'o1', campaign: 'c1', member: 'm1' });
    await use('b', { livestream: 'l1', feature: 'other', member: 'm2' });
    await advance(1);
    const c = await use('c', { campaign: 'c1', member: 'm1' });
    await advance(1);
    ok(await space.refund({ event: c.id, reason: 'd' }), 201);
    ok(await space.grant({ credits: 1, reason: 'e' }), 201);
    const cases = [
        [{}, ['e', 'd', 'c', 'b', 'a', 'a test']],
        [{ livestream: 'l1' }, ['b', 'a']],
        [{ order: 'o1' }, ['a']],
        [{ campaign: 'c1' }, ['d', 'c', 'a']],
        [{ feature: 'own' }, ['d', 'c', 'a']],
        [{ feature: 'other' }, ['b']],
        [{ member: 'm1' }, ['d', 'c', 'a']],
        [{ member: 'm1', livestream: 'l1' }, ['a']],
        [{ member: 'm2', campaign: 'c1' }, []],
        [{ livestream: 'l' }, []],
        [{ livestream: 'L1' }, []],
        [{ livestream: 'l1 ' }, []],
        [{ livestream: '%' }, []],
        [{ livestream: '' }, ['d', 'c']],
        [{ order: '', campaign: 'c1' }, ['d', 'c']],
        [{ feature: '' }, []],
        [{ kind: 'bonus' }, ['e', 'a test']],
        [{ kind: 'captured_usage' }, ['c', 'b', 'a']],
        [{ kind: 'usage_refund,bonus' }, ['e', 'd', 'a test']],
        [{ kind: 'bonus,bonus' }, ['e', 'a test']],
        [{ kind: 'captured_usage', campaign: 'c1' }, ['c', 'a']],
        [{ kind: 'usage_refund', campaign: 'c1' }, ['d']],
        [{ kind: 'bonus', livestream: '' }, []],
        [{ kind: 'dispute' }, []],
        [{ from: c.occurred_at }, ['e', 'd', 'c']],
        [{ to: c.occurred_at }, ['c', 'b', 'a', 'a test']],
        [{ from: c.occurred_at, to: c.occurred_at }, ['c']],
        [{ from: c.occurred_at, member: 'm1', kind: 'usage_refund' }, ['d']],
        [{ from: '0000-01-01', to: '9999-12-31' },
            ['e', 'd', 'c', 'b', 'a', 'a test']],
        [{ from: '2999-01-01' }, []],
        [{ to: '1999-01-01' }, []],
        [{ from: '2999-01-01', to: c.occurred_at }, []],
    ];
    for (const [filter, expected] of cases) {
        const query = queryOf(filter);
        assert.deepEqual(notes(await ask(space, query)), expected, query);
        const { all } = await pages(space, `events?${query}`, 'events', () => 1);
        assert.deepEqual(notes({ events: all }), expected, `${query}, one by one`);
    }
    // The balance is that of the Space, whatever is left out.
    const [, refund] = (await ask(space, '')).events;
    assert.equal((await ask(space, 'kind=usage_refund')).events[0].balance_after,
        refund.balance_after);
});

test('a time is a time, whatever day it is in the Space', async () => {
    for (const zone of ['Pacific/Auckland', 'Pacific/Honolulu']) {
        const space = await newSpace(site, 100, { time_zone: zone });
        const times = [];
        for (let i = 0; i < 8; i += 1) {
            times.push(ok(await space.charge(own(1, { note: String(i) })), 201)
                .event.occurred_at);
            await advance(3);
        }
        for (const [i, time] of times.entries()) {
            const all = ['0', '1', '2', '3', '4', '5', '6', '7'];
            assert.deepEqual(notes(await ask(space, `from=${time}`)),
                all.slice(i).reverse());
            assert.deepEqual(notes(await ask(space,
                `to=${time}&kind=captured_usage`)), all.slice(0, i + 1).reverse());
        }
    }
});

test('a rare reference is found among many events, in the runs that have it', async () => {
    const space = await newSpace(site, 10 ** 6);
    let made = 0;
    const use = async (count, more) => {
        const { results } = ok(await client.post('/api/v1/captures/batch', {
            captures: Array.from({ length: count }, () => (
                { space: space.slug, key: `k${made += 1}`, ...own(1, more) })) }),
        200);
        assert.ok(results.every(({ status }) => status === 201));
    };
    const expected = [];
    for (const count of [700, 800, 10, 900, 1000, 5]) {
        await use(count, { livestream: 'often' });
        await use(1, { livestream: 'rarely', campaign: 'often' });
        expected.unshift(made + 1); // behind the first grant
    }
    for (const limit of [1, 2, 100]) {
        const { all } = await pages(space, 'events?livestream=rarely', 'events',
            () => limit);
        assert.deepEqual(all.map(({ seq }) => seq), expected);
    }
    const both = await ask(space, 'livestream=rarely&campaign=often&limit=100');
    assert.equal(both.events.length, expected.length);
    assert.deepEqual((await ask(space, 'livestream=often&campaign=often')).events,
        []);
    const often = await pages(space, 'events?livestream=often', 'events',
        () => 100);
    assert.equal(often.all.length, made - expected.length);
});

test('filters that cannot be read are 400, and say where', async () => {
    const space = await newSpace(site, 10);
    const long = 'x'.repeat(201);
    const cases = [
        ['kind=', '/kind'], ['kind=top-up', '/kind'], ['kind=bonus,', '/kind'],
        ['kind=,bonus', '/kind'], ['kind=bonus%20', '/kind'], ['kind=Bonus', '/kind'],
        ['kind=bonus&kind=expiry', '/kind'],
        ['from=yesterday', '/from'], ['from=2026-13-01', '/from'],
        ['from=2026-02-29', '/from'], ['from=', '/from'], ['from=1', '/from'],
        ['to=2026-11-22T10:00:00', '/to'], ['to=2026-11-22T10:00:00%2B01:00', '/to'],
        ['to=2026-11-22T25:00:00Z', '/to'],
        ['from=2026-11-22&to=2026-11-21', '/to'],
        ['from=2026-11-22T10:00:00Z&to=2026-11-22T09:59:59Z', '/to'],
        [`member=${long}`, '/member'], [`feature=${long}`, '/feature'],
        ['note=x', '/note'], ['limit=1.5', '/limit'], ['limit=', '/limit'],
        ['seq=1', '/seq'], ['member=a&member=a', '/member'],
    ];
    for (const [query, pointer] of cases) {
        const { errors } = refused(await space.get(`events?${query}`), 400,
            'invalid_request');
        assert.deepEqual(errors.map((error) => error.pointer), [pointer], query);
    }
    ok(await space.get(`events?member=${'😀'.repeat(200)}`), 200);
});

test('a cursor goes on with its own filters in its own Space alone', async () => {
    const [space, other] = [await newSpace(site, 100), await newSpace(site, 100)];
    for (let i = 0; i < 5; i += 1) {
        ok(await space.charge(own(1, { livestream: 'a', campaign: 'a' })), 201);
        ok(await other.charge(own(1, { livestream: 'a' })), 201);
    }
    const filters = ['', 'livestream=a', 'campaign=a', 'feature=own',
        'kind=captured_usage', 'kind=captured_usage,bonus', 'from=2026-01-01',
        'from=2026-01-01T00:00:00Z', 'to=9999-01-01', 'livestream=a&campaign=a'];
    const cursors = await Promise.all(filters.map(async (filter) => (
        await ask(space, `limit=2&${filter}`)).next_before));
    const go = (where, filter, cursor) => where
        .get(`events?limit=2&${filter}&before=${encodeURIComponent(cursor)}`);
    for (const [i, filter] of filters.entries()) {
        for (const [k, cursor] of cursors.entries()) {
            const answer = await go(space, filter, cursor);
            if (i === k) ok(answer, 200);
            else refused(answer, 400, 'invalid_cursor');
        }
        refused(await go(other, filter, cursors[i]), 400, 'invalid_cursor');
    }
    // The same question in other words is the same.
    const kinds = (await ask(space, 'limit=1&kind=bonus,captured_usage'))
        .next_before;
    ok(await space.get(`events?kind=captured_usage,bonus,bonus&before=${kinds}`),
        200);
    const { next_before: holds } = ok(await space.get('holds?limit=1'), 200);
    assert.equal(holds, null);
    const [cursor] = cursors;
    for (let i = 0; i < cursor.length; i += 1) {
        const changed = cursor[i] === 'A' ? 'B' : 'A';
        refused(await go(space, '', cursor.slice(0, i) + changed
            + cursor.slice(i + 1)), 400, 'invalid_cursor');
    }
});

test('new events while somebody pages by a filter: nothing twice, nothing skipped', async () => {
    const space = await newSpace(site, 10 ** 5);
    const use = (livestream) => space.charge(own(1, { livestream }));
    const expected = [];
    for (let i = 0; i < 40; i += 1) {
        const { event } = ok(await use(i % 3 === 0 ? 'a' : 'b'), 201);
        if (i % 3 === 0) expected.unshift(event.id);
    }
    for (const filter of ['livestream=a', 'livestream=a&kind=captured_usage']) {
        const { all } = await pages(space, `events?${filter}`, 'events', () => 2,
            async () => { ok(await use('a'), 201); });
        assert.deepEqual(all.slice(-expected.length).map(({ id }) => id), expected);
        assert.equal(new Set(all.map(({ id }) => id)).size, all.length);
    }
});

test('an event has the refunds of it, a refund what it is of', async () => {
    const [space, other] = [await newSpace(site, 100), await newSpace(site, 100)];
    const { event } = ok(await space.charge(own(10, { member: 'm' })), 201);
    const path = `events/${event.id}`;
    assert.deepEqual(ok(await space.get(path), 200), { event, refunds: [] });
    const refunds = [];
    for (const credits of [3, 4]) {
        refunds.push(ok(await space.refund({ event: event.id, credits }), 201)
            .event);
    }
    ok(await space.charge(own(1)), 201);
    assert.deepEqual(ok(await space.get(path), 200), { event, refunds });
    const [first] = refunds;
    assert.deepEqual(Object.keys(first), EVENT);
    assert.equal(first.refund_of, event.id);
    assert.deepEqual(ok(await space.get(`events/${first.id}`), 200),
        { event: first, refunds: [] });
    refused(await other.get(path), 404, 'not_found');
    refused(await space.get(`${path.slice(0, -1)}Z`), 404, 'not_found');
    refused(await space.get('events/evt_'), 404, 'not_found');
});

test('an answer that is known is 304, until there is another event', async () => {
    const space = await newSpace(site, 100);
    const { event } = ok(await space.charge(own(1, { member: 'm' })), 201);
    for (const [what, change] of [['events', own(1)],
        ['events?member=m', own(1, { member: 'm' })], [`events/${event.id}`, null],
        ['credits', own(1)]]) {
        const get = (etag) => client.get(`${space.path}/${what}`,
            { headers: etag ? { 'If-None-Match': etag } : {} });
        const { etag } = (await get()).headers;
        const known = await get(etag);
        assert.deepEqual([known.status, known.text], [304, ''], what);
        assert.equal(known.headers.etag, etag);
        ok(change === null ? await space.refund({ event: event.id })
            : await space.charge(change), 201);
        assert.equal((await get(etag)).status, 200, what);
    }
});
