// Bad hours of the machine: the database held by somebody, files that may not
// grow, every process killed at once. Reads go on where they can, a write is
// done or it is 503, and whatever was answered with 2xx is there afterwards.
// And in all of it nothing secret gets into a log.

import assert from 'node:assert/strict';
import { randomInt, randomUUID } from 'node:crypto';
import {
    mkdtempSync, readdirSync, readFileSync, rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { payByCard, sandboxKey } from './payer.js';
import { startProvider } from './provider.js';
import {
    balanceOf, checkout, eventsOf, holdDatabase, newBuyer, orderOf, place, sql,
    whole,
} from './shop.js';
import {
    deliver, event, paidSession, webhookSecret,
} from './signing.js';
import {
    processes, request, run, signIn, startSite, until,
} from './site.js';

const right = { email: 'owner@demo.test', password: 'demo-password' };

let provider;
let site;
before(async () => {
    provider = await startProvider();
    site = await startSite({
        env: { SCRIP_STRIPE_API_BASE: provider.base, SCRIP_TICK_SECONDS: '0' },
    });
});
after(async () => {
    await site?.stop();
    await provider?.stop();
});

const sign = () => request(`${site.base}/api/v1/session`, {
    method: 'POST', body: right, headers: { Origin: site.origin },
});

// Every kind of write; each is a function that sends it.
async function writes(client) {
    const { order } = await place(client);
    const { id } = provider.of(order);
    const leaving = await signIn(site, client.email, 'a-good-password');
    return {
        'a sign-in': sign,
        'a sign-out': () => leaving.del('/api/v1/session'),
        'a checkout': () => checkout(client),
        'a webhook': () => deliver(site, event('checkout.session.completed',
            paidSession(order, { id }))),
    };
}

async function readsGoOn(client) {
    for (const path of ['credits', 'events', 'orders', 'membership']) {
        const { status, text } = await client
            .get(`/api/v1/spaces/${client.space}/${path}`);
        assert.equal(status, 200, `${path}: ${text}`);
    }
}

const counts = async () => (await sql(site, `SELECT
    (SELECT count(*) FROM session) AS sessions,
    (SELECT count(*) FROM checkout_order) AS orders,
    (SELECT count(*) FROM idem) AS keys,
    (SELECT count(*) FROM provider_event) AS reports,
    (SELECT count(*) FROM event) AS events`))[0];

function refused(answer, what) {
    assert.equal(answer.status, 503, `${what}: ${answer.text}`);
    assert.equal(answer.json.code, 'unavailable', what);
    assert.match(answer.headers['retry-after'], /^[1-9]\d*$/, what);
    assert.equal(answer.headers['set-cookie'], undefined, what);
}

const worked = (answer, what) => assert.ok(
    [200, 201, 204].includes(answer.status), `${what}: ${answer.text}`,
);

test('somebody holds the database: reads go on, each write is 503 within seconds, then all is as before', async () => {
    const client = await newBuyer(site);
    const all = await writes(client);
    const first = await counts();
    const hold = await holdDatabase(site);
    try {
        await Promise.all(Object.entries(all).map(async ([name, send]) => {
            const began = Date.now();
            refused(await send(), name);
            const took = Date.now() - began;
            assert.ok(took < 6000, `${name}: ${took} ms`);
        }));
        await readsGoOn(client);
    } finally {
        await hold.release();
    }
    assert.deepEqual(await counts(), first);
    for (const [name, send] of Object.entries(all)) worked(await send(), name);
    assert.equal((await balanceOf(client)).total, 3000);
    await whole(site);
});

test('a lock that is let go in time costs a wait, not an error', async () => {
    const client = await newBuyer(site);
    const all = await writes(client);
    const hold = await holdDatabase(site);
    const sent = Object.entries(all).map(async ([name, send]) =>
        [name, await send()]);
    await new Promise((done) => { setTimeout(done, 300); });
    await hold.release();
    for (const [name, answer] of await Promise.all(sent)) worked(answer, name);
});

test('files may not grow: reads go on, each write is 503, no program dies, then all is as before', async () => {
    const client = await newBuyer(site);
    const all = await writes(client);
    const first = await counts();
    const names = ['session', 'checkout', 'webhook', 'credits', 'history'];
    const pids = names.flatMap((name) => processes(site)[name]);
    const limit = (bytes) => Promise.all(pids.map(async (pid) => {
        const { code, stderr } = await run('prlimit',
            ['--pid', String(pid), `--fsize=${bytes}:unlimited`]);
        assert.equal(code, 0, stderr);
    }));
    await limit(1000);
    try {
        for (const [name, send] of Object.entries(all)) {
            for (let i = 0; i < 2; i += 1) refused(await send(), name);
        }
        await readsGoOn(client);
    } finally {
        await limit('unlimited');
    }
    assert.deepEqual(names.flatMap((name) => processes(site)[name]).sort(),
        [...pids].sort());
    assert.deepEqual(await counts(), first);
    for (const [name, send] of Object.entries(all)) worked(await send(), name);
    assert.equal((await balanceOf(client)).total, 3000);
    await whole(site);
});

test('every process is killed at once while people buy: what was answered is there after the start', async () => {
    const home = mkdtempSync(join(tmpdir(), 'scrip-killed-'));
    const there = await startSite({ home, env: { SCRIP_TICK_SECONDS: '0' } });
    const { env } = there;
    const ports = {
        SCRIP_PORT: env.SCRIP_PORT, SCRIP_SANDBOX_PORT: env.SCRIP_SANDBOX_PORT,
        SCRIP_TICK_SECONDS: '0',
    };
    let now = there;
    const delays = [];
    try {
        const client = Object.assign(
            await signIn(there, right.email, right.password),
            { space: 'demo' },
        );
        const placed = new Map(); // key: the answer with 201
        const reported = new Map(); // order: the body answered with 200
        for (let round = 0; round < 3; round += 1) {
            let going = true;
            const buyer = async () => {
                while (going) {
                    const key = randomUUID();
                    const answer = await checkout(client, 'gbp25', key)
                        .catch(() => ({}));
                    if (answer.status !== 201) continue;
                    placed.set(key, answer.json);
                    const { order } = answer.json;
                    const body = JSON.stringify(event(
                        'checkout.session.completed', paidSession(order),
                    ));
                    const paid = await deliver(now, body).catch(() => ({}));
                    if (paid.status === 200) reported.set(order.id, body);
                }
            };
            const buyers = [buyer(), buyer(), buyer()];
            const delay = randomInt(150, 500);
            delays.push(delay);
            await new Promise((done) => { setTimeout(done, delay); });
            for (const pid of Object.values(processes(now)).flat()) {
                try {
                    process.kill(pid, 'SIGKILL');
                } catch (error) {
                    if (error.code !== 'ESRCH') throw error;
                }
            }
            going = false;
            await Promise.all(buyers);
            await now.stop();
            now = await startSite({ home, env: ports });

            for (const [key, json] of placed) {
                const again = await checkout(client, 'gbp25', key);
                assert.equal(again.status, 201, again.text);
                assert.deepEqual(again.json, json);
            }
            for (const [id, body] of reported) {
                assert.equal((await orderOf(client, id)).status, 'paid');
                assert.deepEqual((await deliver(now, body)).json,
                    { received: true, duplicate: true });
            }
            await whole(now);
        }
        const paid = (await sql(now, `SELECT count(*) AS n FROM checkout_order
            WHERE status = 2`))[0].n;
        assert.ok(paid >= reported.size);
        assert.equal((await balanceOf(client)).total, 500 + 3000 * paid);
        console.log(`# killed after ${delays.join(', ')} ms: ${placed.size
        } orders and ${reported.size} payments answered, ${paid} paid`);
    } finally {
        await now.stop();
        rmSync(home, { recursive: true });
    }
});

test('no log has a password, a token, a key, a card or a secret in it', async () => {
    const there = await startSite();
    try {
        const client = Object.assign(
            await signIn(there, right.email, right.password),
            { space: 'demo' },
        );
        const { payment_url: url } = await place(client);
        await payByCard(there, url, '4000 0000 0000 0002');
        await payByCard(there, url);
        await until('paid', async () => (await balanceOf(client)).total === 3500);
        const token = client.cookie.split('=')[1];
        const demo = readFileSync(join(there.home, 'demo.key'), 'utf8').trim();
        // In every place where a hand may slip.
        await client.get(`/api/v1/spaces/demo/events?before=${token}`);
        await client.get(`/api/v1/session?token=${demo}`);
        await request(`${there.base}/session/handoff?token=${demo}`);
        await client.get('/api/v1/spaces/demo/credits',
            { headers: { Authorization: `Bearer ${demo}` } });
        await deliver(there, '{', { header: webhookSecret(there) });
        await eventsOf(client);
        const secrets = [right.password, token, client.session.csrf_token, demo,
            webhookSecret(there), sandboxKey(there), '4242424242424242',
            '4242 4242', '4000000000000002'];
        const folder = join(there.home, 'log');
        const names = readdirSync(folder);
        assert.ok(names.includes('scrip.log') && names.includes('access.log'));
        for (const name of names) {
            const text = readFileSync(join(folder, name), 'utf8');
            for (const secret of secrets) {
                assert.ok(!text.includes(secret),
                    `${name} has ${secret.slice(0, 6)}…`);
            }
        }
    } finally {
        await there.stop();
    }
});
