/*
 * The chart of days: inline SVG, which prints and takes its colours from the
 * style. It is one picture with a sentence for those who do not see it; the
 * table under it says every figure.
 */

import { columnWords, dayChart } from '../lib/chart-days.js';
import { credits, creditWords, day } from '../lib/format.js';
import { el, time } from './dom.js';
import { svg } from './usage-svg.js';

/* `days`: every day of the range. `open`: whether the table is shown. */
export function usageChart(days, { open = false } = {}) {
    const chart = dayChart(days);
    const table = el('details', { class: 'days-table' },
        el('summary', {}, 'These days as a table'), dayTable(days));
    table.open = open;
    return el('figure', { class: 'days' },
        el('figcaption', {}, el('span', {}, chart.weeks
            ? 'Credits by week' : 'Credits by day'), legend(chart)),
        el('div', { class: 'days-plot' },
            el('div', { class: 'days-scale', 'aria-hidden': 'true' },
                el('span', {}, credits(chart.top)),
                chart.bottom > 0
                    ? el('span', {}, credits(-chart.bottom))
                    : el('span', {}, '0')),
            plot(chart, sentence(days))),
        el('div', { class: 'days-axis', 'aria-hidden': 'true' },
            chart.labels.map(({ words }) => el('span', {}, words))),
        table);
}

function legend(chart) {
    const one = (name, words) => el('span', {},
        el('span', { class: `swatch ${name}`, 'aria-hidden': 'true' }), words);
    return el('span', { class: 'days-legend' }, one('used', 'Used'),
        chart.bottom > 0 && one('refunded', 'Refunded'));
}

function plot(chart, words) {
    const count = chart.columns.length;
    const gap = count > 45 ? 0.15 : 0.2;
    const line = (y, kind) => svg('line', { class: kind, x1: 0, x2: count,
        y1: y, y2: y, 'vector-effect': 'non-scaling-stroke' });
    return svg('svg', { class: 'days-svg', role: 'img', 'aria-label': words,
        viewBox: `0 0 ${count} 100`, preserveAspectRatio: 'none' },
    line(0, 'grid'), line(chart.zero / 2, 'grid'),
    chart.columns.map((each, at) => svg('g', { class: 'day' },
        svg('title', {}, `${columnWords(each)}: ${
            creditWords(each.captured)} used${each.refunded > 0
            ? `, ${credits(each.refunded)} refunded` : ''}`),
        svg('rect', { class: 'hit', x: at, y: 0, width: 1, height: 100 }),
        each.captured > 0 && svg('rect', { class: 'used', x: at + gap / 2,
            width: 1 - gap, ...each.up }),
        each.refunded > 0 && svg('rect', { class: 'refunded',
            x: at + gap / 2, width: 1 - gap, ...each.down }))),
    line(chart.zero, 'zero'));
}

/* What one sees at a glance, for those who listen. */
function sentence(days) {
    const used = days.filter(({ captured }) => captured > 0).length;
    const most = days.reduce((best, each) =>
        each.captured > best.captured ? each : best, days[0]);
    return `Credits used from ${day(days[0].date, 'UTC')} to ${
        day(days.at(-1).date, 'UTC')}: on ${used} of ${days.length} days` +
        (used > 0 ? `, most on ${day(most.date, 'UTC')}, ${
            creditWords(most.captured)}` : '') +
        '. Every figure is in the table below.';
}

function dayTable(days) {
    const figure = (words) => el('td', { class: 'figure' }, words);
    return el('div', { class: 'days-scroll', tabindex: '0', role: 'region',
        'aria-label': 'Credits by day' },
    el('table', { class: 'plain' },
        el('thead', {}, el('tr', {}, ['Day', 'Used', 'Refunded', 'Net']
            .map((words, at) => el('th', { scope: 'col',
                class: at > 0 ? 'figure' : null }, words)))),
        el('tbody', {}, days.toReversed().map((each) => el('tr', {
            'data-day': each.date },
        el('th', { scope: 'row' }, time(each.date, day(each.date, 'UTC'))),
        figure(credits(each.captured)),
        figure(credits(each.refunded)),
        figure(credits(each.captured - each.refunded)))))));
}
