/*
 * The groups as a table with a bar in each row: what can be compared at a
 * glance and what can be read are the same rows. A group leads to its events.
 */

import { groupBar } from '../lib/chart-days.js';
import { credits, day } from '../lib/format.js';
import { noReference } from '../lib/history-filter.js';
import { groupings } from '../lib/usage-range.js';
import { el, time } from './dom.js';
import { strip } from './usage-svg.js';

/*
 * `linkOf(group)` is the address of a group's events, `onEvents(group)` goes
 * there.
 */
export function groupTable({ groups, total }, { by, timeZone, linkOf,
    onEvents }) {
    const most = Math.max(0, ...groups.map(({ captured }) => captured));
    const head = [[groupings[by], null], ['Used', 'figure'],
        ['Refunded', 'figure'], ['Net', 'figure']];
    return el('table', { class: 'groups', role: 'table',
        'aria-label': `Usage by ${groupings[by].toLowerCase()}` },
    el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' },
        head.map(([words, kind]) => el('th', { scope: 'col',
            role: 'columnheader', class: kind }, words)))),
    el('tbody', { role: 'rowgroup' }, groups.map((group) => row(group,
        nameOf(group), groupBar(group, most)))),
    el('tfoot', { role: 'rowgroup' }, el('tr', { role: 'row' },
        el('th', { scope: 'row', role: 'rowheader', class: 'group' },
            'Total in this time'), figures(total))));

    function nameOf(group) {
        return el('a', { href: linkOf(group), 'data-group': group.key ?? '',
            class: group.key === null ? 'group-none' : null,
            dir: 'auto', onclick: (event) => {
                if (event.metaKey || event.ctrlKey || event.shiftKey)
                    return;
                event.preventDefault();
                onEvents(group);
            } }, group.key === null ? noReference[by]
            : group.label ?? group.key,
        el('span', { class: 'visually-hidden' }, ', its events'));
    }

    function row(group, name, bar) {
        return el('tr', { role: 'row' },
            el('th', { scope: 'row', role: 'rowheader', class: 'group' },
                name,
                strip('group-bar', [['used', bar.net],
                    ['refunded', bar.refunded]]),
                el('small', {}, `${credits(group.events)} ${
                    group.events === 1 ? 'event' : 'events'}, `,
                ...span(group, timeZone))),
            figures(group));
    }
}

function figures({ captured, refunded, net }) {
    const cell = (kind, words, figure) => el('td', { role: 'cell',
        class: `figure ${kind}` }, el('span', { class: 'of' }, words), figure);
    return [
        cell('captured', 'Used ', credits(captured)),
        cell('refunded', 'Refunded ', credits(refunded)),
        cell('net', 'Net ', credits(net)),
    ];
}

function span({ first_at: first, last_at: last }, timeZone) {
    const from = day(first, timeZone);
    const to = day(last, timeZone);
    return from === to ? [time(last, to)]
        : [time(first, from), ' to ', time(last, to)];
}
