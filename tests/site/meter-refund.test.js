// What goes back and what comes in: refunds of usage to the lots it came
// from, and grants of each kind.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
    chained, newSpace, ok, own, refused, seeded, viewing,
} from './meter.js';
import { must, stopWhole } from './shop.js';
import { startSite } from './site.js';

let site;
before(async () => { site = await startSite(); });
after(() => stopWhole(site));

const later = (days) => new Date(Date.now() + days * 86400000).toISOString();
const allocation = (credits, period, more) => ({
    kind: 'included_allocation', credits, period, expires_at: later(20), ...more,
});
const lotsOf = (event) => event.lots.map(({ kind, credits }) => [kind, credits]);

// --------------------------------------------------------------- refunds

test('a refund names what it refunds, carries its references and its reason, and goes back to its lots', async () => {
    const space = await newSpace(site, 100);
    const refs = { livestream: 'l', order: 'o', campaign: 'c', member: 'm' };
    const { event: usage } = ok(await space.charge(
        viewing(1234, { ...refs, note: 'not this' }),
    ), 201);
    const json = ok(await space.refund(
        { event: usage.id, credits: 10, reason: 'the stream broke' },
    ), 201);
    const { event } = json;
    assert.deepEqual(event, {
        ...usage,
        id: event.id,
        seq: 3,
        kind: 'usage_refund',
        credits: 10,
        balance_after: 85,
        occurred_at: event.occurred_at,
        title: 'Usage refunded',
        words: 'the stream broke',
        quantity: null,
        note: 'the stream broke',
        refund_of: usage.id,
        lots: [{ ...usage.lots[0], credits: 10 }],
    });
    assert.deepEqual(json.balance, { available: 85, held: 0, total: 85 });
});

test('a refund in parts ends with what is left; more is 422 and moves nothing', async () => {
    const space = await newSpace(site, 100);
    const { event } = ok(await space.charge(own(30)), 201);
    const give = (credits) => space.refund(
        credits ? { event: event.id, credits } : { event: event.id });
    refused(await give(31), 422, 'refund_exceeds_capture');
    assert.equal(ok(await give(7), 201).event.credits, 7);
    refused(await give(24), 422, 'refund_exceeds_capture');
    assert.equal(ok(await give(13), 201).event.credits, 13);
    assert.equal((await space.balance()).total, 90);
    assert.equal(ok(await give(), 201).event.credits, 10);
    for (const credits of [undefined, 1]) {
        refused(await give(credits), 422, 'refund_exceeds_capture');
    }
    assert.deepEqual(await space.balance(),
        { available: 100, held: 0, total: 100, seq: 5 });
});

test('a refund of a hold\'s capture goes to the lots, not back into the hold', async () => {
    const space = await newSpace(site, 100);
    const { hold } = ok(await space.hold(own(50)), 201);
    const { event } = ok(await space.capture(hold.id,
        { credits: 20, final: false }), 200);
    const back = ok(await space.refund({ event: event.id }), 201);
    assert.equal(back.event.hold, hold.id);
    assert.deepEqual(back.balance, { available: 70, held: 30, total: 100 });
    assert.deepEqual(await space.holdOf(hold.id), { ...hold, captured: 20 });
});

test('only usage of this Space can be refunded', async () => {
    const space = await newSpace(site, 100);
    const other = await newSpace(site, 100);
    const { event: theirs } = ok(await other.charge(own(5)), 201);
    const { event: mine } = ok(await space.charge(own(5)), 201);
    const { event: back } = ok(await space.refund({ event: mine.id }), 201);
    const [bonus] = await space.events();
    const zero = ok(await space.hold(viewing(2)), 201).hold.id;
    ok(await space.capture(zero, { quantity: 1, final: false }), 200);
    const { event: nothing } = ok(await space.capture(zero, {}), 200);
    assert.equal(nothing.credits, 0);
    const lastOf = (id) => id.slice(0, -1) + (id.endsWith('1') ? '2' : '1');
    const cases = [
        [theirs.id, 404, 'not_found'],
        [lastOf(mine.id), 404, 'not_found'],
        [mine.id.replace('evt_01', 'evt_00'), 404, 'not_found'],
        [mine.id.replace('evt_', 'lot_'), 404, 'not_found'],
        [mine.id.toLowerCase(), 404, 'not_found'],
        ['evt_00000000000000000000000000', 404, 'not_found'],
        ['evt_7ZZZZZZZZZZZZZZZZZZZZZZZZZ', 404, 'not_found'],
        ['x', 404, 'not_found'],
        [bonus.id, 422, 'refund_exceeds_capture'],
        [back.id, 422, 'refund_exceeds_capture'],
        [nothing.id, 422, 'refund_exceeds_capture'],
    ];
    const was = await space.balance();
    for (const [event, status, code] of cases) {
        for (const credits of [undefined, 1]) {
            refused(await space.refund({ event, credits }), status, code);
        }
    }
    assert.deepEqual(await space.balance(), was);
    assert.equal((await other.balance()).total, 95);
});

// What every lot has left, in spending order: all of it is spent and given
// back.
async function left(space) {
    const { available } = await space.balance();
    if (available === 0) return [];
    const { event } = ok(await space.charge(own(available)), 201);
    ok(await space.refund({ event: event.id }), 201);
    return lotsOf(event);
}

test('capture c and refund r at random leave the lots as capturing c - r does', async () => {
    const random = seeded('refunds');
    const [space, twin] = [await newSpace(site), await newSpace(site)];
    for (let i = 0; i < 7; i += 1) {
        const lot = {
            credits: random.int(1, 30),
            expires_at: i % 2 ? later(random.int(1, 9)) : null,
        };
        for (const each of [space, twin]) ok(await each.grant(lot), 201);
    }
    let { available } = await space.balance();
    for (let round = 0; round < 12 && available > 0; round += 1) {
        const credits = random.int(1, available);
        const back = random.int(0, credits);
        const { event } = ok(await space.charge(own(credits)), 201);
        for (const part of back > 1 ? [1, back - 1] : [back]) {
            if (part > 0) {
                ok(await space.refund({ event: event.id, credits: part }), 201);
            }
        }
        if (credits > back) ok(await twin.charge(own(credits - back)), 201);
        assert.deepEqual(await left(space), await left(twin), `round ${round}`);
        ({ available } = await space.balance());
    }
    chained(await space.events());
});

// ---------------------------------------------------------------- grants

test('a bonus is a lot of its own, with an end or without', async () => {
    const space = await newSpace(site);
    const end = later(3);
    for (const [ask, kind, lot] of [
        [{ credits: 10 }, 'bonus', 'bonus'],
        [{ credits: 10, expires_at: end }, 'bonus', 'bonus'],
        [{ kind: 'adjustment', credits: 10 }, 'adjustment', 'bonus'],
        [{ kind: 'adjustment', credits: 10, expires_at: end }, 'adjustment', 'bonus'],
        [allocation(10, '2026-01-01T00:00:00Z'), 'included_allocation', 'included'],
    ]) {
        const { event, balance } = ok(await space.grant({
            reason: 'because', ...ask,
        }), 201);
        assert.deepEqual([event.kind, event.credits, event.note, lotsOf(event)],
            [kind, 10, 'because', [[lot, 10]]]);
        assert.equal(balance.total, event.balance_after);
    }
    const { json } = await space.get('credits');
    assert.deepEqual([json.balance.included, json.balance.bonus], [10, 40]);
});

test('lots are spent as they end, then included before bonus, then the older', async () => {
    const space = await newSpace(site);
    const [soon, late] = [later(2), later(9)];
    for (const ask of [
        { credits: 1 },
        { credits: 2 },
        { credits: 4, expires_at: late },
        allocation(8, '2026-01-01T00:00:00Z', { expires_at: late }),
        { credits: 16, expires_at: soon },
        allocation(32, '2026-02-01T00:00:00Z', { expires_at: later(1) }),
    ]) ok(await space.grant(ask), 201);
    const { event } = ok(await space.charge(own(62)), 201);
    assert.deepEqual(lotsOf(event), [['included', -32], ['bonus', -16],
        ['included', -8], ['bonus', -4], ['bonus', -1], ['bonus', -1]]);
});

test('a period is allocated once: again is 200 and the first event, other credits 409', async () => {
    const space = await newSpace(site);
    const may = '2026-05-01T00:00:00.000Z';
    const first = ok(await space.grant(allocation(500, may)), 201);
    ok(await space.charge(own(50)), 201);
    for (const same of [allocation(500, may),
        allocation(500, '2026-05-01T00:00:00Z', { reason: 'another' }),
        allocation(500, may, { expires_at: later(40) })]) {
        const second = ok(await space.grant(same), 200);
        assert.deepEqual(second.event, first.event);
        assert.deepEqual(second.balance,
            { available: 450, held: 0, total: 450 });
    }
    for (const credits of [499, 501, 1]) {
        refused(await space.grant(allocation(credits, may)), 409,
            'period_allocated');
    }
    ok(await space.grant(allocation(1, '2026-05-01T00:00:00.001Z')), 201);
    assert.equal((await space.balance()).total, 451);
    const other = await newSpace(site);
    ok(await other.grant(allocation(7, may)), 201);
});

test('an allocation whose period is over is recorded without an event', async () => {
    const space = await newSpace(site);
    const over = {
        kind: 'included_allocation', credits: 5, reason: 'late',
        period: '2020-01-01T00:00:00Z', expires_at: '2020-02-01T00:00:00Z',
    };
    const zero = { available: 0, held: 0, total: 0 };
    assert.deepEqual(ok(await space.grant(over), 201),
        { event: null, balance: zero });
    assert.deepEqual(ok(await space.grant(over), 200),
        { event: null, balance: zero });
    assert.deepEqual(await space.events(), []);
});

test('a negative adjustment takes what is free and no more; held credits are not', async () => {
    const space = await newSpace(site, 100);
    ok(await space.hold(own(40)), 201);
    const take = (credits) => space
        .grant({ kind: 'adjustment', credits: -credits });
    const problem = refused(await take(61), 402, 'insufficient_credits');
    assert.deepEqual([problem.available, problem.held, problem.required,
        problem.shortfall], [60, 40, 61, 1]);
    const { event, balance } = ok(await take(60), 201);
    assert.deepEqual([event.kind, event.credits, lotsOf(event)],
        ['adjustment', -60, [['bonus', -60]]]);
    assert.deepEqual(balance, { available: 0, held: 40, total: 40 });
    refused(await take(1), 402, 'insufficient_credits');
});

const wrongGrants = [
    [{ credits: -1 }, '/credits'],
    [{ credits: 0 }, '/credits'],
    [{ kind: 'adjustment', credits: 0 }, '/credits'],
    [{ kind: 'included_allocation', credits: -1, period: '2026-01-01T00:00:00Z', expires_at: '2099-01-01T00:00:00Z' }, '/credits'],
    [{ kind: 'included_allocation', credits: 1, expires_at: '2099-01-01T00:00:00Z' }, '/period'],
    [{ kind: 'included_allocation', credits: 1, period: '2026-01-01T00:00:00Z' }, '/expires_at'],
    [{ kind: 'included_allocation', credits: 1, period: '2026-01-01T00:00:00Z', expires_at: '2026-01-01T00:00:00Z' }, '/expires_at'],
    [{ credits: 1, expires_at: '2020-01-01T00:00:00Z' }, '/expires_at'],
    [{ credits: 1, expires_at: 'tomorrow' }, '/expires_at'],
    [{ credits: 1, expires_at: '2099-01-01T00:00:00+01:00' }, '/expires_at'],
    [{ credits: 1, expires_at: '2099-02-29T00:00:00Z' }, '/expires_at'],
    [{ credits: 1, period: '2026-01-01T00:00:00Z' }, '/period'],
    [{ kind: 'adjustment', credits: -1, expires_at: '2099-01-01T00:00:00Z' }, '/expires_at'],
    [{ kind: 'top_up', credits: 1 }, '/kind'],
    [{ kind: null, credits: 1 }, '/kind'],
    [{ credits: 1, reason: '' }, '/reason'],
    [{ credits: 1, reason: null }, '/reason'],
    [{ credits: 1, reason: 'x'.repeat(201) }, '/reason'],
    [{ credits: 1, order: 'o' }, '/order'],
];

test('a grant that makes no sense is 400 and says where', async () => {
    const space = await newSpace(site, 10);
    for (const [ask, pointer] of wrongGrants) {
        const { errors } = refused(await space.grant(ask), 400,
            'invalid_request');
        assert.ok(errors.some((error) => error.pointer === pointer),
            `${JSON.stringify(ask)}: ${JSON.stringify(errors)}`);
    }
    assert.equal((await space.balance()).seq, 1);
});

test('a balance has its limit: 10^15, whatever brings it there', async () => {
    const space = await newSpace(site);
    for (let i = 0; i < 1000; i += 50) {
        await Promise.all(Array.from({ length: 50 }, async () => {
            ok(await space.grant({ credits: 10 ** 12 }), 201);
        }));
    }
    refused(await space.grant({ credits: 1 }), 422, 'balance_limit');
    const { event } = ok(await space.charge(own(10)), 201);
    ok(await space.grant({ credits: 10 }), 201);
    refused(await space.refund({ event: event.id }), 422, 'balance_limit');
    assert.equal((await space.balance()).total, 10 ** 15);
});

test('a grant by the command is the grant by key', async () => {
    const space = await newSpace(site);
    const one = ['grant', space.slug];
    await must(site, [...one, '50', '--kind', 'bonus', '--reason', 'r']);
    await must(site, [...one, '-20', '--kind', 'adjustment', '--reason', 'r']);
    await must(site, [...one, '70', '--kind', 'included_allocation',
        '--expires', later(9), '--period', '2026-05-01T00:00:00Z',
        '--reason', 'r']);
    assert.equal((await space.balance()).total, 100);
    const before_ = await space.events();
    assert.deepEqual(before_.map(({ kind, credits }) => [kind, credits]),
        [['bonus', 50], ['adjustment', -20], ['included_allocation', 70]]);
    refused(await space.grant(allocation(71, '2026-05-01T00:00:00Z')), 409,
        'period_allocated');
    for (const [credits, kind] of [['-1', 'bonus'], ['0', 'bonus'],
        ['1.5', 'bonus'], ['-101', 'adjustment'], ['1', 'top_up'],
        ['1000000000001', 'bonus']]) {
        const { code, stdout } = await site.scrip(['grant', space.slug, credits,
            '--kind', kind, '--reason', 'r']);
        assert.notEqual(code, 0, `${credits} ${kind}: ${stdout}`);
    }
    assert.deepEqual(await space.events(), before_);
});
