/*
 * The limits as a form: what the API says becomes texts, texts become what is
 * sent, and what is wrong is said at its field.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyOf, capName, draftOf, faultsOf, newCap, usedWords }
    from '../../htdocs/js/lib/limits.js';

const answer = { low_credit_threshold: 200, caps: [
    { id: 'cap_1', on: { member: 'mia' }, credits: 500, per: 'day', used: 120 },
    { id: 'cap_2', on: { feature: 'own_feature' }, credits: 0, per: 'total', used: 0 },
], auto_top_up: { enabled: false, tier: null } };

test('what was read and not changed is sent as it was', () => {
    const { body } = bodyOf(draftOf(answer), answer);
    assert.deepEqual(body, { low_credit_threshold: 200, caps: [
        { on: { member: 'mia' }, credits: 500, per: 'day' },
        { on: { feature: 'own_feature' }, credits: 0, per: 'total' },
    ], auto_top_up: answer.auto_top_up });
});

const numbers = [['1,000', 1000], [' 1 000 ', 1000], ['0', 0],
    ['999999999999', 999999999999], ['', null], ['  ', null]];

for (const [text, count] of numbers)
    test(`a threshold of "${text}" is ${count}`, () => {
        assert.equal(bodyOf({ ...draftOf(answer), threshold: text }, answer)
            .body.low_credit_threshold, count);
    });

for (const text of ['-1', '1.5', '1e3', 'x', '12345678901234567'])
    test(`a threshold of "${text}" is refused at its field`, () => {
        const { body, faults } = bodyOf({ ...draftOf(answer), threshold: text }, answer);
        assert.equal(body, undefined);
        assert.deepEqual([...faults.keys()], ['threshold']);
    });

test('a new cap needs a name and a number', () => {
    const { faults } = bodyOf({ threshold: '', caps: [newCap()] }, answer);
    assert.deepEqual([...faults.keys()], ['caps.0.value', 'caps.0.credits']);
});

const pointers = [
    ['/low_credit_threshold', 'threshold'], ['/caps/0/credits', 'caps.0.credits'],
    ['/caps/12/on', 'caps.12.value'], ['/caps/3/on/member', 'caps.3.value'],
    ['/caps/3', 'caps.3.value'],
];

for (const [pointer, field] of pointers)
    test(`what is wrong at ${pointer} is said at ${field}`, () => {
        const { faults, rest } = faultsOf([{ pointer, detail: 'is too long' }]);
        assert.deepEqual([...faults], [[field, 'Is too long.']]);
        assert.deepEqual(rest, []);
    });

test('what has no field is said all the same', () => {
    assert.deepEqual(faultsOf([{ pointer: '/caps', detail: 'cap 2 is that of cap 1 again' }]).rest,
        ['Cap 2 is that of cap 1 again.']);
    assert.equal(faultsOf(undefined).faults.size, 0);
});

test('what is used, in words', () => {
    const [daily, all] = draftOf(answer).caps;
    assert.equal(usedWords(daily), '120 of 500 used today');
    assert.equal(usedWords({ ...daily, per: 'month' }), '120 of 500 used this month');
    assert.equal(usedWords(all), '0 of 0 used so far');
    assert.equal(capName(all), 'Feature Own feature');
});
