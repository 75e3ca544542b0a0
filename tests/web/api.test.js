/*
 * The door to the API: what it sends, and that whatever goes wrong becomes a
 * Problem with words. The network is a function that the test gives.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApi } from '../../htdocs/js/lib/api.js';
import { explain, explainBuying, explainSignin, Problem, retryAfter }
    from '../../htdocs/js/lib/problem.js';

const root = 'https://credits.example/app/';

/* A network that gives these answers in turn; `sent` has what was asked. */
function network(...answers) {
    const sent = [];
    const fetch = async (url, options) => {
        sent.push({ url: String(url), ...options });
        const next = answers.shift();
        if (next instanceof Error)
            throw next;
        const [status, body = null, headers = {}] = next;
        return new Response([204, 304].includes(status) ? null
            : typeof body === 'string' ? body : JSON.stringify(body),
        { status, headers });
    };
    return { sent, api: createApi(root, { fetch, now: () => 0 }) };
}

const session = [200, { member: {}, spaces: [], csrf_token: 'tok-1' }];
const newSession = [200, { member: {}, spaces: [], csrf_token: 'tok-2' }];
const csrf = [403, { code: 'csrf', title: 't', detail: 'd' }];

async function problemOf(promise) {
    try {
        await promise;
    } catch (problem) {
        assert.ok(problem instanceof Problem, String(problem));
        return problem;
    }
    assert.fail('nothing went wrong');
}

test('an address is below the base path', async () => {
    const { sent, api } = network([200, {}]);
    await api.get('spaces/demo/credits');
    assert.equal(sent[0].url, `${root}api/v1/spaces/demo/credits`);
});

test('a write fetches the token first, and sends key and token', async () => {
    const { sent, api } = network(session, [201, { ok: 1 }]);
    await api.post('spaces/demo/checkout', { tier: 'gbp25' }, { key: 'k1' });
    assert.equal(sent[0].url, `${root}api/v1/session`);
    assert.equal(sent[1].headers['X-CSRF-Token'], 'tok-1');
    assert.equal(sent[1].headers['Idempotency-Key'], 'k1');
    assert.equal(sent[1].headers['Content-Type'], 'application/json');
    assert.equal(sent[1].body, '{"tier":"gbp25"}');
});

test('a token replaced by another tab is fetched anew, once, same key', async () => {
    const { sent, api } = network(session, csrf, newSession, [201, {}]);
    await api.post('x', {}, { key: 'k1' });
    assert.equal(sent.length, 4);
    assert.equal(sent[3].headers['X-CSRF-Token'], 'tok-2');
    assert.equal(sent[3].headers['Idempotency-Key'], 'k1');
});

test('a token that is refused again is a problem, not a circle', async () => {
    const { sent, api } = network(session, csrf, newSession, csrf);
    assert.equal((await problemOf(api.post('x', {}))).code, 'csrf');
    assert.equal(sent.length, 4);
});

test('reading sends no token, signing in needs none', async () => {
    const { sent, api } = network(session, [200, {}], newSession);
    await api.session();
    await api.get('x');
    assert.equal(sent[1].headers['X-CSRF-Token'], undefined);
    const fresh = network(session);
    await fresh.api.signIn('a@b.c', 'secret');
    assert.equal(fresh.sent.length, 1);
    assert.equal(fresh.sent[0].method, 'POST');
});

test('an ETag is sent back, and a 304 is an answer', async () => {
    const { sent, api } = network([200, { a: 1 }, { ETag: '"e1"' }], [304]);
    const { etag } = await api.get('x');
    const again = await api.get('x', { etag });
    assert.equal(sent[1].headers['If-None-Match'], '"e1"');
    assert.equal(again.status, 304);
    assert.equal(again.body, null);
});

test('signing out has no answer to read', async () => {
    const { sent, api } = network(session, [204]);
    await api.signOut();
    assert.equal(sent[1].method, 'DELETE');
});

const failures = [
    ['no network', new TypeError('Failed to fetch'), 'offline'],
    ['a time-out', Object.assign(new Error(), { name: 'TimeoutError' }),
        'timeout'],
    ['a problem of ours', [403, { code: 'role' }], 'role'],
    ['a proxy\u2019s page', [502, '<h1>Bad gateway</h1>'], 'unavailable'],
    ['a page where JSON was wanted', [200, '<h1>Login</h1>'], 'unavailable'],
    ['a refusal that is not ours', [418, '{}'], 'unexpected'],
];

for (const [sentence, answer, code] of failures)
    test(`${sentence} is a Problem: ${code}`, async () => {
        const { api } = network(answer);
        assert.equal((await problemOf(api.get('x'))).code, code);
    });

test('a Problem has the request\u2019s id and the time to wait', async () => {
    const { api } = network([429, { code: 'too_many_orders', instance: 'r0' },
        { 'Request-Id': 'r1', 'Retry-After': '90' }]);
    const problem = await problemOf(api.get('x'));
    assert.equal(problem.requestId, 'r1');
    assert.equal(problem.retryAfter, 90);
});

const times = [
    ['none', null, null],
    ['seconds', '120', 120],
    ['a date', 'Thu, 01 Jan 1970 00:00:30 GMT', 20],
    ['a date that has passed', 'Thu, 01 Jan 1970 00:00:01 GMT', 0],
    ['nonsense', 'soon', null],
];

for (const [sentence, header, wanted] of times)
    test(`Retry-After: ${sentence}`, () => {
        assert.equal(retryAfter(header, 10_000), wanted);
    });

const everyCode = ['invalid_request', 'plan_not_paid', 'role', 'unknown_tier',
    'too_many_orders', 'payment_provider_unavailable', 'offline', 'timeout',
    'csrf', 'not_found', 'unavailable', 'internal', 'rate_limited', 'unexpected'];

test('whatever stops a purchase is put into words, and says what was charged', () => {
    for (const code of everyCode) {
        const { title, text } = explainBuying(new Problem({ code, status: 500 }));
        assert.ok(title.length > 5 && text.length > 5, code);
        assert.doesNotMatch(title + text, /undefined|null|NaN|\d{3}\b/, code);
        if (!['rate_limited', 'csrf', 'not_found'].includes(code))
            assert.match(text, /Nothing was charged/, code);
    }
});

test('what cannot help is not offered to be tried again', () => {
    for (const code of ['plan_not_paid', 'role', 'unknown_tier'])
        assert.equal(explainBuying(new Problem({ code, status: 403 })).retry, false);
    assert.equal(explainBuying(new Problem({ code: 'offline' })).retry, true);
});

test('the time to wait is in the words', () => {
    const tell = (words, code, status) =>
        words(new Problem({ code, status, retryAfter: 840 })).text;
    assert.match(tell(explainSignin, 'too_many_attempts', 429), /in 14 minutes/);
    assert.match(tell(explainSignin, 'something_else', 429), /in 14 minutes/);
    assert.match(tell(explainBuying, 'too_many_orders', 429), /in 14 minutes/);
    assert.match(tell(explain, 'unavailable', 503), /in 14 minutes/);
});

test('a wrong password says nothing about which of the two was wrong', () => {
    const { title, requestId } = explainSignin(new Problem({
        code: 'wrong_credentials', status: 401, requestId: 'r1' }));
    assert.equal(title, 'Email or password is wrong');
    assert.equal(requestId, null);
});
