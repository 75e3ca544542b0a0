// The same programs as plain CGI, as a web server without FastCGI starts
// them: variables in the environment, the body on standard input. One process
// a request, which is answered whatever happens meanwhile.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { startSite, until } from './site.js';

const path = '/api/v1/session';
const good = JSON.stringify({
    email: 'owner@demo.test', password: 'demo-password',
});
let site;

before(async () => { site = await startSite(); });
after(() => site?.stop());

// Starts the session program; { child, answer }, answer of
// { status, headers, body, code, ms } once it has ended.
function start(variables) {
    const env = {
        ...site.env,
        GATEWAY_INTERFACE: 'CGI/1.1',
        REQUEST_METHOD: 'GET',
        REQUEST_URI: path,
        REMOTE_ADDR: '192.0.2.1',
        ...variables,
    };
    const began = performance.now();
    const child = spawn(join(site.build, 'cgi-bin/session'), [], { env });
    let out = '';
    child.stdin.on('error', () => {}); // it may not want to read
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (text) => { out += text; });
    const answer = new Promise((done, fail) => {
        child.on('error', fail);
        child.on('close', (code, signal) => {
            const [head, ...rest] = out.split('\r\n\r\n');
            const headers = Object.fromEntries(head.split('\r\n')
                .map((line) => line.match(/^([^:]*): (.*)$/).slice(1)));
            done({
                status: Number.parseInt(headers.Status, 10),
                headers,
                body: rest.join('\r\n\r\n'),
                code: code ?? signal,
                ms: performance.now() - began,
            });
        });
    });
    return { child, answer };
}

// Until a program lets no SIGTERM disturb it, from which on it serves.
const serving = ({ pid }) => until('SIGTERM is blocked', () => {
    const [, mask] = readFileSync(`/proc/${pid}/status`, 'utf8')
        .match(/^SigBlk:\s*([0-9a-f]+)$/m);
    return (BigInt(`0x${mask}`) >> 14n) & 1n;
}, 20);

const post = (length, more) => start({
    REQUEST_METHOD: 'POST',
    CONTENT_TYPE: 'application/json',
    CONTENT_LENGTH: String(length),
    ...more,
});

test('a body of the length that was said', async () => {
    const { child, answer } = post(good.length);
    child.stdin.end(good);
    const { status, headers, body, code } = await answer;
    assert.equal(code, 0);
    assert.equal(status, 200, body);
    assert.equal(headers.Status, '200 OK');
    assert.equal(Number(headers['Content-Length']), Buffer.byteLength(body));
    assert.match(headers['Set-Cookie'], /^scrip_session=/);
    assert.equal(JSON.parse(body).member.email, 'owner@demo.test');
});

test('standard input that stays open behind the body', async () => {
    const { child, answer } = post(good.length);
    child.stdin.write(`${good}more than that`);
    const { status, ms } = await answer;
    assert.equal(status, 200);
    assert.ok(ms < 4900, `took ${ms} ms`);
    child.stdin.end();
});

test('standard input that stays open where there is no body', async () => {
    const { child, answer } = start({});
    const { status, body, ms } = await answer;
    assert.equal(status, 401);
    assert.equal(JSON.parse(body).code, 'unauthenticated');
    assert.ok(ms < 4900, `took ${ms} ms`);
    child.stdin.end();
});

test('a body in chunks has no length', async () => {
    const { child, answer } = post('', {
        CONTENT_LENGTH: '', HTTP_TRANSFER_ENCODING: 'chunked',
    });
    child.stdin.end(good);
    assert.equal((await answer).status, 200);
});

test('a body that ends too early', async () => {
    const { child, answer } = post(good.length + 1);
    child.stdin.end(good);
    const { status, body } = await answer;
    assert.equal(status, 400);
    assert.match(body, /Content-Length/);
});

test('a body that stops without an end', async () => {
    const { child, answer } = post(good.length);
    child.stdin.write(good.slice(0, 10));
    await serving(child);
    const began = performance.now();
    const { status, ms } = await answer;
    assert.equal(status, 400);
    assert.ok(ms > 4000, `took ${ms} ms`);
    assert.ok(performance.now() - began < 9000, `took ${ms} ms`);
    child.stdin.end();
});

test('a length that is none, or too much', async () => {
    for (const [length, want] of [['-1', 400], ['1e3', 400], ['0x10', 400],
        ['99999999999999999999', 400], ['65537', 413]]) {
        const { child, answer } = post(length);
        child.stdin.end(good);
        assert.equal((await answer).status, want, length);
    }
});

test('HEAD has no body, and 405 says what there is', async () => {
    const head = start({ REQUEST_METHOD: 'HEAD' });
    head.child.stdin.end();
    const { status, body, headers } = await head.answer;
    assert.equal(status, 401);
    assert.equal(body, '');
    assert.ok(Number(headers['Content-Length']) > 0);
    const put = start({ REQUEST_METHOD: 'PUT' });
    put.child.stdin.end();
    const answer = await put.answer;
    assert.equal(answer.status, 405);
    assert.equal(answer.headers.Allow, 'POST, GET, HEAD, DELETE');
});

test('no path, no method: an answer all the same', async () => {
    for (const [missing, want] of [['REQUEST_URI', 400], ['REQUEST_METHOD', 405]]) {
        const { child, answer } = start({ [missing]: undefined });
        child.stdin.end();
        const { status, code } = await answer;
        assert.equal(status, want, missing);
        assert.equal(code, 0);
    }
});

test('SIGTERM in the middle: the request is answered', async () => {
    for (const signal of ['SIGTERM', 'SIGINT']) {
        const { child, answer } = post(good.length);
        child.stdin.write(good.slice(0, 10));
        await serving(child);
        await new Promise((done) => { setTimeout(done, 200); });
        child.kill(signal);
        await new Promise((done) => { setTimeout(done, 100); });
        child.stdin.end(good.slice(10));
        const { status, code } = await answer;
        assert.equal(status, 200, signal);
        assert.equal(code, 0);
    }
});

test('a home without a database: 503, until there is one', async () => {
    const { child, answer } = start({
        SCRIP_DATABASE: `sqlite:${site.home}/none.db`,
    });
    child.stdin.end();
    const { status, headers, body } = await answer;
    assert.equal(status, 503);
    assert.equal(headers['Retry-After'], '2');
    assert.equal(JSON.parse(body).code, 'unavailable');
});

test('below a base path', async () => {
    const env = { SCRIP_BASE_URL: 'https://host.test/~me/credits' };
    const wrong = start(env);
    wrong.child.stdin.end();
    assert.equal((await wrong.answer).status, 404);
    const { child, answer } = post(good.length,
        { ...env, REQUEST_URI: `/~me/credits${path}` });
    child.stdin.end(good);
    const { status, headers } = await answer;
    assert.equal(status, 200);
    assert.match(headers['Set-Cookie'],
        /^scrip_session=[^;]+; Path=\/~me\/credits; HttpOnly; SameSite=Lax; Secure$/);
    const bare = start({ ...env, REQUEST_URI: '/~me/creditsx' });
    bare.child.stdin.end();
    const problem = JSON.parse((await bare.answer).body);
    assert.equal(problem.type, '/~me/credits/problems/not_found');
});
