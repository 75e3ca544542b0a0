/*
 * What an owner lets be spent, and when to be warned, as a form: the API's
 * answer as texts that can be edited, and back. A text that is no whole number
 * is said before anything is sent; what else is wrong is the API's to say, and
 * its pointers lead to the same fields.
 */

import { credits, label } from './format.js';

export const capOn = { member: 'Member', feature: 'Feature',
    campaign: 'Campaign', livestream: 'Livestream' };
export const capPer = { day: 'day', month: 'month', total: 'in all' };

const digits = (count) => count === null || count === undefined ? ''
    : String(count);

/* The answer of GET …/limits as a draft: {threshold, caps: [{on, value,
 * credits, per, used}]}, all texts but `used`. */
export function draftOf(limits) {
    return {
        threshold: digits(limits.low_credit_threshold),
        caps: limits.caps.map((cap) => {
            const [[on, value]] = Object.entries(cap.on);
            return { on, value, credits: digits(cap.credits), per: cap.per,
                used: cap.used, of: cap.credits };
        }),
    };
}

export const newCap = () => ({ on: 'member', value: '', credits: '',
    per: 'month', used: null, of: null });

/* "1,000" and "1 000" are 1000; NaN for what is no whole number. */
function number(text) {
    const bare = text.replace(/[\s,]/g, '');
    return /^\d{1,15}$/.test(bare) ? Number(bare) : NaN;
}

/*
 * What to send, or what is wrong: {body} or {faults: Map of field → words}.
 * Fields are "threshold" and "caps.0.value", "caps.0.credits". `before` is
 * the answer that the draft was made of: what this form does not show stays.
 */
export function bodyOf(draft, before) {
    const faults = new Map();
    const threshold = draft.threshold.trim() === '' ? null
        : number(draft.threshold);
    if (Number.isNaN(threshold))
        faults.set('threshold', 'Enter a whole number, or nothing.');
    const caps = draft.caps.map((cap, at) => {
        const count = number(cap.credits);
        if (cap.value === '')
            faults.set(`caps.${at}.value`, `Say which ${cap.on}.`);
        if (Number.isNaN(count))
            faults.set(`caps.${at}.credits`, 'Enter a whole number.');
        return { on: { [cap.on]: cap.value }, credits: count, per: cap.per };
    });
    return faults.size > 0 ? { faults } : { body: {
        low_credit_threshold: threshold, caps,
        ...before.auto_top_up ? { auto_top_up: before.auto_top_up } : {},
    } };
}

/* The API's faults at the fields they point to; `rest` has no field here. */
export function faultsOf(errors) {
    const faults = new Map();
    const rest = [];
    for (const { pointer, detail } of errors ?? []) {
        const [, at, member] = /^\/caps\/(\d+)(?:\/(\w+))?/.exec(pointer) ?? [];
        const words = sentence(detail);
        if (pointer === '/low_credit_threshold')
            faults.set('threshold', words);
        else if (at !== undefined)
            faults.set(`caps.${at}.${member === 'credits' ? 'credits'
                : 'value'}`, words);
        else
            rest.push(words);
    }
    return { faults, rest };
}

function sentence(words) {
    const text = `${words[0].toUpperCase()}${words.slice(1)}`;
    return /[.!?]$/.test(text) ? text : `${text}.`;
}

/* "120 of 500 used today" */
export function usedWords({ used, of, per }) {
    const when = { day: 'today', month: 'this month', total: 'so far' }[per];
    return `${credits(used)} of ${credits(of)} used ${when}`;
}

export function capName({ on, value }) {
    return `${capOn[on]} ${on === 'feature' ? label(value) : value}`;
}
