/*
 * The balance: what is available now, large, and the sum that it comes from.
 * Every figure is the API's. Where the answer is old the panel says so, and
 * keeps showing it rather than nothing.
 */

import { ago, credits, creditWords, day, money, signed, worth }
    from '../lib/format.js';
import { withFilter } from '../lib/history-filter.js';
import { isStale } from '../lib/poll.js';
import { explain } from '../lib/problem.js';
import { browser } from '../lib/storage.js';
import { debtCauses, dismissal, runwayWords, stillDismissed, warningWords }
    from '../lib/warning.js';
import { announce } from './announce.js';
import { button, el, fill, keepingFocus, notice, time } from './dom.js';
import { addressWith, readAddress } from './history-address.js';
import { holdsList } from './holds-list.js';

/*
 * `root`: the section; `onTopUp` leads to the tiers, `onEvents` to the history
 * by a filter. `isNew`: a promise of
 * whether nothing has ever happened in this Space, which is then greeted with
 * what credits are for instead of being warned that it has none.
 */
export function balancePanel(root, { api, feed, space, onTopUp, onEvents,
    isNew }) {
    const body = root.querySelector('[data-body]');
    const dismissedName = `scrip.dismissed.${space.slug}`;
    let shown = null;
    let stale = null;
    let fresh = null;

    function show({ credits: now, problem, changed, answeredAt }) {
        if (!now && problem) {
            fill(body, notice({ tone: 'warn', mark: 'warn',
                ...explain(problem),
                title: 'Your balance can’t be shown right now',
                actions: [button('Try again', () => {
                    body.setAttribute('aria-busy', 'true');
                    feed.refresh();
                }, { kind: 'small' })] }));
            return;
        }
        if (changed || !shown)
            render(now);
        age(answeredAt);
    }

    function render(now) {
        const open = body.querySelector('details')?.open ?? false;
        if (shown && shown.balance.available !== now.balance.available)
            announce(`Balance: ${creditWords(now.balance.available)} available`);
        shown = now;
        stale = el('p', { class: 'balance-stale' });
        keepingFocus(body, () => fill(body,
            el('div', { class: 'balance-now' }, available(now),
                fresh && isEmpty(now) ? greeting() : warning(now), stale, bar(now.balance)),
            sum(now, openHolds), holdsList(now, open)));
    }

    /* The figure of what is held leads to what holds it. */
    function openHolds() {
        const details = body.querySelector('details');
        details.open = true;
        details.querySelector('summary').focus();
    }

    function warning(now) {
        const kept = stillDismissed(browser.read(dismissedName), now.warning);
        if (kept === null)
            browser.remove(dismissedName);
        const words = warningWords(now.warning, now.balance,
            now.space.time_zone);
        if (!words || kept !== null || (fresh === null && isEmpty(now)))
            return null;
        const box = notice({ ...words, mark: 'warn', actions: [
            el('button', { type: 'button', class: 'link', onclick: onTopUp },
                now.can_buy ? 'Top up' : 'See top-ups'),
            el('button', { type: 'button', class: 'link', onclick: () => {
                browser.write(dismissedName, dismissal(now.warning));
                box.remove();
                announce('Warning dismissed');
            } }, 'Dismiss'),
        ] });
        if (now.warning.level === 'negative')
            explainDebt(box, now);
        return box;
    }

    /* Which refunds and disputes it comes from, each with a link to it. The
     * words stand without them. */
    async function explainDebt(box, { balance, space: { time_zone: zone } }) {
        const query = new URLSearchParams({ limit: 100,
            kind: 'top_up_refund,dispute,dispute_reversal' });
        let events;
        try {
            ({ body: { events } } = await api.get(
                `spaces/${encodeURIComponent(space.slug)}/events?${query}`));
        } catch {
            return;
        }
        const causes = debtCauses(events, balance.debt);
        if (causes.length === 0)
            return;
        box.querySelector('.actions').before(el('ul', { class: 'causes' },
            causes.map(({ event, owed }) => el('li', {},
                el('a', { href: linkOf(event), onclick: (click) =>
                    followed(click, event) }, event.title),
                ' on ', time(event.occurred_at, day(event.occurred_at, zone)),
                `: ${signed(event.credits)}, ${credits(owed)} of them owed`))));
    }

    const linkOf = (event) => addressWith(
        withFilter(readAddress(), { event: event.id }), '#history');

    function followed(click, event) {
        if (click.metaKey || click.ctrlKey || click.shiftKey)
            return;
        click.preventDefault();
        onEvents({ event: event.id });
    }

    function age(answeredAt) {
        if (stale)
            stale.textContent = isStale(answeredAt, Date.now())
                ? `Updated ${ago(answeredAt, Date.now())}` : '';
    }

    isNew.then((yes) => {
        fresh = yes;
        if (shown && isEmpty(shown))
            render(shown);
    });
    feed.listen(show);
    setInterval(() => age(feed.state.answeredAt), 10_000);
}

/* Nothing in, nothing out, nothing owed. */
function isEmpty({ balance, orders }) {
    return balance.total === 0 && balance.held === 0 && balance.debt === 0 &&
        orders.length === 0;
}

function greeting() {
    return el('p', { class: 'balance-hint' },
        'Credits pay for AI replies, drafts, video summaries, clips and ' +
        'livestreams. They come with a paid plan, and can be topped up.');
}

function available({ balance, badge, runway_days: runway }) {
    const figure = credits(balance.available);
    const value = worth(balance.available, badge);
    return [
        el('h2', { id: 'balance-title' }, 'Available now'),
        el('p', { class: [
            'balance-figure',
            figure.length > 9 ? 'long' : '',
            balance.available < 0 ? 'below' : '',
        ].join(' ').trim(), 'data-available': String(balance.available) },
        figure),
        el('p', { class: 'quiet' },
            Math.abs(balance.available) === 1 ? 'credit' : 'credits',
            balance.available > 0
                ? `, worth about ${money(value, badge.per.currency)}` : ''),
        runwayWords(runway) && el('p', { class: 'quiet balance-runway' },
            runwayWords(runway)),
    ];
}

/* How the total is made up, as a strip. The sum beside it says the same. */
function bar(balance) {
    if (balance.included + balance.bonus + balance.top_up === 0)
        return null;
    const space = 'http://www.w3.org/2000/svg';
    const svg = document.createElementNS(space, 'svg');
    svg.setAttribute('class', 'balance-bar');
    svg.setAttribute('viewBox', '0 0 1000 8');
    svg.setAttribute('preserveAspectRatio', 'none');
    svg.setAttribute('aria-hidden', 'true');
    const parts = [['included', balance.included], ['bonus', balance.bonus],
        ['top-up', balance.top_up]].filter(([, count]) => count > 0);
    const all = parts.reduce((total, [, count]) => total + count, 0);
    let from = 0;
    for (const [name, count] of parts) {
        const width = Math.max(8, Math.round(1000 * count / all));
        const rect = document.createElementNS(space, 'rect');
        rect.setAttribute('class', name);
        rect.setAttribute('x', String(from));
        rect.setAttribute('width', String(Math.max(1, width - 4)));
        rect.setAttribute('height', '8');
        rect.setAttribute('rx', '2');
        svg.append(rect);
        from += width;
    }
    return svg;
}

function row(name, words, hint, figure, kind = '') {
    return el('div', { class: kind },
        el('dt', {},
            el('span', { class: `swatch ${name}`, 'aria-hidden': 'true' }),
            words, hint && el('small', {}, hint)),
        el('dd', { 'data-part': name }, figure));
}

function sum({ balance, space, holds }, onHolds) {
    const until = balance.included > 0 && balance.included_expires_at;
    return el('dl', { class: 'sum' },
        row('included', 'Included', until
            ? ['expires ', time(until, day(until, space.time_zone))]
            : 'with a membership', credits(balance.included)),
        row('bonus', 'Bonus', null, credits(balance.bonus)),
        row('top-up', 'Topped up', 'never expires', credits(balance.top_up)),
        balance.debt > 0 && row('debt', 'Owed',
            'refunded or disputed after use', credits(-balance.debt)),
        row('total', 'Total', null, credits(balance.total), 'rule'),
        row('held', 'Held', holds.length > 0 ? el('button', {
            type: 'button', class: 'link small', onclick: onHolds,
        }, 'by running work', el('span', { class: 'visually-hidden' },
            ', show what')) : 'by running work', credits(-balance.held)),
        row('available', 'Available now', null, credits(balance.available),
            'rule strong'));
}
