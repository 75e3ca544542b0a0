// Sites as their owner has them: two side by side, restarted, upgraded in
// place, with processes that die while people buy. What was said to be done
// is still done afterwards.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import {
    chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { control, payByCard } from './payer.js';
import {
    balanceOf, checkout, eventsOf, orderOf, place, whole,
} from './shop.js';
import { deliver, event, paidSession } from './signing.js';
import {
    processes, request, root, signIn, startSite, until,
} from './site.js';

const folder = mkdtempSync(join(tmpdir(), 'scrip sites '));
after(() => rmSync(folder, { recursive: true, force: true }));

const ownerOf = async (site) => Object.assign(
    await signIn(site, 'owner@demo.test', 'demo-password'), { space: 'demo' },
);
const wait = (ms) => new Promise((done) => { setTimeout(done, ms); });

test('two sites side by side sell at the same time, and know nothing of each other', async () => {
    const [one, two] = await Promise.all([startSite(), startSite()]);
    try {
        const [a, b] = [await ownerOf(one), await ownerOf(two)];
        assert.equal((await request(`${two.base}/api/v1/session`,
            { headers: a.headers })).status, 401);
        const [first, second] = await Promise.all([place(a), place(b)]);
        const body = event('checkout.session.completed',
            paidSession(second.order));
        const signedByOther = await deliver(one, body, {
            secret: readFileSync(join(two.home, 'secrets.conf'), 'utf8')
                .match(/WEBHOOK_SECRET=(.+)/)[1],
        });
        assert.equal(signedByOther.status, 400);

        await payByCard(one, first.payment_url);
        await until('the first has its credits', async () =>
            (await balanceOf(a)).total === 3500);
        assert.equal((await balanceOf(b)).total, 500);
        await whole(one);
        await one.stop();

        await payByCard(two, second.payment_url);
        await until('the second has its credits', async () =>
            (await balanceOf(b)).total === 3500);
        await whole(two);
    } finally {
        await one.stop();
        await two.stop();
    }
});

test('a restart keeps all: who is signed in, what was bought, keys, cursors, a payment on its way', async () => {
    const home = join(folder, 'a home with spaces');
    mkdirSync(home);
    chmodSync(home, 0o755);
    let site = await startSite({ home });
    const ports = { ...site.env };
    const again = async () => {
        await site.stop();
        const { SCRIP_PORT, SCRIP_SANDBOX_PORT } = ports;
        site = await startSite({ home, env: { SCRIP_PORT, SCRIP_SANDBOX_PORT } });
    };
    try {
        const client = await ownerOf(site);
        const key = randomUUID();
        const bought = await checkout(client, 'gbp25', key);
        await payByCard(site, bought.json.payment_url);
        await until('the credits', async () =>
            (await balanceOf(client)).total === 3500);
        const path = '/api/v1/spaces/demo/events?limit=1';
        const { json: { next_before: cursor } } = await client.get(path);
        const events = await eventsOf(client);
        const tag = (await client.get('/api/v1/spaces/demo/credits'))
            .headers.etag;

        // One more is paid, and its webhook not yet delivered.
        await control(site, { webhooks: 'delay:1500' });
        const second = await place(client, 'gbp50');
        await payByCard(site, second.payment_url);

        await again();
        assert.equal(statSync(home).mode & 0o777, 0o755);
        assert.equal((await client.get('/api/v1/session')).status, 200);
        const replay = await checkout(client, 'gbp25', key);
        assert.equal(replay.headers['idempotency-replayed'], 'true');
        assert.deepEqual(replay.json, bought.json);
        const rest = await client.get(`${path}&before=${
            encodeURIComponent(cursor)}`);
        assert.deepEqual(rest.json.events[0], events[1]);
        await until('the webhook of before the restart', async () =>
            (await balanceOf(client)).total === 9500, 45); // a lease of 30
        const changed = await client.get('/api/v1/spaces/demo/credits',
            { headers: { 'If-None-Match': tag } });
        assert.equal(changed.status, 200);
        await again();
        assert.equal((await balanceOf(client)).total, 9500);
        await whole(site);
    } finally {
        await site.stop();
    }
});

test('start leaves no stream of its caller\'s open', async () => {
    const site = await startSite();
    await site.stop();
    // The shell's pipe ends when the last of its writers has gone.
    const home = join(folder, 'streams');
    mkdirSync(home);
    const began = Date.now();
    const child = spawn('sh', ['-c',
        `"${join(root, 'nginx/run')}" start; exec 1>&- 2>&-; sleep 30`],
    { env: { ...site.env, SCRIP_HOME: home } });
    let text = '';
    child.stdout.on('data', (piece) => { text += piece; });
    await Promise.all(['stdout', 'stderr'].map((name) => new Promise((done) => {
        child[name].on('end', done);
        child[name].resume();
    })));
    assert.ok(Date.now() - began < 20000, 'before the shell has ended');
    child.kill();
    assert.match(text, /Scrip answers at/);
    const stop = spawn(join(root, 'nginx/run'), ['stop'],
        { env: { ...site.env, SCRIP_HOME: home } });
    assert.equal(await new Promise((done) => { stop.on('close', done); }), 0);
});

// Reads and buys without a pause until `stop` is called; how often each
// status came, and what has to be true of the orders afterwards.
function busy(site, client) {
    const statuses = {};
    const keys = new Set();
    let going = true;
    let longest = 0;
    const count = (status) => { statuses[status] = (statuses[status] ?? 0) + 1; };
    const reader = async (path) => {
        while (going) {
            const began = Date.now();
            const { status } = await client.get(`/api/v1/spaces/demo/${path}`);
            longest = Math.max(longest, Date.now() - began);
            count(status);
        }
    };
    const buyer = async () => {
        while (going) {
            const key = randomUUID();
            keys.add(key);
            let answer;
            do { // as a careful caller does: the same key until it is done
                answer = await checkout(client, 'gbp25', key);
                count(answer.status);
            } while (answer.status === 503 || answer.status === 502);
            assert.equal(answer.status, 201, answer.text);
            const paid = await deliverUntil(site, answer.json.order);
            count(paid);
        }
    };
    let failed;
    const all = Promise.all([reader('credits'), reader('events'),
        reader('orders'), buyer(), buyer()].map((one) => one.catch((error) => {
        failed ??= error;
        going = false;
    })));
    return {
        statuses,
        stop: async () => {
            going = false;
            await all;
            if (failed) throw failed;
            return { statuses, bought: keys.size, longest };
        },
    };
}

async function deliverUntil(site, order) {
    const body = JSON.stringify(event('checkout.session.completed',
        paidSession(order)));
    for (;;) {
        const { status } = await deliver(site, body);
        if (status !== 503) return status;
    }
}

function kill(pid, signal) {
    try {
        process.kill(pid, signal);
    } catch (error) {
        if (error.code !== 'ESRCH') throw error;
    }
}

for (const [signal, allowed] of [['SIGKILL', ['200', '201', '502', '503']],
    ['SIGTERM', ['200', '201']]]) {
    test(`${signal} to every program in turn, while people read and buy: ${
        signal === 'SIGTERM' ? 'nobody notices' : 'told so, and done once'}`, async () => {
        const site = await startSite({ env: { SCRIP_TICK_SECONDS: '0' } });
        try {
            const client = await ownerOf(site);
            const load = busy(site, client);
            for (let round = 0; round < 3; round += 1) {
                for (const name of ['credits', 'history', 'checkout', 'webhook',
                    'session', 'sandbox']) {
                    await wait(60);
                    for (const pid of processes(site)[name] ?? []) {
                        kill(pid, signal);
                    }
                }
            }
            // All start at once, which takes a slow machine its time.
            await until('people read again', () => load.statuses[200] > 10, 40);
            const { statuses, bought, longest } = await load.stop();
            console.log(`# ${signal}: ${JSON.stringify(statuses)}, ${
                bought} orders, longest read ${longest} ms`);
            assert.deepEqual(Object.keys(statuses)
                .filter((status) => !allowed.includes(status)), []);
            assert.ok(statuses[200] > 10, JSON.stringify(statuses));
            assert.equal((await balanceOf(client)).total, 500 + 3000 * bought);
            const { json } = await client
                .get('/api/v1/spaces/demo/orders?limit=100');
            if (json.next_before === null) {
                assert.equal(json.orders.length, bought);
            }
            for (const { id } of json.orders.slice(0, 5)) {
                assert.equal((await orderOf(client, id)).status, 'paid');
            }
            await until('all processes are back', () => {
                const found = processes(site);
                return ['credits', 'checkout', 'webhook', 'history', 'session']
                    .every((name) => found[name]?.length >= 1);
            });
            await whole(site);
        } finally {
            await site.stop();
        }
    });
}
