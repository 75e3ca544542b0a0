/*
 * Credits, money and times in words: tables of cases. Figures that are wrong
 * by one unit, or that lose digits, must fail here.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as format from '../../htdocs/js/lib/format.js';

const cases = {
    credits: [
        ['nought has no sign', [0], '0'],
        ['nought has no sign where it was subtracted', [-0], '0'],
        ['thousands are grouped', [3000], '3,000'],
        ['below zero has a real minus sign', [-250], '\u2212250'],
        ['the largest figure keeps all its digits', [9007199254740991],
            '9,007,199,254,740,991'],
    ],
    creditWords: [
        ['one is one', [1], '1 credit'],
        ['minus one is one', [-1], '\u22121 credit'],
        ['none is many', [0], '0 credits'],
        ['many are many', [3000], '3,000 credits'],
    ],
    signed: [
        ['what comes in has a plus', [3000], '+3,000'],
        ['what goes out has a minus', [-72], '\u221272'],
        ['what charges nothing has none', [0], '0'],
    ],
    money: [
        ['whole pounds have no pence', [2500, 'GBP'], '£25'],
        ['pence have two digits', [2905, 'GBP'], '£29.05'],
        ['noughts are shown where they are asked for',
            [2500, 'GBP', { exact: true }], '£25.00'],
        ['a penny is a penny', [1, 'GBP'], '£0.01'],
        ['yen have no minor unit', [2500, 'JPY'], 'JP¥2,500'],
        ['dinars have three digits', [2501, 'KWD'], 'KWD\u00a02.501'],
        ['below zero has a real minus sign', [-2917, 'GBP'], '\u2212£29.17'],
        ['the largest amount keeps its pence', [9007199254740991, 'GBP'],
            '£90,071,992,547,409.91'],
    ],
    worth: [
        ['3,000 credits at 120 are 2,500 pence', [3000, rate(120)], 2500],
        ['a half is rounded up', [3, rate(200)], 2],
        ['less than a half is rounded down', [500, rate(120)], 417],
        ['below zero it is the same', [-500, rate(120)], -417],
        ['no rate, no worth', [500, rate(0)], 0],
        ['it does not overflow', [9007199254740991, rate(100)],
            9007199254740991],
    ],
    day: [
        ['a day is of the zone', ['2026-11-30T23:30:00.000Z', 'Asia/Tokyo'],
            '1 Dec 2026'],
        ['and not of Greenwich', ['2026-11-30T23:30:00.000Z', 'Europe/London'],
            '30 Nov 2026'],
    ],
    moment: [
        ['a moment is of the zone', ['2026-07-01T09:05:00.000Z', 'Europe/London'],
            '1 Jul 2026, 10:05'],
        ['midnight is 00', ['2026-07-01T23:00:00.000Z', 'Europe/London'],
            '2 Jul 2026, 00:00'],
    ],
    ago: [
        ['under a minute is just now', [0, 59_999], 'just now'],
        ['a minute is a minute', [0, 60_000], '1 min ago'],
        ['minutes', [0, 150_000], '2 min ago'],
        ['hours', [0, 3 * 3_600_000], '3 h ago'],
        ['one day', [0, 30 * 3_600_000], '1 day ago'],
        ['days', [0, 72 * 3_600_000], '3 days ago'],
        ['the future is just now', [1000, 0], 'just now'],
    ],
    wait: [
        ['nothing is a second', [0], '1 second'],
        ['seconds', [59], '59 seconds'],
        ['a minute', [60], '1 minute'],
        ['more than a minute is rounded up', [61], '2 minutes'],
        ['quarter of an hour', [840], '14 minutes'],
        ['hours are rounded up', [3601], '2 hours'],
    ],
    anyOf: [
        ['nobody', [[]], ''],
        ['one', [['Ada']], 'Ada'],
        ['two', [['Ada', 'Grace']], 'Ada or Grace'],
        ['three', [['Ada', 'Grace', 'Linus']], 'Ada, Grace or Linus'],
    ],
    label: [
        ['an activity', ['chat_reply'], 'Chat reply'],
        ['a feature of the caller', ['my-feature'], 'My feature'],
        ['none', [null], ''],
    ],
    initials: [
        ['two names', ['Olivia Owner'], 'OO'],
        ['three names', ['Ada King Lovelace'], 'AL'],
        ['one name', ['demo'], 'D'],
        ['letters outside the basic plane stay whole', ['𝒜da 𝒲ong'], '𝒜𝒲'],
        ['no name', ['  '], ''],
    ],
};

function rate(credits) {
    return { credits, per: { amount: 100, currency: 'GBP' } };
}

for (const [name, rows] of Object.entries(cases)) {
    for (const [sentence, input, wanted] of rows)
        test(`${name}: ${sentence}`, () => {
            assert.deepEqual(format[name](...input), wanted);
        });
}
