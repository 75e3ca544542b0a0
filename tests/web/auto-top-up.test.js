/*
 * Auto top-up as a form and in words: texts become terms, what is wrong is
 * said at its field, and every state has words.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cardWords, draftOf, stateWords, termsOf }
    from '../../htdocs/js/lib/auto-top-up.js';

const tiers = [
    { id: 'gbp25', amount: 2500, currency: 'GBP', label: '£25', credits: 3000 },
    { id: 'gbp50', amount: 5000, currency: 'GBP', label: '£50', credits: 6000 },
];
const never = { tier: null, threshold: null, monthly_max: null };

test('what was never agreed to begins with something sensible', () => {
    assert.deepEqual(draftOf(never, tiers),
        { tier: 'gbp25', threshold: '750', monthlyMax: '100' });
    assert.equal(draftOf(never, []), null);
});

test('what was agreed to is shown as it is, and sent as it was', () => {
    const draft = draftOf({ tier: 'gbp50', threshold: 5, monthly_max: 10050 }, tiers);
    assert.deepEqual(draft, { tier: 'gbp50', threshold: '5', monthlyMax: '100.50' });
    assert.deepEqual(termsOf(draft, tiers).terms,
        { enabled: true, tier: 'gbp50', threshold: 5, monthly_max: 10050 });
});

test('what is agreed to is said in the server\u2019s words', () => {
    assert.equal(termsOf({ tier: 'gbp25', threshold: '1,000', monthlyMax: '£100' }, tiers).words,
        'Whenever fewer than 1,000 credits are available, the saved card is charged £25 for more ' +
        'credits, at most £100 in a calendar month, until this is turned off.');
});

const wrong = [
    ['threshold', ''], ['threshold', '0'], ['threshold', '-5'], ['threshold', '1.5'],
    ['threshold', 'many'], ['threshold', '3001'], ['monthlyMax', ''], ['monthlyMax', '24.99'],
    ['monthlyMax', 'lots'], ['monthlyMax', '100.001'], ['monthlyMax', '-100'],
];

for (const [field, text] of wrong)
    test(`${field} "${text}" is wrong, and said there alone`, () => {
        const { faults } = termsOf({ ...draftOf(never, tiers), [field]: text }, tiers);
        assert.deepEqual([...faults.keys()], [field]);
    });

const amounts = [['25', 2500], ['£25', 2500], ['1,000.5', 100050], ['25.', 2500], ['99.99', 9999]];

for (const [text, amount] of amounts)
    test(`a ceiling of "${text}" is ${amount}`, () => assert.equal(
        termsOf({ ...draftOf(never, tiers), monthlyMax: text }, tiers).terms.monthly_max, amount));

test('every state but off and ready has words and ways on', () => {
    const about = { tier: tiers[0], timeZone: 'Europe/London', currency: 'GBP' };
    for (const state of ['needs_card', 'charging', 'backing_off', 'ceiling_reached',
        'needs_confirmation', 'paused']) {
        const words = stateWords({ state, next_attempt_at: '2031-05-06T07:08:09Z',
            charged_this_month: 0, monthly_max: 1, last_refusal: null }, about);
        assert.ok(words.title && words.text && Array.isArray(words.ways), state);
        assert.doesNotMatch(words.text, /null|undefined/, state);
    }
    assert.equal(stateWords({ state: 'ready' }, about), null);
    assert.equal(cardWords({ brand: 'visa', last4: '0001' }), 'Visa ending 0001');
    assert.equal(cardWords({ brand: 'jcb', last4: '0001' }), 'Jcb ending 0001');
});
