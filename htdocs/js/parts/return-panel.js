/*
 * Coming back from the payment page (?order=ord_…): asks for the order until
 * it is settled, and then lets the balance and the history catch up. It shows
 * what the server says of the order (lib/returning.js) and grants nothing:
 * opening the address again, or with somebody else's order, changes nothing.
 */

import { returnDelay, returnView } from '../lib/returning.js';
import { browser, tab } from '../lib/storage.js';
import { announce } from './announce.js';
import { button, el, focusOn, notice } from './dom.js';
import { paymentAddress } from './payment-address.js';
import { untilReleased } from './press.js';

const welcomedName = 'scrip.welcomed';
const marks = { busy: 'busy', good: 'good', bad: 'bad', plain: 'info' };

/* How long "adding" is shown at least, so that it can be read. */
const readMs = 1_600;

/*
 * `root`: the section; `order`, `cancelled`: from the address. `purchases`:
 * lib/purchase.js. `buying`: the buy panel. `elsewhere` finds the order in
 * another Space of the member and gives its slug, or null. `onEvents` leads to
 * the history by a filter.
 */
export function returnPanel(root, { api, feed, space, order: id, cancelled,
    purchases, buying, elsewhere, onEvents, onSignedOut }) {
    const arrivedName = `scrip.arrived.${id}`;
    const arrivedAt = tab.read(arrivedName) ?? Date.now();
    const known = { order: null, problem: null, cancelled, arrivedAt,
        welcomed: (browser.read(welcomedName) ?? []).includes(id),
        balance: null, servedAt: null };
    let failures = 0;
    let timer = null;
    let running = false;
    let over = false;
    let shown = null;
    tab.write(arrivedName, arrivedAt);

    function view() {
        return returnView({ ...known, now: Date.now(),
            timeZone: feed.state.credits?.space.time_zone });
    }

    function render() {
        const next = view();
        const looks = JSON.stringify(next);
        if (over || looks === shown?.looks)
            return;
        const heading = el('h2', { id: 'returned-title', 'data-state': next.state },
            next.title);
        const box = notice({ tone: next.tone, mark: marks[next.tone],
            title: heading, text: next.text, level: 'div',
            requestId: next.requestId,
            actions: next.actions.map(action).filter(Boolean) });
        if (next.reference)
            box.querySelector('p').after(el('p', { class: 'reference' },
                'Reference ', el('code', {}, next.reference)));
        const free = document.activeElement === document.body;
        const inside = root.contains(document.activeElement);
        root.replaceChildren(box);
        root.setAttribute('aria-busy', String(next.tone === 'busy'));
        if (inside || (free && outcome(next)))
            focusOn(heading);
        if (shown?.state !== next.state)
            arrive(next);
        shown = { state: next.state, looks };
    }

    /* What the member waits for: its heading has the focus, unless they are
     * busy elsewhere on the page. */
    function outcome({ state }) {
        return !['looking', 'confirming', 'added'].includes(state);
    }

    function arrive(next) {
        announce(`${next.title}. ${next.text}`);
        if (['cancelled', 'failed', 'expired'].includes(next.state))
            buying.choose(known.order.tier);
        feed.keen(next.state === 'confirming');
        /* The row among the top-ups under way says the same at once. */
        if (['processing', 'failed', 'expired', 'review'].includes(next.state))
            feed.refresh();
    }

    const actionOf = {
        receipt: () => known.order.receipt_url && el('a', {
            class: 'button small', href: known.order.receipt_url,
            rel: 'noopener' }, 'Receipt'),
        again: () => button('Try again', () => {
            buying.choose(known.order.tier);
            done();
            buying.focus();
        }, { kind: 'main small' }),
        continue: () => button('Continue to payment', () => {
            buying.choose(known.order.tier);
            if (known.order.payment_url)
                location.assign(paymentAddress(known.order.payment_url));
            else
                buying.buy();
        }, { kind: 'main small' }),
        check: () => button('Check now', ask, { kind: 'small' }),
        copy: () => button('Copy reference', async (event) => {
            const pressed = event.currentTarget;
            try {
                await navigator.clipboard.writeText(id);
                pressed.textContent = 'Copied';
                announce('Reference copied');
            } catch {
                /* It stands beside the button, to be copied by hand. */
                pressed.textContent = 'Copying isn’t allowed here';
            }
        }, { kind: 'small' }),
        events: () => button('See what happened', () => onEvents({
            kind: ['top_up', 'top_up_refund', 'dispute', 'dispute_reversal'],
        }), { kind: 'small' }),
        done: () => button('Done', () => {
            done();
            focusOn(document.querySelector('h1'));
        }, { kind: 'small' }),
    };

    function action(name) {
        return actionOf[name]();
    }

    async function ask() {
        if (running || over)
            return;
        running = true;
        clearTimeout(timer);
        try {
            const path = `spaces/${encodeURIComponent(space.slug)}/orders/`;
            const answer = await api.get(path + encodeURIComponent(id));
            known.order = answer.body.order;
            known.servedAt = answer.servedAt;
            known.problem = null;
            failures = 0;
        } catch (problem) {
            if (problem.status === 401) {
                onSignedOut();
                return;
            }
            known.problem = problem;
            failures++;
            if (problem.status === 404 && await elsewhere())
                return;
        } finally {
            running = false;
        }
        render();
        if (known.order?.status === 'paid')
            await settle();
        else
            plan();
    }

    function plan() {
        const current = view();
        if (over || document.visibilityState !== 'visible')
            return;
        if (known.order && !['awaiting_payment'].includes(known.order.status))
            end();
        const pause = returnDelay(current, Date.now() - arrivedAt, failures);
        if (pause !== null)
            timer = setTimeout(ask, pause);
    }

    /* The purchase is over: the next click is a new one. */
    function end() {
        const begun = purchases.find(id);
        if (begun)
            purchases.end(begun.space, begun.tier);
    }

    /* Paid: the balance is asked for, and shown together with the words. */
    async function settle() {
        end();
        const from = Date.now();
        const { credits, problem } = await feed.refresh();
        if (known.welcomed)
            return;
        if (problem || !credits) {
            timer = setTimeout(settle, 2_000);
            return;
        }
        const left = readMs - (Date.now() - from);
        if (left > 0)
            await new Promise((resolve) => setTimeout(resolve, left));
        await untilReleased();
        known.balance = feed.state.credits.balance.available;
        render();
        browser.write(welcomedName,
            [id, ...(browser.read(welcomedName) ?? [])].slice(0, 50));
    }

    function done() {
        over = true;
        clearTimeout(timer);
        feed.keen(false);
        tab.remove(arrivedName);
        const address = new URL(location.href);
        address.searchParams.delete('order');
        address.searchParams.delete('cancelled');
        history.replaceState(null, '', address);
        document.documentElement.classList.remove('returning');
        root.replaceChildren();
    }

    document.addEventListener('visibilitychange', () => {
        clearTimeout(timer);
        if (document.visibilityState === 'visible' && view().poll)
            ask();
    });
    addEventListener('online', () => view().poll && ask());
    /* The words change with the time, too (after two minutes: help). */
    setInterval(() => view().poll && render(), 5_000);
    ask();
}
