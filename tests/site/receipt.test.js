// Receipts: the page of a paid order. What stands on it is what was sold and
// by whom that day, whoever reads it may read the order, and no name on it is
// ever markup.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
    control, payByCard, sandboxKey, sessionAt,
} from './payer.js';
import { must, newBuyer, orderOf, place, sql, stopWhole } from './shop.js';
import { deliver, event, paidSession } from './signing.js';
import {
    anonymous, keyed, request, signIn, startSite, until,
} from './site.js';

let site;
before(async () => {
    site = await startSite({ env: { SCRIP_TICK_SECONDS: '0' } });
});
after(() => stopWhole(site));

// An order that is paid, as its API shows it.
async function buy(client, tier) {
    const { order } = await place(client, tier);
    const { status } = await deliver(site, event('checkout.session.completed',
        paidSession(order)));
    assert.equal(status, 200);
    return orderOf(client, order.id);
}

const sell = (...args) => must(site, ['seller', 'set', ...args]);
const pathOf = (client, id) =>
    `/api/v1/spaces/${client.space}/orders/${id}/receipt`;

// The page as text: tags away, characters as they are read.
const marks = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' };
const read = (html) => html.replace(/^[^]*<body>/, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(lt|gt|quot|#39|amp);/g, (_, name) => marks[name])
    .replace(/\s+/g, ' ');

async function receiptOf(client, order) {
    const answer = await client.get(order.receipt_url);
    assert.equal(answer.status, 200, answer.text);
    return read(answer.text);
}

test('what was bought, by whom, when and for how much', async () => {
    const client = await newBuyer(site);
    const order = await buy(client);
    assert.equal(order.receipt_url, pathOf(client, order.id));
    const answer = await client.get(order.receipt_url);
    assert.equal(answer.headers['content-type'], 'text/html; charset=utf-8');
    assert.equal(answer.headers['cache-control'], 'private, no-cache');
    const policy = answer.headers['content-security-policy'];
    assert.match(policy, /default-src 'none'; style-src 'self';/);
    assert.doesNotMatch(policy, /unsafe|script-src/);
    assert.doesNotMatch(answer.text, /<script|<style|\sstyle=|\son\w+=/i);
    const again = await client.get(order.receipt_url,
        { headers: { 'If-None-Match': answer.headers.etag } });
    assert.equal(again.status, 304);

    const text = read(answer.text);
    const [{ payment }] = await sql(site, `SELECT payment FROM checkout_order
        JOIN space ON number = space WHERE slug = '${client.space}'`);
    const day = new Intl.DateTimeFormat('en-GB', {
        day: 'numeric', month: 'long', year: 'numeric',
        timeZone: 'Europe/London',
    }).format(new Date(order.paid_at));
    for (const part of [`Number ${client.space}-0001`, `Date ${day} `,
        `Space Space ${client.space}`, `Bought by Buyer ${client.space}`,
        '3,000 credits at 120 credits per £1 £25.00', 'Paid £25.00',
        `Order ${order.id}`, `Payment ${payment}`]) {
        assert.ok(text.includes(part), `${part}: ${text}`);
    }
    assert.doesNotMatch(text, /VAT|Net|Sold by/);
});

test('figures and reference are the provider\'s, and its own receipt is linked', async () => {
    const client = await newBuyer(site);
    const placed = await place(client, 'gbp50');
    assert.equal((await payByCard(site, placed.payment_url)).status, 303);
    const order = await until('the payment arrives', async () => {
        const now = await orderOf(client, placed.order.id);
        return now.status === 'paid' && now;
    });
    const session = await sessionAt(site, placed.payment_url.split('/').at(-1)
        .split('?')[0]);
    const { text: html } = await client.get(order.receipt_url);
    const text = read(html);
    assert.equal(session.amount_total, 5000);
    assert.ok(text.includes('Paid £50.00'), text);
    assert.ok(text.includes(`Payment ${session.payment_intent}`), text);
    const [, link] = html.match(/href="(http[^"]+)">The payment provider/) ?? [];
    if (link) { // a webhook alone says none
        const theirs = await request(link);
        assert.equal(theirs.status, 200);
        assert.match(theirs.text, /£50/);
    }
});

test('VAT stands apart and adds up, at the rate of the day of payment', async () => {
    await sell('--all', '--name', 'Everyone Ltd', '--address',
        '1 High Street\nLondon', '--vat-rate', '20', '--vat-number',
        'GB123456789');
    const client = await newBuyer(site);
    const other = await newBuyer(site);
    await sell('--space', other.space, '--name', 'Other GmbH', '--vat-rate',
        '17.5', '--vat-number', 'DE9');
    const first = await buy(client);
    const before_ = await receiptOf(client, first);
    for (const part of ['Sold by Everyone Ltd 1 High Street London',
        'VAT number GB123456789', 'Net £20.83', 'VAT at 20% £4.17',
        'Paid £25.00']) {
        assert.ok(before_.includes(part),
            `${part}: ${before_}`);
    }
    const theirs = await receiptOf(other, await buy(other));
    assert.match(theirs, /Other GmbH.*Net £21\.28 VAT at 17\.5% £3\.72 Paid £25\.00/);

    // Whatever is set or renamed later, an old receipt stays as it was.
    await sell('--space', client.space, '--name', 'New Ltd', '--vat-rate', '25',
        '--vat-number', 'SE1');
    await sell('--all', '--name', 'Nobody Ltd');
    const renamed = await keyed(site).put(`/api/v1/spaces/${client.space}`,
        { name: 'Renamed' });
    assert.equal(renamed.status, 200);
    assert.equal(await receiptOf(client, first), before_);
    const second = await receiptOf(client, await buy(client, 'gbp100'));
    assert.match(second, /-0002 .*Renamed.*New Ltd.*Net £80\.00 VAT at 25% £20\.00 Paid £100\.00/);
    assert.equal(await receiptOf(client, first), before_);
});

test('what went back since stands on it, equals the provider\'s, and leaves the rest as it was', async () => {
    const client = await newBuyer(site);
    await sell('--space', client.space, '--name', 'Taxed Ltd', '--vat-rate',
        '20', '--vat-number', 'GB1');
    const placed = await place(client);
    await payByCard(site, placed.payment_url);
    const session = new URL(placed.payment_url).pathname.split('/').at(-1);
    const becomes = (status) => until(`the order is ${status}`, async () => {
        const now = await orderOf(client, placed.order.id);
        return now.status === status && now;
    }, 30);
    const paid = await receiptOf(client, await becomes('paid'));
    assert.doesNotMatch(paid, /Refunded|Remaining/);
    await control(site, { refund: session, amount: 1000 });
    const order = await becomes('partly_refunded');
    const { payment_intent: intent } = await sessionAt(site, session);
    const charge = await request(
        `${site.sandbox}/v1/charges?payment_intent=${intent}`,
        { headers: { Authorization: `Bearer ${sandboxKey(site)}` } });
    assert.equal(charge.json.data[0].amount_refunded, 1000);
    assert.equal(order.refunded_amount, 1000);
    const partly = await receiptOf(client, order);
    assert.match(partly, /Net £20\.83 VAT at 20% £4\.17 Paid £25\.00 Refunded on [^£]* \u2212£10\.00 Net £12\.50 VAT at 20% £2\.50 Remaining £15\.00/);
    await control(site, { refund: session });
    const whole_ = await receiptOf(client, await becomes('refunded'));
    assert.match(whole_, /Refunded on [^£]* \u2212£10\.00 Refunded on [^£]* \u2212£15\.00 Net £0\.00 VAT at 20% £0\.00 Remaining £0\.00/);
    assert.equal(whole_.split(' Refunded on')[0], paid.split(' Order ')[0]);
});

test('before it is paid there is none, and the order names none', async () => {
    const client = await newBuyer(site);
    const { order } = await place(client);
    assert.equal(order.receipt_url, null);
    for (const id of [order.id, 'ord_01ARZ3NDEKTSV4RRFFQ69G5FAV', 'nonsense',
        '%2e%2e', `${order.id}%00`]) {
        const answer = await client.get(pathOf(client, id));
        assert.ok([400, 404].includes(answer.status), `${id}: ${answer.text}`);
        assert.match(answer.headers['content-type'], /problem\+json/);
    }
    assert.equal((await client.get(pathOf(client, order.id))).status, 404);
    assert.equal((await orderOf(client, order.id)).receipt_url, null);
});

test('a payment that is not what was asked has no receipt until an operator credits it', async () => {
    const client = await newBuyer(site);
    const { order } = await place(client);
    await deliver(site, event('checkout.session.completed',
        paidSession(order, { amount_total: 2400 })));
    assert.equal((await orderOf(client, order.id)).status, 'review');
    assert.equal((await client.get(pathOf(client, order.id))).status, 404);
    await must(site, ['order', 'resolve', order.id, 'credit']);
    assert.equal((await client.get(pathOf(client, order.id))).status, 200);
});

test('whoever may read the order may read it, and nobody else', async () => {
    const client = await newBuyer(site);
    const stranger = await newBuyer(site);
    const order = await buy(client);
    const url = order.receipt_url;
    await must(site, ['member', 'add', `m${client.email}`, '--name', 'M',
        '--space', client.space, '--role', 'member'],
    { input: 'a-good-password\n' });
    const member = await signIn(site, `m${client.email}`, 'a-good-password');
    const key = async (...args) => keyed(site,
        (await must(site, ['key', 'add', '--name', 'k', ...args])).key);
    const readers = [
        ['the owner', client, 200],
        ['a member', member, 200],
        ['a key that reads', await key('--space', client.space, '--scope',
            'read'), 200],
        ['a key that meters', await key('--space', client.space, '--scope',
            'meter'), 403],
        ['a key of another Space', await key('--space', stranger.space,
            '--scope', 'read'), 404],
        ['another Space\u2019s owner', stranger, 404],
        ['nobody', anonymous(site), 401],
    ];
    for (const [who, reader, status] of readers) {
        const orderStatus = (await reader.get(
            url.replace(/\/receipt$/, ''))).status;
        const answer = await reader.get(url);
        assert.deepEqual([answer.status, orderStatus], [status, status], who);
        if (status !== 200) {
            assert.doesNotMatch(answer.text, /£25|3,000/, who);
        }
    }
    // Who looks at it in a browser is led to a page, a program is not.
    const looks = (client2) => request(site.base + url, { headers: {
        ...client2?.headers, accept: 'text/html,*/*;q=0.8' } });
    assert.equal((await looks(client)).status, 200);
    for (const [looker, to] of [
        [null, `/signin?next=${encodeURIComponent(url)}`],
        [stranger, '/problems/not_found']]) {
        const { status, headers, text } = await looks(looker);
        assert.deepEqual([status, headers.location, text], [303, to, '']);
    }
    // An address that no header holds is not come back to.
    const long = await request(`${site.base}/api/v1/spaces/${'%C3%A9'.repeat(900)
    }/orders/x/receipt`, { headers: { accept: 'text/html' } });
    assert.deepEqual([long.status, long.headers.location], [303, '/signin']);
    // Under the stranger's own Space the same order is not there.
    assert.equal((await stranger.get(pathOf(stranger, order.id))).status, 404);
    for (const method of ['POST', 'PUT', 'DELETE']) {
        const { status } = await request(site.base + url,
            { method, headers: client.headers });
        assert.equal(status, 405, method);
    }
});

const names = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '</bdi></dd></dl></main><h1>Refunded',
    '&lt;b&gt; & &amp;',
    '\u202e\u05e9\u05dc\u05d5\u05dd \u2067x',
    '\u{1f469}\u200d\u{1f680}'.repeat(60),
    'n'.repeat(200),
];

test('names are text, whatever they hold', async () => {
    const client = await newBuyer(site);
    for (const name of names) {
        const number = [...name].slice(0, 16).join('');
        await must(site, ['member', 'add', client.email, '--name', name,
            '--space', client.space, '--role', 'owner']);
        await keyed(site).put(`/api/v1/spaces/${client.space}`, { name });
        await sell('--space', client.space, '--name', name, '--address', name,
            '--vat-rate', '20', '--vat-number', number);
        const { text: html } = await client.get(
            (await buy(client)).receipt_url);
        const tags = [...html.matchAll(/<\/?([a-z0-9]+)/gi)]
            .map(([, tag]) => tag);
        for (const tag of ['script', 'img', 'b']) {
            assert.ok(!tags.includes(tag), `${tag} in ${html}`);
        }
        assert.equal(tags.filter((tag) => tag === 'h1').length, 2, html);
        assert.doesNotMatch(html, /<[^>]*\son\w+\s*=/);
        const said = [...html.matchAll(/<bdi>([^<]*)<\/bdi>/g)]
            .map(([, each]) => each.replace(/&(lt|gt|quot|#39|amp);/g,
                (_, mark) => marks[mark]));
        assert.deepEqual(said, [name, name, name, name, number]);
    }
});
