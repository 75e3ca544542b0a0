/*
 * What the tests of the planner share: a page with the planner on it, its
 * figures as numbers, and what the API says of the same.
 */
import assert from 'node:assert/strict';
import { openCredits } from './browser.js';

export const estimates = '**/api/v1/spaces/*/planner';
export const plans = '**/api/v1/spaces/*/plans*';

/* The Credits page with its planner in view and its fields there. */
export async function openPlanner(site, page, space, more = '') {
    await openCredits(site, page, space, more);
    await planner(page);
}

export async function planner(page) {
    await page.locator('#planner').scrollIntoViewIfNeeded();
    await page.waitForSelector('#planner-form');
}

export const number = (text) =>
    Number(text.replace('\u2212', '-').replaceAll(',', ''));

/* A figure of the result: now, estimate, after. */
export async function figure(page, name) {
    return number(await page.textContent(`[data-figure="${name}"]`));
}

/* Waits until the total is this. */
export function total(page, credits) {
    return page.waitForSelector(`[data-total="${credits}"]`);
}

/* What the API estimates. */
export async function estimateOf({ slug, owner }, items) {
    const { status, json } = await owner.post(
        `/api/v1/spaces/${slug}/planner`, { items });
    assert.equal(status, 200);
    return json;
}

/* Notes each estimate that the page asks for: the items. */
export function watchEstimates(page) {
    const asked = [];
    page.on('request', (request) => {
        if (request.method() === 'POST' && request.url().endsWith('/planner'))
            asked.push(request.postDataJSON().items);
    });
    return asked;
}

/* Long enough for whatever would still be asked. */
export const quiet = (page) => page.waitForTimeout(400);
