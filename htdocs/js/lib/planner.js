/*
 * The credit planner's plan: what its fields are (by the price book), what
 * stands in them, and what of that is asked for. The plan lives in the
 * address of the page, and comes back from it the same. The one thing counted
 * here is viewer-minutes; every figure in credits or money is the server's.
 */

import { credits } from './format.js';

/* Holds last 7 days at most, so no livestream is planned for longer. */
const mostMinutes = 10_080;
const mostElse = 1_000_000;

/* How a slider moves, as [up to, in steps of]: fine where plans are small. */
const ladders = {
    length: [[180, 5], [480, 15], [1440, 60]],
    viewers: [[100, 5], [500, 20], [2000, 100], [10_000, 500], [50_000, 5000]],
    chat_reply: [[100, 5], [1000, 50], [10_000, 500]],
    video_summary: [[120, 5], [600, 30], [3000, 120]],
    other: [[20, 1], [100, 5], [500, 25]],
};

const room = 'livestream_room';
const viewing = 'livestream_viewing';
const usual = 'balanced';
const prefix = 'plan.';

/* The values that a slider stops at: 0, 5, 10, … */
export function stops(ladder) {
    const values = [0];
    for (const [upTo, step] of ladder) {
        while (values.at(-1) < upTo)
            values.push(Math.min(upTo, values.at(-1) + step));
    }
    return values;
}

/* Where a slider stands for a value: the stop nearest to it. */
export function nearest(values, value) {
    let best = 0;
    for (let at = 1; at < values.length; at++) {
        if (Math.abs(values[at] - value) < Math.abs(values[best] - value))
            best = at;
    }
    return best;
}

/* "clip" → "clips", "reply" → "replies", "minute of video" → "minutes of video" */
export function units(unit) {
    const [first, ...rest] = String(unit).split(' ');
    const many = /[^aeiou]y$/.test(first) ? `${first.slice(0, -1)}ies`
        : /(s|x|ch|sh)$/.test(first) ? `${first}es` : `${first}s`;
    return [many, ...rest].join(' ');
}

/* {credits: 20, per: 1000} → "20 credits per 1,000 viewer-minutes" */
export function priceWords(price, unit) {
    const charged = `${credits(price.credits)} credit${price.credits === 1 ? '' : 's'}`;
    return price.per === 1 ? `${charged} per ${unit}`
        : `${charged} per ${credits(price.per)} ${units(unit)}`;
}

/*
 * The fields that a price book makes: [{id, label, fields: [field]}] by
 * section. A livestream is asked for by its length and its viewers, all else
 * by its quantity. `book` is the answer of GET …/planner.
 */
export function fieldsOf(book) {
    return book.sections.map(({ id, label, activities }) => ({
        id, label,
        fields: activities.flatMap((activity, at) => {
            const of = (name) => activities.find((each) => each.id === name);
            if (activity.id === room)
                return [lengthField(activity)];
            if (activity.id === viewing)
                return [...(of(room) ? [] : [lengthField(null)]),
                    viewersField(activity)];
            return [plainField(activity, at)];
        }),
    })).filter(({ fields }) => fields.length > 0);
}

const lengthField = (activity) => ({
    id: 'length', activity: activity?.id ?? null, label: 'Length',
    unit: 'minute', price: activity?.price ?? null, priceUnit: 'minute',
    qualities: null, most: mostMinutes, stops: stops(ladders.length),
});

const viewersField = (activity) => ({
    id: 'viewers', activity: activity.id, label: 'Expected viewers',
    unit: 'viewer', price: activity.price, priceUnit: activity.unit,
    qualities: null, most: mostElse, stops: stops(ladders.viewers),
});

const plainField = (activity) => ({
    id: activity.id, activity: activity.id, label: activity.label,
    unit: activity.unit, price: activity.price, priceUnit: activity.unit,
    qualities: activity.qualities, most: mostElse,
    stops: stops(ladders[activity.id] ?? ladders.other),
});

const all = (sections) => sections.flatMap(({ fields }) => fields);

function usualQuality(field) {
    if (!field.qualities)
        return null;
    return Object.hasOwn(field.qualities, usual) ? usual : Object.keys(field.qualities)[0];
}

/*
 * What stands in a field: {value} or {error}, in words. Nothing but digits,
 * as people write and paste them: "1,000" is a thousand, empty is nought.
 */
export function parseQuantity(text, field) {
    const plain = text.trim();
    if (plain === '')
        return { value: 0 };
    const digits = /^\d{1,3}([, \u00a0\u202f]\d{3})+$/.test(plain)
        ? plain.replace(/\D/g, '') : plain;
    if (!/^\d+$/.test(digits)) {
        if (/^[-\u2212]\s*\d/.test(plain))
            return { error: 'Enter 0 or more.' };
        return { error: /^\d+[.,]\d*$/.test(plain)
            ? 'Enter a whole number.' : 'Enter a number in digits, such as 60.' };
    }
    if (digits.replace(/^0+/, '').length > 15 || Number(digits) > field.most)
        return { error: field.id === 'length'
            ? `Enter ${credits(field.most)} minutes (7 days) or less.`
            : `Enter ${credits(field.most)} or less.` };
    return { value: Number(digits) };
}

/* A plan in which nothing is planned: {field: {text, quality}} */
export function emptyPlan(sections) {
    return Object.fromEntries(all(sections).map((field) =>
        [field.id, { text: '', quality: usualQuality(field) }]));
}

/*
 * What is asked of the server: {items, errors, values}. Errors are by field;
 * while there is one, nothing may be asked. What is nought is left out.
 */
export function itemsOf(sections, plan) {
    const errors = {};
    const values = {};
    for (const field of all(sections)) {
        const { value, error } = parseQuantity(plan[field.id].text, field);
        values[field.id] = value ?? 0;
        if (error)
            errors[field.id] = error;
    }
    const items = all(sections).flatMap((field) => {
        const quantity = field.id === 'viewers'
            ? values.length * values.viewers : values[field.id];
        if (!field.activity || quantity === 0)
            return [];
        const item = { activity: field.activity, quantity };
        return [field.qualities
            ? { ...item, quality: plan[field.id].quality } : item];
    });
    return { items: Object.keys(errors).length > 0 ? [] : items,
        errors, values };
}

/*
 * The plan that asks for these items, or null where the fields cannot say it
 * (viewer-minutes that are no whole number of viewers, an activity that is
 * not in the book any more, a quantity beyond a field).
 */
export function planOf(sections, items) {
    const plan = emptyPlan(sections);
    const seen = new Set();
    for (const { activity, quantity, quality = null } of items) {
        const field = all(sections).find((each) => each.activity === activity);
        if (!field || seen.has(activity) || (quality !== null) !==
            (field.qualities !== null) || (quality && !Object.hasOwn(field.qualities, quality)))
            return null;
        seen.add(activity);
        plan[field.id] = { text: String(quantity), quality };
    }
    if (plan.viewers?.text) {
        const viewers = Number(plan.viewers.text) / Number(plan.length.text);
        if (!Number.isInteger(viewers))
            return null;
        plan.viewers.text = String(viewers);
    }
    return Object.keys(itemsOf(sections, plan).errors).length > 0 ? null : plan;
}

/* Whether an address has a plan in it. */
export function hasPlan(query) {
    return [...query.keys()].some((name) => name.startsWith(prefix));
}

/* The plan of an address; what is not in it is empty. */
export function readPlan(sections, query) {
    const plan = emptyPlan(sections);
    for (const field of all(sections)) {
        const said = (query.get(prefix + field.id) ?? '').slice(0, 40);
        const cut = field.qualities ? said.lastIndexOf('.') : -1;
        const quality = said.slice(cut + 1);
        const known = cut >= 0 && Object.hasOwn(field.qualities, quality);
        plan[field.id] = {
            text: nought(known ? said.slice(0, cut) : said),
            quality: known ? quality : usualQuality(field),
        };
    }
    return plan;
}

/* A plan as the fields of another price book have it: what was entered stays,
 * a quality only where it is still offered. */
export function carriedPlan(sections, plan) {
    const next = emptyPlan(sections);
    for (const { id, qualities } of all(sections)) {
        const { text, quality } = plan[id] ?? {};
        next[id].text = text ?? '';
        if (qualities && quality && Object.hasOwn(qualities, quality))
            next[id].quality = quality;
    }
    return next;
}

const nought = (text) => (/^0+$/.test(text) ? '' : text);

/*
 * The same query with this plan in it, and nothing else changed: what is
 * nought, or cannot be read, is not in it.
 */
export function writePlan(sections, plan, query) {
    const next = new URLSearchParams([...query].filter(([name]) =>
        !name.startsWith(prefix)));
    for (const field of all(sections)) {
        const { text, quality } = plan[field.id];
        const { value = 0 } = parseQuantity(text, field);
        if (value === 0 && quality === usualQuality(field))
            continue;
        next.set(prefix + field.id, quality === null ? String(value)
            : `${value}.${quality}`);
    }
    return next;
}

/* Something to begin with: an evening's livestream and what comes after it. */
export function examplePlan(sections) {
    const plan = emptyPlan(sections);
    const some = { length: 60, viewers: 120, clip: 5, draft_post: 3,
        chat_reply: 50 };
    for (const [id, value] of Object.entries(some)) {
        if (plan[id])
            plan[id].text = String(value);
    }
    return plan;
}
