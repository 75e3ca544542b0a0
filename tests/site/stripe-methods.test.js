// Cards that are kept, by Stripe's own client: by a payment, by a page of
// their own, by a call; charged with nobody there, declined then in every way
// there is; and what cannot be asked for.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { confirm } from './payer.js';
import { missing, refused, startStripe, stopStripe, topUp } from './stripe-client.js';

let stripe;
let the;
let customer;

before(async () => {
    the = await startStripe();
    ({ stripe } = the);
    customer = (await stripe.customers.create({ email: 'space@example.test' })).id;
});

after(stopStripe);

const keeping = () => topUp({
    customer, payment_intent_data: { setup_future_usage: 'off_session' } });
const saving = (more) => ({
    mode: 'setup', customer, currency: 'gbp',
    success_url: 'http://127.0.0.1:9/back?s={CHECKOUT_SESSION_ID}', ...more });
const alone = (method, more = {}) => ({
    amount: 1000, currency: 'gbp', customer, payment_method: method,
    off_session: true, confirm: true, metadata: { order: 'ord_1' }, ...more });

// A method that was kept by paying with it on a page.
async function kept(card) {
    const session = await stripe.checkout.sessions.create(keeping());
    let { status } = await the.payByCard(session, card);
    if (status !== 303) throw new Error(`paid with ${card}: ${status}`);
    const { payment_intent: first } = await stripe.checkout.sessions
        .retrieve(session.id, { expand: ['payment_intent'] });
    if (first.status === 'requires_action') {
        ({ status } = await confirm(the.site, session.url));
        assert.equal(status, 303);
    }
    return (await stripe.paymentIntents.retrieve(first.id)).payment_method;
}

describe('a card is kept', () => {
    test('by a payment that says so, for its customer', async () => {
        const session = await stripe.checkout.sessions.create(keeping());
        await the.payByCard(session);
        const paid = await stripe.checkout.sessions.retrieve(session.id,
            { expand: ['payment_intent.payment_method'] });
        assert.equal(paid.customer, customer);
        const { payment_intent: intent } = paid;
        assert.equal(intent.setup_future_usage, 'off_session');
        assert.deepEqual(missing('payment_intent', intent), []);
        const method = intent.payment_method;
        assert.deepEqual(missing('payment_method', method), []);
        assert.equal(method.customer, customer);
        assert.equal(method.card.last4, '4242');
        assert.deepEqual({ ...await stripe.paymentMethods.retrieve(method.id) },
            method);
        await the.event('payment_method.attached', method.id);
        const list = await stripe.paymentMethods.list({ customer, type: 'card' });
        assert.equal(list.data[0].id, method.id);
        const same = await stripe.customers.listPaymentMethods(customer);
        assert.deepEqual(same.data, list.data);
    });

    test('not by a payment that does not', async () => {
        const before = await stripe.paymentMethods.list({ customer, limit: 100 });
        const session = await stripe.checkout.sessions.create(topUp({ customer }));
        await the.payByCard(session);
        const { payment_intent: intent } = await stripe.checkout.sessions
            .retrieve(session.id, { expand: ['payment_intent'] });
        const now = await stripe.paymentMethods.list({ customer, limit: 100 });
        assert.equal(now.data.length, before.data.length);
        await refused(stripe.paymentIntents.create(alone(intent.payment_method)),
            { statusCode: 400, param: 'payment_method' });
    });

    test('for a customer that is made for it where there is none', async () => {
        const session = await stripe.checkout.sessions.create(topUp({
            customer_email: 'new@example.test',
            payment_intent_data: { setup_future_usage: 'off_session' } }));
        assert.equal(session.customer, null);
        await the.payByCard(session);
        const paid = await stripe.checkout.sessions.retrieve(session.id,
            { expand: ['customer'] });
        assert.equal(paid.customer.email, 'new@example.test');
        const { data } = await stripe.paymentMethods
            .list({ customer: paid.customer.id });
        assert.equal(data.length, 1);
    });

    test('by a page that takes no money', async () => {
        const session = await stripe.checkout.sessions.create(saving({
            setup_intent_data: { metadata: { space: 'spc_1' } } }));
        assert.deepEqual(missing('checkout.session', session), []);
        assert.equal(session.payment_status, 'no_payment_required');
        assert.equal(session.amount_total, null);
        assert.equal((await the.payByCard(session)).status, 303);
        const done = await stripe.checkout.sessions.retrieve(session.id,
            { expand: ['setup_intent.payment_method'] });
        assert.equal(done.status, 'complete');
        assert.deepEqual(missing('setup_intent', done.setup_intent), []);
        assert.equal(done.setup_intent.status, 'succeeded');
        assert.deepEqual(done.setup_intent.metadata, { space: 'spc_1' });
        assert.equal(done.setup_intent.payment_method.customer, customer);
        await the.event('checkout.session.completed', session.id);
        await the.event('setup_intent.succeeded', done.setup_intent.id);
        assert.ok(!the.events().some(({ type, data }) => type
            === 'payment_intent.created' && data.object.session === session.id));
    });

    test('by that page once the bank has asked; not if it is refused', async () => {
        const session = await stripe.checkout.sessions.create(saving());
        assert.equal((await the.payByCard(session, '4000002500003155')).status, 303);
        await confirm(the.site, session.url, 'refuse');
        let setup = await stripe.setupIntents.retrieve(session.setup_intent);
        assert.equal(setup.last_setup_error.code,
            'setup_intent_authentication_failure');
        await the.payByCard(session, '4000002500003155');
        assert.equal((await confirm(the.site, session.url)).status, 303);
        setup = await stripe.setupIntents.retrieve(session.setup_intent);
        assert.equal(setup.status, 'succeeded');
        const paid = await stripe.paymentIntents.create(alone(setup.payment_method));
        assert.equal(paid.status, 'succeeded', 'it agreed when it was kept');
    });

    test('but one that is declined is not kept', async () => {
        const session = await stripe.checkout.sessions.create(saving());
        assert.equal((await the.payByCard(session, '4000000000000002')).status, 402);
        const { status } = await stripe.checkout.sessions.retrieve(session.id);
        assert.equal(status, 'open');
        assert.equal((await the.payByCard(session)).status, 303);
    });

    test('by a call, moved to nobody by another, and is over then', async () => {
        const method = await stripe.paymentMethods.attach('pm_card_mastercard',
            { customer });
        assert.equal(method.card.brand, 'mastercard');
        assert.equal((await stripe.paymentMethods.detach(method.id)).customer, null);
        await the.event('payment_method.detached', method.id);
        await refused(stripe.paymentMethods.attach(method.id, { customer }),
            { statusCode: 400 });
        await refused(stripe.paymentMethods.detach(method.id), { statusCode: 400 });
        await refused(stripe.paymentIntents.create(alone(method.id)),
            { statusCode: 400 });
        const made = await stripe.paymentMethods.create({
            type: 'card', card: { token: 'tok_visa' } });
        assert.equal(made.customer, null);
    });
});

describe('with nobody there', () => {
    test('it pays, and all says so', async () => {
        const method = await kept('4242424242424242');
        const intent = await stripe.paymentIntents.create(
            alone(method, { expand: ['latest_charge', 'customer'] }));
        assert.deepEqual(missing('payment_intent', intent), []);
        assert.equal(intent.status, 'succeeded');
        assert.equal(intent.amount_received, 1000);
        assert.equal(intent.customer.id, customer);
        assert.equal(intent.latest_charge.paid, true);
        assert.deepEqual(intent.metadata, { order: 'ord_1' });
        const receipt = await fetch(intent.latest_charge.receipt_url);
        assert.equal(receipt.status, 200);
        assert.match(await receipt.text(), /£10.*SANDBOX|SANDBOX[^]*£10/);
        await the.event('payment_intent.succeeded', intent.id);
        await the.event('payment_intent.created', intent.id);
        assert.deepEqual(the.told(intent.id), ['payment_intent.created',
            'payment_intent.succeeded']);
        const refund = await stripe.refunds.create({ payment_intent: intent.id });
        assert.equal(refund.status, 'succeeded');
    });

    test('once under one key, and twelve at once too', async () => {
        const method = await kept('4242424242424242');
        const options = { idempotencyKey: randomUUID() };
        const all = await Promise.all(Array.from({ length: 12 }, () => stripe
            .paymentIntents.create(alone(method), options)));
        assert.equal(new Set(all.map(({ id }) => id)).size, 1);
        const charges = await stripe.charges.list({ payment_intent: all[0].id });
        assert.equal(charges.data.length, 1);
    });

    test('a card that is declined later is an answer that stands', async () => {
        const method = await kept('4000000000000341');
        const options = { idempotencyKey: randomUUID() };
        const error = await refused(
            stripe.paymentIntents.create(alone(method), options),
            { type: 'StripeCardError', statusCode: 402, code: 'card_declined',
                decline_code: 'generic_decline' });
        const intent = error.payment_intent;
        assert.equal(intent.status, 'requires_payment_method');
        assert.equal(intent.last_payment_error.decline_code, 'generic_decline');
        const now = await stripe.paymentIntents.retrieve(intent.id);
        assert.deepEqual({ ...now }, { ...intent });
        await the.event('payment_intent.payment_failed', intent.id);
        const again = await refused(
            stripe.paymentIntents.create(alone(method), options),
            { statusCode: 402, code: 'card_declined' });
        assert.equal(again.payment_intent.id, intent.id);
        const charges = await stripe.charges.list({ payment_intent: intent.id });
        assert.deepEqual(charges.data.map(({ status }) => status), ['failed']);
    });

    for (const reason of ['generic_decline', 'insufficient_funds', 'lost_card',
        'stolen_card']) {
        test(`a lever declines one that was fine: ${reason}`, async () => {
            const method = await kept('4242424242424242');
            await the.pull({ decline: reason, times: 1 });
            await refused(stripe.paymentIntents.create(alone(method)),
                { statusCode: 402, code: 'card_declined', decline_code: reason });
            const next = await stripe.paymentIntents.create(alone(method));
            assert.equal(next.status, 'succeeded');
        });
    }

    for (const [alias, expected] of [
        ['pm_card_chargeCustomerFail', { decline_code: 'generic_decline' }],
        ['pm_card_authenticationRequired',
            { code: 'authentication_required',
                decline_code: 'authentication_required' }],
        ['pm_card_authenticationRequiredOnSetup',
            { code: 'authentication_required' }],
    ]) {
        test(`${alias}, attached by a call, is refused`, async () => {
            const { id } = await stripe.paymentMethods.attach(alias, { customer });
            await refused(stripe.paymentIntents.create(alone(id)),
                { statusCode: 402, ...expected });
        });
    }

    for (const [alias, decline] of [
        ['pm_card_chargeDeclined', 'generic_decline'],
        ['pm_card_chargeDeclinedInsufficientFunds', 'insufficient_funds'],
        ['pm_card_chargeDeclinedLostCard', 'lost_card'],
        ['pm_card_chargeDeclinedStolenCard', 'stolen_card'],
    ]) {
        test(`${alias} is declined, and cannot be kept`, async () => {
            await refused(stripe.paymentIntents.create(alone(alias)),
                { statusCode: 402, code: 'card_declined', decline_code: decline });
            await refused(stripe.paymentMethods.attach(alias, { customer }),
                { statusCode: 402, decline_code: decline });
        });
    }

    test('what needs its payer is paid on a page', async () => {
        const method = await kept('4000002760003184');
        const error = await refused(stripe.paymentIntents.create(alone(method)),
            { statusCode: 402, code: 'authentication_required' });
        const canceled = await stripe.paymentIntents
            .cancel(error.payment_intent.id);
        assert.equal(canceled.status, 'canceled');
        const session = await stripe.checkout.sessions.create(topUp({ customer }));
        await the.payByCard(session, '4000002760003184');
        assert.equal((await confirm(the.site, session.url)).status, 303);
        const { payment_status: status } = await stripe.checkout.sessions
            .retrieve(session.id);
        assert.equal(status, 'paid');
    });
});

describe('an intent', () => {
    test('is made, changed, confirmed, and over', async () => {
        const intent = await stripe.paymentIntents.create({
            amount: 500, currency: 'GBP', customer });
        assert.equal(intent.status, 'requires_payment_method');
        await refused(stripe.paymentIntents.confirm(intent.id),
            { statusCode: 400, code: 'payment_intent_unexpected_state' });
        const changed = await stripe.paymentIntents.update(intent.id, {
            payment_method: 'pm_card_visa', metadata: { a: '1' } });
        assert.equal(changed.status, 'requires_confirmation');
        const paid = await stripe.paymentIntents.confirm(intent.id);
        assert.equal(paid.status, 'succeeded');
        await refused(stripe.paymentIntents.cancel(intent.id), { statusCode: 400 });
        await refused(stripe.paymentIntents.confirm(intent.id), { statusCode: 400 });
    });

    test('that was declined is paid by another card', async () => {
        const { payment_intent: intent } = await refused(
            stripe.paymentIntents.create(alone('pm_card_chargeDeclined')), {});
        const paid = await stripe.paymentIntents.confirm(intent.id,
            { payment_method: 'pm_card_visa', off_session: true });
        assert.equal(paid.status, 'succeeded');
        assert.equal(paid.last_payment_error, null);
    });

    test('waits where its payer is there and the bank asks', async () => {
        const intent = await stripe.paymentIntents.create({
            ...alone('pm_card_authenticationRequired'), off_session: false });
        assert.equal(intent.status, 'requires_action');
        assert.equal((await stripe.paymentIntents.cancel(intent.id)).status,
            'canceled');
        await the.event('payment_intent.canceled', intent.id);
    });

    test('of a checkout session is the session\'s', async () => {
        const session = await stripe.checkout.sessions.create(topUp());
        await the.payByCard(session, '4000000000000002');
        const { payment_intent: id } = await stripe.checkout.sessions
            .retrieve(session.id);
        await refused(stripe.paymentIntents.confirm(id,
            { payment_method: 'pm_card_visa' }), { statusCode: 400 });
    });
});

describe('what cannot be asked for', () => {
    let other;
    before(async () => {
        const { id } = await stripe.customers.create({});
        other = (await stripe.paymentMethods.attach('pm_card_visa',
            { customer: id })).id;
    });
    const cases = [
        ['another customer\'s card',
            () => stripe.paymentIntents.create(alone(other)),
            { statusCode: 400, param: 'payment_method' }],
        ['to attach another customer\'s card',
            () => stripe.paymentMethods.attach(other, { customer }),
            { statusCode: 400 }],
        ['a card that there is not',
            () => stripe.paymentIntents.create(alone('pm_no')),
            { statusCode: 400, code: 'resource_missing', param: 'payment_method' }],
        ['a customer that there is not',
            () => stripe.paymentIntents.create(
                alone('pm_card_visa', { customer: 'cus_no' })),
            { code: 'resource_missing', param: 'customer' }],
        ['an amount below nothing',
            () => stripe.paymentIntents.create(alone('pm_card_visa', { amount: -1 })),
            { statusCode: 400, param: 'amount' }],
        ['an enormous amount',
            () => stripe.paymentIntents.create(
                alone('pm_card_visa', { amount: 1e15 })),
            { statusCode: 400, param: 'amount' }],
        ['no amount',
            () => stripe.paymentIntents.create(
                alone('pm_card_visa', { amount: undefined })),
            { code: 'parameter_missing', param: 'amount' }],
        ['a currency that there is not',
            () => stripe.paymentIntents.create(
                alone('pm_card_visa', { currency: 'xxq' })),
            { statusCode: 400, param: 'currency' }],
        ['nobody there, and no confirmation',
            () => stripe.paymentIntents.create(
                alone('pm_card_visa', { confirm: false })),
            { statusCode: 400, param: 'off_session' }],
        ['a truth that is none',
            () => stripe.paymentIntents.create(
                alone('pm_card_visa', { confirm: 'perhaps' })),
            { statusCode: 400, param: 'confirm' }],
        ['a parameter that there is not',
            () => stripe.paymentIntents.create(
                alone('pm_card_visa', { colour: 'red' })),
            { code: 'parameter_unknown', param: 'colour' }],
        ['an intent that there is not',
            () => stripe.paymentIntents.confirm('pi_no'), { statusCode: 404 }],
        ['a token that there is not',
            () => stripe.paymentMethods.create({
                type: 'card', card: { token: 'tok_no' } }),
            { statusCode: 400, param: 'card[token]' }],
        ['cards of nobody', () => stripe.paymentMethods.list({ type: 'card' }),
            { code: 'parameter_missing', param: 'customer' }],
        ['a setup intent that there is not',
            () => stripe.setupIntents.retrieve('seti_no'), { statusCode: 404 }],
        ['to keep a card that is bought with lines',
            () => stripe.checkout.sessions.create(saving({
                line_items: topUp().line_items })),
            { statusCode: 400, code: 'parameter_unknown' }],
        ['a usage of one\'s own',
            () => stripe.checkout.sessions.create(topUp({
                payment_intent_data: { setup_future_usage: 'ever' } })),
            { param: 'payment_intent_data[setup_future_usage]' }],
        ['another\'s card as a default',
            () => stripe.customers.update(customer, {
                invoice_settings: { default_payment_method: other } }),
            { code: 'resource_missing' }],
    ];
    for (const [name, call, expected] of cases) {
        test(name, () => refused(call(), expected));
    }
});
