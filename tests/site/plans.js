// Saved plans as their Space's owner or a key sees them, for the tests of
// plans: a Space with credits, plans in it, and what was used of one.
//
//     const space = await newStarted(site, 302);
//     await space.meter.charge(clip(3, 'balanced', { campaign: space.id }));
//     line(await space.plan(space.id), 'clip', 'balanced');

import { metered, newSpace, ok, viewing } from './meter.js';
import { must, newBuyer } from './shop.js';
import { keyed } from './site.js';

export const clip = (quantity, quality = 'balanced', more = {}) => (
    { activity: 'clip', quantity, quality, ...more });
export const launch = [viewing(10080), clip(10)]; // 202 and 100 credits

// A Space of one's own with credits, used by a key, or with `browser` by its
// owner who has signed in; and its meter.
export async function newPlanner(site, credits = 1000, { browser = false } = {}) {
    const made = browser ? undefined : await newSpace(site, credits);
    const client = browser ? await newBuyer(site)
        : Object.assign(keyed(site), { space: made.slug });
    if (browser && credits > 0) {
        await must(site, ['grant', client.space, String(credits), '--kind',
            'bonus', '--reason', 'a test']);
    }
    const path = `/api/v1/spaces/${client.space}/plans`;
    return {
        client,
        path,
        meter: metered(keyed(site), client.space),
        save: (name = 'Launch', items = launch, key = true) => client
            .post(path, { name, items }, { key }),
        saved: async (...more) => ok(await client.post(path,
            { name: 'Launch', items: launch, ...more[0] }, { key: true }),
        201).plan,
        quote: (id, body) => client.put(`${path}/${id}`, body),
        start: (id, body = {}, key = true) => client
            .post(`${path}/${id}/start`, body, { key }),
        finish: (id, body = {}, key = true) => client
            .post(`${path}/${id}/finish`, body, { key }),
        plan: async (id) => ok(await client.get(`${path}/${id}`), 200).plan,
    };
}

export async function newStarted(site, credits, items = launch) {
    const space = await newPlanner(site, credits);
    const { id } = await space.saved({ items });
    const { holds } = ok(await space.start(id), 200);
    return { ...space, id, holds };
}

// "10:100 3:30 1:10 7:70": planned, used, refunded, remaining.
export const line = ({ activities }, activity, quality = null) => {
    const at = activities.find((each) => each.activity === activity
        && each.quality === quality);
    return ['planned', 'used', 'refunded', 'remaining']
        .map((name) => `${at[name].quantity}:${at[name].credits}`).join(' ');
};
