/*
 * Filters of the history between address, API and words; an event's own words.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filterOf, filterQuery, filterWords, isFiltered, withFilter,
    without } from '../../htdocs/js/lib/history-filter.js';
import { amountWords, balanceWords, exactMoment, followedWords, lotWords,
    priceWords, referenceWords, refundedWords, whyWords }
    from '../../htdocs/js/lib/history-words.js';

const filters = [
    ['nothing', {}, '', []],
    ['kinds', { kind: ['bonus', 'expiry'] }, 'kind=bonus%2Cexpiry',
        ['Bonus credits, Expired credits']],
    ['a group of kinds', { kind: ['usage_refund', 'captured_usage'] },
        'kind=usage_refund%2Ccaptured_usage', ['Usage and its refunds']],
    ['a reference', { livestream: 'a&b=c' }, 'livestream=a%26b%3Dc',
        ['Livestream: a&b=c']],
    ['usage without a reference', { campaign: '' }, 'campaign=',
        ['Without a campaign']],
    ['markup stays text', { campaign: '<script>' }, 'campaign=%3Cscript%3E',
        ['Campaign: <script>']],
    ['an order, which is not the order of a payment', { order: 'o1' },
        'order=o1', ['Order: o1']],
    ['days', { from: '2026-11-01', to: '2026-11-22' },
        'from=2026-11-01&to=2026-11-22', ['1 Nov 2026 to 22 Nov 2026']],
    ['one day', { from: '2026-11-01', to: '2026-11-01' },
        'from=2026-11-01&to=2026-11-01', ['1 Nov 2026']],
    ['since a day', { from: '2026-11-01' }, 'from=2026-11-01', ['Since 1 Nov 2026']],
    ['a day that is none is passed on as it is', { to: 'x' }, 'to=x', ['Until x']],
    ['a kind that is none is passed on as it is', { kind: ['x'] }, 'kind=x', ['x']],
    ['one event', { event: 'evt_1' }, '', ['One event']],
];

for (const [sentence, filter, query, words] of filters)
    test(`filter: ${sentence}`, () => {
        assert.equal(String(filterQuery(filter)), query);
        assert.deepEqual(filterWords(filter).map((part) => part.words), words);
        assert.equal(isFiltered(filter), words.length > 0);
        const address = withFilter(
            new URLSearchParams('space=s&order=ord_1&kind=expiry&event=e'), filter);
        assert.deepEqual(filterOf(address), filter, 'it comes back from the address');
        assert.equal(address.get('order'), 'ord_1', 'the payment\u2019s order stays');
        const rest = filterWords(filter).reduce((left, part) =>
            without(left, part.names), filter);
        assert.deepEqual(rest, {}, 'each part can be taken away');
    });

const base = { id: 'evt_9', kind: 'captured_usage', credits: -202,
    balance_after: 798, occurred_at: '2026-07-01T22:59:59.500Z', feature: 'own',
    livestream: 'l', order: null, campaign: null, member: 'm',
    checkout_order: null, refund_of: null };

test('before, change and after add up, with real signs', () => {
    assert.equal(balanceWords(base), '1,000 \u2212 202 = 798');
    assert.equal(balanceWords({ credits: 3000, balance_after: 2750 }),
        '\u2212250 + 3,000 = 2,750');
    assert.equal(balanceWords({ credits: 0, balance_after: 5 }), '5 + 0 = 5');
});

const prices = [
    [{ credits: 20, per: 1000 }, 'viewer-minute', '20 credits per 1,000 viewer-minutes'],
    [{ credits: 2, per: 1 }, 'minute', '2 credits per minute'],
    [{ credits: 1, per: 1 }, 'reply', '1 credit per reply'],
    [{ credits: 1, per: 10 }, 'reply', '1 credit per 10 replies'],
    [{ credits: 10, per: 10 }, 'minute of video', '10 credits per 10 minutes of video'],
    [null, null, null],
];

for (const [price, unit, words] of prices)
    test(`price: ${words}`, () => assert.equal(priceWords(price, unit), words));

test('lots, references, amounts and times in words', () => {
    assert.deepEqual(lotWords({ lots: [
        { lot: 'lot_1', kind: 'included', credits: -2 },
        { lot: null, kind: 'debt', credits: -1 },
        { lot: 'lot_2', kind: 'top_up', credits: 5 }] }), [
        { words: '\u22122 Included credits', lot: 'lot_1' },
        { words: '\u22121 Owed', lot: null },
        { words: '+5 Topped-up credits', lot: 'lot_2' }]);
    assert.deepEqual(referenceWords(base).map(({ name, value, shown }) =>
        [name, value, shown]),
    [['livestream', 'l', 'l'], ['feature', 'own', 'Own'], ['member', 'm', 'm']]);
    assert.equal(amountWords({ amount: 2500, currency: 'GBP' }), '£25.00');
    assert.equal(amountWords({ amount: null, currency: null }), null);
    assert.equal(exactMoment(base.occurred_at, 'Europe/London'),
        '1 Jul 2026, 23:59:59 BST');
});

const becomes = [
    ['usage', { kind: 'captured_usage', credits: -5 }, 'Refunded by'],
    ['a top-up', { kind: 'top_up', credits: 3000 }, 'Refunds and disputes'],
    ['a dispute', { kind: 'dispute', credits: -3000 }, 'Given back by'],
    ['a refund', { kind: 'top_up_refund', credits: -3000 }, 'Reversed by'],
    ['a refund that came back', { kind: 'top_up_refund', credits: 3000 }, null],
    ['a dispute that was won', { kind: 'dispute_reversal', credits: 1 }, null],
    ['a grant', { kind: 'bonus', credits: 5 }, null],
];

for (const [sentence, event, name] of becomes)
    test(`what may follow ${sentence}: ${name ?? 'nothing'}`, () => {
        assert.equal(followedWords(event)?.name ?? null, name);
    });

const refunds = [
    [{ kind: 'usage_refund', credits: 5 }, 'Refunds', null],
    [{ kind: 'top_up_refund', credits: -3000, lots: [
        { lot: null, kind: 'debt', credits: -250 }] }, 'Refund of',
    /refunded.*250 credits of them had been used already and are owed/],
    [{ kind: 'top_up_refund', credits: -1, lots: [] }, 'Refund of',
        /taken back\.$/],
    [{ kind: 'top_up_refund', credits: 3000 }, 'Given back of',
        /did not go through/],
    [{ kind: 'dispute', credits: -3000, lots: [] }, 'Dispute of',
        /bank disputes.*until that is decided/],
    [{ kind: 'dispute_reversal', credits: 3000 }, 'Given back of',
        /decided for this Space/],
];

for (const [event, name, why] of refunds)
    test(`${event.kind} of ${event.credits} says what it is of, and why`, () => {
        assert.equal(refundedWords({ ...event, refund_of: 'evt_1' }).name, name);
        assert.equal(refundedWords({ ...event, refund_of: null }), null);
        if (why)
            assert.match(whyWords(event), why);
        else
            assert.equal(whyWords(event), null);
    });
