/*
 * Purchases that were begun: one Idempotency-Key for each intended purchase,
 * kept in the tab until that purchase has ended. A double click, a retry after
 * an error, a reload and a return from the payment page all send the same key,
 * so that they come to the same order. A purchase has ended when its order has
 * (paid, failed, expired, processing): the next click is then a new purchase,
 * and must never send an old key.
 */

import { uuid7 } from './uuid.js';

const name = 'scrip.purchases';
const choiceName = 'scrip.chosen';

/* What a new click may still go on with. */
const unpaid = 'awaiting_payment';

export function purchases(storage, { now = Date.now, newKey = uuid7 } = {}) {
    const all = () => {
        const kept = storage.read(name);
        return kept !== null && typeof kept === 'object' ? kept : {};
    };

    function change(space, tier, purchase) {
        const kept = all();
        const ofSpace = { ...kept[space] };
        if (purchase)
            ofSpace[tier] = purchase;
        else
            delete ofSpace[tier];
        storage.write(name, { ...kept, [space]: ofSpace });
    }

    /* The purchase of this tier that is under way, or a new one. */
    function begin(space, tier) {
        const kept = all()[space]?.[tier];
        if (typeof kept?.key === 'string')
            return kept;
        const purchase = { key: newKey(), begun: now(), order: null };
        change(space, tier, purchase);
        return purchase;
    }

    function ordered(space, tier, order) {
        change(space, tier, {
            ...begin(space, tier), order, orderedAt: now(),
        });
    }

    function end(space, tier) {
        change(space, tier, null);
    }

    /* Which {space, tier} an order was begun for in this tab, or null. */
    function find(order) {
        for (const [space, tiers] of Object.entries(all())) {
            for (const [tier, purchase] of Object.entries(tiers)) {
                if (purchase.order === order)
                    return { space, tier };
            }
        }
        return null;
    }

    /* Forgets what has ended. `open` is `orders` of GET …/credits, asked for
     * at `askedAt`: what was ordered later is not judged by it. */
    function settle(space, open, askedAt) {
        const going = new Set(open.filter((order) => order.status === unpaid)
            .map((order) => order.id));
        for (const [tier, purchase] of Object.entries(all()[space] ?? {})) {
            if (purchase.order && purchase.orderedAt < askedAt &&
                !going.has(purchase.order))
                end(space, tier);
        }
    }

    /* The tier that the member chose last in this tab, or null. */
    function chosen(space) {
        return storage.read(choiceName)?.[space] ?? null;
    }

    function choose(space, tier) {
        storage.write(choiceName, { ...storage.read(choiceName),
            [space]: tier });
    }

    return { begin, ordered, end, find, settle, chosen, choose };
}
