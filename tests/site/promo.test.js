// Promo and gift codes: made by the operator, claimed on the Credits page,
// once in a Space and no more often than they may be; guesses are limited.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { balanceOf, eventsOf, must, newBuyer, sql, stopWhole } from './shop.js';
import { keyed, startSite } from './site.js';

let site;
before(async () => {
    site = await startSite({ env: { SCRIP_TICK_SECONDS: '0' } });
});
after(() => stopWhole(site));

const add = (...args) => must(site, ['promo', 'add', ...args]);
const claim = (client, code, key = randomUUID()) => client
    .post(`/api/v1/spaces/${client.space}/promo`, { code }, { key });

function refused(answer, status, code) {
    assert.deepEqual([answer.status, answer.json?.code], [status, code], answer.text);
    return answer.json;
}

test('a code adds its credits as a bonus, and the history says by which code and whom', async () => {
    const owner = await newBuyer(site);
    await add('Spring-25', '--credits', '250');
    const answer = await claim(owner, ' spring 25 ');
    assert.equal(answer.status, 201, answer.text);
    const { event, balance } = answer.json;
    assert.deepEqual(balance, { available: 250, held: 0, total: 250 });
    const [shown] = await eventsOf(owner);
    assert.deepEqual(event, shown);
    assert.deepEqual(
        [event.kind, event.credits, event.title, event.words, event.member, event.lots.map(({ kind }) => kind)],
        ['bonus', 250, 'Bonus credits', 'Code Spring-25', `Buyer ${owner.space}`, ['bonus']],
    );
    assert.equal((await balanceOf(owner)).bonus, 250);
});

test('the same request gives the same answer again, whatever happened since; another with its key is 422', async () => {
    const owner = await newBuyer(site);
    await add('AGAIN', '--credits', '7', '--uses', '3');
    const key = randomUUID();
    const first = await claim(owner, 'AGAIN', key);
    assert.equal(first.status, 201, first.text);
    await must(site, ['grant', owner.space, '5', '--kind', 'bonus', '--reason', 'r']);
    const second = await claim(owner, 'AGAIN', key);
    assert.deepEqual([second.status, second.json], [201, first.json]);
    assert.equal(second.headers['idempotency-replayed'], 'true');
    refused(await claim(owner, 'OTHER', key), 422, 'idempotency_key_reused');
    assert.equal((await balanceOf(owner)).total, 12);
});

test('a code is used once in a Space, and by as many Spaces as it may be', async () => {
    const buyers = await Promise.all([1, 2, 3].map(() => newBuyer(site)));
    await add('TWICE', '--credits', '10', '--uses', '2');
    assert.equal((await claim(buyers[0], 'twice')).status, 201);
    refused(await claim(buyers[0], 'TWICE'), 409, 'code_used');
    assert.equal((await claim(buyers[1], 'T W I C E')).status, 201);
    refused(await claim(buyers[2], 'TWICE'), 409, 'code_used');
    const totals = await Promise.all(buyers.map(balanceOf));
    assert.deepEqual(totals.map(({ total }) => total), [10, 10, 0]);
});

test('a code has an end, and so may its credits', async () => {
    const owner = await newBuyer(site);
    const now = Date.parse((await must(site, ['clock', 'advance', '0s'])).now);
    const at = (days) => new Date(now + days * 86400000).toISOString();
    await add('SOON', '--credits', '5', '--ends', at(1), '--uses', '2');
    await add('LOTDAYS', '--credits', '6', '--lot-days', '2');
    await add('LOTEND', '--credits', '8', '--lot-expires', at(3));
    const claimed = await claim(owner, 'LOTDAYS');
    assert.equal(claimed.status, 201);
    assert.equal((await claim(owner, 'LOTEND')).status, 201);
    await must(site, ['clock', 'advance', '1d']);
    refused(await claim(owner, 'SOON'), 410, 'code_expired');
    assert.equal((await balanceOf(owner)).total, 14);
    await must(site, ['clock', 'advance', '1d']);
    assert.equal((await balanceOf(owner)).total, 8);
    await must(site, ['clock', 'advance', '1d']);
    assert.equal((await balanceOf(owner)).total, 0);
    const late = await newBuyer(site);
    refused(await claim(late, 'LOTEND'), 410, 'code_expired');
});

test('one code and 64 claims of it at once, from 64 Spaces: one wins', async () => {
    const key = keyed(site);
    const owner = await newBuyer(site);
    await add('RACE', '--credits', '1000');
    const slugs = Array.from({ length: 64 }, (_, i) => `race${i}${owner.space}`);
    for (const slug of slugs) {
        const made = await key.put(`/api/v1/spaces/${slug}`, { name: slug, plan: 'creator' });
        assert.equal(made.status, 201, made.text);
    }
    // Members are made by the operator alone, one command each: too slow here.
    await sql(site, `INSERT INTO space_member (space, member, role)
        SELECT s.number, m.number, 3 FROM space AS s, member AS m
        WHERE s.slug LIKE 'race%' AND m.email = '${owner.email}'`);
    const answers = await Promise.all(slugs.map((slug) => claim({ ...owner, space: slug }, 'RACE')));
    const counts = {};
    for (const { status, json } of answers) {
        const what = `${status} ${json.code ?? json.event.credits}`;
        counts[what] = (counts[what] ?? 0) + 1;
    }
    assert.deepEqual(counts, { '201 1000': 1, '409 code_used': 63 });
    const [{ total }] = await sql(site, `SELECT sum(total) AS total
        FROM wallet JOIN space ON number = space WHERE slug LIKE 'race%'`);
    assert.equal(total, 1000);
});

test('and from one Space, each with a key of its own: one wins, of however many uses', async () => {
    const owner = await newBuyer(site);
    await add('MANY', '--credits', '1000', '--uses', '64');
    const answers = await Promise.all(Array.from({ length: 64 }, () => claim(owner, 'MANY')));
    assert.equal(answers.filter(({ status }) => status === 201).length, 1);
    assert.equal(answers.filter(({ json }) => json.code === 'code_used').length, 63);
    assert.equal((await balanceOf(owner)).total, 1000);
});

test('owners and admins claim codes; members do not, and keys and strangers find nothing', async () => {
    await add('ROLES', '--credits', '1', '--uses', '9');
    const member = await newBuyer(site, { role: 'member' });
    refused(await claim(member, 'ROLES'), 403, 'role');
    assert.equal((await claim(await newBuyer(site, { role: 'admin' }), 'ROLES')).status, 201);
    const stranger = await newBuyer(site);
    refused(await claim({ ...stranger, space: member.space }, 'ROLES'), 404, 'not_found');
    refused(await claim({ ...keyed(site), space: member.space }, 'ROLES'), 401, 'unauthenticated');
});

test('an unpaid plan may still use a gift', async () => {
    await add('GIFT', '--credits', '3');
    const owner = await newBuyer(site, { plan: 'starter' });
    assert.equal((await claim(owner, 'GIFT')).status, 201);
});

// Every test of this file comes from one address, so this one is the last
// over HTTP but for those whose codes are right.
test('after ten wrong codes a member waits, whether the next is right or not', async () => {
    const owner = await newBuyer(site);
    await add('RIGHT', '--credits', '1', '--uses', '9');
    await sql(site, 'DELETE FROM sign_in_failure');
    for (const wrong of ['NOPE', 'nöpe', '!', "' OR 1=1 --", 'x'.repeat(200), 'abc', 'R1GHT']) {
        refused(await claim(owner, wrong), 404, 'unknown_code');
    }
    assert.equal((await claim(owner, 'RIGHT')).status, 201, 'a right one is no failure');
    refused(await claim(owner, 'RIGHT'), 409, 'code_used');
    for (let i = 0; i < 3; i += 1) refused(await claim(owner, `NOPE${i}`), 404, 'unknown_code');
    const stopped = await claim(owner, 'NOPE');
    refused(stopped, 429, 'too_many_attempts');
    assert.ok(Number(stopped.headers['retry-after']) > 600);
    refused(await claim(owner, 'RIGHT'), 429, 'too_many_attempts');
    refused(await claim(await newBuyer(site), 'RIGHT'), 429, 'too_many_attempts'); // the address
    await sql(site, 'DELETE FROM sign_in_failure');
    const burst = await Promise.all(Array.from({ length: 40 }, (_, i) => claim(owner, `GUESS${i}`)));
    assert.equal(burst.filter(({ status }) => status === 404).length, 10);
    await sql(site, 'DELETE FROM sign_in_failure');
});

test('what is no code to ask for is 400, and asks for its key', async () => {
    const owner = await newBuyer(site);
    for (const body of [{}, { code: '' }, { code: 7 }, { code: 'x'.repeat(201) }, { code: 'A', more: 1 }]) {
        const answer = await owner.post(`/api/v1/spaces/${owner.space}/promo`, body, { key: true });
        refused(answer, 400, 'invalid_request');
    }
    refused(await owner.post(`/api/v1/spaces/${owner.space}/promo`, { code: 'ROLES' }), 400, 'idempotency_key_required');
});

test('the operator makes codes, and is told what is wrong with them', async () => {
    const made = await add('--credits', '5');
    assert.match(made.code, /^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/);
    assert.deepEqual({ ...made, code: 0, created_at: 0 }, {
        code: 0, credits: 5, uses: 1, claimed: 0, ends_at: null,
        lot_expires_at: null, lot_days: null, created_at: 0,
    });
    await add('LISTED', '--credits', '5', '--uses', '2');
    const cases = [
        [['LISTED', '--credits', '5'], 1], [['li-st ed', '--credits', '5'], 1],
        [['abc', '--credits', '5'], 2], [['a_bcd', '--credits', '5'], 2],
        [['x'.repeat(41), '--credits', '5'], 2], [['ABCD'], 2],
        [['ABCD', '--credits', '0'], 2], [['ABCD', '--credits', '-5'], 2],
        [['ABCD', '--credits', '1000000000001'], 2],
        [['ABCD', '--credits', '5', '--uses', '0'], 2],
        [['ABCD', '--credits', '5', '--ends', '2001-01-01T00:00:00Z'], 2],
        [['ABCD', '--credits', '5', '--ends', 'tomorrow'], 2],
        [['ABCD', '--credits', '5', '--lot-days', '0'], 2],
        [['ABCD', '--credits', '5', '--lot-days', '5', '--lot-expires', '2099-01-01T00:00:00Z'], 2],
    ];
    for (const [args, code] of cases) {
        const done = await site.scrip(['promo', 'add', ...args]);
        assert.equal(done.code, code, `${args.join(' ')}: ${done.stderr}`);
    }
    const list = await must(site, ['promo', 'list', '--limit', '2']);
    assert.deepEqual(list.codes.map(({ code }) => code), ['LISTED', made.code]);
    const older = await must(site, ['promo', 'list', '--before', String(list.next_before)]);
    assert.ok(older.codes.some((one) => one.code === 'TWICE' && one.claimed === 2));
    assert.ok(!older.codes.some(({ code }) => code === 'LISTED'));
    const { stdout } = await site.scrip(['promo', 'list']);
    assert.match(stdout, /^TWICE +10 credits, used 2 of 2, no end$/m);
});
