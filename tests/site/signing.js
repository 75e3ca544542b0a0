// Webhook events as Stripe makes and signs them, for tests that are the
// provider themselves: any object, any time, any secret, any damage.
//
//     const event = sessionEvent('checkout.session.completed', session);
//     const { status, json } = await deliver(site, event);
//
// Nothing here reads or writes the site's database.

import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';

import { request } from './site.js';

// The secret that the site made for its webhooks at its first start.
export function webhookSecret(site) {
    const text = readFileSync(join(site.home, 'secrets.conf'), 'utf8');
    return /^SCRIP_STRIPE_WEBHOOK_SECRET=(.+)$/m.exec(text)[1].trim();
}

export const nowSeconds = () => Math.floor(Date.now() / 1000);

// Letters and digits, as the provider's ids end.
export const someId = (prefix) => prefix + randomBytes(12).toString('hex');

export function mac(body, secret, at) {
    return createHmac('sha256', secret).update(`${at}.`).update(body)
        .digest('hex');
}

export function signature(body, secret, at = nowSeconds()) {
    return `t=${at},v1=${mac(body, secret, at)}`;
}

// An event about any object.
export function event(type, object, more = {}) {
    return {
        id: someId('evt_'),
        object: 'event',
        api_version: '2026-01-28.preview',
        created: nowSeconds(),
        data: { object },
        livemode: false,
        pending_webhooks: 1,
        request: { id: null, idempotency_key: null },
        type,
        ...more,
    };
}

// A checkout session as it is when its order's payment has gone through.
// `order` as our API shows it; `more` overrides any member.
export function paidSession(order, more = {}) {
    return {
        id: someId('cs_test_'),
        object: 'checkout.session',
        amount_subtotal: order.amount,
        amount_total: order.amount,
        client_reference_id: order.id,
        created: nowSeconds() - 60,
        currency: order.currency.toLowerCase(),
        customer: null,
        expires_at: nowSeconds() + 3600,
        livemode: false,
        metadata: { order: order.id },
        mode: 'payment',
        payment_intent: someId('pi_'),
        payment_method_types: ['card'],
        payment_status: 'paid',
        status: 'complete',
        subscription: null,
        success_url: 'https://example.com/success',
        url: null,
        ...more,
    };
}

// A payment intent that brought its order's money.
export function paidIntent(order, more = {}) {
    return {
        id: someId('pi_'),
        object: 'payment_intent',
        amount: order.amount,
        amount_received: order.amount,
        created: nowSeconds() - 60,
        currency: order.currency.toLowerCase(),
        latest_charge: someId('ch_'),
        livemode: false,
        metadata: { order: order.id },
        status: 'succeeded',
        ...more,
    };
}

// Posts a body to the webhook. `header`: that very Stripe-Signature, or null
// for none; otherwise it is signed with `secret` for the time `at`.
export function deliver(site, body, {
    secret = webhookSecret(site), at, header, headers = {}, agent,
} = {}) {
    const bytes = typeof body === 'string' || Buffer.isBuffer(body)
        ? body : JSON.stringify(body);
    const stamp = header === undefined ? signature(bytes, secret, at) : header;
    const all = { 'Content-Type': 'application/json', ...headers };
    if (stamp !== null) all['Stripe-Signature'] = stamp;
    return agent ? post(site, bytes, all, agent)
        : request(`${site.base}/webhooks/stripe`,
            { method: 'POST', body: bytes, headers: all });
}

// The same over connections that are kept, so that many are in flight on few.
function post(site, bytes, headers, agent) {
    return new Promise((done, fail) => {
        const call = http.request(`${site.base}/webhooks/stripe`, {
            method: 'POST',
            agent,
            headers: { ...headers, 'Content-Length': Buffer.byteLength(bytes) },
        });
        call.on('error', fail);
        call.on('response', (answer) => {
            let text = '';
            answer.setEncoding('utf8');
            answer.on('data', (piece) => { text += piece; });
            answer.on('error', fail);
            answer.on('end', () => done({
                status: answer.statusCode,
                headers: answer.headers,
                text,
                json: text.startsWith('{') ? JSON.parse(text) : undefined,
            }));
        });
        call.end(bytes);
    });
}
