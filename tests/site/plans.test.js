// Saved plans over HTTP, from quote to start: who may do what, what a replay
// says, and that a plan is held for whole or not at all.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { HOLD, ok, own, refused } from './meter.js';
import { clip, launch, newPlanner, newStarted } from './plans.js';
import { must, stopWhole } from './shop.js';
import { anonymous, keyed, request, signIn, startSite } from './site.js';

let site;
before(async () => {
    site = await startSite({ env: { SCRIP_TICK_SECONDS: '0' } });
});
after(() => stopWhole(site));

// --------------------------------------------------------------- drafts

test('a saved plan is answered with its quote, member for member', async () => {
    const space = await newPlanner(site, 1000, { browser: true });
    const { plan } = ok(await space.save(), 201);
    assert.match(plan.id, /^pln_[0-9A-HJKMNP-TV-Z]{26}$/);
    assert.match(plan.quoted_at, /^\d{4}-.*T.*\.\d{3}Z$/);
    const { items, ...rest } = plan;
    assert.deepEqual(rest, {
        id: plan.id,
        name: 'Launch',
        total: 302,
        price_book: { version: 1 },
        price_book_changed: false,
        quoted_at: plan.quoted_at,
        quote_ends_at: new Date(Date.parse(plan.quoted_at) + 86400000)
            .toISOString(),
        campaign: plan.id,
        state: 'draft',
        member: space.client.session.member.name,
        created_at: plan.quoted_at,
        started_at: null,
        expires_at: null,
        finished_at: null,
    });
    assert.deepEqual(items.map(({ activity, quality, quantity, credits, words }) =>
        [activity, quality, quantity, credits, words]), [
        ['livestream_viewing', null, 10080, 202,
            '10,080 viewer-minutes × 20 per 1,000 = 201.6, charged 202'],
        ['clip', 'balanced', 10, 100, '10 clips × 10 = 100'],
    ]);
    const read = await space.plan(plan.id);
    const { activities, totals, ...same } = read;
    assert.deepEqual(same, plan);
    const nothing = { quantity: 0, credits: 0 };
    assert.deepEqual(activities, [
        { activity: 'livestream_viewing', label: 'Public viewing',
            unit: 'viewer-minute', quality: null,
            planned: { quantity: 10080, credits: 202 }, used: nothing,
            refunded: nothing, remaining: { quantity: 10080, credits: 202 } },
        { activity: 'clip', label: 'Clips', unit: 'clip', quality: 'balanced',
            planned: { quantity: 10, credits: 100 }, used: nothing,
            refunded: nothing, remaining: { quantity: 10, credits: 100 } },
    ]);
    assert.deepEqual(totals,
        { planned: 302, used: 0, refunded: 0, remaining: 302 });
    assert.equal((await space.meter.balance()).held, 0, 'a draft holds nothing');
});

test('a key saves, quotes and starts plans; they are then nobody\'s', async () => {
    const space = await newPlanner(site);
    const { key } = await must(site, ['key', 'add', '--name', 'live',
        '--space', space.client.space, '--scope', 'meter']);
    const client = keyed(site, key);
    const { plan } = ok(await client.post(space.path,
        { name: 'By key', items: launch }, { key: true }), 201);
    assert.equal(plan.member, null);
    ok(await client.put(`${space.path}/${plan.id}`, { name: 'Again' }), 200);
    ok(await client.get(`${space.path}/${plan.id}`), 200);
    ok(await client.post(`${space.path}/${plan.id}/start`, {}, { key: true }),
        200);
    ok(await client.post(`${space.path}/${plan.id}/finish`, {}, { key: true }),
        200);
    const reader = keyed(site, (await must(site, ['key', 'add', '--name', 'r',
        '--all', '--scope', 'read'])).key);
    ok(await reader.get(space.path), 200);
    refused(await reader.post(space.path, { name: 'x', items: launch },
        { key: true }), 403, 'scope');
    refused(await reader.post(`${space.path}/${plan.id}/start`, {},
        { key: true }), 403, 'scope');
});

test('a draft is quoted anew: other items, another name, or neither', async () => {
    const space = await newPlanner(site);
    const { id, quoted_at: before_ } = await space.saved();
    const items = ok(await space.quote(id, { name: 'Smaller',
        items: [clip(3, 'premium')] }), 200).plan;
    assert.deepEqual([items.name, items.total, items.items.length],
        ['Smaller', 75, 1]);
    assert.ok(items.quoted_at >= before_);
    const name = ok(await space.quote(id, { name: 'Other' }), 200).plan;
    assert.deepEqual([name.name, name.total], ['Other', 75]);
    for (const body of [{}, undefined, { name: null, items: null }]) {
        const same = ok(await space.quote(id, body), 200).plan;
        assert.deepEqual([same.name, same.total, same.items],
            ['Other', 75, items.items]);
    }
    assert.equal((await space.plan(id)).total, 75);
    const { errors } = refused(await space.quote(id,
        { items: [clip(1, 'best')] }), 400, 'invalid_request');
    assert.equal(errors[0].pointer, '/items/0/quality');
    refused(await space.quote(id, { state: 'started' }), 400,
        'invalid_request');
    assert.equal((await space.plan(id)).total, 75, 'refused, it is as it was');
});

test('the list has the newest first, page by page', async () => {
    const space = await newPlanner(site);
    const names = ['a', 'b', 'c', 'd', 'e'];
    for (const name of names) await space.saved({ name });
    const seen = [];
    let before_ = '';
    do {
        const page = ok(await space.client.get(
            `${space.path}?limit=2${before_}`), 200);
        assert.ok(page.plans.length <= 2);
        seen.push(...page.plans.map(({ name, totals }) => {
            assert.equal(totals.planned, 302);
            return name;
        }));
        before_ = page.next_before && `&before=${page.next_before}`;
    } while (before_);
    assert.deepEqual(seen, [...names].reverse());
    const other = await newPlanner(site);
    const { next_before: cursor } = ok(await space.client.get(
        `${space.path}?limit=2`));
    refused(await other.client.get(`${other.path}?before=${cursor}`), 400,
        'invalid_cursor');
    for (const query of ['limit=0', 'limit=101', 'limit=x', 'state=draft']) {
        refused(await space.client.get(`${space.path}?${query}`), 400,
            'invalid_request');
    }
    const { headers } = await space.client.get(space.path);
    assert.equal((await space.client.get(space.path,
        { headers: { 'If-None-Match': headers.etag } })).status, 304);
});

for (const [what, body, pointers] of [
    ['nothing', {}, ['/items', '/name']],
    ['no name', { items: launch }, ['/name']],
    ['an empty name', { name: '', items: launch }, ['/name']],
    ['a name of 201 characters', { name: 'x'.repeat(201), items: launch },
        ['/name']],
    ['no items', { name: 'x' }, ['/items']],
    ['an empty list', { name: 'x', items: [] }, ['/items']],
    ['a quantity of 0', { name: 'x', items: [clip(0)] }, ['/items/0/quantity']],
    ['an unknown activity', { name: 'x', items: [{ activity: 'yoga',
        quantity: 1 }] }, ['/items/0/activity']],
    ['a state', { name: 'x', items: launch, state: 'started' }, ['/state']],
]) {
    test(`nothing is saved of ${what}`, async () => {
        const space = await newPlanner(site, 0);
        const { errors } = refused(await space.client.post(space.path, body,
            { key: true }), 400, 'invalid_request');
        assert.deepEqual(errors.map(({ pointer }) => pointer).sort(), pointers);
        assert.deepEqual(ok(await space.client.get(space.path)).plans, []);
    });
}

// -------------------------------------------------------------- callers

test('members read, save and quote plans, and do not start or finish them', async () => {
    const space = await newPlanner(site, 1000, { browser: true });
    const { id } = await space.saved();
    const email = `v-${space.client.email}`;
    await must(site, ['member', 'add', email, '--name', 'V', '--space',
        space.client.space, '--role', 'member'], { input: 'a-good-password\n' });
    const viewer = await signIn(site, email, 'a-good-password');
    const mine = ok(await viewer.post(space.path,
        { name: 'Mine', items: launch }, { key: true }), 201).plan;
    assert.equal(mine.member, 'V');
    ok(await viewer.put(`${space.path}/${mine.id}`, {}), 200);
    ok(await viewer.get(space.path), 200);
    for (const what of ['start', 'finish']) {
        refused(await viewer.post(`${space.path}/${id}/${what}`, {},
            { key: true }), 403, 'role');
    }
    assert.equal((await space.plan(id)).state, 'draft');
});

test('nobody, another page and another Space get nowhere', async () => {
    const space = await newPlanner(site, 1000, { browser: true });
    const other = await newPlanner(site, 1000, { browser: true });
    const { id } = await space.saved();
    const calls = [
        ['GET', space.path], ['POST', space.path, { name: 'x', items: launch }],
        ['GET', `${space.path}/${id}`], ['PUT', `${space.path}/${id}`, {}],
        ['POST', `${space.path}/${id}/start`, {}],
        ['POST', `${space.path}/${id}/finish`, {}],
    ];
    for (const [method, path, body] of calls) {
        const send = (headers, to = path) => request(site.base + to,
            { method, body, headers, key: true });
        refused(await send({}), 401, 'unauthenticated');
        refused(await send(other.client.headers), 404, 'not_found');
        if (method !== 'GET') {
            refused(await send({ Cookie: space.client.cookie }), 403, 'csrf');
        }
        // The plan named in a Space that the caller does have.
        if (path.includes(id)) {
            refused(await send(other.client.headers,
                path.replace(space.client.space, other.client.space)), 404,
            'not_found');
        }
    }
    for (const bad of ['pln_', 'x', id.toLowerCase(), `${id}0`,
        id.replace(/.$/, (last) => (last === '9' ? '8' : '9')),
        id.replace('pln', 'hld')]) {
        refused(await space.client.get(`${space.path}/${bad}`), 404,
            'not_found');
        refused(await space.start(bad), 404, 'not_found');
    }
    assert.equal((await anonymous(site).get(space.path)).status, 401);
});

// -------------------------------------------------------------- replays

test('each write needs a key, and says the same again for it, whatever has happened since', async () => {
    const space = await newPlanner(site, 1000, { browser: true });
    refused(await space.client.post(space.path, { name: 'x', items: launch }),
        400, 'idempotency_key_required');
    const keys = [randomUUID(), randomUUID(), randomUUID()];
    const saved = await space.save('Launch', launch, keys[0]);
    const { id } = ok(saved, 201).plan;
    refused(await space.client.post(`${space.path}/${id}/start`, {}), 400,
        'idempotency_key_required');
    ok(await space.quote(id, { name: 'Other', items: [clip(7)] }), 200);
    const started = await space.start(id, {}, keys[1]);
    ok(started, 200);
    ok(await space.meter.charge(clip(2, 'balanced', { campaign: id })), 201);
    const finished = await space.finish(id, {}, keys[2]);
    ok(finished, 200);
    ok(await space.meter.charge(own(5)), 201);

    const again = [
        [saved, await space.save('Launch', launch, keys[0]), 201],
        [started, await space.start(id, {}, keys[1]), 200],
        [started, await space.start(id, { expires_in_s: 604800 }, keys[1]), 200],
        [finished, await space.finish(id, {}, keys[2]), 200],
    ];
    for (const [first, second, status] of again) {
        assert.equal(second.status, status);
        assert.deepEqual(second.json, first.json);
        assert.equal(first.headers['idempotency-replayed'], undefined);
        assert.equal(second.headers['idempotency-replayed'], 'true');
    }
    assert.equal((await space.client.get(space.path)).json.plans.length, 1);

    refused(await space.save('Launch', [clip(1)], keys[0]), 422,
        'idempotency_key_reused');
    refused(await space.save('launch', launch, keys[0]), 422,
        'idempotency_key_reused');
    refused(await space.start(id, { expires_in_s: 5 }, keys[1]), 422,
        'idempotency_key_reused');
    const { id: second } = await space.saved();
    refused(await space.start(second, {}, keys[1]), 422,
        'idempotency_key_reused');
    refused(await space.finish(second, {}, keys[2]), 422,
        'idempotency_key_reused');
});

test('a refused start is not remembered: after a top-up the same key starts', async () => {
    const space = await newPlanner(site, 301);
    const { id } = await space.saved();
    const key = randomUUID();
    refused(await space.start(id, {}, key), 402, 'insufficient_credits');
    ok(await space.meter.grant({ credits: 1 }), 201);
    ok(await space.start(id, {}, key), 200);
});

// ---------------------------------------------------------------- start

test('starting holds each item at its quote under the campaign, and says until when', async () => {
    const space = await newPlanner(site);
    const { id } = await space.saved();
    const json = ok(await space.start(id, { expires_in_s: 3600 }), 200);
    assert.deepEqual(Object.keys(json),
        ['plan', 'holds', 'expires_at', 'balance']);
    assert.equal(json.plan.state, 'started');
    assert.equal(json.plan.expires_at, json.expires_at);
    assert.equal(Date.parse(json.expires_at)
        - Date.parse(json.plan.started_at), 3600000);
    assert.deepEqual(json.holds.map((hold) => {
        assert.deepEqual(Object.keys(hold), HOLD);
        assert.equal(hold.campaign, id);
        assert.equal(hold.note, 'Launch');
        assert.equal(hold.expires_at, json.expires_at);
        return [hold.activity, hold.quality, hold.quantity, hold.credits];
    }), [['livestream_viewing', null, 10080, 202],
        ['clip', 'balanced', 10, 100]]);
    assert.deepEqual(json.balance, { available: 698, held: 302, total: 1000 });
    assert.deepEqual((await space.meter.holds()).map((hold) => hold.id),
        json.holds.map((hold) => hold.id).reverse());
    refused(await space.meter.capture(json.holds[0].id, {}), 409,
        'hold_not_open');
});

test('a start without a body holds for seven days', async () => {
    const space = await newPlanner(site);
    const { id } = await space.saved();
    const { plan } = ok(await space.start(id, undefined), 200);
    assert.equal(Date.parse(plan.expires_at) - Date.parse(plan.started_at),
        604800000);
});

test('how long it holds is 1 second to seven days', async () => {
    const space = await newPlanner(site);
    const { id } = await space.saved();
    for (const seconds of [0, -1, 604801, 1.5, '60', true]) {
        const { errors } = refused(await space.start(id,
            { expires_in_s: seconds }), 400, 'invalid_request');
        assert.equal(errors[0].pointer, '/expires_in_s');
    }
    refused(await space.start(id, { items: launch }), 400, 'invalid_request');
    refused(await space.finish(id, { now: true }), 400, 'invalid_request');
    ok(await space.start(id, { expires_in_s: 604800 }), 200);
});

test('one credit short, nothing at all is held, and the shortfall is the whole plan\'s', async () => {
    const space = await newPlanner(site, 301);
    const { id } = await space.saved();
    const problem = refused(await space.start(id), 402,
        'insufficient_credits');
    const { available, held, required, shortfall } = problem;
    assert.deepEqual([available, held, required, shortfall], [301, 0, 302, 1]);
    assert.match(problem.top_up_url, /\/credits\?space=/);
    assert.deepEqual(await space.meter.holds(), []);
    assert.equal((await space.meter.balance()).held, 0);
    assert.equal((await space.plan(id)).state, 'draft');
});

test('a cap on one item refuses all of them', async () => {
    const space = await newPlanner(site, 1000, { browser: true });
    ok(await space.client.put(`/api/v1/spaces/${space.client.space}/limits`, {
        caps: [{ on: { feature: 'clip' }, credits: 99, per: 'day' }],
    }), 200);
    const { id } = await space.saved();
    const { cap } = refused(await space.start(id), 402, 'cap_reached');
    assert.deepEqual([cap.on, cap.credits, cap.used],
        [{ feature: 'clip' }, 99, 0]);
    assert.equal((await space.meter.balance()).held, 0);
    assert.equal((await space.plan(id)).state, 'draft');
});

test('a plan starts once', async () => {
    const space = await newStarted(site, 1000);
    refused(await space.start(space.id), 409, 'plan_not_draft');
    refused(await space.quote(space.id, {}), 409, 'plan_not_draft');
    assert.equal((await space.meter.balance()).held, 302);
    const draft = await space.saved();
    refused(await space.finish(draft.id), 409, 'plan_not_started');
});

test('started by many at one moment, one start wins, and no credit is held twice', async () => {
    const space = await newPlanner(site, 1000, { browser: true });
    const { id } = await space.saved();
    const same = await Promise.all(Array.from({ length: 6 },
        () => space.start(id)));
    assert.deepEqual(same.map(({ status }) => status).sort(),
        [200, 409, 409, 409, 409, 409]);
    const others = [];
    for (let i = 0; i < 5; i += 1) others.push(await space.saved());
    const all = await Promise.all(others.map((plan) => space.start(plan.id)));
    assert.deepEqual(all.map(({ status }) => status).sort(),
        [200, 200, 402, 402, 402]);
    assert.deepEqual(await space.meter.balance(),
        { available: 94, held: 906, total: 1000, seq: 1 });
});
