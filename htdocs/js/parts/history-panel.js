/*
 * The credit event history: newest first, older rows on demand, filters that
 * stay in the page's address. Rows are only ever added: what is on the page
 * keeps its place, its focus and its scroll, and what is open stays open.
 */

import { base } from '../lib/base.js';
import { eventWords, filterOf, filterQuery, isFiltered, withFilter }
    from '../lib/history-filter.js';
import { appendPage, emptyHistory, mergeNewest } from '../lib/history.js';
import { explain } from '../lib/problem.js';
import { announce } from './announce.js';
import { button, el, fill, focusOn, notice } from './dom.js';
import { addressWith, onAddress, readAddress, writeAddress }
    from './history-address.js';
import { historyFilters } from './history-filters.js';
import { eventRow } from './history-row.js';
import { icon } from './icons.js';

const pageSize = 25;

/*
 * `root`: the section. Gives {isNew, filter(filter)}: a promise of whether
 * nothing has ever happened in this Space, and the way to show other events
 * and lead there.
 */
export function historyPanel(root, { api, feed, space, onSignedOut }) {
    const body = root.querySelector('[data-body]');
    const csv = el('a', { class: 'small', download: true });
    const title = root.querySelector('h2');
    const rows = el('tbody', { role: 'rowgroup' });
    const foot = el('div', { class: 'events-foot' });
    const path = `spaces/${encodeURIComponent(space.slug)}/events`;
    const controls = historyFilters(root.querySelector('[data-filters]'),
        { onChange: change });
    let filter = filterOf(readAddress());
    let list = null;
    let turn = 0;
    let loading = false;
    let stale = false;
    let pressed = false;
    let failure = null;
    let more = null;
    let open = new Set();
    let tellNew = null;
    const isNew = new Promise((resolve) => { tellNew = resolve; });

    async function read(before = null) {
        if (filter.event)
            return one(filter.event);
        const query = filterQuery(filter);
        query.set('limit', pageSize);
        if (before)
            query.set('before', before);
        return (await api.get(`${path}?${query}`)).body;
    }

    async function one(id) {
        try {
            const { body: { event } } = await api.get(
                `${path}/${encodeURIComponent(id)}`);
            open.add(event.id);
            return { events: [event], next_before: null };
        } catch (problem) {
            if (problem.status !== 404)
                throw problem;
            return { events: [], next_before: null };
        }
    }

    /* The newest page: at first, with another filter, and whenever the
     * balance has changed. */
    async function refresh() {
        if (loading) {
            stale = true;
            return;
        }
        const mine = turn;
        loading = true;
        try {
            const page = await read();
            if (mine === turn)
                await arrived(page);
        } catch (problem) {
            if (problem.status === 401)
                onSignedOut();
            else if (mine === turn && list === null)
                fail(problem);
            tellNew(false);
            /* What is shown stays true; the next change asks again. */
        } finally {
            loading = false;
        }
        goOn();
    }

    /* What was wanted while something else was read. */
    function goOn() {
        if (stale) {
            stale = false;
            refresh();
        } else if (pressed) {
            pressed = false;
            older();
        }
    }

    async function arrived(page) {
        const before = list;
        list = before === null ? appendPage(emptyHistory, page)
            : mergeNewest(before, page);
        const had = before?.events.length ?? null;
        if (had === null || (had === 0 && list.events.length > 0))
            build();
        else if (had > 0)
            put(before);
        /* Nothing, as before: what stands there may be about to be pressed. */
        if (before === null && isFiltered(filter))
            announce(list.events.length === 0 ? 'No events match'
                : `${eventWords(list.events.length)} shown${
                    list.nextBefore ? ', there are more' : ''}`);
        tellNew(list.events.length === 0 && (!isFiltered(filter) ||
            (await api.get(`${path}?limit=1`)).body.events.length === 0));
    }

    /* Shows other events; `lead` brings the member to them. */
    function change(next, { lead = false } = {}) {
        writeAddress(withFilter(readAddress(), next));
        show(next);
        if (lead) {
            root.scrollIntoView({ block: 'start' });
            focusOn(title);
        } else if (document.activeElement === document.body ||
            body.contains(document.activeElement)) {
            focusOn(title); /* the button that was pressed goes */
        }
    }

    function show(next) {
        filter = next;
        open = new Set();
        list = null;
        pressed = false;
        failure = null;
        turn++;
        label();
        body.setAttribute('aria-busy', 'true');
        refresh();
    }

    /* What the heading, the filters and the link of the CSV say. */
    function label() {
        controls.show(filter);
        const address = new URL(`api/v1/${path}.csv`, base);
        address.search = filterQuery(filter);
        csv.href = address.href;
        csv.hidden = Boolean(filter.event);
        csv.replaceChildren(isFiltered(filter)
            ? 'Download these as CSV' : 'Download as CSV');
    }

    const all = () => button('Show all events', () => change({}),
        { kind: 'small' });

    function fail(problem) {
        const unreadable = problem.status === 400 && isFiltered(filter);
        const same = failure?.code === problem.code;
        failure = problem;
        if (same) { /* it stands there, and may be about to be pressed */
            body.removeAttribute('aria-busy');
            return;
        }
        fill(body, notice({ tone: 'warn', mark: 'warn', ...explain(problem),
            title: unreadable ? 'This filter can’t be read'
                : 'The history can’t be shown right now',
            ...unreadable && { text: problem.body.errors?.[0]?.detail ??
                'The address of this page may have been changed.' },
            actions: [unreadable ? all() : button('Try again', () => {
                body.setAttribute('aria-busy', 'true');
                refresh();
            }, { kind: 'small' })] }));
    }

    function build() {
        failure = null;
        if (list.events.length === 0) {
            fill(body, el('div', { class: 'nothing' }, isFiltered(filter) ? [
                el('h3', {}, 'No events match'),
                el('p', {}, 'Nothing of that kind has happened, or not in ' +
                    'these days.'), all(),
            ] : [
                el('h3', {}, 'Nothing has happened yet'),
                el('p', {}, 'Every top-up, every allocation and every use ' +
                    'of credits appears here, with what it was for and the ' +
                    'balance after it.'),
            ]));
            return;
        }
        rows.replaceChildren();
        fill(body, el('table', { class: 'events', role: 'table',
            'aria-labelledby': title.id },
        el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' },
            ...['Date', 'What', 'Credits', 'Balance after'].map((name, at) =>
                el('th', { scope: 'col', role: 'columnheader',
                    class: at > 1 ? 'figure' : null }, name)))), rows), foot);
        add(list.events, (each) => rows.append(...each));
        footer();
    }

    /* Puts rows in with `place`, then opens those that were open. */
    function add(events, place) {
        const made = events.map((event) => [event, eventRow(event, {
            api, slug: space.slug,
            timeZone: feed.state.credits?.space.time_zone,
            linkOf: (next) => addressWith(withFilter(readAddress(), next),
                '#history'),
            onFilter: (next) => change(next, { lead: true }),
            onToggle: (id, yes) => yes ? open.add(id) : open.delete(id),
        })]);
        place(made.map(([, { row }]) => row));
        for (const [event, { toggle }] of made) {
            if (open.has(event.id))
                toggle(true);
        }
        return made.map(([, each]) => each);
    }

    /* New rows in front, or a fresh start when too much happened. */
    function put(before) {
        const known = new Set(before.events.map((event) => event.id));
        const fresh = list.events.filter((event) => !known.has(event.id));
        if (fresh.length === list.events.length)
            build();
        else
            add(fresh, (each) => rows.prepend(...each));
    }

    function footer() {
        more = list.nextBefore
            ? button('Load older events', older, { kind: 'small' }) : null;
        foot.replaceChildren(...(more ? [more] : []));
        foot.hidden = !more;
    }

    async function older() {
        if (!list?.nextBefore)
            return;
        more.setAttribute('aria-disabled', 'true');
        more.replaceChildren(icon('busy', 16), 'Loading…');
        if (loading) {
            pressed = true;
            return;
        }
        const mine = turn;
        loading = true;
        try {
            const page = await read(list.nextBefore);
            if (mine === turn)
                appended(page);
        } catch (problem) {
            if (problem.status === 401)
                onSignedOut();
            else if (mine === turn)
                notOlder(problem);
        } finally {
            loading = false;
        }
        goOn();
    }

    function appended(page) {
        const had = list.events.length;
        list = appendPage(list, page);
        const focused = document.activeElement === more;
        const fresh = add(list.events.slice(had),
            (each) => rows.append(...each));
        if (list.nextBefore) {
            announce(`${fresh.length} older events loaded`);
            /* Putting it in again would take the focus from it. */
            if (more.parentNode !== foot)
                foot.replaceChildren(more);
            ready();
            return;
        }
        footer();
        announce(`${fresh.length} older events loaded. That is all`);
        /* The button goes; the focus goes on to what it brought. */
        if (focused && fresh.length > 0) {
            fresh[0].row.setAttribute('tabindex', '-1');
            fresh[0].row.focus({ preventScroll: true });
        }
    }

    function notOlder(problem) {
        if (problem.code === 'invalid_cursor') {
            show(filter); /* what it pointed to is gone: from the start */
            return;
        }
        ready('Try again');
        foot.replaceChildren(notice({ tone: 'warn', mark: 'warn',
            role: 'alert', ...explain(problem),
            title: 'Older events can’t be shown right now',
            actions: [more] }));
    }

    function ready(words = 'Load older events') {
        more.replaceChildren(words);
        more.removeAttribute('aria-disabled');
    }

    root.querySelector('[data-csv]').append(csv);
    label();
    onAddress((params) => {
        const next = filterOf(params);
        if (JSON.stringify(next) !== JSON.stringify(filter))
            show(next);
    });
    feed.listen(({ changed, credits: now, problem }) => {
        if (changed || (list === null && (now || problem)))
            refresh();
    });
    return { isNew, filter: (next) => change(next, { lead: true }) };
}
