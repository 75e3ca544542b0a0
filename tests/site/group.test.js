// Group commit seen from outside: requests that share a transaction share
// nothing else. The good and the bad mixed, a database that cannot be
// written, a meter that is ended or that ends.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { chained, newSpace, ok, own, refused, seeded } from './meter.js';
import { holdDatabase, whole } from './shop.js';
import { processes, run, startSite, until } from './site.js';
import { callers, keptCalls, underLoad } from './volley.js';

const CALLERS = 64;
const sleep = (ms) => new Promise((done) => { setTimeout(done, ms); });

let site;
let call;
let call1; // of its own, when the others are all in use
before(async () => {
    site = await startSite();
    call = keptCalls(site, CALLERS);
    call1 = keptCalls(site, 1);
});
after(async () => {
    call?.end();
    call1?.end();
    try {
        if (site) await whole(site);
    } finally {
        await site?.stop();
    }
});

const post = (space, what, body, key = randomUUID(), by = call) => by('POST',
    `${space.path}/${what}`, body,
    { ...space.client.headers, 'Idempotency-Key': key });

// ------------------------------------------------------- good and bad mixed

test('2,000 good and bad requests of 64 callers in 5 Spaces: each is answered as if it were alone', async () => {
    const random = seeded('mixed');
    const spaces = await Promise.all(Array.from({ length: 5 },
        () => newSpace(site, 100000)));
    const holds = await Promise.all(spaces.map(async (space) => (
        ok(await space.hold(own(20000))).hold.id)));
    const used = new Map(spaces.map(({ slug }) => [slug, 0]));
    const of = [
        [201, 'captures', () => own(random.int(1, 9))],
        [201, 'captures', () => own(random.int(1, 9))],
        [200, 'hold', () => ({ credits: 1, final: false })],
        [400, 'captures', () => own(0)],
        [400, 'captures', () => ({ activity: 'nothing', quantity: 1 })],
        [400, 'captures', () => '{"feature":'],
        [402, 'captures', () => own(10 ** 12)],
        [404, 'holds/hld_01M827AVAW000000R0000000ZZ/capture', () => ({})],
        [409, 'hold', () => ({ credits: 50000 })],
        [422, 'captures', () => own(3), 'used'],
        [404, 'refunds', () => ({ event: 'evt_x', reason: 'r' })],
        [400, 'captures', () => `{"feature":"${'x'.repeat(60000)}","credits":1}`],
    ];
    for (const space of spaces) ok(await space.charge(own(2), 'used'), 201);
    const seen = {};
    await callers(CALLERS, async (i) => {
        if (i >= 2000) return false;
        const at = random.int(0, 4);
        const [status, what, body, key] = random.pick(of);
        const answer = await post(spaces[at],
            what === 'hold' ? `holds/${holds[at]}/capture` : what, body(), key);
        assert.equal(answer.status, status, `${what}: ${answer.text}`);
        seen[status] = (seen[status] ?? 0) + 1;
        if (status < 300) {
            const { slug } = spaces[at];
            used.set(slug, used.get(slug) - answer.json.event.credits);
        }
        return true;
    });
    process.stdout.write(`# ${JSON.stringify(seen)}\n`);
    for (const space of spaces) {
        const left = 100000 - 2 - used.get(space.slug);
        assert.equal((await space.balance()).total, left);
        assert.equal(chained(await space.events()), left);
    }
});

test('32 batches of 1,000 at once are all done, whatever memory they need together', async () => {
    const space = await newSpace(site, 10 ** 6);
    const batch = () => ({ captures: Array.from({ length: 1000 },
        () => ({ space: space.slug, key: randomUUID(), ...own(1) })) });
    const began = Date.now();
    await callers(32, async (i) => {
        if (i >= 32) return false;
        const body = batch();
        for (let tries = 1; ; tries += 1) {
            const sent = Date.now();
            const { status, json, text } = await call('POST',
                '/api/v1/captures/batch', body, space.client.headers);
            // Behind the others for as long as nginx waits: the same again.
            if (status === 503 && Date.now() - sent > 25000 && tries < 5) continue;
            assert.equal(status, 200, text.slice(0, 300));
            assert.ok(json.results.every((result) => (tries > 1 ? [200, 201]
                : [201]).includes(result.status)));
            return true;
        }
    });
    const took = (Date.now() - began) / 1000;
    process.stdout.write(`# ${Math.round(32000 / took)} captures a second\n`);
    assert.equal((await space.balance()).total, 10 ** 6 - 32000);
});

// -------------------------------------------------- who cannot be written to

// Sends the same keys until each has succeeded; how often each was refused.
async function insist(space, keys) {
    let refusals = 0;
    let slowest = 0;
    await callers(CALLERS, async (i) => {
        if (i >= keys.length) return false;
        for (;;) {
            const began = Date.now();
            const answer = await post(space, 'captures', own(1), keys[i]);
            slowest = Math.max(slowest, Date.now() - began);
            if (answer.status === 201) return true;
            assert.equal(answer.status, 503, answer.text);
            assert.equal(answer.json.code, 'unavailable');
            assert.match(answer.headers['retry-after'], /^[1-9]\d*$/);
            refusals += 1;
            await sleep(50);
        }
    });
    return { refusals, slowest };
}

test('a database that another holds for 3 s is 503 with Retry-After, reading goes on, and the same keys succeed later', async () => {
    const space = await newSpace(site, 1000);
    const lock = await holdDatabase(site);
    const keys = Array.from({ length: 32 }, () => randomUUID());
    const insisting = insist(space, keys);
    for (let i = 0; i < 10; i += 1) {
        const began = Date.now();
        assert.equal((await call1('GET', `${space.path}/balance`, undefined,
            space.client.headers)).status, 200);
        assert.ok(Date.now() - began < 2500, 'reading does not wait');
        await sleep(300);
    }
    await lock.release();
    const { refusals, slowest } = await insisting;
    process.stdout.write(`# ${refusals} times 503, ${slowest} ms at most\n`);
    assert.ok(refusals > 0);
    assert.ok(slowest < 10000, `${slowest} ms`);
    assert.deepEqual(await space.balance(),
        { available: 968, held: 0, total: 968, seq: 33 });
});

test('who had to wait for the turn decides with the time at which it came: what ended meanwhile has ended', async () => {
    const space = await newSpace(site, 100);
    let answer;
    let tries = 0;
    do { // on a machine that stalls it may have waited for too long
        const { hold } = ok(await space.hold(own(10, { expires_in_s: 1 })), 201);
        const lock = await holdDatabase(site);
        const capturing = post(space, `holds/${hold.id}/capture`, {});
        const end = Date.parse(hold.expires_at) + 100;
        while (Date.now() < end) await sleep(10);
        assert.equal((await space.holdOf(hold.id)).state, 'expired');
        await lock.release();
        answer = await capturing;
        tries += 1;
    } while (answer.status === 503 && tries < 5);
    assert.equal(answer.status, 409, answer.text);
    assert.equal(answer.json.code, 'hold_not_open');
    assert.equal((await space.balance()).total, 100);
});

test('a full disk is 503, nothing has moved, and with room it goes on by itself', async () => {
    const space = await newSpace(site, 1000);
    const [pid] = processes(site).meter;
    const limit = async (bytes) => {
        const { code, stderr } = await run('prlimit',
            ['--pid', String(pid), `--fsize=${bytes}:unlimited`]);
        assert.equal(code, 0, stderr);
    };
    const keys = Array.from({ length: 40 }, () => randomUUID());
    const before_ = await space.balance();
    await limit('1000');
    await callers(CALLERS, async (i) => {
        if (i >= keys.length) return false;
        const answer = await post(space, 'captures', own(1), keys[i]);
        assert.equal(answer.status, 503, answer.text);
        assert.ok(answer.headers['retry-after']);
        return true;
    });
    assert.deepEqual(await space.balance(), before_);
    await limit('unlimited');
    const { refusals } = await insist(space, keys);
    assert.equal(refusals, 0);
    assert.deepEqual(processes(site).meter, [pid], 'the process lives on');
    assert.equal((await space.balance()).total, 960);
});

test('meter killed with a large batch in hand: the web server says 503 as problem JSON', async () => {
    const space = await newSpace(site, 1000);
    const body = JSON.stringify({ captures: Array.from({ length: 900 },
        () => ({ space: space.slug, key: randomUUID(), note: 'n'.repeat(150), ...own(1) })) });
    assert.ok(body.length > 65536);
    const lock = await holdDatabase(site);
    const asked = call('POST', '/api/v1/captures/batch', body, space.client.headers);
    await sleep(500);
    const [pid] = processes(site).meter;
    process.kill(pid, 'SIGKILL');
    refused(await asked, 503, 'unavailable');
    await lock.release();
    await until('meter is back', () => (processes(site).meter ?? [])
        .some((one) => one !== pid));
    const { results } = ok(await space.client.post('/api/v1/captures/batch',
        body, { headers: { 'Content-Type': 'application/json' } }), 200);
    assert.ok(results.every(({ status }) => status === 201));
    assert.equal((await space.balance()).total, 100);
});

// ------------------------------------------------------------- its end

test('meter is told to end ten times under load: those in hand are answered, nobody notices', async () => {
    const random = seeded('ends');
    const space = await newSpace(site, 10 ** 6);
    const keys = [];
    const seen = new Set();
    const one = async () => {
        const key = randomUUID();
        const answer = await post(space, 'captures', own(1), key);
        assert.equal(answer.status, 201, answer.text);
        keys.push([key, answer.text]);
    };
    const ends = async () => {
        for (let i = 0; i < 10; i += 1) {
            const [pid] = await until('a new meter', () => {
                // One that ends has a child for a moment, under the sanitizer.
                const pids = processes(site).meter ?? [];
                return pids.length === 1 && !seen.has(pids[0]) && pids;
            }, 30);
            seen.add(pid);
            await sleep(random.int(50, 250));
            process.kill(pid, 'SIGTERM');
        }
        await sleep(200);
    };
    await underLoad(16, one, ends);
    process.stdout.write(`# ${keys.length} requests over ten ends\n`);
    assert.equal((await space.balance()).total, 10 ** 6 - keys.length);
    for (const [key, text] of keys.slice(-200)) {
        assert.equal((await post(space, 'captures', own(1), key)).text, text);
    }
});
