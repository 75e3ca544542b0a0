/*
 * What the browser tests share: one Chromium, pages that note whatever should
 * not happen (errors in the console, requests to strangers), Spaces of their
 * own, and axe. A page must be closed through done(), which fails the test when
 * something was noted.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { orderOf, place } from '../site/shop.js';
import { signIn, until } from '../site/site.js';

const axeSource = readFileSync(
    createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const screenshots = fileURLToPath(
    new URL('../../build/screenshots/', import.meta.url));
export const password = 'a-long-enough-password';

/* Chromium's headless shell is the engine of Chromium without its windows: a
 * page costs half of what it does in the whole browser, which can be tried
 * too (SCRIP_CHROMIUM=/usr/bin/chromium). */
export function openBrowser() {
    return chromium.launch({
        executablePath: process.env.SCRIP_CHROMIUM
            ?? '/usr/bin/chromium-headless-shell',
        args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic',
            '--no-first-run', '--disable-background-networking',
            '--disable-component-update', '--disable-sync'],
    });
}

/*
 * A page in a context of its own. `as`: a client of signIn(), whose session
 * the page has. `expect`: what the console may say, such as the 404 that the
 * test provokes; `visits`: other origins that it may go to.
 */
export async function openPage(site, browser, { as = null, dark = false,
    width = 1280, height = 900, expect = [], visits = [],
    javaScriptEnabled = true } = {}) {
    const context = await browser.newContext({
        colorScheme: dark ? 'dark' : 'light',
        viewport: { width, height }, javaScriptEnabled,
    });
    if (as) {
        const [name, value] = as.cookie.split('=');
        await context.addCookies([{ name, value, url: site.base }]);
    }
    const page = await context.newPage();
    const noted = [];
    const watch = (each) => {
        each.on('console', (message) => {
            const said = `${message.text()} ${message.location().url}`;
            if (['error', 'warning'].includes(message.type()) &&
                !expect.some((pattern) => pattern.test(said)))
                noted.push(`console: ${said}`);
        });
        each.on('pageerror', (error) => noted.push(`error: ${error.stack}`));
    };
    watch(page);
    context.on('page', watch);
    context.on('request', (request) => {
        const { origin, protocol } = new URL(request.url());
        if (protocol !== 'data:' &&
            ![site.base, site.sandbox, ...visits].includes(origin))
            noted.push(`a request to ${request.url()}`);
    });
    page.done = async () => {
        await page.unrouteAll({ behavior: 'ignoreErrors' });
        await context.close();
        assert.deepEqual(noted, []);
    };
    return page;
}

/* A Space of its own with its owner, signed in: { slug, owner, email }. */
export async function newSpace(site, slug, { plan = 'creator', name } = {}) {
    const email = `owner@${slug}.test`;
    await command(site, ['space', 'add', slug, '--name', name ?? `Space ${slug}`,
        '--plan', plan]);
    await addMember(site, slug, email, 'owner', 'Olive Own');
    return { slug, email, owner: await signIn(site, email, password) };
}

export async function addMember(site, slug, email, role, name) {
    await command(site, ['member', 'add', email, '--name', name,
        '--space', slug, '--role', role], `${password}\n`);
}

export async function grant(site, slug, credits) {
    await command(site, ['grant', slug, String(credits), '--kind', 'bonus',
        '--reason', 'a test']);
}

async function command(site, args, input) {
    const { code, stderr } = await site.scrip(args, { input });
    assert.equal(code, 0, `scrip ${args.join(' ')}: ${stderr}`);
}

/* What the API says of a Space now. */
export async function creditsOf({ slug, owner }) {
    const { status, json } = await owner.get(`/api/v1/spaces/${slug}/credits`);
    assert.equal(status, 200);
    return json;
}

export async function ordersOf({ slug, owner }) {
    const { status, json } = await owner.get(
        `/api/v1/spaces/${slug}/orders?limit=100`);
    assert.equal(status, 200);
    return json.orders;
}

/* A Space of its own with an order that waits for its payment at `url`; its
 * `session` is the provider's, for the levers of the sandbox. */
export async function unpaid(site, slug, tier = 'gbp25') {
    const space = await newSpace(site, slug);
    const buyer = Object.assign(space.owner, { space: slug });
    const { order, payment_url: url } = await place(buyer, tier);
    const session = new URL(url).pathname.split('/').at(-1);
    return { ...space, buyer, id: order.id, session, url };
}

export const becomes = ({ buyer, id }, status) => until(
    `the order is ${status}`,
    async () => (await orderOf(buyer, id)).status === status, 30);

/* The Credits page, with everything on it loaded. */
export async function openCredits(site, page, { slug }, more = '') {
    await page.goto(
        `${site.base}/settings/account/credits?space=${slug}${more}`);
    await loaded(page);
}

export async function loaded(page) {
    await page.waitForSelector('[data-available]');
    await page.waitForSelector('#history [data-body]:not([aria-busy])');
    await page.waitForSelector('#buy [data-body]:not([aria-busy])');
}

/* Pays on the sandbox's page, which the browser is on. */
export async function payByCard(page, number = '4242 4242 4242 4242') {
    await page.fill('[name="card_number"]', number);
    await page.fill('[name="expiry"]', '12 / 34');
    await page.fill('[name="cvc"]', '123');
    await page.click('[data-testid="pay"]');
}

/* The state of the panel that tells what came of a payment. */
export function returned(page, state) {
    return page.waitForSelector(`#returned [data-state="${state}"]`,
        { timeout: 20_000 });
}

/* It comes to be so, as it does for who waits for it: looks again until what
 * is seen passes the check, or its last refusal is thrown. */
async function assertComes(look, check) {
    const late = Date.now() + 10000;
    for (;;) {
        const seen = await look();
        try {
            return check(seen);
        } catch (fault) {
            if (Date.now() > late)
                throw fault;
        }
        await sleep(100);
    }
}

/* The first of these elements shows this text, or one that fits. */
export const assertShows = (page, selector, text, why) => assertComes(
    () => page.locator(selector).first().textContent(),
    (seen) => text instanceof RegExp ? assert.match(seen, text, why)
        : assert.equal(seen, text, why));

/* There are so many of them. */
export const assertCount = (page, selector, count, why) => assertComes(
    () => page.locator(selector).count(),
    (seen) => assert.equal(seen, count, why));

/* The page has no finding of WCAG 2.2 A and AA, nor of good practice. Bones
 * are shapes where content will be: their text is there for its width alone,
 * transparent and hidden, and halfway through their breath axe takes it for
 * pale ink. */
export async function assertAccessible(page, where) {
    const findings = await page.evaluate(`${axeSource};
        axe.run({ exclude: [['.bone']] }, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a',
            'wcag21aa', 'wcag22aa', 'best-practice'] })
        .then(({ violations, passes }) => {
            if (passes.length < 10) throw new Error('axe looked at nothing');
            return violations.flatMap(({ id, nodes }) => nodes.map((node) =>
                id + ': ' + node.target.join(' ') + ' ' + node.failureSummary));
        })`);
    assert.deepEqual(findings, [], where);
}

export async function assertFits(page, where) {
    const [content, window] = await page.evaluate(() =>
        [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(content <= window, `${where}: ${content} in ${window}`);
}

export async function shoot(page, name) {
    mkdirSync(screenshots, { recursive: true });
    await page.screenshot({ path: `${screenshots}${name}.png`, fullPage: true });
}

/* The page as it stands, light and dark, at each width: without a finding,
 * without sideways scrolling, with a screenshot. `check`: what else holds in
 * each look. */
export async function assertLooks(page, name, { widths = [1280, 320],
    schemes = ['light', 'dark'], check = () => {} } = {}) {
    for (const width of widths) {
        await page.setViewportSize({ width, height: 900 });
        for (const scheme of schemes) {
            const look = `${name.replace(/\W+/g, '-')}-${scheme}-${width}`;
            await page.emulateMedia({ colorScheme: scheme });
            await page.evaluate(() => Promise.all(document.getAnimations()
                .filter((each) => each.effect.getComputedTiming().endTime !== Infinity)
                .map((each) => each.finished.catch(() => {}))));
            await assertAccessible(page, look);
            await assertFits(page, look);
            await check(look);
            await shoot(page, look);
        }
    }
}

/* Where the API is, for page.route(). */
export const api = { credits: '**/api/v1/spaces/*/credits',
    events: '**/api/v1/spaces/*/events*',
    usage: '**/api/v1/spaces/*/usage?*',
    limits: '**/api/v1/spaces/*/limits',
    checkout: '**/api/v1/spaces/*/checkout',
    orders: '**/api/v1/spaces/*/orders/*',
    membership: '**/api/v1/spaces/*/membership',
    session: '**/api/v1/session' };

/* Answers like the API does when it cannot. */
export function refuse(status, code, headers = {}) {
    return (route) => route.fulfill({ status,
        contentType: 'application/problem+json',
        headers: { 'Request-Id': 'req_of_this_test', ...headers },
        body: JSON.stringify({ code, status, title: code, detail: code,
            instance: 'req_of_this_test' }) });
}

/* What the console says of answers that a test refuses. */
export const refused = { expect: [/status of (4|5)\d\d/, /ERR_(FAILED|INTERNET)/] };

/* Holds back what is asked there (with `method`), or the server's answer to
 * it: {asked, release()}. */
export async function hold(page, pattern,
    { answered = false, method = null } = {}) {
    let tell;
    let open;
    const asked = new Promise((resolve) => { tell = resolve; });
    const gate = new Promise((resolve) => { open = resolve; });
    await page.route(pattern, async (route) => {
        if (method && route.request().method() !== method) {
            await route.fallback();
            return;
        }
        const response = answered && await route.fetch();
        tell();
        await gate;
        await (response ? route.fulfill({ response }) : route.fallback());
    });
    return { asked, release: open };
}

/* Never answers what a page asks by itself, of these parts of a Space: where
 * the session ends, it would be the first to find out, not what is pressed. */
export const silence = (page, ...parts) => page.route(
    new RegExp(`/api/v1/spaces/[^/]+/(${parts.join('|')})`), () => {});
export const laterParts = ['planner', 'plans', 'usage', 'limits'];

/* Presses "Try again" of a part, unless the page has gone on by itself. */
export async function tryAgain(page, part) {
    const asks = await page.evaluate((at) => {
        const again = document.querySelector(`${at} .notice button`);
        again?.click();
        return !again || document.querySelector(`${at} [data-body]`)
            .getAttribute('aria-busy') === 'true';
    }, part);
    assert.ok(asks, `${part} asks again`);
}
