/*
 * Coming back from payments that did not go well, or take their time. The
 * orders are told by the test, for a sandbox hardly makes them; that paid ones
 * really arrive is in buy.test.js.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startSite } from '../site/site.js';
import { api, assertAccessible, assertFits, newSpace, openBrowser, openCredits,
    openPage, refuse, refused, returned, shoot } from './browser.js';

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
    ['failed', 'failed', /didn.t go through.*no credits were added/, 'Try again'],
    ['expired', 'expired', /expired.*Nothing was charged/, 'Try again'],
    ['review', 'review', /looking into.*ord_01ARZ3/, null],
    ['refunded', 'refunded', /refunded.*£50 was paid back/, null],
    ['disputed', 'disputed', /disputed with the bank/, null],
];

for (const [status, state, words, again] of ended)
    test(`back from a payment that is ${status}: in plain words, with the way on`, async () => {
        const page = await open({ width: 320 });
        await page.route(api.orders, (route) => route.fulfill({
            json: { order: { ...order, status } } }));
        await openCredits(site, page, space, `&order=${order.id}`);
        const heading = await returned(page, state);
        assert.match(await page.textContent('#returned'), words);
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
    assert.match(await page.textContent('#returned'),
        /safe to leave.*ord_01ARZ3NDEKTSV4RRFFQ69G5FAV/);
    await assertAccessible(page, 'slow');
    await page.done();
});

test('the order cannot be read for a while: said, and asked again', async () => {
    const page = await open();
    await page.route(api.orders, refuse(503, 'unavailable'));
    await page.goto(`${site.base}/settings/account/credits?order=${order.id}`);
    await returned(page, 'unsure');
    assert.match(await page.textContent('#returned'),
        /credits are added all the same.*req_of_this_test/);
    await page.unroute(api.orders);
    await page.route(api.orders, (route) => route.fulfill({
        json: { order: { ...order, status: 'expired' } } }));
    await returned(page, 'expired');
    await page.done();
});
