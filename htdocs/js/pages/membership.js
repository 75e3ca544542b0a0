/*
 * The Membership page: where the membership stands and what is due when, the
 * plans, and coming back from the payment page. Whatever is pressed, the
 * server decides; the page then shows what it says.
 */

import { page } from '../lib/base.js';
import { question, returned, standing, whoCan } from '../lib/membership.js';
import { explain, explainMembership } from '../lib/problem.js';
import { returnDelay } from '../lib/returning.js';
import { tab } from '../lib/storage.js';
import { uuid7 } from '../lib/uuid.js';
import { announce } from '../parts/announce.js';
import { button, el, fill, focusOn, notice } from '../parts/dom.js';
import { openFrame } from '../parts/frame.js';
import { paymentAddress } from '../parts/payment-address.js';
import { planCards } from '../parts/plan-cards.js';
import { markSettings } from '../parts/settings-nav.js';

const cameFrom = 'scrip.membership-from';
const marks = { busy: 'busy', good: 'good', plain: 'info', warn: 'warn' };

markSettings();
const address = new URLSearchParams(location.search);
if (['personal', 'account'].includes(address.get('from')))
    tab.write(cameFrom, address.get('from'));

const { api, space, feed, signedOut } = await openFrame();
const path = `spaces/${encodeURIComponent(space.slug)}/membership`;
const places = {
    back: document.querySelector('[data-back]'),
    returned: document.getElementById('returned'),
    body: document.querySelector('#plans [data-body]'),
};
const coming = { change: address.get('change'),
    cancelled: address.has('cancelled'), arrivedAt: Date.now() };
const keys = {}; /* one for each intended change, until it is answered */
let membership = null;
let asking = null; /* {act, plan} that is to be confirmed */
let busy = null;
let failure = null;
let failures = 0;
let turn = 0; /* of acting: what was read before it is old */
let timer = null;
let shown = null;

showBack();
/* The zone for dates comes with the credits, and nothing else of this page. */
let zone = null;
feed.listen(() => {
    if (timeZone() === zone)
        return;
    zone = timeZone();
    if (membership)
        render();
});
await load();

/* ------------------------------------------------------------- reading */

async function load() {
    if (!membership)
        places.body.setAttribute('aria-busy', 'true');
    const mine = turn;
    try {
        const { body: answer } = await api.get(path);
        failures = 0;
        if (mine === turn)
            arrived(answer);
    } catch (problem) {
        failures += 1;
        if (problem.status === 401)
            signedOut();
        else if (!membership)
            fill(places.body, notice({ tone: 'warn', mark: 'warn',
                ...explain(problem),
                title: 'The plans can’t be shown right now',
                actions: [button('Try again', load, { kind: 'small' })] }));
    }
    pollAgain();
}

/* What stands there is left alone where it is the same. */
function arrived(answer) {
    const same = JSON.stringify(answer) === JSON.stringify(membership);
    membership = answer;
    if (same)
        renderReturned();
    else
        render();
}

/* While a payment is being confirmed. */
function pollAgain() {
    clearTimeout(timer);
    if (!coming.change)
        return;
    const view = membership ? comingView() : { poll: true };
    const delay = returnDelay(view, Date.now() - coming.arrivedAt, failures);
    if (delay !== null)
        timer = setTimeout(load, delay);
}

function timeZone() {
    return feed.state.credits?.space.time_zone;
}

function comingView() {
    return returned(membership, { ...coming, now: Date.now() });
}

/* ----------------------------------------------------------- rendering */

function render() {
    const held = document.activeElement;
    const heldAct = held?.dataset.act;
    const heldPlan = held?.closest('[data-plan]')?.dataset.plan;
    renderReturned();
    const now = standing(membership,
        { space: space.name, timeZone: timeZone() });
    fill(places.body,
        notice({ tone: now.tone, mark: marks[now.tone],
            title: el('h3', { 'data-standing': now.state }, now.title),
            level: 'div', text: now.text,
            actions: asking ? [] : now.actions.map(action) }),
        asking && confirmation(),
        failure,
        planCards(membership, { timeZone: timeZone(), busy,
            onAct: (act, plan) => press(act, plan) }),
        who());
    if (!heldAct)
        return;
    const card = heldPlan ? `[data-plan="${CSS.escape(heldPlan)}"] ` : '';
    const next = [`${card}[data-act="${heldAct}"]`, `${card}[data-act]`]
        .map((each) => places.body.querySelector(each)).find(Boolean);
    if (next)
        next.focus({ preventScroll: true });
    else
        focusOn(places.body.querySelector('[data-standing]'));
}

function action(name) {
    const words = { cancel: 'Cancel membership', resume: 'Keep the membership' };
    if (name === 'pay')
        return el('a', { class: 'button small main', rel: 'noopener',
            href: paymentAddress(membership.pay_url) }, 'Pay now');
    return button(words[name], () => press(name, null), { kind: 'small',
        'aria-disabled': String(busy !== null), 'data-act': name });
}

function who() {
    const words = whoCan(membership);
    return el('p', { class: 'quiet small' }, words ??
        'You pay on the payment provider’s secure page. You can change or ' +
        'cancel at any time.');
}

function confirmation() {
    const words = question(membership, asking.act, asking.plan, timeZone());
    return notice({ title: el('h3', { id: 'asking' }, words.title),
        level: 'div', text: words.text, actions: [
            button(words.yes, () => act(asking.act, asking.plan),
                { kind: asking.act === 'cancel' ? '' : 'main',
                    'aria-disabled': String(busy !== null),
                    'data-act': 'confirm' }),
            button(words.no, dismiss, { 'data-act': 'dismiss' }),
        ] });
}

function dismiss() {
    const { act: name, plan } = asking;
    asking = null;
    render();
    (plan ? places.body.querySelector(`[data-plan="${plan.id}"] button`)
        : places.body.querySelector(`[data-act="${name}"]`))?.focus();
}

/* What came of a payment; its heading has the focus once it is known. */
function renderReturned() {
    if (!coming.change)
        return;
    const view = comingView();
    if (shown === view.state + view.text)
        return;
    shown = view.state + view.text;
    const heading = el('h2', { 'data-state': view.state }, view.title);
    fill(places.returned, notice({ tone: view.tone, mark: marks[view.tone],
        title: heading, level: 'div', text: view.text,
        actions: view.actions.map(wayOn) }));
    places.returned.setAttribute('aria-busy', String(view.tone === 'busy'));
    announce(`${view.title}. ${view.text}`);
    if (!['confirming'].includes(view.state))
        focusOn(heading);
    if (view.state === 'done')
        feed.refresh();
}

function wayOn(name) {
    return {
        continue: () => el('a', { class: 'button small main',
            href: paymentAddress(membership.checkout.payment_url) },
        'Continue to payment'),
        check: () => button('Check again', load, { kind: 'small' }),
        credits: () => el('a', { class: 'button small main',
            href: creditsPage() }, 'Buy credits'),
        done: () => button('Done', leave, { kind: 'small' }),
    }[name]();
}

function leave() {
    coming.change = null;
    clearTimeout(timer);
    places.returned.replaceChildren();
    history.replaceState(null, '', `?space=${encodeURIComponent(space.slug)}`);
    focusOn(document.querySelector('h1'));
}

function creditsPage() {
    return page(`settings/${tab.read(cameFrom) ?? 'account'}/credits`,
        { space: space.slug });
}

function showBack() {
    if (tab.read(cameFrom))
        places.back.replaceChildren(el('a', { href: creditsPage() },
            'Back to credits'));
}

/* -------------------------------------------------------------- acting */

function press(name, plan) {
    if (busy !== null)
        return;
    failure = null;
    asking = question(membership, name, plan, timeZone()) && { act: name, plan };
    if (!asking) {
        act(name, plan);
        return;
    }
    render();
    focusOn(document.getElementById('asking'));
}

/* One at a time; the same change keeps its key until it is answered. */
async function act(name, plan) {
    if (busy !== null)
        return;
    busy = plan?.id ?? name;
    turn++;
    failure = null;
    render();
    try {
        const leaving = await send(name, plan);
        if (leaving)
            return; /* the payment page opens */
        asking = null;
        announce('Your membership is changed.');
        await load();
        busy = null;
        render();
        feed.refresh();
        focusOn(places.body.querySelector('[data-standing]'));
    } catch (problem) {
        busy = null;
        if (problem.status === 401)
            signedOut();
        else
            fail(problem, name, plan);
    }
}

async function send(name, plan) {
    if (name === 'cancel') {
        await api.del(path);
        return false;
    }
    if (name === 'resume') {
        await api.post(`${path}/resume`);
        return false;
    }
    keys[plan.id] ??= uuid7();
    const { body } = await api.post(path, { plan: plan.id },
        { key: keys[plan.id] });
    delete keys[plan.id];
    if (!body.payment_url)
        return false;
    location.assign(paymentAddress(body.payment_url));
    return true;
}

function fail(problem, name, plan) {
    const words = explainMembership(problem);
    if (!words.retry && plan)
        delete keys[plan.id];
    failure = notice({ tone: 'warn', mark: 'warn', role: 'alert', ...words,
        actions: words.retry
            ? [button('Try again', () => act(name, plan), { kind: 'small',
                'data-act': 'again' })] : [] });
    asking = null;
    render();
    if (!words.retry)
        load();
}

/* Back from the payment page with the browser's own Back button. */
addEventListener('pageshow', (event) => {
    if (!event.persisted)
        return;
    busy = null;
    if (membership)
        render();
    load();
});
