// What a program takes does not grow with the requests that it has answered:
// memory and descriptors after 5,000 of them, and after 10,000 more. Of the
// build that is installed, since sanitizers keep memory on purpose.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { after, before, test } from 'node:test';

import { processes, signIn, startSite, until } from './site.js';

let site;
let owner;
const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });

before(async () => {
    site = await startSite({ build: 'build' });
    owner = await signIn(site, 'owner@demo.test', 'demo-password');
});
after(() => {
    agent.destroy();
    return site?.stop();
});

// Each as a page, a stranger or a mistake would ask; and what it comes to.
const kinds = [
    ['GET', '/api/v1/session', undefined, 200],
    ['GET', '/api/v1/session?q=%', undefined, 400],
    ['DELETE', '/api/v1/session', undefined, 403],
    ['PUT', '/api/v1/session', '{}', 405],
    ['POST', '/api/v1/session', '{"email":', 400],
    ['POST', '/api/v1/session', `{"email":"${'x'.repeat(60000)}"}`, 400],
];

function ask([method, path, body, want]) {
    return new Promise((done, fail) => {
        const headers = {
            Cookie: owner.cookie, 'Content-Type': 'application/json',
        };
        if (body) headers['Content-Length'] = Buffer.byteLength(body);
        const call = http.request(site.base + path, { method, headers, agent });
        call.on('error', fail);
        call.on('response', (answer) => {
            answer.resume();
            answer.on('end', () => (answer.statusCode === want ? done()
                : fail(new Error(`${method} ${path}: ${answer.statusCode}`))));
        });
        call.end(body);
    });
}

// nginx lets 10 sign-ins a second through: few POSTs, many others.
async function askMany(count) {
    const often = kinds.slice(0, 4);
    for (let done = 0; done < count; done += 100) {
        await Promise.all(Array.from({ length: 100 }, (_, i) => (
            ask(often[i % often.length]))));
    }
}

function measure() {
    return processes(site).session.map((pid) => {
        const status = readFileSync(`/proc/${pid}/status`, 'utf8');
        return {
            pid,
            kb: Number(status.match(/^VmRSS:\s+(\d+)/m)[1]),
            anonymous: Number(status.match(/^RssAnon:\s+(\d+)/m)[1]),
            descriptors: readdirSync(`/proc/${pid}/fd`).length,
        };
    });
}

const descriptors = (measured) => String(measured.map((of) => of.descriptors));

// Once nothing is being closed any more: the same descriptors twice.
async function measureAtRest() {
    let now = measure();
    await until('descriptors at rest', async () => {
        const then = now;
        await new Promise((done) => { setTimeout(done, 200); });
        now = measure();
        return descriptors(now) === descriptors(then);
    });
    return now;
}

test('10,000 requests take no memory and no descriptor', async () => {
    for (const kind of kinds) await ask(kind);
    await askMany(5000);
    const before10k = await measureAtRest();
    await askMany(10000);
    await until('no descriptor more', () => (
        descriptors(measure()) === descriptors(before10k)));
    for (const [i, now] of measure().entries()) {
        const then = before10k[i];
        assert.equal(now.pid, then.pid, 'the same processes');
        assert.ok(now.kb - then.kb <= 256, `${then.kb} KB, then ${now.kb} KB`);
        assert.ok(now.anonymous <= 4096,
            `${now.anonymous} KB of its own, ${now.kb} KB in all`);
    }
});
