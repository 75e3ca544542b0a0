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

/* Whether something may have given credits of an event back, or taken them. */
export function mayBeRefunded({ kind }) {
    return kind === 'captured_usage' || kind === 'top_up';
}

/*
 * What became of a top-up is found by its order, among what came after it: the
 * API's parameters, and whether one of the events found belongs to it.
 */
export function afterTopUp(event) {
    return {
        query: new URLSearchParams({ from: event.occurred_at, limit: 100,
            kind: 'top_up_refund,dispute,dispute_reversal' }),
        fits: (each) => event.checkout_order !== null &&
            each.checkout_order === event.checkout_order,
    };
}
