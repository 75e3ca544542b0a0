/*
 * What the grouped usage shows: by what, and which days. Days are dates of
 * the Space's time zone, written as YYYY-MM-DD and counted by the calendar, so
 * a day of 23 or 25 hours is one day. Nothing here may turn a date into a
 * moment of the browser's own time zone.
 */

import { isDate, references } from './history-filter.js';

export const groupings = references;

export const spans = [7, 30, 90];
const usualBy = 'livestream';
const usualSpan = 90;

/* What of the day it is at `now` (ms) in a time zone. */
export function today(now, timeZone) {
    const parts = Object.fromEntries(new Intl.DateTimeFormat('en-GB', {
        year: 'numeric', month: '2-digit', day: '2-digit', timeZone,
    }).formatToParts(new Date(now)).map(({ type, value }) => [type, value]));
    return `${parts.year.padStart(4, '0')}-${parts.month}-${parts.day}`;
}

export function addDays(date, count) {
    const at = new Date(`${date}T00:00:00Z`);
    at.setUTCDate(at.getUTCDate() + count);
    return at.toISOString().slice(0, 10);
}

/* What an address asks for: {by, span} or {by, span: null, from, to}. */
export function viewOf(params) {
    const by = Object.hasOwn(groupings, params.get('by') ?? '')
        ? params.get('by') : usualBy;
    const from = params.get('usage_from');
    const to = params.get('usage_to');
    if (isDate(from) && isDate(to) && from <= to)
        return { by, span: null, from, to };
    const span = Number(params.get('days'));
    return { by, span: spans.includes(span) ? span : usualSpan };
}

/* The same address with this view; what is usual is left out. */
export function withView(params, { by, span, from, to }) {
    const next = new URLSearchParams(params);
    const set = (name, value, usual = null) => {
        if (value === null || value === undefined || value === usual)
            next.delete(name);
        else
            next.set(name, String(value));
    };
    set('by', by, usualBy);
    set('days', span, usualSpan);
    set('usage_from', span === null ? from : null);
    set('usage_to', span === null ? to : null);
    return next;
}

/* The first and the last date; `now` is today's date in the Space. */
export function datesOf(view, now) {
    return view.span === null ? { from: view.from, to: view.to }
        : { from: addDays(now, 1 - view.span), to: now };
}

/*
 * What is wrong with a range that was typed: null, or {field, words}.
 */
export function rangeFault(from, to) {
    if (!isDate(from))
        return { field: 'from', words: 'Enter the first day.' };
    if (!isDate(to))
        return { field: 'to', words: 'Enter the last day.' };
    if (from > to)
        return { field: 'to', words: 'The last day is before the first.' };
    return null;
}

/* Every day from the first to the last, also those that the API left out
 * because nothing happened. */
export function everyDay(days, from, to) {
    const known = new Map(days.map((each) => [each.date, each]));
    const all = [];
    for (let date = from; date <= to; date = addDays(date, 1))
        all.push(known.get(date) ?? { date, captured: 0, refunded: 0 });
    return all;
}
