/*
 * Buying credits: the tiers as radio cards, and one button that makes one
 * order. Who may not buy sees what they would buy and the way on instead of a
 * dead button. The button never makes a second order for the same intention:
 * it is deaf while busy, and every try of it sends the same key
 * (lib/purchase.js).
 */

import { page } from '../lib/base.js';
import { anyOf, credits, creditWords, money, moment } from '../lib/format.js';
import { explain, explainBuying } from '../lib/problem.js';
import { announce } from './announce.js';
import { button, el, fill, notice, time } from './dom.js';
import { icon } from './icons.js';
import { paymentAddress } from './payment-address.js';

/*
 * `root`: the section; `purchases`: lib/purchase.js over the tab's storage.
 * `onSignedOut` is called with the tier when the session has ended.
 * Gives {choose(tier), focus()}.
 */
export function buyPanel(root, { api, feed, space, purchases, onSignedOut }) {
    const body = root.querySelector('[data-body]');
    const orders = root.querySelector('[data-orders]');
    let now = null;
    let kind = null;
    let chosen = purchases.chosen(space.slug);
    let busy = false;
    let go = null;
    let failure = null;

    function show({ credits: next, problem, changed, askedAt }) {
        if (!next) {
            if (problem)
                fill(body, notice({ tone: 'warn', mark: 'warn',
                    ...explain(problem),
                    title: 'Top-ups can’t be shown right now',
                    actions: [button('Try again', () => feed.refresh(),
                        { kind: 'small' })] }));
            kind = null;
            return;
        }
        if (!busy)
            purchases.settle(space.slug, next.orders, askedAt);
        if (now && !changed && kind)
            return;
        now = next;
        const sort = next.can_buy ? 'form'
            : next.cannot_buy_reason === 'role' ? 'role' : 'plan';
        const looks = JSON.stringify([sort, next.tiers, next.buyers,
            next.plan, next.upgrade_url]);
        /* Rebuilding would take the focus from a card: only when it differs. */
        if (looks !== kind) {
            kind = looks;
            ({ form, role, plan })[sort]();
        }
        showOrders();
    }

    function choose(tier) {
        chosen = tier;
        purchases.choose(space.slug, tier);
        const radio = body.querySelector(`input[value="${CSS.escape(tier)}"]`);
        if (radio)
            radio.checked = true;
        labelGo();
    }

    function tierNow() {
        return now.tiers.find((tier) => tier.id === chosen) ?? now.tiers[0];
    }

    function labelGo() {
        const tier = now && tierNow();
        if (!go || !tier)
            return;
        go.replaceChildren(...busy
            ? [icon('busy', 18), 'Opening secure payment…']
            : [`Buy ${tier.label} · ${creditWords(tier.credits)}`]);
        go.setAttribute('aria-disabled', String(busy));
    }

    function form() {
        if (now.tiers.length === 0) {
            fill(body, notice({ title: 'No top-ups are offered right now',
                text: 'There is nothing to buy at the moment. Credits that ' +
                    'you have keep working.' }));
            return;
        }
        const tier = tierNow();
        go = el('button', { type: 'submit', class: 'button main' });
        failure = el('div', {});
        const cards = now.tiers.map((each) => el('label', { class: 'tier' },
            el('input', {
                type: 'radio', name: 'tier', value: each.id,
                checked: each.id === tier.id,
                onchange: () => {
                    choose(each.id);
                    failure.replaceChildren();
                },
            }), ...cardWords(each)));
        fill(body, el('form', { onsubmit: (event) => {
            event.preventDefault();
            buy();
        } },
        el('fieldset', {},
            el('legend', { class: 'visually-hidden' }, 'How much to buy'),
            el('div', { class: 'tiers' }, cards)),
        el('div', { class: 'buy-go' }, go,
            el('p', {}, 'You pay on the payment provider’s secure page. ' +
                'Credits you buy never expire.')),
        failure));
        labelGo();
    }

    /* The offers, for those who cannot buy them. */
    function offers() {
        return el('ul', { class: 'tiers' }, now.tiers.map((tier) =>
            el('li', { class: 'tier' }, ...cardWords(tier))));
    }

    function plan() {
        go = null;
        fill(body, offers(), el('div', { class: 'buy-go' },
            el('a', { class: 'button main',
                href: upgradeAddress(now, space) }, 'Upgrade to buy credits'),
            el('p', { class: 'say' }, now.plan.paid
                ? `Top-ups need a paid plan, and ${now.plan.name} has ended. ` +
                    'Your credits keep working.'
                : `Top-ups need a paid plan, and this Space is on ` +
                    `${now.plan.name}. With a paid plan you could buy the ` +
                    'amounts above.')));
    }

    function role() {
        go = null;
        fill(body, offers(), el('div', { class: 'buy-go' },
            el('p', { class: 'say' }, 'Your role in this Space can’t buy credits. ',
                now.buyers.length > 0
                    ? `Ask ${anyOf(now.buyers)} to top up.`
                    : 'Ask an owner or admin of this Space to top up.')));
    }

    async function buy() {
        if (busy)
            return;
        const tier = tierNow();
        busy = true;
        choose(tier.id);
        failure.replaceChildren();
        announce('Opening secure payment');
        try {
            location.assign(await order(tier));
        } catch (problem) {
            busy = false;
            labelGo();
            if (problem.status === 401)
                onSignedOut(tier.id);
            else
                showFailure(problem);
        }
    }

    /* The address of the payment page. An order that has ended meanwhile, or
     * a key that was used for something else, is replaced by a new one. */
    async function order(tier) {
        for (let again = false; ; again = true) {
            const { key } = purchases.begin(space.slug, tier.id);
            try {
                const { body: made } = await api.post(
                    `spaces/${encodeURIComponent(space.slug)}/checkout`,
                    { tier: tier.id }, { key });
                purchases.ordered(space.slug, tier.id, made.order.id);
                return paymentAddress(made.payment_url);
            } catch (problem) {
                const over = ['order_expired', 'idempotency_key_reused']
                    .includes(problem.code);
                if (!over || again)
                    throw problem;
                purchases.end(space.slug, tier.id);
            }
        }
    }

    function showFailure(problem) {
        const words = explainBuying(problem);
        const actions = [];
        if (words.retry)
            actions.push(button('Try again', buy, { kind: 'small' }));
        if (words.upgrade)
            actions.push(el('a', { class: 'button small',
                href: upgradeAddress(now, space) }, 'See membership'));
        failure.replaceChildren(notice({ tone: 'warn', mark: 'warn',
            role: 'alert', ...words, actions }));
        if (['plan_not_paid', 'role', 'unknown_tier'].includes(problem.code))
            feed.refresh();
    }

    function showOrders() {
        orders.replaceChildren(...(now.orders.length === 0 ? []
            : [el('div', { class: 'card orders' },
                el('h3', {}, 'Top-ups under way'),
                el('ul', { class: 'rows' }, now.orders.map((each) =>
                    orderRow(each, now))))]));
    }

    /* Back from the payment page with the browser's own Back button. */
    addEventListener('pageshow', (event) => {
        if (event.persisted) {
            busy = false;
            labelGo();
        }
    });

    feed.listen(show);
    return {
        choose,
        focus() {
            const at = body.querySelector('input:checked') ??
                body.querySelector('a.button') ?? root.querySelector('h2');
            if (at.matches('h2'))
                at.setAttribute('tabindex', '-1');
            root.scrollIntoView({ block: 'start' });
            at.focus({ preventScroll: true });
        },
        buy,
    };
}

function cardWords(tier) {
    return [
        el('strong', {}, tier.label),
        el('span', {}, creditWords(tier.credits)),
        tier.bonus > 0 && el('span', { class: 'extra' },
            `${credits(tier.bonus)} of them as a bonus`),
    ];
}

function orderRow(order, { space, can_buy: canBuy }) {
    const price = money(order.amount, order.currency);
    const words = {
        awaiting_payment: 'Payment not finished. Nothing is charged until ' +
            'you pay.',
        processing: 'Bank payment on its way. It takes up to 4 days.',
        review: 'We are looking into this payment.',
    };
    return el('li', {},
        el('div', {},
            el('div', {}, `${price} · ${creditWords(order.credits)}`),
            el('div', { class: 'quiet small' },
                words[order.status] ?? 'Being worked on.', ' Begun ',
                time(order.created_at, moment(order.created_at, space.time_zone)))),
        el('div', { class: 'order-ways' },
            canBuy && order.payment_url && el('a', {
                class: 'small', href: paymentAddress(order.payment_url),
            }, 'Pay', el('span', { class: 'visually-hidden' }, ` ${price}`)),
            el('a', { class: 'small', href: checkAddress(order, space) },
                'Check', el('span', { class: 'visually-hidden' },
                    ` the top-up of ${price}`))));
}

/* An order that was left unpaid is looked at as one that was cancelled: the
 * server asks the provider again, and what it says of the order comes first. */
function checkAddress(order, space) {
    const query = new URLSearchParams({ space: space.slug, order: order.id });
    if (order.status === 'awaiting_payment')
        query.set('cancelled', '1');
    return `?${query}`;
}

/* Where to upgrade: our own page keeps the Space, another is taken as it is. */
function upgradeAddress(now, space) {
    const ours = page('settings/membership');
    const said = new URL(now.upgrade_url ?? ours, ours);
    if (!/^https?:$/.test(said.protocol) ||
        said.pathname.endsWith('/settings/membership'))
        return page('settings/membership', { space: space.slug,
            from: location.pathname.includes('/personal/')
                ? 'personal' : 'account' });
    return said.href;
}
