/*
 * Who sees what, and every page in every look: light and dark, wide and 320
 * pixels, without a finding of axe, without sideways scrolling, without a jump
 * while loading, without a word in the console or a request to strangers.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { signIn, startSite } from '../site/site.js';
import { addMember, assertAccessible, assertCount, assertLooks, assertShows,
    creditsOf, grant, laterParts, loaded, newSpace, openBrowser, openCredits,
    openPage, password, shoot, silence } from './browser.js';

let site;
let browser;
let demo;

before(async () => {
    site = await startSite();
    browser = await openBrowser();
    demo = { slug: 'demo',
        owner: await signIn(site, 'owner@demo.test', 'demo-password') };
});
after(async () => {
    await browser?.close();
    await site?.stop();
});

const pages = [
    ['the Credits page', 'settings/personal/credits', '[data-available]'],
    ['the Membership page', 'settings/membership', '.plan-price strong:text("£")'],
    ['the guide', 'guide/credits', 'button.face'],
    ['the problems', 'problems/', 'button.face'],
    ['a problem', 'problems/plan_not_paid', 'button.face'],
    ['a page that is not there', 'nothing/here', 'button.face'],
];

for (const [what, path, ready] of pages) {
    for (const width of [1280, 320]) {
        test(`${what}, ${width} wide: accessible, fits, does not jump`, async () => {
            const page = await openPage(site, browser, { as: demo.owner,
                width, expect: [/404 .*\/nothing\/here$/] });
            await signedInBefore(page);
            await watchShifts(page);
            await page.goto(`${site.base}/${path}`);
            await page.waitForSelector(ready);
            if (path === 'settings/personal/credits')
                await loaded(page);
            const shift = await page.evaluate(() => window.shifted);
            assert.ok(shift < 0.05, `it jumped by ${shift}`);
            await assertLooks(page, path, { widths: [width] });
            await page.done();
        });
    }
}

test('the sign-in page, with an error too: accessible, fits', async () => {
    const page = await openPage(site, browser, {
        expect: [/401 .*\/session$/] });
    await page.goto(`${site.base}/signin`);
    await assertLooks(page, 'signin', { widths: [320] });
    await page.fill('#email', 'owner@demo.test');
    await page.fill('#password', 'wrong');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#failure .notice');
    await assertLooks(page, 'signin-wrong', { widths: [320] });
    await page.done();
});

/* A page for everybody asks who is signed in only where somebody was. */
async function signedInBefore(page) {
    await page.addInitScript(() =>
        localStorage.setItem('scrip.signed-in', 'true'));
}

async function watchShifts(page) {
    await page.addInitScript(() => {
        window.shifted = 0;
        new PerformanceObserver((list) => {
            for (const entry of list.getEntries())
                window.shifted += entry.hadRecentInput ? 0 : entry.value;
        }).observe({ type: 'layout-shift', buffered: true });
    });
}

test('every figure is the API\u2019s, and they add up', async () => {
    const page = await openPage(site, browser, { as: demo.owner });
    await openCredits(site, page, demo);
    const { balance, badge, tiers } = await creditsOf(demo);
    const part = async (name) => Number((await page.textContent(
        `[data-part="${name}"]`)).replace('\u2212', '-').replaceAll(',', ''));
    assert.equal(await part('included'), balance.included);
    assert.equal(await part('bonus'), balance.bonus);
    assert.equal(await part('top-up'), balance.top_up);
    assert.equal(await part('total'), balance.total);
    assert.equal(await part('held'), 0 - balance.held);
    assert.equal(await part('available'), balance.available);
    assert.equal(await part('total'), await part('included') +
        await part('bonus') + await part('top-up') - balance.debt);
    await assertShows(page, '.sum', /expires \d+ \w+ \d{4}/);
    await assertShows(page, '.sum', /never expires/);
    await assertShows(page, 'credit-badge', badge.label);
    const cards = await page.locator('label.tier').allTextContents();
    assert.deepEqual(cards, tiers.map((tier) => tier.label +
        `${tier.credits.toLocaleString('en-GB')} credits`));
    for (const tier of tiers)
        assert.equal(tier.credits, Math.floor(
            tier.amount * badge.credits / badge.per.amount) + tier.bonus);
    await page.done();
});

test('a Space without a paid plan sees what it would buy, and the upgrade', async () => {
    const owner = await signIn(site, 'owner@free.test', 'demo-password');
    const page = await openPage(site, browser, { as: owner });
    await page.goto(`${site.base}/settings/personal/credits`);
    await loaded(page);
    assert.deepEqual(await page.locator('.tier strong').allTextContents(),
        ['£25', '£50', '£100']);
    await assertCount(page, 'input[name="tier"]', 0);
    await assertShows(page, '#history', /Nothing has happened yet/);
    await assertShows(page, '.balance-now', /Credits pay for/);
    await assertCount(page, '.balance-now .notice', 0,
        'greeted, not warned');
    await assertAccessible(page, 'a free Space');
    await shoot(page, 'credits-free');
    await page.click('text=Upgrade to buy credits');
    await page.waitForURL(/\/settings\/membership\?space=free&from=(personal|account)$/);
    await page.waitForSelector('.plan.current');
    await assertShows(page, '.plan.current', /Starter.*Current plan/);
    await assertShows(page, '#plans', /Choose Creator/);
    await page.click('text=Back to credits');
    await page.waitForURL(/\/credits\?space=free$/);
    await page.done();
});

test('a member who may not buy is told who can', async () => {
    const viewer = await signIn(site, 'viewer@demo.test', 'demo-password');
    const page = await openPage(site, browser, { as: viewer });
    await page.goto(`${site.base}/settings/personal/credits`);
    await loaded(page);
    const { buyers } = await creditsOf({ slug: 'demo', owner: viewer });
    assert.ok(buyers.length > 0);
    const said = await page.textContent('#buy');
    for (const name of buyers)
        assert.ok(said.includes(name), name);
    await assertCount(page, '#buy button', 0);
    await assertAccessible(page, 'a viewer');
    await page.done();
});

test('with several Spaces the switcher changes the Space, and it is remembered', async () => {
    const one = await newSpace(site, 'one', { name: 'First of two' });
    await newSpace(site, 'two', { name: 'Second of two' });
    await addMember(site, 'two', one.email, 'admin', 'Olive Own');
    await grant(site, 'two', 77);
    const both = await signIn(site, one.email, password);
    const page = await openPage(site, browser, { as: both });
    await page.goto(`${site.base}/settings/personal/credits?space=one`);
    await loaded(page);
    await page.click('button.space-name');
    await assertAccessible(page, 'the open switcher');
    await page.keyboard.press('Escape');
    assert.equal(await page.getAttribute('button.space-name', 'aria-expanded'),
        'false');
    await page.click('button.space-name');
    await page.click('text=Second of two');
    await page.waitForURL(/space=two/);
    await loaded(page);
    assert.equal(await page.getAttribute('[data-available]', 'data-available'),
        '77');
    await page.goto(`${site.base}/settings/membership`);
    await page.waitForSelector('.plan.current');
    assert.match(await page.title(), /Second of two/);
    await page.goto(`${site.base}/settings/personal/credits?space=demo`);
    await loaded(page);
    assert.match(await page.title(), /Second of two/,
        'a Space of somebody else is never chosen');
    await page.done();
});

test('long names and nine-digit balances fit, also on 320 pixels', async () => {
    const space = await newSpace(site, 'large', {
        name: 'Donaudampfschifffahrtsgesellschaftskapitänsmütze & Söhne <b>GmbH</b>' });
    await grant(site, 'large', 987654321);
    const page = await openPage(site, browser, { as: space.owner });
    await openCredits(site, page, space);
    await assertShows(page, '.balance-figure', '987,654,321');
    await assertCount(page, '.bar b', 0);
    await assertLooks(page, 'credits-large', { schemes: ['light'] });
    await page.done();
});

test('signing out ends the session, here and on the server', async () => {
    const { owner, slug, email } = await newSpace(site, 'leave');
    const page = await openPage(site, browser, { as: owner,
        expect: [/401 .*\/session$/] });
    await silence(page, ...laterParts);
    await openCredits(site, page, { slug });
    await page.click('button.face');
    await assertShows(page, '.bar-member', new RegExp(email));
    await page.click('text=Sign out');
    await page.waitForURL(/\/signin$/);
    assert.equal((await owner.get('/api/v1/session')).status, 401);
    await page.goBack();
    await page.waitForURL(/\/signin\?next=/);
    await page.done();
});

test('the sign-in page leads to a page of ours only', async () => {
    for (const [next, path] of [
        ['/settings/membership?space=demo', '/settings/membership?space=demo'],
        ['//evil.example/', '/settings/personal/credits'],
        ['/\\evil.example', '/settings/personal/credits'],
        ['/api/v1/session', '/settings/personal/credits'],
    ]) {
        const page = await openPage(site, browser, {
            expect: [/401 .*\/session$/] });
        await page.goto(`${site.base}/signin?next=${encodeURIComponent(next)}`);
        await page.fill('#email', 'owner@demo.test');
        await page.fill('#password', 'demo-password');
        await page.keyboard.press('Enter');
        await page.waitForURL((url) => !url.pathname.startsWith('/signin'));
        assert.equal(page.url(), site.base + path);
        await page.waitForSelector('button.face');
        await page.done();
    }
});

test('without JavaScript the page says what it needs', async () => {
    const page = await openPage(site, browser, { as: demo.owner,
        javaScriptEnabled: false });
    await page.goto(`${site.base}/settings/personal/credits`);
    await assertShows(page, 'main', /needs JavaScript/);
    await page.done();
});
