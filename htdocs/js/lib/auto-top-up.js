/*
 * Auto top-up as a form and in words: what the API says of it becomes texts,
 * texts become what is sent, and what an owner agrees to is said in the same
 * words that the server keeps.
 */

import { creditWords, minorDigits, moment, money } from './format.js';

/* What is being agreed to; the server keeps these very words. */
export function consentWords({ threshold, amount, monthlyMax, currency }) {
    return `Whenever fewer than ${creditWords(threshold)} are available, ` +
        `the saved card is charged ${money(amount, currency)} for more ` +
        `credits, at most ${money(monthlyMax, currency)} in a calendar ` +
        'month, until this is turned off.';
}

/* {tier, threshold, monthlyMax} as texts, from the API's answer; what was
 * never agreed to begins with a tier, its quarter and four of it. */
export function draftOf(auto, tiers) {
    const tier = tiers.find(({ id }) => id === auto.tier) ?? tiers[0];
    if (!tier)
        return null;
    return {
        tier: tier.id,
        threshold: String(auto.threshold ??
            Math.max(1, Math.floor(tier.credits / 4))),
        monthlyMax: major(auto.monthly_max ?? 4 * tier.amount, tier.currency),
    };
}

/* 10000 GBP → "100", 10050 GBP → "100.50": what one types. */
function major(amount, currency) {
    const digits = minorDigits(currency);
    const unit = 10 ** digits;
    const rest = amount % unit;
    return `${(amount - rest) / unit}` +
        (rest ? `.${String(rest).padStart(digits, '0')}` : '');
}

/* "£1,000.50" of GBP → 100050; NaN for what is no amount. */
function minor(text, currency) {
    const digits = minorDigits(currency);
    const [, whole, rest = ''] =
        /^[^\d.-]{0,4}(\d{1,10})(?:\.(\d*))?$/.exec(text.replace(/[\s,]/g, '')) ?? [];
    if (whole === undefined || rest.length > digits)
        return NaN;
    return Number(whole) * 10 ** digits + Number(rest.padEnd(digits, '0'));
}

function count(text) {
    const bare = text.replace(/[\s,]/g, '');
    return /^\d{1,13}$/.test(bare) ? Number(bare) : NaN;
}

/*
 * What to send, or what is wrong: {terms, words} or {faults: Map of field →
 * words}, fields as in the draft.
 */
export function termsOf(draft, tiers) {
    const faults = new Map();
    const tier = tiers.find(({ id }) => id === draft.tier);
    const threshold = count(draft.threshold);
    const monthlyMax = minor(draft.monthlyMax, tier.currency);
    if (!(threshold >= 1))
        faults.set('threshold', 'Enter a whole number of credits.');
    else if (threshold > tier.credits)
        faults.set('threshold', `One top-up buys ${creditWords(tier.credits)}` +
            '; enter no more than that, or choose a larger one.');
    if (Number.isNaN(monthlyMax))
        faults.set('monthlyMax', 'Enter an amount, such as 100.');
    else if (monthlyMax < tier.amount)
        faults.set('monthlyMax', `One top-up costs ${tier.label}; enter ` +
            'that or more.');
    if (faults.size > 0)
        return { faults };
    return {
        terms: { enabled: true, tier: tier.id, threshold,
            monthly_max: monthlyMax },
        words: consentWords({ threshold, amount: tier.amount, monthlyMax,
            currency: tier.currency }),
    };
}

/* "Visa ending 4242" */
export function cardWords({ brand, last4 }) {
    const names = { visa: 'Visa', mastercard: 'Mastercard',
        amex: 'American Express' };
    return `${names[brand] ?? (brand ? brand[0].toUpperCase() + brand.slice(1)
        : 'Card')} ending ${last4}`;
}

const paused = {
    declined: 'The saved card declined five times. Nothing more is tried.',
    lost_card: 'The saved card was reported lost or stolen, so nothing more ' +
        'is tried.',
    no_answer: 'The payment provider did not say for a day what became of ' +
        'the last charge. If it went through, its credits still arrive.',
    not_confirmed: 'The bank wanted the last top-up confirmed, and nobody ' +
        'did in time.',
    review: 'The last payment was not what was asked for. We are looking ' +
        'into it.',
    plan_not_paid: 'Top-ups need a paid plan, and this Space has none now.',
    price_changed: 'The price of the top-up is not what was agreed to.',
};

/*
 * How things stand: {tone, mark, title, text}, and which ways on there are:
 * `card` (save a card), `confirm`, `again` (turn on again), `upgrade`.
 */
export function stateWords(auto, { tier, timeZone, currency }) {
    const price = tier ? tier.label : 'the top-up';
    const next = auto.next_attempt_at &&
        moment(auto.next_attempt_at, timeZone);
    switch (auto.state) {
    case 'needs_card':
        return { tone: 'plain', mark: 'info',
            title: 'One step is left: save a card',
            text: `Buy ${price} of credits once. The card that pays is kept ` +
                'by the payment provider and charged from then on.',
            ways: ['card'] };
    case 'charging':
        return { tone: 'plain', mark: 'info',
            title: 'A top-up is on its way', ways: [],
            text: `The balance fell below what you chose, so ${price} are ` +
                'being charged.' };
    case 'backing_off':
        return { tone: 'warn', mark: 'warn', title: 'The card declined',
            text: `${auto.last_refusal ?? ''} It is tried again at ${next}.`
                .trim(), ways: ['card'] };
    case 'ceiling_reached':
        return { tone: 'warn', mark: 'warn',
            title: 'This month’s limit is reached',
            text: `${money(auto.charged_this_month, currency)} of ` +
                `${money(auto.monthly_max, currency)} were charged. It goes ` +
                `on at ${next}.`, ways: [] };
    case 'needs_confirmation':
        return { tone: 'warn', mark: 'warn',
            title: 'Your bank wants you to confirm',
            text: `The top-up of ${price} waits until you pay it yourself. ` +
                'Nothing was charged yet.', ways: ['confirm'] };
    case 'paused':
        return { tone: 'bad', mark: 'warn', title: 'Paused',
            text: paused[auto.paused_because] ??
                'Nothing more is tried for now.',
            ways: auto.paused_because === 'plan_not_paid' ? ['upgrade']
                : ['declined', 'lost_card', 'not_confirmed']
                    .includes(auto.paused_because) ? ['card', 'again']
                    : ['again'] };
    default:
        return null;
    }
}
