// Stripe's own client, unmodified, against the sandbox: what it makes, reads,
// lists and ends, the errors it throws, and its word on every webhook that
// the sandbox sends. What it accepts here is what production code relies on.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import Stripe from 'stripe';

import { nowSeconds, webhookSecret } from './signing.js';
import { request, startSite, until } from './site.js';

let site;
let stripe;
let receiver;
const received = []; // { at, answered, headers, body } of each webhook
let answerWith = 200;

// A webhook endpoint that is not ours.
function startReceiver() {
    return new Promise((done) => {
        const server = http.createServer((call, answer) => {
            const pieces = [];
            call.on('data', (piece) => pieces.push(piece));
            call.on('end', () => {
                const came = {
                    at: Date.now(),
                    headers: call.headers,
                    body: Buffer.concat(pieces),
                };
                received.push(came);
                came.answered = Date.now();
                answer.writeHead(answerWith).end();
            });
        });
        server.listen(0, '127.0.0.1', () => done(server));
    });
}

function setting(name) {
    const text = readFileSync(join(site.home, 'secrets.conf'), 'utf8');
    return new RegExp(`^${name}=(.+)$`, 'm').exec(text)[1].trim();
}

function clientOf(key, more = {}) {
    const url = new URL(site.sandbox);
    return new Stripe(key, {
        host: url.hostname,
        port: Number(url.port),
        protocol: 'http',
        apiVersion: '2025-03-31.basil',
        maxNetworkRetries: 0,
        telemetry: false,
        ...more,
    });
}

const asked = (more = {}) => ({
    mode: 'payment',
    line_items: [{
        quantity: 1,
        price_data: {
            currency: 'gbp',
            unit_amount: 2500,
            product_data: { name: '3,000 credits' },
        },
    }],
    client_reference_id: 'ord_1',
    metadata: { order: 'ord_1', note: 'Zoë & co=£' },
    payment_intent_data: { metadata: { order: 'ord_1' } },
    customer_email: 'buyer@example.test',
    success_url: 'http://127.0.0.1:9/back?order=ord_1&s={CHECKOUT_SESSION_ID}',
    cancel_url: 'http://127.0.0.1:9/cancel',
    ...more,
});

// What the payer's browser does.
function pay(session, fields) {
    return request(session.url ?? `${site.sandbox}/pay/${session.id}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({
            method: 'card',
            card_number: '4242 4242 4242 4242',
            expiry: '12/34',
            cvc: '123',
            ...fields,
        }).toString(),
    });
}

const eventsAbout = (id) => received
    .map(({ body }) => JSON.parse(body))
    .filter(({ data: { object } }) => object.id === id
        || object.payment_intent === id)
    .map(({ type }) => type);

before(async () => {
    receiver = await startReceiver();
    site = await startSite({
        env: {
            SCRIP_SANDBOX_WEBHOOK_URL:
                `http://127.0.0.1:${receiver.address().port}/hooks`,
        },
    });
    stripe = clientOf(setting('SCRIP_SANDBOX_SECRET_KEY'));
});

after(async () => {
    await site?.stop();
    receiver?.closeAllConnections();
    receiver?.close();
});

describe('checkout sessions', () => {
    test('are created as they were asked for', async () => {
        const session = await stripe.checkout.sessions.create(asked());
        assert.match(session.id, /^cs_test_[A-Za-z0-9]{58}$/);
        assert.equal(session.object, 'checkout.session');
        assert.equal(session.status, 'open');
        assert.equal(session.payment_status, 'unpaid');
        assert.equal(session.amount_total, 2500);
        assert.equal(session.amount_subtotal, 2500);
        assert.equal(session.currency, 'gbp');
        assert.equal(session.client_reference_id, 'ord_1');
        assert.deepEqual(session.metadata,
            { order: 'ord_1', note: 'Zoë & co=£' });
        assert.equal(session.customer_email, 'buyer@example.test');
        assert.equal(session.payment_intent, null);
        assert.equal(session.livemode, false);
        assert.equal(session.expires_at - session.created, 24 * 60 * 60);
        assert.deepEqual(session.payment_method_types, ['card', 'bacs_debit']);
        assert.equal(session.url, `${site.sandbox}/pay/${session.id}`);
        assert.match(session.lastResponse.requestId, /^req_/);
        assert.equal(session.lastResponse.apiVersion, '2025-03-31.basil');
    });

    test('are read again, the same', async () => {
        const made = await stripe.checkout.sessions.create(asked());
        const read = await stripe.checkout.sessions.retrieve(made.id);
        assert.deepEqual({ ...read }, { ...made });
    });

    test('show their lines when asked to', async () => {
        const session = await stripe.checkout.sessions.create(asked({
            expand: ['line_items'],
        }));
        const [line] = session.line_items.data;
        assert.equal(line.description, '3,000 credits');
        assert.equal(line.amount_total, 2500);
        assert.equal(line.price.unit_amount, 2500);
        const list = await stripe.checkout.sessions.listLineItems(session.id);
        assert.deepEqual(list.data[0], line);
    });

    test('are listed newest first, page by page, both ways', async () => {
        const ids = [];
        for (let i = 0; i < 5; i += 1) {
            ids.unshift((await stripe.checkout.sessions.create(asked())).id);
        }
        const first = await stripe.checkout.sessions.list({ limit: 2 });
        assert.deepEqual(first.data.map(({ id }) => id), ids.slice(0, 2));
        assert.equal(first.has_more, true);
        const second = await stripe.checkout.sessions
            .list({ limit: 2, starting_after: ids[1] });
        assert.deepEqual(second.data.map(({ id }) => id), ids.slice(2, 4));
        const back = await stripe.checkout.sessions
            .list({ limit: 2, ending_before: ids[4] });
        assert.deepEqual(back.data.map(({ id }) => id), ids.slice(2, 4));
        const walked = [];
        for await (const { id } of stripe.checkout.sessions.list({ limit: 2 })) {
            walked.push(id);
        }
        assert.deepEqual(walked.slice(0, 5), ids);
        assert.equal(new Set(walked).size, walked.length);
    });

    test('expire when told to, once', async () => {
        const session = await stripe.checkout.sessions.create(asked());
        const ended = await stripe.checkout.sessions.expire(session.id);
        assert.equal(ended.status, 'expired');
        assert.equal(ended.url, null);
        await assert.rejects(stripe.checkout.sessions.expire(session.id), {
            type: 'StripeInvalidRequestError', statusCode: 400,
        });
        const open = await stripe.checkout.sessions
            .list({ status: 'expired', limit: 1 });
        assert.equal(open.data[0].id, session.id);
        await until('the event', () => eventsAbout(session.id)
            .includes('checkout.session.expired'));
    });

    test('end between 30 minutes and 24 hours from now', async () => {
        for (const [seconds, fine] of [
            [29 * 60, false], [31 * 60, true], [24 * 3600 - 60, true],
            [24 * 3600 + 60, false],
        ]) {
            const call = stripe.checkout.sessions
                .create(asked({ expires_at: nowSeconds() + seconds }));
            if (fine) {
                await call;
            } else {
                await assert.rejects(call, { param: 'expires_at' });
            }
        }
    });
});

describe('customers', () => {
    test('are created, updated, read and listed, and buy', async () => {
        const made = await stripe.customers.create({
            email: 'space@example.test', name: 'A Space',
            metadata: { space: 'spc_1', gone: 'soon' },
        });
        assert.match(made.id, /^cus_[A-Za-z0-9]{14}$/);
        const updated = await stripe.customers.update(made.id, {
            description: 'changed', metadata: { gone: '', more: '1' },
        });
        assert.equal(updated.description, 'changed');
        assert.equal(updated.name, 'A Space');
        assert.deepEqual(updated.metadata, { space: 'spc_1', more: '1' });
        assert.deepEqual({ ...await stripe.customers.retrieve(made.id) },
            { ...updated });
        const list = await stripe.customers.list({ email: 'space@example.test' });
        assert.deepEqual(list.data.map(({ id }) => id), [made.id]);
        const session = await stripe.checkout.sessions.create(asked({
            customer: made.id, customer_email: undefined, expand: ['customer'],
        }));
        assert.equal(session.customer.id, made.id);
        assert.equal(session.customer_details.email, 'space@example.test');
    });
});

describe('errors', () => {
    const refusals = [
        ['a wrong key', () => clientOf('sk_test_wrong').events.list(),
            { type: 'StripeAuthenticationError', statusCode: 401 }],
        ['a missing parameter',
            () => stripe.checkout.sessions.create(asked({ success_url: undefined })),
            { type: 'StripeInvalidRequestError', code: 'parameter_missing',
                param: 'success_url' }],
        ['no lines',
            () => stripe.checkout.sessions.create(asked({ line_items: [] })),
            { code: 'parameter_missing', param: 'line_items' }],
        ['an unknown parameter',
            () => stripe.checkout.sessions.create(asked({ colour: 'red' })),
            { code: 'parameter_unknown', param: 'colour' }],
        ['a mode it does not have',
            () => stripe.checkout.sessions.create(asked({ mode: 'rental' })),
            { param: 'mode' }],
        ['an amount that is no integer',
            () => stripe.checkout.sessions.create(asked({ line_items: [{
                quantity: 1, price_data: { currency: 'gbp', unit_amount: 25.5,
                    product_data: { name: 'x' } },
            }] })),
            { code: 'parameter_invalid_integer',
                param: 'line_items[0][price_data][unit_amount]' }],
        ['an amount that is too small',
            () => stripe.checkout.sessions.create(asked({ line_items: [{
                quantity: 1, price_data: { currency: 'gbp', unit_amount: 29,
                    product_data: { name: 'x' } },
            }] })),
            { code: 'amount_too_small' }],
        ['a currency that there is not',
            () => stripe.checkout.sessions.create(asked({ line_items: [{
                quantity: 1, price_data: { currency: 'xxq', unit_amount: 2900,
                    product_data: { name: 'x' } },
            }] })),
            { param: 'line_items[0][price_data][currency]' }],
        ['an address that is none',
            () => stripe.checkout.sessions.create(asked({
                success_url: 'javascript:alert(1)' })),
            { code: 'url_invalid', param: 'success_url' }],
        ['an address that would end a policy',
            () => stripe.checkout.sessions.create(asked({
                success_url: 'https://a.test; script-src *' })),
            { code: 'url_invalid', param: 'success_url' }],
        ['a customer that there is not',
            () => stripe.checkout.sessions.create(asked({
                customer: 'cus_no', customer_email: undefined })),
            { code: 'resource_missing', param: 'customer' }],
        ['a session that there is not',
            () => stripe.checkout.sessions.retrieve('cs_test_no'),
            { code: 'resource_missing', statusCode: 404 }],
        ['an event that there is not', () => stripe.events.retrieve('evt_no'),
            { code: 'resource_missing', statusCode: 404 }],
        ['what cannot be expanded',
            () => stripe.checkout.sessions.create(asked({ expand: ['secrets'] })),
            { param: 'expand' }],
        ['a page of 101', () => stripe.events.list({ limit: 101 }),
            { param: 'limit' }],
        ['a place that there is not',
            () => stripe.events.list({ starting_after: 'evt_no' }),
            { code: 'resource_missing', param: 'starting_after' }],
        ['an endpoint that it does not have', () => stripe.payouts.list(),
            { type: 'StripeInvalidRequestError', statusCode: 404 }],
    ];
    for (const [name, call, expected] of refusals) {
        test(name, async () => {
            await assert.rejects(call, (error) => {
                assert.ok(error instanceof Stripe.errors.StripeError, error);
                for (const [member, value] of Object.entries(expected)) {
                    assert.equal(error[member], value, error.message);
                }
                assert.match(error.requestId, /^req_/);
                return true;
            });
        });
    }

    test('no key at all', async () => {
        const { status, json } = await request(`${site.sandbox}/v1/events`);
        assert.equal(status, 401);
        assert.equal(json.error.type, 'invalid_request_error');
    });

    test('the key as a user name will do, another will not', async () => {
        const basic = (key) => request(`${site.sandbox}/v1/events`, {
            headers: {
                Authorization:
                    `Basic ${Buffer.from(`${key}:`).toString('base64')}`,
            },
        });
        const key = setting('SCRIP_SANDBOX_SECRET_KEY');
        assert.equal((await basic(key)).status, 200);
        assert.equal((await basic(`${key}x`)).status, 401);
        assert.equal((await basic('')).status, 401);
    });
});

describe('idempotency', () => {
    test('the same call again is the same session', async () => {
        const options = { idempotencyKey: randomUUID() };
        const first = await stripe.checkout.sessions.create(asked(), options);
        const again = await stripe.checkout.sessions.create(asked(), options);
        assert.equal(again.id, first.id);
        assert.equal(again.lastResponse.headers['idempotent-replayed'], 'true');
        assert.equal(again.lastResponse.headers['original-request'],
            first.lastResponse.requestId);
        assert.equal(first.lastResponse.headers['idempotent-replayed'],
            undefined);
    });

    test('at the same moment too', async () => {
        const options = { idempotencyKey: randomUUID() };
        const all = await Promise.all(Array.from({ length: 12 }, () => stripe
            .checkout.sessions.create(asked(), options)));
        assert.equal(new Set(all.map(({ id }) => id)).size, 1);
    });

    test('another call under the same key is refused', async () => {
        const options = { idempotencyKey: randomUUID() };
        await stripe.checkout.sessions.create(asked(), options);
        await assert.rejects(
            stripe.checkout.sessions.create(
                asked({ client_reference_id: 'ord_2' }), options),
            { type: 'StripeIdempotencyError', statusCode: 400 });
        await assert.rejects(
            stripe.customers.create({ email: 'a@b.test' }, options),
            { type: 'StripeIdempotencyError', statusCode: 400 });
    });

    test('a refusal is not remembered', async () => {
        const options = { idempotencyKey: randomUUID() };
        await assert.rejects(stripe.checkout.sessions
            .create(asked({ mode: 'rental' }), options));
        await stripe.checkout.sessions.create(asked(), options);
    });

    test('what failed is tried again by the client itself', async () => {
        const patient = clientOf(setting('SCRIP_SANDBOX_SECRET_KEY'),
            { maxNetworkRetries: 3 });
        await control({ api: '500', times: 2 });
        const session = await patient.checkout.sessions.create(asked());
        assert.equal(session.status, 'open');
    });
});

function control(body) {
    return request(`${site.sandbox}/control`, {
        method: 'POST',
        body,
        headers: {
            Authorization: `Bearer ${setting('SCRIP_SANDBOX_SECRET_KEY')}`,
        },
    });
}

describe('a payment', () => {
    test('shows in the session, the intent and the charge', async () => {
        const session = await stripe.checkout.sessions.create(asked());
        const { status, headers } = await pay(session);
        assert.equal(status, 303);
        assert.equal(headers.location,
            `http://127.0.0.1:9/back?order=ord_1&s=${session.id}`);
        const paid = await stripe.checkout.sessions.retrieve(session.id,
            { expand: ['payment_intent.latest_charge'] });
        assert.equal(paid.status, 'complete');
        assert.equal(paid.payment_status, 'paid');
        assert.equal(paid.url, null);
        const intent = await stripe.paymentIntents.retrieve(
            paid.payment_intent.id, { expand: ['latest_charge'] });
        assert.equal(intent.status, 'succeeded');
        assert.equal(intent.amount, 2500);
        assert.equal(intent.amount_received, 2500);
        assert.deepEqual(intent.metadata, { order: 'ord_1' });
        assert.deepEqual(intent.latest_charge, paid.payment_intent.latest_charge);
        const charge = await stripe.charges.retrieve(intent.latest_charge.id);
        assert.equal(charge.paid, true);
        assert.equal(charge.amount_captured, 2500);
        assert.equal(charge.payment_method_details.card.last4, '4242');
        const receipt = await request(charge.receipt_url);
        assert.equal(receipt.status, 200);
        assert.match(receipt.text, /£25/);
        const listed = await stripe.checkout.sessions
            .list({ payment_intent: intent.id });
        assert.deepEqual(listed.data.map(({ id }) => id), [session.id]);
        const charges = await stripe.charges.list({ payment_intent: intent.id });
        assert.deepEqual(charges.data.map(({ id }) => id), [charge.id]);
    });

    test('is told within 300 ms, with all that led to it', async () => {
        // A busy machine makes it late now and then, a sandbox that does not
        // send at once each time.
        let session;
        let took = Infinity;
        for (let i = 0; i < 5 && took >= 300; i += 1) {
            session = await stripe.checkout.sessions.create(asked());
            const { id } = session;
            await pay(session);
            const answered = Date.now();
            const completed = await until('the webhook', () => received.find(
                ({ body }) => JSON.parse(body).data.object.id === id));
            took = Math.min(took, completed.at - answered);
        }
        assert.ok(took < 300, `${took} ms at best`);
        const { payment_intent: intent } = await stripe.checkout.sessions
            .retrieve(session.id);
        await until('all four', () => eventsAbout(intent).length >= 4);
        assert.deepEqual(eventsAbout(intent).sort(), [
            'charge.succeeded', 'checkout.session.completed',
            'payment_intent.created', 'payment_intent.succeeded',
        ]);
    });
});

describe('webhooks', () => {
    test('every one that came bears a good signature', async () => {
        const secret = webhookSecret(site);
        assert.ok(received.length > 10, `${received.length} came`);
        for (const { headers, body } of received) {
            const event = stripe.webhooks.constructEvent(body,
                headers['stripe-signature'], secret);
            assert.match(event.id, /^evt_/);
            assert.equal(event.livemode, false);
            assert.throws(() => stripe.webhooks.constructEvent(body,
                headers['stripe-signature'], `${secret}x`));
            assert.throws(() => stripe.webhooks.constructEvent(
                Buffer.concat([body, Buffer.from(' ')]),
                headers['stripe-signature'], secret));
        }
    });

    test('what was told can be asked for again', async () => {
        const listed = await until('nothing is pending', async () => {
            const list = await stripe.events.list({ limit: 100 });
            return list.data.every(({ pending_webhooks: n }) => n === 0) && list;
        });
        const told = new Map(received.map(({ body }) => {
            const event = JSON.parse(body);
            return [event.id, event];
        }));
        assert.ok(listed.data.length > 10);
        for (const event of listed.data) {
            const sent = told.get(event.id);
            assert.ok(sent, `${event.type} was sent`);
            assert.deepEqual(event.data, sent.data);
            assert.equal(event.type, sent.type);
        }
        const only = await stripe.events.list({
            type: 'checkout.session.completed', limit: 100 });
        assert.ok(only.data.length > 0);
        assert.ok(only.data.every(
            ({ type }) => type === 'checkout.session.completed'));
        const two = await stripe.events.list({
            types: ['customer.created', 'customer.updated'] });
        assert.deepEqual(two.data.map(({ type }) => type),
            ['customer.updated', 'customer.created']);
        const later = await stripe.events.list({
            created: { gt: nowSeconds() + 10 } });
        assert.equal(later.data.length, 0);
    });

    test('one that is refused is sent again, signed anew', async () => {
        answerWith = 500;
        const from = received.length;
        const customer = await stripe.customers.create({ email: 'r@e.test' });
        const about = () => received.slice(from).filter(
            ({ body }) => JSON.parse(body).data.object.id === customer.id);
        await until('a second try', () => about().length >= 2);
        answerWith = 200;
        await until('a third', () => about().length >= 3);
        const [first, second, third] = about();
        assert.equal(JSON.parse(first.body).id, JSON.parse(third.body).id);
        assert.ok(second.at - first.answered >= 1000, 'after a second');
        assert.ok(third.at - second.answered >= 2000, 'after two');
        for (const { headers, body } of about()) {
            stripe.webhooks.constructEvent(body, headers['stripe-signature'],
                webhookSecret(site));
        }
        await new Promise((done) => { setTimeout(done, 1500); });
        assert.equal(about().length, 3, 'and no more once it is taken');
    });
});
