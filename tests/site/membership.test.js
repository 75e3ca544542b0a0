// Memberships that are paid at the provider: bought, renewed, changed,
// cancelled; what the provider says of them in any order, late, twice or not
// at all. Included credits come exactly once for each paid period, and what
// was bought is never touched.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { startProvider } from './provider.js';
import { balanceOf, must, newBuyer, sql, stopWhole } from './shop.js';
import { nowSeconds } from './signing.js';
import { signIn, startSite } from './site.js';
import {
    invoiceOf, monthsAfter, renew, sellsSubscriptions, subscribe, tell, unpaid,
} from './subscriptions.js';

let site;
let provider;
before(async () => {
    provider = await startProvider({ more: sellsSubscriptions });
    site = await startSite({ env: {
        SCRIP_STRIPE_API_BASE: provider.base, SCRIP_TICK_SECONDS: '0' } });
});
after(() => stopWhole(site, provider));

const path = (buyer, more = '') =>
    `/api/v1/spaces/${buyer.space}/membership${more}`;
const ask = (buyer, plan, key = randomUUID()) =>
    buyer.post(path(buyer), { plan }, { key });
const newFree = () => newBuyer(site, { plan: 'starter' });
const isoOf = (seconds) => new Date(seconds * 1000).toISOString();

async function see(buyer) {
    const answer = await buyer.get(path(buyer));
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
}

function refused(answer, status, code) {
    assert.deepEqual([answer.status, answer.json.code], [status, code],
        answer.text);
    return answer.json;
}

// The session that was made for a buyer's last answer.
async function sessionFor(buyer, plan) {
    const answer = await ask(buyer, plan);
    assert.equal(answer.status, 201, answer.text);
    return provider.made().find(({ url }) => url === answer.json.payment_url);
}

// A buyer with a membership, told of in Stripe's usual order.
async function newMember(plan = 'creator', options = {}) {
    const buyer = await newFree();
    const bought = subscribe(provider, await sessionFor(buyer, plan), options);
    await tell(site, 'customer.subscription.created', bought.subscription);
    await tell(site, 'invoice.paid', bought.invoice);
    await tell(site, 'checkout.session.completed', bought.session);
    return Object.assign(buyer, bought);
}

// ---------------------------------------------------------------- buying

test('a membership is bought, and the badge, the tiers and the credits follow at once', async () => {
    const buyer = await newFree();
    const session = await sessionFor(buyer, 'studio');
    const { form } = session;
    assert.equal(form.mode, 'subscription');
    assert.equal(form['line_items[0][price_data][unit_amount]'], '4900');
    assert.equal(form['line_items[0][price_data][recurring][interval]'], 'month');
    assert.match(form.success_url, new RegExp(
        `/settings/membership\\?space=${buyer.space}&change=mch_`));
    assert.ok(form.customer.startsWith('cus_'));
    const waiting = await see(buyer);
    assert.deepEqual([waiting.status, waiting.plan, waiting.checkout.status,
        waiting.checkout.payment_url],
    ['none', 'starter', 'awaiting_payment', session.url]);

    const bought = subscribe(provider, session);
    await tell(site, 'customer.subscription.created', bought.subscription);
    await tell(site, 'invoice.paid', bought.invoice);
    await tell(site, 'checkout.session.completed', bought.session);
    const now = await see(buyer);
    const [{ current_period_end: end }] = bought.subscription.items.data;
    assert.deepEqual([now.status, now.plan, now.renews_at, now.subscribed,
        now.checkout.status, now.cancels_at, now.past_due_since],
    ['active', 'studio', isoOf(end), true, 'complete', null, null]);
    assert.deepEqual(now.next_payment, { plan: 'studio', amount: 4900,
        currency: 'GBP', at: isoOf(end) });
    const { json } = await buyer.get(`/api/v1/spaces/${buyer.space}/credits`);
    assert.deepEqual([json.badge.credits, json.tiers[0].credits, json.can_buy,
        json.balance.included, json.balance.total], [150, 3750, true, 2000, 2000]);
    // Studio rolls over: one period longer.
    assert.equal(json.balance.included_expires_at, isoOf(monthsAfter(
        bought.subscription.billing_cycle_anchor, 2)));
});

test('the same key comes to the same page; another request with it is refused', async () => {
    const buyer = await newFree();
    const key = randomUUID();
    const first = await ask(buyer, 'creator', key);
    const again = await ask(buyer, 'creator', key);
    assert.deepEqual([again.status, again.json], [201, first.json]);
    assert.equal(again.headers['idempotency-replayed'], 'true');
    refused(await ask(buyer, 'studio', key), 422, 'idempotency_key_reused');
    const made = provider.made().filter(({ form }) =>
        form?.success_url.includes(`space=${buyer.space}&`));
    assert.equal(made.length, 1);
});

test('sixteen clicks with one key make one session, and with sixteen keys leave one open', async () => {
    const buyer = await newFree();
    const key = randomUUID();
    const same = await Promise.all(Array.from({ length: 16 },
        () => ask(buyer, 'creator', key)));
    assert.deepEqual([...new Set(same.map(({ status }) => status))], [201]);
    assert.equal(new Set(same.map(({ json }) => json.payment_url)).size, 1);
    const many = await Promise.all(Array.from({ length: 16 },
        () => ask(buyer, 'studio')));
    assert.ok(many.some(({ status }) => status === 201));
    // A choice that another one overtook says so.
    for (const { status, json } of many)
        assert.ok(status === 201 || status === 503
            || json.code === 'order_expired', JSON.stringify(json));
    const open = provider.made().filter(({ status, form }) =>
        status === 'open' && form?.success_url.includes(`space=${buyer.space}&`));
    assert.equal(open.length, 1, 'one page to pay at');
});

test('who may not, what is not sold, and what is there already are refused', async () => {
    const buyer = await newFree();
    for (const plan of ['none', 'starter', '']) {
        const { errors } = refused(await ask(buyer, plan), 400, 'invalid_request');
        assert.equal(errors[0].pointer, '/plan');
    }
    refused(await buyer.post(path(buyer), { plan: 'creator' }), 400,
        'idempotency_key_required');
    const admin = await newBuyer(site, { plan: 'starter', role: 'admin' });
    refused(await ask(admin, 'creator'), 403, 'role');
    refused(await admin.del(path(admin)), 403, 'role');
    refused(await admin.post(path(admin, '/resume')), 403, 'role');
    refused(await buyer.del(path(buyer)), 409, 'not_subscribed');
    const owner = await signIn(site, 'owner@demo.test', 'demo-password');
    refused(await owner.post('/api/v1/spaces/demo/membership',
        { plan: 'creator' }, { key: true }), 409, 'plan_is_current');
    refused(await owner.post(path(buyer), { plan: 'creator' }, { key: true }),
        404, 'not_found');
    const seen = await see(admin);
    assert.deepEqual([seen.can_change, seen.owners], [false, []]);
    const member = await newMember();
    refused(await ask(member, 'creator'), 409, 'plan_is_current');
});

test('the provider is down: 502, nothing is charged, and the same key finishes later', async () => {
    const buyer = await newFree();
    const key = randomUUID();
    for (const fault of ['401', 'garbage', 'lost']) {
        provider.fault = fault;
        const answer = await ask(buyer, 'creator', key);
        refused(answer, 502, 'payment_provider_unavailable');
        assert.ok(Number(answer.headers['retry-after']) > 0);
    }
    provider.fault = null;
    assert.equal((await ask(buyer, 'creator', key)).status, 201);
    const made = provider.made().filter(({ form }) =>
        form?.success_url.includes(`space=${buyer.space}&`));
    assert.equal(made.length, 1, 'what was made while answers were lost');
});

test('another choice closes the page of the first, and a page that was paid meanwhile counts', async () => {
    const buyer = await newFree();
    const first = await sessionFor(buyer, 'creator');
    const second = await sessionFor(buyer, 'studio');
    assert.deepEqual([first.status, second.status], ['expired', 'open']);
    subscribe(provider, second);
    // Nobody has told of it, and the owner chooses again: a change of plan.
    const answer = await ask(buyer, 'creator');
    assert.equal(answer.status, 200, answer.text);
    assert.equal(provider.subscriptions.size > 0, true);
    const now = await see(buyer);
    assert.deepEqual([now.plan, now.pending_plan], ['studio', 'creator']);
    assert.equal((await balanceOf(buyer)).included, 2000);
});

test('a lost webhook heals on the page; an expired one says so', async () => {
    const buyer = await newFree();
    subscribe(provider, await sessionFor(buyer, 'creator'));
    const now = await see(buyer);
    assert.deepEqual([now.status, now.plan, now.checkout.status],
        ['active', 'creator', 'complete']);
    assert.equal((await balanceOf(buyer)).included, 500);
    const other = await newFree();
    Object.assign(await sessionFor(other, 'creator'), { status: 'expired', url: null });
    const late = await see(other);
    assert.deepEqual([late.status, late.checkout.status, late.checkout.payment_url],
        ['none', 'expired', null]);
});

test('reconcile heals what no page was opened for: a purchase, a renewal, an end', async () => {
    const buyer = await newFree();
    subscribe(provider, await sessionFor(buyer, 'creator'));
    const renewed = await newMember('studio');
    renew(provider, renewed.subscription);
    const ended = await newMember();
    Object.assign(ended.subscription, { status: 'canceled',
        ended_at: nowSeconds(), canceled_at: nowSeconds() });
    await must(site, ['reconcile']);
    const seen = await sql(site, 'SELECT slug, plan, status FROM space');
    const of = ({ space }) => {
        const { plan, status } = seen.find(({ slug }) => slug === space);
        return [plan, status];
    };
    assert.deepEqual([of(buyer), of(renewed), of(ended)],
        [['creator', 1], ['studio', 1], ['creator', 3]]);
    assert.equal((await balanceOf(renewed)).included, 4000);
});

// ---------------------------------------------------------------- renewals

test('a renewal grants its period once: repeated, twice invoiced, before anything else', async () => {
    const buyer = await newFree();
    const bought = subscribe(provider, await sessionFor(buyer, 'studio'));
    const next = renew(provider, bought.subscription);
    await tell(site, 'invoice.paid', next);
    assert.equal((await balanceOf(buyer)).included, 2000, 'before the session');
    await tell(site, 'invoice.paid', next);
    await tell(site, 'invoice.paid', { ...next, id: 'in_again' });
    await tell(site, 'invoice.paid', bought.invoice);
    await tell(site, 'checkout.session.completed', bought.session);
    await tell(site, 'customer.subscription.updated', bought.subscription);
    await tell(site, 'invoice.paid', bought.invoice);
    assert.equal((await balanceOf(buyer)).included, 4000);
    const now = await see(buyer);
    assert.equal(now.renews_at,
        isoOf(bought.subscription.items.data[0].current_period_end));
});

const worthless = [
    ['for zero', { amount_paid: 0, total: 0, subtotal: 0 }, 'nothing'],
    ['in another currency', { currency: 'usd' }, 'review'],
    ['of another amount', { amount_paid: 1 }, 'review'],
    ['of another mode', { livemode: true }, 'other_mode'],
    ['for what is left of a period', { billing_reason: 'subscription_update',
        lines: { data: [{ amount: 1500, period: { start: 1, end: 2 },
            parent: { type: 'subscription_item_details',
                subscription_item_details: { proration: true } } }] } }, 'nothing'],
];

test('an invoice that pays no period brings nothing, and touches nothing', async () => {
    const buyer = await newMember('studio');
    await must(site, ['grant', buyer.space, '70', '--kind', 'bonus',
        '--reason', 'a test']);
    for (const [what, more, cameTo] of worthless) {
        const invoice = renew(provider, buyer.subscription, more);
        await tell(site, 'invoice.paid', invoice,
            more.livemode ? { livemode: true } : {});
        const { included, total } = await balanceOf(buyer);
        assert.deepEqual([included, total], [2000, 2070], what);
        const [row] = await sql(site, `SELECT came_to FROM provider_event
            WHERE space = (SELECT number FROM space WHERE slug = '${buyer.space}')
               OR came_to = 'other_mode'
            ORDER BY received_at DESC LIMIT 1`);
        assert.equal(row.came_to, cameTo, what);
    }
});

test('the old places of period and subscription are read too', async () => {
    const buyer = await newFree();
    const bought = subscribe(provider, await sessionFor(buyer, 'creator'));
    const [item] = bought.subscription.items.data;
    const { parent, lines, ...rest } = bought.invoice;
    await tell(site, 'invoice.paid', {
        ...rest,
        subscription: bought.subscription.id,
        subscription_details: { metadata: bought.subscription.metadata },
        lines: { data: [{ ...lines.data[0], parent: undefined,
            type: 'subscription', proration: false }] },
    });
    const old = structuredClone(bought.subscription);
    delete old.items.data[0].current_period_start;
    delete old.items.data[0].current_period_end;
    await tell(site, 'customer.subscription.updated', { ...old,
        current_period_start: item.current_period_start,
        current_period_end: item.current_period_end });
    const now = await see(buyer);
    assert.deepEqual([now.status, now.period_end, parent.type],
        ['active', isoOf(item.current_period_end), 'subscription_details']);
    assert.equal((await balanceOf(buyer)).included, 500);
});

test('a renewal that fails is past due, keeps what is there, and is active once paid', async () => {
    const buyer = await newMember('studio');
    const invoice = renew(provider, buyer.subscription, unpaid);
    buyer.subscription.status = 'past_due';
    await tell(site, 'invoice.payment_failed', invoice);
    await tell(site, 'customer.subscription.updated', buyer.subscription);
    const due = await see(buyer);
    assert.deepEqual([due.status, due.renews_at, due.pay_url, due.next_payment],
        ['past_due', null, 'https://pay.example/invoice', null]);
    assert.ok(due.past_due_since && due.retries_at);
    assert.equal((await balanceOf(buyer)).included, 2000);
    const { json } = await buyer.get(`/api/v1/spaces/${buyer.space}/credits`);
    assert.equal(json.can_buy, true, 'past due may still buy');
    refused(await ask(buyer, 'creator'), 409, 'membership_past_due');
    const paid = invoiceOf(buyer.subscription, 'subscription_cycle',
        { id: invoice.id });
    provider.invoices.set(buyer.subscription.id, paid);
    buyer.subscription.status = 'active';
    await tell(site, 'invoice.paid', paid);
    await tell(site, 'invoice.payment_failed', invoice); // late
    const after = await see(buyer);
    assert.deepEqual([after.status, after.past_due_since, after.pay_url],
        ['active', null, null]);
    assert.equal((await balanceOf(buyer)).included, 4000);
});

// ------------------------------------------------- changing and cancelling

test('an upgrade counts at once, is paid at once, and allocates nothing more', async () => {
    const buyer = await newMember('creator');
    const key = randomUUID();
    const answer = await ask(buyer, 'studio', key);
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual([answer.json.payment_url, answer.json.change.plan],
        [null, 'studio']);
    const { form } = provider.calls.findLast(({ method, path: at }) =>
        method === 'POST' && at.startsWith('/v1/subscriptions/'));
    assert.deepEqual([form.proration_behavior, form.payment_behavior,
        form['items[0][price_data][unit_amount]']],
    ['always_invoice', 'error_if_incomplete', '4900']);
    const again = await ask(buyer, 'studio', key);
    assert.deepEqual([again.status, again.json,
        again.headers['idempotency-replayed']], [200, answer.json, 'true']);
    const now = await see(buyer);
    assert.deepEqual([now.plan, now.next_payment.amount], ['studio', 4900]);
    assert.equal((await balanceOf(buyer)).total, 500);
    // The next period is studio's, at its price.
    await tell(site, 'invoice.paid', renew(provider, buyer.subscription));
    assert.equal((await balanceOf(buyer)).total, 2500);
});

test('an upgrade whose payment is declined changes nothing, and the same key may try again', async () => {
    const buyer = await newMember('creator');
    const key = randomUUID();
    provider.declines = true;
    refused(await ask(buyer, 'studio', key), 402, 'payment_declined');
    provider.declines = false;
    assert.equal((await see(buyer)).plan, 'creator');
    assert.equal((await ask(buyer, 'studio', key)).status, 200);
    assert.equal((await see(buyer)).plan, 'studio');
});

test('a downgrade begins with the next period, and can be taken back', async () => {
    const buyer = await newMember('studio');
    const answer = await ask(buyer, 'creator');
    assert.equal(answer.status, 200, answer.text);
    const [item] = buyer.subscription.items.data;
    assert.equal(answer.json.change.effective_at, isoOf(item.current_period_end));
    const waits = await see(buyer);
    assert.deepEqual([waits.plan, waits.pending_plan, waits.next_payment.plan,
        waits.next_payment.amount], ['studio', 'creator', 'creator', 1900]);
    assert.equal(item.price.unit_amount, 1900, 'what the next period costs');
    assert.equal((await ask(buyer, 'studio')).status, 200);
    const back = await see(buyer);
    assert.deepEqual([back.plan, back.pending_plan, item.price.unit_amount],
        ['studio', null, 4900]);
    refused(await ask(buyer, 'studio'), 409, 'plan_is_current');
});

test('cancelled, it runs to the end of its period; resumed, it goes on', async () => {
    const buyer = await newMember('creator');
    const end = isoOf(buyer.subscription.items.data[0].current_period_end);
    for (let i = 0; i < 2; i += 1) {
        const answer = await buyer.del(path(buyer));
        assert.deepEqual([answer.status, answer.json.membership.status,
            answer.json.membership.cancels_at,
            answer.json.membership.renews_at],
        [200, 'active', end, null], answer.text);
    }
    for (let i = 0; i < 2; i += 1) {
        const answer = await buyer.post(path(buyer, '/resume'));
        assert.deepEqual([answer.status, answer.json.membership.cancels_at,
            answer.json.membership.renews_at], [200, null, end], answer.text);
    }
});

test('after its end: credits stay and can be spent, none can be bought, and a late renewal brings none', async () => {
    const buyer = await newMember('creator');
    await must(site, ['grant', buyer.space, '70', '--kind', 'bonus',
        '--reason', 'a test']);
    Object.assign(buyer.subscription, { status: 'canceled',
        ended_at: nowSeconds(), canceled_at: nowSeconds() });
    await tell(site, 'customer.subscription.deleted', buyer.subscription);
    await tell(site, 'invoice.paid', renew(provider, buyer.subscription));
    const now = await see(buyer);
    assert.deepEqual([now.status, now.plan, now.subscribed, now.renews_at],
        ['cancelled', 'creator', false, null]);
    const { total, included } = await balanceOf(buyer);
    assert.deepEqual([total, included], [570, 500]);
    refused(await buyer.post(`/api/v1/spaces/${buyer.space}/checkout`,
        { tier: 'gbp25' }, { key: true }), 403, 'plan_not_paid');
    // And it can be bought again.
    const again = subscribe(provider, await sessionFor(buyer, 'creator'),
        { start: nowSeconds() + 5 });
    await tell(site, 'invoice.paid', again.invoice);
    assert.equal((await see(buyer)).status, 'active');
    assert.equal((await balanceOf(buyer)).total, 1070);
});
