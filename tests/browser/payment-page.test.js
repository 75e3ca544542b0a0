/*
 * The sandbox's payment page in Chromium: every state of it in every look,
 * accessible and without sideways scrolling; by keyboard alone; without
 * JavaScript; a double click; and the form's way back to the site, which the
 * page's own policy has to let through.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { control, newSession, payByCard as payOverHttp } from '../site/payer.js';
import { newBuyer, place } from '../site/shop.js';
import { startSite } from '../site/site.js';
import { assertLooks, assertShows, becomes, openBrowser, openPage, payByCard }
    from './browser.js';

let site;
let browser;
let buyer;

before(async () => {
    site = await startSite();
    browser = await openBrowser();
    buyer = await newBuyer(site);
});
after(async () => {
    await browser?.close();
    await site?.stop();
});

// Chromium notes an answer of 4xx in the console; these are meant.
const refused = [/status of (402|410|422)/];

const sessionOf = (url) => new URL(url).pathname.split('/')[2];

// A state of the page: how to come there with a new payment's address.
const states = {
    'the form': async (page, url) => {
        await page.goto(url);
        await page.waitForSelector('[data-testid="pay"]');
    },
    'everything wrong': async (page, url) => {
        await page.goto(url);
        await page.click('[data-testid="pay"]');
        await page.waitForSelector('#cvc-wrong');
    },
    'by direct debit': async (page, url) => {
        await page.goto(url);
        await page.check('[value="bacs_debit"]');
        await page.waitForSelector('[name="account_number"]');
    },
    declined: async (page, url) => {
        await page.goto(url);
        await payByCard(page, '4000 0000 0000 9995');
        await page.waitForSelector('[role="alert"]');
    },
    'the bank asks': async (page, url) => {
        await page.goto(url);
        await payByCard(page, '4000 0025 0000 3155');
        await page.waitForSelector('[data-testid="approve"]');
    },
    paid: async (page, url) => {
        await payOverHttp(site, url);
        await page.goto(url);
        await page.waitForSelector('text=This is paid');
    },
    expired: async (page, url) => {
        await control(site, { expire: sessionOf(url) });
        await page.goto(url);
        await page.waitForSelector('text=has expired');
    },
};

for (const [what, reach] of Object.entries(states)) {
    test(`${what}: accessible, and fits, in every look`, async () => {
        const { payment_url: url } = await place(await newBuyer(site));
        const page = await openPage(site, browser, { expect: refused });
        await reach(page, url);
        await assertLooks(page, `pay-${what}`);
        await page.done();
    });
}

// Pages that the Credits page does not lead to.
const others = {
    'a subscription': [{
        mode: 'subscription',
        'line_items[0][quantity]': 1,
        'line_items[0][price_data][currency]': 'gbp',
        'line_items[0][price_data][unit_amount]': 1000,
        'line_items[0][price_data][recurring][interval]': 'month',
        'line_items[0][price_data][product_data][name]': 'Creator',
    }, async (page) => page.waitForSelector('[data-testid="renewal"]')],
    'a card to keep': [{ mode: 'setup' },
        async (page) => page.waitForSelector('text=Nothing is paid now')],
    'a card that its bank asks about': [{ mode: 'setup' }, async (page) => {
        await payByCard(page, '4000 0025 0000 3155');
        await page.waitForSelector('text=keep this card');
    }],
    'a card that is kept': [{ mode: 'setup' }, async (page, url) => {
        await payOverHttp(site, url);
        await page.goto(url);
        await page.waitForSelector('text=This is done');
    }],
};

for (const [what, [form, reach]] of Object.entries(others)) {
    test(`${what}: accessible, and fits, in every look`, async () => {
        const { url } = await newSession(site, form);
        const page = await openPage(site, browser, { expect: refused });
        await page.goto(url);
        await assertShows(page, 'header', /SANDBOX/);
        await reach(page, url);
        await assertLooks(page, `pay-${what}`);
        await page.done();
    });
}

test('what is wrong has the focus', async () => {
    const { payment_url: url } = await place(buyer);
    const page = await openPage(site, browser, { expect: refused });
    await page.goto(url);
    await page.fill('[name="card_number"]', '4242 4242 4242 4242');
    await page.fill('[name="expiry"]', '01/20');
    await page.click('[data-testid="pay"]');
    await page.waitForSelector('#cvc-wrong');
    await page.waitForFunction(() => document.activeElement.name === 'expiry');
    await page.done();
});

test('by keyboard alone, and back to the site', async () => {
    const { order, payment_url: url } = await place(buyer);
    const page = await openPage(site, browser, { as: buyer });
    await page.goto(url);
    await page.focus('[name="card_number"]');
    for (const text of ['4242424242424242', '1234', '123']) {
        await page.keyboard.type(text);
        await page.keyboard.press('Tab');
    }
    assert.equal(await page.evaluate(
        () => document.activeElement.dataset.testid), 'pay');
    await page.keyboard.press('Enter');
    await page.waitForURL((at) => at.origin === site.base);
    await becomes({ buyer, id: order.id }, 'paid');
    await page.done();
});

test('without JavaScript', async () => {
    const { order, payment_url: url } = await place(buyer);
    const page = await openPage(site, browser,
        { as: buyer, javaScriptEnabled: false });
    await page.goto(url);
    await payByCard(page);
    await page.waitForURL((at) => at.origin === site.base);
    await becomes({ buyer, id: order.id }, 'paid');
    await page.done();
});

test('a double click pays once', async () => {
    const own = await newBuyer(site);
    const { order, payment_url: url } = await place(own);
    const page = await openPage(site, browser, { as: own });
    await page.goto(url);
    await page.fill('[name="card_number"]', '4242 4242 4242 4242');
    await page.fill('[name="expiry"]', '12 / 34');
    await page.fill('[name="cvc"]', '123');
    await page.dblclick('[data-testid="pay"]');
    await page.waitForURL((at) => at.origin === site.base);
    await becomes({ buyer: own, id: order.id }, 'paid');
    const { deliveries } = await control(site, {});
    const completed = deliveries.filter(({ type, created_at: at }) => type
        === 'checkout.session.completed' && at >= order.created_at);
    assert.equal(completed.length, 1);
    const balance = (await own.get(`/api/v1/spaces/${own.space}/credits`))
        .json.balance;
    assert.equal(balance.total, 3000);
    await page.done();
});
