// Buying, at its edges: who may, what a key repeats, what happens on each of
// the provider's bad days, and how an order heals whose webhook never comes.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';

import { control, payByCard } from './payer.js';
import { faults, startProvider } from './provider.js';
import {
    balanceOf, checkout, eventsOf, must, newBuyer, orderOf, place, sql, whole,
} from './shop.js';
import { deliver, event, paidSession } from './signing.js';
import {
    anonymous, keyed, signIn, startSite, until,
} from './site.js';

let provider;
let site;
before(async () => {
    provider = await startProvider();
    site = await startSite({
        env: { SCRIP_STRIPE_API_BASE: provider.base, SCRIP_TICK_SECONDS: '0' },
    });
});
after(async () => {
    await site?.stop();
    await provider?.stop();
});

const ordersOf = async (client) => (await client
    .get(`/api/v1/spaces/${client.space}/orders?limit=100`)).json.orders;

// What the provider was asked while `work` ran.
async function asked(work) {
    const before_ = provider.calls.length;
    await work();
    return provider.calls.slice(before_);
}

async function withFault(fault, work) {
    provider.fault = fault;
    try {
        return await work();
    } finally {
        provider.fault = null;
    }
}

// ------------------------------------------------------------ who may

test('an owner and an admin may buy, a member may not: 403 role', async () => {
    for (const [role, status] of [['owner', 201], ['admin', 201],
        ['member', 403]]) {
        const client = await newBuyer(site, { role });
        const answer = await checkout(client);
        assert.equal(answer.status, status, `${role}: ${answer.text}`);
        if (status === 403) assert.equal(answer.json.code, 'role');
        assert.equal((await ordersOf(client)).length, status === 201 ? 1 : 0);
        const { json } = await client
            .get(`/api/v1/spaces/${client.space}/credits`);
        assert.deepEqual([json.can_buy, json.cannot_buy_reason],
            status === 201 ? [true, null] : [false, 'role']);
    }
});

test('the viewer of the demo reads, is told who may buy, and may not', async () => {
    const viewer = await signIn(site, 'viewer@demo.test', 'demo-password');
    viewer.space = 'demo';
    const { json } = await viewer.get('/api/v1/spaces/demo/credits');
    assert.deepEqual([json.can_buy, json.cannot_buy_reason, json.buyers],
        [false, 'role', ['Olivia Owner']]);
    const answer = await checkout(viewer);
    assert.deepEqual([answer.status, answer.json.code], [403, 'role']);
});

test('a Space on an unpaid plan is refused, with the way to upgrade', async () => {
    const client = await signIn(site, 'owner@free.test', 'demo-password');
    client.space = 'free';
    const calls = await asked(async () => {
        const answer = await checkout(client);
        assert.equal(answer.status, 403, answer.text);
        assert.deepEqual([answer.json.code, answer.json.upgrade_url],
            ['plan_not_paid', '/settings/membership']);
    });
    assert.deepEqual(calls, []);
    assert.deepEqual(await ordersOf(client), []);
    const { json } = await client.get('/api/v1/spaces/free/credits');
    assert.deepEqual([json.can_buy, json.cannot_buy_reason],
        [false, 'plan_not_paid']);
    assert.equal(json.plan.paid, false);
});

test('a platform key has no part in checkout', async () => {
    const answer = await keyed(site).post('/api/v1/spaces/demo/checkout',
        { tier: 'gbp25' }, { key: true });
    assert.equal(answer.status, 401, answer.text);
});

// ------------------------------------------------------ what is asked

const bodies = [
    ['a tier that there is not', { tier: 'gbp26' }, 'unknown_tier', '/tier'],
    ['a tier in upper case', { tier: 'GBP25' }, 'unknown_tier', '/tier'],
    ['a tier with a space', { tier: 'gbp25 ' }, 'unknown_tier', '/tier'],
    ['a tier that is SQL', { tier: "' OR 1=1 --" }, 'unknown_tier', '/tier'],
    ['an amount for a tier', { tier: 2500 }, 'invalid_request', '/tier'],
    ['no tier', {}, 'invalid_request', '/tier'],
    ['null for a tier', { tier: null }, 'invalid_request', '/tier'],
    ['an empty tier', { tier: '' }, 'invalid_request', '/tier'],
    ['a tier of 201 characters', { tier: 'x'.repeat(201) }, 'invalid_request',
        '/tier'],
    ['its own price', { tier: 'gbp25', amount: 1 }, 'invalid_request',
        '/amount'],
    ['its own credits', { tier: 'gbp25', credits: 10 ** 9 }, 'invalid_request',
        '/credits'],
    ['a list', [{ tier: 'gbp25' }], 'invalid_request', ''],
];

for (const [name, body, code, pointer] of bodies) {
    test(`400 with its pointer: ${name}`, async () => {
        const client = await demoOwner();
        const before_ = await ordersOf(client);
        const answer = await client.post('/api/v1/spaces/demo/checkout', body,
            { key: true });
        assert.equal(answer.status, 400, answer.text);
        assert.equal(answer.json.code, code);
        assert.deepEqual(answer.json.errors.map((one) => one.pointer),
            [pointer]);
        assert.deepEqual(await ordersOf(client), before_);
    });
}

let owner;
async function demoOwner() {
    owner ??= Object.assign(
        await signIn(site, 'owner@demo.test', 'demo-password'),
        { space: 'demo' },
    );
    return owner;
}

test('a tier of another currency is unknown here', async () => {
    await must(site, ['tier', 'set', 'usd25', '--amount', '2500',
        '--currency', 'USD']);
    const answer = await checkout(await demoOwner(), 'usd25');
    assert.deepEqual([answer.status, answer.json.code], [400, 'unknown_tier']);
});

const keys = [
    ['none', undefined, 'idempotency_key_required'],
    ['an empty one', '', 'idempotency_key_required'],
    ['one of 256 characters', 'k'.repeat(256), 'invalid_request'],
    ['one with a tab in it', 'a\tb', 'invalid_request'],
    ['one that is not ASCII', 'schlüssel', 'invalid_request'],
];

for (const [name, key, code] of keys) {
    test(`an Idempotency-Key is needed, 1 to 255 printable ASCII characters: ${name} is 400`, async () => {
        const answer = await (await demoOwner())
            .post('/api/v1/spaces/demo/checkout', { tier: 'gbp25' }, {
                headers: key === undefined ? {} : {
                    'Idempotency-Key': Buffer.from(key, 'utf8')
                        .toString('latin1'),
                },
            });
        assert.equal(answer.status, 400, answer.text);
        assert.equal(answer.json.code, code);
    });
}

test('keys of 1 and of 255 characters, and of every printable one, will do', async () => {
    const client = await newBuyer(site);
    const all = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i))
        .join('');
    for (const key of ['k', 'k'.repeat(255), all, 'a b']) {
        assert.equal((await checkout(client, 'gbp25', key)).status, 201, key);
    }
    assert.equal((await ordersOf(client)).length, 4);
});

// --------------------------------------------------- what a key repeats

test('the same key gives the same answer member for member, also when the order is paid', async () => {
    const client = await newBuyer(site);
    const key = randomUUID();
    const first = await checkout(client, 'gbp25', key);
    assert.equal(first.status, 201);
    const same = async (when) => {
        const again = await checkout(client, 'gbp25', key);
        assert.equal(again.status, 201, when);
        assert.deepEqual(again.json, first.json, when);
        assert.equal(again.headers['idempotency-replayed'], 'true', when);
    };
    const calls = await asked(async () => {
        await same('at once');
        const { id } = provider.of(first.json.order);
        await deliver(site, event('checkout.session.completed',
            paidSession(first.json.order, { id })));
        assert.equal((await balanceOf(client)).total, 3000);
        await same('after it was paid');
        await must(site, ['plan', 'set', 'lapsed', '--name', 'Lapsed', '--paid',
            'no', '--amount', '0', '--rate', '1', '--included', '0']);
        await sql(site, `UPDATE space SET plan = 'lapsed' WHERE slug = '${
            client.space}'`);
        await same('after the plan has ended');
    });
    assert.deepEqual(calls, [], 'the provider is not asked again');
    assert.equal((await ordersOf(client)).length, 1);
    const fresh = await checkout(client);
    assert.deepEqual([fresh.status, fresh.json.code], [403, 'plan_not_paid']);
});

test('the request is compared, not its bytes', async () => {
    const client = await newBuyer(site);
    const key = randomUUID();
    const { json } = await checkout(client, 'gbp25', key);
    const again = await client.post(
        `/api/v1/spaces/${client.space}/checkout`,
        ' {\n "t\\u0069er" :"gbp25"} ',
        { key, headers: { 'Content-Type': 'application/json;charset=UTF-8' } },
    );
    assert.equal(again.status, 201, again.text);
    assert.deepEqual(again.json, json);
});

test('a Space by its slug or by its id: the same request under the same key', async () => {
    const client = await newBuyer(site);
    const key = randomUUID();
    const first = await checkout(client, 'gbp25', key);
    const again = await client.post(`/api/v1/spaces/${
        client.session.spaces[0].id}/checkout`, { tier: 'gbp25' }, { key });
    assert.equal(again.headers['idempotency-replayed'], 'true');
    assert.deepEqual(again.json, first.json);
});

test('the same key for another tier is 422, and the first order stays', async () => {
    const client = await newBuyer(site);
    const key = randomUUID();
    const { json } = await checkout(client, 'gbp25', key);
    const other = await checkout(client, 'gbp50', key);
    assert.deepEqual([other.status, other.json.code],
        [422, 'idempotency_key_reused']);
    assert.deepEqual((await ordersOf(client)).map(({ id }) => id),
        [json.order.id]);
    const again = await checkout(client, 'gbp25', key);
    assert.deepEqual(again.json, json);
});

test('one key from 20 connections at once is one order and one session', async () => {
    const client = await newBuyer(site);
    const key = randomUUID();
    const sessions = provider.made().length;
    const answers = await Promise.all(Array.from({ length: 20 },
        () => checkout(client, 'gbp25', key)));
    for (const answer of answers) {
        assert.equal(answer.status, 201, answer.text);
        assert.deepEqual(answer.json, answers[0].json);
    }
    assert.equal((await ordersOf(client)).length, 1);
    assert.equal(provider.made().length, sessions + 1);
    assert.ok(answers.filter(({ headers }) =>
        !headers['idempotency-replayed']).length >= 1);
});

test('20 different keys at once are at most 10 orders, and the rest is told so', async () => {
    const client = await newBuyer(site);
    const answers = await Promise.all(Array.from({ length: 20 },
        () => checkout(client)));
    const count = (status) => answers
        .filter((answer) => answer.status === status).length;
    assert.deepEqual([count(201), count(429)], [10, 10]);
    assert.equal((await ordersOf(client)).length, 10);
});

test('the same key of another member, and in another Space, is another request', async () => {
    const first = await newBuyer(site);
    const second = await newBuyer(site);
    const key = randomUUID();
    const input = { input: 'a-good-password\n' };
    const also = `also-${first.email}`;
    await must(site, ['member', 'add', also, '--name', 'Also', '--space',
        first.space, '--role', 'admin'], input);
    const third = Object.assign(await signIn(site, also, 'a-good-password'),
        { space: first.space });
    const ids = new Set();
    for (const client of [first, second, third]) {
        const answer = await checkout(client,
            client === second ? 'gbp50' : 'gbp25', key);
        assert.equal(answer.status, 201, answer.text);
        assert.equal(answer.headers['idempotency-replayed'], undefined);
        ids.add(answer.json.order.id);
    }
    assert.equal(ids.size, 3);
});

test('a refusal is not remembered: the same key works once its cause is gone', async () => {
    const client = await newBuyer(site, { plan: 'starter' });
    const key = randomUUID();
    assert.equal((await checkout(client, 'gbp25', key)).status, 403);
    await sql(site, `UPDATE space SET plan = 'creator', status = 1
        WHERE slug = '${client.space}'`);
    const answer = await checkout(client, 'gbp50', key);
    assert.equal(answer.status, 201, answer.text);
});

// ------------------------------------------------------- too many

test('the eleventh unpaid order of an hour is 429, without a call, until one is paid', async () => {
    const client = await newBuyer(site);
    const placed = [];
    for (let i = 0; i < 10; i += 1) placed.push(await place(client));
    const key = randomUUID();
    const calls = await asked(async () => {
        const answer = await checkout(client, 'gbp25', key);
        assert.equal(answer.status, 429, answer.text);
        assert.equal(answer.json.code, 'too_many_orders');
        assert.match(answer.headers['retry-after'], /^[1-9]\d*$/);
    });
    assert.deepEqual(calls, []);
    assert.equal((await ordersOf(client)).length, 10);

    const { order } = placed[3];
    const { id } = provider.of(order);
    await deliver(site, event('checkout.session.completed',
        paidSession(order, { id })));
    assert.equal((await checkout(client, 'gbp25', key)).status, 201);
    assert.equal((await checkout(client)).status, 429);
    // Those of over an hour ago do not count.
    await sql(site, `UPDATE checkout_order SET placed_at = placed_at - 3600000
        WHERE space = (SELECT number FROM space WHERE slug = '${client.space}')
        AND status = 0 AND ord < 3`);
    assert.equal((await checkout(client)).status, 201);
});

test('orders that failed or expired count too: they are how cards are tried', async () => {
    const client = await newBuyer(site);
    for (let i = 0; i < 10; i += 1) {
        const { order } = await place(client);
        const { id } = provider.of(order);
        const unpaid = { id, payment_status: 'unpaid' };
        await deliver(site, i % 2
            ? event('checkout.session.async_payment_failed',
                paidSession(order, unpaid))
            : event('checkout.session.expired',
                paidSession(order, { ...unpaid, status: 'expired' })));
    }
    assert.equal((await checkout(client)).status, 429);
});

// -------------------------------------------------- the provider's days

test('what the provider is asked is what its contract says', async () => {
    const client = await newBuyer(site);
    let order;
    const calls = await asked(async () => {
        ({ order } = await place(client, 'gbp50'));
    });
    assert.deepEqual(calls.map(({ method, path }) => `${method} ${path}`),
        ['POST /v1/customers', 'POST /v1/checkout/sessions']);
    const [customer, { headers, form }] = calls;
    const { json: { space } } = await client
        .get(`/api/v1/spaces/${client.space}/credits`);
    assert.deepEqual(customer.form,
        { name: space.name, 'metadata[space]': space.id });
    assert.ok(customer.headers['idempotency-key'].includes(space.id));
    assert.match(headers.authorization, /^Bearer sk_test_/);
    assert.match(headers['stripe-version'], /^\d{4}-\d\d-\d\d/);
    assert.match(headers['content-type'], /^application\/x-www-form-urlencoded/);
    assert.ok(headers['idempotency-key'].includes(order.id));
    assert.ok(!headers['idempotency-key'].includes('undefined'));
    const { success_url: success, cancel_url: cancel, expires_at: ends,
        ...rest } = form;
    assert.deepEqual(rest, {
        mode: 'payment',
        client_reference_id: order.id,
        'metadata[order]': order.id,
        'payment_intent_data[metadata][order]': order.id,
        'line_items[0][quantity]': '1',
        'line_items[0][price_data][currency]': 'gbp',
        'line_items[0][price_data][unit_amount]': '5000',
        'line_items[0][price_data][product_data][name]': '6,000 credits',
        customer: provider.made().at(-1).customer,
    });
    assert.match(rest.customer, /^cus_/);
    for (const url of [success, cancel]) {
        assert.equal(new URL(url).origin, site.base);
        assert.equal(new URL(url).searchParams.get('order'), order.id);
        assert.equal(new URL(url).searchParams.get('space'), client.space);
    }
    const minutes = (Number(ends) - Date.now() / 1000) / 60;
    assert.ok(minutes > 31 && minutes < 24 * 60, `${minutes} minutes`);
});

test('a Space is one customer of the provider, kept for all of its orders', async () => {
    const client = await newBuyer(site);
    const calls = await asked(async () => {
        for (let i = 0; i < 3; i += 1) await place(client);
    });
    assert.equal(calls.filter(({ path }) => path === '/v1/customers').length, 1);
    const sessions = calls.filter(({ path }) => /sessions/.test(path));
    assert.equal(sessions.length, 3);
    assert.equal(new Set(sessions.map(({ form }) => form.customer)).size, 1);
});

test('a customer that the provider has lost is made anew, under another key', async () => {
    const client = await newBuyer(site);
    await place(client);
    const lost = provider.made().at(-1).customer;
    provider.lost.add(lost);
    const key = randomUUID();
    assert.equal((await checkout(client, 'gbp25', key)).status, 502);
    assert.equal((await checkout(client, 'gbp25', key)).status, 201);
    assert.notEqual(provider.made().at(-1).customer, lost);
});

const badDays = [
    'hang', 'drip', 500, 'garbage', 'array', 'empty', 'html', 'reset', 'half',
    'lost', 'huge', 401, 400, 'other', 'redirect',
];

// As many at once as there are processes to wait for the provider.
describe('each bad day: 502 within 10 s, the order kept, the same key finishes it', { concurrency: 4 }, () => {
    const days = new Map(); // Space: what happens to its calls
    let own;
    let trap;
    let there;
    before(async () => {
        [own, trap] = [await startProvider(), await startProvider()];
        there = await startSite({
            env: { SCRIP_STRIPE_API_BASE: own.base, SCRIP_TICK_SECONDS: '0' },
        });
        faults.redirect = (answer, call) => {
            answer.writeHead(call.method === 'POST' ? 307 : 302,
                { Location: `${trap.base}${call.path}` });
            answer.end();
        };
        own.fault = (call, answer) => {
            const day = days.get(spaceOf(call)) ?? null;
            own.answer(call, answer, day);
        };
    });
    after(async () => {
        await there?.stop();
        await own?.stop();
        await trap?.stop();
    });
    const spaceOf = ({ form }) => form.success_url
        && new URL(form.success_url).searchParams.get('space');

    for (const fault of badDays) {
        test(`the provider's answer: ${fault}`, async () => {
            const client = await newBuyer(there);
            days.set(client.space, fault);
            const key = randomUUID();
            const began = Date.now();
            const answer = await checkout(client, 'gbp25', key);
            const took = Date.now() - began;
            assert.equal(answer.status, 502, answer.text);
            assert.equal(answer.json.code, 'payment_provider_unavailable');
            assert.match(answer.headers['retry-after'], /^[1-9]\d*$/);
            assert.ok(took < 10000, `${took} ms`);
            assert.deepEqual(trap.calls, []);

            const [kept, ...more] = await ordersOf(client);
            assert.deepEqual(more, []);
            assert.equal(kept.status, 'awaiting_payment');
            const calls = own.calls
                .filter((call) => spaceOf(call) === client.space);
            const sent = new Set(calls.map(({ headers, body }) =>
                `${headers['idempotency-key']} ${body}`));
            assert.equal(sent.size, 1, 'each try is the same request');
            const waited = Math.max(...calls.map(({ ended }) => ended
                ?? Date.now())) - Math.min(...calls.map(({ at }) => at));
            assert.ok(waited < 10000, `${waited} ms for the provider`);
            console.log(`# ${fault}: 502 after ${took} ms and ${
                calls.length} calls`);

            days.delete(client.space);
            const again = await checkout(client, 'gbp25', key);
            assert.equal(again.status, 201, again.text);
            assert.equal(again.json.order.id, kept.id);
            assert.equal(own.made().filter(({ metadata }) =>
                metadata.order === kept.id).length, 1, 'one session');
            const third = await checkout(client, 'gbp25', key);
            assert.deepEqual(third.json, again.json);
            assert.equal(third.headers['idempotency-replayed'], 'true');
        });
    }
});

test('nobody listens where the provider should be: 502, later the same order', async () => {
    const there = await startSite({ env: {
        SCRIP_STRIPE_API_BASE: 'http://127.0.0.1:1' } });
    try {
        const client = Object.assign(
            await signIn(there, 'owner@demo.test', 'demo-password'),
            { space: 'demo' },
        );
        const began = Date.now();
        const answer = await checkout(client);
        assert.equal(answer.status, 502, answer.text);
        assert.ok(Date.now() - began < 10000);
        assert.equal((await ordersOf(client)).length, 1);
    } finally {
        await there.stop();
    }
});

test('while the provider hangs, everything else goes on as ever', async () => {
    const client = await newBuyer(site);
    const reader = await demoOwner();
    let slowest = 0;
    await withFault('hang', async () => {
        const hanging = [checkout(client), checkout(client), checkout(client)];
        await new Promise((done) => { setTimeout(done, 300); });
        for (let i = 0; i < 40; i += 1) {
            const began = Date.now();
            for (const path of ['credits', 'events', 'orders']) {
                const { status } = await reader
                    .get(`/api/v1/spaces/demo/${path}`);
                assert.equal(status, 200);
            }
            slowest = Math.max(slowest, Date.now() - began);
        }
        provider.fault = null;
        for (const answer of await Promise.all(hanging)) {
            assert.ok([201, 502].includes(answer.status), answer.text);
        }
    });
    console.log(`# slowest three reads meanwhile: ${slowest} ms`);
    assert.ok(slowest < 4000, `${slowest} ms`);
});

test('ten who look at their orders while the provider hangs hold up nobody else', async () => {
    const client = await newBuyer(site);
    const key = randomUUID();
    const first = await checkout(client, 'gbp25', key);
    const orders = [first.json.order];
    for (let i = 0; i < 9; i += 1) orders.push((await place(client)).order);
    let slowest = 0;
    await withFault('hang', async () => {
        const began = Date.now();
        const looking = Promise.all(orders.map(({ id }) =>
            orderOf(client, id)));
        await new Promise((done) => { setTimeout(done, 200); });
        for (let i = 0; i < 10; i += 1) {
            const start = Date.now();
            assert.equal((await ordersOf(client)).length, 10);
            assert.deepEqual((await checkout(client, 'gbp25', key)).json,
                first.json);
            slowest = Math.max(slowest, Date.now() - start);
        }
        await looking;
        const took = Date.now() - began;
        console.log(`# slowest list and replay meanwhile: ${slowest} ms, `
            + `the ten were answered after ${took} ms`);
        assert.ok(took < 8000, `${took} ms`);
    });
    assert.ok(slowest < 2800, `${slowest} ms`);
});

test('no header of a caller makes a proxy of anything', async () => {
    const proxy = await startProvider();
    const client = await newBuyer(site);
    for (const name of ['Proxy', 'HTTP_PROXY', 'http-proxy', 'Https-Proxy']) {
        const answer = await client.post(
            `/api/v1/spaces/${client.space}/checkout`, { tier: 'gbp25' },
            { key: true, headers: { [name]: proxy.base } },
        );
        assert.equal(answer.status, 201, answer.text);
    }
    assert.deepEqual(proxy.calls, []);
    await proxy.stop();
});

// ------------------------------------------------------------ healing

test('a webhook that never comes: reading the order heals it', async () => {
    const client = await newBuyer(site);
    const { order } = await place(client);
    provider.pay(provider.of(order).id);
    assert.equal((await balanceOf(client)).total, 0);
    assert.equal((await orderOf(client, order.id)).status, 'paid');
    assert.equal((await balanceOf(client)).total, 3000);
    const calls = await asked(() => orderOf(client, order.id));
    assert.deepEqual(calls, [], 'nobody asks about what is final');
});

test('the provider is asked about an order at most every 5 seconds, however many look', async () => {
    const client = await newBuyer(site);
    const { order } = await place(client);
    const look = () => Promise.all(Array.from({ length: 8 },
        () => orderOf(client, order.id)));
    const calls = await asked(async () => {
        const had = provider.calls.length;
        const count = () => provider.calls.length - had;
        const began = Date.now();
        await look();
        do {
            assert.equal(count(), 1);
            await new Promise((done) => { setTimeout(done, 50); });
            await look();
        } while (Date.now() - began < 4900);
        await until('it is asked about again', async () => {
            await look();
            return count() > 1;
        }, 30);
        await look();
    });
    assert.equal(calls.length, 2, `${calls.length} calls`);
    assert.ok(calls.every(({ method }) => method === 'GET'));
});

test('where the provider is down a reading shows what we know, in time', async () => {
    const client = await newBuyer(site);
    const kinds = [500, 'garbage', 'reset', 'other', 'hang'];
    const orders = [];
    for (const kind of kinds) {
        const { order } = await place(client);
        orders.push([kind, order, provider.of(order).id]);
    }
    await withFault((call, answer) => {
        const [kind] = orders.find(([, , id]) => call.path.endsWith(id));
        provider.answer(call, answer, kind);
    }, () => Promise.all(orders.map(async ([kind, order]) => {
        const began = Date.now();
        assert.equal((await orderOf(client, order.id)).status,
            'awaiting_payment', kind);
        const took = Date.now() - began;
        assert.ok(took < 10000, `${kind}: ${took} ms`);
    })));
});

for (const [name, more, status] of [
    ['paid a wrong amount', { amount_total: 1 }, 'review'],
    ['paid in another currency', { currency: 'usd' }, 'review'],
    ['complete but unpaid', { payment_status: 'unpaid' }, 'processing'],
    ['expired', { status: 'expired', payment_status: 'unpaid' }, 'expired'],
    ['of the other mode', { livemode: true }, 'awaiting_payment'],
]) {
    test(`a session that is ${name} when it is asked about: ${status}`, async () => {
        const client = await newBuyer(site);
        const { order } = await place(client);
        provider.pay(provider.of(order).id, more);
        assert.equal((await orderOf(client, order.id)).status, status);
        assert.equal((await balanceOf(client)).total, 0);
    });
}

test('two who look and a webhook, all at the same time, credit once', async () => {
    const client = await newBuyer(site);
    for (let round = 1; round <= 10; round += 1) {
        const { order } = await place(client);
        const session = provider.pay(provider.of(order).id);
        await Promise.all([
            orderOf(client, order.id),
            deliver(site, event('checkout.session.completed', { ...session })),
            orderOf(client, order.id),
            site.scrip(['reconcile']),
        ]);
        assert.equal((await balanceOf(client)).total, 3000 * round);
    }
    await whole(site);
});

for (const verb of ['reconcile', 'tick']) {
    test(`scrip ${verb} heals what nobody looks at`, async () => {
        const client = await newBuyer(site);
        const { order } = await place(client);
        const { order: open } = await place(client);
        provider.pay(provider.of(order).id);
        if (verb === 'tick') {
            // It asks about what has been open for a while.
            await sql(site, `UPDATE checkout_order
                SET placed_at = placed_at - 61000, asked_at = 0`);
        }
        let said;
        do { // one tick asks about twenty, the oldest question first
            said = await must(site, [verb]);
        } while (said.orders_asked === 20 && said.orders_credited === 0);
        assert.equal(said.orders_credited, 1, JSON.stringify(said));
        assert.equal((await balanceOf(client)).total, 3000);
        const calls = await asked(() => orderOf(client, order.id));
        assert.deepEqual(calls, []);
        assert.equal((await orderOf(client, open.id)).status,
            'awaiting_payment');
    });
}

test('reconcile says what it could not ask about, and exits with 1', async () => {
    await place(await newBuyer(site));
    await withFault(500, async () => {
        // One open order alone: the others would each take their time.
        await sql(site, `UPDATE checkout_order SET status = 4
            WHERE status IN (0, 1) AND (space, ord) <> (
                SELECT space, ord FROM checkout_order
                WHERE status = 0 ORDER BY placed_at DESC LIMIT 1)`);
        const { code, stdout } = await site.scrip(['reconcile', '--json']);
        const said = JSON.parse(stdout);
        assert.deepEqual([code, said.orders_asked, said.orders_unanswered],
            [1, 1, 1]);
    });
});

test('orders that never got a payment page do not keep tick from the others', async () => {
    const stuck = [await newBuyer(site), await newBuyer(site),
        await newBuyer(site)];
    await withFault(401, async () => {
        for (const client of stuck) {
            for (let i = 0; i < 10; i += 1) {
                assert.equal((await checkout(client)).status, 502);
            }
        }
    });
    const client = await newBuyer(site);
    const { order } = await place(client);
    provider.pay(provider.of(order).id);
    await sql(site, `UPDATE checkout_order SET status = 4
        WHERE status IN (0, 1) AND session IS NOT NULL AND (space, ord) <> (
            SELECT space, ord FROM checkout_order
            WHERE status = 0 AND session IS NOT NULL
            ORDER BY placed_at DESC LIMIT 1)`);
    await sql(site, `UPDATE checkout_order
        SET placed_at = placed_at - 61000, asked_at = 0`);
    for (let i = 0; i < 3; i += 1) await must(site, ['tick']);
    assert.equal((await balanceOf(client)).total, 3000);
});

for (const [name, forget] of [
    ['that never got a payment page', async (order) => {
        await sql(site, `UPDATE checkout_order SET session = NULL
            WHERE session = '${provider.of(order).id}'`);
    }],
    ['that the provider knows no more', (order) => {
        provider.sessions.delete(provider.of(order).id);
    }],
]) {
    test(`an order ${name} expires when its time is over, not before`, async () => {
        const client = await newBuyer(site);
        const { order } = await place(client);
        await forget(order);
        const look = async () => {
            await sql(site, 'UPDATE checkout_order SET asked_at = 0');
            return (await orderOf(client, order.id)).status;
        };
        assert.equal(await look(), 'awaiting_payment');
        await sql(site, `UPDATE checkout_order SET session_expires_at = 1
            WHERE space = (SELECT number FROM space
            WHERE slug = '${client.space}')`);
        assert.equal(await look(), 'expired');
    });
}

test('with the sandbox dropping its webhooks the return page heals the order', async () => {
    const there = await startSite({ env: { SCRIP_TICK_SECONDS: '0' } });
    try {
        const client = Object.assign(
            await signIn(there, 'owner@demo.test', 'demo-password'),
            { space: 'demo' },
        );
        await control(there, { webhooks: 'drop' });
        const { order, payment_url: url } = await place(client);
        assert.equal((await payByCard(there, url)).status, 303);
        await new Promise((done) => { setTimeout(done, 1000); });
        assert.equal((await balanceOf(client)).total, 500);
        assert.equal((await orderOf(client, order.id)).status, 'paid');
        assert.equal((await balanceOf(client)).total, 3500);
        assert.equal((await eventsOf(client)).length, 2);
        await whole(there);
    } finally {
        await there.stop();
    }
});

test('the site\'s own tick heals an order that nobody looks at', async () => {
    const there = await startSite({ env: { SCRIP_TICK_SECONDS: '1' } });
    try {
        const client = Object.assign(
            await signIn(there, 'owner@demo.test', 'demo-password'),
            { space: 'demo' },
        );
        await control(there, { webhooks: 'drop' });
        const { payment_url: url } = await place(client);
        assert.equal((await payByCard(there, url)).status, 303);
        await sql(there, `UPDATE checkout_order
            SET placed_at = placed_at - 61000, asked_at = 0`);
        await until('the tick', async () =>
            (await balanceOf(client)).total === 3500, 15);
    } finally {
        await there.stop();
    }
});

// ------------------------------------------------------ lists and ids

test('orders are listed newest first, page by page, whole', async () => {
    const client = await newBuyer(site);
    const ids = [];
    for (let i = 0; i < 9; i += 1) {
        ids.unshift((await place(client)).order.id);
    }
    for (const limit of [1, 2, 3, 4, 8, 9, 10, 100]) {
        const seen = [];
        let before_ = '';
        for (let pages = 1; ; pages += 1) {
            const { status, json } = await client.get(
                `/api/v1/spaces/${client.space}/orders?limit=${limit}${before_}`,
            );
            assert.equal(status, 200);
            assert.ok(json.orders.length <= limit);
            seen.push(...json.orders.map(({ id }) => id));
            if (json.next_before === null) {
                assert.equal(pages, Math.max(1, Math.ceil(9 / limit)));
                break;
            }
            before_ = `&before=${encodeURIComponent(json.next_before)}`;
        }
        assert.deepEqual(seen, ids, `limit ${limit}`);
    }
});

test('an order of somebody else, a damaged id and one that never was are the same 404', async () => {
    const mine = await newBuyer(site);
    const theirs = await newBuyer(site);
    const { order } = await place(mine);
    await place(theirs);
    const { id } = order;
    const same = (answer) => {
        const { instance, ...rest } = answer.json;
        assert.ok(instance);
        return { status: answer.status, ...rest };
    };
    const first = same(await theirs
        .get(`/api/v1/spaces/${theirs.space}/orders/${id}`));
    assert.deepEqual([first.status, first.code], [404, 'not_found']);
    const swap = (at) => id.slice(0, at) + (id[at] === '7' ? '6' : '7')
        + id.slice(at + 1);
    for (const damaged of [swap(8), swap(13), swap(16), swap(20),
        swap(id.length - 1), id.slice(0, -1), `${id}0`, id.toLowerCase(),
        id.replace('ord', 'evt'), 'ord_', 'ord', '1', '0', '-1', `${id}%20`, 'ord_8ZZZZZZZZZZZZZZZZZZZZZZZZZ', '%2e%2e', `${id}%2f`]) {
        const answer = await mine
            .get(`/api/v1/spaces/${mine.space}/orders/${damaged}`);
        assert.deepEqual(same(answer), first, damaged);
    }
    assert.equal((await mine.get(`/api/v1/spaces/${mine.space}/orders/${id}`))
        .status, 200);
    assert.equal((await anonymous(site)
        .get(`/api/v1/spaces/${mine.space}/orders/${id}`)).status, 401);
});

test('after all of this the ledger is whole', () => whole(site));
