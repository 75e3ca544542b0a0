/*
 * The Membership page: the plans and the current one. Changing the plan here
 * is not offered yet, and the page says so instead of showing a dead button.
 */

import { creditWords, credits, day, minorDigits, money }
    from '../lib/format.js';
import { explain } from '../lib/problem.js';
import { button, el, fill, notice, time } from '../parts/dom.js';
import { openFrame } from '../parts/frame.js';
import { icon } from '../parts/icons.js';
import { markSettings } from '../parts/settings-nav.js';

markSettings();
const { api, space, feed, signedOut } = await openFrame();
const body = document.querySelector('#plans [data-body]');
load();

async function load() {
    body.setAttribute('aria-busy', 'true');
    try {
        const answer = await api.get(
            `spaces/${encodeURIComponent(space.slug)}/membership`);
        render(answer.body);
    } catch (problem) {
        if (problem.status === 401)
            signedOut();
        else
            fill(body, notice({ tone: 'warn', mark: 'warn',
                ...explain(problem),
                title: 'The plans can’t be shown right now',
                actions: [button('Try again', load, { kind: 'small' })] }));
    }
}

function render(membership) {
    const current = membership.plans.find(({ id }) => id === planId(membership));
    fill(body,
        state(membership, current),
        el('ul', { class: 'plans' }, membership.plans.map((plan) =>
            card(plan, plan === current))),
        notice({
            title: 'Changing your plan',
            text: 'Plans can’t be changed on this page yet. Until they can, ' +
                'ask whoever runs your platform to move this Space to ' +
                'another plan. Your credits stay as they are, and those you ' +
                'bought never expire.',
        }));
}

/* `plan` is the current plan's id or the plan itself. */
function planId({ plan }) {
    return typeof plan === 'string' ? plan : plan?.id;
}

function state({ status, renews_at: renews, plan }, current) {
    const name = current?.name ?? plan?.name ?? 'no plan';
    const zone = feed.state.credits?.space.time_zone;
    const until = renews && time(renews, day(renews, zone));
    if (status === 'past_due')
        return notice({ tone: 'warn', mark: 'warn',
            title: 'The last membership payment didn’t go through',
            text: 'The plan stays for now, and so do your credits. Check ' +
                'the card that the membership is paid with.' });
    const words = status === 'cancelled' && until
        ? [' It has been cancelled and ends on ', until, '.']
        : status === 'active' && until ? [' It renews on ', until, '.'] : [];
    return el('p', { class: 'plan-now' }, `${space.name} is on `,
        el('strong', {}, name), '.', ...words);
}

function card(plan, isCurrent) {
    const price = plan.price && plan.price.amount > 0;
    return el('li', { class: isCurrent ? 'plan card current' : 'plan card' },
        el('div', { class: 'plan-name' }, el('h3', {}, plan.name),
            isCurrent && el('span', { class: 'plan-tag' }, 'Current plan')),
        el('p', { class: 'plan-price' },
            el('strong', {}, price
                ? money(plan.price.amount, plan.price.currency) : 'Free'),
            price ? ` a ${plan.price.interval}` : ''),
        el('ul', { class: 'plan-list' }, features(plan).map(([has, words]) =>
            el('li', { class: has ? null : 'lacks' },
                icon(has ? 'tick' : 'close', 16), el('span', {}, words)))));
}

/* What a plan gives and what it does not: [has, words]. */
function features(plan) {
    const list = [];
    if (plan.included_credits > 0)
        list.push(
            [true, `${creditWords(plan.included_credits)} included each ` +
                (plan.price?.interval ?? 'month')],
            [true, plan.rollover ? 'Included credits roll over'
                : 'Included credits expire at the end of the period']);
    else
        list.push([false, 'No credits included']);
    if (plan.paid)
        list.push(
            [true, `Top-ups at ${credits(plan.rate)} credits per ` +
                money(10 ** minorDigits(plan.price.currency),
                    plan.price.currency)],
            [true, 'Credits you buy never expire']);
    else
        list.push([false, 'No top-ups']);
    return list;
}
