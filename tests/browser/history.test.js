/*
 * The history in a browser: rows that open, filters that stay in the address,
 * what refunds what, the CSV of what is shown, and print.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { keyed, startSite } from '../site/site.js';
import { metered, ok } from '../site/meter.js';
import { api, assertAccessible, assertCount, assertFits, assertShows, grant, loaded,
    newSpace, openBrowser, openCredits, openPage, refuse, refused, shoot
    } from './browser.js';

const hostile = '=1+1 <img src=x onerror=alert(1)>';

let site;
let browser;
let space;
let usage;
let refund;

before(async () => {
    site = await startSite();
    browser = await openBrowser();
    space = await newSpace(site, 'told');
    await grant(site, 'told', 5000);
    const meter = metered(keyed(site), 'told');
    usage = ok(await meter.charge({ activity: 'livestream_viewing',
        quantity: 10080, livestream: hostile, campaign: 'autumn',
        member: 'mia@told.test' })).event;
    refund = ok(await meter.refund({ event: usage.id, credits: 52 })).event;
    ok(await meter.charge({ feature: 'own_tool', credits: 7 }));
});
after(async () => {
    await browser?.close();
    await site?.stop();
});

const open = (more = {}) => openPage(site, browser,
    { as: space.owner, ...refused, ...more });
const opener = ({ id }) => `tr[data-event="${id}"] .event-open`;

for (const [dark, width] of [[false, 1280], [true, 320]])
    test(`a row opens by the keyboard and says everything, ${width} wide`, async () => {
        const page = await open({ dark, width });
        await openCredits(site, page, space);
        await page.focus(opener(usage));
        await page.keyboard.press('Enter');
        assert.equal(await page.getAttribute(opener(usage), 'aria-expanded'), 'true');
        await page.waitForSelector('.detail .event-lots a');
        const said = await page.textContent('.detail');
        for (const words of [usage.words, usage.id, usage.lots[0].lot, hostile,
            'autumn', 'mia@told.test', '5,000 \u2212 202 = 4,798',
            '20 credits per 1,000 viewer-minutes', '\u2212202 Bonus credits'])
            assert.ok(said.includes(words), words);
        assert.match(said, /Refunded by.*Usage refunded.*\+52/);
        await assertCount(page, '.events img', 0);
        await assertAccessible(page, 'an open row');
        await assertFits(page, 'an open row');
        await shoot(page, `history-open-${width}`);
        await page.click('.detail .event-lots a');
        await page.waitForURL(new RegExp(`event=${refund.id}`));
        await page.waitForSelector('.detail');
        await assertCount(page, 'tr[data-event]', 1);
        await page.click('text=The event that it refunds');
        await page.waitForSelector(`tr[data-event="${usage.id}"].open`);
        await page.goBack();
        await page.waitForSelector(`tr[data-event="${refund.id}"]`);
        await page.done();
    });

test('a row closes again, and the id can be copied', async () => {
    const page = await open();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await openCredits(site, page, space);
    await page.click(opener(usage));
    await page.click('.detail button:text("Copy")');
    await page.waitForSelector('.detail button:text("Copied")');
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), usage.id);
    await page.click(`tr[data-event="${usage.id}"] .after`);
    await assertCount(page, '.detail', 0);
    assert.equal(await page.getAttribute(opener(usage), 'aria-expanded'), 'false');
    await page.done();
});

test('filters: by kind at once, by reference and days, in the address and the CSV', async () => {
    const page = await open();
    await openCredits(site, page, space);
    await assertCount(page, 'tr[data-event]', 4);
    await page.selectOption('#history-kind', 'captured_usage,usage_refund');
    await page.waitForURL(/kind=captured_usage/);
    await page.waitForFunction(() => document.querySelectorAll('tr[data-event]').length === 3);
    await page.click('.filter-more summary');
    await page.selectOption('#history-reference', 'livestream');
    await page.fill('#history-value', hostile);
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelectorAll('tr[data-event]').length === 2);
    await assertShows(page, '.chips', /Usage and its refunds.*Livestream: =1\+1 <img/);
    await assertAccessible(page, 'filters');
    await page.reload();
    await loaded(page);
    await assertCount(page, 'tr[data-event]', 2);
    const csv = await page.evaluate(async () => (await fetch(document
        .querySelector('[data-csv] a').href)).text());
    const lines = csv.trim().split('\r\n');
    assert.equal(lines.length, 3, csv);
    assert.ok(lines[1].includes(usage.id) && lines[2].includes(refund.id));
    assert.ok(lines[1].includes("'=1+1"), 'harmless in a spreadsheet');
    await page.click('.chip >> nth=1');
    await page.waitForFunction(() => document.querySelectorAll('tr[data-event]').length === 3);
    await page.click('text=Show all events');
    await page.waitForFunction(() => document.querySelectorAll('tr[data-event]').length === 4);
    assert.equal(new URL(page.url()).search, '?space=told');
    await page.goBack();
    await page.waitForFunction(() => document.querySelectorAll('tr[data-event]').length === 3);
    await page.done();
});

test('no match: said, with a way on that keeps the focus', async () => {
    const page = await open({ dark: true, width: 320 });
    await openCredits(site, page, space, '&campaign=nobody&from=2020-01-01');
    await assertShows(page, '#history .nothing', /No events match/);
    await assertAccessible(page, 'no match');
    await shoot(page, 'history-no-match');
    await page.click('#history .nothing button');
    await page.waitForSelector('tr[data-event]');
    assert.ok(await page.evaluate(() => document.activeElement !== document.body));
    await page.done();
});

test('no match stays as it is while new figures come: a press is not lost', async () => {
    const own = await newSpace(site, 'nothing');
    const page = await open({ as: own.owner });
    await openCredits(site, page, own, '&campaign=nobody');
    await page.focus('#history .nothing button');
    await grant(site, 'nothing', 7);
    /* Asked once the new page of events has been looked at. */
    await Promise.all([page.waitForResponse(/events\?limit=1$/),
        page.evaluate(() => dispatchEvent(new Event('online')))]);
    await page.waitForSelector('[data-available="7"]');
    await page.keyboard.press('Enter');
    await page.waitForSelector('tr[data-event]');
    await page.done();
});

for (const [what, query] of [['a kind', 'kind=nonsense'], ['a day', 'from=yesterday']])
    test(`${what} in the address that is none: said, and all events are one press away`, async () => {
        const page = await open();
        await openCredits(site, page, space, `&${query}`);
        await assertShows(page, '#history .notice', /filter can.t be read/);
        /* It stays while it is asked again: somebody may be pressing it. */
        const way = await page.$('#history .notice button');
        await Promise.all([page.waitForResponse(api.events),
            page.evaluate(() => dispatchEvent(new Event('online')))]);
        await page.waitForSelector('#history [data-body]:not([aria-busy])');
        assert.ok(await way.evaluate((button) => button.isConnected));
        await page.click('#history .notice button');
        await page.waitForSelector('tr[data-event]');
        await page.done();
    });

test('an event that is not there is no match', async () => {
    const page = await open();
    await openCredits(site, page, space, '&event=evt_00000000000000000000000000');
    await assertShows(page, '#history .nothing', /No events match/);
    await page.done();
});

test('what an open row asks for can fail without hiding the rest', async () => {
    const page = await open();
    await openCredits(site, page, space);
    await page.route('**/events/evt_*', refuse(503, 'unavailable'));
    await page.click(opener(usage));
    await page.waitForSelector('.detail >> text=can\u2019t be shown right now');
    assert.ok((await page.textContent('.detail')).includes(usage.words));
    await page.done();
});

test('print has the events and what is filtered, and nothing to press', async () => {
    const page = await open();
    await openCredits(site, page, space, '&kind=captured_usage');
    await page.emulateMedia({ media: 'print' });
    assert.ok(await page.isVisible('tr[data-event]'));
    assert.match(await page.innerText('.chips'), /Usage/);
    for (const gone of ['#buy', '#planner', '.bone', '.bar', '.filter-more', '#history-kind', '.chips .link'])
        assert.equal(await page.locator(gone).filter({ visible: true }).count(), 0, gone);
    await shoot(page, 'history-print');
    await page.done();
});
