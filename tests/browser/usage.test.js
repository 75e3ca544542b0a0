/*
 * Grouped usage in a browser: every figure is the API's and adds up, groups
 * lead to their events, the address keeps what was chosen, and each state is
 * accessible in light and dark, wide and narrow.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { keyed, startSite } from '../site/site.js';
import { metered, ok } from '../site/meter.js';
import { api, assertAccessible, assertCount, assertLooks, assertShows, grant, hold,
    loaded, newSpace, openBrowser, openCredits, openPage, refuse, refused, shoot
    } from './browser.js';

const hostile = {
    formula: '=HYPERLINK("http://x.test")',
    script: '<script>alert(1)</script><b>bold</b>',
    long: '\u05e9\u05dc\u05d5\u05dd'.repeat(50),
};

let site;
let browser;
let space;
let meter;

before(async () => {
    site = await startSite();
    browser = await openBrowser();
    space = await newSpace(site, 'used');
    await grant(site, 'used', 100000);
    meter = metered(keyed(site), 'used');
    await fill();
});
after(async () => {
    await browser?.close();
    await site?.stop();
});

/* Fourteen livestreams, usage without one, and refunds. */
async function fill() {
    const use = (credits, more) => meter.charge({ feature: 'own_tool',
        credits, ...more });
    const first = ok(await use(500, { livestream: 'Friday', campaign: 'autumn',
        member: 'mia@used.test', order: 'o-1' }));
    ok(await meter.refund({ event: first.event.id, credits: 120 }));
    ok(await meter.charge({ activity: 'livestream_viewing', quantity: 10080,
        livestream: 'Friday' }));
    ok(await use(33, {}));
    for (const name of Object.values(hostile))
        ok(await use(90, { livestream: name, campaign: name }));
    for (let at = 1; at <= 10; at++)
        ok(await use(at, { livestream: `live ${at}` }));
}

const usage = async (query) => ok(await space.owner.get(
    `/api/v1/spaces/used/usage?${query}`));
const open = (more = {}) => openPage(site, browser,
    { as: space.owner, ...refused, ...more });
const number = (text) => Number(text.replace(/[^\d\u2212]/g, '').replace('\u2212', '-'));
/* The part is fetched when one comes near it. */
async function settled(page, what = '[data-body]:not([aria-busy]) .groups') {
    await page.locator('#usage').scrollIntoViewIfNeeded();
    return page.waitForSelector(`#usage ${what}`);
}

async function figures(page) {
    const total = {};
    for (const name of ['captured', 'refunded', 'net', 'events'])
        total[name] = number(await page.textContent(`[data-total="${name}"] dd`));
    const groups = await page.locator('.groups tbody tr').evaluateAll((rows) =>
        rows.map((row) => ({ key: row.querySelector('a').dataset.group,
            ...Object.fromEntries(['captured', 'refunded', 'net'].map((name) =>
                [name, row.querySelector(`td.${name}`).lastChild.textContent])) })));
    return { total, groups: groups.map((group) => ({ key: group.key || null,
        captured: number(group.captured), refunded: number(group.refunded),
        net: number(group.net) })) };
}

for (const by of ['livestream', 'order', 'campaign', 'feature', 'member'])
    test(`by ${by}: every figure is the API\u2019s, and they add up`, async () => {
        const page = await open();
        await openCredits(site, page, space, `&by=${by}`);
        await settled(page);
        assert.ok(await page.isChecked(`input[value="${by}"]`));
        while (await page.locator('text=Load more groups').count() > 0) {
            const rows = await page.locator('.groups tbody tr').count();
            await page.click('text=Load more groups');
            await page.waitForFunction((before) => document.querySelectorAll(
                '.groups tbody tr').length > before, rows);
        }
        const said = await figures(page);
        const { groups, total, days } = await usage(`group_by=${by}&limit=100`);
        assert.deepEqual(said.total, total);
        assert.deepEqual(said.groups, groups.map(({ key, captured, refunded, net }) =>
            ({ key, captured, refunded, net })));
        const sum = (name) => said.groups.reduce((all, each) => all + each[name], 0);
        for (const name of ['captured', 'refunded', 'net'])
            assert.equal(sum(name), total[name], name);
        await page.click('.days-table summary');
        const rows = await page.locator('[data-day]').evaluateAll((all) =>
            all.map((row) => [row.dataset.day, row.children[1].textContent,
                row.children[2].textContent]));
        assert.equal(rows.length, 90);
        const used = rows.filter(([, captured, back]) => captured !== '0' || back !== '0');
        assert.deepEqual(used.map(([date, captured, back]) =>
            ({ date, captured: number(captured), refunded: number(back) })),
        days.filter((day) => day.captured + day.refunded > 0).toReversed());
        await assertCount(page, '.days-svg .day', 90);
        await page.done();
    });

test('names of groups are shown as text, whatever they are', async () => {
    const page = await open();
    await openCredits(site, page, space);
    await settled(page);
    const said = await page.locator('.groups').textContent();
    for (const name of Object.values(hostile))
        assert.ok(said.includes(name), name);
    await assertCount(page, '.groups script, .groups b', 0);
    await page.done();
});

test('a group leads to its events, by the keyboard, and back again', async () => {
    const page = await open();
    await openCredits(site, page, space);
    await settled(page);
    const group = page.locator('a[data-group="Friday"]');
    await group.focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector('#history .chips li');
    await loaded(page);
    assert.ok(await page.evaluate(() => document.activeElement.id === 'history-title'));
    const { searchParams } = new URL(page.url());
    assert.equal(searchParams.get('livestream'), 'Friday');
    const sum = (await page.locator('tr[data-event] .change').allTextContents())
        .reduce((all, text) => all + number(text), 0);
    const { groups } = await usage('group_by=livestream');
    assert.equal(sum, -groups.find(({ key }) => key === 'Friday').net);
    await page.reload();
    await loaded(page);
    await assertShows(page, '.chips', /Livestream: Friday/);
    await page.goBack();
    await page.waitForFunction(() => document.querySelector('.chips').hidden);
    await page.done();
});

test('usage without a reference has its events, too', async () => {
    const page = await open();
    await openCredits(site, page, space);
    await settled(page);
    await page.click('a[data-group=""]');
    await page.waitForSelector('#history .chips li');
    await loaded(page);
    await assertShows(page, '.chips', /Without a livestream/);
    assert.deepEqual(await page.locator('tr[data-event] .change').allTextContents(),
        ['\u221233']);
    await page.done();
});

test('ranges: chosen with the arrow keys, kept in the address, restored by back', async () => {
    const page = await open();
    const asked = [];
    page.on('request', (request) => {
        if (request.url().includes('/usage?'))
            asked.push(new URL(request.url()).searchParams);
    });
    await openCredits(site, page, space);
    await settled(page);
    await page.focus('input[name="usage-days"][value="90"]');
    await page.keyboard.press('ArrowLeft');
    await page.waitForURL(/days=30/);
    await settled(page);
    await assertCount(page, '.days-svg .day', 30);
    assert.ok(await page.evaluate(() => document.activeElement.value === '30'));
    const { from, to } = await usage('group_by=livestream');
    assert.equal(asked.at(-1).get('to'), to, 'today is the API\u2019s');
    assert.ok(asked.at(-1).get('from') > from);
    await page.check('input[value="own"]');
    await page.fill('#usage-from', to);
    await page.fill('#usage-to', from);
    await page.click('.usage-own button');
    await assertShows(page, '#usage-to-error', /before the first/);
    assert.equal(await page.getAttribute('#usage-to', 'aria-describedby'), 'usage-to-error');
    await assertAccessible(page, 'a wrong range');
    await page.fill('#usage-to', to);
    await page.keyboard.press('Enter');
    await page.waitForURL(/usage_from=/);
    await settled(page);
    await assertCount(page, '.days-svg .day', 1);
    await page.goBack();
    await page.waitForFunction(() =>
        document.querySelectorAll('.days-svg .day').length === 30);
    await page.done();
});

test('more groups are appended; focus goes on', async () => {
    const page = await open();
    await openCredits(site, page, space);
    await settled(page);
    await assertCount(page, '.groups tbody tr', 10);
    await page.focus('#usage .events-foot button');
    await page.route('**/usage?*before=*', refuse(503, 'unavailable'));
    await page.keyboard.press('Enter');
    await page.waitForSelector('#usage .events-foot [role="alert"]');
    await assertCount(page, '.groups tbody tr', 10);
    await page.unroute('**/usage?*before=*');
    await page.click('#usage .events-foot button');
    await page.waitForFunction(() =>
        document.querySelectorAll('.groups tbody tr').length === 15);
    const keys = (await figures(page)).groups.map(({ key }) => key);
    assert.equal(new Set(keys).size, 15);
    await assertCount(page, 'text=Load more groups', 0);
    assert.ok(await page.evaluate(() =>
        document.activeElement.closest('.groups tr') !== null));
    await page.done();
});

for (const first of ['the refresh', 'the groups'])
    test(`more groups while new usage comes, ${first} first: none is lost`, async () => {
        const page = await open();
        await openCredits(site, page, space);
        await settled(page);
        await assertCount(page, '.groups tbody tr', 10);
        const refresh = await hold(page, '**/usage?group_by=*&limit=10');
        const older = await hold(page, '**/usage?*before=*');
        ok(await meter.charge({ feature: 'own_tool', credits: 3, livestream: 'Friday' }));
        const steps = [async () => {
            await Promise.all([page.waitForResponse(api.credits),
                page.evaluate(() => dispatchEvent(new Event('online')))]);
            if (first === 'the refresh') await refresh.asked;
        }, async () => {
            await page.click('#usage .events-foot button');
            await older.asked;
        }];
        for (const step of first === 'the refresh' ? steps : steps.reverse())
            await step();
        refresh.release();
        older.release();
        await assertCount(page, '.groups tbody tr', 15);
        const { total } = await usage('group_by=livestream');
        await assertShows(page, '[data-total="events"] dd', String(total.events));
        await assertCount(page, '.groups tbody tr', 15);
        await page.done();
    });

test('new usage appears by itself, and keeps the groups that were loaded', async () => {
    const page = await open();
    await openCredits(site, page, space);
    await settled(page);
    await page.click('text=Load more groups');
    await page.waitForFunction(() =>
        document.querySelectorAll('.groups tbody tr').length === 15);
    ok(await meter.charge({ feature: 'own_tool', credits: 7, livestream: 'Sunday' }));
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await page.waitForSelector('a[data-group="Sunday"]');
    const { total } = await usage('group_by=livestream');
    assert.deepEqual((await figures(page)).total, total);
    await page.done();
});

test('nothing was used: said, with a way on', async () => {
    const page = await open({ dark: true, width: 320 });
    await openCredits(site, page, space, '&usage_from=2020-01-01&usage_to=2020-01-31');
    await settled(page, '.nothing');
    await assertShows(page, '#usage .nothing',
        /No credits were used.*1 Jan 2020 to 31 Jan 2020/);
    await assertAccessible(page, 'no usage');
    await shoot(page, 'usage-empty');
    await page.click('#usage .nothing button');
    await settled(page);
    assert.ok(await page.evaluate(() => document.activeElement.id === 'usage-title'));
    await page.done();
});

test('it can\u2019t be read: said, tried again, and what is shown survives a failure', async () => {
    const page = await open();
    await page.route(api.usage, refuse(500, 'internal'));
    await openCredits(site, page, space);
    const said = await settled(page, '.notice');
    assert.match(await said.textContent(), /Usage can.t be shown.*req_of_this_test/);
    await assertAccessible(page, 'usage broken');
    await page.unroute(api.usage);
    await page.click('#usage .notice button');
    await settled(page);
    await page.route(api.usage, refuse(503, 'unavailable'));
    await page.check('input[value="member"]');
    await page.waitForSelector('#usage .notice');
    await page.done();
});

test('usage with the days open: accessible, fits', async () => {
    const page = await open();
    await openCredits(site, page, space);
    await settled(page);
    await page.click('.days-table summary');
    await assertLooks(page, 'usage');
    await page.done();
});
