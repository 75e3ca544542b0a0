// Money that goes back, by Stripe's own client: refunds whole, partial,
// repeated, pending, failing later, called back; disputes opened, answered,
// won and lost, with refunds around them; the balance that all of it leaves;
// and what cannot be asked for.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { missing, refused, startStripe, stopStripe, topUp } from './stripe-client.js';
import { until } from './site.js';

let stripe;
let the;

before(async () => {
    the = await startStripe();
    ({ stripe } = the);
});

after(stopStripe);

// A payment that has been made: its session, intent and charge.
async function paid({ card, account } = {}) {
    const session = await stripe.checkout.sessions.create(topUp());
    const { status } = account === undefined
        ? await the.payByCard(session, card)
        : await the.payByDebit(session, account);
    assert.equal(status, 303);
    if (account !== undefined) await the.pull({ settle: session.id });
    const { payment_intent: intent } = await stripe.checkout.sessions
        .retrieve(session.id, { expand: ['payment_intent'] });
    assert.equal(intent.status, 'succeeded');
    return { session: session.id, intent: intent.id, charge: intent.latest_charge };
}

const chargeOf = ({ charge }) => stripe.charges.retrieve(charge,
    { expand: ['refunds'] });

// What the balance has of a payment, all that went out taken off.
async function balanceOf({ charge }) {
    const refunds = await stripe.refunds.list({ charge, limit: 100 });
    const disputes = await stripe.disputes.list({ charge });
    const sources = [charge, ...refunds.data.map(({ id }) => id),
        ...disputes.data.map(({ id }) => id)];
    let sum = 0;
    for (const source of sources) {
        const { data } = await stripe.balanceTransactions.list({ source });
        for (const { net } of data) sum += net;
    }
    return sum;
}

describe('a refund', () => {
    test('of all of it, with Stripe\'s shape and events', async () => {
        const it = await paid();
        const refund = await stripe.refunds.create({
            payment_intent: it.intent, reason: 'requested_by_customer',
            metadata: { why: 'asked' },
        });
        assert.deepEqual(missing('refund', refund), []);
        assert.equal(refund.amount, 2500);
        assert.equal(refund.status, 'succeeded');
        assert.equal(refund.charge, it.charge);
        assert.equal(refund.payment_intent, it.intent);
        assert.deepEqual(refund.metadata, { why: 'asked' });
        assert.deepEqual({ ...await stripe.refunds.retrieve(refund.id) },
            { ...refund });
        const charge = await chargeOf(it);
        assert.deepEqual(missing('charge', charge), []);
        assert.equal(charge.amount_refunded, 2500);
        assert.equal(charge.refunded, true);
        assert.deepEqual(charge.refunds.data.map(({ id }) => id), [refund.id]);
        assert.deepEqual((await the.event('refund.created', refund.id))
            .data.object, { ...refund });
        const { data: { object } } = await the.event('charge.refunded', it.charge);
        assert.equal(object.amount_refunded, 2500);
        assert.equal(object.refunded, true);
        assert.equal(await balanceOf(it), 0);
        const movement = await stripe.balanceTransactions
            .retrieve(refund.balance_transaction);
        assert.deepEqual(missing('balance_transaction', movement), []);
        assert.equal(movement.net, -2500);
    });

    test('in parts: each event says all that went back so far', async () => {
        const it = await paid();
        for (const amount of [500, 700, 1300]) {
            await stripe.refunds.create({ charge: it.charge, amount });
        }
        await until('three', () => the.told(it.charge)
            .filter((type) => type === 'charge.refunded').length === 3);
        assert.deepEqual(the.events()
            .filter(({ type, data }) => type === 'charge.refunded'
                && data.object.id === it.charge)
            .map(({ data }) => [data.object.amount_refunded, data.object.refunded])
            .sort(([a], [b]) => a - b),
        [[500, false], [1200, false], [2500, true]]);
        await refused(stripe.refunds.create({ charge: it.charge, amount: 1 }),
            { statusCode: 400, code: 'charge_already_refunded' });
        const list = await stripe.refunds.list({ payment_intent: it.intent });
        assert.deepEqual(list.data.map(({ amount }) => amount), [1300, 700, 500]);
        const first = await stripe.refunds.list({ charge: it.charge, limit: 2 });
        assert.equal(first.has_more, true);
        const rest = await stripe.refunds.list({
            charge: it.charge, limit: 2, starting_after: first.data[1].id });
        assert.deepEqual(rest.data.map(({ amount }) => amount), [500]);
    });

    test('of more than is left is refused, and nothing moves', async () => {
        const it = await paid();
        await stripe.refunds.create({ charge: it.charge, amount: 2000 });
        const error = await refused(
            stripe.refunds.create({ charge: it.charge, amount: 501 }),
            { statusCode: 400, param: 'amount' });
        assert.match(error.message, /\(£5\.01\).*\(£5\)/);
        assert.equal((await chargeOf(it)).amount_refunded, 2000);
    });

    test('twenty at once never give back more than there was', async () => {
        const it = await paid();
        const all = await Promise.allSettled(Array.from({ length: 20 }, () => stripe
            .refunds.create({ charge: it.charge, amount: 400 })));
        assert.equal(all.filter(({ status }) => status === 'fulfilled').length, 6);
        assert.equal((await chargeOf(it)).amount_refunded, 2400);
        assert.equal(await balanceOf(it), 100);
    });

    test('under one key is one refund', async () => {
        const it = await paid();
        const options = { idempotencyKey: `refund-${it.charge}` };
        const [a, b] = await Promise.all([1, 2].map(() => stripe.refunds
            .create({ charge: it.charge, amount: 100 }, options)));
        assert.equal(a.id, b.id);
        assert.equal((await chargeOf(it)).amount_refunded, 100);
    });

    test('by direct debit is pending; it arrives', async () => {
        const it = await paid({ account: '00012345' });
        const refund = await stripe.refunds.create({ charge: it.charge });
        assert.equal(refund.status, 'pending');
        assert.equal((await chargeOf(it)).refunded, true);
        await the.pull({ settle: refund.id });
        assert.equal((await stripe.refunds.retrieve(refund.id)).status,
            'succeeded');
        await the.event('refund.updated', refund.id);
        await refused(stripe.refunds.cancel(refund.id), { statusCode: 400 });
    });

    test('that is pending may be called back', async () => {
        const it = await paid({ card: '4000 0000 0000 7726' });
        const refund = await stripe.refunds.create({ charge: it.charge });
        assert.equal(refund.status, 'pending');
        assert.equal((await stripe.refunds.cancel(refund.id)).status, 'canceled');
        const charge = await chargeOf(it);
        assert.equal(charge.amount_refunded, 0);
        assert.equal(charge.refunded, false);
        assert.equal(await balanceOf(it), 2500);
    });

    test('may fail after it succeeded, and what it took is there again',
        async () => {
            const it = await paid({ card: '4000 0000 0000 5126' });
            const kept = await stripe.refunds.create({
                charge: it.charge, amount: 300 });
            const refund = await stripe.refunds.create({
                charge: it.charge, amount: 1000 });
            assert.equal(refund.status, 'succeeded');
            await the.pull({ fail_refund: refund.id });
            const failed = await stripe.refunds.retrieve(refund.id);
            assert.equal(failed.status, 'failed');
            assert.equal(failed.failure_reason, 'expired_or_canceled_card');
            assert.match(failed.failure_balance_transaction, /^txn_/);
            assert.deepEqual((await the.event('refund.failed', refund.id))
                .data.object, { ...failed });
            assert.equal((await chargeOf(it)).amount_refunded, 300);
            assert.equal(await balanceOf(it), 2200);
            assert.equal((await stripe.refunds.retrieve(kept.id)).status,
                'succeeded');
            await assert.rejects(the.pull({ fail_refund: refund.id }));
        });

    test('fails by itself with the card that says so', async () => {
        await the.pull({ settle_after_ms: 0 });
        const it = await paid({ card: '4000 0000 0000 5126' });
        const refund = await stripe.refunds.create({ charge: it.charge });
        await the.event('refund.failed', refund.id);
        await the.pull({ reset: true });
    });

    test('carries changes of its metadata', async () => {
        const it = await paid();
        const refund = await stripe.refunds.create({ charge: it.charge });
        const changed = await stripe.refunds.update(refund.id,
            { metadata: { a: '1' } });
        assert.deepEqual(changed.metadata, { a: '1' });
    });

    test('by a lever, of a session, in part', async () => {
        const it = await paid();
        await the.pull({ refund: it.session, amount: 600 });
        await the.pull({ refund: it.intent });
        assert.deepEqual((await stripe.refunds.list({ charge: it.charge }))
            .data.map(({ amount }) => amount), [1900, 600]);
        await assert.rejects(the.pull({ refund: it.charge }), /cannot be refunded/);
    });
});

describe('a dispute', () => {
    const disputeOf = async (it) => {
        await the.pull({ dispute: it.session });
        const { data } = await stripe.disputes.list({ charge: it.charge });
        assert.equal(data.length, 1);
        return data[0];
    };

    test('takes the money when it opens, with Stripe\'s shape', async () => {
        const it = await paid();
        const dispute = await disputeOf(it);
        assert.deepEqual(missing('dispute', dispute), []);
        assert.equal(dispute.amount, 2500);
        assert.equal(dispute.status, 'needs_response');
        assert.equal(dispute.payment_intent, it.intent);
        assert.equal(dispute.balance_transactions[0].net, -2500);
        for (const type of ['charge.dispute.created',
            'charge.dispute.funds_withdrawn']) {
            assert.deepEqual((await the.event(type, dispute.id)).data.object,
                { ...dispute });
        }
        assert.equal((await chargeOf(it)).disputed, true);
        assert.equal(await balanceOf(it), 0);
        await assert.rejects(the.pull({ dispute: it.charge }));
    });

    test('won gives it back', async () => {
        const it = await paid();
        const { id } = await disputeOf(it);
        await the.pull({ win: it.intent });
        assert.equal((await stripe.disputes.retrieve(id)).status, 'won');
        await the.event('charge.dispute.funds_reinstated', id);
        await until('all five', () => the.told(id).length >= 5);
        assert.deepEqual(the.told(id).sort(), ['charge.dispute.closed',
            'charge.dispute.created', 'charge.dispute.funds_reinstated',
            'charge.dispute.funds_withdrawn', 'charge.dispute.updated']);
        assert.equal(await balanceOf(it), 2500);
        await assert.rejects(the.pull({ lose: id }), /No dispute/);
    });

    test('lost does not', async () => {
        const it = await paid();
        const { id } = await disputeOf(it);
        await the.pull({ lose: id });
        const closed = await the.event('charge.dispute.closed', id);
        assert.equal(closed.data.object.status, 'lost');
        assert.ok(!the.told(id).includes('charge.dispute.funds_reinstated'));
        assert.equal(await balanceOf(it), 0);
    });

    for (const [evidence, status] of [['winning_evidence', 'won'],
        ['losing_evidence', 'lost'], ['a letter', 'under_review']]) {
        test(`answered with ${evidence} is ${status}`, async () => {
            const { id } = await disputeOf(await paid());
            const answered = await stripe.disputes.update(id,
                { evidence: { uncategorized_text: evidence } });
            assert.equal(answered.status, status);
            assert.equal(answered.evidence.uncategorized_text, evidence);
            assert.equal(answered.evidence_details.submission_count, 1);
        });
    }

    test('may be accepted, once', async () => {
        const { id } = await disputeOf(await paid());
        assert.equal((await stripe.disputes.close(id)).status, 'lost');
        await refused(stripe.disputes.close(id), { statusCode: 400 });
    });

    test('is opened by the card that says so', async () => {
        const it = await paid({ card: '4000 0000 0000 0259' });
        const { data: [dispute] } = await stripe.disputes.list({
            payment_intent: it.intent });
        assert.equal(dispute.status, 'needs_response');
    });

    test('while it is open nothing can be refunded; won, it can', async () => {
        const it = await paid();
        await stripe.refunds.create({ charge: it.charge, amount: 500 });
        await disputeOf(it);
        await refused(stripe.refunds.create({ charge: it.charge }),
            { statusCode: 400, code: 'charge_disputed' });
        await the.pull({ win: it.session });
        await stripe.refunds.create({ charge: it.charge });
        const charge = await chargeOf(it);
        assert.equal(charge.amount_refunded, 2500);
        assert.equal(charge.disputed, true);
        assert.equal(await balanceOf(it), 0);
    });
});

describe('what cannot be asked for', () => {
    let it;
    before(async () => { it = await paid(); });
    const cases = [
        ['a refund of nothing', () => stripe.refunds.create({}),
            { statusCode: 400, code: 'parameter_missing' }],
        ['a charge that there is not',
            () => stripe.refunds.create({ charge: 'ch_no' }),
            { statusCode: 404, code: 'resource_missing', param: 'charge' }],
        ['an intent that there is not',
            () => stripe.refunds.create({ payment_intent: 'pi_no' }),
            { statusCode: 404, code: 'resource_missing', param: 'payment_intent' }],
        ['an amount of nothing',
            () => stripe.refunds.create({ charge: it.charge, amount: 0 }),
            { statusCode: 400, param: 'amount' }],
        ['an amount below nothing',
            () => stripe.refunds.create({ charge: it.charge, amount: -5 }),
            { statusCode: 400, param: 'amount' }],
        ['an enormous amount',
            () => stripe.refunds.create({ charge: it.charge, amount: 1e15 }),
            { statusCode: 400, param: 'amount' }],
        ['a reason of one\'s own',
            () => stripe.refunds.create({ charge: it.charge, reason: 'mood' }),
            { statusCode: 400, param: 'reason' }],
        ['a parameter that there is not',
            () => stripe.refunds.create({ charge: it.charge, colour: 'red' }),
            { statusCode: 400, param: 'colour', code: 'parameter_unknown' }],
        ['a refund that there is not', () => stripe.refunds.retrieve('re_no'),
            { statusCode: 404, code: 'resource_missing' }],
        ['to call back a refund that there is not',
            () => stripe.refunds.cancel('re_no'), { statusCode: 404 }],
        ['a dispute that there is not', () => stripe.disputes.retrieve('dp_no'),
            { statusCode: 404, code: 'resource_missing' }],
        ['to close a dispute that there is not',
            () => stripe.disputes.close('dp_no'), { statusCode: 404 }],
        ['a movement that there is not',
            () => stripe.balanceTransactions.retrieve('txn_no'),
            { statusCode: 404 }],
        ['to expand what does not expand',
            () => stripe.refunds.list({ expand: ['data.secrets'] }),
            { statusCode: 400, param: 'expand' }],
    ];
    for (const [name, call, expected] of cases) {
        test(name, () => refused(call(), expected));
    }

    test('a payment that has not come', async () => {
        const session = await stripe.checkout.sessions.create(topUp());
        await the.payByDebit(session);
        const { payment_intent: intent } = await stripe.checkout.sessions
            .retrieve(session.id);
        await refused(stripe.refunds.create({ payment_intent: intent }),
            { statusCode: 400 });
        await assert.rejects(the.pull({ dispute: session.id }));
    });
});

test('groups of events are listed by their beginning', async () => {
    const group = await stripe.events.list({ type: 'charge.dispute.*', limit: 50 });
    assert.ok(group.data.length > 5);
    assert.ok(group.data.every(({ type }) => type.startsWith('charge.dispute.')));
    const all = await stripe.events.list({ type: 'charge.*', limit: 100 });
    assert.ok(all.data.some(({ type }) => type === 'charge.refunded'));
    assert.ok(all.data.every(({ type }) => type.startsWith('charge.')));
});
