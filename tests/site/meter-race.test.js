// Many callers at one moment. 64 connections whose requests end with the same
// last byte together get no more than there is, and all of it; one key is one
// effect; a hold has one end.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { chained, newSpace, ok, own, seeded } from './meter.js';
import { whole } from './shop.js';
import { startSite } from './site.js';
import { encode, openWires, volley } from './volley.js';

const CALLERS = 64;

let site;
let wires;
before(async () => {
    // The programs as they are run: faster, so closer to one another.
    site = await startSite({ build: 'build', env: { SCRIP_TICK_SECONDS: '1' } });
    wires = await openWires(site, CALLERS);
});
after(async () => {
    wires?.forEach((wire) => wire.end());
    try {
        if (site) await whole(site);
    } finally {
        await site?.stop();
    }
});

function post(space, what, body, key = randomUUID()) {
    const { Authorization } = space.client.headers;
    return encode(site, {
        path: what.startsWith('/') ? what : `${space.path}/${what}`,
        headers: {
            Authorization,
            ...(key === null ? {} : { 'Idempotency-Key': key }),
        },
        body,
    });
}

const each = (make) => Array.from({ length: CALLERS }, (_, i) => make(i));
const withStatus = (answers, status) => answers
    .filter((answer) => answer.status === status);

function onlyStatuses(answers, ...statuses) {
    const others = answers.filter(({ status }) => !statuses.includes(status));
    assert.deepEqual(others.map(({ status, text }) => [status, text]), []);
}

for (const balance of [1, 63, 64, 65, 1000]) {
    test(`64 callers hold at once on a balance of ${balance}: never more than it, and all of it`, async () => {
        const random = seeded(`holds on ${balance}`);
        for (const size of [1, 2, 3, 4, 5, 6, 7, 'mixed']) {
            const space = await newSpace(site, balance);
            let granted = 0;
            for (let round = 0; granted < balance; round += 1) {
                assert.ok(round < 1000, 'all of it can be granted');
                // At the end ones, so that all of it fits.
                const sizes = each(() => {
                    if (balance - granted < 7) return 1;
                    return size === 'mixed' ? random.int(1, 7) : size;
                });
                const answers = await volley(wires, sizes
                    .map((credits) => post(space, 'holds', own(credits))));
                onlyStatuses(answers, 201, 402);
                const sum = withStatus(answers, 201)
                    .reduce((n, { json }) => n + json.hold.credits, 0);
                const refused = answers.flatMap(({ status }, i) => (
                    status === 402 ? [sizes[i]] : []));
                granted += sum;
                assert.ok(granted <= balance, `${granted} of ${balance}`);
                // Nobody was refused what still fits.
                assert.ok(refused.every((one) => one > balance - granted));
                assert.deepEqual(await space.balance(), {
                    available: balance - granted, held: granted, total: balance,
                    seq: 1,
                });
            }
            assert.equal(granted, balance);
        }
    });
}

test('one credit and 64 callers, 300 times: one winner each time, hold or capture', async () => {
    const space = await newSpace(site, 1);
    const began = Date.now();
    for (let round = 0; round < 300; round += 1) {
        const what = round % 3 === 2 ? 'captures' : 'holds';
        const answers = await volley(wires,
            each(() => post(space, what, own(1))));
        onlyStatuses(answers, 201, 402);
        const won = withStatus(answers, 201);
        assert.equal(won.length, 1, `round ${round}`);
        assert.ok(withStatus(answers, 402)
            .every(({ json }) => json.shortfall === 1 && json.available === 0));
        const { hold, event } = won[0].json;
        if (hold) ok(await space.release(hold.id), 200);
        else ok(await space.refund({ event: event.id }), 201);
    }
    const took = (Date.now() - began) / 1000;
    process.stdout.write(`# 300 rounds of ${CALLERS}: ${
        Math.round(300 * CALLERS / took)} requests a second\n`);
    assert.equal(chained(await space.events()), 1);
});

test('one key from 64 connections is one effect, and the same answer for all', async () => {
    const space = await newSpace(site, 100000);
    for (let round = 0; round < 20; round += 1) {
        const { hold } = ok(await space.hold(own(10)), 201);
        const { event } = ok(await space.charge(own(10)), 201);
        const asks = [
            ['holds', own(3), { held: 3, total: 0 }],
            ['captures', own(3), { held: 0, total: -3 }],
            [`holds/${hold.id}/capture`, { credits: 2, final: false }, { held: -2, total: -2 }],
            [`holds/${hold.id}/capture`, { credits: 1, extend: { credits: 20, expires_in_s: 3600 } }, { held: 12, total: -1 }],
            ['refunds', { event: event.id, credits: 4, reason: 'r' }, { held: 0, total: 4 }],
            ['grants', { kind: 'bonus', credits: 5, reason: 'r' }, { held: 0, total: 5 }],
        ];
        for (const [what, body, moved] of asks) {
            const was = await space.balance();
            const key = randomUUID();
            const answers = await volley(wires,
                each(() => post(space, what, body, key)));
            assert.equal(new Set(answers.map(({ status, text }) => (
                `${status} ${text}`))).size, 1, what);
            assert.ok([200, 201].includes(answers[0].status), answers[0].text);
            assert.equal(answers.filter(({ headers }) => (
                headers['idempotency-replayed'] === 'true')).length, CALLERS - 1);
            const is = await space.balance();
            assert.deepEqual([is.held - was.held, is.total - was.total],
                [moved.held, moved.total], what);
        }
    }
});

test('one key in 64 batches at once, and twice in each, is one effect', async () => {
    const space = await newSpace(site, 1000);
    for (let round = 0; round < 10; round += 1) {
        const key = randomUUID();
        const item = { space: space.slug, key, ...own(1) };
        const answers = await volley(wires, each(() => post(space,
            '/api/v1/captures/batch', { captures: [item, item] }, null)));
        onlyStatuses(answers, 200);
        const results = answers.flatMap(({ json }) => json.results);
        assert.equal(results.filter(({ status }) => status === 201).length, 1);
        assert.equal(new Set(results.map(({ event }) => event.id)).size, 1);
        assert.equal((await space.balance()).total, 999 - round);
    }
});

test('a period is allocated once, whoever of 64 comes first', async () => {
    const space = await newSpace(site);
    for (let month = 1; month <= 9; month += 1) {
        const ask = {
            kind: 'included_allocation', credits: 100, reason: 'r',
            period: `2026-0${month}-01T00:00:00Z`,
            expires_at: '2099-01-01T00:00:00Z',
        };
        const answers = await volley(wires,
            each(() => post(space, 'grants', ask)));
        onlyStatuses(answers, 200, 201);
        assert.equal(withStatus(answers, 201).length, 1);
        assert.equal(new Set(answers.map(({ json }) => json.event.id)).size, 1);
        assert.equal((await space.balance()).total, 100 * month);
    }
});

// ------------------------------------------------------- one end of a hold

// What the answers say has to be one story with one end.
function oneEnd(answers, kinds, hold) {
    const of = (kind, status) => answers.filter((answer, i) => (
        kinds[i] === kind && answer.status === status));
    onlyStatuses(answers, 200, 409);
    const final = of('final', 200);
    const released = of('release', 200);
    const parts = of('part', 200);
    const told = JSON.stringify(answers
        .map(({ status, json }, i) => [kinds[i], status, json.hold?.state]));
    assert.equal(final.length, hold.state === 'captured' ? 1 : 0, told);
    for (const { json } of released) {
        assert.equal(json.hold.state, hold.state, told);
    }
    if (hold.state === 'captured') assert.equal(released.length, 0, told);
    if (hold.state === 'released') assert.ok(released.length > 0, told);
    const captured = [...final, ...parts]
        .reduce((sum, { json }) => sum - json.event.credits, 0);
    assert.equal(hold.captured, captured, told);
    for (const { json } of [...of('final', 409), ...of('part', 409)]) {
        assert.ok(['hold_not_open', 'capture_exceeds_hold']
            .includes(json.code), told);
    }
}

function asks(space, hold, kinds) {
    const path = `holds/${hold.id}`;
    return kinds.map((kind) => {
        if (kind === 'release') return post(space, `${path}/release`, {}, null);
        return post(space, `${path}/capture`,
            { credits: 1, final: kind === 'final' });
    });
}

test('captures and releases of one hold at once: it has one end', async () => {
    const random = seeded('ends');
    const space = await newSpace(site, 10000);
    const ends = {};
    for (let round = 0; round < 100; round += 1) {
        const { hold } = ok(await space.hold(own(40)), 201);
        const kinds = each(() => random.pick(['part', 'part', 'part', 'final',
            'release']));
        const answers = await volley(wires, asks(space, hold, kinds));
        const is = await space.holdOf(hold.id);
        oneEnd(answers, kinds, is);
        ends[is.state] = (ends[is.state] ?? 0) + 1;
        assert.equal((await space.balance()).held, 0);
    }
    process.stdout.write(`# ends: captured ${ends.captured}, released ${
        ends.released}\n`);
    assert.ok(ends.captured > 5 && ends.released > 5);
});

test('captures, releases and the end of its time at once: a hold has one end', async () => {
    const random = seeded('expiry');
    const space = await newSpace(site, 100000);
    const ends = {};
    for (let round = 0; round < 7; round += 1) {
        // Holds that end one after another, 40 ms apart, a second from now.
        const holds = [];
        for (let i = 0; i < 8; i += 1) {
            const { hold } = ok(await space
                .hold(own(40, { expires_in_s: 1 })), 201);
            holds.push(hold);
            await new Promise((done) => { setTimeout(done, 40); });
        }
        for (const hold of holds) {
            const kinds = each((i) => (i % 2 ? 'part'
                : random.pick(['final', 'release', 'part'])));
            const at = Date.parse(hold.expires_at) + random.int(-12, 6);
            while (Date.now() < at) {
                await new Promise((done) => { setImmediate(done); });
            }
            const answers = await volley(wires, asks(space, hold, kinds));
            const is = await space.holdOf(hold.id);
            assert.notEqual(is.state, 'held');
            oneEnd(answers, kinds, is);
            ends[is.state] = (ends[is.state] ?? 0) + 1;
            hold.end = is;
        }
        for (const hold of holds) {
            assert.deepEqual(await space.holdOf(hold.id), hold.end);
        }
        assert.equal((await space.balance()).held, 0);
    }
    process.stdout.write(`# ends: ${JSON.stringify(ends)}\n`);
    assert.ok(ends.expired > 0);
    chained(await space.events());
});
