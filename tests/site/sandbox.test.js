// The sandbox as a payer and as a tester meet it: the payment page over plain
// HTTP (what a browser without scripts does), the test cards, ends and
// doubles, and the levers of /control. Webhooks go to an endpoint of ours, so
// that what is sent is seen, not what the site made of it.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';

import { processes, request, run, startSite, until } from './site.js';
import { sql } from './shop.js';

let site;
let receiver;
let received = []; // events as they came: { at, event }
let endpoint = (answer) => answer.writeHead(200).end();

function startReceiver() {
    return new Promise((done) => {
        const server = http.createServer((call, answer) => {
            const pieces = [];
            call.on('data', (piece) => pieces.push(piece));
            call.on('end', () => {
                received.push({
                    at: Date.now(), event: JSON.parse(Buffer.concat(pieces)),
                });
                endpoint(answer);
            });
        });
        server.listen(0, '127.0.0.1', () => done(server));
    });
}

const typesAbout = (session) => received
    .filter(({ event: { data: { object } } }) => object.id === session.id
        || object.metadata?.order === session.metadata.order)
    .map(({ event }) => event.type);

const completions = (session) => typesAbout(session)
    .filter((type) => type === 'checkout.session.completed').length;

before(async () => {
    receiver = await startReceiver();
    site = await startSite({
        env: {
            SCRIP_SANDBOX_WEBHOOK_URL:
                `http://127.0.0.1:${receiver.address().port}/hooks`,
        },
    });
    const secrets = readFileSync(join(site.home, 'secrets.conf'), 'utf8');
    site.key = /^SCRIP_SANDBOX_SECRET_KEY=(.+)$/m.exec(secrets)[1].trim();
});

after(async () => {
    await site?.stop();
    receiver?.closeAllConnections();
    receiver?.close();
});

beforeEach(async () => {
    endpoint = (answer) => answer.writeHead(200).end();
    await pull({ reset: true });
});

// --------------------------------------------------------------- its API

function api(path, form, headers = {}) {
    return request(`${site.sandbox}/v1/${path}`, {
        method: form === undefined ? 'GET' : 'POST',
        headers: {
            Authorization: `Bearer ${site.key}`,
            ...form !== undefined
                && { 'Content-Type': 'application/x-www-form-urlencoded' },
            ...headers,
        },
        body: form === undefined ? undefined
            : new URLSearchParams(form).toString(),
    });
}

let orders = 0;

const asked = (more = {}) => {
    orders += 1;
    return {
        mode: 'payment',
        'line_items[0][quantity]': 2,
        'line_items[0][price_data][currency]': 'gbp',
        'line_items[0][price_data][unit_amount]': 1234,
        'line_items[0][price_data][product_data][name]': '<b>3,000</b> & more',
        'metadata[order]': `ord_${orders}`,
        'payment_intent_data[metadata][order]': `ord_${orders}`,
        customer_email: 'buyer@example.test',
        success_url: 'http://127.0.0.1:9/back?a=1&s={CHECKOUT_SESSION_ID}',
        cancel_url: 'http://127.0.0.1:9/cancel?a=1&b="',
        ...more,
    };
};

async function newSession(more) {
    const { status, json, text } = await api('checkout/sessions', asked({
        cancel_url: 'http://127.0.0.1:9/cancel?a=1', ...more }));
    assert.equal(status, 200, text);
    return json;
}

const sessionOf = async ({ id }) => (await api(`checkout/sessions/${id}`)).json;
const intentOf = async (session) => (await api(
    `payment_intents/${(await sessionOf(session)).payment_intent}`
    + '?expand[]=latest_charge')).json;

async function pull(levers) {
    const { status, json, text } = await request(`${site.sandbox}/control`, {
        method: 'POST', body: levers,
        headers: { Authorization: `Bearer ${site.key}` },
    });
    assert.equal(status, 200, text);
    return json;
}

// -------------------------------------------------------------- its page

const good = { method: 'card', card_number: '4242424242424242',
    expiry: '12/34', cvc: '123' };

const show = (session, rest = '') => request(
    `${site.sandbox}/pay/${session.id}${rest}`);

const send = (session, fields, rest = '') => request(
    `${site.sandbox}/pay/${session.id}${rest}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(fields).toString(),
    });

const back = (session) => `http://127.0.0.1:9/back?a=1&s=${session.id}`;

describe('the payment page', () => {
    test('says SANDBOX, what is bought, the amount, and takes no markup',
        async () => {
            const session = await newSession();
            const { status, text, headers } = await show(session);
            assert.equal(status, 200);
            assert.match(text, /SANDBOX/);
            assert.match(text, /&lt;b&gt;3,000&lt;\/b&gt; &amp; more × 2/);
            assert.match(text, /data-testid="amount">£24\.68</);
            assert.match(text, /buyer@example\.test/);
            assert.match(text,
                /data-testid="cancel" href="http:\/\/127\.0\.0\.1:9\/cancel\?a=1"/);
            assert.doesNotMatch(text, /<script|style=|onclick/);
            assert.equal(headers['content-type'], 'text/html; charset=utf-8');
            assert.equal(headers['cache-control'], 'no-store');
        });

    test('has a policy that lets the form go where it leads, and no further',
        async () => {
            const { headers } = await show(await newSession());
            const policy = headers['content-security-policy'];
            assert.match(policy, /(^|; )default-src 'none'(;|$)/);
            assert.match(policy,
                /(^|; )form-action 'self' http:\/\/127\.0\.0\.1:9(;|$)/);
            assert.doesNotMatch(policy, /unsafe|\*/);
        });

    test('labels every field', async () => {
        const { text } = await show(await newSession());
        const ids = [...text.matchAll(/<input[^>]* id="([^"]+)"/g)]
            .map(([, id]) => id);
        assert.deepEqual(ids, ['method-card', 'method-bacs_debit',
            'card_number', 'expiry', 'cvc', 'account_number']);
        for (const id of ids) assert.ok(text.includes(`for="${id}"`), id);
    });

    test('has a style sheet of its own', async () => {
        const { status, headers, text } = await request(
            `${site.sandbox}/sandbox.css`);
        assert.equal(status, 200);
        assert.equal(headers['content-type'], 'text/css; charset=utf-8');
        assert.match(text, /prefers-color-scheme: dark/);
    });

    test('refuses an address with a quote in it', async () => {
        const { status, json } = await api('checkout/sessions', asked());
        assert.equal(status, 400);
        assert.equal(json.error.param, 'cancel_url');
    });

    test('an unknown session is 404', async () => {
        for (const answer of [await show({ id: 'cs_test_none' }),
            await send({ id: 'cs_test_none' }, good),
            await send({ id: 'cs_test_none' }, { answer: 'approve' }, '/confirm'),
            await request(`${site.sandbox}/receipts/ch_none`)]) {
            assert.equal(answer.status, 404);
            assert.match(answer.text, /no such payment/);
        }
    });

    test('a payment in dollars cannot be debited', async () => {
        const session = await newSession({
            'line_items[0][price_data][currency]': 'usd' });
        const { text } = await show(session);
        assert.match(text, /\$24\.68/);
        assert.doesNotMatch(text, /bacs_debit/);
        const { status } = await send(session, { method: 'bacs_debit' });
        assert.equal(status, 422);
        assert.equal((await sessionOf(session)).status, 'open');
    });
});

describe('what is typed', () => {
    const wrong = [
        ['no card number', { card_number: '' }, 'Please enter your card number'],
        ['letters', { card_number: 'four two' }, 'not a card number'],
        ['a wrong check digit', { card_number: '4242424242424241' },
            'not a card number'],
        ['too short a number', { card_number: '42' }, 'not a card number'],
        ['no date', { expiry: '' }, 'month and year'],
        ['a month that there is not', { expiry: '13/34' }, 'month and year'],
        ['a date past', { expiry: '01/20' }, 'has expired'],
        ['no security code', { cvc: '' }, 'three or four digits'],
        ['letters for one', { cvc: 'abc' }, 'three or four digits'],
        ['another way of paying', { method: 'cash' }, 'cannot be paid'],
        ['an account that is none',
            { method: 'bacs_debit', account_number: '12' }, 'eight digits'],
    ];
    for (const [name, fields, words] of wrong) {
        test(`${name}: said in words, and nothing happens`, async () => {
            const session = await newSession();
            const answer = await send(session, { ...good, ...fields });
            assert.equal(answer.status, 422);
            assert.ok(answer.text.includes(words), answer.text);
            if (!['cash'].includes(fields.method)) {
                assert.match(answer.text,
                    /aria-invalid="true" aria-describedby="([a-z_]+)-wrong" autofocus>/);
            }
            assert.doesNotMatch(answer.text, /value="123"/);
            const after = await sessionOf(session);
            assert.deepEqual([after.status, after.payment_intent],
                ['open', null]);
        });
    }

    test('is shown again, but for the security code', async () => {
        const session = await newSession();
        const { text } = await send(session,
            { ...good, card_number: '"><i>', expiry: '11/33', cvc: 'x9x' });
        assert.ok(text.includes('value="&quot;&gt;&lt;i&gt;"'));
        assert.ok(text.includes('value="11/33"'));
        assert.ok(!text.includes('x9x'));
    });

    for (const [name, fields] of [
        ['spaces', { card_number: '4242 4242 4242 4242', expiry: '12 / 34' }],
        ['dashes and a long year',
            { card_number: '4242-4242-4242-4242', expiry: '12/2034' }],
        ['no method said', { method: undefined }],
    ]) {
        test(`${name}: fine`, async () => {
            const session = await newSession();
            const sent = { ...good, ...fields };
            if (sent.method === undefined) delete sent.method;
            const { status, headers } = await send(session, sent);
            assert.equal(status, 303);
            assert.equal(headers.location, back(session));
        });
    }
});

describe('test cards', () => {
    const declines = [
        ['4000000000000002', 'card_declined', 'generic_decline', 'declined'],
        ['4000000000009995', 'card_declined', 'insufficient_funds',
            'insufficient funds'],
        ['4000000000000069', 'expired_card', undefined, 'expired'],
        ['4000000000000127', 'incorrect_cvc', undefined, 'security code'],
        ['4000000000000119', 'processing_error', undefined, 'error occurred'],
        ['4111111111111111', 'card_declined', 'test_mode_live_card',
            'only test cards'],
    ];
    for (const [number, code, decline, words] of declines) {
        test(`${number}: ${decline ?? code}, then another card pays`, async () => {
            const session = await newSession();
            const refused = await send(session,
                { ...good, card_number: number });
            assert.equal(refused.status, 402);
            assert.match(refused.text, new RegExp(`role="alert"[^<]*>[^<]*${words}`));
            let intent = await intentOf(session);
            assert.equal(intent.status, 'requires_payment_method');
            assert.equal(intent.last_payment_error.code, code);
            assert.equal(intent.last_payment_error.decline_code, decline);
            assert.equal(intent.latest_charge.status, 'failed');
            assert.equal(intent.latest_charge.paid, false);
            assert.equal((await sessionOf(session)).status, 'open');
            await until('its events', () => typesAbout(session)
                .includes('payment_intent.payment_failed'));
            assert.ok(typesAbout(session).includes('charge.failed'));

            assert.equal((await send(session, good)).status, 303);
            intent = await intentOf(session);
            assert.equal(intent.status, 'succeeded');
            assert.equal(intent.last_payment_error, null);
            const paid = await sessionOf(session);
            assert.equal(paid.payment_status, 'paid');
        });
    }

    test('4000002500003155 asks; yes pays', async () => {
        const session = await newSession();
        const asks = await send(session,
            { ...good, card_number: '4000 0025 0000 3155' });
        assert.equal(asks.status, 303);
        assert.equal(asks.headers.location,
            `${site.sandbox}/pay/${session.id}/confirm`);
        const question = await show(session, '/confirm');
        assert.equal(question.status, 200);
        assert.match(question.text, /£24\.68/);
        assert.match(question.headers['content-security-policy'],
            /form-action 'self' http:\/\/127\.0\.0\.1:9(;|$)/);
        const intent = await intentOf(session);
        assert.equal(intent.status, 'requires_action');
        assert.equal(intent.next_action.redirect_to_url.url,
            asks.headers.location);
        const yes = await send(session, { answer: 'approve' }, '/confirm');
        assert.equal(yes.status, 303);
        assert.equal(yes.headers.location, back(session));
        assert.equal((await sessionOf(session)).payment_status, 'paid');
        const again = await send(session, { answer: 'approve' }, '/confirm');
        assert.equal(again.headers.location, back(session));
        await until('completed', () => completions(session) === 1);
    });

    test('4000002500003155 asks; no does not pay', async () => {
        const session = await newSession();
        await send(session, { ...good, card_number: '4000002500003155' });
        const no = await send(session, { answer: 'refuse' }, '/confirm');
        assert.equal(no.status, 402);
        assert.match(no.text, /unable to authenticate/);
        assert.equal((await sessionOf(session)).status, 'open');
        const intent = await intentOf(session);
        assert.equal(intent.last_payment_error.code,
            'payment_intent_authentication_failure');
        const late = await send(session, { answer: 'approve' }, '/confirm');
        assert.equal(late.status, 402, 'what was refused cannot be approved');
        assert.equal((await sessionOf(session)).status, 'open');
    });

    test('4000008260003178 asks, and has no funds all the same', async () => {
        const session = await newSession();
        await send(session, { ...good, card_number: '4000008260003178' });
        assert.equal((await intentOf(session)).last_payment_error, null);
        const yes = await send(session, { answer: 'approve' }, '/confirm');
        assert.equal(yes.status, 402);
        assert.match(yes.text, /insufficient funds/);
        assert.equal((await sessionOf(session)).status, 'open');
    });

    test('no number of a card is kept or logged', async () => {
        const session = await newSession();
        const number = '4000056655665556';
        await send(session, { ...good, card_number: number });
        await until('told', () => completions(session) === 1);
        for (const file of ['sandbox.db', 'sandbox.db-wal', 'log/scrip.log',
            'log/error.log']) {
            let text;
            try {
                text = readFileSync(join(site.home, file), 'latin1');
            } catch (error) {
                if (error.code === 'ENOENT') continue;
                throw error;
            }
            assert.ok(!text.includes(number), file);
        }
    });
});

describe('once', () => {
    test('twenty clicks at once pay once, and all lead back', async () => {
        const session = await newSession();
        const answers = await Promise.all(Array.from({ length: 20 },
            () => send(session, good)));
        for (const { status, headers } of answers) {
            assert.equal(status, 303);
            assert.equal(headers.location, back(session));
        }
        const charges = await api(`charges?payment_intent=${
            (await sessionOf(session)).payment_intent}`);
        assert.equal(charges.json.data.length, 1);
        await until('completed', () => completions(session) >= 1);
        await new Promise((done) => { setTimeout(done, 500); });
        assert.equal(completions(session), 1);
    });

    test('a paid session says so, and where to go', async () => {
        const session = await newSession();
        await send(session, good);
        const { status, text } = await show(session);
        assert.equal(status, 200);
        assert.match(text, /This is paid/);
        assert.ok(text.includes(back(session).replaceAll('&', '&amp;')));
        assert.doesNotMatch(text, /<form/);
    });

    test('an expired session is refused', async () => {
        const session = await newSession();
        await api(`checkout/sessions/${session.id}/expire`, {});
        for (const { status, text } of [await show(session),
            await send(session, good)]) {
            assert.equal(status, 410);
            assert.match(text, /expired/);
            assert.ok(text.includes('http://127.0.0.1:9/cancel'));
        }
        const after = await sessionOf(session);
        assert.deepEqual([after.status, after.payment_status,
            after.payment_intent], ['expired', 'unpaid', null]);
    });

    test('a session past its time is refused at once, and told soon', async () => {
        const session = await newSession();
        await sql(site, `UPDATE session SET created_s = created_s - 90000,
            expires_s = expires_s - 90000 WHERE id = '${session.id}'`,
        'sandbox.db');
        assert.equal((await send(session, good)).status, 410);
        assert.equal((await sessionOf(session)).status, 'expired');
        await until('the event', () => typesAbout(session)
            .includes('checkout.session.expired'), 20);
        assert.deepEqual(typesAbout(session), ['checkout.session.expired']);
    });
});

describe('Bacs', () => {
    const debit = { method: 'bacs_debit' };

    test('completes unpaid, and arrives when told to', async () => {
        const session = await newSession();
        const { status, headers } = await send(session, debit);
        assert.equal(status, 303);
        assert.equal(headers.location, back(session));
        let now = await sessionOf(session);
        assert.deepEqual([now.status, now.payment_status],
            ['complete', 'unpaid']);
        assert.equal((await intentOf(session)).status, 'processing');
        assert.match((await show(session)).text, /on its way/);
        await until('completed', () => completions(session) === 1);
        await pull({ settle: session.id });
        now = await sessionOf(session);
        assert.equal(now.payment_status, 'paid');
        const intent = await intentOf(session);
        assert.equal(intent.status, 'succeeded');
        assert.equal(intent.latest_charge.status, 'succeeded');
        await until('told', () => typesAbout(session)
            .includes('checkout.session.async_payment_succeeded'));
        assert.match((await show(session)).text, /This is paid/);
    });

    test('fails when told to', async () => {
        const session = await newSession();
        await send(session, debit);
        await pull({ fail: session.id });
        const now = await sessionOf(session);
        assert.deepEqual([now.status, now.payment_status],
            ['complete', 'unpaid']);
        await until('told', () => typesAbout(session)
            .includes('checkout.session.async_payment_failed'));
        assert.equal((await intentOf(session)).latest_charge.status, 'failed');
    });

    for (const [account, type] of [
        ['00012345', 'checkout.session.async_payment_succeeded'],
        ['33333335', 'checkout.session.async_payment_failed'],
    ]) {
        test(`${account} ends by itself: ${type}`, async () => {
            await pull({ settle_after_ms: 200 });
            const session = await newSession();
            await send(session, { ...debit, account_number: account });
            await until('told', () => typesAbout(session).includes(type), 20);
        });
    }
});

describe('deliveries', () => {
    test('are tried again until they are taken', async () => {
        endpoint = (answer) => answer.socket.destroy();
        const session = await newSession();
        await send(session, good);
        await until('a second try', () => completions(session) >= 2);
        endpoint = (answer) => answer.writeHead(200).end();
        const delivery = await until('it is done', async () => {
            const { json } = await request(`${site.sandbox}/control`, {
                headers: { Authorization: `Bearer ${site.key}` } });
            const id = received.find(({ event }) => event.data.object.id
                === session.id).event.id;
            return json.deliveries.find(({ event, state }) => event === id
                && state === 'done');
        });
        assert.ok(delivery.tries >= 2);
        assert.equal(delivery.attempts.length, delivery.tries);
        assert.equal(delivery.attempts[0].status, 200, 'the newest first');
        assert.equal(delivery.attempts.at(-1).status, 0);
        assert.equal(delivery.attempts.at(-1).words, 'the conversation broke');
    });

    test('one that is not answered does not hold up the others for ever',
        async () => {
            let held;
            endpoint = (answer) => { held = answer; };
            const first = await newSession();
            await send(first, good);
            await until('it came', () => held !== undefined);
            endpoint = (answer) => answer.writeHead(200).end();
            const second = await newSession();
            await send(second, good);
            await until('the other one', () => completions(second) === 1, 15);
            held.writeHead(200).end();
        });

    test('of 40 payments at once, each arrives once', async () => {
        const sessions = await Promise.all(Array.from({ length: 40 },
            () => newSession()));
        await Promise.all(sessions.map((session) => send(session, good)));
        await until('all', () => sessions.every(
            (session) => completions(session) >= 1), 60);
        await new Promise((done) => { setTimeout(done, 500); });
        for (const session of sessions) assert.equal(completions(session), 1);
    });

    test('survive a program that is killed', async () => {
        await pull({ webhooks: 'delay:1500' });
        const session = await newSession();
        await send(session, good);
        for (const pid of processes(site).sandbox) process.kill(pid, 'SIGKILL');
        await until('told by another', () => completions(session) >= 1, 45);
    });
});

describe('levers', () => {
    test('need the key', async () => {
        for (const method of ['GET', 'POST']) {
            const { status } = await request(`${site.sandbox}/control`, {
                method, body: method === 'POST' ? {} : undefined,
                headers: { Authorization: 'Bearer sk_test_wrong' },
            });
            assert.equal(status, 401);
        }
    });

    for (const [name, body] of [
        ['a way that there is not', { webhooks: 'sometimes' }],
        ['a delay that is none', { webhooks: 'delay:soon' }],
        ['a fault that there is not', { api: 'weather' }],
        ['a session that there is not', { settle: 'cs_test_none' }],
        ['an event that there is not', { resend: 'evt_none' }],
        ['a member that there is not', { colour: 'red' }],
        ['a currency that there is not', { tamper_currency: 'xxq' }],
    ]) {
        test(`${name} is refused, and nothing is pulled`, async () => {
            const { status, json } = await request(`${site.sandbox}/control`, {
                method: 'POST', body: { webhooks: 'drop', ...body },
                headers: { Authorization: `Bearer ${site.key}` },
            });
            assert.equal(status, 400);
            assert.equal(json.errors[0].pointer, `/${Object.keys(body)[0]}`);
            assert.deepEqual((await pull({})).levers, {});
        });
    }

    test('drop: nothing comes, until it is sent again', async () => {
        await pull({ webhooks: 'drop' });
        const session = await newSession();
        await send(session, good);
        await new Promise((done) => { setTimeout(done, 1500); });
        assert.deepEqual(typesAbout(session), []);
        const { json } = await api('events?type=checkout.session.completed');
        const event = json.data.find(({ data }) => data.object.id === session.id);
        await pull({ resend: event.id });
        await until('it', () => completions(session) === 1);
    });

    test('duplicate: each comes twice, the same', async () => {
        await pull({ webhooks: 'duplicate' });
        const session = await newSession();
        await send(session, good);
        await until('both', () => completions(session) === 2);
        const ids = received.filter(({ event }) => event.data.object.id
            === session.id).map(({ event }) => event.id);
        assert.equal(new Set(ids).size, 1);
    });

    test('delay: it comes late', async () => {
        await pull({ webhooks: 'delay:1200' });
        const session = await newSession();
        const sent = Date.now();
        await send(session, good);
        await until('it', () => completions(session) === 1);
        const { at } = received.find(({ event }) => event.data.object.id
            === session.id);
        assert.ok(at - sent >= 1200, `${at - sent} ms`);
    });

    test('reverse: what happened last comes first', async () => {
        await pull({ webhooks: 'reverse' });
        // What happens within 700 ms is gathered.
        let session;
        let took = Infinity;
        for (let i = 0; i < 10 && took > 600; i += 1) {
            session = await newSession();
            const began = Date.now();
            await send(session, { ...good, card_number: '4000000000000002' });
            await send(session, good);
            took = Date.now() - began;
        }
        await until('all', () => typesAbout(session).length === 6, 15);
        const times = new Map(received.map(({ event, at }) => [event.id, at]));
        const { json } = await api('events?limit=6');
        const order = json.data.map(({ id }) => times.get(id));
        assert.equal(json.data[0].type, 'checkout.session.completed');
        assert.ok(order[0] <= order[5], 'the completion before the creation');
        assert.equal(typesAbout(session)[0], 'checkout.session.completed');
    });

    test('an amount and a currency that were not asked for', async () => {
        await pull({ tamper_amount: 31, tamper_currency: 'usd' });
        const session = await newSession();
        await send(session, good);
        const paid = await sessionOf(session);
        assert.deepEqual([paid.amount_total, paid.currency], [31, 'usd']);
        const intent = await intentOf(session);
        assert.deepEqual([intent.amount_received, intent.currency], [31, 'usd']);
        const next = await newSession();
        await send(next, good);
        assert.equal((await sessionOf(next)).amount_total, 2468, 'only once');
    });

    for (const [word, status] of [['400', 400], ['402', 402], ['403', 403],
        ['409', 409], ['429', 429], ['500', 500], ['502', 502], ['503', 503],
        ['no_retry', 500], ['bad_json', 200], ['empty', 200],
        ['redirect', 302], ['large', 200]]) {
        test(`api ${word}: so many times, then well again`, async () => {
            await pull({ api: word, times: 2 });
            for (let i = 0; i < 2; i += 1) {
                const answer = await rawApi('events');
                assert.equal(answer.status, status);
                if (word === 'large') assert.ok(answer.length > 1024 * 1024);
                if (word === 'no_retry') {
                    assert.equal(answer.headers['stripe-should-retry'], 'false');
                }
            }
            assert.equal((await api('events')).status, 200);
        });
    }

    test('hang: no answer, until the lever is put back', async () => {
        await pull({ api: 'hang' });
        const began = Date.now();
        const hung = api('events');
        await new Promise((done) => { setTimeout(done, 800); });
        await pull({ api: 'ok' });
        await hung;
        const took = Date.now() - began;
        assert.ok(took >= 800 && took < 8000, `${took} ms`);
    });

    test('lost: the work is done, the answer does not come', async () => {
        await pull({ api: 'lost', times: 1 });
        const key = { 'Idempotency-Key': `lost-${Date.now()}` };
        const form = asked({ cancel_url: 'http://127.0.0.1:9/c' });
        await assert.rejects(request(`${site.sandbox}/v1/checkout/sessions`, {
            method: 'POST', seconds: 2,
            headers: {
                Authorization: `Bearer ${site.key}`,
                'Content-Type': 'application/x-www-form-urlencoded', ...key,
            },
            body: new URLSearchParams(form).toString(),
        }), /no answer/);
        await until('the work is done', async () => (await sql(site,
            `SELECT 1 FROM answer WHERE key = '${key['Idempotency-Key']}'`,
            'sandbox.db')).length > 0);
        const again = await api('checkout/sessions', form, key);
        assert.equal(again.status, 200);
        assert.equal(again.headers['idempotent-replayed'], 'true');
        await pull({ api: 'ok' });
    });
});

// The answer as bytes, whatever they are.
function rawApi(path) {
    return new Promise((done, fail) => {
        http.get(`${site.sandbox}/v1/${path}`, {
            agent: false, headers: { Authorization: `Bearer ${site.key}` },
        }, (answer) => {
            let length = 0;
            answer.on('data', (piece) => { length += piece.length; });
            answer.on('end', () => done({
                status: answer.statusCode, headers: answer.headers, length }));
        }).on('error', fail);
    });
}

describe('the program', () => {
    test('keeps its books apart, readable by its owner alone', async () => {
        assert.equal(statSync(join(site.home, 'sandbox.db')).mode & 0o777, 0o600);
        const tables = await sql(site,
            "SELECT name FROM sqlite_schema WHERE name = 'wallet'", 'sandbox.db');
        assert.deepEqual(tables, []);
    });

    test('does not start beside a real provider', async () => {
        const { code, stderr } = await run(
            resolve(site.build, 'cgi-bin/sandbox'), [], {
                env: {
                    ...site.env,
                    SCRIP_STRIPE_SECRET_KEY: 'sk_live_not_a_real_one',
                    SCRIP_STRIPE_WEBHOOK_SECRET: 'whsec_not_a_real_one',
                    REQUEST_METHOD: 'GET', REQUEST_URI: '/',
                },
            });
        assert.equal(code, 1);
        assert.match(stderr, /does not start beside a real provider/);
    });

    test('ends when told to, whatever it is waiting for', async () => {
        let asking = false;
        endpoint = () => { asking = true; }; // never answers
        await send(await newSession(), good);
        await until('a delivery that hangs', () => asking);
        await pull({ api: 'hang' });
        const hung = api('events').catch(() => undefined);
        await new Promise((done) => { setTimeout(done, 200); });
        const pids = processes(site).sandbox;
        for (const pid of pids) process.kill(pid, 'SIGTERM');
        await until('they are gone', () => !processes(site).sandbox
            ?.some((pid) => pids.includes(pid)), 8);
        await hung;
        await until('others are there', async () => (
            await request(`${site.sandbox}/`)).status === 200);
    });
});

// As a web server without FastCGI runs it: a process a request. In a home of
// its own, where nobody else would carry a message.
describe('as plain CGI', () => {
    let env;
    let home;

    before(async () => {
        home = mkdtempSync(join(tmpdir(), 'scrip-cgi-'));
        env = { ...site.env, SCRIP_HOME: home };
        const { code, stderr } = await run(join(site.build, 'scrip'), ['init'],
            { env });
        assert.equal(code, 0, stderr);
    });
    after(() => rmSync(home, { recursive: true }));

    async function cgi(method, path, { body = '', key } = {}) {
        const { code, stdout, stderr } = await run(
            resolve(site.build, 'cgi-bin/sandbox'), [], {
                input: body,
                env: {
                    ...env,
                    GATEWAY_INTERFACE: 'CGI/1.1', SERVER_PROTOCOL: 'HTTP/1.1',
                    REQUEST_METHOD: method, REQUEST_URI: path,
                    CONTENT_TYPE: 'application/x-www-form-urlencoded',
                    CONTENT_LENGTH: String(Buffer.byteLength(body)),
                    ...key && { HTTP_AUTHORIZATION: `Bearer ${key}` },
                },
            });
        assert.equal(code, 0, stderr);
        const [head, ...rest] = stdout.split('\r\n\r\n');
        return { head, text: rest.join('\r\n\r\n') };
    }

    test('it delivers after its answer, and what failed at the next request',
        async () => {
            const secrets = readFileSync(join(home, 'secrets.conf'), 'utf8');
            const key = /^SCRIP_SANDBOX_SECRET_KEY=(.+)$/m.exec(secrets)[1];
            const made = await cgi('POST', '/v1/checkout/sessions', {
                key,
                body: new URLSearchParams(asked({
                    cancel_url: 'http://127.0.0.1:9/c' })).toString(),
            });
            assert.match(made.head, /^Status: 200 /);
            const session = JSON.parse(made.text);
            endpoint = (answer) => answer.writeHead(500).end();
            const paid = await cgi('POST', `/pay/${session.id}`, {
                body: new URLSearchParams(good).toString() });
            assert.match(paid.head, /^Status: 303 /);
            assert.ok(paid.head.includes(`Location: ${back(session)}`));
            await until('told', () => completions(session) === 1, 20);
            endpoint = (answer) => answer.writeHead(200).end();
            await new Promise((done) => { setTimeout(done, 1200); });
            assert.equal(completions(session), 1, 'nobody else is there');
            await cgi('GET', '/');
            await until('told again', () => completions(session) === 2, 20);
            await cgi('GET', '/');
            await new Promise((done) => { setTimeout(done, 500); });
            assert.equal(completions(session), 2, 'and then it is done');
        });
});
