// Subscriptions at the provider of provider.js, and what it says of them:
// objects of Stripe's shapes, and events about them that a test delivers
// itself, in whatever order and as often as it likes.
//
//     const provider = await startProvider({ more: sellsSubscriptions });
//     ...
//     const { subscription, invoice } = subscribe(provider, session);
//     await tell(site, 'invoice.paid', invoice);
//     const next = renew(provider, subscription);

import assert from 'node:assert/strict';

import { deliver, event, nowSeconds, someId } from './signing.js';

const priceOf = (form, at) => ({
    id: someId('price_'),
    object: 'price',
    currency: form[`${at}[price_data][currency]`],
    product: form[`${at}[price_data][product]`] ?? someId('prod_'),
    recurring: {
        interval: form[`${at}[price_data][recurring][interval]`],
        interval_count: 1,
    },
    type: 'recurring',
    unit_amount: Number(form[`${at}[price_data][unit_amount]`]),
});

// A month later at the same time of day, by UTC, as it counts from its anchor.
export function monthsAfter(anchor, months) {
    const from = new Date(anchor * 1000);
    const first = new Date(from);
    first.setUTCDate(1);
    first.setUTCMonth(first.getUTCMonth() + months);
    const last = new Date(Date.UTC(first.getUTCFullYear(),
        first.getUTCMonth() + 1, 0)).getUTCDate();
    first.setUTCDate(Math.min(from.getUTCDate(), last));
    return first.getTime() / 1000;
}

function answerSubscription(provider, { method, form }, id) {
    const one = provider.subscriptions?.get(id);
    if (!one) return null;
    if (method === 'POST') {
        if (provider.declines && form.proration_behavior === 'always_invoice') {
            return { status: 402, body: { error: { type: 'card_error',
                code: 'card_declined', message: 'Your card was declined.' } } };
        }
        if (form['items[0][id]']) {
            assert.equal(form['items[0][id]'], one.items.data[0].id);
            one.items.data[0].price = priceOf(form, 'items[0]');
            one.metadata.membership = form['metadata[membership]'];
        }
        if (form.cancel_at_period_end) {
            one.cancel_at_period_end = form.cancel_at_period_end === 'true';
            one.cancel_at = one.cancel_at_period_end
                ? one.items.data[0].current_period_end : null;
        }
    }
    return { status: 200, body: structuredClone({ ...one,
        latest_invoice: provider.invoices.get(id) ?? null }) };
}

// For startProvider(): what subscriptions add to it.
export function sellsSubscriptions(provider, call) {
    const { method, path, form, headers } = call;
    const [bare] = path.split('?');
    const [, id, expire] = /^\/v1\/checkout\/sessions\/(\w+)(\/expire)?$/
        .exec(bare) ?? [];
    if (expire) {
        const session = provider.sessions.get(id);
        if (session.status !== 'open') {
            return { status: 400, body: { error: { message: 'not open' } } };
        }
        Object.assign(session, { status: 'expired', url: null });
        return { status: 200, body: session };
    }
    if (method === 'POST' && bare === '/v1/products') {
        return { status: 200, body: { id: someId('prod_'), object: 'product',
            name: form.name, livemode: false } };
    }
    if (bare.startsWith('/v1/subscriptions/')) {
        return answerSubscription(provider, call, bare.split('/')[3]);
    }
    if (bare === '/v1/checkout/sessions' && form.mode === 'subscription') {
        const key = headers['idempotency-key'];
        if (!provider.keys.has(key)) {
            const session = {
                id: someId('cs_test_'),
                object: 'checkout.session',
                amount_total: Number(
                    form['line_items[0][price_data][unit_amount]']),
                client_reference_id: form.client_reference_id,
                currency: form['line_items[0][price_data][currency]'],
                customer: form.customer ?? null,
                livemode: false,
                metadata: { membership: form['metadata[membership]'] },
                mode: 'subscription',
                payment_intent: null,
                payment_status: 'unpaid',
                status: 'open',
                subscription: null,
                url: `https://pay.example/c/${someId('x')}`,
                form,
            };
            provider.sessions.set(session.id, session);
            provider.keys.set(key, { status: 200, body: session });
        }
        return provider.keys.get(key);
    }
    return null;
}

// An invoice of a subscription for its item's period, paid.
export function invoiceOf(subscription, reason, more = {}) {
    const [item] = subscription.items.data;
    const amount = item.price.unit_amount;
    return {
        id: someId('in_'),
        object: 'invoice',
        amount_due: amount,
        amount_paid: amount,
        amount_remaining: 0,
        attempt_count: 1,
        billing_reason: reason,
        created: item.current_period_start,
        currency: item.price.currency,
        customer: subscription.customer,
        ending_balance: 0,
        hosted_invoice_url: 'https://pay.example/invoice',
        lines: { object: 'list', data: [{
            id: someId('il_'),
            object: 'line_item',
            amount,
            currency: item.price.currency,
            parent: {
                type: 'subscription_item_details',
                subscription_item_details: {
                    proration: false,
                    subscription: subscription.id,
                    subscription_item: item.id,
                },
            },
            period: { start: item.current_period_start,
                end: item.current_period_end },
            quantity: 1,
        }], has_more: false },
        livemode: false,
        metadata: {},
        next_payment_attempt: null,
        parent: { type: 'subscription_details', subscription_details: {
            metadata: { ...subscription.metadata },
            subscription: subscription.id,
        } },
        // A renewal's own period is the one before: not what it pays.
        period_start: item.current_period_start - 86400,
        period_end: item.current_period_start,
        starting_balance: 0,
        status: 'paid',
        status_transitions: { paid_at: item.current_period_start },
        subtotal: amount,
        total: amount,
        total_discount_amounts: [],
        ...more,
    };
}

// What a payer does on the session's page: { session, subscription, invoice }.
// `start`: when the first period begins.
export function subscribe(provider, session, { start = nowSeconds() } = {}) {
    const { form } = session;
    const subscription = {
        id: someId('sub_'),
        object: 'subscription',
        billing_cycle_anchor: start,
        cancel_at: null,
        cancel_at_period_end: false,
        canceled_at: null,
        created: start,
        currency: session.currency,
        customer: session.customer,
        ended_at: null,
        items: { object: 'list', data: [{
            id: someId('si_'),
            object: 'subscription_item',
            current_period_start: start,
            current_period_end: monthsAfter(start, 1),
            price: priceOf(form, 'line_items[0]'),
            quantity: 1,
        }] },
        latest_invoice: null,
        livemode: false,
        metadata: {
            membership: form['subscription_data[metadata][membership]'] },
        status: 'active',
        periods: 1, // ours: how many there were
    };
    (provider.subscriptions ??= new Map()).set(subscription.id, subscription);
    (provider.invoices ??= new Map());
    const invoice = invoiceOf(subscription, 'subscription_create');
    provider.invoices.set(subscription.id, invoice);
    Object.assign(session, { status: 'complete', payment_status: 'paid',
        subscription: subscription.id, url: null });
    return { session, subscription, invoice };
}

// The next period begins: the invoice, paid or not.
export function renew(provider, subscription, more = {}) {
    const [item] = subscription.items.data;
    subscription.periods += 1;
    item.current_period_start = item.current_period_end;
    item.current_period_end = monthsAfter(subscription.billing_cycle_anchor,
        subscription.periods);
    const invoice = invoiceOf(subscription, 'subscription_cycle', more);
    provider.invoices.set(subscription.id, invoice);
    return invoice;
}

export const unpaid = {
    status: 'open', amount_paid: 0, status_transitions: { paid_at: null },
    next_payment_attempt: nowSeconds() + 86400,
};

// Delivers an event about an object as it is now, which must be taken.
export async function tell(site, type, object, more = {}) {
    const answer = await deliver(site,
        event(type, structuredClone(object), more));
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
}
