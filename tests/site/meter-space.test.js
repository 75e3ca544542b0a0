// One Space never sees another: a key of Space A gets for every path of Space
// B what it gets for a Space that does not exist; what belongs to B is, under
// A's own path, not there; its cursors are not A's.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { metered, newSpace, ok, own, refused, someSlug } from './meter.js';
import { must, newBuyer, place, sql, stopWhole } from './shop.js';
import { keyed, startSite } from './site.js';

let site;
let a;
let b;
let theirs; // what B has
let mine; // what A has

// Each by a key that may do everything, in its own Space alone.
async function spaceWithKey() {
    const space = await newSpace(site, 1000);
    const { key } = await must(site, ['key', 'add', '--name', 'one',
        '--space', space.slug, '--scope', 'meter,grant,provision,read']);
    const client = keyed(site, key);
    const { json } = await space.get('credits');
    return Object.assign(metered(client, space.slug), { id: json.space.id });
}

async function things(space) {
    const holds = [];
    for (let i = 0; i < 3; i += 1) {
        holds.push(ok(await space.hold(own(5)), 201).hold.id);
    }
    const { event } = ok(await space.charge(own(10)), 201);
    ok(await space.charge(own(1)), 201);
    return {
        hold: holds[0],
        event: event.id,
        holdCursor: ok(await space.get('holds?limit=1')).next_before,
        stateCursor: ok(await space.get('holds?limit=1&state=held')).next_before,
        eventCursor: ok(await space.get('events?limit=1')).next_before,
    };
}

before(async () => {
    site = await startSite();
    a = await spaceWithKey();
    b = await spaceWithKey();
    mine = await things(a);
    theirs = await things(b);
});
after(() => stopWhole(site));

// Everything that there is under a Space, as [method, path, body].
const paths = (of) => [
    ['get', 'credits'], ['get', 'balance'], ['get', 'membership'],
    ['get', 'events'], ['get', `events/${of.event}`], ['get', 'events.csv'],
    ['get', 'orders'], ['get', 'orders/ord_00000000000000000000000000'],
    ['get', 'holds'], ['get', 'holds?state=held'], ['get', 'holds?state=wrong'],
    ['get', `holds/${of.hold}`], ['get', 'events?before=x'],
    ['post', 'holds', own(1)], ['post', 'holds', { wrong: 1 }],
    ['post', `holds/${of.hold}/capture`, {}],
    ['post', `holds/${of.hold}/release`],
    ['post', 'captures', own(1)], ['post', 'captures', {}],
    ['post', 'refunds', { event: of.event, reason: 'r' }],
    ['post', 'grants', { kind: 'bonus', credits: 1, reason: 'r' }],
    ['put', 'membership', { plan: 'creator', period_start: '2026-11-01T00:00:00Z', period_end: '2026-12-01T00:00:00Z' }],
];

const ask = (client, [method, , body], path) => (method === 'get'
    ? client.get(path) : client[method](path, body, { key: true }));

// The answer without what is different each time.
function face({ status, headers, json, text }) {
    const { date, 'request-id': id, etag, ...kept } = headers;
    return { status, kept, json: json && { ...json, instance: '' },
        text: json ? '' : text, once: Boolean(id) && Boolean(date) && !etag };
}

test('a key of Space A gets for every path of Space B what it gets for none', async () => {
    const was = JSON.stringify([await b.balance(), await b.holds()]);
    const none = someSlug();
    for (const one of paths(theirs)) {
        for (const name of [b.slug, b.id]) {
            const [foreign, missing] = [
                await ask(a.client, one, `/api/v1/spaces/${name}/${one[1]}`),
                await ask(a.client, one, `/api/v1/spaces/${none}/${one[1]}`),
            ];
            refused(foreign, 404, 'not_found');
            assert.deepEqual(face(foreign), face(missing), one[1]);
        }
    }
    assert.equal(JSON.stringify([await b.balance(), await b.holds()]), was);
    // They are paths: B's own key finds something at each that reads.
    for (const [method, path] of paths(theirs)) {
        if (method !== 'get' || /ord_|csv/.test(path)) continue;
        const answer = await b.client.get(`${b.path}/${path}`);
        assert.notEqual(answer.status, 404, path);
    }
});

test('an event or a hold of B is not there under A, as one that never was', async () => {
    const was = JSON.stringify([await b.balance(), await b.holds(),
        await a.balance(), await a.holds()]);
    const never = {
        hold: 'hld_01M827AVAW000000R0000000ZZ',
        event: 'evt_01M827AVAW000000R0000000ZZ',
    };
    const inPath = (of) => [
        ['get', `events/${of.event}`],
        ['get', `holds/${of.hold}`],
        ['post', `holds/${of.hold}/capture`, { credits: 1 }],
        ['post', `holds/${of.hold}/capture`, { quantity: 1, extend: { quantity: 1 } }],
        ['post', `holds/${of.hold}/release`],
        ['post', 'refunds', { event: of.event, reason: 'r' }],
        ['post', 'refunds', { event: of.event, credits: 10 ** 12, reason: 'r' }],
    ];
    const missing = inPath(never);
    for (const [i, one] of inPath(theirs).entries()) {
        const foreign = await ask(a.client, one, `${a.path}/${one[1]}`);
        refused(foreign, 404, 'not_found');
        assert.deepEqual(face(foreign), face(await ask(a.client, missing[i],
            `${a.path}/${missing[i][1]}`)), one[1]);
    }
    // Nor by A's own numbers with B's times, or the other way round.
    for (const [own_, other] of [[mine, theirs], [theirs, mine]]) {
        for (const [name, path] of [['hold', 'holds'], ['event', 'events']]) {
            const mixed = other[name].slice(0, 14) + own_[name].slice(14);
            if (mixed === mine[name]) continue;
            refused(await a.get(`${path}/${mixed}`), 404, 'not_found');
        }
    }
    assert.equal(JSON.stringify([await b.balance(), await b.holds(),
        await a.balance(), await a.holds()]), was);
});

test('an id that is none, or of another kind, is not there', async () => {
    for (const id of ['x', 'hld_', `${mine.hold}0`, mine.hold.slice(0, -1),
        mine.hold.toLowerCase(), mine.hold.replace('hld', 'evt'),
        mine.hold.replace('hld', 'lot'), mine.event, '..', '%2e%2e', '1',
        `hld_${'Z'.repeat(26)}`, `hld_7${'Z'.repeat(25)}`, `hld_${'0'.repeat(26)}`,
        `${mine.hold}%00`, `${mine.hold}%20`, encodeURIComponent("' OR 1=1 --")]) {
        for (const [method, path] of [['get', ''], ['post', '/capture'],
            ['post', '/release']]) {
            const answer = await ask(a.client, [method, '', {}],
                `${a.path}/holds/${id}${path}`);
            assert.ok([400, 404, 405].includes(answer.status),
                `${id}: ${answer.status} ${answer.text}`);
        }
        const { status } = await a.client.get(`${a.path}/events/${id}`);
        assert.ok(id === mine.event ? status === 200 : [400, 404].includes(status),
            id);
    }
    assert.equal((await a.holdOf(mine.hold)).state, 'held');
});

test('a cursor of B is none of A\'s', async () => {
    for (const [list, cursor] of [['holds?', theirs.holdCursor],
        ['holds?state=held&', theirs.stateCursor], ['events?', theirs.eventCursor]]) {
        refused(await a.get(`${list}before=${cursor}`), 400, 'invalid_cursor');
        ok(await b.get(`${list}before=${cursor}`), 200);
    }
});

test('what A lists and reads is A\'s alone', async () => {
    const { hold } = ok(await b.hold(own(1, { livestream: 'secret of b' })), 201);
    ok(await b.capture(hold.id, {}), 200);
    for (const what of ['holds?limit=100', 'events?limit=100', 'credits',
        'balance', 'membership']) {
        const { status, text } = await a.get(what);
        assert.equal(status, 200);
        for (const secret of ['secret of b', theirs.hold, theirs.event, b.slug,
            b.id]) assert.ok(!text.includes(secret), `${what}: ${secret}`);
    }
});

test('a member of A is nobody in B, and no member may meter', async () => {
    const owner = await newBuyer(site);
    for (const what of ['credits', 'events', 'membership', 'orders', 'limits']) {
        const answer = await owner.get(`/api/v1/spaces/${b.slug}/${what}`);
        refused(answer, 404, 'not_found');
        assert.deepEqual(face(answer), face(await owner
            .get(`/api/v1/spaces/${someSlug()}/${what}`)));
    }
    const { order } = await place(owner);
    refused(await a.get(`orders/${order.id}`), 404, 'not_found');
    for (const one of paths(mine).filter(([method, path]) => (
        method !== 'get' || path.startsWith('holds') || path === 'balance'))) {
        const answer = await ask(owner, one, `/api/v1/spaces/${owner.space}/${one[1]}`);
        refused(answer, 401, 'unauthenticated');
    }
});

test('keys are stored as hashes, and one that is damaged is none', async () => {
    const { key } = await must(site, ['key', 'add', '--name', 'x',
        '--space', a.slug, '--scope', 'read']);
    const dump = JSON.stringify(await sql(site,
        'SELECT *, hex(hash) AS hex FROM platform_key'));
    assert.ok(!dump.includes(key) && !dump.includes(key.slice(3, 20)));
    for (const bad of [key.slice(0, -1), `${key}x`, key.toUpperCase(), 'sk_',
        `${key} `.repeat(2), `x${key}`]) {
        refused(await keyed(site, bad).get(`${a.path}/balance`), 401,
            'unauthenticated');
    }
    ok(await keyed(site, key).get(`${a.path}/balance`), 200);
});
