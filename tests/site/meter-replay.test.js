// Idempotency keys of metering: the same request gives the first answer
// again, for ever, whatever has become of what it made; another request with
// the key is refused; a refusal is not remembered.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { newSpace, ok, own, refused, room, viewing } from './meter.js';
import { must, stopWhole } from './shop.js';
import { keyed, startSite } from './site.js';

let site;
before(async () => { site = await startSite(); });
after(() => stopWhole(site));

// The same request again is the same answer, and moves nothing.
async function again(space, first, ask) {
    const was = await space.balance();
    const answer = await ask();
    assert.equal(answer.status, first.status, answer.text);
    assert.deepEqual(answer.json, first.json);
    assert.equal(answer.text, first.text, 'byte for byte');
    assert.equal(answer.headers['idempotency-replayed'], 'true');
    assert.deepEqual(await space.balance(), was);
}

async function once(ask) {
    const answer = await ask();
    ok(answer);
    assert.equal(answer.headers['idempotency-replayed'], undefined);
    return answer;
}

// What each operation asks; a Space of 1,000 credits, an open hold of 100
// and a capture of 10 are there already.
const operations = {
    'a hold by activity': () => ['holds', viewing(3333, { note: 'n' })],
    'a hold by feature': () => ['holds', own(9, { expires_in_s: 77 })],
    'a capture of all of a hold': ({ hold }) => [`holds/${hold}/capture`, {}],
    'a capture of a part': ({ hold }) => [`holds/${hold}/capture`, { credits: 5, final: false }],
    'a capture that extends': ({ hold }) => [`holds/${hold}/capture`, { credits: 5, extend: { credits: 50, expires_in_s: 60 } }],
    'a capture without a hold': () => ['captures', own(3, { order: 'o' })],
    'a refund': ({ event }) => ['refunds', { event, credits: 4, reason: 'r' }],
    'a refund of all': ({ event }) => ['refunds', { event, reason: 'r' }],
    'a bonus': () => ['grants', { kind: 'bonus', credits: 5, reason: 'r', expires_at: '2099-01-01T00:00:00Z' }],
    'an allocation': () => ['grants', { kind: 'included_allocation', credits: 5, period: '2026-01-01T00:00:00Z', expires_at: '2099-01-01T00:00:00Z', reason: 'r' }],
    'a negative adjustment': () => ['grants', { kind: 'adjustment', credits: -5, reason: 'r' }],
};

for (const [name, asked] of Object.entries(operations)) {
    test(`${name} replays its first answer: at once, and after the hold is over and much else has happened`, async () => {
        const space = await newSpace(site, 1000);
        const { hold } = ok(await space.hold(own(100)), 201);
        const { event } = ok(await space.charge(own(10)), 201);
        const [what, body] = asked({ hold: hold.id, event: event.id });
        const key = randomUUID();
        const ask = () => space.client
            .post(`${space.path}/${what}`, body, { key });
        const first = await once(ask);
        await again(space, first, ask);
        // The members, not the bytes, are what is compared.
        const turned = Object.fromEntries(Object.entries(body).reverse());
        await again(space, first, () => space.client.post(
            `${space.path}/${what}`,
            JSON.stringify(turned, null, 3).replaceAll('r', '\\u0072'),
            { key, headers: { 'Content-Type': 'application/json; charset=UTF-8' } },
        ));
        // By another key of the platform too.
        const { key: second } = await must(site, ['key', 'add', '--name', 'k',
            '--space', space.slug, '--scope', 'meter,grant']);
        await again(space, first, () => keyed(site, second)
            .post(`${space.path}/${what}`, body, { key }));
        // And by the id of the Space instead of its slug.
        const { json: { space: { id } } } = await space.get('credits');
        await again(space, first, () => space.client
            .post(`/api/v1/spaces/${id}/${what}`, body, { key }));
        // Everything that there is changes.
        for (const { id: open } of await space.holds('&state=held')) {
            await space.capture(open, { final: false });
            await space.release(open);
        }
        for (const one of await space.events()) {
            await space.refund({ event: one.id });
        }
        ok(await space.grant({ credits: 77 }));
        const { available } = await space.balance();
        ok(await space.charge(own(available)), 201);
        await again(space, first, ask);
    });
}

test('replays stay the same when the hold has expired and the clock has moved on', async () => {
    const space = await newSpace(site, 1000);
    const key = randomUUID();
    const ask = () => space.hold(room(100, { expires_in_s: 60 }), key);
    const first = await once(ask);
    const { id } = first.json.hold;
    const tick = () => space.capture(id,
        { quantity: 10, extend: { quantity: 20, expires_in_s: 60 } }, key);
    const ticked = await once(tick);
    await must(site, ['clock', 'advance', '2h']);
    assert.equal((await space.holdOf(id)).state, 'expired');
    await again(space, first, ask);
    await again(space, ticked, tick);
    ok(await space.charge(own(1)), 201); // writes what was due
    await again(space, first, ask);
    await again(space, ticked, tick);
    refused(await space.capture(id, { quantity: 1 }), 409, 'hold_not_open');
});

test('an allocation that was there already replays as 200, as it was answered first', async () => {
    const space = await newSpace(site, 0);
    const grant = {
        kind: 'included_allocation', credits: 500, reason: 'May',
        period: '2026-05-01T00:00:00Z', expires_at: '2099-06-01T00:00:00Z',
    };
    const made = ok(await space.grant(grant), 201);
    const key = randomUUID();
    const second = await space.grant(grant, key);
    assert.deepEqual(ok(second, 200).event, made.event);
    await again(space, second, () => space.grant(grant, key));
});

// ------------------------------------------------------ another request

const others = [
    ['captures', own(3), { feature: 'own', credits: 4 }],
    ['captures', own(3), { feature: 'Own', credits: 3 }],
    ['captures', own(3), { ...own(3), note: '' .padEnd(1, 'x') }],
    ['captures', own(3, { note: 'a' }), own(3, { order: 'a' })],
    ['captures', own(3, { note: 'a;order=1:b' }), own(3, { note: 'a', order: 'b' })],
    ['captures', room(3), { activity: 'livestream_viewing', quantity: 3 }],
    ['captures', room(3), { feature: 'livestream_room', credits: 3 }],
    ['captures', { activity: 'clip', quality: 'fast', quantity: 1 }, { activity: 'clip', quality: 'balanced', quantity: 1 }],
    ['holds', own(3), own(3, { expires_in_s: 60 })],
    ['holds', own(3), own(4)],
    ['grants', { kind: 'bonus', credits: 1, reason: 'a' }, { kind: 'bonus', credits: 1, reason: 'b' }],
    ['grants', { kind: 'bonus', credits: 1, reason: 'a' }, { kind: 'adjustment', credits: 1, reason: 'a' }],
    ['grants', { kind: 'bonus', credits: 1, reason: 'a' }, { kind: 'bonus', credits: 1, reason: 'a', expires_at: '2099-01-01T00:00:00Z' }],
];

test('another request with a used key is 422, and does nothing', async () => {
    const space = await newSpace(site, 1000);
    for (const [what, body, other] of others) {
        const key = randomUUID();
        const path = `${space.path}/${what}`;
        ok(await space.client.post(path, body, { key }), 201);
        const was = await space.balance();
        refused(await space.client.post(path, other, { key }), 422,
            'idempotency_key_reused');
        assert.deepEqual(await space.balance(), was);
    }
});

test('captures of two holds, and what each of them names, are other requests', async () => {
    const space = await newSpace(site, 1000);
    const [a, b] = [ok(await space.hold(own(10))).hold.id,
        ok(await space.hold(own(10))).hold.id];
    ok(await space.capture(a, { credits: 1, final: false }, 'k'), 200);
    for (const [id, body] of [
        [b, { credits: 1, final: false }], [a, { credits: 2, final: false }],
        [a, { credits: 1 }], [a, {}],
        [a, { credits: 1, extend: { credits: 9, expires_in_s: 900 } }],
    ]) {
        refused(await space.capture(id, body, 'k'), 422,
            'idempotency_key_reused');
    }
    assert.equal((await space.balance()).held, 19);
});

test('what is left out and what is said as it would be anyway is one request', async () => {
    const space = await newSpace(site, 100);
    ok(await space.hold(own(1), 'a'), 201);
    const answer = await space.hold(own(1, {
        expires_in_s: 900, note: null, livestream: null,
    }), 'a');
    assert.equal(answer.headers['idempotency-replayed'], 'true');
});

test('one key in two operations, and in two Spaces, is two keys', async () => {
    const [space, other] = [await newSpace(site, 100), await newSpace(site, 100)];
    for (const each of [space, other]) {
        const held = await once(() => each.hold(own(1), 'k'));
        const charged = await once(() => each.charge(own(2), 'k'));
        await once(() => each.grant({ credits: 3 }, 'k'));
        await once(() => each.refund({ event: charged.json.event.id }, 'k'));
        await once(() => each.capture(held.json.hold.id, {}, 'k'));
        assert.equal((await each.balance()).total, 102);
    }
});

// ------------------------------------------------------------- refusals

test('a refusal is not remembered: after a grant the same key succeeds, once', async () => {
    const space = await newSpace(site, 5);
    for (const ask of [
        () => space.charge(own(100), 'charge'),
        () => space.hold(own(100), 'hold'),
        () => space.grant({ kind: 'adjustment', credits: -100 }, 'adjust'),
    ]) {
        const problem = refused(await ask(), 402, 'insufficient_credits');
        refused(await ask(), 402, 'insufficient_credits');
        ok(await space.grant({ credits: problem.shortfall }), 201);
        const first = await once(ask);
        await again(space, first, ask);
        assert.equal((await space.balance()).available, 0);
    }
});

test('a capture that was refused for its size succeeds with the same key once it fits', async () => {
    const space = await newSpace(site, 100);
    const { hold } = ok(await space.hold(own(10)), 201);
    const ask = () => space.capture(hold.id, { credits: 15, final: false }, 'k');
    refused(await ask(), 409, 'capture_exceeds_hold');
    ok(await space.capture(hold.id,
        { credits: 1, extend: { credits: 20, expires_in_s: 60 } }), 200);
    const first = await once(ask);
    await again(space, first, ask);
});

test('a key of a batch item and of a capture alone are one', async () => {
    const space = await newSpace(site, 100);
    const first = ok(await space.charge(own(7), 'k'), 201);
    const { results } = ok(await space.client.post('/api/v1/captures/batch', {
        captures: [{ space: space.slug, key: 'k', ...own(7) },
            { space: space.slug, key: 'k', ...own(8) },
            { space: space.slug, key: 'n', ...own(8) }],
    }), 200);
    assert.deepEqual(results.map(({ status }) => status), [200, 422, 201]);
    assert.deepEqual(results[0].event, first.event);
    const later = await space.charge(own(8), 'n');
    assert.equal(later.headers['idempotency-replayed'], 'true');
    assert.deepEqual(ok(later, 201).event, results[2].event);
    assert.deepEqual(later.json.balance,
        { available: 85, held: 0, total: 85 });
});
