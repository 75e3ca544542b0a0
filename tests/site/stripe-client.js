// A site whose sandbox sends its webhooks to an endpoint of ours, and Stripe's
// own client, unmodified, pointed at that sandbox:
//
//     const { stripe, site, events } = await startStripe();
//     ...
//     await stopStripe();
//
// Every webhook is checked by Stripe's own word on its signature as it comes.

import { readFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';

import Stripe from 'stripe';

import { control, payByCard, payByDebit, sandboxKey } from './payer.js';
import { webhookSecret } from './signing.js';
import { startSite, until } from './site.js';

let started;

function startReceiver(take) {
    return new Promise((done) => {
        const server = http.createServer((call, answer) => {
            const pieces = [];
            call.on('data', (piece) => pieces.push(piece));
            call.on('end', () => {
                take(Buffer.concat(pieces), call.headers);
                answer.writeHead(200).end();
            });
        });
        server.listen(0, '127.0.0.1', () => done(server));
    });
}

export function clientOf(site, key = sandboxKey(site), more = {}) {
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

export async function startStripe() {
    // What came, as Stripe's own code takes it; a bad signature is kept, and
    // thrown at whoever looks.
    const received = [];
    let bad = null;
    const receiver = await startReceiver((body, headers) => {
        try {
            received.push(stripe.webhooks.constructEvent(body,
                headers['stripe-signature'], webhookSecret(site)));
        } catch (error) {
            bad = error;
        }
    });
    const site = await startSite({
        env: {
            SCRIP_TICK_SECONDS: '0', // it would tell the sandbox the time
            SCRIP_SANDBOX_WEBHOOK_URL:
                `http://127.0.0.1:${receiver.address().port}/hooks`,
        },
    });
    const stripe = clientOf(site);
    const events = () => {
        if (bad !== null) throw bad;
        return received;
    };
    // Types of what came about an object, sorted: two processes carry events,
    // so they may overtake one another, as they do at Stripe.
    const told = (id) => events()
        .filter(({ data: { object } }) => object.id === id)
        .map(({ type }) => type)
        .sort();
    started = { site, receiver };
    return {
        site,
        stripe,
        events,
        told,
        // The event of this type about this object, once it has come.
        event: (type, id) => until(`${type} of ${id}`, () => events().find(
            (one) => one.type === type && one.data.object.id === id)),
        pull: (levers) => control(site, levers),
        payByCard: (session, number) => payByCard(site, session.url, number),
        payByDebit: (session, account) => payByDebit(site, session.url, account),
    };
}

export async function stopStripe() {
    await started?.site.stop();
    started?.receiver.closeAllConnections();
    started?.receiver.close();
}

// A top-up as the site asks for it.
export const topUp = (more = {}) => ({
    mode: 'payment',
    line_items: [{
        quantity: 1,
        price_data: {
            currency: 'gbp',
            unit_amount: 2500,
            product_data: { name: '3,000 credits' },
        },
    }],
    success_url: 'http://127.0.0.1:9/back?s={CHECKOUT_SESSION_ID}',
    ...more,
});

// Members that Stripe's published example of an object has and this one has
// not.
export function missing(kind, object) {
    const shapes = JSON.parse(readFileSync(
        join(import.meta.dirname, 'stripe-shapes.json'), 'utf8'));
    return shapes[kind].filter((member) => !(member in object));
}

// That a call is refused as Stripe refuses it: members of the error.
export async function refused(call, expected) {
    const error = await call.then(() => null, (thrown) => thrown);
    if (!(error instanceof Stripe.errors.StripeError)) {
        throw new Error(`not refused by the provider: ${error}`);
    }
    for (const [member, value] of Object.entries(expected)) {
        if (error[member] !== value) {
            throw new Error(`${member} is ${error[member]}, not ${value}: `
                + error.message);
        }
    }
    return error;
}
