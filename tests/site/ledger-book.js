// A test's own book of what it made a Space do, apart from all that the site
// says: what passes a filter, what a group comes to, which day it is there.
//
//     const book = newBook('Europe/London');
//     book.add(event);                     // as the API answered it
//     book.groups('livestream', from, to); // what /usage has to say

import assert from 'node:assert/strict';

import { ok } from './meter.js';

export const REFERENCES = ['livestream', 'order', 'campaign', 'feature', 'member'];
const usage = ({ kind }) => kind === 'captured_usage' || kind === 'usage_refund';

// The date that it is in a zone, by what Node knows of zones.
export function dayIn(zone) {
    const format = new Intl.DateTimeFormat('en-CA', { timeZone: zone,
        year: 'numeric', month: '2-digit', day: '2-digit' });
    return (time) => format.format(new Date(time));
}

export const addDays = (date, days) => new Date(Date.parse(`${date}T00:00:00Z`)
    + days * 86400000).toISOString().slice(0, 10);

function sums(events) {
    const of = (kind, sign) => events.filter((event) => event.kind === kind)
        .reduce((sum, { credits }) => sum + sign * credits, 0);
    const captured = of('captured_usage', -1);
    const refunded = of('usage_refund', 1);
    return { captured, refunded, net: captured - refunded,
        events: events.length };
}

// By their bytes, as a database sorts them.
const bytes = (a, b) => Buffer.compare(Buffer.from(a ?? ''), Buffer.from(b ?? ''));

export function newBook(zone) {
    const day = dayIn(zone);
    const events = [];
    const within = (from, to) => events.filter((event) => usage(event)
        && day(event.occurred_at) >= from && day(event.occurred_at) <= to);
    return {
        events,
        day: (event) => day(event.occurred_at),
        add: (event) => { events.push(event); },
        total: (from, to) => sums(within(from, to)),
        days(from, to) {
            const dates = [...new Set(within(from, to)
                .map(({ occurred_at: at }) => day(at)))].sort();
            return dates.map((date) => {
                const { captured, refunded } = sums(within(date, date));
                return { date, captured, refunded };
            });
        },
        groups(by, from, to) {
            return [...grouped(within(from, to), by)].map(([key, list]) => ({ key, ...sums(list),
                first_at: list[0].occurred_at,
                last_at: list.at(-1).occurred_at }))
                .sort((a, b) => b.net - a.net || bytes(a.key, b.key));
        },
        // Newest first. `filter` as the API takes it, and `kind` a list.
        passing(filter) {
            const { kind, from, to, ...references } = filter;
            const at = (event, end) => (end.length === 10
                ? day(event.occurred_at) : event.occurred_at);
            return events.filter((event) => (
                (kind === undefined || kind.includes(event.kind))
                && (from === undefined || at(event, from) >= from)
                && (to === undefined || at(event, to) <= to)
                && Object.entries(references).every(([name, value]) => (
                    value === '' ? usage(event) && event[name] === null
                        : event[name] === value)))).reverse();
        },
    };
}

function grouped(list, by) {
    const keys = new Map();
    for (const event of list) {
        if (!keys.has(event[by])) keys.set(event[by], []);
        keys.get(event[by]).push(event);
    }
    return keys;
}

export const queryOf = (filter) => new URLSearchParams(Object.entries(filter)
    .map(([name, value]) => [name, String(value)])).toString();

// All of a list, page by page; `between` runs after each page.
export async function pages(space, path, member, limit, between = () => {}) {
    const all = [];
    let cursor = '';
    let last;
    do {
        last = ok(await space.get(`${path}${path.includes('?') ? '&' : '?'}`
            + `limit=${limit()}${cursor}`), 200);
        all.push(...last[member]);
        cursor = last.next_before
            && `&before=${encodeURIComponent(last.next_before)}`;
        if (cursor) await between(last);
    } while (cursor);
    return { all, last };
}

// RFC 4180, and nothing more lenient: the lines as lists of
// {text, quoted}; throws where it is none.
export function readCsv(text) {
    const lines = [];
    let line = [];
    let at = 0;
    while (at < text.length) {
        let cell;
        if (text[at] === '"') {
            let end = at + 1;
            for (;;) {
                end = text.indexOf('"', end);
                assert.ok(end > 0, 'a quote is not closed');
                if (text[end + 1] !== '"') break;
                end += 2;
            }
            cell = { text: text.slice(at + 1, end).replaceAll('""', '"'),
                quoted: true };
            at = end + 1;
        } else {
            let end = at;
            while (end < text.length && !',\r\n"'.includes(text[end])) end += 1;
            cell = { text: text.slice(at, end), quoted: false };
            at = end;
        }
        line.push(cell);
        if (text[at] === ',') {
            at += 1;
            assert.ok(at < text.length, 'the text ends in a line');
        } else {
            assert.equal(text.slice(at, at + 2), '\r\n', `behind ${cell.text}`);
            at += 2;
            lines.push(line);
            line = [];
        }
    }
    assert.equal(line.length, 0, 'the last line is not ended');
    return lines;
}

// The same as objects by the header's names.
export function csvRows(text) {
    const [header, ...lines] = readCsv(text);
    const names = header.map((cell) => cell.text);
    return lines.map((line) => {
        assert.equal(line.length, names.length);
        return Object.fromEntries(line.map((cell, i) => [names[i], cell]));
    });
}
