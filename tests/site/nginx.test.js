// What nginx itself owes: the headers of every answer, problems in the
// programs' manner for what it refuses, pages that a browser may keep but
// must ask about, and logs without secrets.

import assert from 'node:assert/strict';
import { readFileSync, renameSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import http from 'node:http';
import { after, before, test } from 'node:test';
import {
    anonymous, processes, request, signIn, startSite, until,
} from './site.js';

let site;
let client;
before(async () => {
    site = await startSite();
    client = anonymous(site);
});
after(() => site.stop());

const policy = "default-src 'none'; script-src 'self'; style-src 'self';"
    + " img-src 'self' data:; connect-src 'self'; form-action 'self';"
    + " base-uri 'none'; frame-ancestors 'none'";

// An answer with Content-Length, or null while some of it is missing.
function parsed(text) {
    const [head, body] = text.split(/\r\n\r\n([^]*)/);
    const headers = Object.fromEntries(head.split('\r\n').slice(1)
        .map((line) => line.split(/: ([^]*)/))
        .map(([name, value]) => [name.toLowerCase(), value]));
    const length = Number(headers['content-length']);
    if (body === undefined || Buffer.byteLength(body) < length) return null;
    const isJson = /json/.test(headers['content-type'] ?? '');
    return {
        status: Number(head.split(' ')[1]),
        headers,
        json: isJson ? JSON.parse(body) : undefined,
    };
}

// Bytes as they are, for requests that no client would send; what they
// promise and do not bring is never sent.
function raw(bytes) {
    return new Promise((done, fail) => {
        const socket = net.connect(Number(site.env.SCRIP_PORT), '127.0.0.1');
        let text = '';
        socket.setEncoding('utf8');
        socket.on('data', (piece) => {
            text += piece;
            const answer = parsed(text);
            if (answer) {
                socket.destroy();
                done(answer);
            }
        });
        socket.on('error', fail);
        socket.on('close', () => fail(new Error(`no whole answer: ${text}`)));
        socket.write(bytes);
    });
}

function isProblem(answer, status, code) {
    assert.equal(answer.status, status);
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    assert.equal(answer.json.code, code);
    assert.equal(answer.json.status, status);
    assert.equal(answer.json.type, `/problems/${code}`);
    assert.ok(answer.json.title && answer.json.detail);
    assert.match(answer.json.instance, /^[0-9a-f]{32}$/);
    assert.equal(answer.headers['request-id'], answer.json.instance);
}

// -------------------------------------------------------------- headers

const everywhere = [
    '/healthz', '/signin', '/js/early.js', '/nowhere', '/api/v1/nowhere',
    '/api/v1/session', '/',
];
for (const path of everywhere) {
    test(`${path} has the headers that every answer has, once`, async () => {
        const { headers } = await client.get(path);
        assert.match(headers['request-id'], /^[0-9a-f]{32}$/);
        assert.equal(headers['content-security-policy'], policy);
        assert.equal(headers['x-content-type-options'], 'nosniff');
        assert.equal(headers['x-frame-options'], 'DENY');
        assert.equal(headers['referrer-policy'], 'same-origin');
        assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
        assert.match(headers['permissions-policy'], /camera=\(\)/);
        assert.equal(headers.server, 'nginx');
        assert.equal(headers['strict-transport-security'], undefined);
    });
}

// ------------------------------------------------------------- problems

const lines = [
    ['an address of the API that is none', 'GET /api/v1/nothing', 404, 'not_found'],
    ['a webhook of nobody', 'POST /webhooks/nobody', 404, 'not_found'],
    ['a method that nobody has', 'TRACE /api/v1/session', 405,
        'method_not_allowed'],
    ['an address that is too long', `GET /api/v1/${'a'.repeat(9000)}`, 400,
        'invalid_request'],
    ['an address above the root', 'GET /../etc/passwd', 400, 'invalid_request'],
    ['an escape that is none', 'GET /api/%zz', 400, 'invalid_request'],
    ['a NUL in the address', 'GET /api/%00', 400, 'invalid_request'],
    ['a header that is too long', 'GET /api/v1/session', 400, 'invalid_request',
        `X-Long: ${'a'.repeat(9000)}\r\n`],
    ['a negative length', 'POST /api/v1/session', 400, 'invalid_request',
        'Content-Length: -1\r\n'],
    ['a length and chunks at once', 'POST /api/v1/session', 400,
        'invalid_request', 'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n'],
    ['a body over 64 KiB', 'POST /api/v1/session', 413, 'payload_too_large',
        'Content-Length: 65537\r\n'],
    ['a webhook over 1 MiB', 'POST /webhooks/stripe', 413, 'payload_too_large',
        'Content-Length: 1048577\r\n'],
];
for (const [name, line, status, code, more = ''] of lines) {
    test(`${name} is refused as a problem`, async () => {
        isProblem(await raw(`${line} HTTP/1.1\r\nHost: x\r\n${more}`
            + 'Connection: close\r\n\r\n'), status, code);
    });
}

test('what is no HTTP at all is refused as a problem', async () => {
    isProblem(await raw('GARBAGE\r\n\r\n'), 400, 'invalid_request');
    isProblem(await raw('GET /api/v1/session HTTP/1.1\r\n\r\n'), 400,
        'invalid_request');
});

test('a body of 64 KiB, and a webhook of 1 MiB, reach the program', async () => {
    const body = await client.post('/api/v1/session', 'x'.repeat(65536));
    assert.notEqual(body.status, 413);
    const webhook = await client.post('/webhooks/stripe', 'x'.repeat(1 << 20));
    assert.equal(webhook.json.code, 'invalid_signature');
});

test('a request that waits while its program is killed is answered', async () => {
    const [pid, other] = processes(site).plans;
    assert.equal(other, undefined, 'plans has one process');
    process.kill(pid, 'SIGSTOP');
    const answer = client.get('/api/v1/spaces/demo/plans');
    await new Promise((done) => { setTimeout(done, 200); });
    process.kill(pid, 'SIGKILL');
    assert.equal((await answer).status, 401);
});

test('a program that cannot be reached is a 503 to try again', async () => {
    const socket = join(site.home, 'run/membership.sock');
    renameSync(socket, `${socket}.away`);
    const answer = await client.get('/api/v1/spaces/demo/membership');
    renameSync(`${socket}.away`, socket);
    isProblem(answer, 503, 'unavailable');
    assert.match(answer.headers['retry-after'], /^\d+$/);
});

test('a flood of sign-ins is stopped before the programs', async () => {
    const answers = await Promise.all(Array.from({ length: 400 }, () => (
        client.post('/api/v1/session', '{}', {
            headers: { 'Content-Type': 'application/json' },
        }))));
    const stopped = answers.filter(({ status }) => status === 429);
    assert.ok(stopped.length > 30, `${stopped.length} were stopped`);
    isProblem(stopped[0], 429, 'too_many_attempts');
    assert.match(stopped[0].headers['retry-after'], /^\d+$/);
    const read = await client.get('/api/v1/session');
    assert.equal(read.status, 401, 'reading is not limited');
    await until('signing in is possible again', async () => (
        (await client.post('/api/v1/session', {})).status === 400));
});

// ---------------------------------------------------------------- pages

const pages = [
    ['/settings/personal/credits', 200, 'text/html; charset=utf-8'],
    ['/settings/account/credits', 200, 'text/html; charset=utf-8'],
    ['/settings/membership', 200, 'text/html; charset=utf-8'],
    ['/signin', 200, 'text/html; charset=utf-8'],
    ['/guide/credits', 200, 'text/html; charset=utf-8'],
    ['/problems/', 200, 'text/html; charset=utf-8'],
    ['/problems/role', 200, 'text/html; charset=utf-8'],
    ['/js/early.js', 200, 'text/javascript; charset=utf-8'],
    ['/css/tokens.css', 200, 'text/css; charset=utf-8'],
    ['/favicon.svg', 200, 'image/svg+xml; charset=utf-8'],
    ['/README.md', 404, 'text/html; charset=utf-8'],
    ['/js/', 404, 'text/html; charset=utf-8'],
    ['/credits.html', 404, 'text/html; charset=utf-8'],
    ['/.git/config', 404, 'text/html; charset=utf-8'],
    ['/problems/none', 404, 'text/html; charset=utf-8'],
    ['/-/internal', 404, 'text/html; charset=utf-8'],
    ['/404.html', 404, 'text/html; charset=utf-8'],
];
for (const [path, status, type] of pages) {
    test(`${path} is ${status}, as ${type}`, async () => {
        const answer = await client.get(path);
        assert.equal(answer.status, status);
        assert.equal(answer.headers['content-type'], type);
        assert.equal(answer.headers['cache-control'], 'no-cache');
        assert.match(answer.text, /\S/);
    });
}

test('the root leads to the Credits page, relatively', async () => {
    const { status, headers } = await client.get('/');
    assert.equal(status, 302);
    assert.equal(headers.location, 'settings/personal/credits');
});

test('a page that a browser has is not sent again', async () => {
    const first = await client.get('/signin');
    const again = await client.get('/signin', {
        headers: { 'If-None-Match': first.headers.etag },
    });
    assert.equal(again.status, 304);
    assert.equal(again.text, '');
});

test('pages are compressed, answers of programs are not', async () => {
    const ask = (path) => new Promise((done, fail) => {
        http.get(site.base + path, {
            headers: { 'Accept-Encoding': 'gzip' }, agent: false,
        }, (answer) => {
            const pieces = [];
            answer.on('data', (piece) => pieces.push(piece));
            answer.on('end', () => done([answer, Buffer.concat(pieces)]));
        }).on('error', fail);
    });
    const [page, bytes] = await ask('/css/tokens.css');
    assert.equal(page.headers['content-encoding'], 'gzip');
    assert.match(page.headers.vary, /Accept-Encoding/i);
    assert.match(gunzipSync(bytes).toString(), /--/);
    const [health] = await ask('/healthz');
    assert.equal(health.headers['content-encoding'], undefined);
});

// ----------------------------------------------------------------- logs

test('logs have the request id, and never a query', async () => {
    const { headers } = await client.get('/signin?secret=planted-1');
    await client.get('/session/handoff?token=planted-2&next=/x');
    await client.get('/api/v1/nothing?key=planted-3');
    const read = (name) => readFileSync(join(site.home, 'log', name), 'utf8');
    await until('it is logged', () => (
        read('access.log').includes(headers['request-id'])));
    for (const name of ['access.log', 'error.log', 'scrip.log']) {
        assert.doesNotMatch(read(name), /planted-[12]/, name);
    }
    assert.doesNotMatch(read('access.log'), /planted/);
});

test('one id leads through the answer, the access log and the program\'s',
    async () => {
        const { headers } = await client.get('/healthz');
        const id = headers['request-id'];
        for (const name of ['access.log', 'scrip.log']) {
            await until(`${id} is in ${name}`, () => readFileSync(
                join(site.home, 'log', name), 'utf8').includes(id));
        }
    });

test('the sandbox has an origin of its own, with bodies up to 1 MiB',
    async () => {
        const large = await request(`${site.sandbox}/v1/customers`, {
            method: 'POST', body: 'x'.repeat((1 << 20) + 1),
        });
        assert.equal(large.status, 413);
        const within = await request(`${site.sandbox}/v1/customers`, {
            method: 'POST', body: 'x'.repeat(1 << 20),
        });
        assert.equal(within.status, 401, 'without a key');
    });

test('a session works through nginx: cookie, token and origin arrive',
    async () => {
        const owner = await signIn(site, 'owner@demo.test', 'demo-password');
        assert.equal((await owner.get('/api/v1/session')).status, 200);
        assert.equal((await owner.del('/api/v1/session')).status, 204);
        assert.equal((await owner.get('/api/v1/session')).status, 401);
    });
