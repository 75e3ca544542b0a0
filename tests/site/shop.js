// What most tests of buying begin with: a Space of one's own with an owner
// who has signed in, an order, what the ledger says of it. And the database,
// for what no interface shows or does.

import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { run, signIn } from './site.js';

// A new Space with a plan and its owner: a client with `space`, its slug.
// The limits of a member (unpaid orders, failed sign-ins) begin anew.
export async function newBuyer(site, { plan = 'creator', role = 'owner' } = {}) {
    const slug = `s${randomBytes(5).toString('hex')}`;
    const email = `${slug}@example.test`;
    await must(site, ['space', 'add', slug, '--name', `Space ${slug}`,
        '--plan', plan]);
    await must(site, ['member', 'add', email, '--name', `Buyer ${slug}`,
        '--space', slug, '--role', role], { input: 'a-good-password\n' });
    const client = await signIn(site, email, 'a-good-password');
    return Object.assign(client, { space: slug, email });
}

// Runs a command that has to succeed; its JSON.
export async function must(site, args, options) {
    const { code, stdout, stderr } = await site.scrip([...args, '--json'],
        options);
    assert.equal(code, 0, `scrip ${args.join(' ')}: ${stderr}${stdout}`);
    return JSON.parse(stdout);
}

export const checkout = (client, tier = 'gbp25', key = randomUUID()) => client
    .post(`/api/v1/spaces/${client.space}/checkout`, { tier }, { key });

// An order that waits for its payment: { order, payment_url }.
export async function place(client, tier = 'gbp25') {
    const answer = await checkout(client, tier);
    assert.equal(answer.status, 201, answer.text);
    return answer.json;
}

export async function orderOf(client, id) {
    const answer = await client
        .get(`/api/v1/spaces/${client.space}/orders/${id}`);
    assert.equal(answer.status, 200, answer.text);
    return answer.json.order;
}

export async function balanceOf(client) {
    const answer = await client.get(`/api/v1/spaces/${client.space}/credits`);
    assert.equal(answer.status, 200, answer.text);
    return answer.json.balance;
}

// The newest events, newest first.
export async function eventsOf(client) {
    const answer = await client
        .get(`/api/v1/spaces/${client.space}/events?limit=100`);
    assert.equal(answer.status, 200, answer.text);
    return answer.json.events;
}

// `scrip verify` has nothing to say.
export async function whole(site) {
    const { code, stdout, stderr } = await site.scrip(['verify', '--json']);
    assert.deepEqual([code, stdout.trim()],
        [0, '{"faults":[],"ok":true}'], stderr);
}

// The end of a test file: its ledger is whole, and all that it started stops,
// whatever came before.
export async function stopWhole(site, provider) {
    try {
        if (site) await whole(site);
    } finally {
        await site?.stop();
        await provider?.stop();
    }
}

// Runs SQL on a database of the site's; its rows. Text that is no number of
// ours must not get in here.
export async function sql(site, statement, file = 'scrip.db') {
    const { code, stdout, stderr } = await run('sqlite3', ['-json', '-cmd',
        '.timeout 5000', join(site.home, file)], { input: statement });
    assert.equal(code, 0, `${statement}: ${stderr}`);
    assert.equal(stderr, '', statement);
    return stdout.trim() === '' ? [] : JSON.parse(stdout);
}

// Holds the database so that nobody else can write: release() lets go.
export async function holdDatabase(site) {
    const child = spawn('sqlite3', [join(site.home, 'scrip.db')]);
    const gone = new Promise((done) => { child.on('close', done); });
    await new Promise((done, fail) => {
        child.stdout.once('data', done);
        child.stderr.once('data', (text) => fail(new Error(String(text))));
        child.stdin.write('.timeout 5000\nBEGIN IMMEDIATE;\nSELECT 1;\n');
    });
    return {
        release: async () => {
            child.stdin.end('ROLLBACK;\n');
            await gone;
        },
    };
}
