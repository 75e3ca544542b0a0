// What a Space's owner lets be spent: the caps and the warning, set by those
// who may, and held to in the very moment of a hold or capture.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { newSpace, ok, own, refused, room } from './meter.js';
import { must, newBuyer, stopWhole } from './shop.js';
import { anonymous, keyed, signIn, startSite } from './site.js';
import { encode, openWires, volley } from './volley.js';

let site;
let owner;
before(async () => {
    site = await startSite();
    // Noon, so that no day ends meanwhile.
    const day = 86400000;
    await must(site, ['clock', 'set', new Date(
        (Math.floor(Date.now() / day) + 1.5) * day).toISOString()]);
    owner = await newBuyer(site);
});
after(() => stopWhole(site));

const off = {
    enabled: false, tier: null, threshold: null, monthly_max: null,
    state: 'off', card: null, paused_because: null, next_attempt_at: null,
    last_refusal: null, charged_this_month: 0, payment_url: null,
    agreed_words: null, agreed_by: null, agreed_at: null,
};
const cap = (on, credits, per = 'day') => ({ on, credits, per });

// A Space of the owner's, who sets its limits, and its platform's operations.
async function owned(credits = 1000) {
    const space = await newSpace(site, credits);
    const path = `${space.path}/limits`;
    await must(site, ['member', 'add', owner.email, '--name', 'Owner',
        '--space', space.slug, '--role', 'owner']);
    return Object.assign(space, {
        limits: async () => ok(await owner.get(path), 200),
        set: (body) => owner.put(path, body),
        caps: async (...caps) => ok(await owner.put(path, { caps }), 200).caps,
    });
}

const usedOf = async (space) => (await space.limits()).caps.map(({ used }) => used);

// ------------------------------------------------------- setting them

test('a Space begins without limits', async () => {
    const space = await owned();
    assert.deepEqual(await space.limits(),
        { low_credit_threshold: null, caps: [], auto_top_up: off });
});

test('limits are set whole, shown with what is used, and what was shown may be sent back', async () => {
    const space = await owned();
    const body = {
        low_credit_threshold: 250,
        caps: [
            cap({ member: 'm1' }, 100, 'day'), cap({ feature: 'clip' }, 0, 'month'),
            cap({ campaign: 'spring' }, 10 ** 12, 'total'),
            cap({ livestream: '\u{1F600} "x"' }, 5, 'day'),
            cap({ member: 'm1' }, 100, 'month'),
        ],
    };
    const shown = ok(await space.set(body), 200);
    assert.deepEqual(shown, {
        low_credit_threshold: 250,
        caps: body.caps.map((one, i) => ({ id: shown.caps[i].id, ...one, used: 0 })),
        auto_top_up: off,
    });
    assert.equal(new Set(shown.caps.map(({ id }) => id)).size, 5);
    assert.deepEqual(await space.limits(), shown);
    ok(await space.charge(own(7, { member: 'm1' })), 201);
    const now = await space.limits();
    assert.deepEqual(now.caps.map(({ used }) => used), [7, 0, 0, 0, 7]);
    assert.deepEqual(ok(await space.set(now), 200), now);
    assert.deepEqual(ok(await space.set({ caps: [now.caps[4]] }), 200), {
        low_credit_threshold: null, auto_top_up: off,
        caps: [{ ...now.caps[4], id: (await space.limits()).caps[0].id }],
    });
    assert.deepEqual(ok(await space.set({}), 200).caps, []);
});

const wrong = [
    [{ low_credit_threshold: -1 }, '/low_credit_threshold'],
    [{ caps: {} }, '/caps'],
    [{ caps: Array.from({ length: 101 }, (_, i) => cap({ member: `m${i}` }, 1)) }, '/caps'],
    [{ caps: [1] }, '/caps/0'],
    [{ caps: [{ credits: 1, per: 'day' }] }, '/caps/0/on'],
    [{ caps: [cap({}, 1)] }, '/caps/0/on'],
    [{ caps: [cap({ member: 'a', feature: 'b' }, 1)] }, '/caps/0/on'],
    [{ caps: [cap('member', 1)] }, '/caps/0/on'],
    [{ caps: [cap({ order: 'a' }, 1)] }, '/caps/0/on/order'],
    [{ caps: [cap({ member: '' }, 1)] }, '/caps/0/on/member'],
    [{ caps: [cap({ member: 7 }, 1)] }, '/caps/0/on/member'],
    [{ caps: [cap({ member: 'x'.repeat(201) }, 1)] }, '/caps/0/on/member'],
    [{ caps: [cap({ member: 'a' }, 1, 'week')] }, '/caps/0/per'],
    [{ caps: [{ on: { member: 'a' }, credits: 1 }] }, '/caps/0/per'],
    [{ caps: [{ on: { member: 'a' }, per: 'day' }] }, '/caps/0/credits'],
    [{ caps: [cap({ member: 'a' }, 1), cap({ member: 'a' }, 2)] }, '/caps'],
    [{ caps: [{ ...cap({ member: 'a' }, 1), colour: 1 }] }, '/caps/0/colour'],
    [{ caps: [], colour: 1 }, '/colour'],
    [{ auto_top_up: 1 }, '/auto_top_up'],
];

test('limits that make no sense are 400 where they do not, and nothing is set', async () => {
    const space = await owned();
    const was = ok(await space.set({ caps: [cap({ member: 'm' }, 9)],
        low_credit_threshold: 3 }), 200);
    for (const [body, pointer] of wrong) {
        const { errors } = refused(await space.set(body), 400, 'invalid_request');
        assert.ok(errors.some((error) => error.pointer === pointer),
            `${JSON.stringify(body).slice(0, 200)}: ${JSON.stringify(errors)}`);
    }
    assert.deepEqual(await space.limits(), was);
});

test('owners and admins see and set limits; members, keys and strangers do not', async () => {
    const space = await owned();
    const path = `${space.path}/limits`;
    const joined = async (role) => {
        const email = `${role}-${space.slug}@example.test`;
        await must(site, ['member', 'add', email, '--name', role, '--space',
            space.slug, '--role', role], { input: 'a-good-password\n' });
        return signIn(site, email, 'a-good-password');
    };
    const admin = await joined('admin');
    ok(await admin.put(path, { caps: [] }), 200);
    ok(await admin.get(path), 200);
    const member = await joined('member');
    refused(await member.get(path), 403, 'role');
    refused(await member.put(path, { caps: [] }), 403, 'role');
    refused(await (await newBuyer(site)).get(path), 404, 'not_found');
    refused(await anonymous(site).get(path), 401, 'unauthenticated');
    refused(await keyed(site).put(path, { caps: [] }), 401, 'unauthenticated');
    const { 'X-CSRF-Token': token, ...without } = admin.headers;
    assert.ok(token);
    for (const headers of [without, { ...admin.headers, 'X-CSRF-Token': 'x' },
        { ...admin.headers, Origin: 'https://evil.test' }]) {
        refused(await anonymous(site).put(path, { caps: [] }, { headers }),
            403, 'csrf');
    }
});

// ------------------------------------------------------------ held to

const matches = [
    ['member', { member: 'v' }, own(1)],
    ['campaign', { campaign: 'v' }, own(1)],
    ['livestream', { livestream: 'v' }, own(1)],
    ['feature', {}, { feature: 'v', credits: 1 }],
];

for (const [on, refs, body] of matches) {
    for (const per of ['day', 'month', 'total']) {
        test(`a cap on a ${on} per ${per} counts what is captured, refunded and held, and nothing else`, async () => {
            const space = await owned();
            const [{ id }] = await space.caps(cap({ [on]: 'v' }, 10, per));
            const ask = (credits) => ({ ...body, ...refs, credits });
            const { event } = ok(await space.charge(ask(4)), 201);
            const { hold } = ok(await space.hold(ask(5)), 201);
            assert.deepEqual(await usedOf(space), [9]);
            for (const operation of ['charge', 'hold']) {
                const problem = refused(await space[operation](ask(2)), 402,
                    'cap_reached');
                assert.deepEqual(problem.cap,
                    { id, on: { [on]: 'v' }, credits: 10, per, used: 9 });
            }
            // Others are not counted.
            ok(await space.charge(own(500, { member: 'w', note: 'v', order: 'v' })), 201);
            ok(await space.charge(ask(1)), 201);
            refused(await space.charge(ask(1)), 402, 'cap_reached');
            ok(await space.refund({ event: event.id, credits: 3 }), 201);
            assert.deepEqual(await usedOf(space), [7]);
            ok(await space.capture(hold.id, { credits: 2 }), 200);
            assert.deepEqual(await usedOf(space), [4]);
            ok(await space.charge(ask(6)), 201);
            refused(await space.hold(ask(1)), 402, 'cap_reached');
        });
    }
}

test('a cap counts what was used before it was set', async () => {
    const space = await owned();
    const { event } = ok(await space.charge(own(30, { member: 'm' })), 201);
    ok(await space.refund({ event: event.id, credits: 10 }), 201);
    ok(await space.hold(own(5, { member: 'm' })), 201);
    const caps = await space.caps(cap({ member: 'm' }, 26, 'total'),
        cap({ member: 'm' }, 26), cap({ feature: 'own' }, 1, 'month'));
    assert.deepEqual(caps.map(({ used }) => used), [25, 25, 25]);
    refused(await space.charge(own(1)), 402, 'cap_reached');
    await space.caps(cap({ member: 'm' }, 26, 'total'));
    ok(await space.charge(own(1, { member: 'm' })), 201);
    refused(await space.charge(own(1, { member: 'm' })), 402, 'cap_reached');
});

test('a capture of a hold never fails on a cap, an extension does, and does nothing then', async () => {
    const space = await owned();
    const { hold } = ok(await space.hold(room(10, { livestream: 'l' })), 201);
    await space.caps(cap({ livestream: 'l' }, 5));
    assert.deepEqual(await usedOf(space), [20]);
    const was = await space.holdOf(hold.id);
    refused(await space.capture(hold.id,
        { quantity: 1, extend: { quantity: 11, expires_in_s: 60 } }), 402,
    'cap_reached');
    assert.deepEqual(await space.holdOf(hold.id), was);
    // No more than was held already is no more.
    ok(await space.capture(hold.id,
        { quantity: 1, extend: { quantity: 9, expires_in_s: 60 } }), 200);
    ok(await space.capture(hold.id, { quantity: 9 }), 200);
    assert.deepEqual(await usedOf(space), [20]);
    refused(await space.charge(room(1, { livestream: 'l' })), 402, 'cap_reached');
});

test('a cap of 0 lets nothing be spent but what costs nothing', async () => {
    const space = await owned();
    await space.caps(cap({ feature: 'own' }, 0, 'total'));
    refused(await space.charge(own(1)), 402, 'cap_reached');
    refused(await space.hold(own(1)), 402, 'cap_reached');
    ok(await space.charge(room(1)), 201);
});

test('several caps hold together; too few credits are told before a cap', async () => {
    const space = await owned(50);
    await space.caps(cap({ member: 'm' }, 20, 'month'), cap({ member: 'm' }, 10));
    const one = refused(await space.charge(own(11, { member: 'm' })), 402, 'cap_reached');
    assert.equal(one.cap.per, 'day');
    const two = refused(await space.charge(own(21, { member: 'm' })), 402, 'cap_reached');
    assert.equal(two.cap.per, 'month');
    refused(await space.charge(own(51, { member: 'm' })), 402, 'insufficient_credits');
});

test('an item of a batch over a cap stands alone', async () => {
    const space = await owned();
    await space.caps(cap({ member: 'm' }, 10));
    const items = [6, 5, 4, 1].map((credits) => ({ space: space.slug,
        key: randomUUID(), ...own(credits, { member: 'm' }) }));
    const { results } = ok(await space.client.post('/api/v1/captures/batch',
        { captures: items }), 200);
    assert.deepEqual(results.map(({ status }) => status), [201, 402, 201, 402]);
    assert.equal(results[1].problem.code, 'cap_reached');
    assert.equal(results[1].problem.cap.used, 6);
});

test('64 callers at once get no more than the cap, and all of it', async () => {
    const wires = await openWires(site, 64);
    try {
        for (const credits of [1, 40, 63]) {
            const space = await owned();
            await space.caps(cap({ campaign: 'c' }, credits, 'total'));
            const asked = await volley(wires, wires.map((_, i) => encode(site, {
                path: `${space.path}/${i % 2 ? 'holds' : 'captures'}`,
                headers: { ...space.client.headers, 'Idempotency-Key': randomUUID() },
                body: own(1, { campaign: 'c' }),
            })));
            assert.equal(asked.filter(({ status }) => status === 201).length,
                credits);
            assert.ok(asked.every(({ status, json }) => status === 201
                || json.code === 'cap_reached'));
            assert.deepEqual(await usedOf(space), [credits]);
        }
    } finally {
        wires.forEach((wire) => wire.end());
    }
});

test('a day\'s cap begins anew at the Space\'s midnight, a refund of yesterday lowers no more than today has', async () => {
    const space = await owned();
    ok(await space.client.put(space.path, { name: 'Auckland', time_zone: 'Pacific/Auckland' }), 200);
    await space.caps(cap({ member: 'm' }, 10), cap({ member: 'm' }, 100, 'month'));
    // Noon of a day in the middle of a month, in Auckland.
    await must(site, ['clock', 'set', '2055-06-14T00:00:00Z']);
    const { event } = ok(await space.charge(own(10, { member: 'm' })), 201);
    refused(await space.charge(own(1, { member: 'm' })), 402, 'cap_reached');
    await must(site, ['clock', 'set', '2055-06-14T11:58:00Z']);
    refused(await space.charge(own(1, { member: 'm' })), 402, 'cap_reached');
    await must(site, ['clock', 'set', '2055-06-14T12:00:00Z']);
    assert.deepEqual(await usedOf(space), [0, 10]);
    ok(await space.charge(own(4, { member: 'm' })), 201);
    ok(await space.refund({ event: event.id }), 201);
    assert.deepEqual(await usedOf(space), [0, 4]);
    ok(await space.charge(own(10, { member: 'm' })), 201);
    refused(await space.charge(own(1, { member: 'm' })), 402, 'cap_reached');
});

// ------------------------------------------------------- the warning

test('credits below the threshold are a warning, none and fewer are others', async () => {
    const space = await owned(100);
    const warning = async () => ok(await space.get('credits'), 200).warning;
    ok(await space.set({ low_credit_threshold: 50 }), 200);
    assert.equal(await warning(), null);
    const { hold } = ok(await space.hold(own(60)), 201);
    assert.deepEqual([(await warning()).level, (await warning()).threshold],
        ['low', 50]);
    ok(await space.charge(own(40)), 201);
    assert.equal((await warning()).level, 'empty');
    ok(await space.release(hold.id), 200);
    assert.notEqual(await warning(), 'empty');
    ok(await space.grant({ credits: 1000 }), 201);
    assert.equal(await warning(), null);
});
