/*
 * What the planner says: of an estimate that is more than there is, of saved
 * plans and how they went, of price books that changed or will. Words and
 * comparisons only: every figure comes from the API.
 */

import { anyOf, credits, creditWords, label, money } from './format.js';
import { priceWords } from './planner.js';

/*
 * How an estimate that is short can be covered: {title, text, tier, act}.
 * `credits` is the answer of GET …/credits. `tier` is what to buy; `act` is
 * "buy" for who may, "upgrade" or "ask" for who may not, null without offers.
 */
export function promptOf(estimate, now) {
    const short = estimate.shortfall;
    const title = `${creditWords(short)} short`;
    if (!now || now.tiers.length === 0)
        return { title, tier: null, act: null,
            text: 'No top-ups are offered right now. Plan for less.' };
    const offer = estimate.top_up ?? estimate.largest;
    const tier = offer && now.tiers.find(({ id }) => id === offer.tier);
    if (!tier)
        return { title, tier: null, act: null,
            text: 'The top-ups that are offered do not cover it.' };
    const left = `would leave ${creditWords(offer.after)} after this estimate.`;
    const enough = estimate.top_up
        ? `${tier.label} buys ${creditWords(offer.credits)}, which ${left}`
        : `No single top-up covers it: ${credits(offer.times)} of ` +
            `${tier.label}, ${creditWords(offer.credits)} each, ${left}`;
    if (now.can_buy)
        return { title, text: enough, tier, act: 'buy' };
    if (now.cannot_buy_reason === 'role')
        return { title, tier, act: 'ask', text: `${enough} ` +
            `${now.buyers.length > 0 ? `Ask ${anyOf(now.buyers)}`
                : 'Ask an owner or admin'} to top up.` };
    return { title, tier, act: 'upgrade',
        text: `${enough} Top-ups need a paid plan.` };
}

/* The smallest tier that covers a shortfall, else the largest; null without. */
export function tierFor(shortfall, tiers) {
    const bySize = [...tiers].sort((a, b) => a.credits - b.credits);
    return bySize.find((tier) => tier.credits >= shortfall) ??
        bySize.at(-1) ?? null;
}

/* "Clips" with their quality: "Clips, premium" */
export function activityName({ label: name, quality }) {
    return quality ? `${name}, ${quality}` : name;
}

/* What state a saved plan is in: {word, tone}. `over`: its quote is. */
export function planState(plan, over = false) {
    if (over && plan.state === 'draft')
        return { word: 'Quote expired', tone: 'warn' };
    return {
        draft: { word: 'Draft', tone: '' },
        started: { word: 'Started', tone: 'good' },
        finished: { word: 'Finished', tone: '' },
        expired: { word: 'Ended by itself', tone: '' },
    }[plan.state] ?? { word: label(plan.state), tone: '' };
}

/*
 * The bar of planned against actual, all in credits: lengths out of 1,000.
 * What was used within the plan, what beyond it, and how long the plan is.
 * What was given back is not used.
 */
export function comparison({ planned, used, refunded }) {
    const net = Math.max(0, used - refunded);
    const scale = Math.max(planned, net, 1);
    const part = (count) => Math.round(1000 * count / scale);
    return {
        planned: part(planned),
        within: part(Math.min(net, planned)),
        over: part(Math.max(0, net - planned)),
    };
}

/* The bar of an estimate against what is available, the same way. */
export function estimateBar({ total, available_now: available }) {
    const have = Math.max(0, available);
    const scale = Math.max(total, have, 1);
    const part = (count) => Math.round(1000 * count / scale);
    return { have: part(have), within: part(Math.min(total, have)),
        over: part(Math.max(0, total - have)) };
}

/*
 * What went wrong with a saved plan: {title, text, retry} and
 * `quote`: it has to be quoted anew; `short`: credits that are missing;
 * `stale`: the plan is not as the page shows it.
 */
export function explainPlan(problem) {
    const said = {
        quote_expired: {
            title: 'This quote has expired',
            text: 'Prices have changed since it was made, and a quote is ' +
                'kept for 24 hours. Estimate it again, then start it.',
            quote: true,
        },
        insufficient_credits: {
            title: `${creditWords(problem.body.shortfall ?? 0)} short`,
            text: `The plan needs ${creditWords(problem.body.required ?? 0)}; ` +
                `${creditWords(problem.body.available ?? 0)} ` +
                'are available. Nothing was held.',
            short: problem.body.shortfall ?? 0,
        },
        cap_reached: {
            title: 'A cap is in the way',
            text: 'The plan would go over a cap of this Space. ' +
                'Nothing was held.',
        },
        role: {
            title: 'Your role can’t do this',
            text: 'Owners and admins of this Space can start and finish plans.',
        },
        plan_not_draft: {
            title: 'This plan is started already',
            text: 'It is shown as it stands now.',
            stale: true,
        },
        plan_not_started: {
            title: 'This plan isn’t started',
            text: 'It is shown as it stands now.',
            stale: true,
        },
        plan_not_paid: {
            title: 'Starting a plan needs a paid membership',
            text: 'Nothing was held.',
        },
        idempotency_key_reused: {
            title: 'This was done already',
            text: 'Load the page again to see how it stands.',
        },
    }[problem.code];
    return said && { requestId: problem.requestId, retry: false, ...said };
}

/*
 * One price that differs between two books, in words. `before` is null for
 * what is new, `after` for what is gone.
 */
export function changeWords({ label: name, quality, unit, before, after }) {
    const what = quality ? `${name}, ${quality}` : name;
    if (!before)
        return `${what}: new, ${priceWords(after, unit)}`;
    if (!after)
        return `${what}: no longer offered`;
    return `${what}: ${priceWords(before, unit)}, now ${priceWords(after, unit)}`;
}

/* "Price book 3" */
export function bookWords({ version }) {
    return `Price book ${version}`;
}

/* "about £8.72" */
export function worthWords({ amount, currency }) {
    return `worth about ${money(amount, currency)}`;
}
