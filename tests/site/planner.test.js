// The credit planner over HTTP: the price book with what changed and what
// comes, estimates member for member, every bad input with its place, and
// that holds of the same items take what was estimated.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import {
    newSpace, ok, price, refused, seeded, viewing,
} from './meter.js';
import { must, newBuyer, stopWhole } from './shop.js';
import { anonymous, keyed, request, signIn, startSite } from './site.js';

let site;
let owner;
let viewer;
before(async () => {
    site = await startSite({ env: { SCRIP_TICK_SECONDS: '0' } });
    owner = await signIn(site, 'owner@demo.test', 'demo-password');
    viewer = await signIn(site, 'viewer@demo.test', 'demo-password');
});
after(() => stopWhole(site));

const url = '/api/v1/spaces/demo/planner';
const estimate = (items, client = owner, path = url) => client
    .post(path, { items });
const clip = (quantity, quality) => ({ activity: 'clip', quantity, quality });

// The prices that a site begins with, as the contract lists them.
const one = (credits, per = 1) => ({ credits, per });
const three = (fast, balanced, premium, per = 1) => ({
    fast: one(fast, per), balanced: one(balanced, per),
    premium: one(premium, per),
});
const first = [
    ['livestream', 'livestream_room', 'minute', one(2)],
    ['livestream', 'livestream_viewing', 'viewer-minute', one(20, 1000)],
    ['after_live', 'clip', 'clip', three(5, 10, 25)],
    ['after_live', 'draft_post', 'post', three(4, 8, 20)],
    ['ai_tools', 'chat_reply', 'reply', three(1, 2, 5)],
    ['ai_tools', 'long_draft', 'draft', three(10, 20, 50)],
    ['ai_tools', 'video_summary', 'minute of video', three(5, 10, 20, 10)],
];

// ------------------------------------------------------- the price book

test('the price book comes in sections, each activity with one price or one for each quality', async () => {
    const json = ok(await owner.get(url), 200);
    assert.equal(json.price_book.version, 1);
    assert.match(json.price_book.effective_from, /^\d{4}-.*Z$/);
    assert.deepEqual(json.sections.map(({ id, label }) => [id, label]), [
        ['livestream', 'Livestream'], ['after_live', 'After the live'],
        ['ai_tools', 'AI tools'],
    ]);
    const flat = json.sections.flatMap((section) => section.activities
        .map(({ id, unit, qualities, price: plain, label }) => {
            assert.ok(label);
            assert.ok((qualities === null) !== (plain === null), id);
            return [section.id, id, unit, plain ?? qualities];
        }));
    assert.deepEqual(flat, first);
    assert.deepEqual([json.changes, json.upcoming], [[], []]);
});

test('an unchanged price book is 304, to whoever has it', async () => {
    const answer = await owner.get(url);
    assert.match(answer.headers.etag, /^"[0-9a-f]+"$/);
    assert.equal(answer.headers['cache-control'], 'private, no-cache');
    const again = await viewer
        .get(url, { headers: { 'If-None-Match': answer.headers.etag } });
    assert.deepEqual([again.status, again.text], [304, '']);
});

// ------------------------------------------------------------ estimates

test('an estimate is answered with its lines in words, its worth, and what is left', async () => {
    const json = ok(await estimate([
        { activity: 'livestream_room', quantity: 72 },
        viewing(10080),
        clip(3, 'premium'),
        { activity: 'video_summary', quantity: 15, quality: 'fast' },
    ]), 200);
    assert.deepEqual(json, {
        lines: [
            { activity: 'livestream_room', label: 'Livestream room',
                quality: null, quantity: 72, unit: 'minute', price: one(2),
                credits: 144, words: '72 minutes × 2 = 144' },
            { activity: 'livestream_viewing', label: 'Public viewing',
                quality: null, quantity: 10080, unit: 'viewer-minute',
                price: one(20, 1000), credits: 202,
                words: '10,080 viewer-minutes × 20 per 1,000 = 201.6,'
                    + ' charged 202' },
            { activity: 'clip', label: 'Clips', quality: 'premium',
                quantity: 3, unit: 'clip', price: one(25), credits: 75,
                words: '3 clips × 25 = 75' },
            { activity: 'video_summary', label: 'Video summaries',
                quality: 'fast', quantity: 15, unit: 'minute of video',
                price: one(5, 10), credits: 8,
                words: '15 minutes of video × 5 per 10 = 7.5, charged 8' },
        ],
        total: 429,
        amount: { amount: 358, currency: 'GBP' }, // 429 / 1.2 = 357.5 pence
        available_now: 500,
        after_estimate: 71,
        shortfall: 0,
        top_up: null,
        largest: null,
        price_book: { version: 1 },
    });
});

for (const [what, quantity, shortfall, topUp, largest] of [
    ['what is there is enough', 250, 0, null, null],
    ['one more needs the smallest tier', 251, 2,
        { tier: 'gbp25', label: '£25', credits: 3000, after: 2998 }, null],
    ['all of the smallest', 1750, 3000,
        { tier: 'gbp25', label: '£25', credits: 3000, after: 0 }, null],
    ['the next', 1751, 3002,
        { tier: 'gbp50', label: '£50', credits: 6000, after: 2998 }, null],
    ['all of the largest', 6250, 12000,
        { tier: 'gbp100', label: '£100', credits: 12000, after: 0 }, null],
    ['more than any tier buys', 6251, 12002, null,
        { tier: 'gbp100', label: '£100', times: 2, credits: 12000,
            after: 11998 }],
    ['nine digits', 999999999, 1999999498, null,
        { tier: 'gbp100', label: '£100', times: 166667, credits: 12000,
            after: 4502 }],
]) {
    test(`the top-up that covers it: ${what}`, async () => {
        const json = ok(await estimate(
            [{ activity: 'livestream_room', quantity }]), 200);
        assert.equal(json.total, 2 * quantity);
        assert.equal(json.after_estimate, 500 - 2 * quantity);
        assert.equal(json.shortfall, shortfall);
        assert.deepEqual(json.top_up, topUp);
        assert.deepEqual(json.largest, largest);
    });
}

test('what is held is not available to an estimate', async () => {
    const space = await newSpace(site, 1000);
    ok(await space.hold({ activity: 'livestream_room', quantity: 100 }), 201);
    const json = ok(await estimate([{ activity: 'livestream_room',
        quantity: 401 }], space.client, `${space.path}/planner`));
    assert.deepEqual([json.available_now, json.after_estimate, json.shortfall],
        [800, -2, 2]);
});

test('a Space without a paid plan estimates at its own rate', async () => {
    const poor = await signIn(site, 'owner@free.test', 'demo-password');
    const { badge } = ok(await poor.get('/api/v1/spaces/free/credits'));
    const json = ok(await estimate([clip(20, 'fast')], poor,
        '/api/v1/spaces/free/planner'), 200);
    assert.equal(json.amount.amount,
        price(100, badge.per.amount, badge.credits));
    assert.equal(json.available_now, 0);
    assert.equal(json.shortfall, 100);
    assert.equal(json.top_up.tier, 'gbp25');
});

// ------------------------------------------------------------ bad input

const bad = [
    ['no items at all', {}, ['/items']],
    ['null items', { items: null }, ['/items']],
    ['an empty list', { items: [] }, ['/items']],
    ['an object for a list', { items: {} }, ['/items']],
    ['a text for a list', { items: 'clip' }, ['/items']],
    ['101 items', { items: Array(101).fill(clip(1, 'fast')) }, ['/items']],
    ['an item that is none', { items: [7, null, [], 'clip'] },
        ['/items/0', '/items/1', '/items/2', '/items/3']],
    ['an empty item', { items: [{}] },
        ['/items/0/activity', '/items/0/quantity']],
    ['an unknown member', { items: [{ ...clip(1, 'fast'), credits: 5 }] },
        ['/items/0/credits']],
    ['an unknown member beside', { items: [clip(1, 'fast')], name: 'x' },
        ['/name']],
    ['an activity that is not in the book', { items: [{ activity: 'yoga',
        quantity: 1 }] }, ['/items/0/activity']],
    ['a section for an activity', { items: [{ activity: 'livestream',
        quantity: 1 }] }, ['/items/0/activity']],
    ['an activity in capitals', { items: [{ activity: 'Clip', quantity: 1,
        quality: 'fast' }] }, ['/items/0/activity']],
    ['a quality where none applies', { items: [viewing(5, { quality: 'fast' })] },
        ['/items/0/quality']],
    ['no quality where one is needed', { items: [clip(1)] },
        ['/items/0/quality']],
    ['a null quality where one is needed', { items: [clip(1, null)] },
        ['/items/0/quality']],
    ['a quality that there is not', { items: [clip(1, 'best')] },
        ['/items/0/quality']],
    ['an empty quality', { items: [clip(1, '')] }, ['/items/0/quality']],
    ['a number for a quality', { items: [clip(1, 3)] }, ['/items/0/quality']],
    ...[0, -1, -0.5, 1.5, '5', '5 clips', '', true, [5], {},
        9007199254740992, 1e300].map((quantity) => [
        `a quantity of ${JSON.stringify(quantity)}`,
        { items: [clip(quantity, 'fast')] }, ['/items/0/quantity']]),
    ['no quantity', { items: [{ activity: 'clip', quality: 'fast' }] },
        ['/items/0/quantity']],
    ['a line of more than 10^12 credits',
        { items: [clip(1, 'fast'), clip(40000000001, 'premium')] },
        ['/items/1/quantity']],
    ['the largest integer', { items: [clip(9007199254740991, 'premium')] },
        ['/items/0/quantity']],
    ['lines of more than 10^12 credits together',
        { items: [clip(40000000000, 'premium'), clip(1, 'fast')] }, ['/items']],
    ['everything wrong at once, each at its place', { items: [
        { activity: 'yoga', quantity: 1 }, clip(1, 'best'), clip(1),
        viewing(1), viewing(1, { quality: 'fast' }),
    ] }, ['/items/0/activity', '/items/1/quality', '/items/2/quality',
        '/items/4/quality']],
];

for (const [what, body, pointers] of bad) {
    test(`refused with its place: ${what}`, async () => {
        const { errors } = refused(await owner.post(url, body), 400,
            'invalid_request');
        assert.deepEqual(errors.map(({ pointer }) => pointer).sort(),
            [...pointers].sort(), JSON.stringify(errors));
        assert.ok(errors.every(({ detail }) => detail.length > 3));
    });
}

test('numbers that JSON can write and we do not take are refused', async () => {
    for (const number of ['1.0', '1e3', '1E0', '-0', '9007199254740993']) {
        const { errors } = refused(await request(site.base + url, {
            method: 'POST',
            headers: { ...owner.headers, 'Content-Type': 'application/json' },
            body: `{"items":[{"activity":"livestream_room","quantity":${
                number}}]}`,
        }), 400, 'invalid_request');
        assert.deepEqual(errors.map(({ pointer }) => pointer),
            ['/items/0/quantity'], number);
    }
});

test('the edges are taken: 10^12 credits, 100 items', async () => {
    const edge = ok(await estimate([clip(40000000000, 'premium')]), 200);
    assert.equal(edge.total, 1000000000000);
    assert.equal(edge.amount.amount, price(1000000000000, 100, 120));
    const many = ok(await estimate(Array(100).fill(clip(999999999, 'fast'))));
    assert.equal(many.total, 100 * 5 * 999999999);
    assert.equal(many.lines.length, 100);
});

// -------------------------------------------------------------- callers

test('members and keys estimate; others do not', async () => {
    const items = [clip(1, 'fast')];
    ok(await estimate(items, viewer), 200);
    ok(await viewer.get(url), 200);
    for (const [scope, status] of [['read', 200], ['meter', 200],
        ['grant', 403]]) {
        const { key } = await must(site, ['key', 'add', '--name', scope,
            '--space', 'demo', '--scope', scope]);
        const client = keyed(site, key);
        assert.equal((await estimate(items, client)).status, status, scope);
        assert.equal((await client.get(url)).status, status, scope);
        refused(await estimate(items, client, url.replace('demo', 'free')),
            404, 'not_found');
    }
    refused(await estimate(items, anonymous(site)), 401, 'unauthenticated');
    refused(await request(site.base + url, {
        method: 'POST', body: { items }, headers: { Cookie: owner.cookie },
    }), 403, 'csrf');
    refused(await estimate(items, owner, url.replace('demo', 'free')), 404,
        'not_found');
    refused(await owner.get(`${url}?x=1`), 400, 'invalid_request');
});

test('an estimate changes nothing, and is made anew each time', async () => {
    const space = await newSpace(site, 100);
    const before_ = await space.balance();
    const path = `${space.path}/planner`;
    const once = ok(await estimate([clip(3, 'fast')], space.client, path));
    ok(await space.charge(clip(4, 'fast')), 201);
    const twice = ok(await estimate([clip(3, 'fast')], space.client, path));
    assert.deepEqual([once.available_now, twice.available_now], [100, 80]);
    assert.deepEqual([before_.seq, (await space.balance()).seq], [1, 2]);
});

// -------------------------------------------------------- random items

test('holds of the same items take what was estimated, for 200 random plans', async () => {
    const random = seeded('planner');
    const space = await newSpace(site, 1000000000000);
    const path = `${space.path}/planner`;
    const { badge } = ok(await space.get('credits'));
    for (let plan = 0; plan < 200; plan += 1) {
        const items = Array.from({ length: random.int(1, 4) }, () => {
            const [, activity, , prices] = random.pick(first);
            const quality = prices.per ? undefined
                : random.pick(Object.keys(prices));
            return { activity, quality,
                quantity: random.int(1, 10 ** random.int(1, 9)) };
        });
        const made = ok(await estimate(items, space.client, path), 200);
        const sums = items.map(({ activity, quality, quantity }) => {
            const [, , , prices] = first.find(([, id]) => id === activity);
            const { credits, per } = quality ? prices[quality] : prices;
            return price(quantity, credits, per);
        });
        assert.deepEqual(made.lines.map(({ credits }) => credits), sums);
        const total = sums.reduce((sum, credits) => sum + credits, 0);
        assert.equal(made.total, total);
        assert.equal(made.amount.amount, price(total, 100, badge.credits));
        const holds = [];
        for (const item of items) {
            holds.push(ok(await space.hold(item), 201).hold);
        }
        assert.deepEqual(holds.map(({ credits }) => credits), sums);
        assert.equal((await space.balance()).available, made.after_estimate);
        for (const { id } of holds) ok(await space.release(id));
    }
});

// ----------------------------------------------- prices that change (last)

function book(name, sections) {
    const path = join(site.home, `${name}.json`);
    writeFileSync(path, JSON.stringify({ sections }));
    return path;
}
const activity = (id, unit, prices) => ({ id, label: id, unit,
    qualities: prices.per ? null : prices, price: prices.per ? prices : null });
const changed = (room, clips) => [{ id: 'livestream', label: 'Livestream',
    activities: [activity('livestream_room', 'minute', room),
        activity('clip', 'clip', clips)] }];

test('a price book that is to come is announced, and in force from its time', async () => {
    const now = Date.parse(ok(await owner.get(url)).price_book.effective_from);
    const at = (days) => new Date(now + days * 86400000).toISOString();
    await must(site, ['price', 'import', book('two',
        changed(one(3), three(5, 11, 25))), '--from', at(10)]);
    await must(site, ['price', 'import', book('three',
        changed(one(3), { fast: one(5), balanced: one(11) })), '--from',
    at(20)]);
    const before_ = ok(await owner.get(url));
    assert.equal(before_.price_book.version, 1);
    assert.deepEqual(before_.changes, []);
    assert.deepEqual(before_.upcoming.map(({ version, effective_from: from }) =>
        [version, from]), [[2, at(10)], [3, at(20)]]);
    const [two, three_] = before_.upcoming;
    assert.deepEqual(two.changes.slice(0, 2), [
        { activity: 'livestream_room', label: 'livestream_room',
            unit: 'minute', quality: null, before: one(2), after: one(3) },
        { activity: 'clip', label: 'clip', unit: 'clip', quality: 'balanced',
            before: one(10), after: one(11) },
    ]);
    assert.ok(two.changes.slice(2).every(({ after: then }) => then === null));
    assert.equal(two.changes.length, 2 + 1 + 4 * 3);
    assert.deepEqual(three_.changes, [{ activity: 'clip', label: 'clip',
        unit: 'clip', quality: 'premium', before: one(25), after: null }]);

    const buyer = await newBuyer(site);
    await must(site, ['clock', 'advance', '11d']);
    const after_ = ok(await owner.get(url));
    assert.deepEqual(after_.price_book,
        { version: 2, effective_from: at(10) });
    assert.deepEqual(after_.changes, two.changes);
    assert.deepEqual(after_.upcoming, [three_]);
    const json = ok(await estimate([clip(3, 'balanced')], buyer,
        `/api/v1/spaces/${buyer.space}/planner`));
    assert.deepEqual([json.total, json.price_book], [33, { version: 2 }]);
    refused(await estimate([viewing(1)]), 400, 'invalid_request');
});
