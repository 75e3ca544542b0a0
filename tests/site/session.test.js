// Signing in and staying signed in, from the side of somebody who should not
// be: guessing, planting cookies, sending from elsewhere, coming back later.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { must, newBuyer, sql } from './shop.js';
import {
    anonymous, keyed, request, signIn, startSite,
} from './site.js';

const demo = '/api/v1/spaces/demo';
const right = { email: 'owner@demo.test', password: 'demo-password' };

let site;
before(async () => { site = await startSite(); });
after(async () => { await site?.stop(); });

const attempt = (body, headers = {}) => anonymous(site)
    .post('/api/v1/session', body, { headers });

const owner = () => signIn(site, right.email, right.password);

// Nobody has failed yet.
const forget = () => sql(site, 'DELETE FROM sign_in_failure');

// ----------------------------------------------------------- guessing

const wrong = [
    ['a wrong password', { ...right, password: 'demo-passwore' }],
    ['an email that nobody has', { ...right, email: 'nobody@demo.test' }],
    ['an email that is none', { ...right, email: 'not an email' }],
    ['another member\'s password in other letters',
        { ...right, password: 'DEMO-PASSWORD' }],
    ['the password with a space behind it',
        { ...right, password: 'demo-password ' }],
    ['SQL for an email', { ...right, email: "' OR '1'='1" }],
    ['a wildcard for an email', { ...right, email: '%@demo.test' }],
];

test('whatever is wrong, the words are the same, to the letter', async () => {
    const answers = [];
    for (const [name, body] of wrong) {
        const answer = await attempt(body);
        assert.equal(answer.status, 401, name);
        assert.equal(answer.headers['set-cookie'], undefined, name);
        const { instance, ...rest } = answer.json;
        assert.equal(instance, answer.headers['request-id']);
        answers.push(rest);
        assert.deepEqual(rest, answers[0], name);
        assert.equal(rest.code, 'wrong_credentials');
    }
    await forget();
});

test('the email is known in any letters; the password is not', async () => {
    const answer = await attempt({ ...right, email: 'Owner@Demo.TEST' });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json.member.email, 'owner@demo.test');
});

test('an email that nobody has takes as long as one with a wrong password', async () => {
    // What the machine does besides only ever adds: the fastest is the truth,
    // and on a busy machine it may take many rounds to see it.
    const [least, most] = [9, 40];
    const times = { known: Infinity, unknown: Infinity, passwordless: Infinity };
    const alike = () => [times.unknown, times.passwordless].every((one) =>
        one > times.known * 0.6 && one < times.known * 1.7);
    await must(site, ['member', 'add', 'empty@demo.test', '--name', 'E',
        '--space', 'demo', '--role', 'member'], { input: '' });
    for (let i = 0; i < least || (i < most && !alike()); i += 1) {
        for (const [kind, email] of [['known', right.email],
            ['unknown', `nobody${i}@demo.test`],
            ['passwordless', 'empty@demo.test']]) {
            await forget();
            const began = process.hrtime.bigint();
            const { status } = await attempt({ email, password: 'guess-1' });
            times[kind] = Math.min(times[kind],
                Number(process.hrtime.bigint() - began) / 1e6);
            assert.equal(status, 401);
        }
    }
    const fastest = `fastest: ${Object.entries(times).map(([kind, ms]) =>
        `${kind} ${ms.toFixed(1)} ms`).join(', ')}`;
    console.log(`# ${fastest}`);
    assert.ok(alike(), fastest);
    await forget();
});

for (const [name, bodyOf] of [
    ['an email that exists', () => ({ ...right, password: 'guess' })],
    ['an email that nobody has',
        () => ({ email: 'stranger@demo.test', password: 'guess' })],
]) {
    test(`ten failures for ${name}, then 429 with Retry-After, the right password too`, async () => {
        await forget();
        for (let i = 0; i < 10; i += 1) {
            assert.equal((await attempt(bodyOf())).status, 401, `try ${i + 1}`);
        }
        const answer = await attempt({ ...bodyOf(), password: right.password });
        assert.equal(answer.status, 429, answer.text);
        assert.equal(answer.json.code, 'too_many_attempts');
        const seconds = Number(answer.headers['retry-after']);
        assert.ok(seconds > 800 && seconds <= 900, `${seconds} s`);
        assert.equal(answer.headers['set-cookie'], undefined);
        await forget();
        assert.equal((await attempt(right)).status, 200);
    });
}

test('ten failures from an address stop it for every email, and only for a while', async () => {
    await forget();
    for (let i = 0; i < 10; i += 1) {
        const body = { email: `guess${i}@demo.test`, password: 'guess' };
        assert.equal((await attempt(body)).status, 401);
    }
    assert.equal((await attempt(right)).status, 429);
    await sql(site, 'UPDATE sign_in_failure SET at = at - 870000');
    const soon = await attempt(right);
    assert.equal(soon.status, 429);
    assert.ok(Number(soon.headers['retry-after']) <= 31);
    await sql(site, 'UPDATE sign_in_failure SET at = at - 30000');
    assert.equal((await attempt(right)).status, 200);
    await forget();
});

test('signing in well counts for nothing, and forgives nothing', async () => {
    await forget();
    for (let i = 0; i < 12; i += 1) {
        assert.equal((await attempt(right)).status, 200);
    }
    for (let i = 0; i < 9; i += 1) {
        assert.equal((await attempt({ ...right, password: 'x' })).status, 401);
    }
    assert.equal((await attempt(right)).status, 200);
    assert.equal((await attempt({ ...right, password: 'x' })).status, 401);
    assert.equal((await attempt(right)).status, 429);
    await forget();
});

test('40 guesses at once are not more than ten', async () => {
    await forget();
    const answers = await Promise.all(Array.from({ length: 40 },
        () => attempt({ ...right, password: 'guess' })));
    const tried = answers.filter(({ status }) => status === 401).length;
    assert.equal(tried, 10, `${tried} were tried`);
    assert.ok(answers.every(({ status }) => status === 401 || status === 429));
    await forget();
});

test('no log and no table has the password or the email of an attempt', async () => {
    const secret = 'hunter2-typed-in-the-wrong-field';
    await attempt({ email: `${secret}@demo.test`, password: secret });
    await attempt({ email: secret, password: secret });
    const dump = JSON.stringify(await sql(site, 'SELECT * FROM sign_in_failure'));
    assert.ok(!dump.includes(secret));
    assert.ok(!site.log().includes(secret));
    await forget();
});

// -------------------------------------------------------- the cookie

test('the cookie is for this site\'s requests alone, and no script reads it', async () => {
    const answer = await attempt(right);
    assert.equal(answer.headers['set-cookie'].length, 1);
    const [pair, ...flags] = answer.headers['set-cookie'][0].split('; ');
    assert.match(pair, /^scrip_session=[\w-]{43}$/);
    assert.deepEqual(flags.sort(), ['HttpOnly', 'Path=/', 'SameSite=Lax']);
});

test('under https at the root it is __Host-, Secure, and the plain name is nothing', async () => {
    const there = await startSite({
        env: { SCRIP_BASE_URL: 'https://credits.example' },
    });
    try {
        const answer = await request(`${there.base}/api/v1/session`, {
            method: 'POST', body: right,
            headers: { Origin: 'https://credits.example' },
        });
        const [pair, ...flags] = answer.headers['set-cookie'][0].split('; ');
        assert.match(pair, /^__Host-scrip_session=[\w-]{43}$/);
        assert.deepEqual(flags.sort(),
            ['HttpOnly', 'Path=/', 'SameSite=Lax', 'Secure']);
        const ask = (cookie) => request(`${there.base}/api/v1/session`,
            { headers: { Cookie: cookie } });
        assert.equal((await ask(pair)).status, 200);
        assert.equal((await ask(pair.replace('__Host-', ''))).status, 401);
        assert.match(answer.headers['strict-transport-security'], /max-age=/);
    } finally {
        await there.stop();
    }
});

test('a cookie that was planted before is replaced, and good for nothing', async () => {
    const planted = `scrip_session=${'A'.repeat(43)}`;
    const answer = await attempt(right, { Cookie: planted });
    assert.equal(answer.status, 200);
    const [pair] = answer.headers['set-cookie'][0].split(';');
    assert.notEqual(pair, planted);
    assert.equal((await request(`${site.base}/api/v1/session`,
        { headers: { Cookie: planted } })).status, 401);
});

test('signing in again ends the session that was there', async () => {
    const first = await owner();
    const answer = await attempt(right, { Cookie: first.cookie });
    assert.equal(answer.status, 200);
    assert.equal((await first.get('/api/v1/session')).status, 401);
});

test('two sessions of one member live side by side, and end one by one', async () => {
    const [first, second] = [await owner(), await owner()];
    assert.notEqual(first.cookie, second.cookie);
    assert.notEqual(first.session.csrf_token, second.session.csrf_token);
    assert.equal((await first.del('/api/v1/session')).status, 204);
    assert.equal((await first.get('/api/v1/session')).status, 401);
    assert.equal((await second.get('/api/v1/session')).status, 200);
});

test('signing out kills the session on the server and takes the cookie away', async () => {
    const client = await owner();
    const answer = await client.del('/api/v1/session');
    assert.equal(answer.status, 204);
    assert.match(answer.headers['set-cookie'][0],
        /^scrip_session=;.*Max-Age=0/);
    for (const path of ['/api/v1/session', `${demo}/credits`]) {
        assert.equal((await client.get(path)).status, 401);
    }
    assert.equal((await client.del('/api/v1/session')).status, 401);
});

for (const [name, cookieOf] of [
    ['no cookie', () => undefined],
    ['an empty one', () => 'scrip_session='],
    ['one character off', (c) => c.slice(0, -1)
        + (c.endsWith('A') ? 'Q' : 'A')],
    ['one character less', (c) => c.slice(0, -1)],
    ['one character more', (c) => `${c}A`],
    ['another name', (c) => c.replace('scrip', 'Scrip')],
    ['the https name on a plain site', (c) => `__Host-${c}`],
    ['two of the name', (c) => `${c}; scrip_session=${'A'.repeat(43)}`],
    ['two of the name, the planted one first',
        (c) => `scrip_session=${'A'.repeat(43)}; ${c}`],
    ['quotes', (c) => c.replace(/=(.*)/, '="$1"')],
    ['8 KB of it', (c) => `${c}${'A'.repeat(7000)}`],
]) {
    test(`a request with ${name} is nobody's`, async () => {
        const { cookie } = await owner();
        const sent = cookieOf(cookie);
        const answer = await request(`${site.base}${demo}/credits`,
            { headers: sent === undefined ? {} : { Cookie: sent } });
        assert.equal(answer.status, 401, answer.text);
        assert.equal(answer.json.code, 'unauthenticated');
        assert.ok(answer.headers['www-authenticate']);
    });
}

test('other cookies beside it do no harm', async () => {
    const { cookie } = await owner();
    const { status } = await request(`${site.base}${demo}/credits`, {
        headers: { Cookie: `a=1; ${cookie}; b=x=y; ; =; xscrip_session=2` },
    });
    assert.equal(status, 200);
});

test('the database has no token, only its hash', async () => {
    const { cookie } = await owner();
    const token = cookie.split('=')[1];
    const rows = JSON.stringify(await sql(site,
        'SELECT hex(token_hash), * FROM session'));
    assert.ok(!rows.includes(token));
    assert.ok(!site.log().includes(token));
});

test('30 minutes without a request end it, 29 do not', async () => {
    const client = await owner();
    const minutes = (n) => sql(site,
        `UPDATE session SET seen_at = seen_at - ${n * 60000}`);
    await minutes(29);
    assert.equal((await client.get(`${demo}/credits`)).status, 200);
    await minutes(29); // that request has made it young again
    assert.equal((await client.get(`${demo}/credits`)).status, 200);
    await minutes(31);
    assert.equal((await client.get(`${demo}/credits`)).status, 401);
    assert.equal((await client.get(`${demo}/credits`)).status, 401);
});

test('a day ends it, however busy it was', async () => {
    const client = await owner();
    await sql(site, 'UPDATE session SET created_at = created_at - 86340000');
    assert.equal((await client.get(`${demo}/credits`)).status, 200);
    await sql(site, 'UPDATE session SET created_at = created_at - 120000');
    assert.equal((await client.get(`${demo}/credits`)).status, 401);
});

test('who has left a Space does not see it any more, with the same session', async () => {
    const buyer = await newBuyer(site);
    const path = `/api/v1/spaces/${buyer.space}/credits`;
    assert.equal((await buyer.get(path)).status, 200);
    await sql(site, `DELETE FROM space_member WHERE member =
        (SELECT number FROM member WHERE email = '${buyer.email}')`);
    assert.equal((await buyer.get(path)).status, 404);
});

// -------------------------------------------------------- from elsewhere

const crossings = [
    ['no token', (c) => ({ Origin: site.origin, Cookie: c.cookie }), 403],
    ['an empty token', (c) => ({ ...c.headers, 'X-CSRF-Token': '' }), 403],
    ['a wrong token', (c) => ({
        ...c.headers,
        'X-CSRF-Token': c.session.csrf_token.replace(/^./,
            (d) => (d === '0' ? '1' : '0')),
    }), 403],
    ['half a token', (c) => ({
        ...c.headers, 'X-CSRF-Token': c.session.csrf_token.slice(0, 32),
    }), 403],
    ['the token in upper case', (c) => ({
        ...c.headers, 'X-CSRF-Token': c.session.csrf_token.toUpperCase(),
    }), 403],
    ['the session\'s own token for it', (c) => ({
        ...c.headers, 'X-CSRF-Token': c.cookie.split('=')[1],
    }), 403],
    ['the token of another session', async (c) => ({
        ...c.headers, 'X-CSRF-Token': (await owner()).session.csrf_token,
    }), 403],
    ['no Origin and no Sec-Fetch-Site', (c) => ({
        Cookie: c.cookie, 'X-CSRF-Token': c.session.csrf_token,
    }), 403],
    ['a foreign Origin', (c) => ({
        ...c.headers, Origin: 'https://evil.example',
    }), 403],
    ['the Origin null', (c) => ({ ...c.headers, Origin: 'null' }), 403],
    ['an Origin of another port', (c) => ({
        ...c.headers, Origin: site.sandbox,
    }), 403],
    ['an Origin of https', (c) => ({
        ...c.headers, Origin: site.origin.replace('http', 'https'),
    }), 403],
    ['an Origin that begins like ours', (c) => ({
        ...c.headers, Origin: `${site.origin}.evil.example`,
    }), 403],
    ['an Origin with a slash', (c) => ({
        ...c.headers, Origin: `${site.origin}/`,
    }), 403],
    ['Sec-Fetch-Site cross-site', (c) => ({
        ...c.headers, 'Sec-Fetch-Site': 'cross-site',
    }), 403],
    ['Sec-Fetch-Site same-site: a neighbour', (c) => ({
        ...c.headers, 'Sec-Fetch-Site': 'same-site',
    }), 403],
    ['Sec-Fetch-Site none', (c) => ({
        ...c.headers, 'Sec-Fetch-Site': 'none',
    }), 403],
    ['our Origin, but cross-site', (c) => ({
        ...c.headers, Origin: site.origin, 'Sec-Fetch-Site': 'cross-site',
    }), 403],
    ['same-origin, but a foreign Origin', (c) => ({
        ...c.headers, Origin: 'https://evil.example',
        'Sec-Fetch-Site': 'same-origin',
    }), 403],
    ['all that our pages send', (c) => ({
        ...c.headers, 'Sec-Fetch-Site': 'same-origin',
    }), 201],
    ['Sec-Fetch-Site alone, same-origin', (c) => ({
        Cookie: c.cookie, 'X-CSRF-Token': c.session.csrf_token,
        'Sec-Fetch-Site': 'same-origin',
    }), 201],
    ['Origin alone', (c) => c.headers, 201],
    ['our other name, localhost', (c) => ({
        ...c.headers, Origin: site.origin.replace('127.0.0.1', 'localhost'),
    }), 201],
];

for (const [name, headersOf, status] of crossings) {
    test(`a checkout with ${name} is ${status}`, async () => {
        const client = await owner();
        await sql(site, 'UPDATE checkout_order SET placed_at = 0');
        const before_ = (await client.get(`${demo}/orders?limit=100`)).json;
        const answer = await request(`${site.base}${demo}/checkout`, {
            method: 'POST',
            body: { tier: 'gbp25' },
            headers: await headersOf(client),
            key: true,
        });
        assert.equal(answer.status, status, answer.text);
        const after_ = (await client.get(`${demo}/orders?limit=100`)).json;
        if (status === 403) {
            assert.equal(answer.json.code, 'csrf');
            assert.deepEqual(after_, before_);
        } else assert.notDeepEqual(after_, before_);
    });
}

test('another site can neither sign somebody in nor out', async () => {
    for (const headers of [{ Origin: 'https://evil.example' },
        { 'Sec-Fetch-Site': 'cross-site' }, { Origin: 'null' }]) {
        const answer = await attempt(right, headers);
        assert.equal(answer.status, 403, answer.text);
        assert.equal(answer.headers['set-cookie'], undefined);
    }
    // A form of another site can send this without asking first.
    const form = await anonymous(site).post('/api/v1/session',
        JSON.stringify(right), { headers: { 'Content-Type': 'text/plain' } });
    assert.equal(form.status, 415);
    const client = await owner();
    const out = await request(`${site.base}/api/v1/session`, {
        method: 'DELETE', headers: { Cookie: client.cookie },
    });
    assert.equal(out.status, 403);
    assert.equal((await client.get('/api/v1/session')).status, 200);
});

test('no answer says that another site may read it', async () => {
    const client = await owner();
    for (const path of ['/api/v1/session', `${demo}/credits`]) {
        for (const method of ['GET', 'OPTIONS']) {
            const answer = await request(site.base + path, {
                method,
                headers: {
                    ...client.headers,
                    Origin: 'https://evil.example',
                    'Access-Control-Request-Method': 'GET',
                },
            });
            assert.deepEqual(Object.keys(answer.headers)
                .filter((one) => one.startsWith('access-control')), []);
        }
    }
});

// ----------------------------------------------------------------- keys

test('a key is of one Space or of all, and does what its scopes say', async () => {
    const { key: one } = await must(site, ['key', 'add', '--name', 'one',
        '--space', 'demo', '--scope', 'read']);
    const { key: blind } = await must(site, ['key', 'add', '--name', 'blind',
        '--all', '--scope', 'meter']);
    const reads = async (bearer, path) =>
        (await keyed(site, bearer).get(path)).status;
    assert.match(one, /^sk_/);
    for (const [path, ofOne] of [[`${demo}/credits`, 200],
        [`${demo}/events`, 200], [`${demo}/orders`, 200],
        ['/api/v1/spaces/free/credits', 404]]) {
        assert.equal(await reads(one, path), ofOne, path);
        assert.equal(await reads(undefined, path), 200, path);
        assert.equal(await reads(blind, path), 403, path);
    }
    for (const bad of ['', 'sk_', `${one}x`, one.slice(0, -1),
        one.toUpperCase(), 'x']) {
        assert.equal(await reads(bad, `${demo}/credits`), 401, bad);
    }
    const dump = JSON.stringify(await sql(site,
        'SELECT hex(hash), * FROM platform_key'));
    assert.ok(!dump.includes(one));
});
