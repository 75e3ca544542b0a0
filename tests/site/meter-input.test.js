// Whatever stands where a number belongs: 400 with a pointer to it, never a
// 5xx, and nothing has moved. Every numeric field of every operation, with
// values at random and with all that JSON, JavaScript and people write.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { newSpace, ok, own, seeded } from './meter.js';
import { whole } from './shop.js';
import { keyed, signIn, startSite } from './site.js';
import { callers, keptCalls } from './volley.js';

let site;
let call;
let space;
let owner;
let ids;

before(async () => {
    site = await startSite();
    call = keptCalls(site, 8);
    space = await newSpace(site, 1000);
    owner = await signIn(site, 'owner@demo.test', 'demo-password');
    const { hold: a } = ok(await space.hold(own(100)), 201);
    const { hold: b } = ok(await space.hold(
        { activity: 'livestream_room', quantity: 50 }), 201);
    const { event } = ok(await space.charge(own(100)), 201);
    ids = { own: a.id, room: b.id, event: event.id };
});
after(async () => {
    call?.end();
    try {
        if (site) await whole(site);
    } finally {
        await site?.stop();
    }
});

// Each numeric field: where it is sent, its pointer, a body with @ for the
// value, and which plain integers it takes. A fault may also be told at
// another member where it is the pair that does not fit.
const most = 9007199254740991n;
const trillion = 10n ** 12n;
const week = 604800n;
const fields = () => [
    ['holds', '/quantity', '{"activity":"livestream_room","quantity":@}', 1n, most],
    ['holds', '/credits', '{"feature":"f","credits":@}', 1n, trillion],
    ['holds', '/expires_in_s', '{"feature":"f","credits":1,"expires_in_s":@}', 1n, week],
    ['captures', '/quantity', '{"activity":"clip","quality":"fast","quantity":@}', 1n, most],
    ['captures', '/credits', '{"feature":"f","credits":@}', 1n, trillion],
    [`holds/${ids.own}/capture`, '/credits', '{"credits":@}', 1n, trillion],
    [`holds/${ids.room}/capture`, '/quantity', '{"quantity":@,"final":false}', 1n, most],
    [`holds/${ids.own}/capture`, '/extend/credits', '{"credits":1,"extend":{"credits":@,"expires_in_s":60}}', 1n, trillion],
    [`holds/${ids.room}/capture`, '/extend/quantity', '{"quantity":1,"extend":{"quantity":@,"expires_in_s":60}}', 1n, most],
    [`holds/${ids.room}/capture`, '/extend/expires_in_s', '{"quantity":1,"extend":{"quantity":1,"expires_in_s":@}}', 1n, week],
    [`holds/${ids.room}/capture`, '/quantity', '{"quantity":@,"extend":{"quantity":1,"expires_in_s":60}}', 0n, most],
    ['refunds', '/credits', '{"event":"EVENT","reason":"r","credits":@}', 1n, trillion],
    ['grants', '/credits', '{"kind":"bonus","reason":"r","credits":@}', 1n, trillion],
    ['grants', '/credits', '{"kind":"adjustment","reason":"r","credits":@}', -trillion, trillion],
    ['grants', '/credits', '{"kind":"included_allocation","reason":"r","period":"2026-01-01T00:00:00Z","expires_at":"2099-01-01T00:00:00Z","credits":@}', 1n, trillion],
    ['batch', '/captures/0/quantity', '{"captures":[{"space":"SPACE","key":"KEY","activity":"livestream_room","quantity":@}]}', 1n, most],
    ['batch', '/captures/0/credits', '{"captures":[{"space":"SPACE","key":"KEY","feature":"f","credits":@}]}', 1n, trillion],
    ['limits', '/low_credit_threshold', '{"low_credit_threshold":@}', 0n, trillion],
    ['limits', '/caps/0/credits', '{"caps":[{"on":{"member":"m"},"credits":@,"per":"day"}]}', 0n, trillion],
];

// Texts that are no integers in any field; null is as if left out.
const zoo = [
    '1.0', '1.5', '0.1', '-0.5', '1e0', '1E3', '1e-3', '1e400', '-1e400',
    '0.9999999999999999', '9007199254740992', '9007199254740993',
    '-9007199254740992', '9223372036854775807', '9223372036854775808',
    '18446744073709551615', '18446744073709551617',
    '1000000000000000000000000000000', `1${'0'.repeat(400)}`, '-0', '00', '01',
    '-01', '+1', '.5', '5.', '-', '--1', '1-1', '1 000', '1,000', '1_000',
    '0x10', '0b1', '0o7', '1n', '1f', 'NaN', 'nan', 'Infinity', '-Infinity',
    'inf', 'undefined', 'None', 'True', '\u0661\u0662', '\uff11\uff12', '\u00bd',
    '"1"', '"-1"', '"1.5"', '""', '"NaN"', '"\\u0031"', "'1'", 'true',
    'false', '[]', '[1]', '{}', '{"a":1}', '[[1]]', '"x"', '1 2', '\u221e', '',
    '1/*x*/', '//', '\u00a01', '1\u0000', '"1', '1}', '\ufeff1', '$1', '\u00a31', '1%',
    '9'.repeat(5000), `0.${'0'.repeat(5000)}1`, '-1', '0',
];

const send = async ([where, , shape], text, key) => {
    const { headers } = keyed(site);
    const body = shape.replace('EVENT', ids.event)
        .replace('SPACE', space.slug).replace('KEY', key).replace('@', () => text);
    if (where === 'batch') {
        const answer = await call('POST', '/api/v1/captures/batch', body, headers);
        if (answer.status !== 200) return answer;
        const [{ status, problem }] = answer.json.results;
        return { status, json: problem, text: answer.text };
    }
    if (where === 'limits') {
        return call('PUT', '/api/v1/spaces/demo/limits', body, {
            ...owner.headers, 'Sec-Fetch-Site': 'same-origin',
        });
    }
    return call('POST', `${space.path}/${where}`, body,
        { ...headers, 'Idempotency-Key': key });
};

// What there is: anything that moved would show.
async function state() {
    const demo = await owner.get('/api/v1/spaces/demo/limits');
    return JSON.stringify([await space.balance(),
        await space.holds(), demo.json,
        ok(await owner.get('/api/v1/spaces/demo/credits')).balance]);
}

let count = 0;
async function refusedAt(field, text) {
    const [where, pointer, shape] = field;
    count += 1;
    const answer = await send(field, text, `k${count}`);
    const told = `${where} ${shape} @=${text.slice(0, 80)}: ${answer.status} ${
        answer.text.slice(0, 400)}`;
    assert.equal(answer.status, 400, told);
    assert.equal(answer.json.code, 'invalid_request', told);
    const pointers = answer.json.errors.map((error) => error.pointer);
    // Where the text is no JSON the pointer may stop at what holds it.
    assert.ok(pointers.length > 0 && pointers.every((one) => (
        typeof one === 'string')), told);
    assert.ok(pointers.some((one) => pointer.startsWith(one)
        || one.startsWith(`${pointer}/`)), told);
    return pointers;
}

const integer = /^(0|-?[1-9]\d*)$/;
const fits = (text, [, , , low, high]) => integer.test(text)
    && BigInt(text) >= low && BigInt(text) <= high;

async function tryAll(cases) {
    const was = await state();
    await callers(8, async (i) => {
        if (i >= cases.length) return false;
        await refusedAt(...cases[i]);
        return true;
    });
    assert.equal(await state(), was);
}

test('all that is no number, in every numeric field, is 400 at that field', async () => {
    const cases = fields().flatMap((field) => zoo
        .filter((text) => !fits(text, field))
        .map((text) => [field, text]));
    process.stdout.write(`# ${cases.length} cases\n`);
    assert.ok(cases.length > 1000);
    await tryAll(cases);
});

// A random text of something like a number, for one of the fields.
function someText(random) {
    const digits = (n) => Array.from({ length: n }, () => random.int(0, 9)).join('');
    const sign = () => random.pick(['', '', '-', '+']);
    const makes = [
        () => `${sign()}${digits(random.int(1, 12))}.${digits(random.int(1, 20))}`,
        () => `${sign()}${digits(random.int(1, 5))}${random.pick(['e', 'E'])}${sign()}${digits(random.int(1, 4))}`,
        () => `-${random.int(1, 9)}${digits(random.int(0, 20))}`,
        () => `${random.int(1, 9)}${digits(random.int(15, 60))}`,
        () => `"${sign()}${digits(random.int(1, 20))}"`,
        () => `0${digits(random.int(1, 9))}`,
        () => `${digits(random.int(1, 5))}${random.pick([' ', '_', ',', '\'', '`'])}${digits(3)}`,
        () => `${digits(random.int(1, 9))}${random.pick(['n', 'px', 'L', 'u', '%', '\u20ac', '!'])}`,
        () => `[${digits(random.int(1, 9))}]`,
        () => JSON.stringify({ [digits(2)]: random.int(0, 9) }),
        () => JSON.stringify(String.fromCodePoint(random.int(1, 0xd7ff))
            .repeat(random.int(1, 30))),
        () => String.fromCodePoint(random.int(0x80, 0xd7ff)),
        () => random.pick(['NaN', 'Infinity', '-Infinity', 'nan', 'NULL', 'tru', 'undefined']),
        () => `0x${random.int(0, 65535).toString(16)}`,
    ];
    return random.pick(makes)();
}

test('1,500 random decimals, negatives, huge ones, strings and scraps are each 400 at their field', async () => {
    const random = seeded('numbers');
    const all = fields();
    const cases = [];
    while (cases.length < 1500) {
        const field = random.pick(all);
        const text = someText(random);
        // An adjustment may be negative; it would be a good request.
        if (!fits(text, field)) cases.push([field, text]);
    }
    await tryAll(cases);
});

test('a number at the very edge of what a field takes is the last one that it takes', async () => {
    const was = await state();
    // Grants last: they succeed, and others would with what they give.
    const inOrder = fields().sort(([a], [b]) => (
        Number(a === 'grants') - Number(b === 'grants')));
    for (const field of inOrder) {
        const [where, pointer, , low, high] = field;
        for (const bad of [low - 1n, high + 1n]) {
            await refusedAt(field, String(bad));
        }
        if (high === week || where === 'limits') continue;
        // As large as it may be: read, and refused for what it asks.
        count += 1;
        const answer = await send(field, String(high), `k${count}`);
        if (where === 'grants') {
            ok(answer);
            continue;
        }
        const statuses = high === most ? [400, 409] : [402, 409, 422];
        assert.ok(statuses.includes(answer.status),
            `${where} ${pointer} ${high}: ${answer.status} ${answer.text}`);
        if (answer.status === 400) {
            assert.deepEqual(answer.json.errors.map((one) => one.pointer),
                [pointer]);
        }
    }
    // The grants alone were fine; what they gave can be taken back.
    const granted = (await space.balance()).total - 900;
    assert.equal(granted, 3 * 10 ** 12);
    for (let i = 0; i < 3; i += 1) {
        ok(await space.grant({ kind: 'adjustment', credits: -(10 ** 12) }), 201);
    }
    const [balance, ...others] = JSON.parse(await state());
    const [before_, ...same] = JSON.parse(was);
    assert.deepEqual(others, same);
    assert.deepEqual({ ...balance, seq: 0 }, { ...before_, seq: 0 });
});

test('a number that is missing, stands twice, is null, or comes with another member is 400', async () => {
    const was = await state();
    const optional = ['/expires_in_s', '/extend/expires_in_s',
        '/low_credit_threshold'];
    const cases = [];
    for (const field of fields()) {
        const [where, pointer, shape, low, high] = field;
        const name = pointer.slice(pointer.lastIndexOf('/') + 1);
        const member = `"${name}":@`;
        const again = (text) => [where, pointer, text, low, high];
        cases.push(again(shape.replace(member, `"${name}":1,"${name}":1`)));
        cases.push(again(shape.replace(member, `"${name}":1,"\\u00${
            name.charCodeAt(0).toString(16)}${name.slice(1)}":2`)));
        cases.push([where, pointer.replace(name, 'EXTRA'),
            shape.replace(member, `"${name}":1,"EXTRA":1`), low, high]);
        cases.push([where, pointer.replace(name, name.toUpperCase()),
            shape.replace(member, `"${name}":1,"${name.toUpperCase()}":1`), low, high]);
        const needed = !optional.includes(pointer)
            && !/capture$|refunds/.test(where);
        if (needed || pointer.startsWith('/extend/q')
            || pointer.startsWith('/extend/c')) {
            cases.push([where, pointer.replace('/extend/credits', '/extend/quantity'),
                shape.replace(member, `"${name}":null`), low, high]);
            cases.push([where, pointer.replace('/extend/credits', '/extend/quantity'),
                shape.replace(member, '').replace(/,([}\]])|([{[]),/g, '$1$2')
                    .replace(',,', ','), low, high]);
        }
    }
    process.stdout.write(`# ${cases.length} cases\n`);
    await callers(8, async (i) => {
        if (i >= cases.length) return false;
        // Left out altogether, a hold's or capture's pair may be told first.
        const [where, pointer, shape] = cases[i];
        count += 1;
        const answer = await send(cases[i], '1', `k${count}`);
        const told = `${where} ${pointer} ${shape}: ${answer.status} ${answer.text}`;
        assert.equal(answer.status, 400, told);
        assert.ok(answer.json.errors.some((error) => error.pointer === pointer
            || error.pointer === pointer.replace('credits', 'activity')
            || error.pointer === pointer.replace('quantity', 'credits')), told);
        return true;
    });
    assert.equal(await state(), was);
});

test('texts are 1 to 200 characters of UTF-8 without NUL, and kept as they are', async () => {
    const names = ['feature', 'livestream', 'order', 'campaign', 'member', 'note'];
    const { headers } = keyed(site);
    const post = (name, text) => {
        count += 1;
        const body = name === 'feature' ? `{"feature":${text},"credits":1}`
            : `{"feature":"f","credits":1,"${name}":${text}}`;
        return call('POST', `${space.path}/captures`, body,
            { ...headers, 'Idempotency-Key': `t${count}` });
    };
    const was = await state();
    for (const name of names) {
        for (const text of ['""', `"${'x'.repeat(201)}"`, '1', '[]', '{}', 'true',
            '"\\u0000"', '"a\\u0000b"', '"\\ud800"', '"\\udc00x"', '"\\x41"',
            '"\t"', '"\n"']) {
            const answer = await post(name, text);
            assert.equal(answer.status, 400, `${name} ${text}: ${answer.text}`);
            assert.ok(answer.json.errors.some(({ pointer }) => (
                pointer === `/${name}`)), answer.text);
        }
    }
    assert.equal(await state(), was);
    for (const name of names) {
        for (const text of ['x', 'x'.repeat(200), '\u{1F600}'.repeat(200), ' ',
            '\u0001\u001f\u007f', '"\\/', '<script>alert(1)</script>', '=1+1',
            '\u202e\u0301', "'; DROP TABLE event; --", '%s%n', '\u00e9', 'e\u0301']) {
            const answer = await post(name, JSON.stringify(text));
            const { event } = ok(answer, 201);
            assert.equal(event[name], text);
        }
    }
});
