/*
 * The credit planner: what a plan comes to, while one types and drags, with
 * bad input, on a network that is slow, broken or away, by keyboard, in every
 * look, and the way from a shortfall through the payment back to the plan.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { spacingMs } from '../../htdocs/js/lib/planner-estimate.js';
import { signIn, startSite, until } from '../site/site.js';
import { addMember, assertAccessible, assertCount, assertLooks, assertShows,
    creditsOf, grant, newSpace, openBrowser, openPage, password, payByCard,
    refuse, refused, returned, shoot, silence, tryAgain } from './browser.js';
import { estimateOf, estimates, figure, number, openPlanner, planner, quiet,
    total, watchEstimates } from './planner.js';

let site;
let browser;
let space;

before(async () => {
    site = await startSite();
    browser = await openBrowser();
    space = await newSpace(site, 'planned');
    await grant(site, 'planned', 5000);
});
after(async () => {
    await browser?.close();
    await site?.stop();
});

const open = (more = {}) => openPage(site, browser,
    { as: space.owner, ...more });
const live = [{ activity: 'livestream_room', quantity: 72 },
    { activity: 'livestream_viewing', quantity: 10_080 }];

test('with nothing planned it asks nothing, says what is available, and offers an example', async () => {
    const page = await open();
    const asked = watchEstimates(page);
    await openPlanner(site, page, space);
    await quiet(page);
    assert.deepEqual(asked, []);
    const { balance } = await creditsOf(space);
    assert.equal(await figure(page, 'now'), balance.available);
    assert.equal(await figure(page, 'after'), balance.available);
    await assertAccessible(page, 'empty');
    await page.click('text=Fill in an example');
    await page.waitForSelector('[data-total]:not([data-total="0"])');
    await page.click('#planner >> text=Clear');
    await total(page, 0);
    await quiet(page);
    assert.doesNotMatch(page.url(), /plan\./);
    assert.equal(asked.length, 1);
    await page.done();
});

test('every figure and every sum in words is the API\u2019s', async () => {
    const page = await open();
    await openPlanner(site, page, space);
    await page.fill('#plan-length', '72');
    await page.fill('#plan-viewers', '140');
    await page.fill('#plan-clip', '5');
    await page.check('[data-field="clip"] input[value="premium"]');
    await page.fill('#plan-video_summary', '31');
    const said = await estimateOf(space, [...live,
        { activity: 'clip', quantity: 5, quality: 'premium' },
        { activity: 'video_summary', quantity: 31, quality: 'balanced' }]);
    await total(page, said.total);
    assert.equal(await figure(page, 'now'), said.available_now);
    assert.equal(await figure(page, 'estimate'), -said.total);
    assert.equal(await figure(page, 'after'), said.after_estimate);
    assert.equal(said.after_estimate, said.available_now - said.total);
    await assertShows(page, '.plan-answer',
        new RegExp(`about £${(said.amount.amount / 100).toFixed(2)}`));
    const fields = ['length', 'viewers', 'clip', 'video_summary'];
    for (const [at, line] of said.lines.entries()) {
        const sum = await page.textContent(`[data-field="${fields[at]}"] .plan-sum`);
        assert.ok(sum.includes(line.words), `${sum} has ${line.words}`);
        assert.ok(sum.endsWith(`${line.credits} credits`), sum);
    }
    await assertShows(page, '[data-field="viewers"] .plan-sum',
        /^72 min × 140 viewers = 10,080 viewer-minutes × 20 per 1,000 = 201\.6, charged 202/);
    await page.done();
});

test('quality shows its price, and the arrow keys change it', async () => {
    const page = await open();
    await openPlanner(site, page, space, '&plan.clip=10.fast');
    await total(page, 50);
    for (const name of [/Fast.*5 credits per clip/, /Balanced.*10 credits per clip/,
        /Premium.*25 credits per clip/])
        assert.equal(await page.getByRole('radio', { name }).count(), 1, String(name));
    await assertShows(page, '[data-field="video_summary"] .plan-name',
        /credits per 10 minutes of video/);
    await page.focus('[data-field="clip"] input:checked');
    await page.keyboard.press('ArrowRight');
    await total(page, 100);
    await page.keyboard.press('ArrowRight');
    await total(page, 250);
    assert.match(page.url(), /plan\.clip=10\.premium/);
    await page.done();
});

test('dragging and typing never pile requests up, and the last value counts', async () => {
    const page = await open();
    /* Counted by the page itself: what tells of an end comes late. */
    await page.addInitScript(() => {
        const { fetch } = window;
        let under = 0;
        window.most = 0;
        window.fetch = async (...what) => {
            const counts = what[1]?.method === 'POST';
            under += counts;
            window.most = Math.max(window.most, under);
            try {
                return await fetch(...what);
            } finally {
                under -= counts;
            }
        };
    });
    await openPlanner(site, page, space);
    const asked = watchEstimates(page);
    const slider = page.locator('[data-field="length"] input[type="range"]');
    const { x, y, width, height } = await slider.boundingBox();
    const from = Date.now();
    await page.mouse.move(x + 9, y + height / 2);
    await page.mouse.down();
    for (let step = 1; step <= 60; step++)
        await page.mouse.move(x + 9 + (width - 18) * step / 60, y + height / 2);
    await page.mouse.up();
    await page.click('#plan-viewers');
    await page.keyboard.type('123456', { delay: 5 });
    const length = Number(await page.inputValue('#plan-length'));
    assert.ok(length >= 1000, `dragged to ${length}`);
    const said = await estimateOf(space, [
        { activity: 'livestream_room', quantity: length },
        { activity: 'livestream_viewing', quantity: length * 123456 }]);
    await total(page, said.total);
    await quiet(page);
    const most = await page.evaluate(() => window.most);
    assert.ok(most >= 1 && most <= 2, `${most} at once`);
    const took = Date.now() - from;
    assert.ok(asked.length <= took / spacingMs + 2,
        `${asked.length} requests in ${took} ms`);
    assert.equal(await figure(page, 'estimate'), -said.total);
    await page.done();
});

test('an answer that comes late never overtakes a newer one', async () => {
    const page = await open(refused);
    const held = [];
    await page.route(estimates, (route) => {
        if (route.request().method() === 'POST' &&
            route.request().postDataJSON().items[0].quantity === 7)
            held.push(route);
        else
            route.continue();
    });
    await openPlanner(site, page, space);
    await page.fill('#plan-length', '7');
    await until('the first is asked', () => held.length === 1);
    await page.fill('#plan-length', '70');
    await total(page, 140);
    await held[0].continue().catch(() => {});
    await quiet(page);
    assert.equal(await page.getAttribute('[data-total]', 'data-total'), '140');
    await page.done();
});

test('while an answer is slow the last one stays', async () => {
    const page = await open();
    await openPlanner(site, page, space, '&plan.length=10');
    await total(page, 20);
    let go;
    const gate = new Promise((done) => { go = done; });
    await page.route(estimates, async (route) => {
        await gate;
        await route.continue();
    });
    await page.fill('#plan-length', '50');
    await page.waitForSelector('.plan-answer[data-pending="true"]');
    await quiet(page);
    assert.equal(await page.getAttribute('[data-total]', 'data-total'), '20');
    await assertAccessible(page, 'pending');
    go();
    await total(page, 100);
    assert.equal(await page.getAttribute('.plan-answer', 'data-old'), null);
    await page.done();
});

const bad = [['clip', 'abc', /digits/], ['clip', '1e5', /digits/],
    ['clip', '-3', /0 or more/], ['clip', '2.5', /whole number/],
    ['clip', '123456789', /1,000,000 or less/],
    ['viewers', '999999999', /1,000,000 or less/],
    ['length', '10081', /7 days/], ['length', '99999999999999999999', /7 days/]];

test('what cannot be a number, pasted: words at the field, and it is never sent', async () => {
    const page = await open();
    await openPlanner(site, page, space, '&plan.length=10&plan.chat_reply=5.fast');
    await total(page, 25);
    const asked = watchEstimates(page);
    for (const [at, [field, text, words]] of bad.entries()) {
        const input = page.locator(`#plan-${field}`);
        asked.length = 0;
        await input.fill(text);
        const error = page.locator(`#plan-${field}-error`);
        assert.match(await error.textContent(), words);
        assert.equal(await input.getAttribute('aria-invalid'), 'true');
        assert.ok((await input.getAttribute('aria-describedby'))
            .includes(`plan-${field}-error`));
        assert.equal(await input.inputValue(), text, 'it is left as it was typed');
        await quiet(page);
        assert.deepEqual(asked, [], text);
        await assertShows(page, '.plan-answer', /Correct what is marked/);
        await page.fill('#plan-name', 'Cannot be saved');
        await page.click('.plan-save >> text=Save plan');
        await assertShows(page, '#plan-name-error', /Correct/);
        assert.ok(await input.evaluate((each) => each === document.activeElement));
        await assertAccessible(page, text);
        await input.fill(at % 2 ? '1,001' : '1,000');
        assert.ok(await error.isHidden());
        await page.waitForFunction(() => !document.querySelector('.plan-answer[data-old]'));
        assert.equal(asked.length, 1, text);
        await page.fill('#plan-name', '');
    }
    await page.done();
});

test('viewers without a length are told that they count by the minute', async () => {
    const page = await open();
    await openPlanner(site, page, space);
    await page.fill('#plan-viewers', '50');
    await page.waitForSelector('[data-field="viewers"] >> text=Set a length, too');
    await page.done();
});

test('the plan is in the address: reload, share, back and forward keep it', async () => {
    const page = await open();
    await openPlanner(site, page, space);
    await page.fill('#plan-length', '72');
    await page.fill('#plan-viewers', '140');
    await page.check('[data-field="clip"] input[value="fast"]');
    await page.fill('#plan-clip', '3');
    const said = await estimateOf(space, [...live,
        { activity: 'clip', quantity: 3, quality: 'fast' }]);
    await total(page, said.total);
    await page.waitForURL(/plan\.length=72&plan\.viewers=140&plan\.clip=3\.fast/);
    const address = page.url();
    const same = async (on) => {
        await planner(on);
        await total(on, said.total);
        assert.equal(await on.inputValue('#plan-viewers'), '140');
        assert.ok(await on.isChecked('[data-field="clip"] input[value="fast"]'));
    };
    await page.reload();
    await same(page);
    await page.goto(`${site.base}/guide/credits`);
    await page.goBack();
    await same(page);
    await page.goForward();
    await page.goBack();
    await same(page);
    await page.done();
    const friend = await open({ dark: true });
    await friend.goto(address);
    await same(friend);
    await friend.done();
});

test('a shortfall leads through the payment with the smallest tier that covers it, and back to the same plan', async () => {
    const buyer = await newSpace(site, 'short');
    const page = await openPage(site, browser, { as: buyer.owner });
    await openPlanner(site, page, buyer, '&plan.chat_reply=1000.premium');
    await total(page, 5000);
    const said = await estimateOf(buyer, [
        { activity: 'chat_reply', quantity: 1000, quality: 'premium' }]);
    const { tiers } = await creditsOf(buyer);
    const smallest = tiers.filter(({ credits }) => credits >= said.shortfall)
        .sort((a, b) => a.credits - b.credits)[0];
    assert.equal(said.top_up.tier, smallest.id);
    const box = page.locator('.plan-below .notice');
    const words = await box.textContent();
    assert.ok(words.includes(`${said.shortfall.toLocaleString('en-GB')} credits short`), words);
    assert.ok(words.includes(`${smallest.label} buys ${
        smallest.credits.toLocaleString('en-GB')} credits`), words);
    assert.ok(words.includes(`leave ${said.top_up.after.toLocaleString('en-GB')} credits`), words);
    await assertAccessible(page, 'short');
    await shoot(page, 'planner-short');
    await box.getByRole('button').click();
    await page.waitForURL((url) => url.origin === site.sandbox);
    await assertShows(page, 'body', new RegExp(smallest.label));
    await payByCard(page);
    await page.waitForURL((url) => url.origin === site.base);
    await returned(page, 'added');
    await planner(page);
    await total(page, 5000);
    assert.equal(await page.inputValue('#plan-chat_reply'), '1000');
    await page.waitForFunction((after) => document.querySelector(
        '[data-figure="after"]').textContent.replaceAll(',', '') === String(after),
    said.top_up.after);
    assert.equal(await box.count(), 0);
    assert.equal((await creditsOf(buyer)).balance.available - 5000,
        said.top_up.after);
    await page.done();
});

test('more than any tier covers: how many of the largest do', async () => {
    const page = await open();
    await openPlanner(site, page, space, '&plan.long_draft=1000.premium');
    await total(page, 50_000);
    const said = await estimateOf(space, [
        { activity: 'long_draft', quantity: 1000, quality: 'premium' }]);
    assert.equal(said.top_up, null);
    const { tiers } = await creditsOf(space);
    const largest = Math.max(...tiers.map(({ credits }) => credits));
    await assertShows(page, '.plan-below .notice', new RegExp(
        `No single top-up covers it: ${Math.ceil(said.shortfall / largest)} of £100`));
    await page.done();
});

test('who may not buy is told who can; without a paid plan, that one is needed', async () => {
    await addMember(site, 'planned', 'mia@planned.test', 'member', 'Mia Member');
    const mia = await signIn(site, 'mia@planned.test', password);
    const page = await openPage(site, browser, { as: mia });
    await openPlanner(site, page, space, '&plan.long_draft=1000.premium');
    await total(page, 50_000);
    await assertShows(page, '.plan-below .notice', /Ask Olive Own to top up/);
    await page.done();
    const unpaid = await newSpace(site, 'unpaid', { plan: 'starter' });
    const other = await openPage(site, browser, { as: unpaid.owner });
    await openPlanner(site, other, unpaid, '&plan.length=60');
    await total(other, 120);
    await assertShows(other, '.plan-below .notice', /paid plan/);
    await other.click('.plan-below .notice button');
    assert.match(await other.evaluate(() => document.activeElement.textContent), /Upgrade/);
    await other.done();
});

test('the balance changes elsewhere: available and after follow', async () => {
    const page = await open();
    await openPlanner(site, page, space, '&plan.length=60');
    await total(page, 120);
    const had = await figure(page, 'now');
    await grant(site, 'planned', 777);
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await page.waitForFunction((now) => Number(document.querySelector(
        '[data-figure="now"]').textContent.replaceAll(',', '')) === now, had + 777);
    assert.equal(await figure(page, 'after'), had + 777 - 120);
    await page.done();
});

test('prices that cannot be read: said with the request, and tried again', async () => {
    const page = await open(refused);
    await page.route(estimates, refuse(503, 'unavailable'));
    await page.goto(`${site.base}/settings/account/credits?space=planned&plan.length=60`);
    await page.locator('#planner').scrollIntoViewIfNeeded();
    const said = await page.waitForSelector('#planner .notice');
    assert.match(await said.textContent(), /planner can.t be shown.*req_of_this_test/);
    await assertAccessible(page, 'no prices');
    await page.unroute(estimates);
    await tryAgain(page, '#planner');
    await total(page, 120);
    await page.done();
});

test('an estimate that fails: what was entered is kept, the last one stays, and it is tried again', async () => {
    const page = await open(refused);
    await openPlanner(site, page, space, '&plan.length=60');
    await total(page, 120);
    await page.route(estimates, refuse(500, 'internal'));
    await page.fill('#plan-length', '90');
    const said = await page.waitForSelector('.plan-below [role="alert"]');
    assert.match(await said.textContent(), /can.t be made.*kept.*req_of_this_test/);
    assert.equal(await page.getAttribute('[data-total]', 'data-total'), '120');
    assert.equal(await page.inputValue('#plan-length'), '90');
    await assertAccessible(page, 'no estimate');
    await page.unroute(estimates);
    await page.click('.plan-below [role="alert"] button');
    await total(page, 180);
    await assertCount(page, '.plan-below [role="alert"]', 0);
    await page.done();
});

test('offline: said in place, and goes on by itself when the network is back', async () => {
    const page = await open(refused);
    await openPlanner(site, page, space, '&plan.length=60');
    await total(page, 120);
    await page.context().setOffline(true);
    await page.fill('#plan-length', '75');
    const said = await page.waitForSelector('.plan-below [role="alert"]');
    assert.match(await said.textContent(), /offline/);
    await page.context().setOffline(false);
    await total(page, 150);
    await page.done();
});

test('a session that ended comes back to the same plan after signing in', async () => {
    const leaving = await signIn(site, space.email, password);
    const page = await openPage(site, browser, { as: leaving,
        expect: [/status of 401/] });
    await silence(page, 'plans', 'usage', 'limits');
    await openPlanner(site, page, space, '&plan.length=60');
    await total(page, 120);
    await silence(page, 'credits');
    await page.focus('#plan-length');
    await leaving.del('/api/v1/session');
    await page.keyboard.insertText('61');
    await page.waitForURL(/\/signin\?next=/);
    await page.unrouteAll();
    await page.fill('#email', space.email);
    await page.fill('#password', password);
    await page.keyboard.press('Enter');
    await page.waitForURL(/plan\.length=61/);
    await planner(page);
    await total(page, 122);
    await page.done();
});

test('keyboard only: every field, slider and quality is reached, seen and changed', async () => {
    const page = await open();
    await openPlanner(site, page, space);
    const active = (what) => page.evaluate((each) => each === 'name'
        ? document.activeElement.id || document.activeElement.getAttribute('aria-label')
            || document.activeElement.value : getComputedStyle(
            document.activeElement.closest('label, .plan-number')
                ?? document.activeElement).outlineStyle, what);
    await page.focus('.plan-lead button');
    await page.keyboard.press('Tab');
    assert.equal(await active('name'), 'Length, slider');
    assert.notEqual(await active('outline'), 'none');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await total(page, 20);
    assert.equal(await page.getAttribute('[data-field="length"] input[type="range"]',
        'aria-valuetext'), '10 minutes');
    await page.keyboard.press('Tab');
    assert.equal(await active('name'), 'plan-length');
    assert.notEqual(await active('outline'), 'none');
    await page.keyboard.type('30');
    await total(page, 60);
    const wanted = ['Expected viewers, slider', 'plan-viewers', 'Clips, slider',
        'plan-clip', 'balanced', 'Draft posts, slider', 'plan-draft_post',
        'balanced', 'Chat replies, slider', 'plan-chat_reply', 'balanced',
        'Long drafts, slider', 'plan-long_draft', 'balanced',
        'Video summaries, slider', 'plan-video_summary', 'balanced', 'plan-name'];
    const reached = [];
    for (let at = 0; at < wanted.length; at++) {
        await page.keyboard.press('Tab');
        reached.push(await active('name'));
        assert.notEqual(await active('outline'), 'none', reached.at(-1));
    }
    assert.deepEqual(reached, wanted);
    await page.done();
});

test('the total is read out politely, once it has come to rest', async () => {
    const page = await open();
    await openPlanner(site, page, space);
    const output = page.locator('.plan-answer output');
    await output.evaluate((node) => new MutationObserver(() => {
        if (node.querySelector('[data-total="120"]'))
            node.wasBusy ??= node.getAttribute('aria-busy');
    }).observe(node, { childList: true, subtree: true }));
    await page.fill('#plan-length', '60');
    await total(page, 120);
    assert.equal(await output.evaluate((node) => node.wasBusy), 'true');
    await page.waitForSelector('.plan-answer output:not([aria-busy])');
    assert.match(await output.textContent(), /^Estimate: 120 credits\. After estimate: [\d,]+ credits\.$/);
    await assertCount(page, '#planner [aria-live], #planner [role="status"]', 0,
        'nothing else talks');
    await page.done();
});

const full = '&plan.length=480&plan.viewers=1500&plan.clip=12.premium' +
    '&plan.draft_post=3.fast&plan.chat_reply=900.balanced' +
    '&plan.long_draft=40.premium&plan.video_summary=90.balanced';
test('a full plan: accessible, fits, large enough to hit', async () => {
    const page = await open();
    await openPlanner(site, page, space, full);
    await page.waitForSelector('.plan-below .notice');
    assert.equal(number(await page.textContent('[data-figure="after"]')) < 0, true);
    await assertLooks(page, 'planner', { widths: [1280, 768, 320],
        check: async () => {
            const small = await page.locator('#planner :is(button, input, summary)')
                .evaluateAll((all) => all.filter((each) => each.offsetParent)
                    .map((each) => [each.id || each.textContent || each.value,
                        each.getBoundingClientRect().height])
                    .filter(([, height]) => height < 24));
            assert.deepEqual(small, []);
        } });
    await page.done();
});
