/*
 * The elements for the platform's other pages: alive with one script, the
 * API's figures, nothing to see for strangers.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startSite } from '../site/site.js';
import { assertAccessible, assertFits, assertShows, grant, newSpace, openBrowser,
    openPage, shoot } from './browser.js';

let site;
let browser;
let space;

before(async () => {
    site = await startSite();
    browser = await openBrowser();
    space = await newSpace(site, 'hosted');
    await grant(site, 'hosted', 1234);
});
after(async () => {
    await browser?.close();
    await site?.stop();
});

for (const [dark, width] of [[false, 1280], [true, 320]])
    test(`the example shows a member\u2019s credits, and new ones, ${width} wide`, async () => {
        const page = await openPage(site, browser,
            { as: space.owner, dark, width });
        await page.goto(`${site.base}/guide/embed`);
        await page.waitForSelector('#example credit-balance a');
        const words = await page.textContent('#example credit-balance');
        assert.match(words, /^1,\d34 credits available$/);
        await assertShows(page, '#example credit-badge', /credits per £1/);
        await assertAccessible(page, 'the example');
        await assertFits(page, 'the example');
        await shoot(page, `embed-${width}`);
        await grant(site, 'hosted', 100);
        await page.evaluate(() => dispatchEvent(new Event('online')));
        await page.waitForFunction((before) => document.querySelector(
            '#example credit-balance').textContent !== before, words);
        await page.click('#example a');
        await page.waitForURL(/\/settings\/personal\/credits$/);
        await page.waitForSelector('[data-available]');
        await page.done();
    });

test('a stranger sees no figures, and how to sign in', async () => {
    const page = await openPage(site, browser, { expect: [/401 .*\/session$/] });
    await page.goto(`${site.base}/guide/embed`);
    await page.waitForFunction(() => [...document.querySelectorAll(
        'credit-badge, credit-balance')].every((each) => each.hidden));
    assert.ok(await page.isVisible('text=sign in'));
    await assertAccessible(page, 'for a stranger');
    await page.done();
});

test('a Space of somebody else stays hidden', async () => {
    const page = await openPage(site, browser, { as: space.owner });
    await page.route('**/guide/embed', async (route) => {
        const answer = await route.fetch();
        await route.fulfill({ response: answer, body: (await answer.text())
            .replace('<credit-balance>', '<credit-balance space="demo">') });
    });
    await page.goto(`${site.base}/guide/embed`);
    await page.waitForSelector('credit-balance[hidden]', { state: 'attached' });
    await assertShows(page, 'credit-balance', '');
    await page.done();
});
