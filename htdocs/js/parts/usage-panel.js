/*
 * Grouped usage: what credits were used for, over a range of days. Total,
 * days and groups come in one answer of the API and are shown together;
 * nothing is added up here. A choice stays in the page's address.
 */

import { credits, creditWords, day } from '../lib/format.js';
import { withFilter } from '../lib/history-filter.js';
import { explain } from '../lib/problem.js';
import { appendGroups, noGroups } from '../lib/usage-pages.js';
import { datesOf, everyDay, today, viewOf, withView }
    from '../lib/usage-range.js';
import { announce } from './announce.js';
import { button, el, fill, focusOn, keepingFocus, notice } from './dom.js';
import { addressWith, onAddress, readAddress, writeAddress }
    from './history-address.js';
import { icon } from './icons.js';
import { usageChart } from './usage-chart.js';
import { usageControls } from './usage-controls.js';
import { groupTable } from './usage-groups.js';

const pageSize = 10;
const apiMost = 100;

/* `root`: the section; `onEvents(filter)` shows the events of a filter. */
export function usagePanel(root, { api, feed, space, onEvents, onSignedOut }) {
    const body = root.querySelector('[data-body]');
    const controls = usageControls(root.querySelector('[data-controls]'),
        { onChange: change });
    let view = viewOf(readAddress());
    let usage = null;
    let dates = null;
    let asked = null;
    let turn = 0;
    let loadingMore = false;
    let refreshing = false; /* quietly: what is shown is still wanted */
    let stale = false;

    const zone = () => feed.state.credits?.space.time_zone ?? 'UTC';

    function read(range, { limit = pageSize, before = null } = {}) {
        const query = new URLSearchParams({ group_by: view.by, limit });
        for (const [name, value] of Object.entries({ ...range, before })) {
            if (value)
                query.set(name, value);
        }
        return api.get(`spaces/${encodeURIComponent(space.slug)}/usage?${query}`)
            .then((answer) => answer.body);
    }

    /*
     * The usual range is the API's own, so that its clock says which day is
     * today; another is counted back from that day.
     */
    async function wanted() {
        if (view.span === null)
            return { from: view.from, to: view.to };
        if (view.span === 90)
            return {};
        return datesOf(view, lastDay(await read({}, { limit: 1 })));
    }

    function lastDay(answer) {
        return answer.to ?? today(Date.now(), zone());
    }

    /* Reads anew, as many groups as there were. */
    async function load({ quiet = false } = {}) {
        if (quiet && loadingMore) {
            stale = true;
            return;
        }
        const mine = ++turn;
        refreshing = quiet;
        const keep = quiet ? usage?.groups.length ?? 0 : 0;
        body.setAttribute('aria-busy', 'true');
        try {
            const range = await wanted();
            let page = await read(range,
                { limit: Math.min(apiMost, Math.max(pageSize, keep)) });
            let next = appendGroups(noGroups, page);
            while (next.nextBefore && next.groups.length < keep) {
                page = await read(range,
                    { limit: apiMost, before: next.nextBefore });
                next = appendGroups(next, page);
            }
            if (mine !== turn)
                return;
            refreshing = false;
            const first = usage === null;
            usage = next;
            asked = range;
            dates = datesOf(view, lastDay(page));
            /* What is being typed into the controls stays. */
            if (first || !quiet)
                controls.show(view, dates);
            render();
            if (!quiet)
                announce(`Usage by ${view.by}, ${rangeWords()}: ${
                    creditWords(usage.total.net)}`);
        } catch (problem) {
            if (mine !== turn)
                return;
            refreshing = false;
            if (problem.status === 401)
                onSignedOut();
            else if (!quiet || !usage)
                fail(problem);
            body.removeAttribute('aria-busy');
        }
    }

    function fail(problem) {
        usage = null;
        const unreadable = problem.status === 400;
        fill(body, notice({ tone: 'warn', mark: 'warn', ...explain(problem),
            title: unreadable ? 'These days can’t be shown'
                : 'Usage can’t be shown right now',
            ...unreadable && { text: problem.body.errors?.[0]?.detail ??
                'Choose other days.' },
            actions: [unreadable
                ? button('Show the last 90 days', usual, { kind: 'small' })
                : button('Try again', () => load(), { kind: 'small' })] }));
    }

    function usual() {
        change({ by: view.by, span: 90 });
        focusOn(root.querySelector('h2'));
    }

    function change(next) {
        view = next;
        writeAddress(withView(readAddress(), view));
        controls.show(view, view.span === null ? view : dates);
        load();
    }

    function rangeWords() {
        return `${day(dates.from, 'UTC')} to ${day(dates.to, 'UTC')}`;
    }

    function render() {
        if (usage.total.events === 0) {
            fill(body, nothing());
            return;
        }
        const open = body.querySelector('.days-table')?.open ?? false;
        keepingFocus(body, () => fill(body, totals(),
            usageChart(everyDay(usage.days, dates.from, dates.to), { open }),
            groupTable(usage, { by: view.by, timeZone: zone(),
                linkOf: (group) => addressWith(
                    withFilter(readAddress(), filterOfGroup(group)),
                    '#history'),
                onEvents: (group) => onEvents(filterOfGroup(group)) }),
            usage.nextBefore && el('div', { class: 'events-foot' },
                button('Load more groups', older, { kind: 'small' }))));
    }

    function filterOfGroup({ key }) {
        return { kind: ['captured_usage', 'usage_refund'], [view.by]: key ?? '',
            from: dates.from, to: dates.to };
    }

    function totals() {
        const { captured, refunded, net, events } = usage.total;
        const one = (name, words, figure) => el('div', { 'data-total': name },
            el('dt', {}, words), el('dd', {}, figure));
        return el('div', { class: 'usage-total' },
            el('p', { class: 'quiet small' }, rangeWords(),
                el('span', { class: 'usage-zone' }, `, days of ${zone()}`)),
            el('dl', {}, one('net', 'Net used', credits(net)),
                one('captured', 'Used', credits(captured)),
                one('refunded', 'Refunded', credits(refunded)),
                one('events', 'Events', credits(events))));
    }

    function nothing() {
        return el('div', { class: 'nothing' },
            el('h3', {}, 'No credits were used in these days'),
            el('p', {}, `From ${rangeWords()} nothing was charged. What ` +
                'features use appears here, by livestream, order, campaign, ' +
                'feature and member.'),
            view.span !== 90 &&
                button('Show the last 90 days', usual, { kind: 'small' }));
    }

    async function older(event) {
        if (loadingMore)
            return;
        const more = event.currentTarget;
        /* A refresh that is on its way would put less in its place. */
        if (refreshing) {
            turn++;
            refreshing = false;
            stale = true;
            body.removeAttribute('aria-busy');
        }
        const mine = turn;
        const had = usage.groups.length;
        loadingMore = true;
        more.setAttribute('aria-disabled', 'true');
        more.replaceChildren(icon('busy', 16), 'Loading…');
        try {
            const page = await read(asked, { before: usage.nextBefore });
            if (mine !== turn)
                return;
            usage = appendGroups(usage, page);
            const focused = document.activeElement === more;
            render();
            announce(`${usage.groups.length - had} more groups loaded`);
            if (focused)
                (body.querySelector('.events-foot button') ??
                    body.querySelectorAll('.groups tbody tr')[had]
                        ?.querySelector('a') ?? body.querySelector('summary'))
                    .focus({ preventScroll: true });
        } catch (problem) {
            if (problem.status === 401)
                onSignedOut();
            else if (mine === turn && problem.code === 'invalid_cursor')
                load();
            else if (mine === turn) {
                more.removeAttribute('aria-disabled');
                more.replaceChildren('Try again');
                body.querySelector('.events-foot').replaceChildren(notice({
                    tone: 'warn', mark: 'warn', role: 'alert',
                    ...explain(problem), actions: [more],
                    title: 'More groups can’t be shown right now' }));
            }
        } finally {
            loadingMore = false;
        }
        if (stale) {
            stale = false;
            load({ quiet: true });
        }
    }

    controls.show(view, null);
    onAddress((params) => {
        const next = viewOf(params);
        if (JSON.stringify(next) === JSON.stringify(view))
            return;
        view = next;
        controls.show(view, view.span === null ? view : null);
        load();
    });
    feed.listen(({ changed, credits: now, problem }) => {
        if (changed || (turn === 0 && (now || problem)))
            load({ quiet: true });
    });
}
