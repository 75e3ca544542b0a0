// The same programs behind each web server of shared hosting, as `scrip
// install` puts them there: what a member, a platform and the provider do,
// once each. What the server may do to a request is tried here; what the
// product does is tried in tests/site.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { payByCard } from '../site/payer.js';
import { checkout, whole } from '../site/shop.js';
import {
    anonymous, keyed, request, signIn, until,
} from '../site/site.js';
import { installSite, servers } from './servers.js';

const demo = '/api/v1/spaces/demo';
const password = 'demo-password';

async function buys(site) {
    const owner = await signIn(site, 'owner@demo.test', password);
    Object.assign(owner, { space: 'demo' });
    const before = await owner.get(`${demo}/credits`);
    assert.equal(before.json.balance.total, 500);
    const bought = await checkout(owner);
    assert.equal(bought.status, 201, bought.text);
    assert.ok(bought.json.payment_url.startsWith(`${site.sandbox}/pay/`));
    const page = await request(bought.json.payment_url);
    const style = /href="([^"]+\.css)"/.exec(page.text)[1];
    assert.equal((await request(site.root + style)).status, 200);
    const paid = await payByCard(site, bought.json.payment_url);
    assert.equal(paid.status, 303, paid.text);
    assert.ok(paid.headers.location.startsWith(`${site.base}/settings/`));
    // The balance never asks the provider: what arrives, the webhook brought.
    const after = await until('the webhook', async () => {
        const { json } = await owner.get(`${demo}/credits`);
        return json.balance.total === 3500 && json;
    }, 20);
    assert.equal(after.balance.top_up, 3000);
    return owner;
}

async function meters(site) {
    const platform = keyed(site);
    const held = await platform.post(`${demo}/holds`,
        { activity: 'livestream_room', quantity: 30 }, { key: true });
    assert.equal(held.status, 201, held.text);
    assert.equal(held.json.balance.available, 3440);
    const key = 'the-same-key';
    const capture = () => platform.post(
        `${demo}/holds/${held.json.hold.id}/capture`, { quantity: 20 }, { key },
    );
    const captured = await capture();
    assert.equal(captured.status, 200, captured.text);
    assert.equal(captured.json.balance.total, 3460);
    const again = await capture();
    assert.equal(again.headers['idempotency-replayed'], 'true');
    assert.deepEqual(again.json, captured.json);
    // Half of what mod_fcgid takes, in one request.
    const captures = Array.from({ length: 400 }, (_, i) => ({
        space: 'demo', key: `b${i}`, feature: 'clip', credits: 1, note: 'x'.repeat(80),
    }));
    const batch = await platform.post('/api/v1/captures/batch', { captures });
    assert.equal(batch.status, 200, batch.text);
    assert.ok(batch.json.results.every(({ status }) => status === 201));
}

async function explains(site, owner) {
    const credits = await owner.get(`${demo}/credits`);
    const same = await owner.get(`${demo}/credits`,
        { headers: { 'If-None-Match': credits.headers.etag } });
    assert.equal(same.status, 304);
    assert.equal(same.text, '');
    const estimate = await owner.post(`${demo}/planner`,
        { items: [{ activity: 'clip', quality: 'premium', quantity: 2 }] });
    assert.equal(estimate.json.total, 50, estimate.text);
    const usage = await owner.get(`${demo}/usage?group_by=feature`);
    assert.equal(usage.json.total.captured, 440);
    const events = await owner.get(`${demo}/events?limit=2&kind=top_up`);
    assert.deepEqual(events.json.events.map(({ credits: n }) => n), [3000]);
    const csv = await owner.get(`${demo}/events.csv`);
    assert.match(csv.headers['content-type'], /^text\/csv/);
    assert.equal(csv.text.trim().split('\r\n').length, 1 + 2 + 1 + 400);
    const head = await request(`${site.base}${demo}/credits`,
        { method: 'HEAD', headers: owner.headers });
    assert.deepEqual([head.status, head.text], [200, '']);
}

async function refuses(site) {
    const nobody = anonymous(site);
    const platform = keyed(site);
    const cases = [
        [401, await nobody.get(`${demo}/credits`)],
        [401, await nobody.get(`${demo}/credits`,
            { headers: { Authorization: 'Bearer sk_wrong' } })],
        [404, await platform.get('/api/v1/spaces/none/credits')],
        [404, await nobody.get('/api/v1/nothing')],
        [404, await nobody.get('/webhooks/other')],
        [405, await platform.del(`${demo}/credits`)],
        [400, await platform.post(`${demo}/captures`, '{"a":',
            { key: true, headers: { 'Content-Type': 'application/json' } })],
        [400, await nobody.post('/webhooks/stripe', '{}')],
        [402, await platform.post(`${demo}/captures`,
            { feature: 'x', credits: 1e9 }, { key: true })],
        [413, await platform.post(`${demo}/captures`,
            { feature: 'x'.repeat(80000), credits: 1 }, { key: true })],
    ];
    for (const [status, answer] of cases) {
        assert.equal(answer.status, status, answer.text);
        assert.match(answer.headers['content-type'], /problem\+json/);
        assert.equal(answer.json.status, status);
        const page = await request(site.root + answer.json.type);
        assert.equal(page.status, 200, answer.json.type);
    }
}

async function shows(site) {
    for (const page of ['settings/personal/credits', 'signin',
        'settings/membership', 'guide/credits', 'problems/',
        'problems/role', 'js/lib/base.js', 'css/tokens.css', 'favicon.svg']) {
        const { status, text } = await request(`${site.base}/${page}`);
        assert.equal(status, 200, page);
        assert.doesNotMatch(text, /@[A-Z]+@/);
    }
    const begin = await request(`${site.base}/`);
    assert.equal(begin.status, 302);
    assert.ok(begin.headers.location.endsWith(
        '/~user/credits/settings/personal/credits'));
    const home = 'releases/1/cgi-bin/home.conf';
    for (const hidden of ['no/such/page', '.htaccess', 'js/', home,
        'releases/1/cgi-bin/credits', '../data/scrip.conf',
        'releases/1/htaccess']) {
        const { status, text } = await request(`${site.base}/${hidden}`);
        assert.ok(status === 404 || status === 403, `${hidden}: ${status}`);
        assert.doesNotMatch(text, /SCRIP_HOME|RewriteRule/);
    }
}

// HOST=name tries one of them.
const names = Object.keys(servers)
    .filter((name) => [undefined, name].includes(process.env.HOST));
for (const name of names) {
    test(`behind ${name} a site sells, meters, explains and refuses`, async (t) => {
        const site = await installSite(name);
        try {
            let owner;
            await t.test('sign in, buy, see it arrive', async () => {
                owner = await buys(site);
            });
            await t.test('hold, capture, replay, batch', () => meters(site));
            await t.test('tags, planner, usage, history, CSV',
                () => explains(site, owner));
            await t.test('refusals in its own words', () => refuses(site));
            await t.test('pages, and nothing beside them', () => shows(site));
            await t.test('the ledger is whole', () => whole(site));
        } catch (error) {
            throw new Error(`${error.message}\n${site.errors()}`);
        } finally {
            await site.stop();
        }
    });
}
