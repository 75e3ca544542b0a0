/*
 * One event in words: what a row says when it is opened. Pure; every figure is
 * the API's. What stands before an event is what stands after it without the
 * event's own credits.
 */

import { credits, creditWords, label, money, signed } from './format.js';
import { references } from './history-filter.js';

const lotNames = { included: 'Included credits', bonus: 'Bonus credits',
    top_up: 'Topped-up credits', debt: 'Owed' };

/* "viewer-minutes", "minutes of video", "replies": the first word in the
 * plural, as the API's own sums have it. */
function plural(unit) {
    const [first, ...rest] = unit.split(' ');
    const many = /[^aeiou]y$/.test(first) ? `${first.slice(0, -1)}ies`
        : `${first}s`;
    return [many, ...rest].join(' ');
}

/* {credits: 20, per: 1000}, "viewer-minute" → "20 credits per 1,000
 * viewer-minutes" */
export function priceWords(price, unit) {
    if (!price)
        return null;
    const of = unit ?? 'unit';
    return `${creditWords(price.credits)} per ${price.per === 1 ? of
        : `${credits(price.per)} ${plural(of)}`}`;
}

/* "1,200 − 72 = 1,128" */
export function balanceWords(event) {
    const before = event.balance_after - event.credits;
    const change = event.credits < 0 ? `− ${credits(-event.credits)}`
        : `+ ${credits(event.credits)}`;
    return `${credits(before)} ${change} = ${credits(event.balance_after)}`
        .replace('− ', '\u2212 ');
}

/* [{words, lot}]: "−72 Included credits" */
export function lotWords(event) {
    return (event.lots ?? []).map(({ lot, kind, credits: count }) => ({
        words: `${signed(count)} ${lotNames[kind] ?? label(kind)}`, lot,
    }));
}

/* What an event names: [{name, words, value, shown}] */
export function referenceWords(event) {
    return Object.entries(references)
        .filter(([name]) => event[name])
        .map(([name, words]) => ({ name, words, value: event[name],
            shown: name === 'feature' ? label(event[name]) : event[name] }));
}

export function amountWords({ amount, currency }) {
    return amount === null || amount === undefined || !currency ? null
        : money(amount, currency, { exact: true });
}

/* A moment to the second, with the zone: "22 Nov 2026, 10:00:05 GMT" */
export function exactMoment(time, timeZone) {
    return new Intl.DateTimeFormat('en-GB', {
        day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit',
        minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZone,
        timeZoneName: 'short',
    }).format(new Date(time));
}

/*
 * What may have followed an event, and how it is called: usage is refunded,
 * a top-up's credits are taken back, a dispute is won. Null: nothing can.
 */
export function followedWords({ kind, credits: count }) {
    switch (kind) {
    case 'captured_usage':
        return { name: 'Refunded by', none: 'Nothing so far' };
    case 'top_up':
        return { name: 'Refunds and disputes', none: 'None so far' };
    case 'dispute':
        return { name: 'Given back by', none: 'Nothing so far' };
    case 'top_up_refund':
        return count < 0
            ? { name: 'Reversed by', none: 'Nothing so far' } : null;
    default:
        return null;
    }
}

/* What an event refunds, takes back or gives back: how the link to it says. */
export function refundedWords({ kind, refund_of: event, credits: count }) {
    if (!event)
        return null;
    switch (kind) {
    case 'top_up_refund':
        return count < 0
            ? { name: 'Refund of', link: 'The top-up that was refunded' }
            : { name: 'Given back of', link: 'The top-up it belongs to' };
    case 'dispute':
        return { name: 'Dispute of', link: 'The top-up that is disputed' };
    case 'dispute_reversal':
        return { name: 'Given back of', link: 'The top-up that was disputed' };
    default:
        return { name: 'Refunds', link: 'The event that it refunds' };
    }
}

/* Why the credits moved, where the event's kind alone doesn't say. */
export function whyWords(event) {
    const owed = -(event.lots ?? []).filter(({ kind }) => kind === 'debt')
        .reduce((sum, { credits: count }) => sum + count, 0);
    const rest = owed > 0 ? ` ${creditWords(owed)} of them had been used ` +
        'already and are owed.' : '';
    switch (event.kind) {
    case 'top_up_refund':
        return event.credits < 0
            ? `The payment was refunded, so its credits were taken back.${rest}`
            : 'The refund did not go through, so its credits came back.';
    case 'dispute':
        return 'The payer\u2019s bank disputes the payment, so its credits ' +
            `are taken back until that is decided.${rest}`;
    case 'dispute_reversal':
        return 'The dispute was decided for this Space, so the credits came ' +
            'back.';
    default:
        return null;
    }
}
