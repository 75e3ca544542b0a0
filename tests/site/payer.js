// Who pays at the sandbox's payment page, over HTTP as a browser would send
// it, and who pulls the sandbox's levers.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { request } from './site.js';

export const sandboxKey = (site) => /^SCRIP_SANDBOX_SECRET_KEY=(.+)$/m.exec(
    readFileSync(join(site.home, 'secrets.conf'), 'utf8'),
)[1].trim();

const post = (site, url, fields) => request(url, {
    method: 'POST',
    body: new URLSearchParams(fields).toString(),
    headers: {
        'Content-Type': 'application/x-www-form-urlencoded',
        Origin: site.sandbox,
    },
});

// Fills in the payment page and sends it; the answer, a 303 when all is well.
export const payByCard = (site, url, number = '4242 4242 4242 4242') => post(
    site, url, {
        method: 'card', card_number: number, expiry: '12/40', cvc: '123',
    },
);

export const payByDebit = (site, url, account = '00012345') => post(
    site, url, { method: 'bacs_debit', account_number: account },
);

export const confirm = (site, url, answer = 'approve') => post(
    site, `${url}/confirm`, { answer },
);

// Pulls levers; what the sandbox shows afterwards.
export async function control(site, levers) {
    const answer = await request(`${site.sandbox}/control`, {
        method: 'POST',
        body: levers,
        headers: { Authorization: `Bearer ${sandboxKey(site)}` },
    });
    if (answer.status !== 200) {
        throw new Error(`levers ${JSON.stringify(levers)}: ${answer.text}`);
    }
    return answer.json;
}

// What the provider's own API says of a session.
export async function sessionAt(site, id) {
    const answer = await request(`${site.sandbox}/v1/checkout/sessions/${id}`,
        { headers: { Authorization: `Bearer ${sandboxKey(site)}` } });
    if (answer.status !== 200) throw new Error(answer.text);
    return answer.json;
}

// A session that the site did not ask for, made by the provider's own API.
export async function newSession(site, form) {
    const answer = await request(`${site.sandbox}/v1/checkout/sessions`, {
        method: 'POST',
        body: new URLSearchParams({ success_url: `${site.base}/`, ...form })
            .toString(),
        headers: {
            Authorization: `Bearer ${sandboxKey(site)}`,
            'Content-Type': 'application/x-www-form-urlencoded',
        },
    });
    if (answer.status !== 200) throw new Error(answer.text);
    return answer.json;
}
