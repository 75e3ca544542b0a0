/*
 * What holds credits now: what for, since when, until when. The API lists the
 * newest; what the others hold is said as one figure, so that the list and the
 * balance always agree.
 */

import { creditWords, label, moment } from '../lib/format.js';
import { el, time } from './dom.js';
import { icon } from './icons.js';

/* The list as a disclosure, or null. `now` is the answer of GET …/credits. */
export function holdsList({ holds: list, balance, space }, open) {
    if (list.length === 0)
        return null;
    const listed = list.reduce((sum, hold) => sum + left(hold), 0);
    const others = balance.held - listed;
    const details = el('details', { class: 'holds', id: 'holds' },
        el('summary', {}, icon('more', 16), list.length === 1 && others <= 0
            ? 'What holds credits: 1 running piece of work'
            : others > 0 ? 'What holds credits: the newest running work'
                : `What holds credits: ${list.length} running pieces of work`),
        el('ul', { class: 'rows' },
            list.map((hold) => holdRow(hold, space.time_zone)),
            others > 0 && el('li', { 'data-others': String(others) },
                el('div', {}, 'Other running work'),
                el('div', { class: 'figures' }, creditWords(others)))),
        el('p', { class: 'quiet small holds-hint' },
            'What work doesn’t use comes back when it ends, at its latest ' +
            'time by itself.'));
    details.open = open;
    return details;
}

function left({ credits, captured }) {
    return credits - (captured ?? 0);
}

function holdRow(hold, timeZone) {
    return el('li', { 'data-hold': hold.id },
        el('div', {},
            el('div', { dir: 'auto' }, holdName(hold)),
            el('div', { class: 'quiet small' }, 'since ',
                time(hold.created_at, moment(hold.created_at, timeZone)),
                ', until ',
                time(hold.expires_at, moment(hold.expires_at, timeZone)),
                ' at the latest')),
        el('div', { class: 'figures' }, creditWords(left(hold))));
}

function holdName(hold) {
    /* A started plan's campaign is its id, and what it notes is its name. */
    const plan = hold.campaign?.startsWith('pln_') ? hold.note : null;
    const of = hold.livestream ?? plan ?? hold.campaign ?? hold.order ??
        hold.note ?? null;
    return label(hold.activity ?? hold.feature) + (of ? ` · ${of}` : '');
}
