// Batches: up to 1,000 captures of many Spaces in one call, each standing
// alone, all that say 201 durable together.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import {
    chained, newSpace, ok, own, price, refused, room, seeded, viewing,
} from './meter.js';
import { must, stopWhole } from './shop.js';
import { keyed, startSite } from './site.js';

let site;
let client;
before(async () => {
    site = await startSite();
    client = keyed(site);
});
after(() => stopWhole(site));

const path = '/api/v1/captures/batch';
const send = (captures) => client.post(path, { captures });
const raw = (text) => client.post(path, text,
    { headers: { 'Content-Type': 'application/json' } });

test('items of every kind stand alone, in their order', async () => {
    const [a, b] = [await newSpace(site, 100), await newSpace(site, 3)];
    const item = (space, key, more) => ({ space: space.slug, key, ...more });
    const cases = [
        [item(a, 'k1', own(10)), 201],
        [item(b, 'k1', room(1)), 201],
        [item(b, 'k2', room(1)), 402, 'insufficient_credits'],
        [item(a, 'k1', own(10)), 200],
        [item(a, 'k1', own(11)), 422, 'idempotency_key_reused'],
        [item(a, 'k3', own(1000)), 402, 'insufficient_credits'],
        [item(a, 'k3', own(20, { note: 'now it fits' })), 201],
        [item(a, 'k4', { activity: 'clip', quantity: 2, quality: 'fast' }), 201],
        [item(a, 'k5', { activity: 'clip', quantity: 2 }), 400, 'invalid_request', '/quality'],
        [item(a, 'k5', { activity: 'nothing', quantity: 2 }), 400, 'invalid_request', '/activity'],
        [item(a, 'k5', own(0)), 400, 'invalid_request', '/credits'],
        [item(a, 'k5', room(9007199254740991)), 400, 'invalid_request', '/quantity'],
        [item(a, 'k5', { ...own(1), quantity: 1 }), 400, 'invalid_request', '/feature'],
        [item(a, 'k5', own(1, { colour: 'red' })), 400, 'invalid_request', '/colour'],
        [item(a, 'x'.repeat(256), own(1)), 400, 'invalid_request', '/key'],
        [item(a, 'é', own(1)), 400, 'invalid_request', '/key'],
        [item(a, '', own(1)), 400, 'invalid_request', '/key'],
        [item(a, 5, own(1)), 400, 'invalid_request', '/key'],
        [{ key: 'k', ...own(1) }, 400, 'invalid_request', '/space'],
        [{ space: a.slug, ...own(1) }, 400, 'invalid_request', '/key'],
        [{ space: 'no-such-space', key: 'k', ...own(1) }, 404, 'not_found'],
        [{ space: 7, key: 'k', ...own(1) }, 400, 'invalid_request', '/space'],
        [null, 400, 'invalid_request', ''],
        [[], 400, 'invalid_request', ''],
        ['x', 400, 'invalid_request', ''],
        [{}, 400, 'invalid_request', '/space'],
        [item(a, 'x'.repeat(255), own(1)), 201],
        [item(b, 'k6', own(1)), 201],
        [item(b, 'k7', own(1)), 402, 'insufficient_credits'],
    ];
    const { results, ...others } = ok(await send(cases.map(([one]) => one)), 200);
    assert.deepEqual(others, {});
    assert.equal(results.length, cases.length);
    cases.forEach(([one, status, code, pointer], i) => {
        const result = results[i];
        const text = `item ${i}: ${JSON.stringify(result)}`;
        assert.equal(result.status, status, text);
        assert.equal(result.key,
            typeof one?.key === 'string' && one.key.length > 0 ? result.key : null,
            text);
        if (status < 300) {
            assert.deepEqual(Object.keys(result), ['key', 'status', 'event']);
            assert.equal(result.key, one.key);
            return;
        }
        assert.deepEqual(Object.keys(result), ['key', 'status', 'problem']);
        assert.equal(result.problem.code, code, text);
        assert.equal(result.problem.status, status);
        if (pointer !== undefined) {
            assert.ok(result.problem.errors.some((error) => error.pointer
                === `/captures/${i}${pointer}`), text);
        }
        if (code === 'insufficient_credits') {
            assert.equal(result.problem.shortfall,
                result.problem.required - result.problem.available);
        }
    });
    assert.deepEqual(results[3].event, results[0].event);
    assert.equal((await a.balance()).total, 59);
    assert.equal((await b.balance()).total, 0);
    for (const space of [a, b]) chained(await space.events());
    // All of it again: what was done is 200, what was refused is as before.
    const { results: second } = ok(await send(cases.map(([one]) => one)), 200);
    second.forEach((result, i) => {
        const was = results[i].status;
        // What did not fit used no key; the one who came after did.
        const now = i === 5 ? 422 : was === 201 ? 200 : was;
        assert.equal(result.status, now, `item ${i}`);
        if (was < 300) assert.deepEqual(result.event, results[i].event);
    });
});

test('1,000 captures of 20 Spaces at random cost what each would have cost alone', async () => {
    const random = seeded('batch');
    const spaces = await Promise.all(Array.from({ length: 20 },
        () => newSpace(site, 3000)));
    const left = new Map(spaces.map((space) => [space.slug, 3000]));
    const captures = Array.from({ length: 1000 }, () => {
        const { slug } = random.pick(spaces);
        const quantity = random.int(1, 5000);
        return { space: slug, key: randomUUID(), ...viewing(quantity) };
    });
    const { results } = ok(await send(captures), 200);
    captures.forEach((one, i) => {
        const cost = price(one.quantity, 20, 1000);
        const has = left.get(one.space);
        assert.equal(results[i].status, cost <= has ? 201 : 402, `item ${i}`);
        assert.equal(results[i].key, one.key);
        if (cost > has) {
            assert.equal(results[i].problem.available, has);
            return;
        }
        left.set(one.space, has - cost);
        assert.equal(results[i].event.credits, -cost);
        assert.equal(results[i].event.balance_after, has - cost);
    });
    for (const space of spaces) {
        assert.equal((await space.balance()).total, left.get(space.slug));
        assert.equal(chained(await space.events()), left.get(space.slug));
    }
});

test('a syntax error, a duplicate member or a wrong shape fails the whole', async () => {
    const space = await newSpace(site, 100);
    const good = JSON.stringify({ space: space.slug, key: 'k', ...own(1) });
    const many = JSON.stringify(Array.from({ length: 1001 },
        (_, i) => ({ space: space.slug, key: `k${i}`, ...own(1) })));
    for (const text of [
        `{"captures":[${good},]}`,
        `{"captures":[${good}`,
        `{"captures":[${good}]}x`,
        `{"captures":[${good},{"a":1,"a":1}]}`,
        `{"captures":[${good}],"captures":[]}`,
        `{"captures":[${good},{"space":"${space.slug}","key":"a","feature":"f","credits":NaN}]}`,
        `{"captures":[${good},{"space":"${space.slug}","key":"a","feature":"f","credits":01}]}`,
        `{"captures":[${good},"\u0001"]}`,
        `{"captures":[${good}],"more":1}`,
        '{"captures":[]}', '{"captures":{}}', '{"captures":null}',
        '{"captures":1}', '{}', '[]', 'null', '',
        `{"captures":${many}}`,
    ]) {
        const answer = await raw(text);
        const { errors } = refused(answer, 400, 'invalid_request');
        assert.ok(errors.length > 0, text.slice(0, 100));
    }
    assert.equal((await space.balance()).seq, 1);
});

// A fraction, a string or an overflow is a fault of its item.
test('a number that is none is its item\'s fault alone', async () => {
    const space = await newSpace(site, 100);
    const credits = ['1.0', '1e1', '0.5', '-1', '"1"', 'null', 'true', '[]',
        '9007199254740992', '1e400', '1000000000001', '123456789012345678901'];
    const items = credits.map((number, i) => `{"space":"${space.slug}",`
        + `"key":"k${i}","feature":"f","credits":${number}}`);
    items.push(`{"space":"${space.slug}","key":"good","feature":"f","credits":1}`);
    const answer = await raw(`{"captures":[${items.join()}]}`);
    const { results } = ok(answer, 200);
    assert.deepEqual(results.map(({ status }) => status),
        [...credits.map(() => 400), 201]);
    results.slice(0, -1).forEach(({ problem }, i) => {
        assert.deepEqual(problem.errors.map(({ pointer }) => pointer),
            [`/captures/${i}/credits`]);
    });
    assert.equal((await space.balance()).total, 99);
});

test('a batch as long as it may be, with the longest texts, is answered whole', async () => {
    const space = await newSpace(site, 10000);
    // 200 characters of four bytes, as many as fit into 1 MiB with 1,000 items.
    const wide = '\u{1F600}'.repeat(200);
    for (const more of [{ feature: wide }, { feature: 'f', note: wide },
        { feature: '\u0001'.repeat(140) }, { feature: '"'.repeat(200), note: '"'.repeat(200) }]) {
        const captures = Array.from({ length: 1000 },
            () => ({ space: space.slug, key: randomUUID(), credits: 1, ...more }));
        const text = JSON.stringify({ captures });
        assert.ok(Buffer.byteLength(text) < 1048576, String(text.length));
        await space.grant({ credits: 1000 });
        const answer = await raw(text);
        const { results } = ok(answer, 200);
        assert.ok(results.every(({ status }) => status === 201));
        const again = ok(await raw(text), 200);
        assert.ok(again.results.every(({ status }) => status === 200));
    }
});

test('a batch of faults, or of very many values, is told of and moves nothing', async () => {
    const bad = Array.from({ length: 1000 }, () => Object.fromEntries(
        Array.from({ length: 24 }, (_, i) => [`~${'~'.repeat(24)}${i}`, 1]),
    ));
    const { results } = ok(await send(bad), 200);
    assert.ok(results.every(({ status }) => status === 400));
    const shapes = [
        `{"captures":[${Array(500000).fill(0).join()}]}`,
        `{"captures":[[${Array(500000).fill(0).join()}]]}`,
        `{"captures":[{${Array.from({ length: 90000 }, (_, i) => `"${i.toString(36)}":0`).join()}}]}`,
        `{"captures":[${'['.repeat(500000)}${']'.repeat(500000)}]}`,
        `{"captures":[${Array(260000).fill('{}').join()}]}`,
    ];
    for (const text of shapes) {
        assert.ok(text.length < 1048576, String(text.length));
        const answer = await raw(text);
        assert.ok([200, 400].includes(answer.status),
            `${text.slice(0, 30)}: ${answer.status} ${answer.text.slice(0, 300)}`);
    }
});

test('a batch by a key for one Space reaches that Space alone', async () => {
    const [a, b] = [await newSpace(site, 10), await newSpace(site, 10)];
    const { key } = await must(site, ['key', 'add', '--name', 'a',
        '--space', a.slug, '--scope', 'meter']);
    const items = (slug) => ({ captures: [
        { space: a.slug, key: `a-${slug}`, ...own(1) },
        { space: slug, key: 'b', ...own(1) },
    ] });
    const [theirs, nobodys] = [
        ok(await keyed(site, key).post(path, items(b.slug)), 200),
        ok(await keyed(site, key).post(path, items('no-such-space')), 200),
    ];
    for (const { results } of [theirs, nobodys]) {
        assert.deepEqual(results.map(({ status }) => status), [201, 404]);
    }
    const strip = ({ results }) => ({ ...results[1].problem, instance: '' });
    assert.deepEqual(strip(theirs), strip(nobodys));
    assert.equal((await b.balance()).total, 10);
});

test('a body over 1 MiB is 413, and other requests stay at 64 KiB', async () => {
    const space = await newSpace(site, 10);
    refused(await raw(`{"captures":[${' '.repeat(1048576)}]}`), 413,
        'payload_too_large');
    refused(await client.post(`${space.path}/captures`,
        `{"feature":"f","credits":1${' '.repeat(65536)}}`,
        { key: 'k', headers: { 'Content-Type': 'application/json' } }),
    413, 'payload_too_large');
    ok(await client.post(`${space.path}/captures`,
        `{"feature":"f","credits":1${' '.repeat(65000)}}`,
        { key: 'k', headers: { 'Content-Type': 'application/json' } }), 201);
});
