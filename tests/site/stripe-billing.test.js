// Subscriptions, by Stripe's own client: bought on a page, renewed by the
// clock that the site's own is, not paid and paid later, changed, ended; what
// each of them bills, to the penny; and what cannot be asked for.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { confirm } from './payer.js';
import { must } from './shop.js';
import { missing, refused, startStripe, stopStripe } from './stripe-client.js';
import { until } from './site.js';

const DAY = 86_400;

let stripe;
let the;
let product;
const prices = {}; // by amount and interval

before(async () => {
    the = await startStripe();
    ({ stripe } = the);
    product = (await stripe.products.create({ name: 'Creator' })).id;
    for (const [name, unit_amount, interval] of [
        ['small', 1000, 'month'], ['large', 3000, 'month'],
        ['yearly', 10_000, 'year'], ['free', 0, 'month'],
    ]) {
        prices[name] = (await stripe.prices.create({
            product, currency: 'gbp', unit_amount, recurring: { interval },
        })).id;
    }
});

after(stopStripe);

const buying = (more = {}) => ({
    mode: 'subscription',
    line_items: [{ quantity: 1, price_data: {
        currency: 'gbp', unit_amount: 1000, recurring: { interval: 'month' },
        product_data: { name: 'Creator' } } }],
    subscription_data: { metadata: { space: 'spc_1' } },
    customer_email: 'space@example.test',
    success_url: 'http://127.0.0.1:9/back',
    ...more,
});

// A subscription that was bought on a page.
async function bought({ card, ...more } = {}) {
    const session = await stripe.checkout.sessions.create(buying(more));
    assert.equal((await the.payByCard(session, card)).status, 303);
    const { subscription } = await stripe.checkout.sessions
        .retrieve(session.id, { expand: ['subscription.latest_invoice'] });
    return { session: session.id, ...subscription };
}

// One that a call makes, with a card that is kept.
async function made(price = prices.small, alias = 'pm_card_visa', more = {}) {
    const { id: customer } = await stripe.customers.create({ email: 'a@b.test' });
    const { id: method } = await stripe.paymentMethods.attach(alias, { customer });
    return stripe.subscriptions.create({ customer, items: [{ price }],
        default_payment_method: method, expand: ['latest_invoice'], ...more });
}

const read = ({ id }) => stripe.subscriptions.retrieve(id,
    { expand: ['latest_invoice'] });
const periodOf = ({ items: { data: [item] } }) => [item.current_period_start,
    item.current_period_end];
const dates = (subscription) => periodOf(subscription)
    .map((s) => new Date(s * 1000).toISOString().slice(0, 10));
const invoicesOf = async ({ id }) => (await stripe.invoices
    .list({ subscription: id, limit: 100 })).data;
const clock = (...args) => must(the.site, ['clock', ...args]);
const change = (subscription, price, more = {}) => stripe.subscriptions.update(
    subscription.id, { items: [{ id: subscription.items.data[0].id, price }],
        expand: ['latest_invoice'], ...more });

describe('a subscription', () => {
    test('is bought on a page, with Stripe\'s shapes and events', async () => {
        const session = await stripe.checkout.sessions.create(buying());
        assert.equal(session.amount_total, 1000);
        const page = await (await fetch(session.url)).text();
        assert.match(page, /SANDBOX/);
        assert.match(page, /Renews by itself at £10 a month until you cancel/);
        await the.payByCard(session);
        const done = await stripe.checkout.sessions.retrieve(session.id, {
            expand: ['subscription', 'invoice.payments', 'line_items'] });
        assert.deepEqual(missing('checkout.session', done), []);
        assert.equal(done.payment_status, 'paid');
        assert.equal(done.payment_intent, null);
        assert.equal(done.line_items.data[0].price.recurring.interval, 'month');
        const { subscription, invoice } = done;
        assert.deepEqual(missing('subscription', subscription), []);
        assert.deepEqual(missing('subscription_item', subscription.items.data[0]),
            []);
        assert.deepEqual(missing('price', subscription.items.data[0].price), []);
        assert.equal(subscription.status, 'active');
        assert.equal(subscription.customer, done.customer);
        assert.deepEqual(subscription.metadata, { space: 'spc_1' });
        assert.equal(subscription.current_period_end, undefined,
            'the period is on the items');
        assert.deepEqual(missing('invoice', invoice), []);
        assert.deepEqual(missing('line_item', invoice.lines.data[0]), []);
        assert.equal(invoice.billing_reason, 'subscription_create');
        assert.equal(invoice.status, 'paid');
        assert.equal(invoice.amount_paid, 1000);
        assert.equal(invoice.parent.subscription_details.subscription,
            subscription.id);
        assert.deepEqual(invoice.parent.subscription_details.metadata,
            { space: 'spc_1' });
        assert.deepEqual(Object.values(invoice.lines.data[0].period).sort(),
            periodOf(subscription));
        const { payment } = invoice.payments.data[0];
        const intent = await stripe.paymentIntents.retrieve(payment.payment_intent);
        assert.equal(intent.status, 'succeeded');
        const of = await stripe.invoicePayments.list({ payment: {
            type: 'payment_intent', payment_intent: intent.id } });
        assert.deepEqual(of.data.map((one) => one.invoice), [invoice.id]);
        await the.event('checkout.session.completed', session.id);
        await until('all is told', () => the.told(invoice.id).length >= 4
            && the.told(subscription.id).length >= 1);
        assert.deepEqual(the.told(subscription.id),
            ['customer.subscription.created']);
        assert.deepEqual(the.told(invoice.id), ['invoice.created',
            'invoice.finalized', 'invoice.paid', 'invoice.payment_succeeded']);
        const paid = await the.event('invoice.paid', invoice.id);
        assert.equal(paid.data.object.amount_paid, 1000);
    });

    test('is not begun by a card that is declined', async () => {
        const session = await stripe.checkout.sessions.create(buying());
        assert.equal((await the.payByCard(session, '4000000000000002')).status, 402);
        const open = await stripe.checkout.sessions.retrieve(session.id);
        assert.equal(open.status, 'open');
        assert.equal(open.subscription, null);
        await the.payByCard(session, '4000002500003155');
        assert.equal((await confirm(the.site, session.url)).status, 303);
        assert.match((await stripe.checkout.sessions.retrieve(session.id))
            .subscription, /^sub_/);
    });

    test('twelve payers at once begin one', async () => {
        const session = await stripe.checkout.sessions.create(buying());
        await Promise.all(Array.from({ length: 12 }, () => the.payByCard(session)));
        const { customer } = await stripe.checkout.sessions.retrieve(session.id);
        const { data } = await stripe.subscriptions.list({ customer });
        assert.equal(data.length, 1);
        assert.equal((await invoicesOf(data[0])).length, 1);
    });

    test('that costs nothing asks for a card, and bills zero', async () => {
        const sub = await bought({ line_items: [{ quantity: 1,
            price: prices.free }] });
        assert.equal(sub.status, 'active');
        assert.equal(sub.latest_invoice.amount_paid, 0);
        const event = await the.event('invoice.paid', sub.latest_invoice.id);
        assert.equal(event.data.object.amount_due, 0);
        assert.match(sub.default_payment_method, /^pm_/);
    });

    test('is made by a call; incomplete where its card is declined', async () => {
        const sub = await made();
        assert.equal(sub.status, 'active');
        const waits = await made(prices.small, 'pm_card_chargeCustomerFail');
        assert.equal(waits.status, 'incomplete');
        await refused(made(prices.small, 'pm_card_chargeCustomerFail',
            { payment_behavior: 'error_if_incomplete' }),
        { statusCode: 402, code: 'card_declined' });
        await stripe.invoices.pay(waits.latest_invoice.id,
            { payment_method: 'pm_card_visa' });
        assert.equal((await read(waits)).status, 'active');
    });
});

describe('a renewal', () => {
    test('by a lever bills the next period, once', async () => {
        const sub = await bought();
        const [, end] = periodOf(sub);
        await the.pull({ renew: sub.session });
        const next = await read(sub);
        assert.equal(periodOf(next)[0], end);
        assert.equal(next.latest_invoice.billing_reason, 'subscription_cycle');
        assert.equal(next.latest_invoice.status, 'paid');
        const { data: [line] } = next.latest_invoice.lines;
        assert.deepEqual([line.period.start, line.period.end], periodOf(next));
        await the.event('invoice.paid', next.latest_invoice.id);
        await until('its end is told', () => the.told(sub.id)
            .includes('customer.subscription.updated'));
        assert.equal((await invoicesOf(sub)).length, 2);
    });

    test('that is declined leaves it past due; paid later, it goes on',
        async () => {
            const sub = await bought({ card: '4000000000000341' });
            assert.equal(sub.status, 'active');
            await the.pull({ renew: sub.id });
            const late = await read(sub);
            assert.equal(late.status, 'past_due');
            assert.equal(late.latest_invoice.status, 'open');
            assert.equal(late.latest_invoice.attempt_count, 1);
            await the.event('invoice.payment_failed', late.latest_invoice.id);
            await refused(stripe.invoices.pay(late.latest_invoice.id),
                { statusCode: 402, code: 'card_declined' });
            const paid = await stripe.invoices.pay(late.latest_invoice.id,
                { payment_method: 'pm_card_visa' });
            assert.equal(paid.status, 'paid');
            assert.equal((await read(sub)).status, 'active');
            await refused(stripe.invoices.pay(paid.id), { statusCode: 400 });
        });

    test('that a lever declines is paid by a lever', async () => {
        const sub = await bought();
        await the.pull({ decline: 'insufficient_funds', times: 1, renew: sub.id });
        assert.equal((await read(sub)).status, 'past_due');
        await the.pull({ pay: sub.id });
        const paid = await read(sub);
        assert.equal(paid.status, 'active');
        assert.equal(paid.latest_invoice.amount_paid, 1000);
        await assert.rejects(the.pull({ pay: sub.id }), /No invoice/);
    });
});

describe('a change', () => {
    test('to a dearer price is charged for the rest of the period', async () => {
        const sub = await made();
        await clock('advance', '10d');
        const bigger = await change(sub, prices.large,
            { proration_behavior: 'always_invoice' });
        const { latest_invoice: invoice } = bigger;
        assert.deepEqual(periodOf(bigger), periodOf(sub));
        assert.equal(invoice.billing_reason, 'subscription_update');
        assert.equal(invoice.status, 'paid');
        const [start, end] = periodOf(sub);
        const [back, more] = invoice.lines.data;
        assert.equal(back.parent.subscription_item_details.proration, true);
        const part = (amount) => Math.round(
            amount * (end - more.period.start) / (end - start));
        assert.ok(Math.abs(more.period.start - start - 10 * DAY) < 60);
        assert.equal(back.amount, -part(1000));
        assert.equal(more.amount, part(3000));
        assert.equal(invoice.total, back.amount + more.amount);
        assert.equal(invoice.amount_paid, invoice.total);
        await clock('reset', '--force');
    });

    test('waits for the next invoice where nothing else is said', async () => {
        const sub = await made();
        const bigger = await change(sub, prices.large);
        assert.equal(bigger.latest_invoice.id, sub.latest_invoice.id);
        await the.pull({ renew: sub.id });
        const { latest_invoice: next } = await read(sub);
        assert.deepEqual(next.lines.data.map(({ amount }) => amount),
            [-1000, 3000, 3000], 'at once: all of the period');
        assert.equal(next.amount_paid, 5000);
    });

    test('costs nothing where that is said', async () => {
        const sub = await made();
        await change(sub, prices.large, { proration_behavior: 'none' });
        await the.pull({ renew: sub.id });
        assert.equal((await read(sub)).latest_invoice.amount_paid, 3000);
    });

    test('to a cheaper price is owed, and pays the next invoices', async () => {
        const sub = await made(prices.large);
        const smaller = await change(sub, prices.small,
            { proration_behavior: 'always_invoice' });
        assert.equal(smaller.latest_invoice.total, -2000);
        assert.equal(smaller.latest_invoice.amount_paid, 0);
        assert.equal((await stripe.customers.retrieve(sub.customer)).balance, -2000);
        const paid = [];
        for (let i = 0; i < 3; i += 1) {
            await the.pull({ renew: sub.id });
            paid.push((await read(sub)).latest_invoice.amount_paid);
        }
        assert.deepEqual(paid, [0, 0, 1000]);
        assert.equal((await stripe.customers.retrieve(sub.customer)).balance, 0);
    });

    test('of the interval begins a period now', async () => {
        const sub = await made();
        const yearly = await change(sub, prices.yearly);
        assert.equal(yearly.latest_invoice.amount_paid, 9000);
        const [start, end] = periodOf(yearly);
        assert.ok(end - start >= 365 * DAY);
    });

    test('that cannot be paid: past due, or as if it had not been asked for',
        async () => {
            const sub = await made();
            await the.pull({ decline: 'generic_decline', times: 1 });
            await refused(change(sub, prices.large, {
                proration_behavior: 'always_invoice',
                payment_behavior: 'error_if_incomplete' }), { statusCode: 402 });
            const same = await read(sub);
            assert.equal(same.items.data[0].price.id, prices.small);
            assert.equal((await invoicesOf(sub)).length, 1);
            await the.pull({ reset: true, decline: 'generic_decline', times: 1 });
            const late = await change(sub, prices.large,
                { proration_behavior: 'always_invoice' });
            assert.equal(late.status, 'past_due');
            await the.pull({ pay: sub.id });
            assert.equal((await read(sub)).status, 'active');
        });
});

describe('an end', () => {
    test('at once', async () => {
        const sub = await made();
        const over = await stripe.subscriptions.cancel(sub.id);
        assert.equal(over.status, 'canceled');
        assert.ok(over.ended_at >= sub.created);
        await the.event('customer.subscription.deleted', sub.id);
        await assert.rejects(the.pull({ renew: sub.id }), /goes on/);
        await refused(stripe.subscriptions.cancel(sub.id), { statusCode: 404 });
        await refused(stripe.subscriptions.update(sub.id, { metadata: { a: 1 } }),
            { statusCode: 400 });
        const { data } = await stripe.subscriptions.list({ customer: sub.customer });
        assert.equal(data.length, 0);
        const all = await stripe.subscriptions.list({
            customer: sub.customer, status: 'all' });
        assert.equal(all.data.length, 1);
    });

    test('with the period, unless it is called back', async () => {
        const sub = await made();
        const ends = await stripe.subscriptions.update(sub.id,
            { cancel_at_period_end: true });
        assert.equal(ends.status, 'active');
        assert.equal(ends.cancel_at, periodOf(sub)[1]);
        const stays = await stripe.subscriptions.update(sub.id,
            { cancel_at_period_end: false });
        assert.equal(stays.cancel_at, null);
        assert.equal(stays.canceled_at, null);
        await the.pull({ renew: sub.id });
        await stripe.subscriptions.update(sub.id, { cancel_at_period_end: true });
        await the.pull({ renew: sub.id });
        assert.equal((await read(sub)).status, 'canceled');
        assert.equal((await invoicesOf(sub)).length, 2);
    });
});

describe('what cannot be asked for', () => {
    let sub;
    before(async () => { sub = await made(); });
    const cases = [
        ['a subscription that there is not',
            () => stripe.subscriptions.retrieve('sub_no'), { statusCode: 404 }],
        ['an invoice that there is not',
            () => stripe.invoices.retrieve('in_no'), { statusCode: 404 }],
        ['a price that there is not', () => made('price_no'),
            { statusCode: 400, code: 'resource_missing', param: 'items[0][price]' }],
        ['a price of another subscription\'s currency', async () => change(sub,
            (await stripe.prices.create({ product, currency: 'usd',
                unit_amount: 5, recurring: { interval: 'month' } })).id),
        { statusCode: 400, param: 'items[0][price]' }],
        ['a price that is paid once', async () => made((await stripe.prices
            .create({ product, currency: 'gbp', unit_amount: 500 })).id),
        { statusCode: 400, param: 'items[0][price]' }],
        ['an item of another', () => stripe.subscriptions.update(sub.id,
            { items: [{ id: 'si_no', price: prices.large }] }),
        { statusCode: 400, param: 'items[0][id]' }],
        ['a quantity below nothing', () => stripe.subscriptions.update(sub.id,
            { items: [{ id: sub.items.data[0].id, quantity: -1 }] }),
        { statusCode: 400, param: 'items[0][quantity]' }],
        ['a proration of one\'s own', () => change(sub, prices.large,
            { proration_behavior: 'perhaps' }), { param: 'proration_behavior' }],
        ['a page without a renewal', () => stripe.checkout.sessions.create(buying({
            line_items: [{ quantity: 1, price_data: { currency: 'gbp',
                unit_amount: 500, product_data: { name: 'x' } } }] })),
        { param: 'line_items[0][price_data][recurring][interval]' }],
        ['a page for a renewal in mode payment',
            () => stripe.checkout.sessions.create({ ...buying(),
                subscription_data: undefined, mode: 'payment' }),
            { statusCode: 400 }],
        ['an interval of one\'s own', () => stripe.prices.create({ product,
            currency: 'gbp', unit_amount: 5, recurring: { interval: 'moon' } }),
        { param: 'recurring[interval]' }],
        ['a price below nothing', () => stripe.prices.create({ product,
            currency: 'gbp', unit_amount: -5 }), { param: 'unit_amount' }],
        ['a product without a name', () => stripe.products.create({}),
            { code: 'parameter_missing', param: 'name' }],
        ['to pay by another\'s card', async () => {
            const late = await made(prices.small, 'pm_card_chargeCustomerFail');
            return stripe.invoices.pay(late.latest_invoice.id,
                { payment_method: sub.default_payment_method });
        }, { statusCode: 400, param: 'payment_method' }],
    ];
    for (const [name, call, expected] of cases) {
        test(name, () => refused(call(), expected));
    }
});

describe('the clock that the site has', () => {
    // What goes on from before would be renewed until then, too.
    before(async () => {
        const { data } = await stripe.subscriptions.list({ limit: 100 });
        for (const { id } of data) await stripe.subscriptions.cancel(id);
    });

    test('renews a year of months from 31 January, each at its end', async () => {
        await clock('set', '2055-01-31T10:00:00Z');
        const sub = await made();
        assert.deepEqual(dates(sub), ['2055-01-31', '2055-02-28']);
        await clock('set', '2056-03-01T00:00:00Z');
        const now = await until('all renewals', async () => {
            const late = await read(sub);
            return dates(late)[1] === '2056-03-31' && late;
        });
        assert.equal(now.status, 'active');
        const invoices = (await invoicesOf(sub)).reverse();
        assert.deepEqual(invoices.map(({ created }) => new Date(created * 1000)
            .toISOString().slice(0, 10)), ['2055-01-31', '2055-02-28',
            '2055-03-31', '2055-04-30', '2055-05-31', '2055-06-30', '2055-07-31',
            '2055-08-31', '2055-09-30', '2055-10-31', '2055-11-30', '2055-12-31',
            '2056-01-31', '2056-02-29']);
        assert.ok(invoices.every(({ status, amount_paid: paid }) => status === 'paid'
            && paid === 1000));
        await stripe.subscriptions.cancel(sub.id);
    });

    test('ends what was to end with its period, and bills no more', async () => {
        const sub = await made();
        await stripe.subscriptions.update(sub.id, { cancel_at_period_end: true });
        await clock('advance', '62d');
        const over = await read(sub);
        assert.equal(over.status, 'canceled');
        assert.equal(over.ended_at, periodOf(sub)[1]);
        assert.equal((await invoicesOf(sub)).length, 1);
    });

    test('is told by tick where the sandbox did not hear of it', async () => {
        const now = Date.parse((await clock('advance', '1d')).now);
        await the.pull({ clock_offset_ms: now - Date.now() - 62 * DAY * 1000 });
        const sub = await made();
        assert.equal((await invoicesOf(sub)).length, 1);
        await must(the.site, ['tick']);
        await until('it is renewed', async () => periodOf(await read(sub))[1]
            > now / 1000);
    });
});

describe('every webhook', () => {
    test('of all this bore a good signature, and can be asked for again',
        async () => {
            const events = the.events(); // throws on a bad one
            const invoices = events.filter(({ type }) => type === 'invoice.paid');
            assert.ok(invoices.length > 10);
            const [one] = invoices;
            const again = await stripe.events.retrieve(one.id);
            assert.deepEqual(again.data, one.data);
            const listed = await stripe.events.list({
                types: ['customer.subscription.deleted'], limit: 1 });
            assert.equal(listed.data[0].type, 'customer.subscription.deleted');
        });
});
