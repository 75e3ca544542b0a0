// Auto top-up at a provider that does what it is told: one charge when the
// balance falls, backed off and given up when the card declines, never twice
// whatever is lost, never more in a month than was agreed, and nothing that
// its owner has turned off.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { ok, metered, own, refused } from './meter.js';
import { startProvider } from './provider.js';
import { eventsOf, must, newBuyer, orderOf, sql, stopWhole } from './shop.js';
import { deliver, event } from './signing.js';
import { keyed, signIn, startSite } from './site.js';

let site;
let provider;
before(async () => {
    provider = await startProvider();
    site = await startSite({ env: {
        SCRIP_STRIPE_API_BASE: provider.base, SCRIP_TICK_SECONDS: '0',
    } });
});
after(() => stopWhole(site, provider));

const terms = { enabled: true, tier: 'gbp25', threshold: 1000, monthly_max: 10000 };
const limitsOf = (owner) => `/api/v1/spaces/${owner.space}/limits`;
const shown = async (owner) => ok(await owner.get(limitsOf(owner)), 200).auto_top_up;
const set = (owner, more = {}) => owner.put(limitsOf(owner), { auto_top_up: { ...terms, ...more } });
const tick = () => must(site, ['tick']);
const off = { enabled: false };

// A Space with auto top-up on and a card, which has 3,000 credits; and the
// calls that have charged the card.
async function armed(more = {}) {
    const owner = await newBuyer(site);
    provider.fault = null;
    provider.card = 'pays';
    ok(await set(owner, more), 200);
    const customer = await saveCard(owner);
    return Object.assign(owner, {
        meter: metered(keyed(site), owner.space),
        attempts: () => provider.calls.filter(({ path, form }) => path === '/v1/payment_intents'
            && form.customer === customer),
    });
}

async function saveCard(owner) {
    const made = ok(await owner.post(`/api/v1/spaces/${owner.space}/checkout`,
        { tier: 'gbp25', save_card: true }, { key: randomUUID() }), 201);
    const { customer } = provider.pay(provider.of(made.order).id);
    await orderOf(owner, made.order.id);
    return customer;
}

const automatic = async (owner) => ok(await owner.get(`/api/v1/spaces/${owner.space}/orders`))
    .orders.filter((order) => order.automatic);

test('it is off until an owner agrees, in words that are kept with who and when', async () => {
    const owner = await newBuyer(site);
    assert.equal((await shown(owner)).state, 'off');
    const agreed = ok(await set(owner), 200).auto_top_up;
    assert.deepEqual([agreed.enabled, agreed.state, agreed.card, agreed.agreed_by],
        [true, 'needs_card', null, `Buyer ${owner.space}`]);
    assert.equal(agreed.agreed_words, 'Whenever fewer than 1,000 credits are available, the saved card is '
        + 'charged £25 for more credits, at most £100 in a calendar month, until this is turned off.');
    await saveCard(owner);
    const ready = await shown(owner);
    assert.deepEqual([ready.state, ready.card], ['ready', { brand: 'visa', last4: '4242' }]);
    // What was shown may be sent back, and is no new agreement.
    ok(await owner.put(limitsOf(owner), { auto_top_up: ready }), 200);
    assert.deepEqual(await shown(owner), ready);
    ok(await owner.put(limitsOf(owner), { auto_top_up: { ...ready, ...off } }), 200);
    assert.deepEqual([(await shown(owner)).state, (await shown(owner)).tier], ['off', 'gbp25']);
});

test('an admin may turn it off and save caps beside it, but agrees to nothing', async () => {
    const owner = await armed();
    const email = `admin-${owner.space}@example.test`;
    await must(site, ['member', 'add', email, '--name', 'Admin', '--space', owner.space, '--role', 'admin'],
        { input: 'a-good-password\n' });
    const admin = Object.assign(await signIn(site, email, 'a-good-password'), { space: owner.space });
    ok(await set(admin), 200);
    for (const more of [{ threshold: 999 }, { monthly_max: 20000 }, { tier: 'gbp50' }]) {
        refused(await set(admin, more), 403, 'role');
    }
    refused(await admin.post(`/api/v1/spaces/${owner.space}/checkout`, { tier: 'gbp25', save_card: true },
        { key: true }), 403, 'role');
    ok(await set(admin, off), 200);
    refused(await set(admin), 403, 'role');
});

const wrong = [
    [{ tier: 'gbp1' }, 'unknown_tier'], [{ tier: null }], [{ threshold: null }], [{ threshold: 0 }],
    [{ threshold: -1 }], [{ threshold: 3001 }], [{ threshold: 1.5 }], [{ threshold: '5' }], [{ monthly_max: null }],
    [{ monthly_max: 2499 }], [{ monthly_max: -1 }], [{ enabled: 'yes' }], [{ more: 1 }],
];

test('what makes no sense is 400, and nothing is agreed', async () => {
    const owner = await newBuyer(site);
    for (const [more, code = 'invalid_request'] of wrong) refused(await set(owner, more), 400, code);
    assert.equal((await shown(owner)).agreed_words, null);
    refused(await set(await newBuyer(site, { plan: 'starter' })), 403, 'plan_not_paid');
});

test('a fall below the threshold is charged once, and the history says that it was automatic', async () => {
    const owner = await armed();
    ok(await owner.meter.charge(own(2000)), 201);
    await tick();
    assert.equal(owner.attempts().length, 0, '1,000 are not below 1,000');
    ok(await owner.meter.charge(own(1)), 201);
    assert.equal((await shown(owner)).state, 'charging');
    assert.equal(owner.attempts().length, 0, 'the meter asks nobody');
    await Promise.all([tick(), tick()]);
    await tick();
    const [attempt, ...others] = owner.attempts();
    assert.deepEqual(others, []);
    const [order] = await automatic(owner);
    assert.deepEqual([order.status, order.member, order.amount], ['paid', null, 2500]);
    assert.equal(attempt.headers['idempotency-key'], `auto-${order.id}-1`);
    assert.deepEqual({ ...attempt.form, customer: 0, payment_method: 0 }, {
        amount: '2500', currency: 'gbp', customer: 0, payment_method: 0, off_session: 'true', confirm: 'true',
        description: '3,000 credits', 'metadata[order]': order.id,
    });
    const [top] = await eventsOf(owner);
    assert.deepEqual([top.kind, top.credits, top.title, top.member, top.balance_after],
        ['top_up', 3000, 'Automatic top-up £25', null, 3999]);
    assert.deepEqual([(await shown(owner)).state, (await shown(owner)).charged_this_month], ['ready', 2500]);
});

test('what is held counts as gone', async () => {
    const owner = await armed();
    ok(await owner.meter.hold({ ...own(2500) }), 201);
    assert.equal((await shown(owner)).state, 'charging');
    await tick();
    assert.equal(owner.attempts().length, 1);
});

test('a card that always declines, with 10,000 captures: five attempts over 11 hours, one at a time, then a pause', async () => {
    const owner = await armed({ threshold: 3000 });
    provider.card = 'declines';
    ok(await owner.meter.grant({ credits: 7001 }), 201);
    const items = Array.from({ length: 10000 }, (_, i) => ({ space: owner.space, key: `${owner.space}-${i}`, ...own(1) }));
    const batches = Array.from({ length: 40 }, (_, i) => items.slice(i * 250, (i + 1) * 250));
    const waits = ['0s', '59m', '2m', '179m', '2m', '419m', '2m', '31d'];
    let most = 0;
    for (const [i, batch] of batches.entries()) {
        const { results } = ok(await owner.meter.client.post('/api/v1/captures/batch', { captures: batch }), 200);
        assert.ok(results.every(({ status }) => status === 201));
        if (i < batches.length - waits.length - 2) continue;
        await Promise.all([tick(), tick()]);
        const [{ n }] = await sql(site, `SELECT count(*) AS n FROM auto_charge
            JOIN space ON number = space WHERE open = 1 AND slug = '${owner.space}'`);
        most = Math.max(most, n);
        const wait = waits.shift();
        if (wait) await must(site, ['clock', 'advance', wait]);
    }
    const keys = owner.attempts().map(({ headers }) => headers['idempotency-key'].slice(-2));
    assert.deepEqual(keys, ['-1', '-2', '-3', '-4', '-5']);
    assert.equal(most, 1);
    assert.equal((await automatic(owner)).length, 1);
    assert.equal((await automatic(owner))[0].status, 'failed');
    const now = await shown(owner);
    assert.deepEqual([now.enabled, now.state, now.paused_because], [true, 'paused', 'declined']);
    // The way on: a card that pays, saved by a payment.
    provider.card = 'pays';
    await saveCard(owner);
    assert.equal((await shown(owner)).state, 'ready');
    ok(await owner.meter.charge(own(10)), 201);
    await tick();
    assert.equal((await automatic(owner))[0].status, 'paid');
});

test('after a decline each attempt waits for its hour', async () => {
    const owner = await armed();
    provider.card = 'declines';
    ok(await owner.meter.charge(own(2500)), 201);
    const seen = [];
    for (const wait of ['0s', '0s', '59m', '1m', '179m', '1m', '419m', '1m', '1d']) {
        await must(site, ['clock', 'advance', wait]);
        await tick();
        await tick();
        seen.push(owner.attempts().length);
    }
    assert.deepEqual(seen, [2, 2, 2, 3, 3, 4, 4, 5, 5]);
});

for (const card of ['lost_card', 'stolen_card']) {
    test(`a ${card} is asked once`, async () => {
        const owner = await armed();
        provider.card = card;
        ok(await owner.meter.charge(own(2500)), 201);
        for (let i = 0; i < 3; i += 1) await tick();
        await must(site, ['clock', 'advance', '1d']);
        await tick();
        assert.equal(owner.attempts().length, 1);
        const now = await shown(owner);
        assert.deepEqual([now.state, now.paused_because], ['paused', 'lost_card']);
    });
}

test('an answer that was lost, or never comes, is asked for with the same key: one charge', async () => {
    for (const fault of ['lost', 'hang', '500', 'reset', 'garbage']) {
        const owner = await armed();
        provider.fault = (call, answer) => provider.answer(call, answer,
            call.path === '/v1/payment_intents' ? fault : null);
        ok(await owner.meter.charge(own(2500)), 201);
        await tick();
        assert.equal((await shown(owner)).state, 'charging', fault);
        // Turned off meanwhile: what was sent stays sent, and is found out.
        if (fault === 'lost') ok(await set(owner, off), 200);
        provider.fault = null;
        await tick();
        const keys = new Set(owner.attempts().map(({ headers }) => headers['idempotency-key']));
        assert.equal(keys.size, 1, fault);
        const bodies = new Set(owner.attempts().map(({ body }) => body));
        assert.equal(bodies.size, 1, fault);
        const [order] = await automatic(owner);
        assert.equal(order.status, 'paid', fault);
        assert.equal(provider.charged().filter(({ metadata }) => metadata.order === order.id).length, 1, fault);
        assert.equal((await owner.meter.balance()).available, 3500, fault);
    }
});

test('the webhook of the payment settles it too, before and after the answer', async () => {
    const owner = await armed();
    provider.fault = (call, answer) => provider.answer(call, answer, 'lost');
    ok(await owner.meter.charge(own(2500)), 201);
    await tick();
    const [order] = await automatic(owner);
    const intent = provider.charged().find(({ metadata }) => metadata.order === order.id);
    for (let i = 0; i < 2; i += 1) {
        const answer = await deliver(site, event('payment_intent.succeeded', intent));
        assert.equal(answer.status, 200, answer.text);
    }
    provider.fault = null;
    await tick();
    assert.equal((await owner.meter.balance()).available, 3500);
    assert.equal((await shown(owner)).state, 'ready');
});

test('what the provider is still working on is waited for, with the same key', async () => {
    const owner = await armed();
    provider.card = 'works';
    ok(await owner.meter.charge(own(2500)), 201);
    await tick();
    const [order] = await automatic(owner);
    assert.deepEqual([order.status, (await shown(owner)).state], ['processing', 'charging']);
    await tick();
    assert.equal(owner.attempts().length, 1);
    await must(site, ['clock', 'advance', '1m']);
    await tick();
    assert.equal(new Set(owner.attempts().map(({ headers }) => headers['idempotency-key'])).size, 1);
    const intent = [...provider.intents.values()].find(({ metadata }) => metadata?.order === order.id);
    ok(await deliver(site, event('payment_intent.succeeded', {
        ...intent, status: 'succeeded', amount_received: 2500,
    })), 200);
    assert.equal((await owner.meter.balance()).available, 3500);
    assert.equal((await shown(owner)).state, 'ready');
});

test('what became of it is found out without its webhook', async () => {
    for (const [status, order, state, available] of [['succeeded', 'paid', 'ready', 3500],
        ['requires_payment_method', 'failed', 'paused', 500]]) {
        const owner = await armed();
        provider.card = 'works';
        ok(await owner.meter.charge(own(2500)), 201);
        await tick();
        const made = [...provider.intents.values()]
            .find(({ metadata }) => metadata?.order && metadata.order === owner.attempts()[0].form['metadata[order]']);
        for (const now of ['processing', status]) {
            made.status = now;
            made.amount_received = now === 'succeeded' ? 2500 : 0;
            await must(site, ['clock', 'advance', '1m']);
            await age(owner, 3 * minutes);
            await tick();
            assert.deepEqual([(await automatic(owner))[0].status, (await shown(owner)).state],
                now === 'processing' ? ['processing', 'charging'] : [order, state], status);
        }
        assert.equal((await owner.meter.balance()).available, available);
        assert.equal(owner.attempts().length, 1);
    }
});

test('after a decline, paying with another card ends the wait', async () => {
    const owner = await armed();
    provider.card = 'declines';
    ok(await owner.meter.charge(own(3000)), 201);
    await tick();
    await tick();
    assert.equal((await shown(owner)).state, 'backing_off');
    provider.card = 'pays';
    const made = ok(await owner.post(`/api/v1/spaces/${owner.space}/checkout`,
        { tier: 'gbp25', save_card: true }, { key: true }), 201);
    provider.pay(provider.of(made.order).id);
    await orderOf(owner, made.order.id);
    // That payment itself brought enough.
    await tick();
    assert.equal(owner.attempts().length, 2);
    assert.deepEqual([(await shown(owner)).state, (await automatic(owner))[0].status], ['ready', 'failed']);
});

test('never over the monthly ceiling, what is in flight counted; the next month goes on', async () => {
    await must(site, ['clock', 'set', '2030-03-10T12:00:00Z', '--force']);
    const owner = await armed({ monthly_max: 5000 });
    const use = async () => {
        const { available } = await owner.meter.balance();
        ok(await owner.meter.charge(own(available - 10)), 201);
        await tick();
        await tick();
    };
    await use();
    await use();
    assert.equal(owner.attempts().length, 2);
    await use();
    assert.equal(owner.attempts().length, 2);
    const now = await shown(owner);
    assert.deepEqual([now.state, now.next_attempt_at, now.charged_this_month],
        ['ceiling_reached', '2030-03-31T23:00:00.000Z', 5000]);
    await must(site, ['clock', 'set', '2030-03-31T22:59:00Z']);
    await tick();
    assert.equal(owner.attempts().length, 2);
    await must(site, ['clock', 'advance', '1m']);
    await tick();
    assert.equal(owner.attempts().length, 3);
});

test('turning it off stops what has not been sent', async () => {
    const owner = await armed();
    ok(await owner.meter.charge(own(2500)), 201);
    ok(await set(owner, off), 200);
    await tick();
    assert.equal(owner.attempts().length, 0);
    ok(await set(owner), 200); // what is below is due at once
    provider.card = 'declines';
    await tick();
    assert.equal(owner.attempts().length, 1);
    ok(await set(owner, off), 200);
    provider.card = 'pays';
    await must(site, ['clock', 'advance', '1d']);
    await tick();
    assert.equal(owner.attempts().length, 1);
    assert.deepEqual((await automatic(owner)).map(({ status }) => status), ['failed']);
});

// A charge that is stored, and never arrives: nobody answers there, or the
// program ends in between.
async function unsent(owner) {
    provider.fault = (call, answer) => provider.answer(call, answer,
        call.path === '/v1/payment_intents' ? 'garbage' : null);
    ok(await owner.meter.charge(own(2500)), 201);
    await tick();
    provider.fault = null;
    assert.equal((await shown(owner)).state, 'charging');
    return owner.attempts().length;
}

// As if the charge of a Space had been sent so long before.
const age = (owner, ms) => sql(site, `UPDATE auto_charge
    SET sent_at = sent_at - ${ms}, asked_at = asked_at - ${ms}
    WHERE space = (SELECT number FROM space WHERE slug = '${owner.space}')`);

const minutes = 60000;
const firstOrder = async (owner) => (await automatic(owner)).at(-1);

const ends = [
    ['turned off', (owner) => set(owner, off), 'off', 500],
    ['agreed anew', (owner) => set(owner, { tier: 'gbp50', monthly_max: 20000 }), 'ready', 6500],
    ['not needed any more', (owner) => owner.meter.grant({ credits: 5000 }), 'ready', 5500],
];
for (const [what, change, state, available] of ends)
    test(`what did not arrive before it was ${what} is never sent`, async () => {
        const owner = await armed();
        const sent = await unsent(owner);
        await change(owner);
        await tick();
        assert.equal((await firstOrder(owner)).status, 'awaiting_payment', 'it may still be on its way');
        await age(owner, 2 * minutes);
        await tick();
        const order = await firstOrder(owner);
        assert.deepEqual([order.amount, order.status], [2500, 'failed']);
        assert.equal(owner.attempts().filter(({ form }) => form['metadata[order]'] === order.id).length, sent);
        await tick();
        assert.equal((await owner.meter.balance()).available, available);
        assert.equal((await shown(owner)).state, state);
    });

// Its order would be over by now, if it were anybody else's.
const outlive = (owner) => sql(site, `UPDATE checkout_order SET session_expires_at = 0, asked_at = 0
    WHERE automatic = 1 AND space = (SELECT number FROM space WHERE slug = '${owner.space}')`);

const onList = (fault) => (call, answer) => provider.answer(call, answer,
    call.path.startsWith('/v1/payment_intents?customer=') ? fault : null);

test('what nobody answers about is looked for a day, then it pauses', async () => {
    for (const fault of ['401', 'garbage']) {
        const owner = await armed();
        const sent = await unsent(owner);
        await age(owner, 23 * 60 * minutes);
        await outlive(owner);
        provider.fault = onList(fault);
        await tick();
        assert.deepEqual([(await shown(owner)).state, (await firstOrder(owner)).status],
            ['charging', 'awaiting_payment'], fault);
        await age(owner, 60 * minutes);
        await tick();
        const now = await shown(owner);
        assert.deepEqual([now.state, now.paused_because], ['paused', 'no_answer'], fault);
        provider.fault = null;
        await tick();
        assert.equal(owner.attempts().length, sent, fault);
        assert.equal((await owner.meter.balance()).available, 500, fault);
    }
});

test('who was away for days looks before giving up', async () => {
    const owner = await armed();
    provider.fault = (call, answer) => provider.answer(call, answer, 'lost');
    ok(await owner.meter.charge(own(2500)), 201);
    await tick();
    provider.fault = null;
    await age(owner, 72 * 60 * minutes);
    await outlive(owner);
    await tick();
    assert.equal((await firstOrder(owner)).status, 'paid');
    assert.equal((await owner.meter.balance()).available, 3500);
});

test('a list that never ends is left, and what is unfinished is not over', async () => {
    const owner = await armed();
    await unsent(owner);
    const [{ form: { customer } }] = owner.attempts();
    const intent = { id: 'pi_unfinished', object: 'payment_intent', customer, status: 'requires_confirmation',
        currency: 'gbp', amount_received: 0, livemode: false, metadata: { order: (await firstOrder(owner)).id } };
    provider.intents.set(intent.id, intent);
    ok(await set(owner, off), 200);
    await age(owner, 10 * minutes);
    let pages = 0;
    provider.fault = (call, answer) => {
        pages += call.path.startsWith(`/v1/payment_intents?customer=${customer}`);
        const text = JSON.stringify({ object: 'list', has_more: true, data: [{ ...intent, metadata: {} }] });
        answer.writeHead(200, { 'Content-Type': 'application/json' }).end(text);
    };
    await tick();
    assert.equal(pages, 10);
    provider.fault = null;
    await tick();
    assert.equal((await firstOrder(owner)).status, 'awaiting_payment');
    intent.status = 'canceled';
    await tick();
    assert.equal((await firstOrder(owner)).status, 'failed');
});

test('what did arrive before it was turned off is found behind a hundred others', async () => {
    const owner = await armed();
    provider.fault = (call, answer) => provider.answer(call, answer, 'lost');
    ok(await owner.meter.charge(own(2500)), 201);
    await tick();
    const sent = owner.attempts().length;
    const [{ form: { customer } }] = owner.attempts();
    for (let i = 0; i < 150; i += 1)
        provider.intents.set(`pi_${i}`, { id: `pi_${i}`, object: 'payment_intent', customer,
            status: 'succeeded', currency: 'gbp', amount_received: 1, livemode: false, metadata: {} });
    ok(await set(owner, off), 200);
    provider.fault = null;
    await tick();
    assert.equal((await automatic(owner))[0].status, 'paid');
    assert.equal((await owner.meter.balance()).available, 3500);
    assert.equal(owner.attempts().length, sent);
});

test('credits that came otherwise make it needless', async () => {
    const owner = await armed();
    ok(await owner.meter.charge(own(2500)), 201);
    ok(await owner.meter.grant({ credits: 5000 }), 201);
    await tick();
    assert.equal(owner.attempts().length, 0);
    assert.equal((await shown(owner)).state, 'ready');
});

test('a bank that wants confirmation leads to a payment page of the same order', async () => {
    const owner = await armed();
    provider.card = 'asks';
    ok(await owner.meter.charge(own(2500)), 201);
    await tick();
    await tick();
    const now = await shown(owner);
    const [order] = await automatic(owner);
    assert.equal(now.state, 'needs_confirmation');
    assert.equal(now.payment_url, order.payment_url);
    await must(site, ['clock', 'advance', '1d']);
    await tick();
    assert.equal(owner.attempts().length, 1);
    const session = provider.of(order);
    assert.equal(session.amount_total, 2500);
    provider.pay(session.id);
    await orderOf(owner, order.id);
    assert.equal((await owner.meter.balance()).available, 3500);
    assert.equal((await shown(owner)).state, 'ready');
});

test('a price that is not what was agreed, or a plan that may not buy, pauses it unasked', async () => {
    const owner = await armed();
    await must(site, ['tier', 'set', 'gbp25', '--amount', '2600']);
    ok(await owner.meter.charge(own(2500)), 201);
    await tick();
    assert.equal((await shown(owner)).paused_because, 'price_changed');
    await must(site, ['tier', 'set', 'gbp25', '--amount', '2500']);
    const other = await armed();
    await must(site, ['member', 'add', 'x@example.test', '--name', 'X', '--space', other.space, '--role', 'member'],
        { input: 'a-good-password\n' });
    ok(await keyed(site).put(`/api/v1/spaces/${other.space}`, { name: 'x', plan: 'starter' }), 200);
    ok(await other.meter.charge(own(2500)), 201);
    await tick();
    assert.equal((await shown(other)).paused_because, 'plan_not_paid');
    assert.equal(owner.attempts().length + other.attempts().length, 0);
});
