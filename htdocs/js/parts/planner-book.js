/*
 * The dated price book: which prices the estimate uses, what changed with
 * them, and what comes, with its date.
 */

import { day } from '../lib/format.js';
import { bookWords, changeWords } from '../lib/planner-words.js';
import { el, time } from './dom.js';

/* The element for the answer of GET …/planner. */
export function plannerBook(book, timeZone) {
    const { price_book: now, changes = [], upcoming = [] } = book;
    return el('div', { class: 'plan-book' },
        el('p', {}, bookWords(now), ', in force since ',
            time(now.effective_from, day(now.effective_from, timeZone)), '.'),
        changes.length > 0 && more(`What changed with it (${changes.length})`,
            changes),
        upcoming.flatMap((next) => [
            el('p', {}, el('strong', {}, 'Prices change on ',
                time(next.effective_from, day(next.effective_from, timeZone)),
                '.')),
            more(`What changes then (${next.changes.length})`, next.changes),
        ]));
}

function more(title, changes) {
    return el('details', {}, el('summary', {}, title),
        el('ul', { class: 'plan-changes' }, changes.map((change) =>
            el('li', {}, changeWords(change)))));
}
