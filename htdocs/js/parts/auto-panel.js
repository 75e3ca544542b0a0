/*
 * Auto top-up, for those who may see it: what is agreed, the saved card, how
 * things stand and the way on. Nothing is agreed to before the very words are
 * shown. Owners agree; admins can turn it off.
 */

import { cardWords, draftOf, stateWords, termsOf } from '../lib/auto-top-up.js';
import { page } from '../lib/base.js';
import { money, moment } from '../lib/format.js';
import { oneAtATime } from '../lib/one-at-a-time.js';
import { explain } from '../lib/problem.js';
import { uuid7 } from '../lib/uuid.js';
import { announce } from './announce.js';
import { paymentAddress } from './payment-address.js';
import { button, el, fill, focusOn, notice, time } from './dom.js';
import { limitField } from './limits-fields.js';

export function autoPanel(root, { api, feed, space, onSignedOut }) {
    const body = root.querySelector('[data-body]');
    const path = `spaces/${encodeURIComponent(space.slug)}`;
    const isOwner = space.role === 'owner';
    let limits = null;
    let now = null;
    let draft = null;
    let changing = false;
    let busy = false;
    let turn = 0; /* of saving: what was read before it is old */
    let said = el('div', {});
    /* One purchase that saves a card: its retries come to the same order. */
    let saving = { tier: null, key: null };

    const load = oneAtATime(read);

    async function read() {
        if (busy || changing)
            return;
        const mine = turn;
        try {
            const { body: answer } = await api.get(`${path}/limits`);
            if (mine !== turn || busy || changing)
                return;
            const same = JSON.stringify(answer.auto_top_up) ===
                JSON.stringify(limits?.auto_top_up);
            limits = answer;
            root.hidden = false;
            if (!same)
                render();
        } catch (problem) {
            if (problem.status === 401)
                onSignedOut();
            else if (problem.status === 403)
                root.hidden = true;
            else if (limits === null)
                fill(body, notice({ tone: 'warn', mark: 'warn',
                    ...explain(problem),
                    title: 'Automatic top-ups can’t be shown right now',
                    actions: [button('Try again', load, { kind: 'small' })] }));
        }
    }

    const tierOf = (auto) => now.tiers.find(({ id }) => id === auto.tier);

    function render() {
        const auto = limits.auto_top_up;
        said = el('div', { class: 'auto-said' });
        if (!auto.enabled)
            fill(body, isOwner ? off() : closed());
        else
            fill(body, on(auto));
    }

    function closed() {
        return el('div', { class: 'auto' }, el('p', {},
            'Off. An owner of this Space can turn it on.'));
    }

    /* Off: the terms, with the words that are agreed to. */
    function off() {
        draft = draftOf(limits.auto_top_up, now.tiers);
        if (!draft || !now.can_buy)
            return el('div', { class: 'auto' }, el('p', {},
                'Automatic top-ups need a paid plan.'),
            el('div', { class: 'actions' }, el('a', { class: 'button small',
                href: page('settings/membership', { space: space.slug }) },
            'See membership')));
        return el('div', { class: 'auto' },
            el('p', {}, 'Keep running when credits get low: a saved card is ' +
                'charged once each time the balance falls below what you ' +
                'choose.'), terms('Agree and turn on'));
    }

    function terms(words) {
        const fields = new Map();
        const consent = el('output', { class: 'auto-consent',
            for: 'auto-tier auto-threshold auto-monthlyMax' });
        const say = () => {
            const { words: agreed } = termsOf(draft, now.tiers);
            consent.textContent = agreed ?? 'Fill in all three to see what ' +
                'you agree to.';
        };
        const make = (name, label, more) => {
            const field = limitField({ id: `auto-${name}`, words: label,
                value: draft[name], ...more, onInput: (value) => {
                    draft[name] = value;
                    say();
                } });
            fields.set(name, field);
            return field.box;
        };
        const go = el('button', { type: 'submit', class: 'button main' }, words);
        const sign = money(0, now.space.currency).replace(/[\d\s.]/g, '');
        const form = el('form', { class: 'auto-form', novalidate: true,
            onsubmit: (event) => {
                event.preventDefault();
                agree(fields, go);
            } },
        el('div', { class: 'auto-fields' },
            make('threshold', 'When fewer credits are left than',
                { numeric: true }),
            make('tier', 'Buy', { options: Object.fromEntries(now.tiers
                .map((tier) => [tier.id, `${tier.label} of credits`])) }),
            make('monthlyMax', `At most in a month (${sign})`,
                { numeric: true })),
        consent, said,
        el('div', { class: 'actions' }, go, changing &&
            button('Cancel', () => {
                changing = false;
                render();
                body.querySelector('button').focus();
                load(); /* what came meanwhile was left out */
            })));
        say();
        return form;
    }

    function on(auto) {
        const tier = tierOf(auto);
        const state = stateWords(auto, { tier, timeZone: now.space.time_zone,
            currency: now.space.currency });
        return el('div', { class: 'auto', 'data-state': auto.state },
            state && notice({ ...state, actions: ways(state.ways, auto) }),
            el('p', { class: 'auto-agreed' }, auto.agreed_words),
            el('dl', { class: 'auto-facts' },
                fact('Card', auto.card ? cardWords(auto.card) : 'none saved'),
                fact('Charged this month', `${money(auto.charged_this_month,
                    now.space.currency)} of ${money(auto.monthly_max,
                    now.space.currency)}`),
                fact('Agreed by', auto.agreed_by, ', ', time(auto.agreed_at,
                    moment(auto.agreed_at, now.space.time_zone)))),
            said,
            el('div', { class: 'actions' },
                isOwner && button('Change', change),
                isOwner && auto.card && auto.state === 'ready' &&
                    button('Use another card', saveCard),
                button('Turn off', turnOff)));
    }

    function fact(name, ...words) {
        return el('div', {}, el('dt', {}, name), el('dd', {}, words));
    }

    function ways(which, auto) {
        const price = tierOf(auto)?.label ?? '';
        const all = {
            card: () => isOwner && button(`Pay ${price} and save the card`,
                saveCard, { kind: 'small main' }),
            confirm: () => auto.payment_url && el('a', {
                class: 'button small main',
                href: paymentAddress(auto.payment_url) }, `Pay ${price}`),
            again: () => isOwner && button('Turn on again', again,
                { kind: 'small' }),
            upgrade: () => el('a', { class: 'button small',
                href: page('settings/membership', { space: space.slug }) },
            'See membership'),
        };
        return which.map((way) => all[way]()).filter(Boolean);
    }

    function change() {
        changing = true;
        draft = draftOf(limits.auto_top_up, now.tiers);
        said = el('div', { class: 'auto-said' });
        fill(body, el('div', { class: 'auto' }, terms('Agree to this')));
        body.querySelector('input, select').focus();
    }

    /* Sends the limits as they are now, with this in place of the old. */
    async function put(auto) {
        const { body: fresh } = await api.getNow(`${path}/limits`);
        const { body: answer } = await api.put(`${path}/limits`,
            { ...fresh, auto_top_up: auto });
        limits = answer;
    }

    async function doing(what, done, after = null) {
        if (busy)
            return;
        busy = true;
        turn++;
        said.replaceChildren();
        body.setAttribute('aria-busy', 'true');
        try {
            await what();
            busy = false;
            changing = false;
            render();
            announce(done);
            after?.();
            feed.refresh();
        } catch (problem) {
            busy = false;
            body.removeAttribute('aria-busy');
            refused(problem);
            load();
        }
    }

    const first = () => focusOn(body.querySelector('.title, .auto-agreed, p'));

    function agree(fields, go) {
        const { faults, terms: wanted } = termsOf(draft, now.tiers);
        for (const [name, field] of fields)
            field.fault(faults?.get(name) ?? null);
        if (faults) {
            fields.get([...faults.keys()][0]).focus();
            return;
        }
        go.setAttribute('aria-disabled', 'true');
        doing(() => put(wanted), 'Automatic top-ups are on', first)
            .finally(() => go.removeAttribute('aria-disabled'));
    }

    const turnOff = () => doing(() => put({ ...limits.auto_top_up,
        enabled: false }), 'Automatic top-ups are off', first);

    const again = () => doing(async () => {
        const auto = limits.auto_top_up;
        await put({ ...auto, enabled: false });
        await put({ ...auto, enabled: true });
    }, 'Automatic top-ups are on again', first);

    async function saveCard() {
        if (busy)
            return;
        const { tier } = limits.auto_top_up;
        if (saving.tier !== tier)
            saving = { tier, key: uuid7() };
        busy = true;
        body.setAttribute('aria-busy', 'true');
        announce('Opening secure payment');
        try {
            const { body: made } = await api.post(`${path}/checkout`,
                { tier, save_card: true }, { key: saving.key });
            location.assign(paymentAddress(made.payment_url));
        } catch (problem) {
            if (['order_expired', 'idempotency_key_reused']
                .includes(problem.code))
                saving = { tier: null, key: null };
            refused(problem);
        } finally {
            busy = false;
            body.removeAttribute('aria-busy');
        }
    }

    function refused(problem) {
        if (problem.status === 401) {
            onSignedOut();
            return;
        }
        const words = explain(problem);
        const ours = ['role', 'plan_not_paid', 'invalid_request',
            'unknown_tier', 'too_many_orders'].includes(problem.code);
        said.replaceChildren(notice({ tone: 'warn', mark: 'warn',
            role: 'alert', ...words,
            ...ours ? { title: 'That was not done', text: problem.detail } : {},
        }));
    }

    feed.listen(({ changed, credits, problem }) => {
        if (credits)
            now = credits;
        if (now && (changed || (limits === null && !problem)))
            load();
    });
}
