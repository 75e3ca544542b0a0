/*
 * States that a healthy site hardly shows: slow, broken, offline, low, below
 * zero. The real site answers; the test bends some of its answers on their way
 * to the page.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startSite, until } from '../site/site.js';
import { api, assertAccessible, assertCount, assertFits, assertShows, creditsOf,
    grant, hold, loaded, newSpace, openBrowser, openCredits, openPage, refuse,
    refused, shoot, tryAgain, unpaid } from './browser.js';

let site;
let browser;
let space;

before(async () => {
    site = await startSite();
    browser = await openBrowser();
    space = await newSpace(site, 'states');
    await grant(site, 'states', 5000);
});
after(async () => {
    await browser?.close();
    await site?.stop();
});

/* Lets the real answer pass, changed by `bend`. */
async function bend(page, pattern, change) {
    await page.route(pattern, async (route) => {
        const answer = await route.fetch({ headers: { ...route.request().headers(),
            'if-none-match': '' } });
        const json = await answer.json();
        change(json);
        await route.fulfill({ status: answer.status(), json });
    });
}

const open = (more = {}) => openPage(site, browser,
    { as: space.owner, ...refused, ...more });

test('while it loads there are skeletons, busy, and words when it is slow', async () => {
    const page = await open();
    let go;
    const gate = new Promise((done) => { go = done; });
    for (const pattern of [api.credits, api.events])
        await page.route(pattern, async (route) => {
            await gate;
            await route.continue();
        });
    await page.goto(`${site.base}/settings/account/credits`);
    for (const part of ['balance', 'buy', 'history'])
        assert.equal(await page.getAttribute(`#${part} [data-body]`, 'aria-busy'),
            'true');
    const size = async () => (await page.locator('#balance [data-body]')
        .boundingBox()).height;
    const before = await size();
    assert.equal(await page.evaluate(() => performance.now() < 4000 &&
        getComputedStyle(document.querySelector('.patience')).visibility ===
            'visible'), false, 'words before it is slow');
    await page.waitForSelector('.patience', { state: 'visible' });
    await assertShows(page, '.patience', /Still loading/);
    await shoot(page, 'credits-loading');
    go();
    await loaded(page);
    const now = await size();
    assert.ok(Math.abs(now - before) <= 4, `${before} became ${now}`);
    await page.done();
});

test('when nothing can be read, each part says so with the request, and is tried again', async () => {
    const page = await open();
    await page.route(api.credits, refuse(503, 'unavailable'));
    await page.route(api.events, refuse(500, 'internal'));
    await page.goto(`${site.base}/settings/account/credits`);
    for (const part of ['balance', 'buy', 'history']) {
        const said = await page.waitForSelector(`#${part} .notice`);
        assert.match(await said.textContent(), /can.t be shown.*req_of_this_test/);
    }
    await assertAccessible(page, 'all broken');
    await shoot(page, 'credits-broken');
    await page.unroute(api.credits);
    /* The history asks again with it; that has to be over. */
    await Promise.all([page.waitForResponse(api.events),
        tryAgain(page, '#balance')]);
    await page.waitForSelector('[data-available]');
    await page.waitForSelector('input[name="tier"]');
    await page.unroute(api.events);
    await tryAgain(page, '#history');
    await page.waitForSelector('#history tr[data-event]');
    await page.done();
});

test('when even the session cannot be read, the page waits for another try', async () => {
    const page = await open();
    await page.route(api.session, (route) => route.abort('internetdisconnected'));
    await page.goto(`${site.base}/settings/account/credits`);
    const said = await page.waitForSelector('main > .notice');
    assert.match(await said.textContent(), /offline/);
    await page.unroute(api.session);
    await page.click('main > .notice button');
    await loaded(page);
    await assertCount(page, 'main > .notice', 0);
    await page.done();
});

const refusals = [
    ['the provider does not answer', 502, 'payment_provider_unavailable',
        { 'Retry-After': '5' }, /isn.t answering.*Nothing was charged.*in 5 seconds/, true],
    ['too many orders', 429, 'too_many_orders', { 'Retry-After': '1800' },
        /Too many unfinished.*in 30 minutes/, true],
    ['the plan has just ended', 403, 'plan_not_paid', {},
        /need a paid plan.*Nothing was charged/, false],
    ['the role has just changed', 403, 'role', {}, /role can.t buy/, false],
    ['a fault of ours', 500, 'internal', {}, /fault is ours.*Nothing was charged/, true],
];

for (const [what, status, code, headers, words, again] of refusals)
    test(`buying when ${what}: said in place, nothing lost`, async () => {
        const page = await open();
        await openCredits(site, page, space);
        await page.check('input[value="gbp50"]');
        await page.route(api.checkout, refuse(status, code, headers));
        await page.click('.buy-go .button');
        const said = await page.waitForSelector('#buy [role="alert"]');
        assert.match(await said.textContent(), words);
        assert.match(await said.textContent(), /req_of_this_test/);
        assert.equal(await page.locator('#buy [role="alert"] button').count() > 0,
            again);
        assert.ok(await page.isChecked('input[value="gbp50"]'));
        assert.equal(await page.getAttribute('.buy-go .button', 'aria-disabled'),
            'false');
        await assertAccessible(page, what);
        await page.done();
    });

test('buying offline: said in place, and goes on when the network is back', async () => {
    const page = await open();
    await openCredits(site, page, space);
    await page.context().setOffline(true);
    await page.click('.buy-go .button');
    const said = await page.waitForSelector('#buy [role="alert"]');
    assert.match(await said.textContent(), /offline.*your choice is kept/);
    await page.context().setOffline(false);
    await page.click('#buy [role="alert"] button');
    await page.waitForURL((url) => url.origin === site.sandbox);
    await page.done();
});

const levels = [
    ['low', 180, 0, /Running low: 180 credits left.*keeps working/],
    ['empty', 0, 0, /No credits are available.*stopped/],
    ['negative', -250, 250, /Below zero: \u2212250 credits.*refunded or disputed/],
];

for (const [level, figure, debt, words] of levels)
    test(`a balance that is ${level} is said in words, leads to the tiers, and can be dismissed`, async () => {
        const page = await open({ dark: level === 'negative' });
        const change = (json) => {
            json.warning = { level, threshold: 200, message: 'm' };
            Object.assign(json.balance, { available: figure, total: figure,
                held: 0, included: figure + debt, bonus: 0, top_up: 0, debt });
        };
        await bend(page, api.credits, change);
        await openCredits(site, page, space);
        await assertShows(page, '.balance-now', words);
        await assertShows(page, '.balance-figure',
            String(figure).replace('-', '\u2212'));
        await assertAccessible(page, level);
        await shoot(page, `warning-${level}`);
        await page.click('.balance-now button:text("Top up")');
        assert.ok(await page.evaluate(() =>
            document.activeElement.matches('input[name="tier"]')));
        await page.click('.balance-now button:text("Dismiss")');
        await assertCount(page, '.balance-now .notice', 0);
        await page.reload();
        await loaded(page);
        await assertCount(page, '.balance-now .notice', 0,
            'it stays away');
        await page.unroute(api.credits);
        await page.reload();
        await loaded(page);
        await bend(page, api.credits, change);
        await page.reload();
        await loaded(page);
        await assertCount(page, '.balance-now .notice', 1,
            'it comes back at the next crossing');
        await page.done();
    });

test('what holds credits is listed: what for, since when, until when', async () => {
    const page = await open({ width: 320 });
    await bend(page, api.credits, (json) => {
        Object.assign(json.balance, { total: 1000, held: 120, available: 880,
            bonus: 1000 });
        json.holds = [{ id: 'hld_1', state: 'held', credits: 150, captured: 30,
            activity: 'livestream_room', livestream: '<i>Friday</i>',
            created_at: '2026-11-22T10:00:00.000Z',
            expires_at: '2026-11-22T11:00:00.000Z' }];
    });
    await openCredits(site, page, space);
    await page.click('summary');
    const said = await page.textContent('.holds li');
    assert.match(said, /Livestream room · <i>Friday<\/i>/);
    assert.match(said, /since 22 Nov 2026, 10:00, until 22 Nov 2026, 11:00/);
    assert.match(said, /120 credits/);
    await assertShows(page, '[data-part="held"]', /^\u2212120$/);
    await assertAccessible(page, 'holds');
    await assertFits(page, 'holds');
    await page.done();
});

test('nothing changes under a finger: a press is not lost, and then the new figures come', async () => {
    const own = await unpaid(site, 'pressing');
    const page = await openPage(site, browser, { as: own.owner });
    await openCredits(site, page, own);
    const news = await hold(page, api.credits);
    await grant(site, 'pressing', 5);
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await news.asked;
    await page.hover('.orders a:text("Check")');
    await page.mouse.down();
    const answered = page.waitForResponse((answer) =>
        /\/credits$/.test(answer.url()) && answer.status() === 200);
    news.release();
    await answered;
    await page.waitForTimeout(100);
    assert.equal(await page.getAttribute('[data-available]', 'data-available'), '0');
    await page.mouse.up();
    await page.waitForURL(/order=ord_/);
    await page.waitForSelector('[data-available="5"]');
    await page.done();
});

test('figures that are old say so, and the return of the network brings new ones', async () => {
    const page = await open();
    await page.clock.install();
    await openCredits(site, page, space);
    await page.route(api.credits, (route) => route.abort());
    await page.clock.fastForward('03:00');
    await page.waitForFunction(() => /^Updated \d+ min ago$/.test(
        document.querySelector('.balance-stale').textContent));
    await page.unroute(api.credits);
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await page.clock.fastForward('00:20');
    await page.waitForFunction(() =>
        document.querySelector('.balance-stale').textContent === '');
    await page.done();
});

test('new credits appear by themselves, in two tabs, and most questions are answered with 304', async () => {
    const own = await newSpace(site, 'tabs');
    const page = await openPage(site, browser, { as: own.owner });
    const other = await page.context().newPage();
    const statuses = [];
    page.on('response', (response) => {
        if (response.url().endsWith('/credits') && response.url().includes('/api/'))
            statuses.push(response.status());
    });
    await openCredits(site, page, own);
    await openCredits(site, other, own);
    const look = (each) => each.evaluate(() => {
        document.dispatchEvent(new Event('visibilitychange'));
    });
    await look(page);
    await until('a 304', () => statuses.includes(304));
    await grant(site, 'tabs', 700);
    for (const each of [page, other]) {
        await look(each);
        await each.waitForSelector('[data-available="700"]');
        await each.waitForSelector('tr[data-event]');
        await assertShows(each, 'credit-balance', /700 credits/);
    }
    await page.waitForFunction(() => /700 credits available/.test(
        document.querySelector('[role="status"]').textContent));
    assert.equal(statuses[0], 200);
    await page.done();
});

test('older events that are asked for while new ones come are not forgotten', async () => {
    const own = await newSpace(site, 'both');
    for (let count = 1; count <= 30; count++)
        await grant(site, 'both', count);
    const page = await openPage(site, browser, { as: own.owner });
    await openCredits(site, page, own);
    const newest = await hold(page, '**/events?limit=25');
    await grant(site, 'both', 1000);
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await newest.asked;
    await page.click('text=Load older events');
    await assertShows(page, '.events-foot button', /Loading/);
    newest.release();
    await assertCount(page, 'tr[data-event]', 31);
    await page.done();
});

test('older events are appended; focus and scroll stay; at the end the button goes', async () => {
    const own = await newSpace(site, 'long');
    for (let count = 1; count <= 57; count++)
        await grant(site, 'long', count);
    const page = await openPage(site, browser, { as: own.owner, ...refused });
    await openCredits(site, page, own);
    const rows = page.locator('tr[data-event]');
    const more = page.locator('text=Load older events');
    assert.equal(await rows.count(), 25);
    await page.waitForSelector('#planner-form'); /* it moves what is below */
    await more.focus();
    const scroll = await page.evaluate(() => scrollY);
    await page.keyboard.press('Enter');
    await page.waitForFunction(() =>
        document.querySelectorAll('tr[data-event]').length === 50);
    await more.waitFor();
    assert.equal(await page.evaluate(() => scrollY), scroll);
    assert.equal(await page.evaluate(() => document.activeElement.textContent),
        'Load older events');
    await page.route(api.events, refuse(503, 'unavailable'));
    await grant(site, 'long', 1000);
    await page.keyboard.press('Enter');
    await page.waitForSelector('.events-foot .notice');
    assert.equal(await rows.count(), 50, 'what is there stays');
    await page.unroute(api.events);
    await page.click('.events-foot button');
    await page.waitForFunction(() =>
        document.querySelectorAll('tr[data-event]').length >= 57);
    assert.equal(await more.count(), 0);
    assert.ok(await page.evaluate(() =>
        document.activeElement.matches('tr[data-event]')));
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await page.waitForFunction(() =>
        document.querySelectorAll('tr[data-event]').length === 58);

    const figures = await rows.evaluateAll((all) => all.map((row) => ({
        id: row.dataset.event,
        credits: row.querySelector('.change').textContent,
        after: row.querySelector('.after').lastChild.textContent,
        time: row.querySelector('time').dateTime,
    })));
    const number = (text) => Number(text.replace('\u2212', '-').replace(/[+,]/g, ''));
    assert.equal(new Set(figures.map(({ id }) => id)).size, 58);
    figures.forEach(({ credits, after, time }, at) => {
        const older = figures[at + 1] ? number(figures[at + 1].after) : 0;
        assert.equal(number(after), older + number(credits));
        assert.match(credits, /^\+/);
        assert.ok(!Number.isNaN(Date.parse(time)));
    });
    const { balance } = await creditsOf(own);
    assert.equal(number(figures[0].after), balance.total);
    await assertAccessible(page, 'a long history');
    await page.done();
});

test('signing in: each refusal in words, and with the time to wait', async () => {
    const page = await openPage(site, browser, refused);
    await page.goto(`${site.base}/signin`);
    const say = async (words) => {
        await page.waitForFunction((pattern) => new RegExp(pattern).test(
            document.getElementById('failure').textContent), words.source);
        assert.equal(await page.inputValue('#email'), 'owner@demo.test');
    };
    await page.click('form [type="submit"]');
    await page.waitForFunction(() => document.activeElement.id === 'email');
    await assertShows(page, '#failure', /Enter your email/);
    await page.fill('#email', 'owner@demo.test');
    await page.click('form [type="submit"]');
    await say(/Enter your password/);
    await page.fill('#password', 'wrong');
    await page.click('form [type="submit"]');
    await say(/Email or password is wrong/);
    await page.route(api.session, refuse(429, 'too_many_attempts',
        { 'Retry-After': '840' }));
    await page.click('form [type="submit"]');
    await say(/Too many attempts.*in 14 minutes/);
    await assertAccessible(page, 'too many attempts');
    await page.unroute(api.session);
    await page.context().setOffline(true);
    await page.click('form [type="submit"]');
    await say(/offline/);
    await page.context().setOffline(false);
    await page.click('#reveal');
    assert.equal(await page.getAttribute('#password', 'type'), 'text');
    await page.done();
});

test('the plans cannot be read: said, and tried again', async () => {
    const page = await open();
    await page.route(api.membership, refuse(503, 'unavailable'));
    await page.goto(`${site.base}/settings/membership`);
    await page.waitForSelector('#plans .notice button');
    await page.unroute(api.membership);
    await page.click('#plans .notice button');
    await page.waitForSelector('.plan.current');
    await page.done();
});
