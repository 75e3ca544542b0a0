/*
 * Small decisions of the pages: how often to ask, which Space, what a warning
 * says and when it stays away.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calmMs, isStale, keenMs, pollDelay } from '../../htdocs/js/lib/poll.js';
import { chooseSpace } from '../../htdocs/js/lib/space.js';
import { stillDismissed, warningWords } from '../../htdocs/js/lib/warning.js';

const polls = [
    ['calmly while the page is seen', { visible: true }, calmMs],
    ['often while a payment is being confirmed',
        { visible: true, keen: true }, keenMs],
    ['not at all while nobody sees it', { visible: false, keen: true }, null],
    ['after one failure as calmly as ever',
        { visible: true, keen: true, failures: 1 }, calmMs],
    ['after more failures less', { visible: true, failures: 3 }, 4 * calmMs],
    ['but once in two minutes', { visible: true, failures: 50 }, 120_000],
    ['not before the server said',
        { visible: true, failures: 1, retryAfter: 90 }, 90_000],
];

for (const [sentence, given, wanted] of polls)
    test(`asks ${sentence}`, () => {
        assert.equal(pollDelay({ keen: false, failures: 0, ...given }), wanted);
    });

test('figures are called old after a minute without an answer', () => {
    assert.equal(isStale(null, 10 ** 9), false);
    assert.equal(isStale(0, 59_999), false);
    assert.equal(isStale(0, 60_000), true);
});

const spaces = [{ slug: 'demo' }, { slug: 'free' }];
const choices = [
    ['the address decides', ['free', 'demo', 'demo'], 'free'],
    ['a Space that is not mine is passed over', ['other', null, 'free'], 'free'],
    ['without a wish it is the first', [null, null, null], 'demo'],
    ['what is remembered wrongly does not matter', [null, 7, {}], 'demo'],
];

for (const [sentence, wanted, slug] of choices)
    test(`which Space: ${sentence}`, () => {
        assert.equal(chooseSpace(spaces, wanted).slug, slug);
    });

test('which Space: none is none', () => {
    assert.equal(chooseSpace([], ['demo']), null);
});

const balance = { available: -250, held: 0 };
const warnings = [
    ['none', null, balance, null],
    ['low', { level: 'low' }, { available: 180, held: 0 },
        'Running low: 180 credits left', /keeps working/],
    ['empty', { level: 'empty' }, { available: 0, held: 0 },
        'No credits are available', /have stopped.*keeps working/],
    ['empty while work runs', { level: 'empty' }, { available: 0, held: 50 },
        'No credits are available', /running work, which goes on/],
    ['below zero, with a real minus sign', { level: 'negative' }, balance,
        'Below zero: \u2212250 credits', /refunded or disputed.*settle/],
    ['a level that is new to this page', { level: 'x', message: 'Look' },
        balance, 'About your credits', /^Look$/],
];

for (const [sentence, warning, now, title, text] of warnings)
    test(`warning: ${sentence}`, () => {
        const words = warningWords(warning, now);
        assert.equal(words?.title ?? null, title);
        if (text)
            assert.match(words.text, text);
    });

const dismissals = [
    ['stays away while it lasts', 'low', { level: 'low' }, 'low'],
    ['comes back at the next level', 'low', { level: 'empty' }, null],
    ['is forgotten when it ends', 'low', null, null],
    ['was never dismissed', null, { level: 'low' }, null],
];

for (const [sentence, kept, warning, wanted] of dismissals)
    test(`a dismissed warning ${sentence}`, () => {
        assert.equal(stillDismissed(kept, warning), wanted);
    });
