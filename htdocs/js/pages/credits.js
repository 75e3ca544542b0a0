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
import { plannerPanel } from '../parts/planner-panel.js';
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
const { isNew } = historyPanel(at('history'),
    { api, feed, space, onSignedOut });
balancePanel(at('balance'), { feed, space, onTopUp: buying.focus, isNew });
plannerPanel(at('planner'), { api, feed, space, buying, onSignedOut });
if (order)
    returnPanel(at('returned'), {
        api, feed, space, order, cancelled: query.has('cancelled'),
        purchases, buying, elsewhere, onSignedOut,
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
