/*
 * What a plan comes to: the total, its worth, what is available now and
 * after, a bar of the one against the other, and the way to more credits
 * where they are not enough. Shows what the server answered and counts
 * nothing.
 */

import { credits, creditWords } from '../lib/format.js';
import { explain } from '../lib/problem.js';
import { estimateBar, promptOf, worthWords } from '../lib/planner-words.js';
import { announce } from './announce.js';
import { button, el, keepingFocus, notice } from './dom.js';

/* Changes go on for this long at most between two of them. */
const calmMs = 500;

/*
 * `onTopUp(tier, act)`: the way to more credits was chosen. `onRetry`: ask
 * once more. Gives {root, peek, show(view)}.
 */
export function plannerResult({ onTopUp, onRetry }) {
    /* Busy while figures still change, so that only the last one is read out. */
    const output = el('output', { class: 'plan-total', for: 'planner-form' });
    const worth = el('p', { class: 'quiet' });
    const figures = el('dl', { class: 'plan-figures' });
    const chart = el('div', { class: 'plan-chart' });
    const below = el('div', { class: 'plan-below' });
    const root = el('div', { class: 'plan-answer' },
        el('h3', { class: 'plan-head' }, 'Estimate'), output, worth, chart,
        figures, below);
    /* The same in a line, where the rest is out of sight on a narrow page. */
    const peek = el('p', { class: 'plan-peek', 'aria-hidden': 'true' });
    let calm = null;
    let belowLooks = null;
    let totalLooks = null;

    /*
     * `view`: {estimate, pending, problem} of createEstimates(), with `now`
     * (GET …/credits or null), `invalid` (fields that cannot be read) and
     * `blank` (nothing is planned).
     */
    function show(view) {
        const { estimate, now } = view;
        const available = estimate?.available_now ?? now?.balance.available;
        root.toggleAttribute('data-old', Boolean(
            view.pending || view.invalid || view.problem));
        root.dataset.pending = String(view.pending);
        total(estimate);
        worth.textContent = estimate ? worthWords(estimate.amount)
            : 'Nothing planned yet';
        chart.replaceChildren(bar(estimate ?? { total: 0,
            available_now: available ?? 0 }));
        figures.replaceChildren(
            figure('now', 'Available now', available),
            figure('estimate', 'This estimate',
                estimate ? -estimate.total : 0),
            figure('after', 'After estimate',
                estimate ? estimate.after_estimate : available));
        peek.replaceChildren(...(estimate
            ? [el('b', {}, creditWords(estimate.total)), el('span', {
                class: estimate.shortfall > 0 ? 'below' : null },
            estimate.shortfall > 0 ? `${credits(estimate.shortfall)} short`
                : `${credits(estimate.after_estimate)} after`)] : []));
        advise(view);
    }

    function total(estimate) {
        const looks = JSON.stringify([estimate?.total, estimate?.after_estimate]);
        if (looks === totalLooks)
            return;
        totalLooks = looks;
        output.setAttribute('aria-busy', 'true');
        clearTimeout(calm);
        calm = setTimeout(() => output.removeAttribute('aria-busy'), calmMs);
        output.replaceChildren(
            el('span', { class: 'visually-hidden' }, 'Estimate: '),
            el('b', { 'data-total': String(estimate?.total ?? 0) },
                credits(estimate?.total ?? 0)), ' ',
            el('span', {}, estimate?.total === 1 ? 'credit' : 'credits'),
            estimate && el('span', { class: 'visually-hidden' },
                `. After estimate: ${creditWords(estimate.after_estimate)}.`) || '');
    }

    function advise({ estimate, problem, invalid, now }) {
        const looks = JSON.stringify([invalid, problem?.code,
            problem?.requestId, estimate?.shortfall, estimate?.top_up,
            now?.tiers, now?.can_buy]);
        if (looks === belowLooks)
            return;
        belowLooks = looks;
        const parts = [];
        if (invalid)
            parts.push(el('p', { class: 'quiet small' },
                'Correct what is marked to see the estimate.'));
        else if (problem)
            parts.push(failure(problem));
        if (estimate?.shortfall > 0)
            parts.push(prompt(estimate, now));
        keepingFocus(below, () => below.replaceChildren(...parts));
    }

    function failure(problem) {
        const words = explain(problem);
        return notice({ tone: 'warn', mark: 'warn', role: 'alert', ...words,
            title: problem.code === 'offline' ? words.title
                : 'The estimate can’t be made right now',
            text: `${words.text} What you entered is kept.`,
            actions: [button('Try again', onRetry, { kind: 'small' })] });
    }

    function prompt(estimate, now) {
        const said = promptOf(estimate, now);
        const ways = {
            buy: () => button(`Top up ${said.tier.label}`, () =>
                onTopUp(said.tier.id, 'buy'), { kind: 'main small' }),
            ask: () => button('See top-ups', () => onTopUp(said.tier.id, 'see'),
                { kind: 'small' }),
            upgrade: () => button('See how to top up', () =>
                onTopUp(said.tier.id, 'see'), { kind: 'small' }),
        };
        announce(`${said.title}. ${said.text}`);
        const box = notice({ tone: 'warn', mark: 'warn', title: said.title,
            text: said.text, actions: said.act ? [ways[said.act]()] : [] });
        box.dataset.shortfall = String(estimate.shortfall);
        return box;
    }

    return { root, peek, show };
}

/* What of the bar each figure is. */
const swatches = { now: 'top-up', estimate: 'included', after: 'none' };

function figure(name, words, count) {
    return el('div', { class: count < 0 && name === 'after' ? 'below' : null },
        el('dt', {}, el('span', { class: `swatch ${swatches[name]}`,
            'aria-hidden': 'true' }), words),
        el('dd', { 'data-figure': name },
            count === undefined ? '–' : credits(count)));
}

/* The estimate against what is available; the figures below say the same. */
function bar(estimate) {
    const { have, within, over } = estimateBar(estimate);
    return strip('plan-bar', [['have', 0, have], ['within', 0, within],
        ['over', within, over]]);
}

/* A strip of named parts, [name, from, width] out of 1,000. */
export function strip(kind, parts, mark = null) {
    const space = 'http://www.w3.org/2000/svg';
    const make = (tag, attributes) => {
        const node = document.createElementNS(space, tag);
        for (const [name, value] of Object.entries(attributes))
            node.setAttribute(name, String(value));
        return node;
    };
    const svg = make('svg', { class: kind, viewBox: '0 0 1000 8',
        preserveAspectRatio: 'none', 'aria-hidden': 'true' });
    for (const [name, x, width] of parts) {
        if (width > 0)
            svg.append(make('rect', { class: name, x, width: Math.max(6, width),
                height: 8 }));
    }
    if (mark !== null)
        svg.append(make('rect', { class: 'mark', x: Math.min(995, mark), width: 5,
            height: 8 }));
    return svg;
}
