/*
 * What the page says of credits while time and others go on: a real balance
 * that crosses its threshold, days of 23 and 25 hours and of the other side of
 * the world, events that arrive while older ones are loaded, and labels that
 * would like to be more than text.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { keyed, startSite } from '../site/site.js';
import { metered, ok } from '../site/meter.js';
import { must } from '../site/shop.js';
import { assertAccessible, assertCount, assertFits, grant, newSpace, openBrowser,
    openCredits, openPage, refused, shoot } from './browser.js';

let site;
let browser;

before(async () => {
    site = await startSite({ env: { SCRIP_TICK_SECONDS: '0' } });
    browser = await openBrowser();
});
after(async () => {
    await browser?.close();
    await site?.stop();
});

const clock = (...how) => must(site, ['clock', ...how]);
const own = (credits, more) => ({ feature: 'own_tool', credits, ...more });
const plain = (text) => Number(text.replace(/[^\d\u2212]/g, '').replace('\u2212', '-'));

/* A Space with its owner, its meter, and credits. */
async function begin(slug, credits, { zone } = {}) {
    const space = await newSpace(site, slug);
    if (zone)
        ok(await keyed(site).put(`/api/v1/spaces/${slug}`,
            { name: slug, plan: 'creator', time_zone: zone }));
    await grant(site, slug, credits);
    return { ...space, meter: metered(keyed(site), slug) };
}
const open = (space, more = {}) => openPage(site, browser,
    { as: space.owner, ...refused, ...more });
/* As if the network had returned: everything is asked anew. */
const ask = (page) => page.evaluate(() => dispatchEvent(new Event('online')));

test('the warning: once for each crossing, dismissed until the next, and no flicker', async () => {
    const space = await begin('crossing', 1000);
    ok(await space.owner.put('/api/v1/spaces/crossing/limits',
        { low_credit_threshold: 500, caps: [] }));
    const page = await open(space);
    await openCredits(site, page, space);
    const shows = (available) => page.waitForSelector(
        `[data-available="${available}"]`);
    const warning = page.locator('#balance .notice');
    const move = async (credits) => {
        if (credits < 0)
            ok(await space.meter.charge(own(-credits)));
        else
            await grant(site, 'crossing', credits);
        await ask(page);
    };
    assert.equal(await warning.count(), 0);
    await move(-501);
    await shows(499);
    assert.match(await warning.textContent(), /Running low: 499 credits left/);
    await move(40); // above the threshold again, but not clear of it
    await shows(539);
    assert.match(await warning.textContent(), /Running low: 539 credits left/);
    await warning.getByText('Dismiss').click();
    await move(-30);
    await shows(509);
    await move(-20);
    await shows(489);
    assert.equal(await warning.count(), 0, 'dismissed, it stays away');
    await page.reload();
    await shows(489);
    assert.equal(await warning.count(), 0, 'over a reload, too');
    await move(100); // clear
    await shows(589);
    await move(-100);
    await shows(489);
    assert.match(await warning.textContent(), /Running low: 489/,
        'the next crossing is told of');
    await warning.getByText('Dismiss').click();
    await move(-489);
    await shows(0);
    assert.match(await warning.textContent(), /No credits are available/,
        'nothing left is another warning');
    await page.done();
});

/* Charges one credit more each time, and what the page says of two days. */
async function chargedAt(space, times) {
    for (const [i, time] of times.entries()) {
        await clock('set', time);
        ok(await space.meter.charge(own(2 ** i)));
    }
}

async function days(space, from, to) {
    const page = await open(space);
    await openCredits(site, page, space, `&usage_from=${from}&usage_to=${to}`);
    await page.locator('#usage').scrollIntoViewIfNeeded();
    await page.waitForSelector('#usage [data-body]:not([aria-busy]) .groups');
    await page.click('.days-table summary');
    const rows = await page.locator('[data-day]').evaluateAll((all) =>
        all.map((row) => [row.dataset.day, row.children[1].textContent]));
    await assertCount(page, '.days-svg .day', rows.length);
    const total = plain(await page.textContent('[data-total="captured"] dd'));
    assert.equal(total, rows.reduce((all, [, used]) => all + plain(used), 0));
    /* A day leads to exactly its events. */
    const { json } = await space.owner.get(`/api/v1/spaces/${space.slug}/events` +
        `?from=${from}&to=${to}&kind=captured_usage`);
    assert.equal(json.events.reduce((all, { credits }) => all - credits, 0), total);
    await page.done();
    return Object.fromEntries(rows.map(([day, used]) => [day, plain(used)]));
}

test('the other side of the world has days of its own', async () => {
    const space = await begin('auckland', 1000, { zone: 'Pacific/Auckland' });
    await chargedAt(space, ['2055-01-10T10:40:00Z', '2055-01-10T11:00:00Z',
        '2055-01-11T10:40:00Z', '2055-01-11T11:00:00Z']);
    assert.deepEqual(await days(space, '2055-01-10', '2055-01-12'),
        { '2055-01-10': 1, '2055-01-11': 6, '2055-01-12': 8 });
});

test('the day of 23 hours and the day of 25 are whole days', async () => {
    const space = await begin('london', 1000);
    await chargedAt(space, ['2055-03-27T23:40:00Z', '2055-03-28T00:00:00Z',
        '2055-03-28T22:40:00Z', '2055-03-28T23:00:00Z']);
    assert.deepEqual(await days(space, '2055-03-27', '2055-03-29'),
        { '2055-03-27': 1, '2055-03-28': 6, '2055-03-29': 8 });
    await chargedAt(space, ['2055-10-30T22:40:00Z', '2055-10-30T23:00:00Z',
        '2055-10-31T23:40:00Z', '2055-11-01T00:00:00Z']);
    assert.deepEqual(await days(space, '2055-10-30', '2055-11-01'),
        { '2055-10-30': 1, '2055-10-31': 6, '2055-11-01': 8 });
});

test('new events while older ones are loaded: each once, none left out', async () => {
    const space = await begin('paging', 10000);
    const many = async (from, count) => {
        for (let i = from; i < from + count; i++)
            ok(await space.meter.charge(own(i)));
    };
    await many(1, 70);
    const page = await open(space);
    await openCredits(site, page, space);
    const rows = page.locator('tr[data-event]');
    const older = page.locator('#history .events-foot button');
    for (let round = 0; await older.count() > 0; round++) {
        await many(71 + round * 3, 3);
        if (round === 1)
            await ask(page);
        await older.click();
        /* New rows may come meanwhile: the button tells when the older have. */
        await assertCount(page, '#history .events-foot [aria-disabled]', 0);
    }
    await ask(page);
    const { json } = await space.owner.get('/api/v1/spaces/paging/events?limit=100');
    await page.waitForFunction((count) => document
        .querySelectorAll('tr[data-event]').length === count, json.events.length);
    const shown = await rows.evaluateAll((all) =>
        all.map((row) => row.dataset.event));
    assert.deepEqual(shown, json.events.map(({ id }) => id));
    const after_ = await page.locator('tr[data-event] .after').allTextContents();
    assert.deepEqual(after_.map(plain), json.events
        .map(({ balance_after: balance }) => balance));
    await page.done();
});

const labels = {
    'a formula and a script': '=HYPERLINK("http://x.test","<script>alert(1)</script>")',
    'right to left': '\u05e9\u05dc\u05d5\u05dd\u200f'.repeat(40),
};

for (const [what, label] of Object.entries(labels))
    test(`a label that is ${what}: text in every part, at any width, harmless in the CSV`, async () => {
        const space = await begin(`label-${what.replaceAll(' ', '-')}`, 1000);
        const refs = { livestream: label, order: label, campaign: label,
            member: label, note: label };
        ok(await space.meter.charge({ feature: label, credits: 7, ...refs }));
        ok(await space.meter.hold({ feature: label, credits: 9, ...refs }));
        ok(await space.owner.put(`/api/v1/spaces/${space.slug}/limits`, {
            low_credit_threshold: 5,
            caps: [{ on: { campaign: label }, credits: 100, per: 'total' }],
        }));
        const page = await open(space, { width: 320, dark: what !== 'right to left' });
        await openCredits(site, page, space, `&by=feature&campaign=${
            encodeURIComponent(label)}`);
        await page.locator('#usage').scrollIntoViewIfNeeded();
        await page.waitForSelector('#usage .groups');
        await page.locator('#limits').scrollIntoViewIfNeeded();
        await page.waitForSelector('#limits .cap');
        assert.ok((await page.textContent('#usage .groups')).includes(label));
        assert.ok((await page.textContent('#history .chips')).includes(label));
        await page.click('#history .event-open');
        await page.waitForSelector('#history .detail');
        assert.ok((await page.textContent('#history .detail')).includes(label));
        await page.click('#balance details summary');
        assert.ok((await page.textContent('#balance details')).includes(label));
        await assertCount(page, 'main script', 0);
        await assertFits(page, what);
        await assertAccessible(page, what);
        await shoot(page, `label-${what.replaceAll(' ', '-')}`);
        const csv = await page.evaluate(async () => (await fetch(document
            .querySelector('[data-csv] a').href)).text());
        const cells = csv.split(/[,\r\n]/).map((cell) => cell.replace(/^"/, ''));
        assert.ok(cells.every((cell) => !/^[=+@\t]/.test(cell)), csv);
        await page.done();
    });
