// A provider whose certificate nobody vouches for is no provider: not one
// byte of a request reaches it, our key least of all.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { checkout, newBuyer, whole } from './shop.js';
import { run, startSite } from './site.js';

let folder;
let server;
let site;
const asked = []; // requests that got through
const broken = []; // handshakes that did not

before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'scrip-tls-'));
    const key = join(folder, 'key.pem');
    const cert = join(folder, 'cert.pem');
    const made = await run('openssl', ['req', '-x509', '-newkey', 'ec',
        '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
        '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1',
        '-keyout', key, '-out', cert]);
    assert.equal(made.code, 0, made.stderr);
    server = https.createServer({
        key: readFileSync(key), cert: readFileSync(cert),
    }, (call, answer) => {
        asked.push(call.url);
        answer.end('{}');
    });
    server.on('tlsClientError', (error) => broken.push(error.message));
    await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
    site = await startSite({ env: {
        SCRIP_STRIPE_API_BASE: `https://127.0.0.1:${server.address().port}`,
    } });
});

after(async () => {
    await site?.stop();
    server?.close();
    if (folder) rmSync(folder, { recursive: true });
});

test('a certificate that nobody vouches for: 502, and nothing is said',
    async () => {
        const buyer = await newBuyer(site);
        const began = Date.now();
        const answer = await checkout(buyer);
        assert.equal(answer.status, 502);
        assert.equal(answer.json.code, 'payment_provider_unavailable');
        assert.ok(Date.now() - began < 10000, `${Date.now() - began} ms`);
        assert.deepEqual(asked, []);
        assert.ok(broken.length > 0, 'it did call');
        assert.match(broken.join(), /unknown ca|bad certificate/i);
        await whole(site);
    });
