// A payment provider that does what a test tells it: checkout sessions are
// made and read over HTTP as Stripe's are, every call is written down, and
// each of its bad days can be had at will. The site is pointed at it:
//
//     const provider = await startProvider();
//     const site = await startSite({
//         env: { SCRIP_STRIPE_API_BASE: provider.base } });
//     provider.fault = 'hang';            // or a function (call, answer)
//     provider.pay(sessionId);            // what a payer does
//     provider.card = 'lost_card';        // what the saved card does (cards)
//     await provider.stop();
//
// The sandbox is the product's own provider and is tried elsewhere; this one
// stands for a provider that nobody of ours has written.

import http from 'node:http';

import { nowSeconds, someId } from './signing.js';

// What is said instead of an answer. `lost`: the work is done, and the answer
// never arrives.
export const faults = {
    hang: () => {},
    500: (answer) => send(answer, 500, { error: { message: 'broken' } }),
    401: (answer) => send(answer, 401, { error: { message: 'who are you' } }),
    400: (answer) => send(answer, 400, { error: { message: 'not so' } }),
    garbage: (answer) => send(answer, 200, '{"id": "cs_test_1", '),
    array: (answer) => send(answer, 200, '[1, 2, 3]'),
    empty: (answer) => send(answer, 200, ''),
    html: (answer) => send(answer, 200, '<html>Welcome to this hotel</html>'),
    huge: (answer) => {
        answer.writeHead(200, { 'Content-Type': 'application/json' });
        answer.write(`{"filler":"${'x'.repeat(2 * 1024 * 1024)}`);
        answer.end('"}');
    },
    drip: (answer) => {
        answer.writeHead(200, { 'Content-Type': 'application/json' });
        const timer = setInterval(() => answer.write(' '), 200);
        answer.on('close', () => clearInterval(timer));
    },
    reset: (answer) => answer.socket.destroy(),
    half: (answer) => {
        answer.writeHead(200, { 'Content-Length': 1000 });
        answer.write('{"id":');
        setTimeout(() => answer.socket.destroy(), 20);
    },
    other: (answer) => send(answer, 200, {
        ...sessionOf({ 'metadata[order]': 'ord_00000000000000000000000001' }),
    }),
};

// What a saved card answers when it is charged while nobody is there: a code
// and a decline code of a card error; null pays, or is still being worked on.
export const cards = {
    pays: null,
    works: null,
    declines: ['card_declined', 'generic_decline'],
    lost_card: ['card_declined', 'lost_card'],
    stolen_card: ['card_declined', 'stolen_card'],
    asks: ['authentication_required', 'authentication_required'],
};

function send(answer, status, body) {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    answer.writeHead(status, {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(text),
        'Request-Id': someId('req_'),
    });
    answer.end(text);
}

function sessionOf(form) {
    const amount = Number(form['line_items[0][price_data][unit_amount]']);
    const id = someId('cs_test_');
    return {
        id,
        object: 'checkout.session',
        amount_subtotal: amount,
        amount_total: amount,
        client_reference_id: form.client_reference_id ?? null,
        created: nowSeconds(),
        currency: form['line_items[0][price_data][currency]']?.toLowerCase(),
        customer: form.customer ?? null,
        expires_at: Number(form.expires_at),
        livemode: false,
        metadata: { order: form['metadata[order]'] },
        mode: form.mode,
        payment_intent: null,
        payment_status: 'unpaid',
        status: 'open',
        success_url: form.success_url,
        url: `https://pay.example/c/${id}`,
    };
}

// `more`: (provider, call) => { status, body }, or null where it is not for
// that; asked first. subscriptions.js has one.
export async function startProvider({ more = () => null } = {}) {
    const provider = {
        more,
        fault: null,
        calls: [],
        sessions: new Map(),
        intents: new Map(),
        card: 'pays',
        keys: new Map(),
        events: [], // newest first
        refunds: [],
        lost: new Set(), // customers that it does not know any more
        sockets: new Set(),
    };
    const server = http.createServer((request, answer) => {
        const pieces = [];
        request.on('data', (piece) => pieces.push(piece));
        request.on('end', () => {
            const call = {
                at: Date.now(),
                method: request.method,
                path: request.url,
                headers: request.headers,
                body: Buffer.concat(pieces).toString('utf8'),
            };
            call.form = Object.fromEntries(new URLSearchParams(call.body));
            provider.calls.push(call);
            answer.on('close', () => { call.ended = Date.now(); });
            serve(provider, call, answer);
        });
    });
    server.on('connection', (socket) => {
        provider.sockets.add(socket);
        socket.on('close', () => provider.sockets.delete(socket));
    });
    await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
    provider.base = `http://127.0.0.1:${server.address().port}`;
    // For faults that are functions: answers well (null) or by a fault's name.
    provider.answer = (call, answer, fault) =>
        answerWith(provider, call, answer, fault);
    provider.made = () => [...provider.sessions.values()];
    provider.of = (order) => provider.made()
        .find((session) => session.metadata.order === order.id);
    provider.pay = (id, more = {}) => {
        const session = Object.assign(provider.sessions.get(id), {
            status: 'complete',
            payment_status: 'paid',
            payment_intent: someId('pi_'),
            url: null,
            ...more,
        });
        provider.intents.set(session.payment_intent, {
            id: session.payment_intent,
            object: 'payment_intent',
            customer: session.customer,
            payment_method: { id: someId('pm_'), card: { brand: 'visa', last4: '4242' } },
            currency: session.currency,
            amount_received: session.amount_total,
            livemode: false,
            metadata: { ...session.metadata },
            status: 'succeeded',
        });
        return session;
    };
    // The charges of saved cards that were really made.
    provider.charged = () => [...provider.intents.values()]
        .filter(({ status }) => status === 'succeeded');
    provider.stop = () => new Promise((done) => {
        server.close(done);
        for (const socket of provider.sockets) socket.destroy();
    });
    return provider;
}

function serve(provider, call, answer) {
    const { fault } = provider;
    if (typeof fault === 'function') fault(call, answer);
    else provider.answer(call, answer, fault);
}

function answerWith(provider, call, answer, fault) {
    if (fault === 'lost') {
        work(provider, call);
        answer.socket.destroy();
    } else if (fault !== null) {
        faults[fault](answer, call);
    } else {
        const { status, body } = work(provider, call);
        send(answer, status, body);
    }
}

// What POST makes, once for each Idempotency-Key.
const makes = {
    '/v1/checkout/sessions': (provider, form) => {
        const session = sessionOf(form);
        provider.sessions.set(session.id, session);
        return session;
    },
    '/v1/customers': (provider, form) => ({
        id: someId('cus_'),
        object: 'customer',
        livemode: false,
        metadata: { space: form['metadata[space]'] },
        name: form.name,
    }),
    '/v1/payment_intents': (provider, form) => {
        const error = cards[provider.card];
        const intent = {
            id: someId('pi_'),
            object: 'payment_intent',
            amount: Number(form.amount),
            amount_received: provider.card === 'pays' ? Number(form.amount) : 0,
            currency: form.currency,
            customer: form.customer,
            livemode: false,
            metadata: { order: form['metadata[order]'] },
            payment_method: form.payment_method,
            status: error ? 'requires_payment_method'
                : provider.card === 'works' ? 'processing' : 'succeeded',
        };
        provider.intents.set(intent.id, intent);
        return !error ? intent : { status: 402, body: { error: {
            type: 'card_error',
            code: error[0],
            decline_code: error[1],
            message: `Your card: ${error[1]}.`,
            payment_intent: intent,
        } } };
    },
};

// What GET lists.
const lists = {
    '/v1/events': (provider) => provider.events,
    '/v1/payment_intents': (provider, query) => [...provider.intents.values()]
        .filter(({ customer }) => customer === query.get('customer')).reverse(),
    '/v1/refunds': (provider, query) => provider.refunds
        .filter(({ charge }) => charge === query.get('charge')),
};

function pageOf(all, query) {
    const limit = Number(query.get('limit') ?? 10);
    const after = query.get('starting_after');
    const begin = after ? all.findIndex(({ id }) => id === after) + 1 : 0;
    return {
        object: 'list',
        data: all.slice(begin, begin + limit),
        has_more: begin + limit < all.length,
    };
}

function work(provider, call) {
    const { method, path, headers, form } = call;
    if (provider.lost.has(form.customer)) {
        return { status: 400, body: { error: {
            type: 'invalid_request_error',
            code: 'resource_missing',
            param: 'customer',
            message: `No such customer: '${form.customer}'`,
        } } };
    }
    const other = provider.more(provider, call);
    if (other) return other;
    if (method === 'POST' && makes[path]) {
        const key = headers['idempotency-key'];
        if (!provider.keys.has(key)) {
            const made = makes[path](provider, form);
            provider.keys.set(key, made.body ? made
                : { status: 200, body: made });
        }
        return provider.keys.get(key);
    }
    const url = new URL(path, 'http://provider');
    const list = lists[url.pathname];
    if (method === 'GET' && list) {
        return { status: 200, body: pageOf(list(provider, url.searchParams),
            url.searchParams) };
    }
    const [, id] = /^\/v1\/checkout\/sessions\/(\w+)$/.exec(path) ?? [];
    if (method === 'GET' && provider.sessions.has(id)) {
        return { status: 200, body: provider.sessions.get(id) };
    }
    const [, intent] = /^\/v1\/payment_intents\/(\w+)\?/.exec(path) ?? [];
    if (method === 'GET' && provider.intents.has(intent)) {
        return { status: 200, body: provider.intents.get(intent) };
    }
    return { status: 404, body: { error: { message: 'no such thing' } } };
}
