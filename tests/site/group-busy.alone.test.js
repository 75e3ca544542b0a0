// Browsers beside a meter that has all that it can do: the write turn is
// shared, and large batches must not keep it from everybody else.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { newSpace, own } from './meter.js';
import { checkout, newBuyer, whole } from './shop.js';
import { deliver, event } from './signing.js';
import { startSite } from './site.js';
import { keptCalls, underLoad } from './volley.js';

const CALLERS = 64;
const sleep = (ms) => new Promise((done) => { setTimeout(done, ms); });

// What keeps meter busy: each call's captures, and how it is sent.
const loads = [
    ['single captures', 1, (space, by) => by('POST', `${space.path}/captures`,
        own(1), { ...space.client.headers, 'Idempotency-Key': randomUUID() })],
    ['batches of 1,000', 1000, (space, by) => by('POST',
        '/api/v1/captures/batch', { captures: Array.from({ length: 1000 },
            () => ({ space: space.slug, key: randomUUID(), ...own(1) })) },
        space.client.headers)],
];

for (const [name, size, send] of loads) {
    test(`buying, reading and webhooks are served while 64 callers keep meter busy with ${name}`, async () => {
        const fast = await startSite({ build: 'build' });
        const calls = keptCalls(fast, CALLERS);
        try {
            const space = await newSpace(fast, 10 ** 9);
            const buyers = [await newBuyer(fast), await newBuyer(fast)];
            let done = 0;
            const one = async () => {
                const answer = await send(space, calls);
                assert.ok([200, 201].includes(answer.status),
                    `${answer.status} ${answer.text.slice(0, 300)}`);
                done += size;
            };
            const took = { checkout: [], webhook: [], credits: [] };
            const timed = async (kind, status, ask) => {
                const began = performance.now();
                const answer = await ask();
                took[kind].push(performance.now() - began);
                assert.equal(answer.status, status, `${kind}: ${answer.text}`);
            };
            const began = performance.now();
            await underLoad(CALLERS, one, async () => {
                await sleep(500);
                for (let i = 0; i < 18; i += 1) {
                    const buyer = buyers[i % 2];
                    await timed('checkout', 201, () => checkout(buyer));
                    await timed('webhook', 200, () => deliver(fast, event(
                        'customer.created', { id: 'cus_x', object: 'customer' })));
                    await timed('credits', 200, () => buyer
                        .get(`/api/v1/spaces/${buyer.space}/credits`));
                }
            });
            const rate = done / (performance.now() - began) * 1000;
            const middle = Object.fromEntries(Object.entries(took).map(
                ([kind, list]) => [kind,
                    Math.round(list.sort((a, b) => a - b)[list.length >> 1])]));
            process.stdout.write(`# ${Math.round(rate)} captures a second; in ${
                JSON.stringify(middle)} ms\n`);
            assert.ok(rate > 100, 'that was a load');
            // Nobody was refused, and on a machine that others share, too,
            // nobody waited for all of those callers.
            assert.ok(Object.values(middle).every((ms) => ms < 2000),
                JSON.stringify(middle));
            await whole(fast);
        } finally {
            calls.end();
            await fast.stop();
        }
    });
}
