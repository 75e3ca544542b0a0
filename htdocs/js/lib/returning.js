/*
 * Coming back from the payment page: what the page says, as a pure function
 * of what is known. The order's status is the only truth; that the address
 * says "cancelled", or that somebody came here at all, proves nothing. Nothing
 * here ever says that credits were added before the order is `paid`.
 */

import { creditWords, money, moment } from './format.js';

/* After this long without an answer from the provider we say how to get help. */
export const helpAfterMs = 120_000;

/* A payment confirmed longer ago than this is history, not news. */
const newsMs = 10 * 60_000;

/*
 * What is known → what is shown: {state, tone, title, text, reference,
 * actions, poll}. `seen`: {order, problem, cancelled, arrivedAt, now,
 * servedAt, welcomed, balance, timeZone}; `servedAt` is the server's time of
 * its answer, `welcomed` is true when this browser has already announced this
 * order, `balance` the credits available once the balance on the page includes
 * the top-up. `actions` are out of "receipt",
 * "again", "continue", "check", "done", "copy", "events"; `poll` is whether the order
 * may still change.
 */
export function returnView(seen) {
    if (seen.problem)
        return unknown(seen);
    if (!seen.order)
        return {
            state: 'looking', tone: 'busy', poll: true, actions: [],
            title: 'Checking your payment',
            text: 'This takes a moment.',
        };
    const view = views[seen.order.status] ?? views.review;
    return { reference: null, actions: [], poll: false, ...view(seen) };
}

function unknown({ problem, order }) {
    if (problem.status === 404 || problem.status === 400)
        return {
            state: 'unknown', tone: 'plain', poll: false, actions: ['done'],
            title: 'This order isn’t here',
            text: 'It may belong to another Space or another member. ' +
                'Nothing was added because of this page.',
        };
    return {
        state: 'unsure', tone: 'plain', poll: true, actions: ['check'],
        title: problem.code === 'offline'
            ? 'You seem to be offline' : 'We can’t check your payment right now',
        text: 'If you paid, your credits are added all the same. It is safe ' +
            'to leave this page.',
        reference: order?.id ?? null,
        requestId: problem.requestId,
    };
}

/* How the API says that an operator has refused a payment. */
const dismissed = 'dismissed by the operator';

/* The provider's reason, where it gave one. */
function failure({ reason }) {
    const said = reason?.trim();
    if (!said)
        return 'Your bank or card issuer refused it.';
    return /[.!?]$/.test(said) ? said : `${said}.`;
}

const price = (order) => money(order.amount, order.currency);

const views = {
    awaiting_payment({ order, cancelled, arrivedAt, now }) {
        if (cancelled)
            return {
                state: 'cancelled', tone: 'plain', poll: true,
                title: 'No payment was made',
                text: 'You left the payment page, and nothing was charged. ' +
                    `Your choice of ${price(order)} is kept.`,
                actions: ['continue', 'done'],
            };
        if (now - arrivedAt >= helpAfterMs)
            return {
                state: 'slow', tone: 'plain', poll: true,
                title: 'This takes longer than usual',
                text: 'It is safe to leave this page: your credits are added ' +
                    'as soon as the payment is confirmed. If they are not ' +
                    'here in an hour, contact support with this reference.',
                reference: order.id,
                actions: ['copy', 'check'],
            };
        return {
            state: 'confirming', tone: 'busy', poll: true,
            title: 'Confirming your payment',
            text: `${price(order)} for ${creditWords(order.credits)}. This ` +
                'usually takes a few seconds.',
        };
    },

    processing: ({ order }) => ({
        state: 'processing', tone: 'plain', poll: true,
        title: 'Your payment is on its way',
        text: `A bank payment takes up to 4 days. ` +
            `${creditWords(order.credits)} are added as soon as your ` +
            `${price(order)} arrives. There is nothing more to do.`,
        actions: ['done'],
    }),

    paid({ order, servedAt, welcomed, balance, timeZone }) {
        const before = servedAt - Date.parse(order.paid_at ?? order.created_at);
        if (welcomed || before > newsMs)
            return {
                state: 'completed', tone: 'good',
                title: 'This top-up is complete',
                text: `${creditWords(order.credits)} were added on ` +
                    `${moment(order.paid_at ?? order.created_at, timeZone)}.`,
                actions: ['receipt', 'done'],
            };
        if (balance === null || balance === undefined)
            return {
                state: 'adding', tone: 'good',
                title: `Payment received, adding ${creditWords(order.credits)}`,
                text: `Thank you. ${price(order)} was paid.`,
            };
        return {
            state: 'added', tone: 'good',
            title: `${creditWords(order.credits)} added`,
            text: `${price(order)} was paid. You now have ` +
                `${creditWords(balance)} available.`,
            actions: ['receipt', 'done'],
        };
    },

    failed: ({ order }) => order.reason === dismissed ? {
        state: 'failed', tone: 'bad',
        title: 'This payment was not accepted',
        text: 'What arrived was not what we asked for, and after looking ' +
            'into it no credits were added. If money was taken, contact ' +
            'support with this reference.',
        reference: order.id,
        actions: ['copy', 'again', 'done'],
    } : {
        state: 'failed', tone: 'bad',
        title: 'The payment didn’t go through',
        text: `${failure(order)} No credits were added. You can try ` +
            `${price(order)} again, in another way if you like.`,
        actions: ['again', 'done'],
    },

    expired: ({ order }) => ({
        state: 'expired', tone: 'plain',
        title: 'This payment has expired',
        text: `Nothing was charged. To buy ${creditWords(order.credits)}, ` +
            'start again.',
        actions: ['again', 'done'],
    }),

    review: ({ order }) => ({
        state: 'review', tone: 'plain', poll: true,
        title: 'We are looking into this payment',
        text: 'What arrived is not what we asked for, so no credits were ' +
            'added yet. A person looks at it; there is nothing you need to ' +
            'do. If you ask about it, give this reference.',
        reference: order.id,
        actions: ['copy', 'done'],
    }),

    partly_refunded: ({ order }) => ({
        state: 'refunded', tone: 'plain',
        title: 'Part of this top-up was refunded',
        text: `${money(order.refunded_amount ?? 0, order.currency)} of ` +
            `${price(order)} was paid back, and ` +
            `${creditWords(order.refunded_credits ?? 0)} of ` +
            `${creditWords(order.credits)} were taken back.`,
        actions: ['receipt', 'events', 'done'],
    }),

    refunded: ({ order }) => ({
        state: 'refunded', tone: 'plain',
        title: 'This top-up was refunded',
        text: `${price(order)} was paid back, and its credits were taken ` +
            'back. The history below says when.',
        actions: ['receipt', 'events', 'done'],
    }),

    disputed: ({ order }) => ({
        state: 'disputed', tone: 'plain',
        title: 'This payment is disputed',
        text: `The payment of ${price(order)} is disputed with the bank, so ` +
            'its credits are taken back until that is decided. If it is ' +
            'decided for you, they come back.',
        actions: ['receipt', 'events', 'done'],
    }),
};

/*
 * How long to wait before the order is read again, in ms; null when it will
 * not change by itself soon. The server asks the provider every 5 s at most,
 * but the provider's own message can come at any time.
 */
export function returnDelay(view, waitedMs, failures) {
    if (!view.poll)
        return null;
    if (failures > 0)
        return Math.min(30_000, 2_000 * 2 ** (failures - 1));
    if (view.state === 'cancelled')
        return 15_000;
    if (view.state === 'processing' || view.state === 'review')
        return 60_000;
    return waitedMs < 30_000 ? 1_500 : waitedMs < helpAfterMs ? 3_000 : 10_000;
}
