// Signing in and out as a browser does, and input that is none: what the
// cookie is, that nobody learns who has an account, that nothing gets past
// the limit, and that none of it is ever logged.

import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';

import { anonymous, signIn, startSite } from './site.js';

const path = '/api/v1/session';
const good = { email: 'owner@demo.test', password: 'demo-password' };
const planted = 'A'.repeat(43);
let site;
let nobody;

before(async () => {
    site = await startSite();
    nobody = anonymous(site);
});
after(() => site?.stop());

const cookieOf = (answer) => answer.headers['set-cookie']?.[0] ?? '';
const tokenOf = (answer) => cookieOf(answer).match(/^scrip_session=([^;]*)/)?.[1];
const withCookie = (token) => ({ headers: { Cookie: `scrip_session=${token}` } });

test('signing in gives the session and its cookie', async () => {
    const { status, json, headers } = await nobody.post(path, good);
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(json).sort(), ['csrf_token', 'member', 'spaces']);
    assert.match(json.member.id, /^mem_[0-9A-HJKMNP-TV-Z]{26}$/);
    assert.equal(json.member.email, good.email);
    const [demo] = json.spaces.filter(({ slug }) => slug === 'demo');
    assert.deepEqual(Object.keys(demo).sort(), ['id', 'name', 'role', 'slug']);
    assert.equal(demo.role, 'owner');
    assert.match(demo.id, /^spc_/);
    assert.match(json.csrf_token, /^[0-9a-f]{64}$/);
    assert.match(headers['set-cookie'][0],
        /^scrip_session=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['set-cookie'].length, 1);
});

test('the session says the same to whoever has the cookie', async () => {
    const owner = await signIn(site, good.email, good.password);
    const { status, json } = await owner.get(path);
    assert.equal(status, 200);
    assert.deepEqual(json, owner.session);
    assert.equal((await nobody.get(path)).status, 401);
    assert.equal((await nobody.get(path, withCookie(planted))).status, 401);
});

test('an email is the same in any case, with spaces around it', async () => {
    const { status, json } = await nobody.post(path,
        { ...good, email: ' Owner@DEMO.test ' });
    assert.equal(status, 200);
    assert.equal(json.member.email, good.email);
});

test('a token that was there before is no session afterwards', async () => {
    const first = await nobody.post(path, good, withCookie(planted));
    assert.equal(first.status, 200);
    assert.notEqual(tokenOf(first), planted);
    assert.equal((await nobody.get(path, withCookie(planted))).status, 401);
    const old = tokenOf(first);
    const second = await nobody.post(path, good, withCookie(old));
    assert.notEqual(tokenOf(second), old);
    assert.equal((await nobody.get(path, withCookie(old))).status, 401);
    assert.equal((await nobody.get(path, withCookie(tokenOf(second)))).status, 200);
});

test('signing out ends it on the server', async () => {
    const owner = await signIn(site, good.email, good.password);
    const cookie = { headers: { Cookie: owner.cookie, Origin: site.origin } };
    const refused = await nobody.del(path, cookie);
    assert.equal(refused.status, 403);
    assert.equal(refused.json.code, 'csrf');
    const done = await owner.del(path);
    assert.equal(done.status, 204);
    assert.equal(done.text, '');
    assert.match(cookieOf(done), /^scrip_session=; .*Max-Age=0/);
    assert.equal((await owner.get(path)).status, 401);
    assert.equal((await owner.del(path)).status, 401);
});

test('no other site signs anybody in', async () => {
    for (const headers of [
        { Origin: 'https://evil.test' },
        { Origin: 'null' },
        { 'Sec-Fetch-Site': 'cross-site' },
        { 'Sec-Fetch-Site': 'same-site' },
        { Origin: site.sandbox },
    ]) {
        const answer = await nobody.post(path, good, { headers });
        assert.equal(answer.status, 403, JSON.stringify(headers));
        assert.equal(answer.json.code, 'csrf');
        assert.equal(cookieOf(answer), '');
    }
    const form = await nobody.post(path, 'email=owner%40demo.test&password=x',
        { headers: { 'Content-Type': 'application/x-www-form-urlencoded' } });
    assert.equal(form.status, 415);
    const text = await nobody.post(path, JSON.stringify(good),
        { headers: { 'Content-Type': 'text/plain' } });
    assert.equal(text.status, 415);
});

test('what is no sign-in is told where it is wrong', async () => {
    const cases = [
        ['{}', ['/email', '/password']],
        ['{"email":"a@b"}', ['/password']],
        ['{"email":"a@b","password":5}', ['/password']],
        ['{"email":"","password":"x"}', ['/email']],
        ['{"email":null,"password":"x"}', ['/email']],
        ['{"email":"a@b","password":"x","remember":true}', ['/remember']],
        ['{"email":"a@b","email":"c@d","password":"x"}', ['/email']],
        ['{"email":"a@b","password":"x\\u0000y"}', ['/password']],
        [`{"email":"${'a'.repeat(201)}","password":"x"}`, ['/email']],
        [`{"email":"a@b","password":"${'p'.repeat(1025)}"}`, ['/password']],
        [`{"email":"a@b","password":"${'é'.repeat(600)}"}`, ['/password']],
        ['[]', ['']],
        ['', ['']],
        ['{"email":"a@b","password":"x"', ['']],
    ];
    for (const [body, pointers] of cases) {
        const { status, json } = await nobody.post(path, body,
            { headers: { 'Content-Type': 'application/json' } });
        assert.equal(status, 400, body);
        assert.equal(json.code, 'invalid_request', body);
        assert.deepEqual(json.errors.map(({ pointer }) => pointer), pointers, body);
    }
});

test('other methods are told what there is', async () => {
    const answer = await nobody.put(path, {});
    assert.equal(answer.status, 405);
    assert.equal(answer.headers.allow, 'POST, GET, HEAD, DELETE');
});

// From here on addresses are used up: 127.0.0.1 fails to sign in.

// (That they take the same time: session.test.js.)
test('a wrong password and an unknown email look alike', async () => {
    const bodies = new Set();
    for (let i = 0; i < 8; i += 1) {
        const email = i % 2 ? good.email : 'nobody@demo.test';
        const { status, json } = await nobody.post(path,
            { email, password: 'wrong-password' });
        assert.equal(status, 401);
        bodies.add(JSON.stringify({ ...json, instance: '' }));
    }
    assert.equal(bodies.size, 1);
    assert.match([...bodies][0], /"code":"wrong_credentials"/);
});

test('any number at once get no more than ten tries', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => (
        nobody.post(path, { email: `guess${i}@demo.test`, password: 'guess' }))));
    const tried = answers.filter(({ status }) => status === 401).length;
    const refused = answers.filter(({ status }) => status === 429);
    assert.equal(tried, 2, 'eight were used up before');
    assert.equal(refused.length, 28);
    for (const { json, headers } of refused) {
        assert.equal(json.code, 'too_many_attempts');
        const seconds = Number(headers['retry-after']);
        assert.ok(seconds >= 1 && seconds <= 900, headers['retry-after']);
    }
});

test('then the right password is refused as well', async () => {
    const answer = await nobody.post(path, good);
    assert.equal(answer.status, 429);
    assert.equal(cookieOf(answer), '');
});

test('nothing of it is in a log', async () => {
    const lines = site.log();
    assert.match(lines, /POST \/api\/v1\/session/);
    for (const secret of [good.password, 'wrong-password', good.email,
        planted, 'Cookie', 'scrip_session=']) {
        assert.ok(!lines.includes(secret), `the log has "${secret}"`);
    }
});

test('ten failures for an email count from wherever they come', async (t) => {
    const other = await startSite();
    t.after(() => other.stop());
    const url = other.base + path;
    // nginx says REMOTE_ADDR; 127.0.0.0/8 has many to call from.
    const from = (localAddress, body) => new Promise((done, fail) => {
        const call = http.request(url, {
            method: 'POST',
            localAddress,
            agent: false,
            headers: { 'Content-Type': 'application/json' },
        });
        call.on('error', fail);
        call.on('response', (answer) => {
            answer.resume();
            answer.on('end', () => done({
                status: answer.statusCode, headers: answer.headers,
            }));
        });
        call.end(JSON.stringify(body));
    });
    for (let i = 0; i < 10; i += 1) {
        const { status } = await from(`127.0.1.${i + 1}`,
            { email: 'OWNER@demo.test', password: 'wrong' });
        assert.equal(status, 401, `try ${i + 1}`);
    }
    const eleventh = await from('127.0.2.1', good);
    assert.equal(eleventh.status, 429);
    const viewer = await from('127.0.2.1',
        { email: 'viewer@demo.test', password: 'demo-password' });
    assert.equal(viewer.status, 200, 'another email is free');
});
