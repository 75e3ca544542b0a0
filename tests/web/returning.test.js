/*
 * Coming back from the payment page: what is shown for all that can be known.
 * The rule above all others: nothing claims credits before the order is paid.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '../../htdocs/js/lib/problem.js';
import { helpAfterMs, returnDelay, returnView }
    from '../../htdocs/js/lib/returning.js';

const servedAt = Date.parse('2026-11-22T10:00:00.000Z');

function seen(status, more = {}) {
    const order = status && { id: 'ord_1', tier: 'gbp25', amount: 2500,
        currency: 'GBP', credits: 3000, status,
        created_at: '2026-11-22T09:58:00.000Z',
        paid_at: status === 'paid' ? '2026-11-22T09:59:58.000Z' : null,
        refunded_amount: 1000, refunded_credits: 1200 };
    return { order, problem: null, cancelled: false, arrivedAt: 0, now: 5_000,
        servedAt, welcomed: false, balance: null, timeZone: 'Europe/London',
        ...more };
}

const late = { now: helpAfterMs };
const table = [
    ['nothing known yet', seen(null), 'looking', true, []],
    ['not yet confirmed', seen('awaiting_payment'), 'confirming', true, []],
    ['not confirmed for two minutes', seen('awaiting_payment', late),
        'slow', true, ['copy', 'check']],
    ['left without paying', seen('awaiting_payment', { cancelled: true }),
        'cancelled', true, ['continue', 'done']],
    ['left without paying long ago',
        seen('awaiting_payment', { cancelled: true, ...late }),
        'cancelled', true, ['continue', 'done']],
    ['paid, the balance not read yet', seen('paid'), 'adding', false, []],
    ['paid, whatever the address says', seen('paid', { cancelled: true }),
        'adding', false, []],
    ['paid, and in the balance', seen('paid', { balance: 3500 }),
        'added', false, ['receipt', 'done']],
    ['paid, and announced before', seen('paid', { welcomed: true }),
        'completed', false, ['receipt', 'done']],
    ['paid an hour before it was opened',
        seen('paid', { servedAt: servedAt + 3_600_000 }),
        'completed', false, ['receipt', 'done']],
    ['by a delayed method', seen('processing'), 'processing', true, ['done']],
    ['refused', seen('failed'), 'failed', false, ['again', 'done']],
    ['expired', seen('expired'), 'expired', false, ['again', 'done']],
    ['of a wrong amount', seen('review'), 'review', true, ['copy', 'done']],
    ['partly refunded', seen('partly_refunded'), 'refunded', false,
        ['receipt', 'events', 'done']],
    ['refunded', seen('refunded'), 'refunded', false,
        ['receipt', 'events', 'done']],
    ['disputed', seen('disputed'), 'disputed', false,
        ['receipt', 'events', 'done']],
    ['in a state that is new to this page', seen('nonsense'), 'review', true,
        ['copy', 'done']],
    ['unknown', seen(null, { problem: problem(404) }), 'unknown', false,
        ['done']],
    ['with an id that cannot be one', seen(null, { problem: problem(400) }),
        'unknown', false, ['done']],
    ['not readable now', seen(null, { problem: problem(503) }), 'unsure', true,
        ['check']],
    ['not readable any more',
        seen('awaiting_payment', { problem: problem(503) }), 'unsure', true,
        ['check']],
];

function problem(status, code = 'x') {
    return new Problem({ status, code, requestId: 'req_1' });
}

for (const [sentence, known, state, poll, actions] of table)
    test(`an order ${sentence} is ${state}`, () => {
        const view = returnView(known);
        assert.equal(view.state, state);
        assert.equal(view.poll, poll);
        assert.deepEqual(view.actions, actions);
        assert.ok(view.title && view.text);
    });

test('only a paid order is said to be received or added', () => {
    for (const [, known, state] of table) {
        const { title, text } = returnView(known);
        const claims = /received|were added on|credits added$/m
            .test(`${title}\n${text}`);
        assert.equal(claims, ['adding', 'added', 'completed'].includes(state),
            `${state}: ${title} ${text}`);
    }
});

const words = [
    ['adding', seen('paid'), 'title',
        'Payment received, adding 3,000 credits'],
    ['added', seen('paid', { balance: 3500 }), 'text',
        '£25 was paid. You now have 3,500 credits available.'],
    ['completed', seen('paid', { welcomed: true }), 'text',
        '3,000 credits were added on 22 Nov 2026, 09:59.'],
    ['refunded in part', seen('partly_refunded'), 'text',
        '£10 of £25 was paid back, and 1,200 credits of 3,000 credits were ' +
        'taken back.'],
];

for (const [sentence, known, part, wanted] of words)
    test(`the words of ${sentence}`, () => {
        assert.equal(returnView(known)[part], wanted);
    });

test('a refused payment says why, where the provider did', () => {
    const failed = (reason) => {
        const known = seen('failed');
        return returnView({ ...known, order: { ...known.order, reason } });
    };
    for (const [reason, said] of [
        [null, 'Your bank or card issuer refused it. No credits were added.'],
        ['Your account has no funds',
            'Your account has no funds. No credits were added.'],
        ['It was declined. ', 'It was declined. No credits were added.'],
    ])
        assert.ok(failed(reason).text.startsWith(said), failed(reason).text);
    const dismissed = failed('dismissed by the operator');
    assert.equal(dismissed.reference, 'ord_1');
    assert.match(dismissed.text, /not what we asked for.*contact support/);
});

test('the words name what people need to know', () => {
    assert.match(returnView(seen('processing')).text, /up to 4 days/);
    assert.match(returnView(seen('awaiting_payment', late)).text, /safe to leave/);
    assert.equal(returnView(seen('awaiting_payment', late)).reference, 'ord_1');
    assert.equal(returnView(seen('review')).reference, 'ord_1');
    assert.match(returnView(seen(null, { problem: problem(0, 'offline') })).title,
        /offline/);
});

const delays = [
    ['at first often', 'confirming', 0, 0, 1_500],
    ['after half a minute less', 'confirming', 30_000, 0, 3_000],
    ['after two minutes calmly', 'slow', 120_000, 0, 10_000],
    ['about a payment that was left calmly', 'cancelled', 0, 0, 15_000],
    ['a bank payment once a minute', 'processing', 0, 0, 60_000],
    ['after a failure later', 'unsure', 0, 1, 2_000],
    ['after failures later and later', 'unsure', 0, 3, 8_000],
    ['but never less than twice a minute', 'unsure', 0, 30, 30_000],
];

for (const [sentence, state, waited, failures, wanted] of delays)
    test(`asked ${sentence}`, () => {
        assert.equal(returnDelay({ state, poll: true }, waited, failures), wanted);
    });

test('what is settled is not asked for again', () => {
    assert.equal(returnDelay({ state: 'added', poll: false }, 0, 0), null);
});
