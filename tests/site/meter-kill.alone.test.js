// kill -9 of meter under load, fifty times: what was answered with a 2xx is
// in the ledger, nothing is there that a replay of its key does not tell of,
// and the next request is served within a second.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { chained, newSpace, ok, own, seeded } from './meter.js';
import { whole } from './shop.js';
import { processes, startSite, until } from './site.js';
import { callers, keptCalls, underLoad } from './volley.js';

const CALLERS = 24;
const KILLS = 50;

let site;
let call;
before(async () => {
    site = await startSite({ build: 'build' });
    call = keptCalls(site, CALLERS + 1);
});
after(async () => {
    call?.end();
    await site?.stop();
});

// One request: kept until it has an answer that is one, 2xx or refusal.
function asking(space) {
    const { Authorization } = space.client.headers;
    return async (what, body, key) => {
        try {
            return await call('POST', `${space.path}/${what}`, body,
                { Authorization, 'Idempotency-Key': key });
        } catch (error) {
            return { status: 0, text: String(error) };
        }
    };
}

// What the load did: each with all that is needed to ask again.
class Load {
    constructor(space, random) {
        this.ask = asking(space);
        this.random = random;
        this.sent = [];
        this.failed = 0;
    }

    async send(what, body) {
        const one = { what, body, key: randomUUID() };
        this.sent.push(one);
        one.answer = await this.ask(what, body, one.key);
        const { status } = one.answer;
        if (status === 0 || status === 503) this.failed += 1;
        else if (![200, 201, 402].includes(status)) {
            throw new Error(`${what}: ${status} ${one.answer.text}`);
        }
        return one.answer;
    }

    // A direct capture, or a hold that is captured in parts and ended.
    async step() {
        const { random } = this;
        if (random.int(0, 1)) {
            await this.send('captures', own(random.int(1, 3)));
            return;
        }
        const held = await this.send('holds', own(random.int(2, 9)));
        const id = held.json?.hold?.id;
        if (!id) return;
        await this.send(`holds/${id}/capture`, { credits: 1, final: false });
        await this.send(`holds/${id}/capture`, {});
    }
}

const meterOf = () => processes(site).meter ?? [];

async function kill() {
    const [pid] = await until('meter runs', () => {
        const pids = meterOf();
        return pids.length === 1 && pids;
    });
    process.kill(pid, 'SIGKILL');
}

// How long until a request is served again.
async function nextAnswer(space, key) {
    const began = Date.now();
    for (;;) {
        const { status } = await asking(space)('captures', own(1), key);
        if (status === 201) return Date.now() - began;
        assert.ok([0, 503].includes(status), String(status));
        assert.ok(Date.now() - began < 5000, 'no answer within 5 s');
        await new Promise((done) => { setTimeout(done, 5); });
    }
}

test('fifty kills of meter under load lose no answer and make none up', async () => {
    const random = seeded('kills');
    const space = await newSpace(site, 10 ** 9);
    const load = new Load(space, random);
    const began = Date.now();
    const waits = [];
    const probes = [];
    await underLoad(CALLERS, () => load.step(), async () => {
        for (let i = 0; i < KILLS; i += 1) {
            await new Promise((done) => { setTimeout(done, random.int(30, 250)); });
            await kill();
            const probe = randomUUID();
            probes.push(probe);
            waits.push(await nextAnswer(space, probe));
        }
    });
    const took = (Date.now() - began) / 1000;
    const answered = load.sent.filter(({ answer }) => answer.status < 300
        && answer.status > 0);
    process.stdout.write(`# ${KILLS} kills in ${took.toFixed(1)} s: ${
        load.sent.length} requests, ${answered.length} answered 2xx, ${
        load.failed} without an answer; next answer after ${
        Math.max(...waits)} ms at most\n`);
    assert.ok(answered.length > 1000, 'that was a load');
    assert.ok(load.failed > 0, 'and the kills were felt');
    assert.ok(Math.max(...waits) <= 1000, `${Math.max(...waits)} ms`);

    // Every key once more. What was answered is answered the same; what was
    // not may have happened or not, and happens now if it did not.
    const known = new Set();
    const holds = new Set();
    await callers(CALLERS, async (i) => {
        const one = load.sent[i];
        if (one === undefined) return false;
        const { answer } = one;
        const again = await load.ask(one.what, one.body, one.key);
        if (answer.status === 200 || answer.status === 201) {
            assert.equal(again.text, answer.text);
            assert.equal(again.status, answer.status);
            assert.equal(again.headers['idempotency-replayed'], 'true');
        } else if (again.status === 409) {
            // It had not happened, and its hold has ended since.
            assert.equal(again.json.code, 'hold_not_open');
            return true;
        } else ok(again);
        if (again.json.event) {
            assert.ok(!known.has(again.json.event.id), 'an event of two keys');
            known.add(again.json.event.id);
        } else {
            assert.ok(!holds.has(again.json.hold.id), 'a hold of two keys');
            holds.add(again.json.hold.id);
        }
        return true;
    });
    const events = await space.events();
    chained(events);
    const usage = events.filter(({ kind }) => kind === 'captured_usage');
    const strange = usage.filter(({ id }) => !known.has(id));
    assert.equal(strange.length, probes.length, 'events that no key made');
    assert.equal(usage.length, known.size + probes.length);
    // The holds that there are are those that keys tell of.
    let before_ = '';
    let listed = 0;
    do {
        const page = ok(await space.get(`holds?limit=100${before_}`));
        for (const { id } of page.holds) assert.ok(holds.has(id), id);
        listed += page.holds.length;
        before_ = page.next_before && `&before=${page.next_before}`;
    } while (before_);
    assert.equal(listed, holds.size);
    await whole(site);
});
