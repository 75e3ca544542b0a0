/*
 * Plans as cards, the current one marked, each with what it includes, its
 * rate, and what can be done about it.
 */

import { features, offer, priceWords } from '../lib/membership.js';
import { button, el } from './dom.js';
import { icon } from './icons.js';

/* `onAct(act, plan)` is called by a card's button. `busy`: the plan whose
 * button is at work, or null. */
export function planCards(membership, { timeZone, busy, onAct }) {
    return el('ul', { class: 'plans' }, membership.plans.map((plan) => {
        const { tag, act, label } = offer(membership, plan, timeZone);
        return el('li', {
            class: tag === 'Current plan' ? 'plan card current' : 'plan card',
            'data-plan': plan.id,
        },
        el('div', { class: 'plan-name' }, el('h3', {}, plan.name),
            tag && el('span', { class: 'plan-tag' }, tag)),
        price(plan.price),
        el('ul', { class: 'plan-list' }, features(plan).map(([has, words]) =>
            el('li', { class: has ? null : 'lacks' },
                icon(has ? 'tick' : 'close', 16), el('span', {}, words)))),
        act && el('div', { class: 'plan-act' }, button(
            busy === plan.id ? 'One moment…' : label,
            () => onAct(act, plan),
            { kind: ['buy', 'upgrade'].includes(act) ? 'main' : '',
                'aria-disabled': String(busy !== null), 'data-act': act })));
    }));
}

function price(price) {
    const [amount, ...rest] = priceWords(price).split(' ');
    return el('p', { class: 'plan-price' }, el('strong', {}, amount),
        rest.length > 0 && ` ${rest.join(' ')}`);
}
