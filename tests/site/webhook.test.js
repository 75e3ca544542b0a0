// The webhook, from the side of whoever can reach it: what is not signed
// changes nothing, what is signed happens once, in whatever order, however
// often, and whatever dies meanwhile.

import assert from 'node:assert/strict';
import { createHmac, randomBytes, randomInt } from 'node:crypto';
import http from 'node:http';
import { after, before, test } from 'node:test';

import { startProvider } from './provider.js';
import {
    balanceOf, eventsOf, holdDatabase, must, newBuyer, orderOf, place, sql,
    whole,
} from './shop.js';
import {
    deliver, event, mac, nowSeconds, paidIntent, paidSession, signature,
    someId, webhookSecret,
} from './signing.js';
import { processes, request, run, startSite, until } from './site.js';

const completed = 'checkout.session.completed';
const succeeded = 'checkout.session.async_payment_succeeded';
const failed = 'checkout.session.async_payment_failed';
const expired = 'checkout.session.expired';

let provider;
let site;
let buyer;

before(async () => {
    provider = await startProvider();
    site = await startSite({ env: { SCRIP_STRIPE_API_BASE: provider.base } });
    buyer = await newBuyer(site);
});
after(async () => {
    await site?.stop();
    await provider?.stop();
});

// A new order, and its own session as it stands when it is paid.
async function ordered(client = buyer, more = {}) {
    const { order } = await place(client);
    const { id } = provider.of(order);
    return { order, session: paidSession(order, { id, ...more }) };
}

async function accepted(body, options) {
    const answer = await deliver(site, body, options);
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
}

const creditsOf = async (order) => (await eventsOf(buyer))
    .filter(({ checkout_order: id }) => id === order.id)
    .map(({ credits }) => credits);

const stored = async () => (await sql(site,
    'SELECT count(*) AS n FROM provider_event'))[0].n;

// -------------------------------------------------------------- once

test('1,000 deliveries of one paid event over 16 connections credit once', async () => {
    const { order, session } = await ordered();
    const body = JSON.stringify(event(completed, session));
    const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
    const answers = await Promise.all(Array.from({ length: 1000 },
        () => deliver(site, body, { agent })));
    agent.destroy();
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
    assert.equal(answers.filter(({ json }) => !json.duplicate).length, 1);
    assert.ok(answers.every(({ json }) => json.received === true));
    assert.deepEqual(await creditsOf(order), [3000]);
    assert.equal((await orderOf(buyer, order.id)).status, 'paid');
    await whole(site);
});

test('the second delivery says that it is a duplicate, and the first does not', async () => {
    const { session } = await ordered();
    const body = event(completed, session);
    assert.deepEqual(await accepted(body), { received: true });
    assert.deepEqual(await accepted(body), { received: true, duplicate: true });
});

test('several events of one payment, all at once from all sides, credit once', async () => {
    const { order, session } = await ordered();
    const intent = paidIntent(order, { id: session.payment_intent });
    const bodies = [
        event(completed, session), event(completed, session),
        event(succeeded, session), event(succeeded, session),
        event('payment_intent.succeeded', intent),
    ].map((body) => JSON.stringify(body));
    const answers = await Promise.all(Array.from({ length: 60 },
        (_, i) => deliver(site, bodies[i % bodies.length])));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
    assert.deepEqual(await creditsOf(order), [3000]);
    await whole(site);
});

test('a payment that paid one order does not pay a second one', async () => {
    const first = await ordered();
    const second = await ordered();
    await accepted(event(completed, first.session));
    await accepted(event(completed, {
        ...second.session, payment_intent: first.session.payment_intent,
    }));
    assert.deepEqual(await creditsOf(first.order), [3000]);
    assert.deepEqual(await creditsOf(second.order), []);
    assert.equal((await orderOf(buyer, second.order.id)).status, 'review');
    await must(site, ['order', 'resolve', second.order.id, 'dismiss']);
});

test('payment_intent.succeeded alone credits its order', async () => {
    const { order } = await ordered();
    await accepted(event('payment_intent.succeeded', paidIntent(order)));
    assert.deepEqual(await creditsOf(order), [3000]);
});

// ----------------------------------------------------- who has signed

const forged = [
    ['there is no header', () => null],
    ['the header is empty', () => ''],
    ['there is only a time', () => `t=${nowSeconds()}`],
    ['there is only a signature', (b, s) => `v1=${mac(b, s, nowSeconds())}`],
    ['the signature is of scheme v0', (b, s) => signature(b, s)
        .replace('v1', 'v0')],
    ['the key is the empty string', (b) => signature(b, '')],
    ['the key is one character off', (b, s) => signature(b, `${s.slice(0, -1)}~`)],
    ['the key lacks its prefix', (b, s) => signature(b, s.replace(/^whsec_/, '_'))],
    ['the key has a line break behind it', (b, s) => signature(b, `${s}\n`)],
    ['the signature is in upper case', (b, s) => signature(b, s)
        .replace(/v1=(.*)/, (all, hex) => `v1=${hex.toUpperCase()}`)],
    ['a space follows the comma', (b, s) => signature(b, s).replace(',', ', ')],
    ['a semicolon stands for the comma', (b, s) => signature(b, s)
        .replace(',', ';')],
    ['the signature lacks a digit', (b, s) => signature(b, s).slice(0, -1)],
    ['the signature has a digit more', (b, s) => `${signature(b, s)}0`],
    ['the signature is all zeros', () => `t=${nowSeconds()},v1=${'0'.repeat(64)}`],
    ['the signature is in quotes', (b, s) => signature(b, s)
        .replace(/v1=(.*)/, 'v1="$1"')],
    ['the body alone was signed', (b, s) => `t=${nowSeconds()},v1=${
        createHmac('sha256', s).update(b).digest('hex')}`],
    ['the time was changed after signing', (b, s) => signature(b, s)
        .replace(/t=\d+/, `t=${nowSeconds() - 1}`)],
    ['there are two times', (b, s) => `t=${nowSeconds()},${signature(b, s)}`],
    ['the time has a sign', (b, s) => signature(b, s).replace('t=', 't=+')],
    ['the time has a leading zero', (b, s) => {
        const at = `0${nowSeconds()}`;
        return `t=${at},v1=${mac(b, s, at)}`;
    }],
    ['the time is in milliseconds', (b, s) => signature(b, s, Date.now())],
    ['the time is a fraction', (b, s) => signature(b, s, `${nowSeconds()}.0`)],
    ['the time is negative', (b, s) => signature(b, s, -1)],
    ['the time is a word', (b, s) => signature(b, s, 'now')],
    ['the time is 301 seconds ago', (b, s) => signature(b, s, nowSeconds() - 301)],
    ['the time is an hour ahead', (b, s) => signature(b, s, nowSeconds() + 3600)],
    ['another body was signed', (b, s) => signature(`${b} `, s)],
    ['the header is 7 KB of signatures', (b, s) => `t=${nowSeconds()}${
        `,v1=${'0'.repeat(64)}`.repeat(110)},v1=${mac(b, s, nowSeconds())}`],
    ['a comma ends the header', (b, s) => `${signature(b, s)},`],
];

for (const [name, header] of forged) {
    test(`refused, and nothing is stored: ${name}`, async () => {
        const { order, session } = await reused();
        const body = JSON.stringify(event(completed, session));
        const before_ = await stored();
        const answer = await deliver(site, body,
            { header: header(body, webhookSecret(site)) });
        assert.equal(answer.status, 400, answer.text);
        assert.equal(answer.json.code, 'invalid_signature');
        assert.equal(await stored(), before_);
        assert.deepEqual(await creditsOf(order), []);
    });
}

// One open order serves all that must change nothing.
let open;
async function reused() {
    open ??= await ordered();
    return open;
}

test('500 damaged headers: none is accepted', async () => {
    const seed = process.env.SEED ?? randomBytes(4).toString('hex');
    console.log(`# seed ${seed}`);
    let state = Number.parseInt(seed, 16) || 1;
    const pick = (below) => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return Math.floor((state / 2 ** 32) * below);
    };
    const { order, session } = await reused();
    const body = JSON.stringify(event(completed, session));
    const good = signature(body, webhookSecret(site));
    const letters = 'tv01=,; abcdefABCDEF"\\~+-.%\t';
    const damaged = new Set();
    while (damaged.size < 500) {
        const at = pick(good.length);
        const letter = letters[pick(letters.length)];
        const one = [
            () => good.slice(0, at) + letter + good.slice(at + 1),
            () => good.slice(0, at) + letter + good.slice(at),
            () => good.slice(0, at) + good.slice(at + 1),
            () => good.slice(0, at),
            () => good.slice(at) + good.slice(0, at),
        ][pick(5)]().trim();
        if (one !== good) damaged.add(one);
    }
    const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
    const statuses = await Promise.all([...damaged].map(async (header) => [
        (await deliver(site, body, { header, agent })).status, header,
    ]));
    agent.destroy();
    assert.deepEqual(statuses.filter(([status]) => status !== 400), []);
    assert.deepEqual(await creditsOf(order), []);
});

const legal = [
    ['290 seconds old', (b, s) => signature(b, s, nowSeconds() - 290)],
    ['299 seconds in the future', (b, s) => signature(b, s, nowSeconds() + 299)],
    ['with the signature before the time', (b, s) => signature(b, s)
        .split(',').reverse().join(',')],
    ['with a wrong signature before the right one', (b, s) => signature(b, s)
        .replace(',', `,v1=${'0'.repeat(64)},`)],
    ['with a wrong signature behind the right one',
        (b, s) => `${signature(b, s)},v1=${'f'.repeat(64)}`],
    ['with a signature of scheme v0 besides',
        (b, s) => `${signature(b, s)},v0=${'a'.repeat(64)}`],
    ['with a scheme that is yet to come', (b, s) => `v2=abc,${signature(b, s)}`],
];

for (const [name, header] of legal) {
    test(`accepted: an event ${name}`, async () => {
        const body = JSON.stringify(event('customer.created', { id: 'cus_1' }));
        assert.deepEqual(await accepted(body,
            { header: header(body, webhookSecret(site)) }), { received: true });
    });
}

test('while a secret is replaced either of two signs', async () => {
    const [old, young] = ['whsec_of_last_year_00', 'whsec_of_this_year_0'];
    const other = await startSite({
        env: { SCRIP_STRIPE_WEBHOOK_SECRET: `${old},${young}` },
    });
    try {
        const body = JSON.stringify(event('customer.created', { id: 'cus_1' }));
        for (const [secret, status] of [[old, 200], [young, 200],
            [`${old},${young}`, 400], ['', 400], [',', 400]]) {
            const answer = await deliver(other, body, { secret });
            assert.equal(answer.status, status, `${secret}: ${answer.text}`);
        }
    } finally {
        await other.stop();
    }
});

for (const [name, secret] of [['no', undefined], ['an empty', ''],
    ['a blank', '   '], ['half an empty', 'whsec_0123456789abcdef,'],
    ['a short', 'whsec_1']]) {
    test(`nothing starts with a provider's key and ${name} webhook secret`, async () => {
        const env = {
            ...site.env, SCRIP_STRIPE_SECRET_KEY: 'sk_test_0123456789',
        };
        if (secret !== undefined) env.SCRIP_STRIPE_WEBHOOK_SECRET = secret;
        const said = await run(`${site.build}/scrip`, ['verify'], { env });
        assert.equal(said.code, 1);
        assert.match(said.stderr, /SCRIP_STRIPE_WEBHOOK_SECRET/);
        const program = await run(`${site.build}/cgi-bin/webhook`, [], { env });
        assert.equal(program.code, 1, program.stdout);
    });
}

// ------------------------------------------------- signed, but odd

const notEvents = [
    ['no body', ''],
    ['a word', 'hello'],
    ['half an object', '{"id":"evt_1"'],
    ['an array', '[]'],
    ['null', 'null'],
    ['an empty object', '{}'],
    ['an event without an object', JSON.stringify({
        ...event(completed, {}), data: {},
    })],
    ['an event without a kind', JSON.stringify({
        ...event(completed, {}), type: null,
    })],
    ['an event whose id is a path', JSON.stringify({
        ...event(completed, {}), id: '../../etc/passwd',
    })],
    ['an event without a mode', JSON.stringify({
        ...event(completed, {}), livemode: undefined,
    })],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])],
    ['a nest of 10,000 arrays', '['.repeat(10000)],
];

for (const [name, body] of notEvents) {
    test(`signed rightly but no event: ${name} is 400`, async () => {
        const answer = await deliver(site, body);
        assert.equal(answer.status, 400, answer.text);
        assert.equal(answer.json.code, 'invalid_request');
    });
}

test('a body over 1 MiB is 413, one of almost that is read', async () => {
    const filler = (length) => JSON.stringify(
        event('customer.created', { id: 'cus_1', filler: 'x'.repeat(length) }),
    );
    assert.equal((await deliver(site, filler(1024 * 1024))).status, 413);
    await accepted(filler(1024 * 1024 - 1024));
});

for (const type of ['customer.created', 'invoice.paid', 'charge.succeeded',
    'a.kind.of.next.year', 'checkout.session.something_new']) {
    test(`an event of the kind ${type} is recorded and moves nothing`, async () => {
        const { order, session } = await reused();
        const body = event(type, session);
        assert.deepEqual(await accepted(body), { received: true });
        assert.deepEqual(await accepted(body),
            { received: true, duplicate: true });
        const rows = await sql(site,
            `SELECT type FROM provider_event WHERE id = '${body.id}'`);
        assert.deepEqual(rows, [{ type }]);
        assert.deepEqual(await creditsOf(order), []);
    });
}

const others = [
    ['names no order', { metadata: {}, client_reference_id: null }],
    ['has metadata of somebody else', {
        metadata: { cart: '17' }, client_reference_id: 'cart-17',
    }],
    ['names an order that there is not', {
        metadata: { order: 'ord_01M824YCTE0000008000000999' },
        client_reference_id: null,
    }],
    ['names what is no order id', {
        metadata: { order: 'spc_1 OR 1=1' }, client_reference_id: '\'',
    }],
    ['is a subscription', { mode: 'subscription', payment_intent: null }],
    ['only sets up a card', { mode: 'setup', payment_intent: null }],
    ['is of the same account, paid through a link to which somebody added '
        + 'our order as a reference', (order) => ({
        id: someId('cs_test_'), metadata: {}, client_reference_id: order.id,
    })],
];

for (const [name, more] of others) {
    test(`a session that ${name} credits nobody`, async () => {
        const { order, session } = await reused();
        const total = (await balanceOf(buyer)).total;
        await accepted(event(completed, {
            ...session, ...(typeof more === 'function' ? more(order) : more),
        }));
        assert.equal((await balanceOf(buyer)).total, total);
        assert.equal((await orderOf(buyer, order.id)).status,
            'awaiting_payment');
    });
}

for (const [name, more, inSession] of [
    ['the event is', { livemode: true }, {}],
    ['its session is', {}, { livemode: true }],
    ['both are', { livemode: true }, { livemode: true }],
]) {
    test(`of a live payment a sandbox takes no notice: ${name} live`, async () => {
        const { order, session } = await reused();
        await accepted({
            ...event(completed, { ...session, ...inSession }), ...more,
        });
        assert.deepEqual(await creditsOf(order), []);
        assert.equal((await orderOf(buyer, order.id)).status,
            'awaiting_payment');
    });
}

// ----------------------------------------------- not what was asked

const mismatches = [
    ['a penny less', { amount_total: 2499 }],
    ['a penny more', { amount_total: 2501 }],
    ['nothing', { amount_total: 0 }],
    ['an amount below zero', { amount_total: -2500 }],
    ['no amount at all', { amount_total: null }],
    ['a hundredth', { amount_total: 25 }],
    ['a hundred times as much', { amount_total: 250000 }],
    ['another currency', { currency: 'usd' }],
    ['a currency of 1/160 the worth', { currency: 'jpy' }],
    ['no currency', { currency: null }],
    ['an empty currency', { currency: '' }],
];

for (const [index, [name, more]] of mismatches.entries()) {
    const decision = index % 2 ? 'dismiss' : 'credit';
    test(`paid ${name}: review, nothing credited, until ${decision}`, async () => {
        const { order, session } = await ordered(buyer, more);
        await accepted(event(completed, session));
        assert.equal((await orderOf(buyer, order.id)).status, 'review');
        assert.deepEqual(await creditsOf(order), []);
        // Only the operator ends it: not the right payment, not an expiry.
        await accepted(event(succeeded, session));
        await accepted(event(expired, { ...session, payment_status: 'unpaid' }));
        assert.equal((await orderOf(buyer, order.id)).status, 'review');

        await must(site, ['order', 'resolve', order.id, decision]);
        const credits = decision === 'credit' ? [3000] : [];
        const status = decision === 'credit' ? 'paid' : 'failed';
        assert.equal((await orderOf(buyer, order.id)).status, status);
        assert.deepEqual(await creditsOf(order), credits);
        // What was decided stays so, however often it is reported again.
        await accepted(event(completed, session));
        await accepted(event(succeeded, session));
        assert.equal((await orderOf(buyer, order.id)).status, status);
        assert.deepEqual(await creditsOf(order), credits);
        const again = await site.scrip(['order', 'resolve', order.id, 'credit']);
        assert.equal(again.code, 1);
        await whole(site);
    });
}

test('what is under review is listed for the operator and on the page', async () => {
    const { order, session } = await ordered(buyer, { amount_total: 1 });
    await accepted(event(completed, session));
    const { json } = await buyer.get(`/api/v1/spaces/${buyer.space}/credits`);
    const [shown] = json.orders.filter(({ id }) => id === order.id);
    assert.equal(shown.status, 'review');
    assert.match(site.log(), new RegExp(`order ${order.id} goes under review`));
    await must(site, ['order', 'resolve', order.id, 'dismiss']);
});

// ------------------------------------------------ in whatever order

const unpaid = { payment_status: 'unpaid' };
const stories = [
    ['completed but unpaid, then paid', [[completed, unpaid], [succeeded]],
        ['processing', 'paid']],
    ['completed but unpaid, then failed', [[completed, unpaid],
        [failed, unpaid]], ['processing', 'failed']],
    ['completed but unpaid, then failed, then paid after all',
        [[completed, unpaid], [failed, unpaid], [succeeded]],
        ['processing', 'failed', 'paid']],
    ['success before the completion that it follows',
        [[succeeded], [completed, unpaid]], ['paid', 'paid']],
    ['failure before the completion that it follows',
        [[failed, unpaid], [completed, unpaid]], ['failed', 'failed']],
    ['expired before it is paid', [[expired, { ...unpaid, status: 'expired' }],
        [completed]], ['expired', 'paid']],
    ['paid, then expired', [[completed], [expired,
        { ...unpaid, status: 'expired' }]], ['paid', 'paid']],
    ['paid, then failed', [[completed], [failed, unpaid]], ['paid', 'paid']],
    ['paid, then completed but unpaid', [[completed], [completed, unpaid]],
        ['paid', 'paid']],
    ['under way, then expired', [[completed, unpaid], [expired,
        { ...unpaid, status: 'expired' }], [succeeded]],
    ['processing', 'processing', 'paid']],
    ['expired twice', [[expired, { ...unpaid, status: 'expired' }],
        [expired, { ...unpaid, status: 'expired' }]], ['expired', 'expired']],
];

for (const [name, steps, statuses] of stories) {
    test(`an order's story: ${name}`, async () => {
        const client = await newBuyer(site);
        const { order, session } = await ordered(client);
        for (const [index, [type, more]] of steps.entries()) {
            await accepted(event(type, { ...session, ...more }));
            assert.equal((await orderOf(client, order.id)).status,
                statuses[index], `after ${type}`);
        }
        const paid = statuses.at(-1) === 'paid';
        assert.equal((await balanceOf(client)).total, paid ? 3000 : 0);
        const shown = await orderOf(client, order.id);
        assert.equal(typeof shown.paid_at === 'string', paid);
    });
}

test('every order of seven events of one payment comes to the same', async () => {
    const seed = process.env.SEED ?? String(randomInt(1, 2 ** 31));
    console.log(`# seed ${seed}`);
    let state = Number(seed);
    const pick = (below) => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return Math.floor((state / 2 ** 32) * below);
    };
    const client = await newBuyer(site);
    for (let round = 1; round <= 12; round += 1) {
        const { order, session } = await ordered(client);
        const left = [
            [completed, unpaid], [completed], [succeeded], [succeeded],
            [failed, unpaid], [expired, { ...unpaid, status: 'expired' }],
            ['charge.succeeded'],
        ].map(([type, more]) => event(type, { ...session, ...more }));
        const happened = [];
        while (left.length > 0) {
            const [one] = left.splice(pick(left.length), 1);
            happened.push(one.type);
            await accepted(one);
            if (pick(3) === 0) await accepted(one);
        }
        assert.equal((await orderOf(client, order.id)).status, 'paid',
            happened.join(', '));
        assert.equal((await balanceOf(client)).total, 3000 * round,
            happened.join(', '));
    }
    await whole(site);
});

// ------------------------------------------------- whatever dies

function kill(pid) {
    try {
        process.kill(pid, 'SIGKILL');
    } catch (error) {
        if (error.code !== 'ESRCH') throw error; // it has just died
    }
}

test('kill -9 of every webhook process in the middle, then redelivery: credited once', async () => {
    const client = await newBuyer(site);
    const rounds = 8;
    const orders = 6;
    const delays = [];
    let lost = 0;
    for (let round = 1; round <= rounds; round += 1) {
        const bodies = [];
        for (let i = 0; i < orders; i += 1) {
            const { session } = await ordered(client);
            bodies.push(JSON.stringify(event(completed, session)));
        }
        const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
        const sending = Promise.all(Array.from({ length: 20 * orders },
            (_, i) => deliver(site, bodies[i % orders], { agent })));
        for (let kills = 0; kills < 3; kills += 1) {
            const delay = randomInt(1, 15);
            delays.push(delay);
            await new Promise((done) => { setTimeout(done, delay); });
            (processes(site).webhook ?? []).forEach(kill);
        }
        for (const { status } of await sending) {
            assert.ok(status === 200 || status === 503, `status ${status}`);
            lost += status === 503 ? 1 : 0;
        }
        agent.destroy();
        for (const body of bodies) {
            await until('the redelivery is taken', async () => {
                const { status } = await deliver(site, body);
                return status === 200;
            });
        }
        assert.equal((await balanceOf(client)).total, 3000 * orders * round);
    }
    console.log(`# killed after ${delays.join(', ')} ms; ${
        lost} deliveries lost and sent again`);
    assert.ok(lost > 0, 'no kill came in the middle');
    const { json } = await client
        .get(`/api/v1/spaces/${client.space}/orders?limit=100`);
    assert.deepEqual([...new Set(json.orders.map(({ status }) => status))],
        ['paid']);
    await whole(site);
});

test('while the database cannot be written it is 503, and later it is credited', async () => {
    const { order, session } = await ordered();
    const body = event(completed, session);
    const hold = await holdDatabase(site);
    let answer;
    const began = Date.now();
    try {
        answer = await deliver(site, body);
    } finally {
        await hold.release();
    }
    assert.equal(answer.status, 503, answer.text);
    assert.equal(answer.json.code, 'unavailable');
    assert.match(answer.headers['retry-after'], /^\d+$/);
    assert.ok(Date.now() - began < 5000, `${Date.now() - began} ms`);
    assert.deepEqual(await creditsOf(order), []);
    assert.deepEqual(await accepted(body), { received: true });
    assert.deepEqual(await creditsOf(order), [3000]);
    await whole(site);
});

test('where files may not grow it is 503, and later it is credited', async () => {
    const { order, session } = await ordered();
    const body = event(completed, session);
    const pids = processes(site).webhook;
    const limit = async (bytes) => {
        for (const pid of pids) {
            const { code, stderr } = await run('prlimit',
                ['--pid', String(pid), `--fsize=${bytes}:unlimited`]);
            assert.equal(code, 0, stderr);
        }
    };
    await limit('1000');
    const answers = [];
    for (let i = 0; i < 4; i += 1) answers.push(await deliver(site, body));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [503],
        answers.map(({ text }) => text).join('\n'));
    assert.deepEqual(await creditsOf(order), []);
    assert.deepEqual(processes(site).webhook.sort(), pids.sort(),
        'the programs live on');
    await limit('unlimited');
    assert.deepEqual(await accepted(body), { received: true });
    assert.deepEqual(await creditsOf(order), [3000]);
    await whole(site);
});

test('a browser cannot be made to send one: other methods are 405', async () => {
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
        const answer = await request(`${site.base}/webhooks/stripe`, { method });
        assert.equal(answer.status, 405, method);
        assert.equal(answer.headers.allow, 'POST');
    }
});

test('after all of this the ledger is whole', () => whole(site));
