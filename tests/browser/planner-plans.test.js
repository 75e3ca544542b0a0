/*
 * Saved plans on the Credits page: saved, started, compared with what was
 * really used, finished; refused where credits or the role do not reach; and
 * prices that change, with their dates and with the quotes made before.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { keyed, signIn, startSite } from '../site/site.js';
import { addMember, assertAccessible, assertCount, assertFits, assertShows,
    creditsOf, grant, hold, newSpace, openBrowser, openPage, password, refuse,
    refused, shoot } from './browser.js';
import { estimates, figure, number, openPlanner, planner, plans, total }
    from './planner.js';

let site;
let browser;
let space;

before(async () => {
    site = await startSite();
    browser = await openBrowser();
    space = await newSpace(site, 'saved');
    await grant(site, 'saved', 2000);
});
after(async () => {
    await browser?.close();
    await site?.stop();
});

const open = (more = {}) => openPage(site, browser,
    { as: space.owner, ...more });
const row = (page, name) => page.locator('[data-plan]', {
    has: page.locator('.plan-called strong', { hasText: name }) });
const press = (page, name, words) => row(page, name).getByRole('button',
    { name: new RegExp(`^${words} `) }).click();
const inState = (page, name, state) =>
    row(page, name).and(page.locator(`[data-state="${state}"]`)).waitFor();

async function plansOf({ slug, owner }) {
    const { status, json } = await owner.get(`/api/v1/spaces/${slug}/plans`);
    assert.equal(status, 200);
    return json.plans;
}

async function save(page, name) {
    await page.fill('#plan-name', name);
    await page.keyboard.press('Enter');
    await row(page, name).waitFor();
}

test('a plan is saved once, started, compared with what was used, and finished', async () => {
    const page = await open();
    await openPlanner(site, page, space, '&plan.length=60&plan.clip=10.balanced');
    await total(page, 220);
    await page.fill('#plan-name', '<b>Gala</b> night');
    await page.locator('.plan-save button[type="submit"]').dblclick();
    await row(page, 'Gala').waitFor();
    const [saved, ...others] = await plansOf(space);
    assert.deepEqual([saved.name, saved.total, others.length],
        ['<b>Gala</b> night', 220, 0]);
    const had = (await creditsOf(space)).balance.available;
    await press(page, 'Gala', 'Start');
    await inState(page, 'Gala', 'started');
    assert.equal((await creditsOf(space)).balance.available, had - 220);
    await page.waitForFunction((now) => Number(document.querySelector(
        '[data-available]').dataset.available) === now, had - 220);

    const platform = keyed(site);
    const use = async (activity, quantity, quality) => {
        const { status, text } = await platform.post(
            '/api/v1/spaces/saved/captures', { activity, quantity, quality,
                campaign: saved.campaign }, { key: `${activity}-${quantity}` });
        assert.equal(status, 201, text);
    };
    await use('livestream_room', 45);
    await use('clip', 13, 'balanced');
    await page.reload();
    await planner(page);
    const [now] = await plansOf(space);
    assert.match(await row(page, 'Gala').locator('[data-totals]').textContent(),
        new RegExp(`^${now.totals.used} of 220 credits used, ${now.totals.remaining} still held`));
    await press(page, 'Gala', 'Compare');
    await page.waitForSelector('.plan-actual [data-activity]');
    const { json: { plan } } = await space.owner.get(
        `/api/v1/spaces/saved/plans/${saved.id}`);
    for (const each of plan.activities) {
        const line = page.locator(`.plan-actual [data-activity="${each.activity}"]`);
        for (const part of ['planned', 'used', 'refunded', 'remaining']) {
            const words = await line.locator(`[data-part="${part}"]`).textContent();
            const [credits, quantity] = words.match(/[\d,]+/g).map(number);
            assert.deepEqual({ credits, quantity }, each[part], `${each.activity} ${part}`);
        }
    }
    await assertCount(page, '[data-activity="clip"] .over', 1,
        'more than planned is a part of its bar');
    await assertCount(page, '[data-activity="livestream_room"] .over', 0);
    await assertAccessible(page, 'compared');
    await shoot(page, 'planner-compared');
    await press(page, 'Gala', 'Finish');
    await inState(page, 'Gala', 'finished');
    assert.equal((await creditsOf(space)).balance.held, 0);
    await page.setViewportSize({ width: 320, height: 900 });
    await assertFits(page, 'compared');
    await assertAccessible(page, 'compared, narrow');
    await page.done();
});

test('a plan without a name, and nothing to save: words at the name', async () => {
    const page = await open();
    await openPlanner(site, page, space);
    await page.click('.plan-save button[type="submit"]');
    await assertShows(page, '#plan-name-error', /nothing to save yet/);
    await page.fill('#plan-length', '5');
    await page.click('.plan-save button[type="submit"]');
    await assertShows(page, '#plan-name-error', /Give the plan a name/);
    assert.ok(await page.evaluate(() => document.activeElement.id === 'plan-name'));
    await assertAccessible(page, 'no name');
    await page.done();
});

test('a plan that is not saved keeps its name, and is saved by trying again, once', async () => {
    const page = await open(refused);
    await openPlanner(site, page, space, '&plan.length=5');
    await page.route(plans, (route) => (route.request().method() === 'POST'
        ? refuse(503, 'unavailable')(route) : route.continue()));
    await page.fill('#plan-name', 'Again');
    await page.keyboard.press('Enter');
    const said = await page.waitForSelector('.plan-save [role="alert"]');
    assert.match(await said.textContent(), /isn.t saved.*req_of_this_test/);
    assert.equal(await page.inputValue('#plan-name'), 'Again');
    await page.unroute(plans);
    await page.click('.plan-save [role="alert"] button');
    await row(page, 'Again').waitFor();
    assert.equal((await plansOf(space)).filter(({ name }) => name === 'Again').length, 1);
    await page.done();
});

test('a draft is opened, changed and quoted anew under its id', async () => {
    const page = await open();
    await openPlanner(site, page, space, '&plan.length=30&plan.viewers=100');
    await save(page, 'Draft');
    const [first] = await plansOf(space);
    await page.click('#planner >> text=Clear');
    await press(page, 'Draft', 'Open');
    assert.equal(await page.inputValue('#plan-viewers'), '100');
    await page.fill('#plan-length', '40');
    await page.click('text=Save changes');
    await page.waitForFunction(() => document.querySelector('#plan-name').value === '');
    const now = (await plansOf(space)).find(({ id }) => id === first.id);
    assert.equal(now.total, 40 * 2 + 80);
    assert.match(await row(page, 'Draft').textContent(), /160 credits/);
    await page.done();
});

test('more than is available is not started: what is short, and the tier for it', async () => {
    const page = await open({ expect: [/status of 402/] });
    await openPlanner(site, page, space, '&plan.long_draft=200.premium');
    await total(page, 10_000);
    await save(page, 'Too much');
    const { balance } = await creditsOf(space);
    await press(page, 'Too much', 'Start');
    const said = await page.waitForSelector('.plan-failure [role="alert"]');
    const missing = (10_000 - balance.available).toLocaleString('en-GB');
    assert.match(await said.textContent(),
        new RegExp(`${missing} credits short.*Nothing was held.*Top up £100`));
    assert.equal((await creditsOf(space)).balance.held, 0);
    await assertAccessible(page, 'too much');
    await page.done();
});

test('a member saves plans, and is told who starts them', async () => {
    await addMember(site, 'saved', 'mia@saved.test', 'member', 'Mia Member');
    const page = await openPage(site, browser,
        { as: await signIn(site, 'mia@saved.test', password) });
    await openPlanner(site, page, space, '&plan.length=5');
    await save(page, 'Of Mia');
    assert.match(await row(page, 'Of Mia').textContent(), /owner or admin can start it/);
    assert.equal(await row(page, 'Of Mia').getByRole('button', { name: /^Start/ }).count(), 0);
    await page.done();
});

test('saved plans that cannot be read: said in place, the planner works, tried again', async () => {
    const page = await open(refused);
    await page.route(plans, refuse(503, 'unavailable'));
    await openPlanner(site, page, space, '&plan.length=5');
    await total(page, 10);
    const said = await page.waitForSelector('[data-plans] .notice');
    assert.match(await said.textContent(), /Saved plans can.t be shown.*req_of_this_test/);
    await assertAccessible(page, 'no plans');
    await page.unroute(plans);
    await page.click('[data-plans] .notice button');
    await page.waitForSelector('[data-plan]');
    await page.done();
});

// ----------------------------------------------- prices that change (last)

test('prices that come are told with their date; a quote made before them ends, is made anew, and starts', async () => {
    const page = await open({ expect: [/status of 409/] });
    await openPlanner(site, page, space, '&plan.length=10');
    await save(page, 'Before');
    const { json: book } = await space.owner.get('/api/v1/spaces/saved/planner');
    book.sections[0].activities[0].price.credits = 3;
    const path = join(site.home, 'book.json');
    writeFileSync(path, JSON.stringify({ sections: book.sections }));
    const from = new Date(Date.parse(book.price_book.effective_from) + 2 * 86_400_000);
    const run = async (...args) => {
        const { code, stderr } = await site.scrip(args);
        assert.equal(code, 0, stderr);
    };
    await run('price', 'import', path, '--from', from.toISOString());
    await page.reload();
    await planner(page);
    const day = new Intl.DateTimeFormat('en-GB',
        { day: 'numeric', timeZone: 'Europe/London' }).format(from);
    const coming = await page.textContent('.plan-book');
    assert.match(coming, /Price book 1, in force since/);
    assert.match(coming, new RegExp(`Prices change on ${day} `));
    assert.match(coming, /Livestream room: 2 credits per minute, now 3 credits per minute/);
    await page.click('.plan-book summary');
    await assertAccessible(page, 'prices to come');
    /* New prices may come in the middle of a number. */
    const prices = await hold(page, estimates, { method: 'GET', answered: true });
    await run('clock', 'advance', '3d');
    await page.fill('#plan-length', '2');
    await prices.asked;
    prices.release();
    await page.waitForSelector('.plan-book >> text=Price book 2');
    await page.keyboard.insertText('0');
    await page.waitForURL(/plan\.length=20/);
    await total(page, 60);
    await assertShows(page, '.plan-book', /What changed with it \(1\)/);
    await press(page, 'Before', 'Start');
    const said = await page.waitForSelector('.plan-failure [role="alert"]');
    assert.match(await said.textContent(), /quote has expired.*24 hours/);
    assert.match(await row(page, 'Before').textContent(), /Quote expired/);
    await assertAccessible(page, 'an expired quote');
    await shoot(page, 'planner-prices');
    await press(page, 'Before', 'Estimate again');
    await row(page, 'Before').locator('text=30 credits at price book 2').waitFor();
    await press(page, 'Before', 'Start');
    await inState(page, 'Before', 'started');
    assert.ok(await figure(page, 'now') > 0);
    await page.done();
});
