// A site below a path of its host, as on shared hosting: everything it says
// of its own addresses has the path, and nothing answers beside it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { payByCard } from './payer.js';
import { balanceOf, checkout } from './shop.js';
import {
    anonymous, freePorts, keyed, request, signIn, startSite, until,
} from './site.js';

const path = '/~user/credits.v1';
let site;
before(async () => {
    for (let tries = 1; site === undefined; tries += 1) {
        const port = await freePorts();
        const base = `http://127.0.0.1:${port}${path}`;
        site = await startSite({
            env: {
                SCRIP_PORT: String(port),
                SCRIP_SANDBOX_PORT: String(port + 1),
                SCRIP_BASE_URL: `${base}/`,
            },
        }).catch((error) => { if (tries === 3) throw error; });
    }
    site.root = site.base;
    site.base += path;
});
after(() => site?.stop());

test('sign in, buy and come back, below the path alone', async () => {
    const owner = await signIn(site, 'owner@demo.test', 'demo-password');
    const answer = await request(`${site.base}/api/v1/session`, {
        method: 'POST',
        body: { email: 'owner@demo.test', password: 'demo-password' },
        headers: { Origin: site.root },
    });
    assert.match(answer.headers['set-cookie'][0],
        new RegExp(`^scrip_session=[^;]+; Path=${path};`));
    const { json } = await owner.get('/api/v1/spaces/demo/credits');
    assert.equal(json.upgrade_url, `${path}/settings/membership`);
    const bought = await checkout(Object.assign(owner, { space: 'demo' }));
    assert.equal(bought.status, 201, bought.text);
    const paid = await payByCard(site, bought.json.payment_url);
    assert.ok(paid.headers.location
        .startsWith(`${site.base}/settings/personal/credits?`),
    paid.headers.location);
    await until('the webhook to arrive',
        async () => (await balanceOf(owner)).total === 3500);
});

test('problems and refusals name pages below the path', async () => {
    const nobody = anonymous(site);
    for (const at of ['/api/v1/session', '/api/v1/nothing']) {
        const { json } = await nobody.get(at);
        assert.equal(json.type, `${path}/problems/${json.code}`);
        assert.equal((await request(site.root + json.type)).status, 200);
    }
    const short = await keyed(site).post('/api/v1/spaces/demo/captures',
        { feature: 'x', credits: 1e9 }, { key: true });
    assert.equal(short.status, 402);
    assert.ok(short.json.top_up_url.startsWith(`${site.base}/settings/`));
});

test('pages lie below the path, and lead there', async () => {
    const begin = await request(`${site.base}/`);
    assert.equal(begin.status, 302);
    assert.equal(new URL(begin.headers.location, `${site.base}/`).pathname,
        `${path}/settings/personal/credits`);
    const bare = await request(site.base);
    assert.equal(new URL(bare.headers.location, site.base).pathname,
        `${path}/`);
    const lost = await request(`${site.base}/no/such/page`);
    assert.equal(lost.status, 404);
    const links = [...lost.text.matchAll(/(?:href|src)="([^"#]+)"/g)]
        .map(([, link]) => link);
    assert.ok(links.length > 10);
    for (const link of links) {
        assert.ok(link.startsWith(`${path}/`), link);
        assert.equal((await request(site.root + link)).status, 200, link);
    }
});

const outside = ['/', '/settings/personal/credits', '/api/v1/session',
    '/healthz', '/js/lib/base.js', '/~user', '/~user/creditsxv1/signin',
    `${path}x/signin`, '/404.html', '/-/not_found'];
for (const at of outside) {
    test(`${at} is not the site's`, async () => {
        assert.equal((await request(site.root + at)).status, 404);
    });
}

test('another origin is refused, the same host below another path is not', async () => {
    const owner = await signIn(site, 'owner@demo.test', 'demo-password');
    const ask = (origin) => request(`${site.base}/api/v1/session`, {
        method: 'DELETE', headers: { ...owner.headers, Origin: origin },
    });
    assert.equal((await ask('http://evil.example')).status, 403);
    assert.equal((await ask(site.base)).status, 403, 'an origin has no path');
    assert.equal((await ask(site.root)).status, 204);
});
