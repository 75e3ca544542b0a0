// What happens to a payment after it was paid: refunds and disputes, in any
// order, repeated, late, concurrent, failed, won and lost; each known way to
// lose money here by its name.

import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import http from 'node:http';
import { after, before, test } from 'node:test';

import { startProvider } from './provider.js';
import {
    balanceOf, eventsOf, must, newBuyer, orderOf, place, sql, whole,
} from './shop.js';
import {
    deliver, event, nowSeconds, paidIntent, paidSession, someId,
} from './signing.js';
import { keyed, startSite } from './site.js';

let provider;
let site;
let platform;
before(async () => {
    provider = await startProvider();
    site = await startSite({
        env: { SCRIP_STRIPE_API_BASE: provider.base, SCRIP_TICK_SECONDS: '0' },
    });
    platform = keyed(site, (await must(site, ['key', 'add', '--name', 'meter',
        '--all', '--scope', 'meter,read,grant'])).key);
});
after(async () => {
    await site?.stop();
    await provider?.stop();
});

const rate = 3000; // credits of £25

// The eight or nine events of one payment of an order, by names.
function eventsOfPayment(order) {
    const intent = someId('pi_');
    const charge = someId('ch_');
    const about = { payment_intent: intent, charge, currency: 'gbp' };
    const ids = { first: someId('re_'), second: someId('re_'), d: someId('dp_') };
    const refund = (id, amount, status) => ({
        id, object: 'refund', amount, status, ...about, reason: null,
    });
    const dispute = (status) => ({
        id: ids.d, object: 'dispute', amount: order.amount, status, ...about,
        livemode: false, reason: 'fraudulent',
    });
    return {
        completed: event('checkout.session.completed',
            paidSession(order, { payment_intent: intent })),
        succeeded: event('payment_intent.succeeded',
            paidIntent(order, { id: intent, latest_charge: charge })),
        refunded: event('refund.created', refund(ids.first, 500, 'succeeded')),
        more: event('refund.updated', refund(ids.second, 700, 'succeeded')),
        failed: event('refund.failed', refund(ids.second, 700, 'failed')),
        all: event('refund.created',
            refund(someId('re_'), order.amount, 'succeeded')),
        disputed: event('charge.dispute.created', dispute('needs_response')),
        withdrawn: event('charge.dispute.funds_withdrawn',
            dispute('needs_response')),
        reinstated: event('charge.dispute.funds_reinstated', dispute('won')),
        won: event('charge.dispute.closed', dispute('won')),
        lost: event('charge.dispute.closed', dispute('lost')),
        charge: event('charge.refunded', {
            id: charge, object: 'charge', amount: order.amount,
            amount_refunded: 500, payment_intent: intent, livemode: false,
        }),
        refund, ids, charge_id: charge,
    };
}

async function tell(...events) {
    for (const body of events) {
        const { status, text } = await deliver(site, body);
        assert.equal(status, 200, text);
    }
}

async function bought(client) {
    const { order } = await place(client);
    const told = eventsOfPayment(order);
    await tell(told.completed);
    return { order, told };
}

// What an order says: its status, and what has gone back.
async function stateOf(client, order) {
    const now = await orderOf(client, order.id);
    return [now.status, now.refunded_amount, now.refunded_credits];
}

const shuffled = (list) => list.map((item) => [randomInt(1 << 30), item])
    .sort(([a], [b]) => a - b).map(([, item]) => item);

test('300 payments, each with its eight events in a random order, one to three copies of each at once: one ledger', async () => {
    const client = await newBuyer(site);
    const agent = new http.Agent({ keepAlive: true, maxSockets: 12 });
    const orders = [];
    const one = async (end) => {
        const { order } = await place(client);
        const told = eventsOfPayment(order);
        const eight = shuffled(['completed', 'succeeded', 'refunded', 'more',
            'failed', 'disputed', 'withdrawn', end]);
        orders.push({ order, end });
        for (const name of eight) {
            const answers = await Promise.all(
                Array.from({ length: randomInt(1, 4) },
                    () => deliver(site, told[name], { agent })),
            );
            for (const { status, text } of answers) {
                assert.equal(status, 200, `${eight.join(' ')}: ${text}`);
            }
        }
    };
    for (let round = 0; round < 50; round += 1) {
        await Promise.all(['won', 'lost', 'won', 'lost', 'won', 'lost'].map(one));
    }
    agent.destroy();
    const wrong = [];
    for (const { order, end } of orders) {
        const state = (await stateOf(client, order)).join(' ');
        const want = end === 'won' ? 'partly_refunded 500 600'
            : 'disputed 2500 3000';
        if (state !== want) wrong.push(`${order.id}: ${state}, not ${want}`);
    }
    assert.deepEqual(wrong, []);
    const { total, debt } = await balanceOf(client);
    assert.deepEqual([total, debt], [150 * (rate - 600), 0]);
    await whole(site);
});

// What is told one after the other, and what the order and the balance say
// after each step; the total is without anything else in the Space.
const stories = [
    ['a part, then the rest', [
        ['refunded', 'partly_refunded', 500, 600],
        ['all', 'refunded', 2500, 3000],
    ]],
    ['a refund that fails gives its credits back', [
        ['more', 'partly_refunded', 700, 840],
        ['failed', 'paid', 0, 0],
        ['more', 'paid', 0, 0],
    ]],
    ['a partial refund that is told again and again takes once', [
        ['refunded', 'partly_refunded', 500, 600],
        ['refunded', 'partly_refunded', 500, 600],
        ['charge', 'partly_refunded', 500, 600],
    ]],
    ['a dispute takes at its opening, once, and a dispute that is won gives back credits, not pounds', [
        ['disputed', 'disputed', 2500, 3000],
        ['withdrawn', 'disputed', 2500, 3000],
        ['won', 'paid', 0, 0],
        ['reinstated', 'paid', 0, 0],
        ['withdrawn', 'paid', 0, 0],
    ]],
    ['a dispute that is lost takes nothing more', [
        ['withdrawn', 'disputed', 2500, 3000],
        ['lost', 'disputed', 2500, 3000],
    ]],
    ['a refund after a dispute takes nothing twice', [
        ['withdrawn', 'disputed', 2500, 3000],
        ['refunded', 'disputed', 2500, 3000],
        ['lost', 'disputed', 2500, 3000],
    ]],
    ['a refund after a won dispute takes its own', [
        ['disputed', 'disputed', 2500, 3000],
        ['won', 'paid', 0, 0],
        ['refunded', 'partly_refunded', 500, 600],
    ]],
    ['a won dispute around a refund gives back all but the refund', [
        ['refunded', 'partly_refunded', 500, 600],
        ['withdrawn', 'disputed', 2500, 3000],
        ['reinstated', 'partly_refunded', 500, 600],
    ]],
];

for (const [name, steps] of stories) {
    test(`told in turn: ${name}`, async () => {
        const client = await newBuyer(site);
        const { order, told } = await bought(client);
        for (const [what, status, money, credits] of steps) {
            // Another event of the same words: no memory of ids helps here.
            await tell({ ...told[what], id: someId('evt_') });
            assert.deepEqual(await stateOf(client, order),
                [status, money, credits], what);
            assert.equal((await balanceOf(client)).total, rate - credits, what);
        }
        const events = await eventsOf(client);
        assert.equal(events.filter(({ kind }) => kind !== 'top_up')
            .reduce((sum, { credits }) => sum + credits, steps.at(-1)[3]), 0);
        for (const moved of events) {
            assert.equal(moved.checkout_order, order.id);
            assert.equal(moved.currency, 'GBP');
            assert.equal(Math.sign(moved.amount), Math.sign(moved.credits));
            assert.ok(moved.words, 'says why');
        }
        assert.equal(events.reduce((sum, { amount }) => sum + amount, 0),
            order.amount - steps.at(-1)[2]);
    });
}

test('64 copies of a refund, and as many others of its kind, at once: taken once', async () => {
    const client = await newBuyer(site);
    const { order, told } = await bought(client);
    const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
    const answers = await Promise.all(Array.from({ length: 128 }, (_, i) =>
        deliver(site, i % 2 === 0 ? told.refunded
            : { ...told.refunded, id: someId('evt_') }, { agent })));
    agent.destroy();
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
    assert.deepEqual(await stateOf(client, order),
        ['partly_refunded', 500, 600]);
    assert.equal((await eventsOf(client)).length, 2);
});

test('everything told again after the memory of events was pruned changes nothing', async () => {
    const client = await newBuyer(site);
    const { order, told } = await bought(client);
    const all = ['completed', 'succeeded', 'refunded', 'more', 'failed',
        'disputed', 'withdrawn', 'won', 'reinstated'].map((name) => told[name]);
    await tell(...all);
    const before_ = [await balanceOf(client), await eventsOf(client),
        await stateOf(client, order)];
    await sql(site, 'DELETE FROM provider_event;');
    await tell(...shuffled(all));
    assert.deepEqual([await balanceOf(client), await eventsOf(client),
        await stateOf(client, order)], before_);
});

for (const [name, more, came] of [
    ['of the other mode', { livemode: true }, 'other_mode'],
    ['of nobody we know', {}, 'waits'],
]) {
    test(`a refund ${name} moves nothing, and is recorded`, async () => {
        const client = await newBuyer(site);
        const { order, told } = await bought(client);
        const object = name.startsWith('of nobody')
            ? { ...told.refunded.data.object, id: someId('re_'),
                payment_intent: someId('pi_'), charge: someId('ch_') }
            : told.refunded.data.object;
        const body = event('refund.created', object, more);
        await tell(body);
        assert.deepEqual(await stateOf(client, order), ['paid', 0, 0]);
        const [{ came_to: said }] = await sql(site, `SELECT came_to
            FROM provider_event WHERE id = '${body.id}';`);
        assert.equal(said, came);
    });
}

test('a refund in another currency takes nothing by its figures', async () => {
    const client = await newBuyer(site);
    const { order, told } = await bought(client);
    await tell(event('refund.created', { ...told.refunded.data.object,
        id: someId('re_'), currency: 'jpy' }));
    assert.deepEqual(await stateOf(client, order), ['paid', 0, 0]);
});

test('refunded while it is under review, then credited by the operator: nothing is left of it', async () => {
    const client = await newBuyer(site);
    const { order } = await place(client);
    const told = eventsOfPayment(order);
    told.completed.data.object.amount_total = 2400;
    const all = told.refund(someId('re_'), 2400, 'succeeded');
    await tell(told.completed, event('refund.created', all));
    assert.equal((await orderOf(client, order.id)).status, 'review');
    assert.equal((await balanceOf(client)).total, 0);
    await must(site, ['order', 'resolve', order.id, 'credit']);
    assert.deepEqual(await stateOf(client, order), ['refunded', 2400, 3000]);
    assert.equal((await balanceOf(client)).total, 0);
});

test('charge.refunded has its refunds listed: one that no event told of is found', async () => {
    const client = await newBuyer(site);
    const { order, told } = await bought(client);
    provider.refunds.push(
        ...Array.from({ length: 120 }, () => told.refund(someId('re_'), 5,
            'succeeded')),
        told.refund(told.ids.second, 700, 'failed'),
    );
    await tell(told.charge);
    const first = () => sql(site, `UPDATE due_work SET due_at = 0
        WHERE kind = 'refunds_of_charge';`);
    await first();
    provider.fault = '400';
    const asked = await must(site, ['tick']);
    provider.fault = null;
    assert.ok(asked.work_later >= 1, 'put off while nobody answers');
    assert.deepEqual(await stateOf(client, order), ['paid', 0, 0]);
    await first();
    await must(site, ['tick']);
    assert.deepEqual(await stateOf(client, order),
        ['partly_refunded', 600, 720]);
    assert.deepEqual(await sql(site, `SELECT * FROM due_work
        WHERE kind = 'refunds_of_charge';`), []);
});

test('reconcile reads the provider\'s list of events, page by page, and goes on where it broke off', async () => {
    const client = await newBuyer(site);
    const { order } = await place(client);
    const told = eventsOfPayment(order);
    const noise = (n) => Array.from({ length: n },
        () => event('customer.created', { id: someId('cus_') }));
    const old = event('refund.created',
        told.refund(someId('re_'), 2000, 'succeeded'),
        { created: nowSeconds() - 31 * 86400 });
    provider.events = [...noise(60), told.refunded, ...noise(60),
        told.completed, old];
    let pages = 0;
    provider.fault = (call, answer) => {
        if (call.path.startsWith('/v1/events')) pages += 1;
        provider.answer(call, answer,
            pages > 1 && call.path.startsWith('/v1/events') ? '400' : null);
    };
    const broken = await site.scrip(['reconcile', '--json']);
    assert.equal(broken.code, 1);
    assert.equal(JSON.parse(broken.stdout).events_whole, false);
    provider.fault = null;
    provider.calls.length = 0;
    provider.events.unshift(event('charge.dispute.created',
        told.disputed.data.object));
    const found = await must(site, ['reconcile']);
    assert.ok(provider.calls.filter(({ path }) =>
        path.startsWith('/v1/events')).at(0).path.includes('starting_after'));
    assert.equal(found.events_unheard, 2, 'the payment and the dispute');
    assert.deepEqual(await stateOf(client, order), ['disputed', 2500, 3000]);
    const again = await must(site, ['reconcile']);
    assert.equal(again.events_unheard, 0);
    assert.equal(again.events_read, 123);
    const [{ n }] = await sql(site, `SELECT count(*) AS n FROM payment_fact
        WHERE fact = '${old.data.object.id}';`);
    assert.equal(n, 0, 'what is over 30 days old is left');
    provider.events = [];
});

test('spent, then refunded: debt, what holds and captures are then, and who pays it off', async () => {
    const client = await newBuyer(site);
    const { order, told } = await bought(client);
    const path = `/api/v1/spaces/${client.space}`;
    const table = async (words, ...want) => {
        const { available, held, total, top_up: topUp, bonus, debt } =
            await balanceOf(client);
        assert.deepEqual([available, held, total, topUp, bonus, debt], want,
            words);
    };
    const post = async (what, body, status = 201) => {
        const answer = await platform.post(`${path}/${what}`, body,
            { key: true });
        assert.equal(answer.status, status, `${what}: ${answer.text}`);
        return answer.json;
    };
    await table('bought', 3000, 0, 3000, 3000, 0, 0);
    const { hold } = await post('holds', { feature: 'room', credits: 800 });
    await table('held', 2200, 800, 3000, 3000, 0, 0);
    const { event: used } = await post('captures',
        { feature: 'clip', credits: 2000 });
    await table('used', 200, 800, 1000, 1000, 0, 0);
    await tell(told.all);
    await table('refunded: what the hold reserved is not touched',
        -2800, 800, -2000, 800, 0, 2800);
    assert.deepEqual(await stateOf(client, order), ['refunded', 2500, 3000]);
    await post('holds', { feature: 'room', credits: 1 }, 402);
    await post('captures', { feature: 'room', credits: 1 }, 402);
    await post(`holds/${hold.id}/capture`, { credits: 300, final: true }, 200);
    await table('the hold is captured, and what it frees pays debt',
        -2300, 0, -2300, 0, 0, 2300);
    await post('refunds', { event: used.id, credits: 600, reason: 'bad clip' });
    await table('usage given back pays debt', -1700, 0, -1700, 0, 0, 1700);
    await post('grants', { kind: 'bonus', credits: 2000, reason: 'sorry' });
    await table('credits that come in pay what is left',
        300, 0, 300, 0, 300, 0);
    const { told: second } = await bought(client);
    await tell(second.withdrawn);
    await table('another payment, disputed', 300, 0, 300, 0, 300, 0);
    await tell(second.won);
    await table('and won', 3300, 0, 3300, 3000, 300, 0);
});

test('after all of this the ledger is whole', () => whole(site));
