/*
 * The receipt, on the screen and on paper: reached from where a payment comes
 * back and from the history, readable in light and dark, at 320 px and with
 * names of any length, and without a script.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { must } from '../site/shop.js';
import { startSite } from '../site/site.js';
import { assertAccessible, assertCount, assertFits, assertLooks, assertShows, loaded,
    newSpace, openBrowser, openCredits, openPage, password, payByCard, returned,
    shoot } from './browser.js';

let site;
let browser;
let space;
let receipt;

before(async () => {
    site = await startSite();
    browser = await openBrowser();
    space = await newSpace(site, 'printed', { name: 'Studio Nord' });
    await must(site, ['seller', 'set', '--space', space.slug,
        '--name', 'Creator Platform Ltd', '--address', '1 High Street\nLondon',
        '--vat-rate', '20', '--vat-number', 'GB123456789']);
});
after(async () => {
    await browser?.close();
    await site?.stop();
});

test('bought, and the receipt is one step away, with the keyboard too', async () => {
    const page = await openPage(site, browser, { as: space.owner });
    await openCredits(site, page, space);
    await page.click('.buy-go .button');
    await page.waitForURL((url) => url.origin === site.sandbox);
    await payByCard(page);
    await returned(page, 'added');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() =>
        document.activeElement.textContent), 'Receipt');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/receipt$/);
    receipt = page.url();
    assert.match(await page.title(), /^Receipt printed-0001$/);
    const said = (await page.textContent('main')).replace(/\s+/g, ' ');
    assert.match(said, /Net£20\.83.*VAT at 20%£4\.17.*Paid£25\.00/);
    await page.click('text=Back to Credits');
    await page.waitForURL(/\/settings\/account\/credits\?space=printed$/);
    await loaded(page);
    const row = page.locator('tr[data-event] .event-open').first();
    await row.click();
    await page.click('.event-more a:text("Receipt")');
    await page.waitForURL(receipt);
    await page.done();
});

test('opened after the session ended it asks to sign in, and comes back', async () => {
    const page = await openPage(site, browser);
    await page.goto(receipt);
    await page.waitForURL(/\/signin\?next=/);
    await page.fill('#email', space.email);
    await page.fill('#password', password);
    await page.keyboard.press('Enter');
    await page.waitForURL(receipt);
    assert.match(await page.title(), /^Receipt printed-0001$/);
    await page.goto(receipt.replace(/ord_\w+/, 'ord_01ARZ3NDEKTSV4RRFFQ69G5FAV'));
    await page.waitForURL(/\/problems\/not_found$/);
    await assertShows(page, 'main', /It isn.t here/);
    await page.done();
});

test('readable light and dark, wide and at 320 px', async () => {
    const page = await openPage(site, browser, { as: space.owner });
    await page.goto(receipt);
    await assertLooks(page, 'receipt');
    await page.done();
});

test('on paper it is dark on light, with the figures and without the links', async () => {
    const page = await openPage(site, browser, { as: space.owner, dark: true });
    await page.goto(receipt);
    const back = page.locator('text=Back to Credits');
    assert.ok(await back.isVisible());
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    assert.ok(!await back.isVisible());
    assert.ok(await page.locator('.total').isVisible());
    const ink = await page.evaluate(() => getComputedStyle(document.body).color);
    const [red] = ink.match(/\d+/).map(Number);
    assert.ok(red < 60, `the ink is ${ink}`);
    await shoot(page, 'receipt-print');
    await page.done();
});

test('names of any length, from right to left or like markup stay in their place', async () => {
    const name = `<b>${'n'.repeat(180)}</b> \u202e\u05e9\u05dc\u05d5\u05dd`;
    const long = await newSpace(site, 'long-names', { name });
    await must(site, ['seller', 'set', '--space', long.slug, '--name', name,
        '--address', name]);
    const page = await openPage(site, browser, { as: long.owner, width: 320 });
    await openCredits(site, page, long);
    await page.click('.buy-go .button');
    await page.waitForURL((url) => url.origin === site.sandbox);
    await payByCard(page);
    await returned(page, 'added');
    await page.click('#returned a:text("Receipt")');
    await page.waitForURL(/\/receipt$/);
    assert.equal(await page.locator('bdi').first().textContent(), name);
    await assertCount(page, 'b', 0);
    await assertFits(page, 'long names');
    await assertAccessible(page, 'long names');
    await assertShows(page, 'h1', /^Receipt$/);
    await page.done();
});
