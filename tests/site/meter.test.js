// Metering over HTTP: holds and what becomes of them, captures without one,
// grants, and what each answer says, member for member.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
    EVENT, HOLD, chained, newSpace, ok, own, refused, room, viewing,
} from './meter.js';
import { must, stopWhole } from './shop.js';
import { keyed, startSite } from './site.js';

let site;
before(async () => { site = await startSite(); });
after(() => stopWhole(site));

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const seconds = (from, to) => (Date.parse(to) - Date.parse(from)) / 1000;
const refs = {
    livestream: 'ls_1', order: 'o 7', campaign: 'spring', member: 'm@x',
    note: 'first tick',
};
const noRefs = {
    livestream: null, order: null, campaign: null, member: null, note: null,
};

// ------------------------------------------------------- exact answers

test('a hold by activity is answered with the hold, its price and the balance', async () => {
    const space = await newSpace(site, 1000);
    const json = ok(await space.hold(viewing(10080, refs)), 201);
    const { id, created_at: made, expires_at: ends } = json.hold;
    assert.match(id, /^hld_[0-9A-HJKMNP-TV-Z]{26}$/);
    assert.match(made, time);
    assert.equal(seconds(made, ends), 900);
    assert.deepEqual(json, {
        hold: {
            id,
            state: 'held',
            credits: 202,
            captured: 0,
            feature: 'livestream_viewing',
            activity: 'livestream_viewing',
            quality: null,
            quantity: 10080,
            price: { credits: 20, per: 1000 },
            ...refs,
            created_at: made,
            expires_at: ends,
        },
        balance: { available: 798, held: 202, total: 1000 },
    });
    assert.deepEqual(Object.keys(json.hold), HOLD);
    assert.deepEqual(await space.holdOf(id), json.hold);
});

test('a hold by feature has no activity, quantity or price', async () => {
    const space = await newSpace(site, 10);
    const { hold } = ok(await space.hold(own(7, { expires_in_s: 60 })), 201);
    assert.deepEqual({
        ...hold, id: 0, created_at: 0, expires_at: 0,
    }, {
        id: 0,
        state: 'held',
        credits: 7,
        captured: 0,
        feature: 'own',
        activity: null,
        quality: null,
        quantity: null,
        price: null,
        ...noRefs,
        created_at: 0,
        expires_at: 0,
    });
    assert.equal(seconds(hold.created_at, hold.expires_at), 60);
});

test('a capture of a hold is answered with the hold, its event in words and the balance', async () => {
    const space = await newSpace(site, 1000);
    const { hold } = ok(await space.hold(viewing(10080, refs)), 201);
    const json = ok(await space.capture(hold.id, { quantity: 10033 }), 200);
    const { event } = json;
    assert.match(event.id, /^evt_[0-9A-HJKMNP-TV-Z]{26}$/);
    assert.match(event.occurred_at, time);
    assert.match(event.lots[0].lot, /^lot_[0-9A-HJKMNP-TV-Z]{26}$/);
    assert.deepEqual(json, {
        hold: { ...hold, state: 'captured', captured: 201 },
        event: {
            id: event.id,
            seq: 2,
            kind: 'captured_usage',
            credits: -201,
            balance_after: 799,
            occurred_at: event.occurred_at,
            title: 'Public viewing',
            words: '10,033 viewer-minutes × 20 per 1,000 = 200.66, charged 201',
            feature: 'livestream_viewing',
            activity: 'livestream_viewing',
            quality: null,
            quantity: 10033,
            unit: 'viewer-minute',
            price: { credits: 20, per: 1000 },
            ...refs,
            hold: hold.id,
            refund_of: null,
            checkout_order: null,
            amount: null,
            currency: null,
            lots: [{ lot: event.lots[0].lot, kind: 'bonus', credits: -201 }],
        },
        balance: { available: 799, held: 0, total: 799 },
    });
    assert.deepEqual(Object.keys(event), EVENT);
});

test('a capture without a hold, by activity with a quality and by feature', async () => {
    const space = await newSpace(site, 100);
    const clip = ok(await space.charge(
        { activity: 'clip', quantity: 3, quality: 'premium', ...refs },
    ), 201);
    assert.deepEqual({ ...clip.event, id: 0, occurred_at: 0, lots: 0 }, {
        id: 0,
        seq: 2,
        kind: 'captured_usage',
        credits: -75,
        balance_after: 25,
        occurred_at: 0,
        title: 'Clips',
        words: '3 clips × 25 = 75',
        feature: 'clip',
        activity: 'clip',
        quality: 'premium',
        quantity: 3,
        unit: 'clip',
        price: { credits: 25, per: 1 },
        ...refs,
        hold: null,
        refund_of: null,
        checkout_order: null,
        amount: null,
        currency: null,
        lots: 0,
    });
    assert.deepEqual(clip.balance, { available: 25, held: 0, total: 25 });
    const { event, balance } = ok(await space.charge(own(5)), 201);
    assert.deepEqual([event.title, event.words, event.feature, event.activity,
        event.quantity, event.unit, event.price, event.credits],
    ['own', '5 credits', 'own', null, null, null, null, -5]);
    assert.deepEqual(balance, { available: 20, held: 0, total: 20 });
});

// --------------------------------------------------- the life of a hold

// Each in a Space of 1,000 credits: a hold, then steps of [operation, body,
// what has to be so]. `code` means a refusal, after which all is as before.
const lives = [
    ['nothing named captures all that is left, and ends it', room(10), [
        ['capture', {}, { state: 'captured', captured: 20, event: -20, available: 980, held: 0 }],
        ['capture', {}, { status: 409, code: 'hold_not_open' }],
        ['release', null, { status: 409, code: 'hold_not_open' }],
    ]],
    ['a final capture of a part gives the rest back', room(10), [
        ['capture', { quantity: 4 }, { state: 'captured', captured: 8, event: -8, available: 992, held: 0 }],
    ]],
    ['final: false keeps the rest held', room(10), [
        ['capture', { quantity: 4, final: false }, { state: 'held', captured: 8, event: -8, available: 980, held: 12 }],
        ['capture', { quantity: 7, final: false }, { status: 409, code: 'capture_exceeds_hold' }],
        ['capture', { quantity: 6, final: false }, { state: 'held', captured: 20, event: -12, available: 980, held: 0 }],
        ['capture', { quantity: 1 }, { status: 409, code: 'capture_exceeds_hold' }],
        ['capture', {}, { state: 'captured', captured: 20, event: 0, available: 980, held: 0 }],
        ['capture', {}, { status: 409, code: 'hold_not_open' }],
    ]],
    ['parts are rounded together, not one by one', viewing(120), [
        ['capture', { quantity: 10, final: false }, { captured: 1, event: -1, available: 997, held: 2 }],
        ['capture', { quantity: 40, final: false }, { captured: 1, event: 0, available: 997, held: 2 }],
        ['capture', { quantity: 1, final: false }, { captured: 2, event: -1, available: 997, held: 1 }],
        ['capture', { quantity: 49, final: false }, { captured: 2, event: 0, available: 997, held: 1 }],
        ['capture', {}, { state: 'captured', captured: 3, event: -1, available: 997, held: 0 }],
    ]],
    ['a hold by feature is captured in credits, never in a quantity', own(50), [
        ['capture', { quantity: 5 }, { status: 400, code: 'invalid_request', pointer: '/quantity' }],
        ['capture', { credits: 51 }, { status: 409, code: 'capture_exceeds_hold' }],
        ['capture', { credits: 20, final: false }, { captured: 20, event: -20, available: 950, held: 30 }],
        ['capture', { extend: { quantity: 4, expires_in_s: 60 } }, { status: 400, code: 'invalid_request', pointer: '/extend/quantity' }],
        ['capture', { credits: 30, extend: { credits: 4, expires_in_s: 60 } }, { credits: 54, captured: 50, event: -30, available: 946, held: 4 }],
        ['capture', { credits: 4, final: true }, { state: 'captured', captured: 54, event: -4, available: 946, held: 0 }],
    ]],
    ['a hold by activity is captured in a quantity, never in credits', room(5), [
        ['capture', { credits: 5 }, { status: 400, code: 'invalid_request', pointer: '/credits' }],
        ['capture', { quantity: 1, credits: 5 }, { status: 400, code: 'invalid_request', pointer: '/credits' }],
        ['capture', { quantity: 1, extend: { credits: 5, expires_in_s: 60 } }, { status: 400, code: 'invalid_request', pointer: '/extend/credits' }],
    ]],
    ['a release gives back what is left, and may be said again', room(10), [
        ['capture', { quantity: 3, final: false }, { captured: 6, event: -6, available: 980, held: 14 }],
        ['release', null, { state: 'released', captured: 6, available: 994, held: 0 }],
        ['release', null, { state: 'released', captured: 6, available: 994, held: 0 }],
        ['capture', { quantity: 1 }, { status: 409, code: 'hold_not_open' }],
        ['capture', {}, { status: 409, code: 'hold_not_open' }],
    ]],
    ['an extension holds so much for what comes, what was left counting towards it', room(10), [
        ['capture', { quantity: 4, extend: { quantity: 10, expires_in_s: 120 } }, { state: 'held', credits: 28, captured: 8, event: -8, available: 972, held: 20, ends: 120 }],
        ['capture', { quantity: 10, extend: { quantity: 2, expires_in_s: 60 } }, { credits: 32, captured: 28, event: -20, available: 968, held: 4, ends: 60 }],
        ['capture', { extend: { quantity: 1, expires_in_s: 604800 } }, { credits: 34, captured: 32, event: -4, available: 966, held: 2, ends: 604800 }],
        ['capture', { quantity: 2, extend: { quantity: 1, expires_in_s: 60 } }, { status: 409, code: 'capture_exceeds_hold' }],
        ['capture', { quantity: 1, final: true }, { state: 'captured', captured: 34, event: -2, available: 966, held: 0 }],
    ]],
    ['an extension to less than is left gives the difference back', room(100), [
        ['capture', { quantity: 1, extend: { quantity: 9, expires_in_s: 60 } }, { credits: 20, captured: 2, event: -2, available: 980, held: 18 }],
    ]],
    ['a tick in which nobody watched captures nothing and goes on', viewing(1000), [
        ['capture', { quantity: 0, extend: { quantity: 500, expires_in_s: 60 } }, { credits: 10, captured: 0, event: 0, available: 990, held: 10, lasts: null }],
    ]],
    ['an extension that does not fit does nothing, and the capture alone still can', room(400), [
        ['capture', { quantity: 100, extend: { quantity: 401, expires_in_s: 60 } }, { status: 402, code: 'insufficient_credits', members: { available: 200, held: 800, required: 202, shortfall: 2 } }],
        ['capture', { quantity: 100, extend: { quantity: 400, expires_in_s: 60 } }, { credits: 1000, captured: 200, event: -200, available: 0, held: 800 }],
        ['capture', { quantity: 400, extend: { quantity: 1, expires_in_s: 60 } }, { status: 402, code: 'insufficient_credits', members: { available: 0, held: 800, required: 2, shortfall: 2 } }],
        ['capture', { quantity: 400 }, { state: 'captured', captured: 1000, event: -800, available: 0, held: 0 }],
    ]],
    ['an extension cannot be final', room(10), [
        ['capture', { quantity: 1, final: true, extend: { quantity: 1, expires_in_s: 60 } }, { status: 400, code: 'invalid_request', pointer: '/final' }],
        ['capture', { quantity: 1, final: false, extend: { quantity: 1, expires_in_s: 60 } }, { captured: 2, credits: 4, event: -2, available: 996, held: 2 }],
    ]],
    ['an extension needs a quantity, and one of a size', room(10), [
        ['capture', { quantity: 1, extend: {} }, { status: 400, code: 'invalid_request', pointer: '/extend/quantity' }],
        ['capture', { quantity: 1, extend: { expires_in_s: 60 } }, { status: 400, code: 'invalid_request', pointer: '/extend/quantity' }],
        ['capture', { quantity: 1, extend: { quantity: 0, expires_in_s: 60 } }, { status: 400, code: 'invalid_request', pointer: '/extend/quantity' }],
        ['capture', { quantity: 1, extend: { quantity: 1, credits: 1, expires_in_s: 60 } }, { status: 400, code: 'invalid_request', pointer: '/extend/credits' }],
        ['capture', { quantity: 1, extend: { quantity: 9007199254740991, expires_in_s: 60 } }, { status: 400, code: 'invalid_request', pointer: '/extend/quantity' }],
        ['capture', { quantity: 1, extend: { quantity: 1, expires_in_s: 604801 } }, { status: 400, code: 'invalid_request', pointer: '/extend/expires_in_s' }],
        ['capture', { quantity: 1, extend: [1] }, { status: 400, code: 'invalid_request', pointer: '/extend' }],
    ]],
];

function checkHold(answer, want) {
    const { hold, event, balance } = answer.json;
    for (const name of ['state', 'credits', 'captured']) {
        if (want[name] !== undefined) assert.equal(hold[name], want[name], name);
    }
    assert.deepEqual([balance.available, balance.held],
        [want.available, want.held]);
    assert.equal(balance.total, balance.available + balance.held);
    if (want.ends) {
        assert.equal(seconds(event.occurred_at, hold.expires_at), want.ends);
    }
    if (want.lasts !== undefined) assert.equal(hold.lasts_until, want.lasts);
}

async function step(space, id, [operation, body, want]) {
    const before_ = await space.balance();
    const was = await space.holdOf(id);
    const answer = operation === 'release' ? await space.release(id)
        : await space.capture(id, body);
    if (want.code) {
        const problem = refused(answer, want.status, want.code);
        if (want.pointer) {
            assert.deepEqual(problem.errors.map(({ pointer }) => pointer),
                [want.pointer], answer.text);
        }
        for (const [name, value] of Object.entries(want.members ?? {})) {
            assert.equal(problem[name], value, `${name}: ${answer.text}`);
        }
        assert.deepEqual(await space.balance(), before_);
        assert.deepEqual(await space.holdOf(id), was);
        return;
    }
    ok(answer, 200);
    checkHold(answer, want);
    const { lasts_until: lasts, ...hold } = answer.json.hold;
    assert.equal(lasts !== undefined, Boolean(body?.extend));
    assert.deepEqual(await space.holdOf(id), hold);
    if (operation === 'release') assert.ok(!('event' in answer.json));
    else assert.equal(answer.json.event.credits, want.event);
}

for (const [name, asked, steps] of lives) {
    test(`life of a hold: ${name}`, async () => {
        const space = await newSpace(site, 1000);
        const { hold } = ok(await space.hold(asked), 201);
        for (const [i, each] of steps.entries()) {
            try {
                await step(space, hold.id, each);
            } catch (error) {
                error.message = `step ${i + 1}: ${error.message}`;
                throw error;
            }
        }
        chained(await space.events());
    });
}

test('a release takes no body, or an empty object, and refuses anything else', async () => {
    const space = await newSpace(site, 10);
    const { hold } = ok(await space.hold(own(5)), 201);
    const path = `${space.path}/holds/${hold.id}/release`;
    const { headers } = space.client;
    for (const body of ['{"why": "x"}', '{', '[]', 'null', '{"a":1,"a":1}']) {
        refused(await space.client.post(path, body, {
            headers: { 'Content-Type': 'application/json', ...headers },
        }), 400, 'invalid_request');
    }
    assert.equal((await space.balance()).held, 5);
    ok(await space.client.post(path, {}), 200);
    ok(await space.client.post(path), 200);
});

// ----------------------------------------------------------------- lists

test('holds are listed by state, newest first, page by page', async () => {
    const space = await newSpace(site, 1000);
    const made = [];
    for (let i = 0; i < 8; i += 1) {
        const { hold } = ok(await space.hold(own(1, { note: `n${i}` })), 201);
        made.unshift(hold.id);
    }
    await space.capture(made[1], {});
    await space.capture(made[3], {});
    await space.release(made[4]);
    const at = (...places) => places.map((i) => made[i]);
    const cases = [
        ['', made],
        ['state=held', at(0, 2, 5, 6, 7)],
        ['state=captured', at(1, 3)],
        ['state=released', at(4)],
        ['state=expired', []],
    ];
    for (const [query, wanted] of cases) {
        for (const limit of [1, 2, 3, 100]) {
            const seen = [];
            let before_ = '';
            let pages = 0;
            do {
                const page = ok(await space
                    .get(`holds?${query}&limit=${limit}${before_}`), 200);
                assert.ok(page.holds.length <= limit);
                assert.ok(page.holds.length > 0 || pages === 0);
                seen.push(...page.holds);
                pages += 1;
                before_ = page.next_before && `&before=${page.next_before}`;
            } while (before_);
            assert.deepEqual(seen.map(({ id }) => id), wanted, query);
            assert.ok(seen.every((hold) => Object.keys(hold).join()
                === HOLD.join()));
            assert.equal(pages, Math.max(1, Math.ceil(wanted.length / limit)));
        }
    }
});

test('a list of holds refuses cursors of other lists, and what it does not know', async () => {
    const space = await newSpace(site, 10);
    for (let i = 0; i < 3; i += 1) ok(await space.hold(own(1)), 201);
    const { next_before: cursor } = ok(await space
        .get('holds?state=held&limit=1'), 200);
    ok(await space.get(`holds?state=held&before=${cursor}`), 200);
    for (const query of [`before=${cursor}`, `state=captured&before=${cursor}`,
        'before=x', 'before=', `before=${cursor.slice(1)}`]) {
        refused(await space.get(`holds?${query}`), 400, 'invalid_cursor');
    }
    refused(await space.get(`events?before=${cursor}`), 400, 'invalid_cursor');
    for (const query of ['state=open', 'state=', 'limit=0', 'limit=101',
        'limit=x', 'limit=1.5', 'sort=up', 'state=held&state=held']) {
        refused(await space.get(`holds?${query}`), 400, 'invalid_request');
    }
});

// ---------------------------------------------------------- not enough

test('402 says what is available, held, required and short, and where to top up', async () => {
    const space = await newSpace(site, 100);
    ok(await space.hold(own(30)), 201);
    const members = {
        available: 70,
        held: 30,
        top_up_url: `${site.base}/settings/account/credits?space=${space.slug}`,
    };
    const asks = [
        ['hold', own(71), 71],
        ['hold', room(36), 72],
        ['charge', own(1000), 1000],
        ['charge', { activity: 'clip', quantity: 8, quality: 'balanced' }, 80],
        ['grant', { kind: 'adjustment', credits: -71 }, 71],
    ];
    for (const [operation, body, required] of asks) {
        const problem = refused(await space[operation](body), 402,
            'insufficient_credits');
        const { available, held, top_up_url: url, shortfall } = problem;
        assert.deepEqual({ available, held, top_up_url: url }, members);
        assert.equal(problem.required, required);
        assert.equal(shortfall, required - 70);
    }
    assert.deepEqual(await space.balance(),
        { available: 70, held: 30, total: 100, seq: 1 });
    ok(await space.charge(own(70)), 201);
    refused(await space.charge(own(1)), 402, 'insufficient_credits');
});

test('the top-up address begins with the site\'s base address', async () => {
    const other = await startSite({
        env: { SCRIP_BASE_URL: 'https://credits.example.test' },
    });
    try {
        const space = await newSpace(other);
        const problem = refused(await space.charge(own(1)), 402,
            'insufficient_credits');
        assert.equal(problem.top_up_url, 'https://credits.example.test'
            + `/settings/account/credits?space=${space.slug}`);
    } finally {
        await other.stop();
    }
});

// ----------------------------------------------------- reading it back

test('each movement shows in the history with its words, and in the balance', async () => {
    const space = await newSpace(site, 500);
    const { hold } = ok(await space.hold(room(60, { livestream: 'l1' })), 201);
    ok(await space.capture(hold.id, { quantity: 45, final: false }), 200);
    const { event } = ok(await space.charge(
        { activity: 'video_summary', quantity: 12, quality: 'fast' },
    ), 201);
    ok(await space.refund({ event: event.id, credits: 2 }), 201);
    const { json: credits } = await space.get('credits');
    assert.equal(credits.holds.length, 1);
    assert.deepEqual(credits.holds[0], await space.holdOf(hold.id));
    assert.equal(credits.balance.held, 30);
    ok(await space.release(hold.id), 200);
    const { json: later } = await space.get('credits');
    assert.deepEqual(later.holds, []);
    const events = await space.events();
    assert.equal(chained(events), 406);
    assert.deepEqual(events.map(({ kind, credits: n, title, words }) => (
        [kind, n, title, words])), [
        ['bonus', 500, 'Bonus credits', 'a test'],
        ['captured_usage', -90, 'Livestream room', '45 minutes × 2 = 90'],
        ['captured_usage', -6, 'Video summaries',
            '12 minutes of video × 5 per 10 = 6'],
        ['usage_refund', 2, 'Usage refunded', 'it failed'],
    ]);
    assert.deepEqual(await space.balance(),
        { available: 406, held: 0, total: 406, seq: 4 });
});

test('credits show at most 20 open holds, the newest', async () => {
    const space = await newSpace(site, 100);
    const made = [];
    for (let i = 0; i < 22; i += 1) {
        made.unshift(ok(await space.hold(own(1)), 201).hold.id);
    }
    const { json } = await space.get('credits');
    assert.deepEqual(json.holds.map(({ id }) => id), made.slice(0, 20));
    assert.equal(json.balance.held, 22);
});

// ---------------------------------------------------------------- scopes

test('each scope opens its own operations and no other; a key for one Space sees no other', async () => {
    const space = await newSpace(site, 100);
    const other = await newSpace(site, 100);
    const { hold } = ok(await space.hold(own(5)), 201);
    const { event } = ok(await space.charge(own(5)), 201);
    const batch = (slug) => ({ captures: [{ space: slug, key: 'k', ...own(1) }] });
    const reads = ['credits', 'events', 'balance', 'holds',
        `holds/${hold.id}`, `events/${event.id}`, 'membership', 'orders'];
    const asks = {
        meter: [
            ['post', `${space.path}/holds`, own(1)],
            ['post', `${space.path}/holds/${hold.id}/capture`, { credits: 1, final: false }],
            ['post', `${space.path}/captures`, own(1)],
            ['post', `${space.path}/refunds`, { event: event.id, credits: 1, reason: 'x' }],
            ['post', '/api/v1/captures/batch', batch(space.slug)],
            ['post', `${space.path}/holds/${hold.id}/release`],
        ],
        grant: [['post', `${space.path}/grants`, { credits: 1, kind: 'bonus', reason: 'x' }]],
        provision: [
            ['put', `${space.path}/membership`, { plan: 'creator', period_start: '2026-11-01T00:00:00Z', period_end: '2026-12-01T00:00:00Z' }],
        ],
        read: reads.map((what) => ['get', `${space.path}/${what}`]),
    };
    const both = ['balance', 'holds', `holds/${hold.id}`]
        .map((what) => `${space.path}/${what}`);
    for (const scope of Object.keys(asks)) {
        const { key } = await must(site, ['key', 'add', '--name', scope,
            '--space', space.slug, '--scope', scope]);
        const client = keyed(site, key);
        for (const [needs, list] of Object.entries(asks)) {
            for (const [method, path, body] of list) {
                const answer = method === 'get' ? await client.get(path)
                    : await client[method](path, body, { key: true });
                const may = needs === scope
                    || (scope === 'meter' && both.includes(path));
                if (may) {
                    assert.ok(answer.status < 300,
                        `${scope} ${path}: ${answer.status} ${answer.text}`);
                } else refused(answer, 403, 'scope');
            }
        }
        // Its own Space is all that it sees, whatever the scope.
        refused(await client.get(`${other.path}/balance`), 404, 'not_found');
        if (scope === 'meter') {
            const { results } = ok(await client
                .post('/api/v1/captures/batch', batch(other.slug)), 200);
            assert.equal(results[0].status, 404);
        }
        if (scope === 'provision') {
            refused(await client.put(space.path, { name: 'x' }), 403, 'scope');
        }
    }
    assert.equal((await other.balance()).total, 100);
});

test('what is wrong is told in the order of the contract', async () => {
    const space = await newSpace(site, 10);
    const { key: reading } = await must(site, ['key', 'add', '--name', 'r',
        '--space', space.slug, '--scope', 'read']);
    const reader = keyed(site, reading);
    const { client, path } = space;
    const nobody = keyed(site, 'sk_nobody');
    const text = { headers: { 'Content-Type': 'text/plain' } };
    const big = `{"feature":"${'x'.repeat(65536)}","credits":1}`;
    const json = { headers: { 'Content-Type': 'application/json' } };
    const used = ok(await space.charge(own(1), 'used'), 201);
    assert.ok(used);
    const cases = [
        ['another method, by nobody', nobody.put(`${path}/holds`, {}), 405, 'method_not_allowed'],
        ['nobody, of no Space', nobody.post('/api/v1/spaces/none/holds', {}), 401, 'unauthenticated'],
        ['no such Space, without the scope', reader.post('/api/v1/spaces/none/holds', {}), 404, 'not_found'],
        ['without the scope, of another type', reader.post(`${path}/holds`, '{', text), 403, 'scope'],
        ['too large, of another type', client.post(`${path}/holds`, big, text), 413, 'payload_too_large'],
        ['of another type, not JSON', client.post(`${path}/holds`, '{', text), 415, 'unsupported_media_type'],
        ['not JSON, and no key', client.post(`${path}/holds`, '{', json), 400, undefined],
        ['no key', client.post(`${path}/holds`, own(1)), 400, 'idempotency_key_required'],
        ['a used key, of a request that is wrong', client.post(`${path}/captures`, own(0), { key: 'used' }), 400, 'invalid_request'],
        ['a used key, of a request that could not be paid', client.post(`${path}/captures`, own(1000), { key: 'used' }), 422, 'idempotency_key_reused'],
        ['no such hold, and more than there is', client.post(`${path}/holds/hld_00000000000000000000000000/capture`, { credits: 1000 }, { key: true }), 404, 'not_found'],
    ];
    for (const [name, asked, status, code] of cases) {
        const answer = await asked;
        assert.equal(answer.status, status, `${name}: ${answer.text}`);
        if (code) refused(answer, status, code);
    }
    for (const key of ['', 'é', 'a\tb', 'x'.repeat(256)]) {
        const answer = await client.post(`${path}/captures`, own(1),
            { headers: { 'Idempotency-Key': Buffer.from(key).toString('latin1') } });
        assert.equal(answer.status, 400, JSON.stringify(key));
    }
    for (const key of ['x'.repeat(255), '~ !"#', '0']) {
        ok(await client.post(`${path}/captures`, own(1), { key }), 201);
    }
    assert.equal((await space.balance()).total, 6);
});
