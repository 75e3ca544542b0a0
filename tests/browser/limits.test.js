/*
 * The owner's limits in a browser: saved as a whole, faults at their fields,
 * what is used of a cap, and nobody else's business.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { keyed, signIn, startSite, until } from '../site/site.js';
import { metered, ok } from '../site/meter.js';
import { addMember, api, assertAccessible, assertCount, assertLooks, assertShows,
    grant, hold, loaded, newSpace, openBrowser, openCredits, openPage, password,
    refuse, refused } from './browser.js';

let site;
let browser;
let space;
let meter;

before(async () => {
    site = await startSite();
    browser = await openBrowser();
    space = await newSpace(site, 'capped');
    await grant(site, 'capped', 1000);
    meter = metered(keyed(site), 'capped');
});
after(async () => {
    await browser?.close();
    await site?.stop();
});

async function open(more = {}) {
    const page = await openPage(site, browser,
        { as: space.owner, ...refused, ...more });
    await openCredits(site, page, space);
    await page.locator('#limits').scrollIntoViewIfNeeded();
    await page.waitForSelector('#limits form');
    return page;
}

const limits = async () => ok(await space.owner.get('/api/v1/spaces/capped/limits'));

test('a threshold and a cap are set, and what is used of it is shown', async () => {
    const page = await open();
    await page.fill('#limits-threshold', '1,200');
    await page.click('text=Add a cap');
    assert.ok(await page.evaluate(() => document.activeElement.id === 'cap-0-on'));
    await page.selectOption('#cap-0-on', 'campaign');
    await page.fill('#cap-0-value', '<b>autumn</b>');
    await page.fill('#cap-0-credits', '500');
    await page.selectOption('#cap-0-per', 'total');
    await page.click('text=Save limits');
    await page.waitForSelector('text=Your limits are saved');
    const set = await limits();
    assert.equal(set.low_credit_threshold, 1200);
    assert.deepEqual(set.caps.map(({ on, credits, per }) => ({ on, credits, per })),
        [{ on: { campaign: '<b>autumn</b>' }, credits: 500, per: 'total' }]);
    ok(await meter.charge({ feature: 'x', credits: 120, campaign: '<b>autumn</b>' }));
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await page.waitForSelector('text=120 of 500 used so far');
    await page.waitForSelector(
        '.balance-now .notice:has-text("Running low: 880 credits left")');
    await assertCount(page, '#limits b', 0);
    await page.done();
});

test('what is wrong is said at its field, ours and the API\u2019s, and nothing is lost', async () => {
    const page = await open();
    await page.fill('#limits-threshold', '12x');
    await page.click('text=Save limits');
    await assertShows(page, '#limits-threshold-error', /whole number/);
    assert.ok(await page.evaluate(() => document.activeElement.id === 'limits-threshold'));
    await assertAccessible(page, 'a fault');
    await page.fill('#limits-threshold', '50');
    await page.fill('#cap-0-credits', '99999999999999');
    await page.click('text=Save limits');
    await page.waitForSelector('#cap-0-credits[aria-invalid]');
    await assertShows(page, '#cap-0-credits-error', /integer/);
    await page.fill('#cap-0-credits', '600');
    await page.route(api.limits, refuse(503, 'unavailable'));
    await page.click('text=Save limits');
    await page.waitForSelector('#limits [role="alert"]');
    assert.equal(await page.inputValue('#limits-threshold'), '50');
    await page.unroute(api.limits);
    await page.click('#limits [role="alert"] button');
    await page.waitForSelector('text=Your limits are saved');
    assert.equal((await limits()).caps[0].credits, 600);
    await page.done();
});

test('what is being typed survives new figures', async () => {
    const page = await open();
    const old = await hold(page, api.limits, { answered: true });
    ok(await meter.charge({ feature: 'x', credits: 1 }));
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await page.waitForSelector('[data-available="879"]');
    await old.asked;
    await page.fill('#limits-threshold', '77');
    let answers = 0; /* for the limits and for automatic top-ups */
    page.on('response', (answer) => { answers += /\/limits$/.test(answer.url()); });
    old.release();
    await until('both are answered', () => answers >= 2);
    await page.waitForTimeout(100);
    assert.equal(await page.inputValue('#limits-threshold'), '77');
    await page.done();
});

test('usage that comes while the caps are read is shown, too', async () => {
    const page = await open();
    const spend = async (left) => {
        ok(await meter.charge({ feature: 'x', credits: 3, campaign: '<b>autumn</b>' }));
        await page.evaluate(() => dispatchEvent(new Event('online')));
        await page.waitForSelector(`[data-available="${left}"]`);
    };
    const old = await hold(page, api.limits, { answered: true });
    await spend(876);
    await old.asked;
    await spend(873);
    old.release();
    await page.waitForSelector('text=126 of 600 used so far');
    await page.done();
});

test('limits: accessible, fits', async () => {
    const page = await open();
    await assertLooks(page, 'limits');
    await page.done();
});

test('a cap is removed, and the threshold emptied', async () => {
    const page = await open();
    await page.click('.cap-remove');
    await page.fill('#limits-threshold', '');
    await page.click('text=Save limits');
    await page.waitForSelector('text=Your limits are saved');
    const set = await limits();
    assert.deepEqual(set.caps, []);
    assert.equal(set.low_credit_threshold, null);
    await page.done();
});

test('who may not set limits does not see them', async () => {
    await addMember(site, 'capped', 'reader@capped.test', 'member', 'Rita');
    const reader = await signIn(site, 'reader@capped.test', password);
    const page = await openPage(site, browser, { as: reader });
    await page.goto(`${site.base}/settings/account/credits`);
    await loaded(page);
    assert.equal(await page.isVisible('#limits'), false);
    await page.done();
});
