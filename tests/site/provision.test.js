// A platform that provisions Spaces by key: made and changed, never given
// anything by that; and memberships that it sells itself, whose credits come
// once for each period.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
    metered, newSpace, ok, own, refused, someSlug,
} from './meter.js';
import { must, place, stopWhole } from './shop.js';
import { anonymous, keyed, signIn, startSite } from './site.js';

let site;
let client;
before(async () => {
    site = await startSite();
    client = keyed(site);
    await must(site, ['plan', 'set', 'studio', '--name', 'Studio', '--paid', 'yes',
        '--amount', '9900', '--rate', '150', '--included', '2000',
        '--rollover', 'yes']);
});
after(() => stopWhole(site));

const put = (slug, body, by = client) => by.put(`/api/v1/spaces/${slug}`, body);
const membership = (space, plan, start, end, by = client) => by
    .put(`${space.path}/membership`,
        { plan, period_start: start, period_end: end });

// --------------------------------------------------------------- Spaces

test('a Space is made with 201 and changed with 200, and only what is named changes', async () => {
    const slug = someSlug();
    const made = ok(await put(slug, { name: 'A Studio' }), 201);
    assert.match(made.space.id, /^spc_[0-9A-HJKMNP-TV-Z]{26}$/);
    const space = { id: made.space.id, slug, name: 'A Studio',
        currency: 'GBP', time_zone: made.space.time_zone };
    assert.deepEqual(made.space, space);
    const steps = [
        [{ name: 'B' }, { name: 'B' }],
        [{ name: 'B', currency: 'EUR' }, { currency: 'EUR' }],
        [{ name: 'B', time_zone: 'America/New_York' }, { time_zone: 'America/New_York' }],
        [{ name: 'C \u{1F3AC}', currency: null }, { name: 'C \u{1F3AC}' }],
    ];
    for (const [body, changes] of steps) {
        Object.assign(space, changes);
        assert.deepEqual(ok(await put(slug, body), 200).space, space);
        const { json } = await client.get(`/api/v1/spaces/${slug}/credits`);
        assert.deepEqual(json.space, space);
    }
    const { balance } = ok(await client.get(`/api/v1/spaces/${slug}/credits`));
    assert.deepEqual([balance.total, balance.available], [0, 0]);
});

test('a Space has the plan starter unless one is named; a plan named is an active membership that grants nothing', async () => {
    const cases = [
        [undefined, 'starter', false, 'none'], ['starter', 'starter', false, 'none'],
        ['creator', 'creator', true, 'active'], ['studio', 'studio', true, 'active'],
    ];
    for (const [plan, id, paid, status] of cases) {
        const slug = someSlug();
        ok(await put(slug, { name: 'x', plan }), 201);
        const credits = ok(await client.get(`/api/v1/spaces/${slug}/credits`));
        assert.deepEqual([credits.plan.id, credits.plan.paid], [id, paid]);
        const { json } = await client.get(`/api/v1/spaces/${slug}/membership`);
        assert.deepEqual([json.plan, json.status], [id, status]);
        assert.equal(credits.balance.total, 0);
        // The same again, and another.
        ok(await put(slug, { name: 'x', plan: 'studio' }), 200);
        const now = ok(await client.get(`/api/v1/spaces/${slug}/membership`));
        assert.deepEqual([now.plan, now.status], ['studio', 'active']);
        assert.equal(ok(await client.get(`/api/v1/spaces/${slug}/balance`)).seq, 0);
    }
});

test('slugs are a-z, 0-9 and hyphens, 1 to 63 of them', async () => {
    const unique = someSlug();
    for (const slug of [unique, '7', '0-', `${unique}-`, `a${'b'.repeat(62)}`,
        `${unique}--x`]) {
        ok(await put(slug, { name: 'x' }), 201);
        ok(await put(slug, { name: 'x' }), 200);
    }
    for (const slug of ['-a', 'A', 'a_b', 'a.b', '\u00e9', 'a b', `a${'b'.repeat(63)}`,
        'spc_01M827AV960000000000000003', '%00', 'a%2fb', '..%2fa', '%']) {
        const answer = await put(encodeURI(slug).replaceAll('%25', '%'), { name: 'x' });
        assert.ok([400, 404].includes(answer.status), `${slug}: ${answer.text}`);
        assert.match(answer.headers['content-type'], /problem\+json/);
    }
});

const wrong = [
    [{}, '/name'], [{ name: '' }, '/name'], [{ name: 'x'.repeat(201) }, '/name'],
    [{ name: 1 }, '/name'], [{ name: null }, '/name'],
    [{ name: 'x', currency: 'ZZZ' }, '/currency'],
    [{ name: 'x', currency: 'gbp' }, '/currency'],
    [{ name: 'x', currency: 'GB' }, '/currency'],
    [{ name: 'x', time_zone: 'Europe/Londinium' }, '/time_zone'],
    [{ name: 'x', time_zone: '../../etc/passwd' }, '/time_zone'],
    [{ name: 'x', time_zone: '' }, '/time_zone'],
    [{ name: 'x', plan: 'none' }, '/plan'],
    [{ name: 'x', slug: 'y' }, '/slug'], [{ name: 'x', credits: 5 }, '/credits'],
];

test('a Space that makes no sense is 400 where it does not, and is not made or changed', async () => {
    const there = someSlug();
    const { space } = ok(await put(there, { name: 'There' }), 201);
    for (const [body, pointer] of wrong) {
        const slug = someSlug();
        for (const one of [slug, there]) {
            const { errors } = refused(await put(one, body), 400,
                'invalid_request');
            assert.ok(errors.some((error) => error.pointer === pointer),
                `${JSON.stringify(body)}: ${JSON.stringify(errors)}`);
        }
        refused(await client.get(`/api/v1/spaces/${slug}/balance`), 404,
            'not_found');
    }
    const { json } = await client.get(`/api/v1/spaces/${there}/credits`);
    assert.deepEqual(json.space, space);
});

test('only a key for all Spaces with the scope provision makes them', async () => {
    const space = await newSpace(site);
    const add = async (...args) => keyed(site,
        (await must(site, ['key', 'add', '--name', 'k', ...args])).key);
    const cases = [
        [await add('--all', '--scope', 'meter,grant,read'), 403, 'scope'],
        [await add('--space', space.slug, '--scope', 'provision,read'), 403, 'scope'],
        [anonymous(site), 401, 'unauthenticated'],
        [keyed(site, 'sk_x'), 401, 'unauthenticated'],
        [await signIn(site, 'owner@demo.test', 'demo-password'), 401, 'unauthenticated'],
    ];
    const slug = someSlug();
    for (const [by, status, code] of cases) {
        for (const one of [slug, space.slug]) {
            const answer = await put(one, { name: 'Mine' }, by);
            // Another Space than its own is not there, for a key of one.
            if (status === 403 && answer.status === 404) continue;
            refused(answer, status, code);
        }
    }
    refused(await client.get(`/api/v1/spaces/${slug}/balance`), 404, 'not_found');
    assert.notEqual(ok(await space.get('credits')).space.name, 'Mine');
    ok(await put(slug, { name: 'Mine' }, await add('--all', '--scope', 'provision')), 201);
});

test('the currency is fixed once there is an order; all else may still change', async () => {
    const slug = someSlug();
    ok(await put(slug, { name: 'Shop', plan: 'creator' }), 201);
    const email = `${slug}@example.test`;
    await must(site, ['member', 'add', email, '--name', 'Buyer', '--space', slug,
        '--role', 'owner'], { input: 'a-good-password\n' });
    const buyer = Object.assign(
        await signIn(site, email, 'a-good-password'), { space: slug });
    ok(await put(slug, { name: 'Shop', currency: 'EUR' }), 200);
    ok(await put(slug, { name: 'Shop', currency: 'GBP' }), 200);
    await place(buyer);
    refused(await put(slug, { name: 'Shop 2', currency: 'EUR' }), 409,
        'currency_fixed');
    assert.equal(ok(await buyer.get(`/api/v1/spaces/${slug}/credits`)).space.name,
        'Shop');
    ok(await put(slug, { name: 'Shop 2', currency: 'GBP', time_zone: 'UTC' }), 200);
});

test('sixteen callers who make one Space make one', async () => {
    const slug = someSlug();
    const answers = await Promise.all(Array.from({ length: 16 },
        () => put(slug, { name: 'One' })));
    const statuses = answers.map(({ status }) => status).sort();
    assert.deepEqual(statuses, [...Array(15).fill(200), 201]);
    assert.equal(new Set(answers.map(({ json }) => json.space.id)).size, 1);
});

// ---------------------------------------------------------- memberships

const november = ['2026-11-01T00:00:00.000Z', '2099-12-01T00:00:00.000Z'];

test('a membership grants its period\'s credits once, and says so each time', async () => {
    const space = await newSpace(site);
    const first = ok(await membership(space, 'creator', ...november), 200);
    const { event } = first;
    assert.deepEqual(first.balance, { available: 500, held: 0, total: 500 });
    assert.deepEqual([event.kind, event.credits, event.seq,
        event.lots[0].kind], ['included_allocation', 500, 1, 'included']);
    ok(await space.charge(own(100)), 201);
    for (let i = 0; i < 3; i += 1) {
        const again = ok(await membership(space, 'creator', ...november), 200);
        assert.deepEqual(again.event, event);
        assert.deepEqual(again.balance, { available: 400, held: 0, total: 400 });
    }
    const credits = ok(await space.get('credits'));
    assert.equal(credits.plan.id, 'creator');
    assert.equal(credits.balance.included_expires_at, november[1]);
    const shown = ok(await space.get('membership'));
    assert.deepEqual([shown.plan, shown.status, shown.renews_at],
        ['creator', 'active', november[1]]);
    assert.equal((await space.events()).length, 2);
});

test('another plan\'s credits for the same period are 409, and nothing changes', async () => {
    const space = await newSpace(site);
    ok(await membership(space, 'creator', ...november), 200);
    refused(await membership(space, 'studio', ...november), 409,
        'period_allocated');
    assert.equal(ok(await space.get('membership')).plan, 'creator');
    assert.equal((await space.balance()).seq, 1);
    // The next period is another.
    ok(await membership(space, 'studio', '2026-11-15T00:00:00Z', november[1]), 200);
    assert.equal((await space.balance()).total, 2500);
});

test('a plan that includes nothing is set without an event', async () => {
    const space = await newSpace(site);
    const { event, balance } = ok(await membership(space, 'starter', ...november), 200);
    assert.deepEqual([event, balance.total], [null, 0]);
});

test('a grant by key and a membership share the period', async () => {
    const space = await newSpace(site);
    const { event } = ok(await space.grant({
        kind: 'included_allocation', credits: 500, period: november[0],
        expires_at: november[1],
    }), 201);
    assert.deepEqual(ok(await membership(space, 'creator', ...november), 200).event,
        event);
    assert.equal((await space.balance()).total, 500);
});

const rollovers = [
    // start, end, and when the last of what rolls over ends
    ['2055-01-31T00:00:00Z', '2055-02-28T00:00:00Z', '2055-03-31T00:00:00.000Z', 'UTC'],
    ['2056-01-31T00:00:00Z', '2056-02-29T00:00:00Z', '2056-03-31T00:00:00.000Z', 'UTC'],
    ['2055-04-01T00:00:00Z', '2055-05-01T00:00:00Z', '2055-06-01T00:00:00.000Z', 'UTC'],
    // Midnights in London, summer time between them.
    ['2055-03-01T00:00:00Z', '2055-03-31T23:00:00Z', '2055-04-30T23:00:00.000Z', 'Europe/London'],
    ['2055-09-30T23:00:00Z', '2055-11-01T00:00:00Z', '2055-12-01T00:00:00.000Z', 'Europe/London'],
    // A year.
    ['2056-02-29T00:00:00Z', '2057-02-28T00:00:00Z', '2058-02-28T00:00:00.000Z', 'UTC'],
    // Not a number of months: as long again.
    ['2055-01-01T00:00:00Z', '2055-01-08T00:00:00Z', '2055-01-15T00:00:00.000Z', 'UTC'],
];

test('what rolls over ends one period later, by the Space\'s calendar', async () => {
    for (const [start, end, expires, zone] of rollovers) {
        const space = await newSpace(site, 0, { time_zone: zone });
        ok(await membership(space, 'studio', start, end), 200);
        const { balance } = ok(await space.get('credits'));
        assert.equal(balance.included_expires_at, expires, start);
        assert.equal(ok(await space.get('membership')).renews_at,
            new Date(end).toISOString());
    }
    const space = await newSpace(site);
    ok(await membership(space, 'creator', '2055-01-31T00:00:00Z',
        '2055-02-28T00:00:00Z'), 200);
    assert.equal(ok(await space.get('credits')).balance.included_expires_at,
        '2055-02-28T00:00:00.000Z', 'creator does not roll over');
});

test('a period that is over is recorded and grants nothing', async () => {
    const space = await newSpace(site);
    const over = ['2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'];
    for (let i = 0; i < 2; i += 1) {
        const { event, balance } = ok(await membership(space, 'creator', ...over), 200);
        assert.deepEqual([event, balance.total], [null, 0]);
    }
    assert.equal((await space.balance()).seq, 0);
});

test('a membership that makes no sense is 400 where it does not', async () => {
    const space = await newSpace(site);
    const path = `${space.path}/membership`;
    const good = { plan: 'creator', period_start: november[0], period_end: november[1] };
    for (const [more, pointer] of [
        [{ plan: 'none' }, '/plan'], [{ plan: null }, '/plan'], [{ plan: 5 }, '/plan'],
        [{ period_start: null }, '/period_start'], [{ period_start: 'x' }, '/period_start'],
        [{ period_start: 1 }, '/period_start'], [{ period_end: '2026-11-01' }, '/period_end'],
        [{ period_end: november[0] }, '/period_end'],
        [{ period_end: '2026-10-01T00:00:00Z' }, '/period_end'],
        [{ credits: 5 }, '/credits'],
    ]) {
        const { errors } = refused(await client.put(path, { ...good, ...more }),
            400, 'invalid_request');
        assert.ok(errors.some((error) => error.pointer === pointer),
            `${JSON.stringify(more)}: ${JSON.stringify(errors)}`);
    }
    assert.equal((await space.balance()).seq, 0);
    const { key } = await must(site, ['key', 'add', '--name', 'k', '--space',
        space.slug, '--scope', 'provision']);
    ok(await membership(space, 'creator', ...november, keyed(site, key)), 200);
    const other = metered(client, (await newSpace(site)).slug);
    refused(await membership(other, 'creator', ...november, keyed(site, key)),
        404, 'not_found');
});
