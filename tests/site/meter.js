// A Space to be metered, as a platform's features see it: made and given
// credits by key, each operation one call, each call a fresh
// Idempotency-Key unless one is given.
//
//     const space = await newSpace(site, 1000);
//     const { json } = await space.hold({ feature: 'f', credits: 5 });
//     await space.capture(json.hold.id, {});

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';

import { keyed } from './site.js';

// The members of the API's objects, in their order.
export const EVENT = ['id', 'seq', 'kind', 'credits', 'balance_after',
    'occurred_at', 'title', 'words', 'feature', 'activity', 'quality',
    'quantity', 'unit', 'price', 'livestream', 'order', 'campaign', 'member',
    'note', 'hold', 'refund_of', 'checkout_order', 'amount', 'currency',
    'lots'];
export const HOLD = ['id', 'state', 'credits', 'captured', 'feature',
    'activity', 'quality', 'quantity', 'price', 'livestream', 'order',
    'campaign', 'member', 'note', 'created_at', 'expires_at'];

export const room = (quantity, more) => (
    { activity: 'livestream_room', quantity, ...more });
export const viewing = (quantity, more) => (
    { activity: 'livestream_viewing', quantity, ...more });
export const own = (credits, more) => ({ feature: 'own', credits, ...more });

// ⌈quantity × credits ÷ per⌉, in whole numbers.
export function price(quantity, credits, per) {
    return Number((BigInt(quantity) * BigInt(credits) + BigInt(per) - 1n)
        / BigInt(per));
}

// The operations on a Space with a client (keyed, or any other).
export function metered(client, slug) {
    const path = `/api/v1/spaces/${slug}`;
    const post = (what, body, key = true, more) => client
        .post(`${path}/${what}`, body, { key, ...more });
    return {
        client,
        slug,
        path,
        hold: (body, key) => post('holds', body, key),
        capture: (id, body, key) => post(`holds/${id}/capture`, body, key),
        release: (id) => client.post(`${path}/holds/${id}/release`),
        charge: (body, key) => post('captures', body, key),
        refund: (body, key) => post('refunds',
            { reason: 'it failed', ...body }, key),
        grant: (body, key) => post('grants',
            { kind: 'bonus', reason: 'a test', ...body }, key),
        get: (what) => client.get(`${path}/${what}`),
        balance: async () => ok(await client.get(`${path}/balance`)),
        holdOf: async (id) => ok(await client.get(`${path}/holds/${id}`)).hold,
        events: () => allEvents(client, path),
        holds: async (query = '') => ok(await client
            .get(`${path}/holds?limit=100${query}`)).holds,
    };
}

// The JSON of an answer that has to have this status.
export function ok(answer, status) {
    assert.ok(status === undefined ? answer.status < 300
        : answer.status === status, `${answer.status} ${answer.text}`);
    return answer.json;
}

export function refused(answer, status, code) {
    assert.equal(answer.status, status, answer.text);
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    assert.equal(answer.json.code, code);
    assert.equal(answer.json.status, status);
    assert.equal(answer.json.type, `/problems/${code}`);
    return answer.json;
}

export const someSlug = () => `m${randomBytes(6).toString('hex')}`;

// A new Space with a bonus of so many credits; `more` as PUT takes it.
export async function newSpace(site, credits = 0, more = {}) {
    const slug = someSlug();
    const client = keyed(site);
    ok(await client.put(`/api/v1/spaces/${slug}`,
        { name: `Space ${slug}`, time_zone: 'Europe/London', ...more }), 201);
    const space = metered(client, slug);
    if (credits > 0) ok(await space.grant({ credits }), 201);
    return space;
}

// Every event, oldest first, over all pages.
async function allEvents(client, path) {
    const events = [];
    let before = '';
    do {
        const page = ok(await client
            .get(`${path}/events?limit=100${before}`));
        events.push(...page.events);
        before = page.next_before && `&before=${page.next_before}`;
    } while (before);
    return events.reverse();
}

// seq is 1, 2, 3…, each balance follows from the one before, each event is
// the sum of its lots: what anybody can check from outside.
export function chained(events) {
    let balance = 0;
    events.forEach((event, i) => {
        balance += event.credits;
        assert.equal(event.seq, i + 1);
        assert.equal(event.balance_after, balance, `event ${event.seq}`);
        assert.equal(event.lots.reduce((sum, lot) => sum + lot.credits, 0),
            event.credits, `lots of event ${event.seq}`);
    });
    return balance;
}

// ----------------------------------------------------------- randomness

// A seeded generator (mulberry32); prints the seed, which SEED= repeats.
export function seeded(what) {
    const seed = process.env.SEED === undefined
        ? randomBytes(4).readUInt32LE() : Number(process.env.SEED) >>> 0;
    let state = seed;
    process.stdout.write(`# ${what}: SEED=${seed}\n`);
    const next = () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let t = state;
        t = Math.imul(t ^ (t >>> 15), t | 1);
        t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
    return {
        next,
        // A whole number from low to high.
        int: (low, high) => low + Math.floor(next() * (high - low + 1)),
        pick: (list) => list[Math.floor(next() * list.length)],
    };
}
