/*
 * The Membership page: bought, changed, cancelled and resumed in the browser;
 * what came of a payment; and every state that a membership can be in, as the
 * owner, the admin and the member see it.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startProvider } from '../site/provider.js';
import { signIn, startSite, until } from '../site/site.js';
import { sellsSubscriptions, subscribe, tell } from '../site/subscriptions.js';
import { addMember, api, assertAccessible, assertCount, assertFits, assertShows,
    hold, newSpace, openBrowser, openPage, password, refuse, refused, shoot
    } from './browser.js';

let site;
let browser;
let provider;

before(async () => {
    provider = await startProvider({ more: sellsSubscriptions });
    site = await startSite({ env: {
        SCRIP_STRIPE_API_BASE: provider.base, SCRIP_TICK_SECONDS: '0' } });
    browser = await openBrowser();
});
after(async () => {
    await browser?.close();
    await site?.stop();
    await provider?.stop();
});

const standing = (page, state) =>
    page.waitForSelector(`[data-standing="${state}"]`);
const press = (page, act, plan) => page.click(plan
    ? `[data-plan="${plan}"] [data-act="${act}"]` : `[data-act="${act}"]`);
const focused = (page) => page.evaluate(() =>
    document.activeElement.textContent);

async function openMembership(page, { slug }, more = '') {
    await page.goto(`${site.base}/settings/membership?space=${slug}${more}`);
    await page.waitForSelector('.plan.card [class="plan-list"] svg');
}

/* A page of somebody who may go on to the payment page, which is a stranger's:
 * what the browser would show there. */
async function openBuyer({ owner }, more = {}) {
    const page = await openPage(site, browser, { as: owner,
        visits: ['https://pay.example'], ...more });
    await page.route('https://pay.example/**', (route) => route.fulfill({
        contentType: 'text/html', body: '<title>Pay</title>' }));
    return page;
}

async function atPayment(page) {
    await page.waitForURL(/pay\.example/);
    const url = page.url();
    return provider.made().find((session) => session.url === url);
}

test('bought from the Credits page, confirmed without a webhook, and back to buying', async () => {
    const space = await newSpace(site, 'buys', { plan: 'starter' });
    const page = await openBuyer(space, refused);
    await page.goto(`${site.base}/settings/personal/credits?space=buys`);
    await page.click('text=Upgrade to buy credits');
    await standing(page, 'none');
    await assertAccessible(page, 'nothing bought');
    await shoot(page, 'membership-none');
    await press(page, 'buy', 'studio');
    const session = await atPayment(page);
    await page.goto(`${session.form.cancel_url}`);
    await page.waitForSelector('[data-state="cancelled"]');
    await assertShows(page, '#returned', /nothing was charged.*Studio is kept/);
    await assertAccessible(page, 'cancelled');
    await shoot(page, 'membership-returned-cancelled');

    await page.goto(session.form.success_url);
    await page.waitForSelector('[data-state="confirming"]');
    await assertAccessible(page, 'confirming');
    subscribe(provider, session);
    await page.waitForSelector('[data-state="done"]', { timeout: 20_000 });
    await assertShows(page, '#returned',
        /Welcome to Studio.*£49 was paid.*2,000 credits/);
    assert.match(await focused(page), /Welcome to Studio/);
    await standing(page, 'active');
    await page.waitForFunction(() => /150 credits per/.test(
        document.querySelector('credit-badge').textContent));
    await assertAccessible(page, 'done');
    await shoot(page, 'membership-returned-done');
    await page.click('#returned >> text=Buy credits');
    await page.waitForURL(/settings\/personal\/credits\?space=buys$/);
    await page.waitForSelector('input[name="tier"]');
    await page.done();
});

test('neither a press nor the focus is lost while a payment is being confirmed', async () => {
    const space = await newSpace(site, 'pressed', { plan: 'starter' });
    const page = await openBuyer(space);
    const path = '/api/v1/spaces/pressed/membership';
    await space.owner.post(path, { plan: 'creator' }, { key: true });
    const { checkout } = (await space.owner.get(path)).json;
    /* It asks every second or so what came of the change, and is told
     * something else each time. */
    let told = 0;
    await page.route(api.membership, async (route) => {
        if (route.request().method() !== 'GET')
            return route.fallback();
        const response = await route.fetch();
        return route.fulfill({ response,
            json: { ...await response.json(), told: told++ } });
    });
    await openMembership(page, space, `&change=${checkout.id}`);
    await page.focus('[data-plan="studio"] [data-act]');
    await page.waitForResponse(api.membership);
    await page.waitForResponse(api.membership);
    assert.ok(await page.evaluate(() =>
        document.activeElement.closest('[data-plan="studio"]')));
    const news = await hold(page, api.membership, { method: 'GET' });
    await news.asked;
    await page.hover('[data-plan="creator"] [data-act]');
    await page.mouse.down();
    await Promise.all([page.waitForResponse(api.membership), news.release()]);
    await page.waitForTimeout(100);
    await page.mouse.up();
    assert.ok(await atPayment(page));
    await page.done();
});

test('changed, taken back, cancelled and resumed, by keyboard', async () => {
    const space = await newSpace(site, 'changes', { plan: 'starter' });
    const made = await space.owner.post('/api/v1/spaces/changes/membership',
        { plan: 'creator' }, { key: true });
    const bought = subscribe(provider, provider.made().find(({ url }) =>
        url === made.json.payment_url));
    await tell(site, 'checkout.session.completed', bought.session);
    await tell(site, 'customer.subscription.created', bought.subscription);
    await tell(site, 'invoice.paid', bought.invoice);
    const page = await openPage(site, browser, { as: space.owner, dark: true,
        ...refused });
    await openMembership(page, space);
    await page.focus('[data-plan="studio"] [data-act="upgrade"]');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#asking');
    assert.match(await focused(page), /Upgrade to Studio\?/);
    await assertAccessible(page, 'asking');
    await shoot(page, 'membership-asking-dark');
    await page.click('text=Stay on Creator');
    assert.match(await focused(page), /Upgrade to Studio/, 'back on its button');
    provider.declines = true;
    await page.keyboard.press('Enter');
    await press(page, 'confirm');
    const said = await page.waitForSelector('[role="alert"]');
    assert.match(await said.textContent(), /declined.*nothing was charged/);
    await assertAccessible(page, 'declined');
    provider.declines = false;
    await page.click('[role="alert"] button');
    await page.waitForSelector('[data-plan="studio"].current');
    assert.match(await focused(page), /is on Studio/);

    await press(page, 'downgrade', 'creator');
    await press(page, 'confirm');
    await page.waitForSelector('[data-plan="studio"] [data-act="keep"]');
    await assertShows(page, '#plans', /Then Creator begins, and £19 is due/);
    await shoot(page, 'membership-pending-dark');
    await press(page, 'keep', 'studio');
    await page.waitForSelector('[data-plan="creator"] [data-act="downgrade"]');

    await press(page, 'cancel');
    await page.waitForSelector('#asking');
    await press(page, 'confirm');
    await standing(page, 'cancelling');
    await assertShows(page, '#plans', /credits you bought stay yours/i);
    await assertAccessible(page, 'cancelling');
    await shoot(page, 'membership-cancelling-dark');
    await press(page, 'resume');
    await standing(page, 'active');
    await page.done();
});

const when = '2026-03-09T10:00:00.000Z';
const states = [
    ['past due', { status: 'past_due', past_due_since: when, retries_at: when,
        subscribed: true, pay_url: 'https://pay.example/invoice', renews_at: null,
        next_payment: null }, 'past_due', /was due on 9 Mar.*tries again/, ['pay', 'cancel']],
    ['cancelling', { status: 'active', cancels_at: when, subscribed: true,
        renews_at: null, next_payment: null }, 'cancelling', /ends on 9 Mar/, ['resume']],
    ['ended', { status: 'cancelled', ended_at: when, renews_at: null,
        next_payment: null }, 'ended', /has ended.*9 Mar.*no more can be bought/, []],
    ['with another plan to come', { status: 'active', subscribed: true,
        pending_plan: 'studio', renews_at: when, next_payment: {
            plan: 'studio', amount: 4900, currency: 'GBP', at: when } },
    'active', /Then Studio begins, and £49 is due/, ['cancel']],
    ['looked after by a platform', { status: 'active', subscribed: false,
        renews_at: when, next_payment: null }, 'active', /your platform looks after it/, []],
];

// Nobody but an owner changes it: an admin sees what a member does.
for (const [i, [what, more, state, words, actions]] of states.entries()) {
    const role = i % 2 ? 'admin' : 'member';
    test(`a membership that is ${what}: said to the owner and the ${role}, light, dark and narrow`, async () => {
        const slug = `is-${what.replace(/\W+/g, '-')}`;
        const space = await newSpace(site, slug);
        await addMember(site, slug, `m@${slug}.test`, role, 'Mia Member');
        const member = await signIn(site, `m@${slug}.test`, password);
        for (const [as, dark, width] of [[space.owner, false, 1280],
            [space.owner, true, 320], [member, false, 320]]) {
            const page = await openPage(site, browser, { as, dark, width });
            await page.route(api.membership, async (route) => {
                const answer = await route.fetch();
                await route.fulfill({ json: { ...await answer.json(), ...more } });
            });
            await openMembership(page, space);
            await standing(page, state);
            await assertShows(page, '#plans', words);
            const buttons = as === member ? [] : actions;
            await assertCount(page, '.plans-body > .notice .actions > *', buttons.length);
            if (as === member) {
                await assertCount(page, '.plan-act', 0);
                await assertShows(page, '#plans', /Ask Olive Own/);
            }
            await assertAccessible(page, what);
            await assertFits(page, what);
            await shoot(page, `membership-${slug}-${as === member ? role
                : 'owner'}-${dark ? 'dark' : 'light'}-${width}`);
            await page.done();
        }
    });
}

const refusals = [
    [502, 'payment_provider_unavailable', /isn.t answering.*Nothing was charged/, true],
    [409, 'plan_is_current', /on that plan already/, false],
    [403, 'role', /Ask an owner/, false],
    [500, 'internal', /fault is ours/, true],
];

test('a choice that is refused: said in place, with the way on, nothing lost', async () => {
    const space = await newSpace(site, 'refused', { plan: 'starter' });
    const page = await openPage(site, browser, { as: space.owner, ...refused });
    await openMembership(page, space);
    for (const [status, code, words, again] of refusals) {
        const answer = refuse(status, code);
        await page.route(api.membership, (route) =>
            route.request().method() === 'POST' ? answer(route) : route.continue());
        await press(page, 'buy', 'creator');
        const said = await page.waitForSelector('[role="alert"]');
        assert.match(await said.textContent(), words);
        assert.match(await said.textContent(), /req_of_this_test/);
        assert.equal(await page.locator('[role="alert"] button').count() > 0, again);
        await page.unroute(api.membership);
    }
    await page.context().setOffline(true);
    await press(page, 'buy', 'creator');
    await page.waitForFunction(() => /offline/.test(
        document.querySelector('[role="alert"]')?.textContent));
    await page.context().setOffline(false);
    await assertAccessible(page, 'refused');
    await page.done();
});

test('another\'s payment, an expired one and one that takes long say so', async () => {
    const space = await newSpace(site, 'comes', { plan: 'starter' });
    const page = await openPage(site, browser, { as: space.owner });
    await openMembership(page, space, '&change=mch_01KAJ0000000000000000000000');
    await page.waitForSelector('[data-state="unknown"]');
    const made = await space.owner.post('/api/v1/spaces/comes/membership',
        { plan: 'creator' }, { key: true });
    const session = provider.made().find(({ url }) => url === made.json.payment_url);
    await page.clock.install();
    await page.goto(session.form.success_url);
    await page.waitForSelector('[data-state="confirming"]');
    await page.clock.fastForward('02:30');
    await page.waitForSelector('[data-state="slow"]');
    await assertAccessible(page, 'slow');
    Object.assign(session, { status: 'expired', url: null });
    await page.reload();
    await until('the page says that it has expired', async () => {
        await page.clock.fastForward('00:05');
        return page.locator('[data-state="expired"]').count();
    }, 20);
    await page.click('text=Done');
    await assertCount(page, '#returned *', 0);
    assert.equal(await focused(page), 'Membership');
    await page.done();
});
