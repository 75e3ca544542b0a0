// The low-credit warning and the runway: the warning comes once when the
// balance falls below its threshold, stays until it is clear of it, and is
// the same for whoever asks and whenever; the runway follows the use.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ok, own } from './meter.js';
import { must, newBuyer, sql, stopWhole } from './shop.js';
import { keyed, startSite } from './site.js';

let site;
let client;
before(async () => {
    site = await startSite({ env: { SCRIP_TICK_SECONDS: '0' } });
    client = keyed(site);
});
after(() => stopWhole(site));

const advance = (how) => must(site, ['clock', 'advance', how]);

// A Space of its own, its owner in a browser and the platform's key.
async function owned(credits, threshold) {
    const owner = await newBuyer(site);
    const path = `/api/v1/spaces/${owner.space}`;
    const post = (what, body) => client.post(`${path}/${what}`, body, { key: true });
    const space = {
        grant: async (amount, more) => ok(await post('grants', { credits: amount,
            kind: 'bonus', reason: 'a test', ...more }), 201),
        hold: async (amount, more) => ok(await post('holds',
            own(amount, more)), 201).hold.id,
        release: async (id) => ok(await client
            .post(`${path}/holds/${id}/release`), 200),
        charge: async (amount) => ok(await post('captures', own(amount)), 201).event,
        refund: async (event, amount) => ok(await post('refunds',
            { event: event.id, credits: amount, reason: 'x' }), 201),
        warnBelow: async (amount) => ok(await owner.put(`${path}/limits`,
            { low_credit_threshold: amount, caps: [] }), 200),
        credits: async () => ok(await owner.get(`${path}/credits`), 200),
        level: async () => (await space.credits()).warning?.level ?? null,
    };
    if (credits > 0) await space.grant(credits);
    if (threshold !== undefined) await space.warnBelow(threshold);
    return space;
}

test('it does not flicker around its threshold', async () => {
    const space = await owned(1000, 500);
    const steps = [[0, null], [-500, null], [-1, 'low'], [1, 'low'], [49, 'low'],
        [-40, 'low'], [39, 'low'], [1, 'low'], [1, null], [-1, null], [-49, null],
        [-1, 'low'], [-498, 'low'], [-1, 'empty'], [1, 'low'], [549, null]];
    let available = 1000;
    for (const [change, level] of steps) {
        if (change < 0) await space.charge(-change);
        if (change > 0) await space.grant(change);
        available += change;
        const { balance, warning } = await space.credits();
        assert.equal(balance.available, available);
        assert.equal(warning?.level ?? null, level, `at ${available}`);
        if (warning) {
            assert.equal(warning.threshold, 500);
            assert.ok(warning.message.length > 0);
        }
    }
});

test('what holds take and give back counts', async () => {
    const space = await owned(1000, 500);
    const ids = [await space.hold(501), await space.hold(20)];
    assert.equal(await space.level(), 'low');
    await space.release(ids[1]);
    assert.equal(await space.level(), 'low');
    await space.release(ids[0]);
    assert.equal(await space.level(), null);
});

test('a hold of a livestream that ends and begins again does not make it flicker', async () => {
    const space = await owned(510, 500);
    const levels = new Set();
    await space.charge(5);
    for (let i = 0; i < 4; i += 1) {
        const id = await space.hold(30);
        levels.add(await space.level());
        await space.release(id);
        levels.add(await space.level());
    }
    assert.deepEqual([...levels], ['low']);
});

test('what was due in between counts, whether anybody wrote it or not', async () => {
    const spaces = [await owned(150, 100), await owned(150, 100)];
    const hour = async (hours) => new Date((await sql(site,
        'SELECT coalesce((SELECT offset_ms FROM site_clock), 0) AS ms'))[0].ms
        + Date.now() + hours * 3600000).toISOString();
    for (const space of spaces) {
        await space.hold(45, { expires_in_s: 36000 });
        await space.hold(10, { expires_in_s: 7200 });
        await space.grant(30, { expires_at: await hour(1) });
        assert.equal(await space.level(), null);
    }
    await advance('61m');
    const [written] = spaces;
    await written.release(await written.hold(1));
    await advance('60m');
    for (const space of spaces) {
        const { balance, warning } = await space.credits();
        assert.equal(balance.available, 105);
        assert.equal(warning.level, 'low');
    }
    await must(site, ['tick']);
    for (const space of spaces) assert.equal(await space.level(), 'low');
    await spaces[1].grant(5);
    assert.equal(await spaces[1].level(), null);
});

test('another threshold begins anew, the same again does not, none never warns', async () => {
    const space = await owned(100, 100);
    await space.charge(1);
    await space.grant(6);
    assert.equal(await space.level(), 'low');
    await space.warnBelow(100);
    assert.equal(await space.level(), 'low');
    await space.warnBelow(105);
    assert.equal(await space.level(), null);
    await space.warnBelow(106);
    assert.equal(await space.level(), 'low');
    await space.warnBelow(null);
    assert.equal(await space.level(), null);
    await space.charge(105);
    assert.equal(await space.level(), 'empty');
    await space.warnBelow(0);
    assert.equal(await space.level(), 'empty');
    await space.grant(1);
    assert.equal(await space.level(), null);
});

test('it says since when: from the crossing on, though nobody looked', async () => {
    const space = await owned(100, 50);
    const since = async () => (await space.credits()).warning?.since ?? null;
    assert.equal(await since(), null);
    const crossing = await space.charge(51);
    assert.equal(await since(), crossing.occurred_at);
    await advance('1h');
    await space.charge(9);
    assert.equal(await since(), crossing.occurred_at);
    const last = await space.charge(40);
    assert.equal(await since(), last.occurred_at);
    await space.grant(10); // low again, and another warning
    const ends = new Date(Date.parse(last.occurred_at) + 7200_000).toISOString();
    await space.grant(500, { expires_at: ends });
    assert.equal(await since(), null);
    await advance('5h');
    assert.equal(await since(), ends);
    await space.charge(1);
    assert.equal(await since(), ends);
});

test('the runway follows the use of the last 30 days', async () => {
    const space = await owned(1000);
    const days = async () => (await space.credits()).runway_days;
    assert.equal(await days(), null);
    const event = await space.charge(100);
    assert.equal(await days(), null); // one day tells too little
    await advance('9d');
    assert.equal(await days(), 81); // at 100 in nine days
    await space.refund(event, 100);
    assert.equal(await days(), null);
    await space.charge(90);
    assert.equal(await days(), 91);
    await space.hold(909);
    assert.equal(await days(), 0);
    await advance('40d');
    assert.equal(await days(), null);
});
