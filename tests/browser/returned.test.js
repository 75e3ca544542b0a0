/*
 * Coming back from payments that did not go well, or take their time. How each
 * looks is told by the test; that they really come to it is tried with the
 * sandbox's levers. Paid ones are in buy.test.js, what happens to those later
 * in reversed.test.js.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { control, payByCard, payByDebit } from '../site/payer.js';
import { startSite } from '../site/site.js';
import { api, assertAccessible, assertCount, assertFits, assertShows, becomes,
    loaded, newSpace, openBrowser, openCredits, openPage, refuse, refused, returned,
    shoot, unpaid } from './browser.js';

let site;
let browser;
let space;

before(async () => {
    site = await startSite();
    browser = await openBrowser();
    space = await newSpace(site, 'returned');
});
after(async () => {
    await browser?.close();
    await site?.stop();
});

const open = (more = {}) => openPage(site, browser,
    { as: space.owner, ...refused, ...more });

const order = { id: 'ord_01ARZ3NDEKTSV4RRFFQ69G5FAV', tier: 'gbp50',
    amount: 5000, currency: 'GBP', credits: 6000, rate: 120,
    created_at: new Date().toISOString(), paid_at: null, receipt_url: null,
    refunded_amount: 0, refunded_credits: 0, member: null };
const ended = [
    ['failed', 'failed', /didn.t go through.*refused it\. No credits were added/, 'Try again'],
    ['expired', 'expired', /expired.*Nothing was charged/, 'Try again'],
    ['review', 'review', /looking into.*ord_01ARZ3/, null],
    ['refunded', 'refunded', /refunded.*£50 was paid back/, null],
    ['partly_refunded', 'refunded', /Part of.*£10 of £50 was paid back/, null],
    ['disputed', 'disputed', /disputed with the bank/, null],
];

for (const [status, state, words, again] of ended)
    test(`back from a payment that is ${status}: in plain words, with the way on`, async () => {
        const page = await open({ width: 320,
            dark: ['failed', 'disputed'].includes(status) });
        const refunded = status === 'partly_refunded' ? 1000 : 5000;
        await page.route(api.orders, (route) => route.fulfill({
            json: { order: { ...order, status,
                refunded_amount: refunded } } }));
        await openCredits(site, page, space, `&order=${order.id}`);
        const heading = await returned(page, state);
        await assertShows(page, '#returned', words);
        assert.ok(await heading.evaluate((each) =>
            each === document.activeElement), 'the heading has the focus');
        await assertAccessible(page, status);
        await assertFits(page, status);
        await shoot(page, `returned-${status}`);
        if (again) {
            await page.click(`#returned >> text=${again}`);
            assert.ok(await page.isChecked('input[value="gbp50"]'));
            assert.ok(await page.evaluate(() =>
                document.activeElement.matches('input[value="gbp50"]')));
            assert.doesNotMatch(page.url(), /order=/);
        }
        await page.done();
    });

test('not confirmed for two minutes: safe to leave, and help with the reference', async () => {
    const page = await open();
    await page.clock.install();
    await page.route(api.orders, (route) => route.fulfill({
        json: { order: { ...order, status: 'awaiting_payment' } } }));
    await page.goto(`${site.base}/settings/account/credits?order=${order.id}`);
    await returned(page, 'confirming');
    assert.equal(await page.getAttribute('#returned', 'aria-busy'), 'true');
    await page.clock.fastForward('02:05');
    await returned(page, 'slow');
    await assertShows(page, '#returned',
        /safe to leave.*ord_01ARZ3NDEKTSV4RRFFQ69G5FAV/);
    await assertAccessible(page, 'slow');
    await page.done();
});

test('the order cannot be read for a while: said, and asked again', async () => {
    const page = await open();
    await page.route(api.orders, refuse(503, 'unavailable'));
    await page.goto(`${site.base}/settings/account/credits?order=${order.id}`);
    await returned(page, 'unsure');
    await assertShows(page, '#returned',
        /credits are added all the same.*req_of_this_test/);
    /* In front of the other: between them the order would be unknown. */
    await page.route(api.orders, (route) => route.fulfill({
        json: { order: { ...order, status: 'expired' } } }));
    await returned(page, 'expired');
    await page.done();
});

test('a bank payment that fails days later: said with the way on', async () => {
    const own = await unpaid(site, 'bacs-fails');
    assert.equal((await payByDebit(site, own.url)).status, 303);
    await becomes(own, 'processing');
    const page = await open({ as: own.owner });
    await openCredits(site, page, own, `&order=${own.id}`);
    await returned(page, 'processing');
    await page.waitForSelector('.orders:has-text("takes up to 4 days")');
    await control(site, { fail: own.session });
    await becomes(own, 'failed');
    await page.reload();
    await returned(page, 'failed');
    await loaded(page);
    await assertShows(page, '#returned', /No credits were added/);
    await assertCount(page, '.orders', 0);
    await assertShows(page, '[data-available]', '0');
    await page.click('#returned >> text=Try again');
    assert.ok(await page.isChecked('input[value="gbp25"]'));
    await page.done();
});

test('a payment of another amount is looked into, and its end is said', async () => {
    const own = await unpaid(site, 'looked-into');
    await control(site, { tamper_amount: 2400 });
    assert.equal((await payByCard(site, own.url)).status, 303);
    await becomes(own, 'review');
    const page = await open({ as: own.owner });
    await openCredits(site, page, own, `&order=${own.id}`);
    await returned(page, 'review');
    assert.ok((await page.textContent('#returned')).includes(own.id));
    const { code, stderr } = await site.scrip(
        ['order', 'resolve', own.id, 'dismiss']);
    assert.equal(code, 0, stderr);
    await page.reload();
    await returned(page, 'failed');
    await assertShows(page, '#returned',
        /was not accepted.*contact support/);
    await page.done();
});

test('a payment page that has expired starts again', async () => {
    const own = await unpaid(site, 'too-late', 'gbp100');
    await control(site, { expire: own.session });
    await becomes(own, 'expired');
    const page = await open({ as: own.owner });
    await openCredits(site, page, own, `&order=${own.id}`);
    await returned(page, 'expired');
    await page.click('#returned >> text=Try again');
    assert.ok(await page.isChecked('input[value="gbp100"]'));
    await page.done();
});
