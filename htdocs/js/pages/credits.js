/*
 * The Credits page, under Personal and under Account: puts its parts together.
 * Each part shows its own states; this file only says what belongs to what.
 */

import { purchases as openPurchases } from '../lib/purchase.js';
import { tab } from '../lib/storage.js';
import { announce } from '../parts/announce.js';
import { balancePanel } from '../parts/balance-panel.js';
import { buyPanel } from '../parts/buy-panel.js';
import { openFrame } from '../parts/frame.js';
import { historyPanel } from '../parts/history-panel.js';
import { whenNear } from '../parts/near.js';
import { promoForm } from '../parts/promo-form.js';
import { returnPanel } from '../parts/return-panel.js';
import { markSettings } from '../parts/settings-nav.js';

const query = new URLSearchParams(location.search);
const order = query.get('order');
const purchases = openPurchases(tab);
const resumeName = 'scrip.resume';

markSettings();
const frame = await openFrame({
    prefer: order ? purchases.find(order)?.space ?? null : null,
});
const { api, session, space, feed, signedOut: onSignedOut } = frame;
const at = (name) => document.getElementById(name);

const buying = buyPanel(at('buy'), { api, feed, space, purchases,
    onSignedOut(tier) {
        tab.write(resumeName, { space: space.slug, tier });
        onSignedOut();
    } });
const events = historyPanel(at('history'),
    { api, feed, space, onSignedOut });
whenNear(at('usage'), async () => {
    const { usagePanel } = await import('../parts/usage-panel.js');
    usagePanel(at('usage'),
        { api, feed, space, onEvents: events.filter, onSignedOut });
});
const mayBuy = ['owner', 'admin'].includes(space.role);
if (mayBuy)
    promoForm(at('buy').querySelector('[data-promo]'),
        { api, feed, space, onSignedOut });
at('auto').hidden = !mayBuy;
whenNear(at('auto'), async () => {
    const { autoPanel } = await import('../parts/auto-panel.js');
    autoPanel(at('auto'), { api, feed, space, onSignedOut });
});
at('limits').hidden = !mayBuy;
whenNear(at('limits'), async () => {
    const { limitsPanel } = await import('../parts/limits-panel.js');
    limitsPanel(at('limits'), { api, feed, space, onSignedOut });
});
balancePanel(at('balance'), { api, feed, space, onTopUp: buying.focus,
    onEvents: events.filter, isNew: events.isNew });
whenNear(at('planner'), async () => {
    const { plannerPanel } = await import('../parts/planner-panel.js');
    plannerPanel(at('planner'), { api, feed, space, buying, onSignedOut,
        returning: order !== null });
});
if (order)
    returnPanel(at('returned'), {
        api, feed, space, order, cancelled: query.has('cancelled'),
        purchases, buying, elsewhere, onEvents: events.filter,
        onSignedOut,
    });
resume();

/* The session ended when the Buy button was pressed: after signing in again
 * the member is at that button again, with their choice, and presses it. */
async function resume() {
    const step = tab.read(resumeName);
    tab.remove(resumeName);
    if (step?.space !== space.slug || order)
        return;
    buying.choose(step.tier);
    await feed.refresh();
    buying.focus();
    announce('You are signed in again. Your choice is kept.');
}

/*
 * An order of another Space of this member (bought in another browser, say):
 * the page goes to that Space. True when it does.
 */
async function elsewhere() {
    if (query.has('space'))
        return false;
    for (const other of session.spaces) {
        if (other.slug === space.slug)
            continue;
        try {
            await api.get(`spaces/${encodeURIComponent(other.slug)}/orders/` +
                encodeURIComponent(order));
        } catch {
            continue;
        }
        const address = new URL(location.href);
        address.searchParams.set('space', other.slug);
        location.replace(address);
        return true;
    }
    return false;
}
