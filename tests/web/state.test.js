/*
 * Small decisions of the pages: how often to ask, which Space, what a warning
 * says and when it stays away.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calmMs, isStale, keenMs, pollDelay } from '../../htdocs/js/lib/poll.js';
import { chooseSpace } from '../../htdocs/js/lib/space.js';
import { debtCauses, dismissal, runwayWords, stillDismissed, warningWords }
    from '../../htdocs/js/lib/warning.js';

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
    ['below zero while work runs', { level: 'negative' },
        { available: -250, held: 50 }, 'Below zero: \u2212250 credits',
        /goes on with the credits it holds.*keeps working/],
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

const taken = (kind, order, owed, more = {}) => ({ kind, credits: -3000,
    checkout_order: order, lots: [
        { lot: 'lot_1', kind: 'top_up', credits: owed - 3000 },
        ...owed ? [{ lot: null, kind: 'debt', credits: -owed }] : []], ...more });
const causes = [
    ['the refund that took more than there was',
        [taken('top_up_refund', 'a', 250)], 250, [['a', 250]]],
    ['not one that found all it took',
        [taken('dispute', 'b', 0), taken('top_up_refund', 'a', 250)], 250,
        [['a', 250]]],
    ['not one before what is owed now', [taken('dispute', 'b', 250),
        taken('top_up_refund', 'a', 900)], 200, [['b', 250]]],
    ['several, the newest first', [taken('dispute', 'b', 250),
        taken('top_up_refund', 'a', 900)], 1150, [['b', 250], ['a', 900]]],
    ['not a dispute that was won since', [
        taken('dispute_reversal', 'b', 0, { credits: 3000 }),
        taken('dispute', 'b', 250), taken('top_up_refund', 'a', 900)], 900,
    [['a', 900]]],
    ['nothing where nothing is owed', [taken('dispute', 'b', 250)], 0, []],
    ['nothing where nothing is known', [], 250, []],
];

for (const [sentence, events, debt, wanted] of causes)
    test(`what is owed comes from ${sentence}`, () => {
        assert.deepEqual(debtCauses(events, debt).map(({ event, owed }) =>
            [event.checkout_order, owed]), wanted);
    });

const low = { level: 'low', threshold: 200 };
const dismissals = [
    ['stays away while it lasts', low, low, true],
    ['comes back at the next level', low, { level: 'empty' }, false],
    ['comes back at the next crossing, though nobody looked in between',
        { ...low, since: '2026-11-01' }, { ...low, since: '2026-11-22' }, false],
    ['is forgotten when it ends', low, null, false],
    ['was never dismissed', null, low, false],
];

for (const [sentence, first, warning, wanted] of dismissals)
    test(`a dismissed warning ${sentence}`, () => {
        const kept = first && JSON.parse(JSON.stringify(dismissal(first)));
        assert.equal(stillDismissed(kept, warning) !== null, wanted);
    });

test('the warning names the threshold that the Space has set', () => {
    assert.match(warningWords(low, { available: 180 }).text,
        /below 200 credits\..*keeps working/);
});

test('the warning says since when, in the time zone of the Space', () => {
    for (const level of ['low', 'empty', 'negative'])
        assert.match(warningWords({ level, since: '2026-06-30T23:30:00.000Z' },
            { available: 1, held: 0 }, 'Europe/London').text,
        /Since 1 Jul 2026, 00:30\.$/);
});

const runways = [[null, null], [undefined, null],
    [0, 'Lasts less than a day at the recent pace'],
    [1, 'Lasts about 1 day at the recent pace'],
    [12, 'Lasts about 12 days at the recent pace'],
    [4000, 'Lasts about 4,000 days at the recent pace']];

for (const [days, words] of runways)
    test(`${days} days of runway: ${words ?? 'nothing is said'}`, () => {
        assert.equal(runwayWords(days), words);
    });
