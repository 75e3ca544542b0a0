// The main path over HTTP, as a browser goes it: sign in, see the balance,
// buy a top-up at the sandbox's page, watch it arrive, sign out. And the ways
// that a payment goes which do not end at once.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
    confirm, control, payByCard, payByDebit,
} from './payer.js';
import {
    balanceOf, checkout, eventsOf, must, newBuyer, orderOf, place, whole,
} from './shop.js';
import { anonymous, request, signIn, startSite, until } from './site.js';

const demo = '/api/v1/spaces/demo';
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const idOf = (prefix) => new RegExp(`^${prefix}_[0-9A-HJKMNP-TV-Z]{26}$`);

let site;
before(async () => { site = await startSite(); });
after(async () => { await site?.stop(); });

// The members of `object` are these and no others.
function members(object, names, what) {
    assert.deepEqual(Object.keys(object).sort(), [...names].sort(), what);
}

// Buys without ever reading the order, which would ask the provider: what
// arrives has come by the webhook. Seconds from the payment to the balance.
async function arrives(client, total, seconds = 20) {
    const began = Date.now();
    await until(`a balance of ${total}`, async () =>
        (await balanceOf(client)).total === total, seconds);
    return Date.now() - began;
}

test('the whole path: sign in, look, buy, pay, see it arrive, sign out', async (t) => {
    const owner = await signIn(site, 'owner@demo.test', 'demo-password');
    let order;
    let url;
    let firstTag;

    await t.test('the session says who, where and with which token', () => {
        const { session } = owner;
        members(session, ['member', 'spaces', 'csrf_token']);
        members(session.member, ['id', 'name', 'email']);
        assert.match(session.member.id, idOf('mem'));
        assert.equal(session.member.email, 'owner@demo.test');
        assert.equal(session.spaces.length, 1);
        members(session.spaces[0], ['id', 'slug', 'name', 'role']);
        assert.match(session.spaces[0].id, idOf('spc'));
        assert.deepEqual([session.spaces[0].slug, session.spaces[0].role],
            ['demo', 'owner']);
        assert.ok(session.csrf_token.length >= 32);
    });

    await t.test('GET /session gives the same body again', async () => {
        const { json } = await owner.get('/api/v1/session');
        assert.deepEqual(json, owner.session);
    });

    await t.test('credits has the members that the contract names', async () => {
        const answer = await owner.get(`${demo}/credits`);
        const { json } = answer;
        firstTag = answer.headers.etag;
        members(json, ['space', 'badge', 'balance', 'warning', 'runway_days',
            'plan', 'can_buy', 'cannot_buy_reason', 'buyers', 'upgrade_url',
            'tiers', 'holds', 'orders']);
        assert.deepEqual(json.space, {
            id: owner.session.spaces[0].id,
            slug: 'demo',
            name: 'Demo Studio',
            currency: 'GBP',
            time_zone: 'Europe/London',
        });
        assert.deepEqual(json.badge, {
            credits: 120,
            per: { amount: 100, currency: 'GBP' },
            label: '120 credits per £1',
        });
        members(json.balance, ['available', 'held', 'total', 'included',
            'included_expires_at', 'bonus', 'top_up', 'debt']);
        assert.match(json.balance.included_expires_at, time);
        const { included_expires_at: ends, ...figures } = json.balance;
        assert.ok(Date.parse(ends) > Date.now());
        assert.deepEqual(figures, {
            available: 500, held: 0, total: 500, included: 500, bonus: 0,
            top_up: 0, debt: 0,
        });
        assert.equal(json.warning, null);
        assert.equal(json.runway_days, null);
        assert.deepEqual(json.plan,
            { id: 'creator', name: 'Creator', paid: true });
        assert.deepEqual([json.can_buy, json.cannot_buy_reason], [true, null]);
        assert.deepEqual(json.buyers, ['Olivia Owner']);
        assert.equal(json.upgrade_url, '/settings/membership');
        const tier = (pounds, credits) => ({
            id: `gbp${pounds}`,
            amount: pounds * 100,
            currency: 'GBP',
            label: `£${pounds}`,
            credits,
            bonus: 0,
        });
        assert.deepEqual(json.tiers,
            [tier(25, 3000), tier(50, 6000), tier(100, 12000)]);
        assert.deepEqual([json.holds, json.orders], [[], []]);
        assert.equal(answer.headers['cache-control'], 'private, no-cache');
        assert.match(answer.headers['request-id'], /^[\w-]{8,}$/);
    });

    await t.test('slug and id name the same Space', async () => {
        const bySlug = await owner.get(`${demo}/credits`);
        const byId = await owner
            .get(`/api/v1/spaces/${owner.session.spaces[0].id}/credits`);
        assert.deepEqual(byId.json, bySlug.json);
    });

    await t.test('checkout makes an order and names the payment page', async () => {
        const answer = await checkout(Object.assign(owner, { space: 'demo' }));
        assert.equal(answer.status, 201, answer.text);
        members(answer.json, ['order', 'payment_url']);
        ({ order, payment_url: url } = answer.json);
        assert.match(order.id, idOf('ord'));
        assert.match(order.created_at, time);
        for (const [name, value] of Object.entries({
            tier: 'gbp25',
            amount: 2500,
            currency: 'GBP',
            credits: 3000,
            rate: 120,
            status: 'awaiting_payment',
            paid_at: null,
            receipt_url: null,
            refunded_amount: 0,
            refunded_credits: 0,
            member: 'Olivia Owner',
        })) assert.equal(order[name], value, name);
        assert.ok(url.startsWith(`${site.sandbox}/pay/`), url);
        assert.equal(answer.headers['idempotency-replayed'], undefined);
    });

    await t.test('the order waits, in its list and beside the balance', async () => {
        const { json } = await owner.get(`${demo}/credits`);
        assert.deepEqual(json.orders.map(({ id, status }) => [id, status]),
            [[order.id, 'awaiting_payment']]);
        assert.equal(json.balance.total, 500);
        const list = await owner.get(`${demo}/orders`);
        members(list.json, ['orders', 'next_before']);
        assert.equal(list.json.orders[0].id, order.id);
    });

    await t.test('the payment page is the sandbox\'s and says so', async () => {
        const page = await request(url);
        assert.equal(page.status, 200);
        assert.match(page.text, /SANDBOX/);
        assert.match(page.text, /3,000 credits/);
        assert.match(page.text, /£25/);
    });

    await t.test('paying leads back to the page, and the webhook credits', async () => {
        const paid = await payByCard(site, url);
        assert.equal(paid.status, 303, paid.text);
        const back = new URL(paid.headers.location);
        assert.equal(back.origin, site.base);
        assert.equal(back.pathname, '/settings/personal/credits');
        assert.equal(back.searchParams.get('order'), order.id);
        assert.equal(back.searchParams.get('space'), 'demo');
        const page = await owner.get(back.pathname + back.search);
        assert.equal(page.status, 200);
        assert.match(page.headers['content-type'], /^text\/html/);
        const took = await arrives(owner, 3500);
        console.log(`# ${took} ms from the payment to the balance`);
        assert.ok(took <= 5000, `${took} ms`); // some 0.2 s on an idle machine
        const now = await orderOf(owner, order.id);
        assert.equal(now.status, 'paid');
        assert.match(now.paid_at, time);
        const { json } = await owner.get(`${demo}/credits`);
        assert.deepEqual(json.orders, [], 'a final order waits no more');
    });

    await t.test('the event tells all of it', async () => {
        const [event, before_] = await eventsOf(owner);
        members(event, ['id', 'seq', 'kind', 'credits', 'balance_after',
            'occurred_at', 'title', 'words', 'feature', 'activity', 'quality',
            'quantity', 'unit', 'price', 'livestream', 'order', 'campaign',
            'member', 'note', 'hold', 'refund_of', 'checkout_order', 'amount',
            'currency', 'lots']);
        assert.match(event.id, idOf('evt'));
        assert.match(event.occurred_at, time);
        for (const [name, value] of Object.entries({
            seq: 2,
            kind: 'top_up',
            credits: 3000,
            balance_after: 3500,
            title: 'Top-up £25',
            words: '£25 at 120 credits per £1 = 3,000',
            member: 'Olivia Owner',
            checkout_order: order.id,
            amount: 2500,
            currency: 'GBP',
            hold: null,
            refund_of: null,
        })) assert.equal(event[name], value, name);
        assert.equal(event.lots.length, 1);
        members(event.lots[0], ['lot', 'kind', 'credits']);
        assert.match(event.lots[0].lot, idOf('lot'));
        assert.deepEqual([event.lots[0].kind, event.lots[0].credits],
            ['top_up', 3000]);
        assert.deepEqual([before_.seq, before_.kind, before_.balance_after],
            [1, 'included_allocation', 500]);
        const one = await owner.get(`${demo}/events/${event.id}`);
        assert.deepEqual(one.json.event, event);
        const { top_up: bought, included, available } = await balanceOf(owner);
        assert.deepEqual([bought, included, available], [3000, 500, 3500]);
    });

    for (const path of ['credits', 'events']) {
        await t.test(`${path}: the same tag is 304, without a body`, async () => {
            const first = await owner.get(`${demo}/${path}`);
            assert.match(first.headers.etag, /^(W\/)?"[^"]+"$/);
            for (const tag of [first.headers.etag, `"x", ${first.headers.etag}`,
                '*']) {
                const again = await owner.get(`${demo}/${path}`,
                    { headers: { 'If-None-Match': tag } });
                assert.equal(again.status, 304, tag);
                assert.equal(again.text, '');
                assert.equal(again.headers.etag, first.headers.etag);
                assert.equal(again.headers['cache-control'],
                    'private, no-cache');
            }
            for (const tag of ['"x"', firstTag, 'x', '']) {
                const again = await owner.get(`${demo}/${path}`,
                    { headers: { 'If-None-Match': tag } });
                assert.equal(again.status, 200, tag);
                assert.deepEqual(again.json, first.json);
            }
            await must(site, ['grant', 'demo', '1', '--kind', 'bonus',
                '--reason', 'to change something']);
            const changed = await owner.get(`${demo}/${path}`,
                { headers: { 'If-None-Match': first.headers.etag } });
            assert.equal(changed.status, 200);
        });
    }

    await t.test('signing out ends the session', async () => {
        const answer = await owner.del('/api/v1/session');
        assert.equal(answer.status, 204);
        assert.equal(answer.text, '');
        for (const path of ['/api/v1/session', `${demo}/credits`,
            `${demo}/events`, `${demo}/orders`, `${demo}/orders/${order.id}`,
            `${demo}/membership`]) {
            assert.equal((await owner.get(path)).status, 401, path);
        }
    });

    await t.test('the ledger is whole', () => whole(site));
});

test('membership shows the plan, the plans and when it renews', async () => {
    const owner = await signIn(site, 'owner@demo.test', 'demo-password');
    const { status, json } = await owner.get(`${demo}/membership`);
    assert.equal(status, 200);
    members(json, ['plan', 'plans', 'renews_at', 'status', 'period_start',
        'period_end', 'subscribed', 'next_payment', 'pending_plan',
        'cancels_at', 'ended_at', 'past_due_since', 'retries_at', 'pay_url',
        'can_change', 'owners', 'checkout']);
    assert.deepEqual([json.plan, json.status], ['creator', 'active']);
    assert.match(json.renews_at, time);
    assert.deepEqual(json.plans.map(({ id }) => id).sort(),
        ['creator', 'starter', 'studio']);
    for (const plan of json.plans) {
        members(plan, ['id', 'name', 'paid', 'price', 'included_credits',
            'rollover', 'rate']);
        members(plan.price, ['amount', 'currency', 'interval']);
    }
});

test('healthz needs nobody signed in', async () => {
    const { status, json } = await anonymous(site).get('/healthz');
    assert.equal(status, 200);
    assert.deepEqual([json.status, json.provider], ['ok', 'sandbox']);
    assert.ok(Number.isInteger(json.schema) && json.schema >= 1);
});

test('a tier with a bonus brings two lots in one event', async () => {
    await must(site, ['tier', 'set', 'gbp40', '--amount', '4000', '--bonus',
        '200']);
    const client = await newBuyer(site);
    const { order, payment_url: url } = await place(client, 'gbp40');
    assert.deepEqual([order.credits, order.rate], [5000, 120]);
    assert.equal((await payByCard(site, url)).status, 303);
    await arrives(client, 5000);
    const [event, ...more] = await eventsOf(client);
    assert.deepEqual(more, []);
    assert.deepEqual(event.lots.map(({ kind, credits }) => [kind, credits]),
        [['bonus', 200], ['top_up', 4800]]);
    assert.equal(event.words,
        '£40 at 120 credits per £1 = 4,800, and a bonus of 200');
    const { bonus, top_up: bought } = await balanceOf(client);
    assert.deepEqual([bonus, bought], [200, 4800]);
});

test('what was ordered stays so when prices change before the payment', async () => {
    await must(site, ['plan', 'set', 'shifting', '--name', 'Shifting', '--paid',
        'yes', '--amount', '900', '--rate', '100', '--included', '0']);
    await must(site, ['tier', 'set', 'gbp30', '--amount', '3000']);
    const client = await newBuyer(site, { plan: 'shifting' });
    const { order, payment_url: url } = await place(client, 'gbp30');
    assert.equal(order.credits, 3000);
    await must(site, ['plan', 'set', 'shifting', '--name', 'Shifting', '--paid',
        'yes', '--amount', '900', '--rate', '7', '--included', '0']);
    await must(site, ['tier', 'set', 'gbp30', '--amount', '99', '--bonus', '1']);
    assert.equal((await payByCard(site, url)).status, 303);
    await arrives(client, 3000);
    const [event] = await eventsOf(client);
    assert.equal(event.words, '£30 at 100 credits per £1 = 3,000');
});

test('a card that is declined leaves the order open for another one', async () => {
    const client = await newBuyer(site);
    const { order, payment_url: url } = await place(client);
    for (const card of ['4000 0000 0000 0002', '4000 0000 0000 9995']) {
        assert.equal((await payByCard(site, url, card)).status, 402, card);
    }
    assert.equal((await orderOf(client, order.id)).status, 'awaiting_payment');
    assert.equal((await payByCard(site, url)).status, 303);
    await arrives(client, 3000);
});

test('a card whose bank asks pays once that is confirmed', async () => {
    const client = await newBuyer(site);
    const { payment_url: url } = await place(client);
    const asked = await payByCard(site, url, '4000 0025 0000 3155');
    assert.equal(asked.status, 303);
    assert.match(asked.headers.location, /\/confirm$/);
    assert.equal((await balanceOf(client)).total, 0);
    assert.equal((await confirm(site, url)).status, 303);
    await arrives(client, 3000);
});

for (const [name, pull, status, total] of [
    ['arrives later', 'settle', 'paid', 3000],
    ['does not arrive', 'fail', 'failed', 0],
]) {
    test(`a direct debit that ${name} is processing until then, and ${status} afterwards`, async () => {
        const client = await newBuyer(site);
        const { order, payment_url: url } = await place(client);
        assert.equal((await payByDebit(site, url)).status, 303);
        await until('processing', async () =>
            (await orderOf(client, order.id)).status === 'processing');
        assert.equal((await balanceOf(client)).total, 0);
        await control(site, { [pull]: url.split('/').at(-1) });
        await until(status, async () =>
            (await orderOf(client, order.id)).status === status);
        assert.equal((await balanceOf(client)).total, total);
    });
}

test('paying twice at the page, and from two windows at once, pays once', async () => {
    const client = await newBuyer(site);
    const { payment_url: url } = await place(client);
    const answers = await Promise.all(Array.from({ length: 6 },
        () => payByCard(site, url)));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [303]);
    await arrives(client, 3000);
    assert.equal((await payByCard(site, url)).status, 303);
    assert.equal((await eventsOf(client)).length, 1);
});

for (const way of ['duplicate', 'reverse', 'delay:300']) {
    test(`webhooks by way of ${way} credit once`, async () => {
        const client = await newBuyer(site);
        await control(site, { webhooks: way });
        try {
            const { payment_url: url } = await place(client);
            assert.equal((await payByCard(site, url)).status, 303);
            await arrives(client, 3000);
        } finally {
            await control(site, { webhooks: 'deliver' });
        }
        assert.equal((await eventsOf(client)).length, 1);
    });
}

for (const [name, lever] of [['another amount', { tamper_amount: 100 }],
    ['another currency', { tamper_currency: 'usd' }]]) {
    test(`a payment of ${name} comes under review`, async () => {
        const client = await newBuyer(site);
        const { order, payment_url: url } = await place(client);
        await control(site, lever);
        assert.equal((await payByCard(site, url)).status, 303);
        await until('review', async () =>
            (await orderOf(client, order.id)).status === 'review');
        assert.equal((await balanceOf(client)).total, 0);
        await must(site, ['order', 'resolve', order.id, 'credit']);
        assert.equal((await balanceOf(client)).total, 3000);
    });
}

test('after all of this the ledger is whole', () => whole(site));
