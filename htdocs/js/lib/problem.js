/*
 * What went wrong, as a value. Everything that can fail between a page and the
 * API ends as a Problem: the API's own problem documents, an answer that is
 * not ours (a proxy's), a time-out, no network. The words here say what it
 * means for the person: what happened, whether something was charged, and
 * what to do. They never show a stack, a status alone, or what a server
 * printed.
 */

import { wait } from './format.js';

export class Problem extends Error {
    constructor({ code, status = 0, title = '', detail = '', requestId = null,
        retryAfter = null, body = {} }) {
        super(detail || title || code);
        this.name = 'Problem';
        this.code = code;
        this.status = status;
        this.title = title;
        this.detail = detail;
        this.requestId = requestId;
        this.retryAfter = retryAfter;
        this.body = body;
    }
}

/* Seconds of a Retry-After, which is a number or a date; null without one. */
export function retryAfter(header, now) {
    if (!header)
        return null;
    if (/^\d+$/.test(header.trim()))
        return Number(header);
    const at = Date.parse(header);
    return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - now) / 1000));
}

/* The Problem of an answer that is not 2xx; `body` is its JSON or null. */
export function problemOf(status, headers, body, now) {
    const ours = body !== null && typeof body === 'object' &&
        typeof body.code === 'string';
    return new Problem({
        code: ours ? body.code : status >= 500 ? 'unavailable' : 'unexpected',
        status,
        title: ours ? body.title : '',
        detail: ours ? body.detail : '',
        requestId: headers.get('request-id') ?? (ours ? body.instance : null),
        retryAfter: retryAfter(headers.get('retry-after'), now),
        body: ours ? body : {},
    });
}

/* "Try again in 14 minutes." where the server said how long, else `otherwise` */
function whenToRetry(problem, otherwise) {
    return problem.retryAfter > 0
        ? `Try again in ${wait(problem.retryAfter)}.` : otherwise;
}

const general = {
    offline: () => ({
        title: 'You seem to be offline',
        text: 'Check your connection, then try again.',
    }),
    timeout: () => ({
        title: 'That took too long',
        text: 'There was no answer in time. Try again.',
    }),
    rate_limited: (problem) => ({
        title: 'Too many requests at once',
        text: whenToRetry(problem, 'Wait a moment, then try again.'),
    }),
    not_found: () => ({
        title: 'This can’t be found',
        text: 'It may have been removed, or it isn’t yours to see.',
        retry: false,
    }),
    csrf: () => ({
        title: 'This page is out of date',
        text: 'Reload the page, then try again.',
    }),
    unavailable: (problem) => ({
        title: 'This isn’t working right now',
        text: `The fault is ours. ${whenToRetry(problem,
            'Try again in a moment.')}`,
    }),
};

/* What a part of a page says when it could not be loaded. */
export function explain(problem) {
    const words = general[problem.code] ??
        (problem.status === 429 ? general.rate_limited : general.unavailable);
    return { retry: true, requestId: problem.requestId, ...words(problem) };
}

const buying = {
    plan_not_paid: () => ({
        title: 'Top-ups need a paid plan',
        text: 'Nothing was charged. Upgrade the membership, then buy credits.',
        retry: false, upgrade: true,
    }),
    role: () => ({
        title: 'Your role can’t buy credits',
        text: 'Nothing was charged. Ask an owner or admin of this Space.',
        retry: false,
    }),
    unknown_tier: () => ({
        title: 'This top-up isn’t offered any more',
        text: 'Nothing was charged. Choose one of those shown now.',
        retry: false,
    }),
    too_many_orders: (problem) => ({
        title: 'Too many unfinished payments',
        text: 'Nothing was charged. You have started many top-ups without ' +
            `paying. ${whenToRetry(problem, 'Try again in an hour.')}`,
    }),
    payment_provider_unavailable: (problem) => ({
        title: 'The payment provider isn’t answering',
        text: 'Nothing was charged and your choice is kept. ' +
            whenToRetry(problem, 'Try again in a moment.'),
    }),
    offline: () => ({
        title: 'You seem to be offline',
        text: 'Nothing was charged and your choice is kept. ' +
            'Check your connection, then try again.',
    }),
    timeout: () => ({
        title: 'That took too long',
        text: 'Nothing was charged and your choice is kept. Trying again ' +
            'goes on with the same order.',
    }),
    unavailable: (problem) => ({
        title: 'Buying isn’t working right now',
        text: 'The fault is ours. Nothing was charged and your choice is ' +
            `kept. ${whenToRetry(problem, 'Try again in a moment.')}`,
    }),
};

/* What the Buy button says when an order could not be made. */
export function explainBuying(problem) {
    const words = buying[problem.code] ?? general[problem.code] ??
        (problem.status === 429 ? general.rate_limited : buying.unavailable);
    return { retry: true, requestId: problem.requestId, ...words(problem) };
}

const membership = {
    role: () => ({
        title: 'Your role can’t change the plan',
        text: 'Nothing was changed. Ask an owner of this Space.',
        retry: false,
    }),
    plan_is_current: () => ({
        title: 'This Space is on that plan already',
        text: 'Nothing was changed and nothing was charged.',
        retry: false,
    }),
    membership_past_due: () => ({
        title: 'Pay the renewal first',
        text: 'Nothing was changed. Once it is paid you can change the plan.',
        retry: false,
    }),
    not_subscribed: () => ({
        title: 'There is nothing to cancel here',
        text: 'This membership isn’t paid here any more. Nothing was changed.',
        retry: false,
    }),
    order_expired: () => ({
        title: 'Another choice was made meanwhile',
        text: 'Nothing was changed by this one, and nothing was charged.',
        retry: false,
    }),
    invalid_request: () => ({
        title: 'This plan isn’t offered any more',
        text: 'Nothing was changed and nothing was charged.',
        retry: false,
    }),
    idempotency_key_reused: () => ({
        title: 'This page is out of date',
        text: 'Nothing was changed. Look at the plans again, then choose.',
        retry: false,
    }),
    payment_declined: () => ({
        title: 'The card was declined',
        text: 'The plan stays as it is, and nothing was charged. Check the ' +
            'card with your bank, then try again.',
    }),
    payment_provider_unavailable: (problem) => ({
        title: 'The payment provider isn’t answering',
        text: `Nothing was charged. ${whenToRetry(problem,
            'Try again in a moment.')}`,
    }),
    timeout: () => ({
        title: 'That took too long',
        text: 'Trying again goes on with the same change; it is never made ' +
            'twice.',
    }),
};

/* What the Membership page says when something could not be changed. */
export function explainMembership(problem) {
    const words = membership[problem.code] ?? general[problem.code] ??
        (problem.status === 429 ? general.rate_limited : general.unavailable);
    return { retry: true, requestId: problem.requestId, ...words(problem) };
}

const code = {
    unknown_code: () => 'There is no such code. Check how it is spelt.',
    code_used: () => 'This code has been used already.',
    code_expired: () => 'This code has ended.',
    invalid_request: () => 'This is no code. Check how it is spelt.',
};

/* What the field of a promo code says: `field`, words that belong to it, or a
 * notice. */
export function explainCode(problem) {
    if (code[problem.code])
        return { field: code[problem.code](problem) };
    if (problem.code === 'too_many_attempts')
        return { title: 'Too many wrong codes', requestId: problem.requestId,
            text: whenToRetry(problem, 'Try again in 15 minutes.') };
    if (problem.code === 'role')
        return { title: 'Your role can’t use codes',
            text: 'Ask an owner or admin of this Space.' };
    if (problem.code === 'balance_limit')
        return { title: 'The balance would be too large',
            text: 'Nothing was added. Use some credits first.' };
    return { ...explain(problem), retry: true };
}

const signing = {
    wrong_credentials: () => ({
        title: 'Email or password is wrong',
        text: 'Check both, then try again.',
        requestId: null,
    }),
    too_many_attempts: (problem) => ({
        title: 'Too many attempts',
        text: whenToRetry(problem, 'Try again in 15 minutes.'),
    }),
    invalid_request: () => ({
        title: 'Email or password can’t be read',
        text: 'Check both, then try again.',
    }),
    csrf: () => ({
        title: 'This address can’t sign you in',
        text: 'Open the site under its own address, then try again.',
    }),
};

/* What the sign-in form says. */
export function explainSignin(problem) {
    const words = signing[problem.code] ?? general[problem.code] ??
        (problem.status === 429 ? signing.too_many_attempts
            : general.unavailable);
    return { retry: true, requestId: problem.requestId, ...words(problem) };
}
