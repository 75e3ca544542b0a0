// The demo's past, as the first `make run` makes it: three months that were
// lived through over the API, so that every part of the pages has something
// to show. Whole or not at all, and never where somebody was before.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
    existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { whole } from './shop.js';
import { freePorts, keyed, root, run, signIn, until } from './site.js';

const home = mkdtempSync(join(tmpdir(), 'scrip-demo-'));
const site = { home };
const api = '/api/v1/spaces/demo';
let child;
let owner;

// `make run` without its make.
async function foreground() {
    const port = await freePorts();
    site.base = `http://127.0.0.1:${port}`;
    site.origin = site.base;
    site.env = {
        ...Object.fromEntries(Object.entries(process.env)
            .filter(([name]) => !name.startsWith('SCRIP_'))),
        SCRIP_BUILD: join(root, 'build'), // some thousand calls: the release
        SCRIP_HOME: home,
        SCRIP_PORT: String(port),
        SCRIP_START_SECONDS: '60',
    };
    child = spawn(join(root, 'nginx/run'), ['foreground'], { env: site.env });
    child.said = '';
    for (const from of [child.stdout, child.stderr]) {
        from.on('data', (text) => { child.said += text; });
    }
    child.ended = new Promise((done) => { child.on('close', done); });
}

const said = (words) => until(words, () => child.said.includes(words), 180);
const end = async () => {
    child.kill('SIGTERM');
    return child.ended;
};
site.scrip = (args) => run(join(site.env.SCRIP_BUILD, 'scrip'), args,
    { env: site.env });

// Who works below the home: processes of a site.
const workers = () => readdirSync('/proc').filter((pid) => {
    try {
        return /^\d+$/.test(pid)
            && readlinkSync(`/proc/${pid}/cwd`).startsWith(home);
    } catch {
        return false;
    }
});

const ask = async (path) => {
    const { status, json, text } = await owner.get(api + path);
    assert.equal(status, 200, text);
    return json;
};

// Every event, newest first.
async function everyEvent() {
    const events = [];
    let before_ = '';
    do {
        const page = await ask(`/events?limit=100${before_}`);
        events.push(...page.events);
        before_ = `&before=${page.next_before}`;
        if (page.next_before === null) return events;
    } while (events.length < 100_000);
    throw new Error('that is no demo');
}

// The month of its Space, YYYY-MM.
const month = (time) => new Intl.DateTimeFormat('en-CA', {
    timeZone: 'Europe/London', year: 'numeric', month: '2-digit',
}).format(time);

let events;
before(async () => {
    await foreground();
    await said('history');
    await until('it has begun', () => existsSync(join(home, 'demo.new/demo.key')));
});
after(async () => {
    await end();
    rmSync(home, { recursive: true });
});

test('interrupted, it leaves nothing behind, and is made anew', async () => {
    assert.equal(await end(), 130);
    await until('nobody works there', () => workers().length === 0);
    assert.ok(!existsSync(join(home, 'scrip.db')));
    await foreground();
    await said('Ctrl-C');
    assert.ok(!existsSync(join(home, 'demo.new')));
    owner = await signIn(site, 'owner@demo.test', 'demo-password');
    events = await everyEvent();
    assert.ok(events.length > 700, `${events.length} events; ${child.said}
        ${readFileSync(join(home, 'log/scrip.log'), 'utf8').slice(-3000)}`);
    await whole(site);
});

test('it lasts three months, up to now, and shows every kind of event', () => {
    const days = (Date.now() - Date.parse(events.at(-1).occurred_at)) / 86_400_000;
    assert.ok(days > 91 && days < 93, `${days} days`);
    assert.ok(Date.now() - Date.parse(events[0].occurred_at) < 600_000);
    const kinds = new Set(events.map(({ kind }) => kind));
    for (const kind of ['included_allocation', 'top_up', 'bonus', 'captured_usage',
        'usage_refund', 'expiry']) assert.ok(kinds.has(kind), kind);
    assert.equal(new Set(events.filter(({ kind }) => kind === 'captured_usage')
        .map(({ feature }) => feature)).size, 7, 'every activity was used');
    const working = events.filter(({ feature, occurred_at: at }) => (
        feature === 'chat_reply' && ![0, 6].includes(new Date(at).getUTCDay())));
    assert.ok(working.length > events.length / 4, 'weeks have a rhythm');
});

test('part of an allocation expired, and this month\'s was granted once', () => {
    const granted = events.filter(({ kind }) => kind === 'included_allocation');
    const expired = events.find(({ kind }) => kind === 'expiry');
    assert.ok(-expired.credits > 0 && -expired.credits < 500);
    const monthly = granted.filter(({ credits }) => credits === 500)
        .map((event) => month(new Date(event.occurred_at)));
    assert.equal(new Set(monthly).size, monthly.length);
    assert.ok(monthly.includes(month(new Date(events[0].occurred_at))));
});

test('the balance is worth looking at, and so is what holds it', async () => {
    const { balance, holds, warning, runway_days: runway } = await ask('/credits');
    for (const part of ['included', 'bonus', 'top_up', 'held', 'available']) {
        assert.ok(balance[part] > 0, `${part}: ${balance[part]}`);
    }
    assert.ok(holds.length >= 3, `${holds.length} holds`);
    assert.equal(warning, null);
    assert.ok(runway > 0);
    const { low_credit_threshold: threshold, caps } = await ask('/limits');
    assert.ok(threshold < balance.available);
    assert.ok(caps.length >= 2);
    // The last chat was two hours before the end: in the first of a month
    // nothing of that month may have been used yet.
    const chat = Date.parse(events[0].occurred_at) - 2 * 3_600_000;
    for (const { used, per } of caps) {
        if (per !== 'month' || month(chat) === month(new Date()))
            assert.ok(used > 0, `${per}: ${used}`);
    }
});

test('failed work was released and cost nothing', async () => {
    const { json } = await keyed(site).get(`${api}/holds?state=released`);
    assert.ok(json.holds.length > 0);
    assert.ok(json.holds.some(({ captured }) => captured === 0));
});

test('plans are saved, started and finished, the last with what was used',
    async () => {
        const { plans } = await ask('/plans');
        assert.deepEqual(plans.map(({ state }) => state).sort(),
            ['draft', 'finished', 'started']);
        const finished = plans.find(({ state }) => state === 'finished');
        const { plan } = await ask(`/plans/${finished.id}`);
        for (const { activity, planned, used } of plan.activities) {
            assert.ok(planned.quantity > 0 && used.quantity > 0, activity);
        }
    });

for (const [by, least] of [['livestream', 15], ['order', 10], ['campaign', 4],
    ['feature', 7], ['member', 2]]) {
    test(`usage groups by ${by} into at least ${least}`, async () => {
        const { groups } = await ask(`/usage?group_by=${by}&limit=100`);
        assert.ok(groups.length >= least, `${groups.length} groups`);
        assert.ok(groups.every(({ label }) => label.length > 0));
    });
}

test('a started plan\'s usage is called by the plan\'s name', async () => {
    const { groups } = await ask('/usage?group_by=campaign');
    assert.deepEqual(groups.filter(({ key }) => key?.startsWith('pln_'))
        .map(({ label }) => label).sort(), ['Masterclass launch', 'Members\' week']);
});

test('told again, it changes nothing, and neither does the next start',
    async () => {
        const { stdout, code } = await site.scrip(['demo', '--json']);
        assert.deepEqual([code, JSON.parse(stdout)], [0, { days: 0, calls: 0 }]);
        await end();
        await foreground();
        await said('Ctrl-C');
        assert.doesNotMatch(child.said, /history/);
        owner = await signIn(site, 'owner@demo.test', 'demo-password');
        assert.equal((await ask('/events?limit=1')).events[0].id, events[0].id);
    });

test('a Space that was used is left alone, though the clock is behind',
    async () => {
        const back = new Date(Date.now() - 86_400_000 * 3).toISOString();
        await site.scrip(['clock', 'set', back, '--force']);
        const { stdout } = await site.scrip(['demo']);
        assert.match(stdout, /has been used/);
        await site.scrip(['clock', 'reset']);
        assert.equal((await ask('/events?limit=1')).events[0].id, events[0].id);
    });
