/*
 * Buying credits, in a real browser on the real site: what the product is for.
 * The tests ask the API beside the page, so that a page that only looks right
 * fails.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { signIn, startSite, until } from '../site/site.js';
import { api, assertAccessible, assertCount, assertShows, creditsOf, hold,
    laterParts, loaded, newSpace, openBrowser, openCredits, openPage, ordersOf,
    password, payByCard, returned, shoot, silence } from './browser.js';

let site;
let browser;

before(async () => {
    site = await startSite();
    browser = await openBrowser();
});
after(async () => {
    await browser?.close();
    await site?.stop();
});

const available = (page) => page.getAttribute('[data-available]',
    'data-available').then(Number);
const onPayment = (page) => page.waitForURL((url) =>
    url.origin === site.sandbox);

test('sign in, see the balance, buy £25, watch it arrive', async () => {
    const owner = await signIn(site, 'owner@demo.test', 'demo-password');
    const demo = { slug: 'demo', owner };
    const before = (await creditsOf(demo)).balance;
    /* The one refusal is the question whether somebody is signed in. */
    const page = await openPage(site, browser, {
        expect: [/401 .*\/api\/v1\/session$/] });
    await page.goto(`${site.base}/`);
    await page.waitForURL(/\/signin\?next=/);
    await page.fill('#email', 'owner@demo.test');
    await page.fill('#password', 'demo-password');
    await page.click('form [type="submit"]');
    await page.waitForURL(/\/settings\/personal\/credits$/);
    await loaded(page);
    assert.equal(await available(page), before.available);
    await assertShows(page, 'credit-badge', '120 credits per £1');

    await page.check('input[value="gbp25"]');
    await assertShows(page, '.buy-go .button',
        'Buy £25 · 3,000 credits');
    await page.click('.buy-go .button');
    await onPayment(page);
    /* Noted by the page itself: it stays no longer than it takes to read. */
    await page.addInitScript(() => new MutationObserver(() => {
        const heading = document.querySelector('[data-state="adding"]');
        if (heading)
            window.seenAdding ??= { text: heading.textContent,
                focused: heading === document.activeElement };
    }).observe(document, { childList: true, subtree: true }));
    await payByCard(page);

    await page.waitForURL(/\/credits\?.*order=ord_/);
    let loads = 0;
    page.on('load', () => loads++);
    const seen = await page.waitForFunction(() => window.seenAdding);
    assert.deepEqual(await seen.jsonValue(), { focused: true,
        text: 'Payment received, adding 3,000 credits' });
    await returned(page, 'added');
    assert.ok(await page.evaluate(() =>
        document.activeElement.matches('[data-state="added"]')));
    assert.equal(await available(page), before.available + 3000);
    await assertShows(page, '#returned',
        new RegExp(`${(before.available + 3000).toLocaleString('en-GB')} credits available`));
    assert.ok(loads <= 1, 'without reloading');
    await assertShows(page, 'tr[data-event]', /\+3,000/);
    await assertShows(page, 'credit-balance',
        new RegExp((before.available + 3000).toLocaleString('en-GB')));
    await shoot(page, 'credits');

    const now = (await creditsOf(demo)).balance;
    assert.equal(now.available, before.available + 3000);
    assert.equal(now.top_up, before.top_up + 3000);
    await page.done();
});

test('a double click, and ten of them, make one order', async () => {
    const space = await newSpace(site, 'double');
    const page = await openPage(site, browser, { as: space.owner });
    await openCredits(site, page, space);
    let posts = 0;
    page.on('request', (request) => {
        if (request.url().endsWith('/checkout'))
            posts++;
    });
    const order = await hold(page, api.checkout);
    await page.evaluate(() => {
        const go = document.querySelector('.buy-go .button');
        for (let click = 0; click < 10; click++)
            go.click();
    });
    assert.equal(await page.getAttribute('.buy-go .button', 'aria-disabled'),
        'true');
    await assertShows(page, '.buy-go .button', /Opening/);
    order.release();
    await onPayment(page);
    assert.equal(posts, 1);
    assert.equal((await ordersOf(space)).length, 1);
    await page.done();
});

test('an answer that is lost, a retry and a reload come to the same order', async () => {
    const space = await newSpace(site, 'lost');
    const page = await openPage(site, browser, { as: space.owner,
        expect: [/ERR_FAILED/] });
    await openCredits(site, page, space);
    await page.check('input[value="gbp50"]');
    const keys = [];
    /* The server gets the request and makes the order; we never hear of it. */
    await page.route('**/checkout', async (route) => {
        keys.push(route.request().headers()['idempotency-key']);
        if (keys.length <= 2) {
            await route.fetch();
            await route.abort();
        } else {
            await route.continue();
        }
    });
    await page.click('.buy-go .button');
    await page.waitForSelector('#buy [role="alert"]');
    await assertShows(page, '#buy [role="alert"]',
        /Nothing was charged and your choice is kept/);
    await page.click('#buy [role="alert"] button');
    await until('the second try', () => keys.length === 2);
    await page.waitForSelector('#buy [role="alert"]');
    await page.reload();
    await loaded(page);
    assert.ok(await page.isChecked('input[value="gbp50"]'));
    await page.click('.buy-go .button');
    await onPayment(page);
    assert.equal(keys.length, 3);
    assert.equal(new Set(keys).size, 1);
    const orders = await ordersOf(space);
    assert.equal(orders.length, 1);
    assert.equal(orders[0].amount, 5000);
    await page.done();
});

test('a purchase after a paid one is a new order', async () => {
    const space = await newSpace(site, 'again');
    const page = await openPage(site, browser, { as: space.owner });
    await openCredits(site, page, space);
    for (const count of [1, 2]) {
        await page.click('.buy-go .button');
        await onPayment(page);
        await payByCard(page);
        await returned(page, 'added');
        assert.equal((await ordersOf(space)).length, count);
        assert.equal((await creditsOf(space)).balance.top_up, 3000 * count);
        await page.click('#returned >> text=Done');
        assert.doesNotMatch(page.url(), /order=/);
    }
    await page.done();
});

test('opened twice, reloaded, opened elsewhere: nothing is doubled', async () => {
    const space = await newSpace(site, 'twice');
    const page = await openPage(site, browser, { as: space.owner });
    await openCredits(site, page, space);
    await page.click('.buy-go .button');
    await onPayment(page);
    await payByCard(page);
    await returned(page, 'added');
    const address = page.url();
    const { balance } = await creditsOf(space);

    await page.reload();
    assert.match(await (await returned(page, 'completed')).textContent(),
        /complete/);
    const second = await page.context().newPage();
    await second.goto(address);
    await returned(second, 'completed');
    await loaded(second);
    assert.equal(await available(second), balance.available);
    const strange = await openPage(site, browser, { as: space.owner });
    await strange.goto(address);
    await returned(strange, 'added');
    assert.equal(await available(strange), balance.available);
    assert.deepEqual((await creditsOf(space)).balance, balance);
    await assertCount(second, 'tr[data-event] .in', 1);
    await strange.done();
    await page.done();
});

test('the return page survives a reload while it waits', async () => {
    const space = await newSpace(site, 'wait');
    const page = await openPage(site, browser, { as: space.owner });
    await openCredits(site, page, space);
    await page.click('.buy-go .button');
    await onPayment(page);
    await page.route('**/orders/ord_*', async (route) => {
        const answer = await route.fetch();
        const body = await answer.json();
        body.order.status = 'awaiting_payment';
        await route.fulfill({ response: answer, json: body });
    });
    await payByCard(page);
    await returned(page, 'confirming');
    await page.reload();
    await returned(page, 'confirming');
    await page.unroute('**/orders/ord_*');
    await returned(page, 'added');
    assert.equal((await creditsOf(space)).balance.top_up, 3000);
    await page.done();
});

test('another Space\u2019s order shows nothing and grants nothing', async () => {
    const rich = await newSpace(site, 'rich');
    const poor = await newSpace(site, 'poor');
    const buyer = await openPage(site, browser, { as: rich.owner });
    await openCredits(site, buyer, rich);
    await buyer.click('.buy-go .button');
    await onPayment(buyer);
    await payByCard(buyer);
    await returned(buyer, 'added');
    const order = new URL(buyer.url()).searchParams.get('order');

    const page = await openPage(site, browser, { as: poor.owner,
        expect: [/404 .*\/orders\//, /400 .*\/orders\//] });
    for (const id of [order, 'ord_01ARZ3NDEKTSV4RRFFQ69G5FAV', 'nonsense', '../x']) {
        await page.goto(`${site.base}/settings/account/credits?order=` +
            encodeURIComponent(id));
        await returned(page, 'unknown');
        await loaded(page);
        const said = await page.textContent('#returned');
        assert.doesNotMatch(said, /3,000|£25|received|thank/i, id);
        assert.equal(await available(page), 0);
        await assertCount(page, 'tr[data-event]', 0);
    }
    await assertAccessible(page, 'an order that is not ours');
    assert.equal((await creditsOf(poor)).balance.total, 0);
    await page.done();
    await buyer.done();
});

test('left without paying: calm, the choice is kept, and goes on with the same order', async () => {
    const space = await newSpace(site, 'cancel');
    const page = await openPage(site, browser, { as: space.owner });
    await openCredits(site, page, space);
    await page.check('input[value="gbp100"]');
    await page.click('.buy-go .button');
    await onPayment(page);
    await page.click('[data-testid="cancel"]');
    await returned(page, 'cancelled');
    await loaded(page);
    assert.ok(await page.isChecked('input[value="gbp100"]'));
    await assertShows(page, '#returned', /nothing was charged/);
    await assertShows(page, '.orders', /£100 · 12,000 credits/);
    await page.click('text=Continue to payment');
    await onPayment(page);
    await page.goBack();
    await loaded(page);
    await page.click('.orders a:text("Pay")');
    await onPayment(page);
    assert.equal((await ordersOf(space)).length, 1);
    await payByCard(page);
    await returned(page, 'added');
    assert.equal((await creditsOf(space)).balance.top_up, 12000);
    await page.done();
});

test('the browser\u2019s Back button finds the page ready to buy', async () => {
    const space = await newSpace(site, 'back');
    const page = await openPage(site, browser, { as: space.owner });
    await openCredits(site, page, space);
    await page.click('.buy-go .button');
    await onPayment(page);
    await page.goBack();
    await loaded(page);
    await assertShows(page, '.buy-go .button',
        'Buy £25 · 3,000 credits');
    assert.equal(await page.getAttribute('.buy-go .button', 'aria-disabled'),
        'false');
    await page.click('.buy-go .button');
    await onPayment(page);
    assert.equal((await ordersOf(space)).length, 1);
    await page.done();
});

test('a bank payment says that it takes days, and waits in a row', async () => {
    const space = await newSpace(site, 'bacs');
    const page = await openPage(site, browser, { as: space.owner });
    await openCredits(site, page, space);
    await page.click('.buy-go .button');
    await onPayment(page);
    await page.check('[name="method"][value="bacs_debit"]');
    await page.click('[data-testid="pay"]');
    await returned(page, 'processing');
    await loaded(page);
    await assertShows(page, '#returned', /up to 4 days/);
    await page.waitForSelector('.orders:has-text("on its way")',
        { timeout: 10_000 });
    assert.equal(await available(page), 0);
    await page.done();
});

test('a session that ends mid-action comes back to the same step', async () => {
    const space = await newSpace(site, 'ended');
    const page = await openPage(site, browser, { as: space.owner,
        expect: [/401 /] });
    await silence(page, ...laterParts);
    await openCredits(site, page, space);
    await silence(page, 'credits');
    await page.check('input[value="gbp100"]');
    assert.equal((await space.owner.del('/api/v1/session')).status, 204);
    await page.click('.buy-go .button');
    await page.waitForURL(/\/signin\?next=/);
    await page.waitForSelector('#why:not([hidden])');
    await page.unrouteAll();
    await page.fill('#email', space.email);
    await page.fill('#password', password);
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/settings\/account\/credits\?space=ended$/);
    await loaded(page);
    assert.ok(await page.isChecked('input[value="gbp100"]'));
    await page.waitForFunction(() =>
        document.activeElement.matches('input[value="gbp100"]'));
    await page.click('.buy-go .button');
    await onPayment(page);
    await page.done();
});

test('with the keyboard alone: sign in, choose with the arrows, buy', async () => {
    const space = await newSpace(site, 'keys');
    const page = await openPage(site, browser, {
        expect: [/401 .*\/api\/v1\/session$/] });
    await page.goto(`${site.base}/settings/personal/credits`);
    await page.waitForURL(/\/signin/);
    await page.waitForFunction(() => document.activeElement.id === 'email');
    await page.keyboard.type(space.email);
    await page.keyboard.press('Tab');
    await page.keyboard.type(password);
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/settings\/personal\/credits/);
    await loaded(page);
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.className),
        'skip');
    await page.keyboard.press('Enter');
    for (let tabs = 0; ; tabs++) {
        assert.ok(tabs < 15, 'the tiers are reached with Tab');
        await page.keyboard.press('Tab');
        const at = await page.evaluate(() => document.activeElement.name);
        if (at === 'tier')
            break;
    }
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    assert.ok(await page.isChecked('input[value="gbp100"]'));
    const ring = await page.evaluate(() => getComputedStyle(
        document.activeElement.closest('.tier')).outlineStyle);
    assert.equal(ring, 'solid');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await onPayment(page);
    const [order] = await ordersOf(space);
    assert.equal(order.amount, 10000);
    await page.done();
});
