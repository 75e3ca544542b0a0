/*
 * Which events the history shows: a filter, its place in the page's address
 * and in the API's. A filter holds only what is set: {kind: [...], livestream,
 * order, campaign, feature, member, from, to}. What an address says is passed
 * on as it stands: whether it can be read is for the API to say, so that a
 * page never shows more than what its address asks for. An empty reference is
 * usage that has none of its kind. `event`, an id, stands alone: that one
 * event.
 */

import { credits, day, label } from './format.js';

export const kinds = {
    top_up: 'Top-ups',
    included_allocation: 'Included credits',
    bonus: 'Bonus credits',
    captured_usage: 'Usage',
    usage_refund: 'Refunded usage',
    top_up_refund: 'Refunded top-ups',
    dispute: 'Disputed payments',
    dispute_reversal: 'Disputes won',
    expiry: 'Expired credits',
    adjustment: 'Adjustments',
};

/* Kinds that are asked for together. */
export const kindGroups = [
    ['Usage and its refunds', ['captured_usage', 'usage_refund']],
    ['Top-ups and what became of them',
        ['top_up', 'top_up_refund', 'dispute', 'dispute_reversal']],
    ['Credits that were given', ['included_allocation', 'bonus']],
];

export const references = {
    livestream: 'Livestream',
    order: 'Order',
    campaign: 'Campaign',
    feature: 'Feature',
    member: 'Member',
};

/* What has no such reference. */
export const noReference = {
    livestream: 'Without a livestream',
    order: 'Without an order',
    campaign: 'Without a campaign',
    feature: 'Without a feature',
    member: 'Without a member',
};

/* The page's own `order` is the checkout order that a payment returns with. */
const inAddress = { kind: 'kind', livestream: 'livestream', order: 'for_order',
    campaign: 'campaign', feature: 'feature', member: 'member',
    from: 'from', to: 'to', event: 'event' };

/* Only a reference says something when it is empty. */
function isSet(name, value) {
    return value !== null && value !== undefined &&
        (value.length > 0 || Object.hasOwn(references, name));
}

/* The filter of an address; `params` are its URLSearchParams. */
export function filterOf(params) {
    const filter = {};
    for (const [name, key] of Object.entries(inAddress)) {
        const value = params.get(key);
        if (isSet(name, value))
            filter[name] = name === 'kind' ? value.split(',') : value;
    }
    return filter;
}

/* The same address with this filter instead of what it had. */
export function withFilter(params, filter) {
    const next = new URLSearchParams(params);
    for (const [name, key] of Object.entries(inAddress)) {
        if (isSet(name, filter[name]))
            next.set(key, String(filter[name]));
        else
            next.delete(key);
    }
    return next;
}

/* The filter as the API's parameters. */
export function filterQuery(filter) {
    const query = new URLSearchParams();
    for (const name of Object.keys(inAddress)) {
        if (name !== 'event' && isSet(name, filter[name]))
            query.set(name, String(filter[name]));
    }
    return query;
}

export function isFiltered(filter) {
    return Object.keys(filter).length > 0;
}

/* Kinds in words: the name of a group, or the kinds one by one. */
export function kindWords(list) {
    const same = ([, group]) => group.length === list.length &&
        group.every((kind) => list.includes(kind));
    return kindGroups.find(same)?.[0] ??
        list.map((kind) => kinds[kind] ?? kind).join(', ');
}

/* Whether a text is a day of the calendar, as 2026-11-22. */
export function isDate(text) {
    if (!/^\d{4}-\d\d-\d\d$/.test(text ?? ''))
        return false;
    const at = new Date(`${text}T00:00:00Z`);
    return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

function dateWords(date) {
    return isDate(date) ? day(date, 'UTC') : date;
}

/*
 * What is set, each with its words: [{names, words}]. `names` are the members
 * that go when it is taken away.
 */
export function filterWords(filter) {
    if (filter.event)
        return [{ names: Object.keys(filter), words: 'One event' }];
    const parts = [];
    if (filter.kind)
        parts.push({ names: ['kind'], words: kindWords(filter.kind) });
    for (const [name, words] of Object.entries(references)) {
        const value = filter[name];
        if (isSet(name, value))
            parts.push({ names: [name], words: value === ''
                ? noReference[name] : `${words}: ${
                    name === 'feature' ? label(value) : value}` });
    }
    const { from, to } = filter;
    if (from && to)
        parts.push({ names: ['from', 'to'], words: from === to
            ? dateWords(from) : `${dateWords(from)} to ${dateWords(to)}` });
    else if (from || to)
        parts.push({ names: ['from', 'to'],
            words: from ? `Since ${dateWords(from)}` : `Until ${dateWords(to)}` });
    return parts;
}

/* Without these members. */
export function without(filter, names) {
    return Object.fromEntries(Object.entries(filter)
        .filter(([name]) => !names.includes(name)));
}

/* "3 events", for what is announced. */
export function eventWords(count) {
    return `${credits(count)} ${count === 1 ? 'event' : 'events'}`;
}
