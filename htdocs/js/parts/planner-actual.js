/*
 * A started plan as it goes, or a finished one as it went: each activity's
 * planned credits against what was really used, as a bar and as figures in a
 * table. All of it is the server's.
 */

import { credits } from '../lib/format.js';
import { units } from '../lib/planner.js';
import { activityName, comparison } from '../lib/planner-words.js';
import { el, focusOn } from './dom.js';
import { strip } from './planner-result.js';

/* Gives {root, show(plan), focus()}; `plan` with its activities. */
export function planActual() {
    const caption = el('caption', {});
    const rows = el('tbody', { role: 'rowgroup' });
    const root = el('div', { class: 'plan-actual' },
        el('table', { role: 'table' }, caption,
            el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' },
                ...['Activity', 'Planned', 'Used', 'Given back', 'Left'].map(
                    (name, at) => el('th', { scope: 'col', role: 'columnheader',
                        class: at > 0 ? 'figure' : null }, name)))), rows));

    function row(each) {
        const cell = (kind, words, { quantity, credits: count }) =>
            el('td', { role: 'cell', class: 'figure', 'data-part': kind },
                el('span', { class: 'visually-hidden' }, `${words}: `),
                credits(count), el('small', {}, ' ', credits(quantity),
                    el('span', { class: 'visually-hidden' },
                        ` ${quantity === 1 ? each.unit : units(each.unit)}`)));
        return el('tr', { role: 'row', 'data-activity': each.activity },
            el('th', { role: 'rowheader', scope: 'row' }, activityName(each),
                el('small', { 'aria-hidden': 'true' }, units(each.unit)),
                comparisonBar({ planned: each.planned.credits,
                    used: each.used.credits, refunded: each.refunded.credits })),
            cell('planned', 'Planned', each.planned),
            cell('used', 'Used', each.used),
            cell('refunded', 'Given back', each.refunded),
            cell('remaining', 'Left', each.remaining));
    }

    return {
        root,
        show(plan) {
            caption.textContent = plan.state === 'started'
                ? 'Planned against actual so far, in credits'
                : 'Planned against actual, in credits';
            rows.replaceChildren(...plan.activities.map(row));
        },
        focus: () => focusOn(caption),
    };
}

/* Planned against used, in credits; the figures beside it say the same. */
export function comparisonBar(sums) {
    const { planned, within, over } = comparison(sums);
    return strip('plan-bar', [['have', 0, planned], ['within', 0, within],
        ['over', within, over]], over > 0 ? planned : null);
}
