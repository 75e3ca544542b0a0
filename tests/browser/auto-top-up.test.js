/*
 * Auto top-up and codes in a browser: agreed to in words, a card saved by a
 * payment, every state with its way on, and who may see what.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { must } from '../site/shop.js';
import { keyed, signIn, startSite } from '../site/site.js';
import { metered, ok } from '../site/meter.js';
import { addMember, api, assertAccessible, assertCount, assertFits, assertShows,
    creditsOf, newSpace, openBrowser, openCredits, openPage, password, payByCard,
    refuse, refused, returned, screenshots, shoot } from './browser.js';

let site;
let browser;
let space;
const promo = '**/api/v1/spaces/*/promo';

before(async () => {
    site = await startSite({ env: { SCRIP_TICK_SECONDS: '0' } });
    browser = await openBrowser();
    space = await newSpace(site, 'auto');
});
after(async () => {
    await browser?.close();
    await site?.stop();
});

const limits = async () => ok(await space.owner.get('/api/v1/spaces/auto/limits'));

async function open({ as = space.owner, state = null, ...more } = {}) {
    const page = await openPage(site, browser, { as, ...refused, ...more });
    if (state)
        await page.route(api.limits, async (route) => {
            const answer = await route.fetch();
            const body = await answer.json();
            Object.assign(body.auto_top_up, state);
            await route.fulfill({ response: answer, json: body });
        });
    await openCredits(site, page, space);
    await page.locator('#auto').scrollIntoViewIfNeeded();
    await page.waitForSelector('#auto .auto');
    return page;
}

test('an owner agrees to the very words that are kept, and saves a card by paying once', async () => {
    const page = await open();
    await page.fill('#auto-threshold', '0');
    await page.fill('#auto-monthlyMax', '10');
    await page.click('text=Agree and turn on');
    await assertShows(page, '#auto-threshold-error', /whole number/);
    await assertShows(page, '#auto-monthlyMax-error', /costs £25/);
    assert.ok(await page.evaluate(() => document.activeElement.id === 'auto-threshold'));
    await assertAccessible(page, 'faults of the terms');
    await page.fill('#auto-threshold', '1,000');
    await page.fill('#auto-monthlyMax', '£99.50');
    const shown = await page.textContent('.auto-consent');
    await page.click('text=Agree and turn on');
    await page.waitForSelector('#auto [data-state="needs_card"]');
    const { auto_top_up: kept } = await limits();
    assert.equal(kept.agreed_words, shown);
    assert.deepEqual([kept.threshold, kept.monthly_max, kept.tier], [1000, 9950, 'gbp25']);
    await page.click('text=Pay £25 and save the card');
    await payByCard(page);
    await returned(page, 'added');
    await page.locator('#auto').scrollIntoViewIfNeeded();
    await page.waitForSelector('text=Visa ending 4242');
    await page.waitForSelector('#auto [data-state="ready"]');
    await assertAccessible(page, 'ready');
    await page.done();
});

test('usage that falls below it is topped up by itself, and the history says so', async () => {
    const meter = metered(keyed(site), 'auto');
    ok(await meter.charge({ feature: 'x', credits: 2500 }));
    await must(site, ['tick']);
    assert.equal((await creditsOf(space)).balance.available, 3500);
    const page = await open();
    await page.waitForSelector('text=Automatic top-up £25');
    await page.waitForSelector('text=£25 of £99.50');
    await page.done();
});

test('caps that are saved beside it leave it as it is', async () => {
    const page = await open();
    await page.locator('#limits').scrollIntoViewIfNeeded();
    await page.fill('#limits-threshold', '5');
    await page.click('text=Save limits');
    await page.waitForSelector('text=Your limits are saved');
    assert.equal((await limits()).auto_top_up.state, 'ready');
    await page.done();
});

test('the terms are changed, turned off, and only an owner turns them on', async () => {
    const page = await open();
    await page.click('#auto >> text=Change');
    await page.click('#auto >> text=Cancel');
    await page.click('#auto >> text=Change');
    await page.fill('#auto-threshold', '500');
    await page.click('text=Agree to this');
    await page.waitForSelector('.auto-agreed:has-text("fewer than 500 credits")');
    assert.equal((await limits()).auto_top_up.threshold, 500);
    await page.done();

    await addMember(site, 'auto', 'admin@auto.test', 'admin', 'Ada');
    const admin = await open({ as: await signIn(site, 'admin@auto.test', password) });
    await assertCount(admin, '#auto >> text=Change', 0);
    await admin.click('#auto >> text=Turn off');
    await admin.waitForSelector('text=An owner of this Space can turn it on');
    assert.equal((await limits()).auto_top_up.state, 'off');
    await assertAccessible(admin, 'an admin, off');
    await admin.done();

    await addMember(site, 'auto', 'reader@auto.test', 'member', 'Rita');
    const reader = await openPage(site, browser, { as: await signIn(site, 'reader@auto.test', password) });
    await openCredits(site, reader, space);
    assert.equal(await reader.isVisible('#auto'), false);
    assert.equal(await reader.isVisible('.promo'), false);
    await reader.done();
});

const on = { enabled: true, card: { brand: 'visa', last4: '4242' } };
const later = '2031-05-06T07:08:09.000Z';
const states = [
    [{ ...on, state: 'needs_card', card: null }, 'needs_card', 'Pay £25 and save the card'],
    [{ ...on, state: 'charging' }, 'charging', 'A top-up is on its way'],
    [{ ...on, state: 'backing_off', next_attempt_at: later, last_refusal: 'Your card was declined.' },
        'backing_off', 'Your card was declined. It is tried again at 6 May 2031'],
    [{ ...on, state: 'ceiling_reached', next_attempt_at: later, charged_this_month: 7500 },
        'ceiling_reached', '£75 of £99.50 were charged'],
    [{ ...on, state: 'needs_confirmation', payment_url: 'https://pay.example/x' },
        'needs_confirmation', 'Your bank wants you to confirm'],
    ...['declined', 'plan_not_paid', 'new_one']
        .map((why) => [{ ...on, state: 'paused', paused_because: why }, `paused-${why}`, 'Paused']),
];

test('every state says what it is and the way on', async () => {
    for (const [i, [state, name, words]] of states.entries()) {
        const narrow = i % 2 === 1;
        const page = await open({ state, dark: narrow, width: narrow ? 320 : 1280 });
        await page.waitForSelector(`#auto >> text=${words}`);
        await assertAccessible(page, name);
        await assertFits(page, name);
        if (i < 6)
            await page.locator('#auto').screenshot({ path: `${screenshots}auto-${name}.png` });
        await page.done();
    }
});

test('what fails is said in place, and may be tried again', async () => {
    const page = await open();
    await page.route(api.limits, refuse(503, 'unavailable'));
    await page.click('text=Agree and turn on');
    await page.waitForSelector('#auto [role="alert"]');
    await page.unroute(api.limits);
    await page.click('text=Agree and turn on');
    await page.waitForSelector('#auto [data-state="ready"]');
    await page.click('#auto >> text=Turn off');
    await page.waitForSelector('text=Agree and turn on');
    await shoot(page, 'auto-off');
    await page.done();
});

test('a code adds its credits; what is wrong with one is said at its field', async () => {
    for (const [code, ...more] of [['BROWSER', '--credits', '250'], ['GONE', '--credits', '5', '--uses', '1']])
        await must(site, ['promo', 'add', code, ...more]);
    const other = await newSpace(site, 'other');
    ok(await other.owner.post('/api/v1/spaces/other/promo', { code: 'GONE' }, { key: true }));
    const page = await open();
    const { available } = (await creditsOf(space)).balance;
    await page.focus('.promo summary');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.activeElement.id === 'promo-code');
    for (const [code, words] of [['', /Enter the code/], ['NOPE', /no such code/], ['gone', /used already/]]) {
        await page.fill('#promo-code', code);
        await page.keyboard.press('Enter');
        await page.waitForFunction((source) => new RegExp(source)
            .test(document.querySelector('#promo-error').textContent), words.source);
    }
    await assertAccessible(page, 'a wrong code');
    await page.fill('#promo-code', 'brow-ser');
    const keys = [];
    page.on('request', (request) => request.url().endsWith('/promo') &&
        keys.push(request.headers()['idempotency-key']));
    await page.route(promo, refuse(503, 'unavailable'));
    await page.press('#promo-code', 'Enter');
    await page.waitForSelector('.promo [role="alert"]');
    await page.unroute(promo);
    await page.click('.promo [role="alert"] button');
    await page.waitForSelector('text=250 credits added');
    assert.deepEqual([keys.length, new Set(keys).size], [2, 1]);
    await page.waitForSelector(`[data-available="${available + 250}"]`);
    await assertAccessible(page, 'a code was used');
    await page.route(promo, refuse(429, 'too_many_attempts', { 'Retry-After': '600' }));
    await page.fill('#promo-code', 'another');
    await page.press('#promo-code', 'Enter');
    await page.waitForSelector('text=Try again in 10 minutes');
    await shoot(page, 'promo');
    await page.done();
});

for (const [dark, width] of [[false, 320], [true, 1280]])
    test(`codes and terms, ${width} wide: accessible, fits`, async () => {
        const page = await open({ dark, width });
        await page.click('.promo summary');
        await assertAccessible(page, 'open');
        await assertFits(page, 'open');
        await page.locator('#auto').screenshot({ path: `${screenshots}auto-terms-${width}.png` });
        await page.locator('#buy').screenshot({ path: `${screenshots}promo-${width}.png` });
        await page.done();
    });
