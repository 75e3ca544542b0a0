// Bad input at every address: what is refused, in which order and in which
// words, and that nothing moves. The table of addresses is the whole of the
// interface; a new one gets a line here.

import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';

import { eventsOf, must, newBuyer, place, sql, whole } from './shop.js';
import { deliver } from './signing.js';
import {
    anonymous, keyed, request, signIn, startSite,
} from './site.js';

const event = 'evt_01M824YCTE0000008000000001';
const order = 'ord_01M824YCTE0000008000000001';
const plan = 'pln_01M824YCTE0000008000000001';

// Where, which methods, and whether somebody must be signed in.
const addresses = [
    ['/api/v1/session', ['GET', 'POST', 'DELETE']],
    ['/api/v1/spaces/demo/credits', ['GET'], true],
    ['/api/v1/spaces/demo/checkout', ['POST'], true],
    ['/api/v1/spaces/demo/orders', ['GET'], true],
    [`/api/v1/spaces/demo/orders/${order}`, ['GET'], true],
    ['/api/v1/spaces/demo/events', ['GET'], true],
    [`/api/v1/spaces/demo/events/${event}`, ['GET'], true],
    ['/api/v1/spaces/demo/membership', ['GET', 'POST', 'DELETE', 'PUT'], true],
    ['/api/v1/spaces/demo/membership/resume', ['POST'], true],
    ['/api/v1/spaces/demo/planner', ['GET', 'POST'], true],
    ['/api/v1/spaces/demo/plans', ['GET', 'POST'], true],
    [`/api/v1/spaces/demo/plans/${plan}`, ['GET', 'PUT'], true],
    [`/api/v1/spaces/demo/plans/${plan}/start`, ['POST'], true],
    [`/api/v1/spaces/demo/plans/${plan}/finish`, ['POST'], true],
    ['/webhooks/stripe', ['POST']],
    ['/healthz', ['GET']],
];
const reading = addresses.filter(([, methods, closed]) =>
    closed && methods.includes('GET')).map(([path]) => path);

let site;
let owner;
let first;
before(async () => {
    site = await startSite({ env: { SCRIP_TICK_SECONDS: '0' } });
    owner = Object.assign(
        await signIn(site, 'owner@demo.test', 'demo-password'),
        { space: 'demo' },
    );
    first = await picture();
});
after(async () => {
    await site?.stop();
});

// All that could move.
async function picture() {
    const [counts] = await sql(site, `SELECT
        (SELECT count(*) FROM event) AS events,
        (SELECT count(*) FROM checkout_order) AS orders,
        (SELECT count(*) FROM payment) AS payments,
        (SELECT count(*) FROM idem) AS keys,
        (SELECT count(*) FROM provider_event) AS reports,
        (SELECT sum(total) FROM wallet) AS credits,
        (SELECT count(*) FROM space_member) AS members`);
    return counts;
}

// A problem as RFC 9457 and our contract have it; returns its JSON.
function problem(answer, status, code, what) {
    const said = `${what ?? ''}: ${answer.status} ${answer.text.slice(0, 300)}`;
    assert.equal(answer.status, status, said);
    assert.match(answer.headers['content-type'],
        /^application\/problem\+json(; charset=utf-8)?$/, said);
    const { json } = answer;
    assert.equal(json.type, `/problems/${json.code}`, said);
    assert.equal(json.status, status, said);
    assert.ok(typeof json.title === 'string' && json.title, said);
    assert.ok(json.detail === undefined || typeof json.detail === 'string');
    assert.equal(json.instance, answer.headers['request-id'], said);
    assert.match(json.instance, /^[\w-]{8,}$/, said);
    if (code !== undefined) assert.equal(json.code, code, said);
    for (const { pointer, detail } of json.errors ?? []) {
        assert.match(pointer, /^(\/.*)?$/s, said);
        assert.ok(detail, said);
    }
    codes.add(json.code);
    return json;
}
const codes = new Set();

// Two refusals that must not be told apart.
function alike(one, other, what) {
    const strip = ({ status, headers, json }) => {
        const { instance, ...rest } = json;
        const { date, 'request-id': id, ...fixed } = headers;
        assert.ok(instance && id && date);
        return { status, fixed, rest };
    };
    assert.deepEqual(strip(one), strip(other), what);
}

// Bytes on a connection of our own; what comes back until it is closed.
function raw(bytes) {
    return new Promise((done, fail) => {
        const socket = net.connect(Number(new URL(site.base).port), '127.0.0.1');
        const pieces = [];
        socket.setTimeout(15000, () => socket.destroy(new Error('silence')));
        socket.on('data', (piece) => pieces.push(piece));
        socket.on('error', fail);
        socket.on('close', () => done(Buffer.concat(pieces).toString('latin1')));
        socket.write(bytes);
    });
}

// ------------------------------------------------------------- methods

for (const [path, methods] of addresses) {
    test(`${path} takes ${methods.join(', ')} and says so to other methods, before it asks who calls`, async () => {
        const allow = methods.flatMap((one) =>
            (one === 'GET' ? ['GET', 'HEAD'] : [one]));
        for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH',
            'OPTIONS', 'PROPFIND', 'MKCOL']) {
            if (methods.includes(method)) continue;
            for (const client of [anonymous(site), owner]) {
                const answer = await request(site.base + path,
                    { method, headers: client.headers });
                problem(answer, 405, 'method_not_allowed', method);
                assert.deepEqual(answer.headers.allow.split(', ').sort(),
                    [...allow].sort());
            }
        }
    });
}

test('HEAD is GET without a body', async () => {
    for (const path of ['/healthz', '/api/v1/session',
        '/api/v1/spaces/demo/credits', '/api/v1/spaces/demo/events']) {
        const get = await owner.get(path);
        const head = await request(site.base + path,
            { method: 'HEAD', headers: owner.headers });
        assert.deepEqual([head.status, head.text], [200, '']);
        assert.equal(head.headers['content-type'], get.headers['content-type']);
        assert.equal(head.headers.etag, get.headers.etag);
    }
});

test('the verbs of proxies are refused by nginx, as a problem', async () => {
    for (const line of ['TRACE /api/v1/session', 'CONNECT example.com:443']) {
        const said = await raw(`${line} HTTP/1.1\r\nHost: x\r\n`
            + 'Connection: close\r\n\r\n');
        assert.match(said, /^HTTP\/1\.1 (400|405) /, line);
        assert.match(said, /application\/problem\+json/, line);
    }
});

// ------------------------------------------------------------- callers

const nobodies = [
    ['nothing', {}],
    ['a cookie of nobody', { Cookie: `scrip_session=${'A'.repeat(43)}` }],
    ['a key that there is not', { Authorization: 'Bearer sk_nothing' }],
    ['a key of another kind', { Authorization: 'Basic b3duZXI6ZGVtbw==' }],
    ['an empty credential', { Authorization: 'Bearer ' }],
    ['a credential of 4 KB', { Authorization: `Bearer ${'x'.repeat(4000)}` }],
];

for (const [path, methods, closed] of addresses) {
    if (!closed) continue;
    test(`${path} is 401 to those who show nothing or something bad, whatever the Space`, async () => {
        for (const [name, headers] of nobodies) {
            for (const slug of ['demo', 'free', 'no-such-space']) {
                const answer = await request(
                    site.base + path.replace('demo', slug),
                    { method: methods[0], headers, body: '{' },
                );
                problem(answer, 401, 'unauthenticated', `${name}, ${slug}`);
                assert.ok(answer.headers['www-authenticate'], name);
            }
        }
    });
}

test('a Space of somebody else is 404 exactly like one that does not exist', async () => {
    const [{ id }] = (await signIn(site, 'owner@free.test', 'demo-password'))
        .session.spaces;
    for (const path of reading) {
        const missing = await owner.get(path.replace('demo', 'no-such'));
        problem(missing, 404, 'not_found', path);
        for (const name of ['free', id, 'spc_01M824YCTE0000000000000999',
            id.replace(/.$/, '9'), 'Demo', 'demo%20', 'spc_', '0', '-', 'a'.repeat(64), 'a'.repeat(1000), '%C3%A4', '%F0%9F%92%A9',
            "'%20OR%201=1--", 'demo;x=1']) {
            const answer = await owner.get(path.replace('demo', () => name));
            alike(answer, missing, `${path} ${name}`);
        }
    }
    const post = (slug) => owner.post(`/api/v1/spaces/${slug}/checkout`,
        { tier: 'gbp25' }, { key: true });
    alike(await post('free'), await post('no-such'));
});

test('an event of another Space is 404 exactly like one that does not exist', async () => {
    const other = await newBuyer(site);
    await must(site, ['grant', other.space, '5', '--kind', 'bonus', '--reason',
        'an event']);
    const [{ id }] = await eventsOf(other);
    first = await picture();
    const missing = await owner.get(`/api/v1/spaces/demo/events/${event}`);
    problem(missing, 404, 'not_found');
    const damaged = Array.from({ length: 26 }, (_, i) => {
        const at = 4 + i;
        return id.slice(0, at) + (id[at] === '3' ? '4' : '3') + id.slice(at + 1);
    });
    for (const bad of [id, 'evt_', '1', id.toLowerCase(), `${id}0`, ...damaged]) {
        alike(await owner.get(`/api/v1/spaces/demo/events/${bad}`), missing, bad);
    }
    for (const bad of damaged) {
        alike(await other.get(`/api/v1/spaces/${other.space}/events/${bad}`),
            missing, bad);
    }
    assert.equal((await other.get(`/api/v1/spaces/${other.space}/events/${id}`))
        .status, 200);
});

test('a refusal tells the first thing that is wrong', async () => {
    const viewer = await signIn(site, 'viewer@demo.test', 'demo-password');
    const url = (slug) => `/api/v1/spaces/${slug}/checkout`;
    const large = ' '.repeat(60000);
    const steps = [
        [() => anonymous(site).put(url('no-such'), '{'), 405],
        [() => anonymous(site).post(url('no-such'), '{'), 401],
        [() => request(site.base + url('no-such'), {
            method: 'POST', body: '{', headers: { Cookie: owner.cookie },
        }), 404, 'not_found'],
        [() => request(site.base + url('demo'), {
            method: 'POST', body: '{', headers: { Cookie: viewer.cookie },
        }), 403, 'csrf'],
        [() => viewer.post(url('demo'), '{'), 403, 'role'],
        [() => owner.post(url('demo'), `{${large}`), 415],
        [() => owner.post(url('demo'), '{', {
            headers: { 'Content-Type': 'application/json' },
        }), 400, 'idempotency_key_required'],
        [() => owner.post(url('demo'), '{', {
            key: true, headers: { 'Content-Type': 'application/json' },
        }), 400, 'invalid_request'],
    ];
    for (const [send, status, code] of steps) {
        problem(await send(), status, code);
    }
});

// ------------------------------------------------------------- bodies

const posting = [
    ['signing in', '/api/v1/session', { email: 'a@b.test', password: 'p' }],
    ['checkout', '/api/v1/spaces/demo/checkout', { tier: 'gbp25' }],
];

for (const [name, path, body] of posting) {
    // nginx lets ten sign-ins a second through from one address.
    const send = async (bytes, type) => {
        for (;;) {
            const answer = await request(site.base + path, {
                method: 'POST',
                body: bytes,
                key: true,
                headers: {
                    ...owner.headers,
                    ...(type === null ? {} : { 'Content-Type': type }),
                },
            });
            if (answer.status !== 429) return answer;
            await new Promise((done) => { setTimeout(done, 150); });
        }
    };

    test(`${name}: a body of another type is 415`, async () => {
        for (const type of [null, 'text/plain', 'text/json', 'application/jsonx',
            'application/json+x', 'application/x-www-form-urlencoded',
            'multipart/form-data; boundary=x', 'application/problem+json',
            'application/json; charset=latin1', 'application/json, text/plain',
            'application/json; charset=utf-8; x=y', 'json', '*/*', ';']) {
            problem(await send(JSON.stringify(body), type), 415,
                'unsupported_media_type', `${type}`);
        }
    });

    test(`${name}: a body over 64 KiB is 413, one of 64 KiB is read`, async () => {
        const text = JSON.stringify(body);
        const pad = (length) => text + ' '.repeat(length - text.length);
        for (const length of [65537, 70000, 2 * 1024 * 1024]) {
            problem(await send(pad(length), 'application/json'), 413,
                'payload_too_large', `${length}`);
        }
        const unknown = text.replace('{', '{"x":1,');
        problem(await send(unknown + ' '.repeat(65536 - unknown.length),
            'application/json'), 400, 'invalid_request');
    });

    describe(`${name}: JSON that is none, or not what was asked for`, () => {
        const member = Object.keys(body)[0];
        const rest = JSON.stringify(body).slice(1, -1);
        const given = (value) => `{${rest.replace(/:"[^"]*"/, `:${value}`)}}`;
        const at = (pointer) => [pointer];
        const zoo = [
            ['nothing', '', at('')],
            ['a space', ' ', at('')],
            ['half an object', `{${rest}`, at('')],
            ['a comma at the end', `{${rest},}`, at('')],
            ['names without quotes', '{tier:"gbp25"}', at('')],
            ['single quotes', "{'tier':'gbp25'}", at('')],
            ['a comment', `{/* */${rest}}`, at('')],
            ['something behind it', `{${rest}}x`, at('')],
            ['two of them', `{${rest}}{}`, at('')],
            ['a byte order mark', `\ufeff{${rest}}`, at('')],
            ['an array', `[{${rest}}]`, at('')],
            ['a string', '"gbp25"', at('')],
            ['null', 'null', at('')],
            ['true', 'true', at('')],
            ['a number', '17', at('')],
            ['a member twice', `{${rest},${rest.split(',')[0]}}`,
                at(`/${member}`)],
            ['a member twice, once escaped', `{${rest},"\\u00${
                member.charCodeAt(0).toString(16)}${member.slice(1)}":"x"}`,
            at(`/${member}`)],
            ['an unknown member', `{${rest},"x":1}`, at('/x')],
            ['a member without a name', `{${rest},"":1}`, at('/')],
            ['a member whose name needs escapes', `{${rest},"a/b~c":1}`,
                at('/a~1b~0c')],
            ['a member called __proto__', `{${rest},"__proto__":{"x":1}}`,
                at('/__proto__')],
            ['a member in other letters', `{${rest.replace(member,
                member.toUpperCase())}}`],
            ...['1', '-1', '0', '2500', '1.5', '1e2', '1E400', '-0',
                '9007199254740993', '9'.repeat(5000), 'true', 'false', 'null',
                '[]', '{}', '["gbp25"]', '{"a":"b"}', '""']
                .map((value) => [`${value.slice(0, 30)} for a text`,
                    given(value), at(`/${member}`)]),
            ...['NaN', 'Infinity', '0x10', '01', '1.', '.5', '+1', '1e', 'nul',
                'TRUE', '2500abc', '1_000', '\u0661'].map((value) => [
                `${value}, which is no JSON`, given(value)]),
            ['a NUL escaped', given('"a\\u0000b"')],
            ['half a surrogate pair', given('"\\ud800"')],
            ['a pair the wrong way round', given('"\\udc00\\ud800"')],
            ['an escape that there is not', given('"\\x41"')],
            ['a line break in a text', given('"a\nb"')],
            ['a NUL in a text', given('"a\0b"')],
            ['a text without an end', given('"abc')],
            ['201 characters', given(`"${'x'.repeat(201)}"`), at(`/${member}`)],
            ['201 of four bytes each', given(`"${'😀'.repeat(201)}"`),
                at(`/${member}`)],
            ['arrays 33 deep', given('['.repeat(33) + ']'.repeat(33))],
            ['arrays 30,000 deep', '['.repeat(30000)],
            ['objects 5,000 deep', '{"a":'.repeat(5000)],
        ].map(([what, text, pointers]) => [what, Buffer.from(text), pointers]);
        for (const [what, bytes] of [
            ['a byte that is none of UTF-8', [0xff]],
            ['an overlong slash', [0xc0, 0xaf]],
            ['a surrogate as UTF-8', [0xed, 0xa0, 0x80]],
            ['a character over the last', [0xf4, 0x90, 0x80, 0x80]],
            ['half a character', [0xe2, 0x82]],
        ]) {
            const [head, tail] = given('"|"').split('|');
            zoo.push([what, Buffer.concat([Buffer.from(head),
                Buffer.from(bytes), Buffer.from(tail)])]);
        }

        for (const [what, bytes, pointers] of zoo) {
            test(`${what} is 400 with a pointer`, async () => {
                const { errors } = problem(
                    await send(bytes, 'application/json'),
                    400, 'invalid_request',
                );
                assert.ok(errors?.length >= 1, 'no errors are named');
                if (pointers) {
                    assert.deepEqual(errors.map(({ pointer }) => pointer)
                        .filter((one) => pointers.includes(one)).slice(0, 1),
                    pointers, JSON.stringify(errors));
                }
            });
        }
    });
}

test('signing in names every member that is wrong, not only the first', async () => {
    const { errors } = problem(await anonymous(site)
        .post('/api/v1/session', { email: 5, x: 1 }), 400, 'invalid_request');
    assert.deepEqual(errors.map(({ pointer }) => pointer).sort(),
        ['/email', '/password', '/x']);
});

test('a body in chunks is read like any other', async () => {
    const text = JSON.stringify({ tier: 'no-such' });
    const half = text.length >> 1;
    const chunk = (part) => `${part.length.toString(16)}\r\n${part}\r\n`;
    const said = await raw(['POST /api/v1/spaces/demo/checkout HTTP/1.1',
        `Host: ${new URL(site.base).host}`,
        ...Object.entries(owner.headers).map(([name, value]) =>
            `${name}: ${value}`),
        `Idempotency-Key: ${randomUUID()}`,
        'Content-Type: application/json', 'Connection: close',
        'Transfer-Encoding: chunked', '',
        `${chunk(text.slice(0, half))}${chunk(text.slice(half))}0\r\n\r\n`,
    ].join('\r\n'));
    assert.match(said, /^HTTP\/1\.1 400 /);
    assert.match(said, /"code":"unknown_tier"/);
});

// -------------------------------------------------------------- queries

const numbers = ['0', '101', '-1', '-0', '+1', '1e2', '1.0', '1.5', '', '%201',
    '1%20', '0x10', '1,000', '%EF%BC%91', '%D9%A1', '9007199254740993',
    '99999999999999999999', '18446744073709551617', 'abc', 'null', '[]',
    "1'%20OR%20'1'='1", '1;2', '01', '1%00', '%31%30%31'];

for (const list of ['events', 'orders']) {
    const path = `/api/v1/spaces/demo/${list}`;

    test(`${list}: a limit is 1 to 100, in digits`, async () => {
        for (const number of numbers) {
            if (number === '1%00') continue; // below: no text has a NUL
            const json = problem(await owner.get(`${path}?limit=${number}`),
                400, 'invalid_request', number);
            assert.equal(json.errors[0].pointer, '/limit', number);
        }
        for (const fine of ['1', '100', '%31']) {
            assert.equal((await owner.get(`${path}?limit=${fine}`)).status, 200);
        }
    });

    test(`${list}: what is unknown, stands twice or is no query is 400`, async () => {
        for (const query of ['x=1', 'limit=5&limit=5', 'LIMIT=5', 'limit[]=5',
            'before=a&before=a', 'cursor=1', '=1', 'limit=%', 'limit=%G1',
            'limit=%FF', 'x=%00', 'limit=1%00', 'limit=5&x', '%C0%80=1',
            'limit=5;x=1', Array.from({ length: 400 }, () => 'limit=5')
                .join('&')]) {
            problem(await owner.get(`${path}?${query}`), 400,
                'invalid_request', query.slice(0, 40));
        }
        for (const fine of ['', '?', '?&', '?limit=5&', '?%6Cimit=5']) {
            assert.equal((await owner.get(path + fine)).status, 200, fine);
        }
    });
}

describe('cursors', () => {
    let cursors;
    let other;
    before(async () => {
        other = await newBuyer(site);
        for (const client of [owner, other]) {
            for (let i = 0; i < 3; i += 1) {
                await place(client);
                await must(site, ['grant', client.space, '1', '--kind',
                    'bonus', '--reason', 'more than one page']);
            }
        }
        cursors = {};
        for (const client of [owner, other]) {
            for (const list of ['events', 'orders']) {
                const { json } = await client
                    .get(`/api/v1/spaces/${client.space}/${list}?limit=1`);
                cursors[`${client.space} ${list}`] = json.next_before;
            }
        }
        first = await picture();
    });
    const use = (client, list, cursor) => client.get(
        `/api/v1/spaces/${client.space}/${list}?before=${
            encodeURIComponent(cursor)}`,
    );

    test('one that a list gave out works there', async () => {
        for (const client of [owner, other]) {
            for (const list of ['events', 'orders']) {
                const { status } = await use(client, list,
                    cursors[`${client.space} ${list}`]);
                assert.equal(status, 200);
            }
        }
    });

    test('one of another list or another Space is 400', async () => {
        for (const client of [owner, other]) {
            for (const list of ['events', 'orders']) {
                for (const [from, cursor] of Object.entries(cursors)) {
                    if (from === `${client.space} ${list}`) continue;
                    problem(await use(client, list, cursor), 400,
                        'invalid_cursor', `${from} for ${list}`);
                }
            }
        }
    });

    test('one that was changed anywhere is 400', async () => {
        const seed = process.env.SEED ?? randomBytes(4).toString('hex');
        console.log(`# seed ${seed}`);
        let state = Number.parseInt(seed, 16) || 1;
        const pick = (below) => {
            state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
            return Math.floor((state / 2 ** 32) * below);
        };
        const good = cursors['demo events'];
        const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
            + '0123456789-_';
        const damaged = new Set(['', ' ', '0', '1', '-1', 'null', good + good,
            `${good}=`, `${good}A`, ` ${good}`, `${good}\n`, good.slice(1),
            'A'.repeat(32), '_'.repeat(32), 'x'.repeat(4000), '\u{1f600}',
            good.toLowerCase()]);
        for (let at = 0; at < good.length; at += 1) {
            const old = letters.indexOf(good[at]);
            // Every single bit, and a letter of any kind.
            for (let bit = 0; bit < 6; bit += 1) {
                damaged.add(good.slice(0, at) + letters[old ^ (1 << bit)]
                    + good.slice(at + 1));
            }
            damaged.add(good.slice(0, at));
        }
        while (damaged.size < 500) {
            damaged.add(Array.from({ length: 32 }, () => letters[pick(64)])
                .join(''));
        }
        damaged.delete(good);
        for (const bad of damaged) {
            problem(await use(owner, 'events', bad), 400, 'invalid_cursor',
                JSON.stringify(bad));
        }
    });
});

// --------------------------------------------------- nginx's own errors

const unreadable = [
    ['no HTTP at all', 'hello\r\n\r\n'],
    ['a request line without a version that there is', 'GET / HTTP/9.9\r\n\r\n'],
    ['a space in the address', 'GET /api/v1/ses sion HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['no Host', 'GET /api/v1/session HTTP/1.1\r\n\r\n'],
    ['two hosts', 'GET /api/v1/session HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
    ['a NUL in a header',
        'GET /api/v1/session HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n'],
    ['a NUL in the address', 'GET /api/v1/session%00 HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a length that is none',
        'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 1x\r\n\r\n'],
    ['a length below zero',
        'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n'],
    ['a length and chunks', 'POST /api/v1/session HTTP/1.1\r\nHost: x\r\n'
        + 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['an address of 20 KB', `GET /api/v1/${'x'.repeat(20000)} HTTP/1.1\r\n`
        + 'Host: x\r\n\r\n'],
    ['a header of 20 KB', 'GET /api/v1/session HTTP/1.1\r\nHost: x\r\n'
        + `X: ${'x'.repeat(20000)}\r\n\r\n`],
    ['an address that climbs out', 'GET /../../etc/passwd HTTP/1.1\r\n'
        + 'Host: x\r\nConnection: close\r\n\r\n'],
];

for (const [name, bytes] of unreadable) {
    test(`what nginx cannot read is a problem too: ${name}`, async () => {
        const said = await raw(bytes);
        const [head, body] = said.split('\r\n\r\n');
        assert.match(head, /^HTTP\/1\.1 4\d\d /, said.slice(0, 200));
        assert.match(head, /content-type: application\/problem\+json/i);
        const json = JSON.parse(body);
        assert.equal(json.code, 'invalid_request');
        assert.ok(head.includes(` ${json.status} `));
        assert.match(head, new RegExp(`request-id: ${json.instance}`, 'i'));
    });
}

test('addresses that there are not are 404, as a problem where a program might be', async () => {
    for (const path of ['/api', '/api/', '/api/v1', '/api/v1/', '/api/v2/session',
        '/api/v1/nothing', '/api/v1/session/', '/api/v1/session/x',
        '/api/v1/spaces', '/api/v1/spaces/', '/api/v1/spaces/demo/',
        '/api/v1/spaces//credits',
        '/api/v1/spaces/demo/nothing', '/api/v1/spaces/demo/credits/',
        '/api/v1/spaces/demo/credits/x', '/api/v1/spaces/demo/orders/',
        '/api/v1/spaces/demo/orders/x/y/z', '/api/v1/spaces/demo/events/',
        '/api/v1/spaces/demo/%63redits%2f', '/api/v1/spaces/demo%2fcredits',
        '/api/v1/spaces/demo/../demo/nothing', '/api/v1/spaces/%2e%2e/credits',
        '/api/v1/spaces/free%2Fcredits/credits', '/api/v1/spaces/demo%2F/credits', '/webhooks/', '/webhooks/stripes',
        '/webhooks/stripe/', '/API/V1/SESSION', '/api/v1/Session']) {
        const answer = await owner.get(path);
        assert.equal(answer.status, 404, `${path}: ${answer.text}`);
        if (/^\/(api|webhooks)\//.test(path)) {
            problem(answer, 404, 'not_found', path);
        }
    }
});

test('no address leads out of htdocs or into a home', async () => {
    for (const path of ['/scrip.db', '/secrets.conf', '/demo.key', '/.git/config',
        '/nginx/site.conf', '/js/../../secrets.conf', '/js/%2e%2e/%2e%2e/x',
        '/js/..%2f..%2fsecrets.conf', '/js/.hidden', '/htdocs/', '/run/',
        '/-/internal', '/404.html', '/credits.html', '/js/', '/css/']) {
        const said = await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\n`
            + 'Connection: close\r\n\r\n');
        assert.match(said, /^HTTP\/1\.1 (404|400) /, path);
        assert.doesNotMatch(said, /SCRIP_|SQLite format/, path);
    }
});

test('the sandbox refuses as Stripe does, and never with 5xx', async () => {
    for (const [path, headers] of [['/v1/checkout/sessions', {}],
        ['/v1/nothing', {}], ['/v1/checkout/sessions',
            { Authorization: 'Bearer sk_test_wrong' }], ['/control', {}]]) {
        const answer = await request(site.sandbox + path, { headers });
        assert.ok(answer.status >= 400 && answer.status < 500, answer.text);
    }
    assert.equal((await request(`${site.sandbox}/pay/cs_test_nothing`)).status,
        404);
});

// -------------------------------------------------------------- in the end

test('every code that was said has its page, and every answer its headers', async () => {
    assert.ok(codes.size >= 10, [...codes].join());
    for (const code of codes) {
        const page = await anonymous(site).get(`/problems/${code}`);
        assert.equal(page.status, 200, code);
        assert.match(page.headers['content-type'], /^text\/html/);
    }
    for (const path of ['/api/v1/session', '/healthz', '/api/v1/nothing',
        '/api/v1/spaces/demo/credits', '/signin', '/nothing', '/']) {
        for (const client of [owner, anonymous(site)]) {
            const { headers } = await client.get(path);
            assert.match(headers['request-id'] ?? '', /^[\w-]{8,}$/, path);
            assert.equal(headers['x-content-type-options'], 'nosniff', path);
            assert.match(headers['content-security-policy'],
                /default-src 'none'/, path);
            assert.doesNotMatch(headers.server ?? '', /\d/, path);
            if (path.startsWith('/api/v1/spaces')) {
                assert.equal(headers['cache-control'], 'private, no-cache');
            }
        }
    }
});

test('request ids are one to a request', async () => {
    const ids = await Promise.all(Array.from({ length: 50 }, async () =>
        (await anonymous(site).get('/healthz')).headers['request-id']));
    assert.equal(new Set(ids).size, 50);
});

test('of all this nothing has moved, nothing was 5xx, and the ledger is whole', async () => {
    await deliver(site, '{}', { header: 't=1,v1=0' });
    assert.deepEqual(await picture(), first);
    assert.doesNotMatch(site.log(), / 5\d\d \d+ms /);
    assert.doesNotMatch(site.log(), / error /);
    assert.equal((await keyed(site).get('/api/v1/spaces/demo/credits')).status,
        200);
    await whole(site);
});
