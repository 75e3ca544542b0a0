/*
 * How soon the planner shows what a change comes to. Alone: it is timed.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startSite } from '../site/site.js';
import { newSpace, openBrowser, openPage } from './browser.js';
import { openPlanner, total } from './planner.js';

let site;
let browser;
let space;

before(async () => {
    site = await startSite();
    browser = await openBrowser();
    space = await newSpace(site, 'quick');
});
after(async () => {
    await browser?.close();
    await site?.stop();
});

test('a change is shown within 100 ms of it', async () => {
    const page = await openPage(site, browser, { as: space.owner });
    await openPlanner(site, page, space, '&plan.chat_reply=1.fast');
    await total(page, 1);
    const times = await page.evaluate(async () => {
        const input = document.querySelector('#plan-chat_reply');
        const output = document.querySelector('output');
        const took = [];
        for (let count = 2; count < 17; count++) {
            await new Promise((done) => setTimeout(done, 150 + count * 7));
            const from = performance.now();
            await new Promise((done) => {
                const seen = new MutationObserver(() => {
                    if (output.textContent.includes(`: ${count} `)) {
                        seen.disconnect();
                        done();
                    }
                });
                seen.observe(output, { childList: true, subtree: true });
                input.value = String(count);
                input.dispatchEvent(new Event('input', { bubbles: true }));
            });
            took.push(performance.now() - from);
        }
        return took.sort((a, b) => a - b);
    });
    const median = times[times.length >> 1];
    console.log(`# median ${median.toFixed(1)} ms, all ${times.map(Math.round)}`);
    assert.ok(median <= 100, `the median is ${median} ms`);
    await page.done();
});
