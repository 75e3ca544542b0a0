/*
 * What happens to a payment afterwards, as its buyer sees it: refunded in part
 * or whole, disputed, won, below zero. The sandbox's levers do it, so every
 * word here follows from what the provider really reported.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { control, payByCard } from '../site/payer.js';
import { eventsOf, orderOf, whole } from '../site/shop.js';
import { keyed, startSite } from '../site/site.js';
import { assertAccessible, assertCount, assertFits, assertShows, becomes, creditsOf,
    grant, loaded, openBrowser, openCredits, openPage, returned, shoot, unpaid
    } from './browser.js';

let site;
let browser;

before(async () => {
    site = await startSite();
    browser = await openBrowser();
});
after(async () => {
    await browser?.close();
    try {
        if (site)
            await whole(site);
    } finally {
        await site?.stop();
    }
});

/* A Space with an order that is paid, and its credits there. */
async function bought(slug, tier) {
    const bought = await unpaid(site, slug, tier);
    assert.equal((await payByCard(site, bought.url)).status, 303);
    await becomes(bought, 'paid');
    return bought;
}

async function spend({ slug }, credits) {
    const { status, text } = await keyed(site).post(
        `/api/v1/spaces/${slug}/captures`, { feature: 'own', credits },
        { key: true });
    assert.equal(status, 201, text);
}

const open = (space, more = {}) => openPage(site, browser,
    { as: space.owner, ...more });
const available = (page) => page.textContent('[data-available]');

/* The history shows one event, of this title, open; what gives its text. */
async function atEvent(page, title) {
    await page.waitForFunction((wanted) => {
        const all = [...document.querySelectorAll('#history .event-open')];
        return all.length === 1 && all[0].textContent === wanted &&
            all[0].getAttribute('aria-expanded') === 'true';
    }, title);
    return () => page.textContent('.event-more');
}

test('refunded after it was used: below zero, why, what stops, and what clears it', async () => {
    const space = await bought('below');
    await spend(space, 2900);
    await control(site, { refund: space.session });
    await becomes(space, 'refunded');
    const { balance } = await creditsOf(space);
    assert.deepEqual([balance.available, balance.debt], [-2900, 2900]);

    const page = await open(space);
    await openCredits(site, page, space);
    assert.equal(await available(page), '\u22122,900');
    const said = page.locator('.balance-now .notice');
    await page.waitForSelector('.causes a');
    assert.match(await said.textContent(),
        /Below zero: \u22122,900 credits.*does not start.*keeps working.*next credits/);
    await assertShows(page, '.causes',
        /Top-up refunded on .*: \u22123,000, 2,900 of them owed/);
    await assertShows(page, '[data-part="debt"]', '\u22122,900');
    await assertAccessible(page, 'below zero');
    await shoot(page, 'reversed-below-zero');

    /* To the refund, from there to the top-up, and back again. */
    await page.focus('.causes a');
    await page.keyboard.press('Enter');
    await page.waitForURL(/event=evt_/);
    const refund = await atEvent(page, 'Top-up refunded');
    assert.match(await refund(),
        /payment was refunded.*2,900 credits of them had been used already and are owed/);
    assert.match(await refund(), /What happened£25 refunded/);
    await page.click('.event-more a:text("The top-up that was refunded")');
    const topUp = await atEvent(page, 'Top-up £25');
    await page.waitForSelector('.event-more a:text-matches("Top-up refunded, ")');
    await page.waitForSelector('.event-more :text("£25.00 refunded")');
    assert.match(await topUp(),
        /Refunds and disputes.*Top-up refunded, .*\u22123,000/);
    await page.click('.event-more a:text-matches("Top-up refunded, ")');
    await atEvent(page, 'Top-up refunded');
    await page.goBack();
    await atEvent(page, 'Top-up £25');

    await grant(site, space.slug, 3000);
    await page.goto(`${site.base}/settings/account/credits?space=${space.slug}`);
    await page.waitForSelector('[data-available="100"]');
    await assertCount(page, '.causes', 0);
    await page.done();
});

test('below zero in dark and at 320 px', async () => {
    const space = await bought('small');
    await spend(space, 3000);
    await control(site, { dispute: space.session });
    await becomes(space, 'disputed');
    const page = await open(space, { dark: true, width: 320 });
    await openCredits(site, page, space);
    await page.waitForSelector('.causes a:text("Payment disputed")');
    await assertAccessible(page, 'below zero, dark, 320 px');
    await assertFits(page, 'below zero');
    await shoot(page, 'reversed-320-dark');
    await page.done();
});

test('refunded in part: its address, its receipt and its row say the API\u2019s figures', async () => {
    const space = await bought('partly');
    await control(site, { refund: space.session, amount: 1000 });
    await becomes(space, 'partly_refunded');
    const { refunded_amount: amount, refunded_credits: credits } =
        await orderOf(space.buyer, space.id);
    assert.deepEqual([amount, credits], [1000, 1200]);
    const page = await open(space);
    await openCredits(site, page, space, `&order=${space.id}`);
    await returned(page, 'refunded');
    await assertShows(page, '#returned',
        /£10 of £25 was paid back, and 1,200 credits of 3,000 credits/);
    await assertAccessible(page, 'partly refunded');
    await page.click('#returned >> text=See what happened');
    await page.waitForURL(/kind=top_up/);
    await assertCount(page, 'tr[data-event]', 2);
    await page.click('#returned a:text("Receipt")');
    await page.waitForURL(/\/receipt$/);
    assert.match((await page.textContent('table')).replace(/\s+/g, ' '),
        /Refunded on .*\u2212£10\.00.*Remaining ?£15\.00/);
    await assertAccessible(page, 'the receipt of a refund');
    await shoot(page, 'receipt-refunded');
    await page.done();
});

test('disputed, then won: said where it comes back, and both ways in the history', async () => {
    const space = await bought('won');
    await control(site, { dispute: space.session });
    await becomes(space, 'disputed');
    const page = await open(space);
    await openCredits(site, page, space, `&order=${space.id}`);
    await returned(page, 'disputed');
    await assertShows(page, '#returned', /disputed with the bank/);
    await assertAccessible(page, 'disputed');
    assert.equal(await available(page), '0');

    await control(site, { win: space.session });
    await becomes(space, 'paid');
    await page.reload();
    await returned(page, 'added');
    await loaded(page);
    assert.equal(await available(page), '3,000');
    const [won, dispute] = await eventsOf(space.buyer);
    assert.deepEqual([won.kind, dispute.kind], ['dispute_reversal', 'dispute']);
    assert.equal(won.refund_of, dispute.refund_of);
    await openCredits(site, page, space, `&event=${dispute.id}`);
    await atEvent(page, 'Payment disputed');
    await page.click('.event-more a:text-matches("Dispute won, ")');
    const said = await atEvent(page, 'Dispute won');
    assert.match(await said(),
        /decided for this Space.*The top-up that was disputed/);
    await page.done();
});
