// No program grows: after a thousand requests each has what it needs, and
// thousands more leave its memory and its descriptors as they were. On the
// release build, since a sanitizer keeps what is freed. REQUESTS=9000 asks
// longer than every run of all tests can wait for.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { sandboxKey } from './payer.js';
import { holdDatabase, must, place } from './shop.js';
import {
    deliver, event, paidSession, signature, webhookSecret,
} from './signing.js';
import { keyed, processes, signIn, startSite } from './site.js';

const warm = 1000;
const measured = Number(process.env.REQUESTS ?? 3000);
const ceiling = Math.min(256, 64 + measured / 25); // KiB
const wide = 8; // connections at once
const widest = 48; // while warming up: every thread gets to work

let site;
let owner;
before(async () => {
    site = await startSite({
        build: process.env.SCRIP_RELEASE ?? 'build',
        env: { SCRIP_TICK_SECONDS: '0' },
    });
    owner = Object.assign(
        await signIn(site, 'owner@demo.test', 'demo-password'),
        { space: 'demo' },
    );
    for (let i = 0; i < 40; i += 1) {
        await must(site, ['grant', 'demo', '1', '--kind', 'bonus', '--reason',
            'something to read']);
    }
});
after(async () => { await site?.stop(); });

// { pid: { rss, fds } }, in KiB, of the processes of a program.
function sizes(name) {
    const found = {};
    for (const pid of processes(site)[name]) {
        const status = readFileSync(`/proc/${pid}/status`, 'utf8');
        const of = (key) => Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm')
            .exec(status)[1]);
        found[pid] = {
            rss: of('VmRSS'),
            anonymous: of('RssAnon'),
            fds: readdirSync(`/proc/${pid}/fd`).length,
        };
    }
    return found;
}

const agent = new http.Agent({ keepAlive: true });
after(() => agent.destroy());

function ask({ method = 'GET', url, headers = {}, body }) {
    return new Promise((done, fail) => {
        const call = http.request(url, { method, headers, agent });
        call.on('error', fail);
        call.on('response', (answer) => {
            answer.resume();
            answer.on('end', () => done(answer.statusCode));
            answer.on('error', fail);
        });
        call.end(body);
    });
}

// Sends `count` of what `make` makes, some at a time; { status: how often }.
async function send(make, count, atOnce) {
    const statuses = {};
    let left = count;
    await Promise.all(Array.from({ length: atOnce }, async () => {
        while (left > 0) {
            left -= 1;
            const status = await ask(make(left));
            statuses[status] = (statuses[status] ?? 0) + 1;
        }
    }));
    return statuses;
}

const read = (path) => () => ({ url: site.base + path, headers: owner.headers });

const demo = '/api/v1/spaces/demo';
const json = { 'Content-Type': 'application/json' };

// What each program is asked, and what it may answer.
const loads = {
    credits: async () => [
        (i) => read(i % 10 ? `${demo}/credits` : '/healthz')(), [200]],
    history: async () => [
        (i) => read(`${demo}/events?limit=${1 + (i % 41)}`)(), [200]],
    membership: async () => [read(`${demo}/membership`), [200]],
    session: async () => [
        // nginx lets few sign-ins through, so there are few among these.
        (i) => [
            read('/api/v1/session')(),
            { url: `${site.base}/api/v1/session` },
            {
                method: 'DELETE',
                url: `${site.base}/api/v1/session`,
                headers: { Cookie: owner.cookie },
            },
            i % 97 ? read('/api/v1/session')() : {
                method: 'POST',
                url: `${site.base}/api/v1/session`,
                headers: json,
                body: '{"email":"owner@demo.test","password":"demo-password"}',
            },
        ][i % 4], [200, 401, 403, 429]],
    limits: async () => [
        (i) => ({
            url: `${site.base}${demo}/limits`,
            headers: { ...owner.headers, ...json },
            method: i % 3 ? 'GET' : 'PUT',
            body: i % 3 ? undefined : '{"low_credit_threshold":',
        }), [200, 400]],
    space: async () => {
        const Authorization = keyed(site).headers.Authorization;
        return [(i) => ({
            url: `${site.base}/api/v1/spaces/growth-${i % 50}`,
            headers: { ...json, Authorization },
            method: 'PUT',
            body: JSON.stringify({ name: `Space ${i % 100}` }),
        }), [200, 201]];
    },
    meter: async () => {
        const headers = {
            ...json, Authorization: keyed(site).headers.Authorization,
        };
        return [(i) => (i % 3 === 0 ? {
            url: `${site.base}${demo}/balance`, headers,
        } : {
            url: `${site.base}${demo}/captures`,
            headers: { ...headers, 'Idempotency-Key': `k${i % 500}` },
            method: 'POST',
            body: JSON.stringify({
                feature: i % 3 === 1 ? 'growth' : '', credits: 1,
            }),
        }), [200, 201, 400, 402, 422]];
    },
    usage: async () => [
        (i) => read(`${demo}/usage?group_by=${
            ['feature', 'member', 'order'][i % 3]}`)(), [200]],
    planner: async () => [
        (i) => (i % 2 ? read(`${demo}/planner`)() : {
            url: `${site.base}${demo}/planner`,
            headers: { ...owner.headers, ...json },
            method: 'POST',
            body: JSON.stringify({
                items: [{ activity: 'livestream_room', quantity: 1 + i }],
            }),
        }), [200]],
    plans: async () => [
        (i) => (i % 2 ? read(`${demo}/plans`)() : {
            url: `${site.base}${demo}/plans`,
            headers: { ...owner.headers, ...json, 'Idempotency-Key': `p${i % 20}` },
            method: 'POST',
            body: JSON.stringify({
                name: `Plan ${i % 20}`,
                items: [{ activity: 'livestream_room', quantity: 1 + (i % 20) }],
            }),
        }), [200, 201]],
    checkout: async () => {
        const key = randomUUID();
        const again = {
            method: 'POST',
            url: `${site.base}${demo}/checkout`,
            headers: { ...owner.headers, ...json, 'Idempotency-Key': key },
            body: '{"tier":"gbp25"}',
        };
        assert.equal(await ask(again), 201);
        // One that is paid: nobody asks the provider about it any more, so
        // no thread opens a connection of its own in the middle.
        const { order } = await place(owner);
        await deliver(site, event('checkout.session.completed',
            paidSession(order)));
        return [(i) => [
            again,
            { ...again, body: '{"tier":"gbp26"}' },
            read(`${demo}/orders`)(),
            read(`${demo}/orders/${order.id}`)(),
        ][i % 4], [200, 201, 400], () => again];
    },
    receipt: async () => {
        const { order } = await place(owner);
        await deliver(site, event('checkout.session.completed',
            paidSession(order)));
        return [(i) => read(`${demo}/orders/${i % 5 ? order.id : 'none'
        }/receipt`)(), [200, 404]];
    },
    webhook: async () => {
        const secret = webhookSecret(site);
        return [(i) => {
            const body = JSON.stringify(event('customer.created',
                { id: 'cus_1', filler: 'x'.repeat(i % 2000) }));
            return {
                method: 'POST',
                url: `${site.base}/webhooks/stripe`,
                headers: {
                    ...json,
                    'Stripe-Signature': signature(body,
                        i % 10 ? secret : 'another'),
                },
                body,
            };
        }, [200, 400]];
    },
    sandbox: async () => {
        const headers = { Authorization: `Bearer ${sandboxKey(site)}` };
        return [(i) => ({
            url: `${site.sandbox}/v1/${['checkout/sessions', 'events?limit=50',
                'nothing'][i % 3]}`,
            headers,
        }), [200, 404]];
    },
};

// While nobody can write, requests that want to are in hand together, and
// each needs a thread and a handle of its own.
async function everyThread(write) {
    const hold = await holdDatabase(site);
    const sending = send(write, 4 * widest, widest);
    await new Promise((done) => { setTimeout(done, 700); });
    await hold.release();
    await sending;
}

// How much each process has grown from one look to the next.
const grown = (first, last, key) => Object.keys(first)
    .map((pid) => last[pid][key] - first[pid][key]);

for (const [name, prepare] of Object.entries(loads)) {
    test(`${name} does not grow over ${measured} requests`, async () => {
        const [make, allowed, write = make] = await prepare();
        await everyThread(write);
        await send(make, warm * Object.keys(sizes(name)).length, widest);
        // A handle's cache may fill late: then it is measured again. A leak
        // is in each round.
        for (let round = 1; ; round += 1) {
            const first = sizes(name);
            const statuses = await send(make, measured, wide);
            const last = sizes(name);
            assert.deepEqual(Object.keys(statuses).map(Number)
                .filter((status) => !allowed.includes(status)), [],
            JSON.stringify(statuses));
            assert.deepEqual(Object.keys(last), Object.keys(first),
                'the same processes');
            const growth = grown(first, last, 'rss');
            const files = grown(first, last, 'fds');
            console.log(`# ${name}: ${Object.values(last)
                .map(({ rss }) => rss).join(', ')} KiB, grown by ${
                growth.join(', ')} (anonymous ${
                grown(first, last, 'anonymous').join(', ')}), descriptors by ${
                files.join(', ')}; ${JSON.stringify(statuses)}`);
            const steady = growth.every((one) => one <= ceiling)
                && files.every((one) => one === 0);
            if (steady) break;
            assert.ok(round < 4, `grown by ${growth.join(', ')} KiB and ${
                files.join(', ')} descriptors in round ${round}`);
        }
    });
}

test('every program of the site that answers requests is measured', () => {
    const names = Object.keys(processes(site)).filter((name) =>
        existsSync(join(site.build, 'cgi-bin', name)));
    assert.deepEqual(names.filter((name) => !(name in loads)), []);
});
