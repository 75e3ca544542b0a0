/*
 * One event as a row that opens. The row says what happened; opened, it says
 * everything: the sum, the lots, who, before and after, the payment with its
 * receipt, and what it refunds or was refunded by. What has to be asked for
 * is asked when the row is opened, and a failure of it never hides the rest.
 */

import { base } from '../lib/base.js';
import { credits, moment, money, signed } from '../lib/format.js';
import { amountWords, balanceWords, exactMoment, followedWords, lotWords,
    priceWords, referenceWords, refundedWords, whyWords }
    from '../lib/history-words.js';
import { announce } from './announce.js';
import { button, el, time } from './dom.js';
import { icon } from './icons.js';

let count = 0;

/*
 * Gives {row, toggle(open)}. `look`: {api, slug, timeZone, linkOf(filter),
 * onFilter(filter), onToggle(id, open)}.
 */
export function eventRow(event, look) {
    const id = `event-${++count}`;
    let detail = null;
    const opener = el('button', { type: 'button', class: 'event-open',
        'aria-expanded': 'false', onclick: () => toggle() },
    icon('more', 16), el('span', { dir: 'auto' }, event.title));
    const cell = (kind, ...content) =>
        el('td', { role: 'cell', class: kind }, content);
    const row = el('tr', { role: 'row', 'data-event': event.id,
        onclick: pressed },
    cell('when', time(event.occurred_at,
        moment(event.occurred_at, look.timeZone))),
    cell('what', opener,
        event.words && el('small', { dir: 'auto' }, event.words)),
    cell(`figure change ${event.credits > 0 ? 'in' : 'out'}`,
        signed(event.credits)),
    cell('figure after',
        el('span', { class: 'visually-hidden' }, 'Balance after: '),
        credits(event.balance_after)));

    /* The whole row is a target for the mouse, unless text is selected. */
    function pressed(click) {
        if (!click.target.closest('button, a') && getSelection().isCollapsed)
            toggle();
    }

    function toggle(open = detail === null) {
        if (open === (detail !== null))
            return;
        opener.setAttribute('aria-expanded', String(open));
        row.classList.toggle('open', open);
        if (open) {
            detail = el('tr', { role: 'row', class: 'detail', id },
                el('td', { role: 'cell', colspan: '4' },
                    details(event, look)));
            opener.setAttribute('aria-controls', id);
            row.after(detail);
        } else {
            detail.remove();
            detail = null;
            opener.removeAttribute('aria-controls');
        }
        look.onToggle(event.id, open);
    }

    return { row, toggle, focus: () => opener.focus() };
}

function details(event, look) {
    const line = (words, ...content) => content.some(Boolean) &&
        el('div', {}, el('dt', {}, words), el('dd', {}, content));
    const refunded = refundedWords(event);
    const why = whyWords(event);
    const list = el('dl', { class: 'event-more' },
        line('Why', why),
        line('How it was counted',
            event.words !== event.note && event.words),
        line('Balance', balanceWords(event)),
        line('Price', priceWords(event.price, event.unit),
            event.price && event.quality && `, ${event.quality}`),
        lotWords(event).length > 0 && line(event.credits < 0
            ? 'Taken from' : 'Went to', el('ul', {
            class: 'event-lots' }, lotWords(event).map(({ words, lot }) =>
            el('li', {}, words, ' ', lot && el('code', {}, lot))))),
        referenceWords(event).map(({ name, words, value, shown }) =>
            line(words, el('span', { dir: 'auto' }, shown), ' ',
                filterLink({ [name]: value }, 'All its events', look))),
        line(why ? 'What happened' : 'Note', event.note && el('span', { dir: 'auto' }, event.note)),
        line('Time', time(event.occurred_at,
            exactMoment(event.occurred_at, look.timeZone))),
        refunded && line(refunded.name, filterLink(
            { event: event.refund_of }, refunded.link, look)),
        line('Event', el('code', {}, event.id), ' ', copy(event.id),
            ' ', filterLink({ event: event.id }, 'Link to it', look)));
    if (event.checkout_order)
        list.insertBefore(payment(event, look, line), list.lastChild);
    if (followedWords(event))
        list.insertBefore(followed(event, look, line), list.lastChild);
    return list;
}

function filterLink(filter, words, { linkOf, onFilter }) {
    return el('a', { href: linkOf(filter), onclick: (click) => {
        if (click.metaKey || click.ctrlKey || click.shiftKey)
            return;
        click.preventDefault();
        onFilter(filter);
    } }, words);
}

function copy(id) {
    return button('Copy', async (click) => {
        const pressed = click.currentTarget;
        try {
            await navigator.clipboard.writeText(id);
            pressed.textContent = 'Copied';
            announce('Event id copied');
        } catch {
            /* It stands beside the button, to be copied by hand. */
            pressed.textContent = 'Copying isn’t allowed here';
        }
    }, { kind: 'small', 'aria-label': 'Copy the event’s id' });
}

/* The payment: amount, who paid, receipt. Who and the receipt are the order's. */
function payment(event, { api, slug }, line) {
    const order = encodeURIComponent(event.checkout_order);
    const more = el('span', {});
    api.get(`spaces/${encodeURIComponent(slug)}/orders/${order}`)
        .then(({ body }) => {
            const { member, receipt_url: receipt, currency,
                refunded_amount: refunded } = body.order;
            const who = member?.name ?? member;
            more.append(...who ? [', by ', el('span', { dir: 'auto' }, who)]
                : []);
            if (refunded > 0)
                more.append(`, ${money(refunded, currency,
                    { exact: true })} refunded`);
            if (receipt && /^https?:$/.test(new URL(receipt, base).protocol))
                more.append(' ', el('a', { rel: 'noopener',
                    href: new URL(receipt, base).href }, 'Receipt'));
        }, () => {
            more.append(' ', el('span', { class: 'quiet' },
                'Its receipt can’t be shown right now.'));
        });
    return line('Payment', amountWords(event) ?? '', more,
        ' ', el('code', {}, event.checkout_order));
}

/* What refunded this event, or took its credits back, or gave them back:
 * looked for when asked. */
function followed(event, look, line) {
    const words = followedWords(event);
    const found = el('span', {}, 'Looking…');
    const path = `spaces/${encodeURIComponent(look.slug)}/events/`;
    look.api.get(path + encodeURIComponent(event.id)).then(({ body }) => {
        const each = body.refunds.map((one) => el('li', {},
            filterLink({ event: one.id }, `${one.title}, ${
                moment(one.occurred_at, look.timeZone)}`, look),
            ' ', signed(one.credits)));
        found.replaceChildren(each.length > 0
            ? el('ul', { class: 'event-lots' }, each) : words.none);
    }, () => {
        found.textContent = 'This can’t be shown right now.';
    });
    return line(words.name, found);
}
