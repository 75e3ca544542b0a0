// The history of a Space: read page by page while it grows, it repeats and
// skips nothing, every row's balance follows from the one before, and what is
// due shows the same before it is written and afterwards.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
    balanceOf, eventsOf, must, newBuyer, sql, whole,
} from './shop.js';
import { startSite } from './site.js';

let site;
before(async () => {
    site = await startSite({ env: { SCRIP_TICK_SECONDS: '0' } });
});
after(async () => { await site?.stop(); });

const grant = (client, credits, ...more) => must(site, ['grant', client.space,
    String(credits), '--kind', credits < 0 ? 'adjustment' : 'bonus',
    '--reason', 'for the test', ...more]);

// The business clock stands ahead of ours by so much: nobody waits for ends.
let ahead = 0;
const soon = (ms) => new Date(Date.now() + ahead + ms).toISOString();
const minute = 60000;
async function advance(minutes) {
    await must(site, ['clock', 'advance', `${minutes}m`]);
    ahead += minutes * minute;
}

async function page(client, query) {
    const answer = await client
        .get(`/api/v1/spaces/${client.space}/events?${query}`);
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
}

// All pages of it, oldest last; `between` runs after each page.
async function walk(client, limit, between = async () => {}) {
    const seen = [];
    let cursor = '';
    do {
        const { events, next_before: next } = await page(client,
            `limit=${limit}${cursor}`);
        assert.ok(events.length <= limit);
        seen.push(...events);
        cursor = next && `&before=${encodeURIComponent(next)}`;
        if (cursor) await between();
    } while (cursor);
    return seen;
}

// seq counts down to 1 without a gap, and every balance follows.
function follows(events) {
    assert.deepEqual(events.map(({ seq }) => seq),
        Array.from({ length: events.length }, (_, i) => events.length - i));
    let balance = 0;
    for (const event of [...events].reverse()) {
        balance += event.credits;
        assert.equal(event.balance_after, balance, `event ${event.seq}`);
        assert.equal(event.lots.reduce((sum, { credits }) => sum + credits, 0),
            event.credits, `lots of event ${event.seq}`);
    }
    const times = events.map(({ occurred_at: at }) => at);
    assert.deepEqual(times, [...times].sort().reverse());
    assert.equal(new Set(events.map(({ id }) => id)).size, events.length);
    // Ids sort by time, as the contract says.
    const ids = events.map(({ id }) => id);
    assert.deepEqual(ids, [...ids].sort().reverse());
}

let filled;
async function long() {
    if (filled) return filled;
    const client = await newBuyer(site);
    for (let i = 1; i <= 23; i += 1) {
        await grant(client, i % 4 === 0 ? -i : 100 + i);
    }
    filled = client;
    return client;
}

test('a Space without events has an empty first page', async () => {
    const client = await newBuyer(site);
    assert.deepEqual(await page(client, ''), { events: [], next_before: null });
});

for (const limit of [1, 2, 5, 22, 23, 24, 100]) {
    test(`pages of ${limit} are the whole history, once`, async () => {
        const client = await long();
        const events = await walk(client, limit);
        assert.equal(events.length, 23);
        follows(events);
    });
}

test('25 is what a page holds when nothing is said', async () => {
    const client = await newBuyer(site);
    for (let i = 0; i < 27; i += 1) await grant(client, 1);
    const { events, next_before: next } = await page(client, '');
    assert.equal(events.length, 25);
    assert.ok(next);
    assert.equal((await page(client, `before=${encodeURIComponent(next)}`))
        .events.length, 2);
});

test('new events while somebody pages: nothing twice, nothing skipped', async () => {
    const client = await newBuyer(site);
    for (let i = 0; i < 12; i += 1) await grant(client, 10 + i);
    const first = await eventsOf(client);
    let added = 0;
    const seen = await walk(client, 3, async () => {
        await grant(client, 1);
        await grant(client, -1);
        added += 2;
    });
    assert.deepEqual(seen, first);
    const all = await walk(client, 100);
    assert.equal(all.length, 12 + added);
    assert.deepEqual(all.slice(added), first);
    follows(all);
});

test('writers at full speed and readers page by page agree in the end', async () => {
    const client = await newBuyer(site);
    await grant(client, 1000);
    let writing = true;
    const writers = Promise.all([1, 2].map(async () => {
        for (let i = 0; i < 12; i += 1) await grant(client, i % 2 ? -3 : 3);
    })).finally(() => { writing = false; });
    let walks = 0;
    while (writing) {
        follows(await walk(client, 7));
        walks += 1;
    }
    await writers;
    const all = await walk(client, 9);
    assert.equal(all.length, 25);
    follows(all);
    assert.equal((await balanceOf(client)).total, 1000);
    console.log(`# ${walks} walks while 24 events were written`);
    await whole(site);
});

test('an event asked for by its id is the one of the list', async () => {
    const client = await long();
    for (const event of await eventsOf(client)) {
        const { json } = await client
            .get(`/api/v1/spaces/${client.space}/events/${event.id}`);
        assert.deepEqual(json.event, event);
    }
});

test('an expiry shows when it is due, before anybody has written it, and is the same afterwards', async () => {
    const client = await newBuyer(site);
    await grant(client, 50);
    const ends = soon(30 * minute);
    await grant(client, 70, '--expires', ends);
    await grant(client, 30, '--expires', soon(86400000));
    assert.equal((await balanceOf(client)).total, 150);
    const tag = (await client.get(`/api/v1/spaces/${client.space}/credits`))
        .headers.etag;
    await advance(31);

    const before_ = { balance: await balanceOf(client),
        events: await walk(client, 2) };
    const stored = async () => (await sql(site, `SELECT count(*) AS n FROM event
        WHERE space = (SELECT number FROM space WHERE slug = '${
    client.space}')`))[0].n;
    assert.equal(await stored(), 3, 'reading writes nothing');
    assert.equal(before_.balance.total, 80);
    const [expiry] = before_.events;
    assert.deepEqual([expiry.kind, expiry.credits, expiry.balance_after,
        expiry.occurred_at, expiry.seq], ['expiry', -70, 80, ends, 4]);
    follows(before_.events);
    const one = await client
        .get(`/api/v1/spaces/${client.space}/events/${expiry.id}`);
    assert.deepEqual(one.json.event, expiry);
    const changed = await client.get(`/api/v1/spaces/${client.space}/credits`,
        { headers: { 'If-None-Match': tag } });
    assert.equal(changed.status, 200, 'what is due is news');

    const said = await must(site, ['tick']);
    assert.equal(said.events_written, 1);
    assert.equal(await stored(), 4);
    assert.deepEqual({ balance: await balanceOf(client),
        events: await walk(client, 2) }, before_);
    await must(site, ['tick']);
    assert.equal(await stored(), 4);
    await whole(site);
});

test('several ends at once come in their order, each at its time, and the next write writes them', async () => {
    const client = await newBuyer(site);
    const base = 30 * minute;
    const [three, one, two] = [30, 10, 20].map((ms) => soon(base + ms));
    const ends = [three, one, two, two];
    for (const [i, end] of ends.entries()) {
        await grant(client, 10 + i, '--expires', end);
    }
    await advance(31);
    const shown = await walk(client, 100);
    assert.deepEqual(shown.slice(0, 4).map(({ credits, occurred_at: at }) =>
        [credits, at]), [[-10, ends[0]], [-13, ends[3]], [-12, ends[2]],
        [-11, ends[1]]]);
    follows(shown);
    await grant(client, 5);
    const after_ = await walk(client, 3);
    assert.deepEqual(after_.slice(1), shown);
    assert.equal((await balanceOf(client)).total, 5);
    await whole(site);
});

test('a page that begins among what is due goes on without a seam', async () => {
    const client = await newBuyer(site);
    const end = soon(30 * minute);
    for (let i = 0; i < 3; i += 1) await grant(client, 7, '--expires', end);
    const older = await eventsOf(client);
    await advance(31);
    const first = await page(client, 'limit=2');
    assert.deepEqual(first.events.map(({ seq }) => seq), [6, 5]);
    await must(site, ['tick']); // what the cursor stands in is written now
    const rest = await page(client, `limit=100&before=${
        encodeURIComponent(first.next_before)}`);
    assert.deepEqual(rest.events.map(({ seq }) => seq), [4, 3, 2, 1]);
    assert.deepEqual(rest.events.slice(1), older);
});

test('words of any script come back as they were sent', async () => {
    const client = await newBuyer(site);
    const reasons = ['=HYPERLINK("http://evil")', '<script>alert(1)</script>',
        'Grüße an 日本 🎉', 'a"b\\c\td', "'; DROP TABLE event; --",
        'x'.repeat(200), '😀'.repeat(200)];
    for (const reason of reasons) {
        await must(site, ['grant', client.space, '1', '--kind', 'bonus',
            '--reason', reason]);
    }
    assert.deepEqual((await eventsOf(client)).map(({ words }) => words).reverse(),
        reasons);
});

test('after all of this the ledger is whole', () => whole(site));
