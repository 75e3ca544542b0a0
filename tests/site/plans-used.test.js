// Planned against used over HTTP: what draws on a started plan and what it
// gives back, refunds, ends of every kind, and prices that change between
// the quote and the start.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { chained, ok, own, price, refused, seeded, viewing } from './meter.js';
import { clip, launch, line, newPlanner, newStarted } from './plans.js';
import { must, stopWhole } from './shop.js';
import { startSite } from './site.js';

let site;
before(async () => {
    site = await startSite({ env: { SCRIP_TICK_SECONDS: '0' } });
});
after(() => stopWhole(site));

// ------------------------------------------------- planned against used

describe('what is used under the campaign', () => {
    test('captures come off the plan, and leave what is available alone', async () => {
        const space = await newStarted(site, 302);
        const { id, meter } = space;
        assert.equal((await meter.balance()).available, 0);
        ok(await meter.charge(clip(3, 'balanced', { campaign: id })), 201);
        ok(await meter.charge(viewing(5000, { campaign: id })), 201);
        const plan = await space.plan(id);
        assert.equal(line(plan, 'clip', 'balanced'), '10:100 3:30 0:0 7:70');
        assert.equal(line(plan, 'livestream_viewing'),
            '10080:202 5000:100 0:0 5080:102');
        assert.deepEqual(plan.totals,
            { planned: 302, used: 130, refunded: 0, remaining: 172 });
        assert.deepEqual(await meter.balance(),
            { available: 0, held: 172, total: 172, seq: 3 });
        refused(await meter.charge(clip(1, 'balanced')), 402,
            'insufficient_credits');
        refused(await meter.charge(clip(1, 'premium', { campaign: id })), 402,
            'insufficient_credits');
        refused(await meter.charge(clip(8, 'balanced', { campaign: id })), 402,
            'insufficient_credits');
    });

    test('holds take over from the plan, capture, and give back to it', async () => {
        const space = await newStarted(site, 302);
        const { id, meter } = space;
        const hold = ok(await meter.hold(clip(4, 'balanced',
            { campaign: id })), 201).hold;
        assert.deepEqual(await meter.balance(),
            { available: 0, held: 302, total: 302, seq: 1 });
        assert.equal(line(await space.plan(id), 'clip', 'balanced'),
            '10:100 0:0 0:0 10:100', 'held is not used');
        ok(await meter.capture(hold.id, { quantity: 1 }), 200);
        assert.equal(line(await space.plan(id), 'clip', 'balanced'),
            '10:100 1:10 0:0 9:90');
        assert.deepEqual(await meter.balance(),
            { available: 0, held: 292, total: 292, seq: 2 });
        // What it gave back can be had again, up to the last credit.
        ok(await meter.charge(clip(9, 'balanced', { campaign: id })), 201);
        refused(await meter.charge(clip(1, 'balanced', { campaign: id })), 402,
            'insufficient_credits');
        assert.equal(line(await space.plan(id), 'clip', 'balanced'),
            '10:100 10:100 0:0 0:0');
    });

    test('more than was planned comes from what is available', async () => {
        const space = await newStarted(site, 400);
        const { id, meter } = space;
        ok(await meter.charge(clip(15, 'balanced', { campaign: id })), 201);
        const plan = await space.plan(id);
        assert.equal(line(plan, 'clip', 'balanced'), '10:100 15:150 0:0 0:0');
        assert.deepEqual(plan.totals,
            { planned: 302, used: 150, refunded: 0, remaining: 202 });
        assert.deepEqual(await meter.balance(),
            { available: 48, held: 202, total: 250, seq: 2 });
    });

    test('refunds are shown against what they refund, and go to the balance', async () => {
        const space = await newStarted(site, 302);
        const { id, meter } = space;
        const { event } = ok(await meter.charge(clip(4, 'balanced',
            { campaign: id })), 201);
        ok(await meter.refund({ event: event.id, credits: 10 }), 201);
        assert.equal(line(await space.plan(id), 'clip', 'balanced'),
            '10:100 4:40 1:10 6:60');
        ok(await meter.refund({ event: event.id, credits: 5 }), 201);
        assert.equal(line(await space.plan(id), 'clip', 'balanced'),
            '10:100 4:40 1:15 6:60', 'a part of a clip is no clip');
        ok(await meter.refund({ event: event.id }), 201);
        const plan = await space.plan(id);
        assert.equal(line(plan, 'clip', 'balanced'), '10:100 4:40 4:40 6:60');
        assert.deepEqual(plan.totals,
            { planned: 302, used: 40, refunded: 40, remaining: 262 });
        assert.equal((await meter.balance()).available, 40);
    });

    test('what was not planned stands behind, at its own price', async () => {
        const space = await newStarted(site, 1000);
        const { id, meter } = space;
        ok(await meter.charge(clip(2, 'premium', { campaign: id })), 201);
        ok(await meter.charge({ activity: 'long_draft', quality: 'fast',
            quantity: 1, campaign: id }), 201);
        ok(await meter.charge(own(7, { campaign: id })), 201);
        ok(await meter.charge(clip(5, 'balanced', { campaign: 'other' })), 201);
        const plan = await space.plan(id);
        assert.deepEqual(plan.activities.map(({ activity, quality, label }) =>
            [activity, quality, label]), [
            ['livestream_viewing', null, 'Public viewing'],
            ['clip', 'balanced', 'Clips'],
            ['clip', 'premium', 'Clips'],
            ['long_draft', 'fast', 'Long drafts'],
        ]);
        assert.equal(line(plan, 'clip', 'premium'), '0:0 2:50 0:0 0:0');
        assert.equal(line(plan, 'clip', 'balanced'), '10:100 0:0 0:0 10:100');
        assert.deepEqual(plan.totals,
            { planned: 302, used: 67, refunded: 0, remaining: 302 });
        const { plans } = ok(await space.client.get(space.path));
        assert.deepEqual(plans[0].totals, plan.totals);
    });

    test('an activity planned twice is held twice and shown once', async () => {
        const space = await newStarted(site, 1000, [clip(3), clip(4), viewing(1)]);
        assert.deepEqual(space.holds.map(({ credits }) => credits),
            [30, 40, 1]);
        ok(await space.meter.charge(clip(3, 'balanced',
            { campaign: space.id })), 201);
        ok(await space.meter.charge(clip(4, 'balanced',
            { campaign: space.id })), 201);
        const plan = await space.plan(space.id);
        assert.equal(plan.activities.length, 2);
        assert.equal(line(plan, 'clip', 'balanced'), '7:70 7:70 0:0 0:0');
        assert.deepEqual(await space.meter.balance(),
            { available: 929, held: 1, total: 930, seq: 3 });
    });

    test('a thousand and more captures are each counted once, folded or not', async () => {
        const space = await newStarted(site, 20000, [clip(1000, 'fast')]);
        const post = async (n) => {
            const { results } = ok(await space.meter.client.post(
                '/api/v1/captures/batch',
                { captures: Array.from({ length: n }, () => ({
                    space: space.client.space, key: randomUUID(),
                    ...clip(1, 'fast', { campaign: space.id }),
                })) },
            ), 200);
            assert.ok(results.every(({ status }) => status === 201));
        };
        await post(700);
        await post(700);
        assert.equal(line(await space.plan(space.id), 'clip', 'fast'),
            '1000:5000 1400:7000 0:0 0:0');
    });
});

// ---------------------------------------------------------------- ends

test('finishing gives back what is left, and what runs under it goes on', async () => {
    const space = await newStarted(site, 302);
    const { id, meter } = space;
    const hold = ok(await meter.hold(clip(4, 'balanced', { campaign: id })),
        201).hold;
    ok(await meter.charge(viewing(1000, { campaign: id })), 201);
    const json = ok(await space.finish(id), 200);
    assert.equal(json.plan.state, 'finished');
    assert.equal(json.released, 182 + 60);
    assert.deepEqual(json.balance, { available: 242, held: 40, total: 282 });
    assert.equal(line(json.plan, 'livestream_viewing'),
        '10080:202 1000:20 0:0 9080:182');
    ok(await meter.capture(hold.id, { quantity: 3 }), 200);
    assert.deepEqual(await meter.balance(),
        { available: 252, held: 0, total: 252, seq: 3 });
    assert.equal(line(await space.plan(id), 'clip', 'balanced'),
        '10:100 3:30 0:0 7:70', 'what comes in later counts too');
    const again = ok(await space.finish(id), 200);
    assert.deepEqual([again.plan.state, again.released], ['finished', 0]);
    refused(await space.start(id), 409, 'plan_not_draft');
    chained(await meter.events());
});

test('a plan released hold by hold has expired', async () => {
    const space = await newStarted(site, 302);
    ok(await space.meter.release(space.holds[0].id), 200);
    assert.equal((await space.plan(space.id)).state, 'started');
    assert.equal((await space.meter.balance()).available, 202);
    ok(await space.meter.release(space.holds[1].id), 200);
    assert.equal((await space.plan(space.id)).state, 'expired');
    assert.equal(ok(await space.finish(space.id), 200).plan.state, 'expired');
});

// --------------------------------------------------------- random plans

test('what is estimated is what is held, for 100 random plans', async () => {
    const random = seeded('plans');
    const prices = {
        livestream_room: one(2), livestream_viewing: one(20, 1000),
        clip: { fast: one(5), balanced: one(10), premium: one(25) },
        video_summary: { fast: one(5, 10), balanced: one(10, 10),
            premium: one(20, 10) },
    };
    const space = await newPlanner(site, 1000000000000);
    for (let n = 0; n < 100; n += 1) {
        const items = Array.from({ length: random.int(1, 6) }, () => {
            const activity = random.pick(Object.keys(prices));
            const quality = prices[activity].per ? undefined
                : random.pick(Object.keys(prices[activity]));
            return { activity, quality,
                quantity: random.int(1, 10 ** random.int(1, 9)) };
        });
        const total = items.reduce((sum, { activity, quality, quantity }) => {
            const { credits, per } = quality ? prices[activity][quality]
                : prices[activity];
            return sum + price(quantity, credits, per);
        }, 0);
        const made = ok(await space.client.post(
            space.path.replace('/plans', '/planner'), { items }), 200);
        const plan = await space.saved({ name: `plan ${n}`, items });
        const { holds, balance } = ok(await space.start(plan.id), 200);
        assert.deepEqual([made.total, plan.total, balance.held,
            holds.reduce((sum, { credits }) => sum + credits, 0),
            balance.available],
        [total, total, total, total, made.after_estimate]);
        assert.equal(ok(await space.finish(plan.id), 200).released, total);
    }
});

function one(credits, per = 1) {
    return { credits, per };
}

// ------------------------------------------- prices and time (last ones)

const dearer = [{ id: 'all', label: 'All', activities: [
    { id: 'livestream_viewing', label: 'Viewing', unit: 'viewer-minute',
        qualities: null, price: { credits: 30, per: 1000 } },
    { id: 'clip', label: 'Clips', unit: 'clip', price: null,
        qualities: { balanced: { credits: 11, per: 1 } } },
] }];

async function changePrices(name, sections) {
    const path = join(site.home, `${name}.json`);
    writeFileSync(path, JSON.stringify({ sections }));
    await must(site, ['price', 'import', path]);
}

test('a quote stands for 24 hours after prices change, and then asks to be made anew', async () => {
    const early = await newPlanner(site);
    const late = await newPlanner(site);
    const { id, quoted_at: quoted } = await early.saved();
    const { id: second } = await late.saved({ items: [...launch,
        clip(1, 'premium')] });
    const { id: third } = await late.saved();
    await changePrices('dearer', dearer);
    const now = await early.plan(id);
    assert.deepEqual([now.price_book_changed, now.total], [true, 302]);
    await must(site, ['clock', 'set', new Date(Date.parse(quoted)
        + 86400000 - 60000).toISOString()]);
    const { plan, holds } = ok(await early.start(id), 200);
    assert.deepEqual([plan.total, plan.price_book], [302, { version: 1 }]);
    assert.deepEqual(holds.map(({ credits }) => credits), [202, 100]);
    // Captures under it are at its prices; others at those of today.
    const { event } = ok(await early.meter.charge(viewing(10080,
        { campaign: id })), 201);
    assert.equal(event.credits, -202);
    assert.equal(ok(await early.meter.charge(viewing(10080)), 201)
        .event.credits, -303);

    await must(site, ['clock', 'advance', '1h']);
    refused(await late.start(third), 409, 'quote_expired');
    assert.equal((await late.meter.balance()).held, 0);
    const { errors } = refused(await late.quote(second, {}), 400,
        'invalid_request');
    assert.deepEqual(errors.map(({ pointer }) => pointer),
        ['/items/2/quality'], 'premium clips are not sold any more');
    const anew = ok(await late.quote(third, {}), 200).plan;
    assert.deepEqual([anew.total, anew.price_book, anew.price_book_changed],
        [303 + 110, { version: 2 }, false]);
    assert.equal(ok(await late.start(third), 200).balance.held, 413);
    // Without a change a quote stands for ever.
    const { id: fourth } = await late.saved({ items: [clip(1)] });
    await must(site, ['clock', 'advance', '40d']);
    ok(await late.start(fourth), 200);
});

test('a plan ends with its holds, and gives back what they had', async () => {
    const space = await newPlanner(site, 1000);
    const { id } = await space.saved();
    ok(await space.start(id, { expires_in_s: 3600 }), 200);
    ok(await space.meter.charge(clip(2, 'balanced', { campaign: id })), 201);
    await must(site, ['clock', 'advance', '61m']);
    const plan = await space.plan(id);
    assert.equal(plan.state, 'expired');
    assert.equal(line(plan, 'clip', 'balanced'), '10:110 2:22 0:0 8:88');
    assert.deepEqual(await space.meter.balance(),
        { available: 978, held: 0, total: 978, seq: 2 });
    const { plan: same, released } = ok(await space.finish(id), 200);
    assert.deepEqual([same.state, same.finished_at, released],
        ['expired', null, 0]);
    refused(await space.start(id), 409, 'plan_not_draft');
});
