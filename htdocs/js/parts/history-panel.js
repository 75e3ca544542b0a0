/*
 * The credit event history: newest first, older rows on demand. Rows are only
 * ever added: what is on the page keeps its place, its focus and its scroll.
 */

import { credits, moment, signed } from '../lib/format.js';
import { appendPage, emptyHistory, mergeNewest } from '../lib/history.js';
import { explain } from '../lib/problem.js';
import { announce } from './announce.js';
import { button, el, fill, notice, time } from './dom.js';
import { icon } from './icons.js';

const pageSize = 25;

/* `root`: the section. Gives `isNew`, a promise of whether nothing has ever
 * happened in this Space. */
export function historyPanel(root, { api, feed, space, onSignedOut }) {
    const body = root.querySelector('[data-body]');
    const rows = el('tbody', { role: 'rowgroup' });
    const foot = el('div', { class: 'events-foot' });
    let list = null;
    let loading = false;
    let stale = false;
    let more = null;
    let tellNew = null;
    const isNew = new Promise((resolve) => { tellNew = resolve; });

    function read(before = null) {
        const query = new URLSearchParams({ limit: pageSize });
        if (before)
            query.set('before', before);
        return api.get(`spaces/${encodeURIComponent(space.slug)}/events?${query}`);
    }

    /* The newest page: at first, and whenever the balance has changed. */
    async function refresh() {
        if (loading) {
            stale = true;
            return;
        }
        loading = true;
        try {
            const { body: page } = await read();
            const first = list === null;
            const before = list;
            list = first ? appendPage(emptyHistory, page)
                : mergeNewest(list, page);
            tellNew(list.events.length === 0);
            if (first || before.events.length === 0)
                build();
            else
                put(before);
        } catch (problem) {
            if (problem.status === 401)
                onSignedOut();
            else if (list === null)
                fail(problem);
            tellNew(false);
            /* What is shown stays true; the next change asks again. */
        } finally {
            loading = false;
        }
        if (stale) {
            stale = false;
            refresh();
        }
    }

    function fail(problem) {
        fill(body, notice({ tone: 'warn', mark: 'warn', ...explain(problem),
            title: 'The history can’t be shown right now',
            actions: [button('Try again', () => {
                body.setAttribute('aria-busy', 'true');
                refresh();
            }, { kind: 'small' })] }));
    }

    function build() {
        if (list.events.length === 0) {
            fill(body, el('div', { class: 'nothing' },
                el('h3', {}, 'Nothing has happened yet'),
                el('p', {}, 'Every top-up, every allocation and every use ' +
                    'of credits appears here, with what it was for and the ' +
                    'balance after it.')));
            return;
        }
        rows.replaceChildren(...list.events.map(row));
        fill(body, el('table', { class: 'events', role: 'table',
            'aria-labelledby': 'history-title' },
        el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' },
            ...['Date', 'What', 'Credits', 'Balance after'].map((name, at) =>
                el('th', { scope: 'col', role: 'columnheader',
                    class: at > 1 ? 'figure' : null }, name)))), rows), foot);
        footer();
    }

    /* New rows in front, or a fresh start when too much happened. */
    function put(before) {
        const known = new Set(before.events.map((event) => event.id));
        const fresh = list.events.filter((event) => !known.has(event.id));
        if (fresh.length === list.events.length) {
            build();
            return;
        }
        rows.prepend(...fresh.map(row));
    }

    function footer() {
        more = list.nextBefore
            ? button('Load older events', older, { kind: 'small' }) : null;
        foot.replaceChildren(...(more ? [more] : []));
        foot.hidden = !more;
    }

    async function older() {
        if (loading)
            return;
        loading = true;
        more.setAttribute('aria-disabled', 'true');
        more.replaceChildren(icon('busy', 16), 'Loading…');
        try {
            const { body: page } = await read(list.nextBefore);
            const had = list.events.length;
            list = appendPage(list, page);
            const fresh = list.events.slice(had).map(row);
            rows.append(...fresh);
            announce(`${fresh.length} older events loaded`);
            const focused = document.activeElement === more;
            if (list.nextBefore) {
                /* Putting it in again would take the focus from it. */
                if (more.parentNode !== foot)
                    foot.replaceChildren(more);
                label();
            } else {
                footer();
                announce(`${fresh.length} older events loaded. That is all`);
                /* The button goes; the focus goes on to what it brought. */
                if (focused && fresh.length > 0) {
                    fresh[0].setAttribute('tabindex', '-1');
                    fresh[0].focus({ preventScroll: true });
                }
            }
        } catch (problem) {
            if (problem.status === 401) {
                onSignedOut();
                return;
            }
            label('Try again');
            foot.replaceChildren(notice({ tone: 'warn', mark: 'warn',
                role: 'alert', ...explain(problem),
                title: 'Older events can’t be shown right now',
                actions: [more] }));
        } finally {
            loading = false;
        }
    }

    function label(words = 'Load older events') {
        more.replaceChildren(words);
        more.removeAttribute('aria-disabled');
    }

    feed.listen(({ changed, credits: now, problem }) => {
        if (changed || (list === null && (now || problem)))
            refresh();
    });

    function row(event) {
        const zone = feed.state.credits?.space.time_zone;
        const cell = (kind, ...content) =>
            el('td', { role: 'cell', class: kind }, content);
        return el('tr', { role: 'row', 'data-event': event.id },
            cell('when', time(event.occurred_at,
                moment(event.occurred_at, zone))),
            cell('what', event.title,
                event.words && el('small', {}, event.words)),
            cell(`figure change ${event.credits > 0 ? 'in' : 'out'}`,
                signed(event.credits)),
            cell('figure after',
                el('span', { class: 'visually-hidden' }, 'Balance after: '),
                credits(event.balance_after)));
    }

    return { isNew };
}
