/*
 * One key for one intended purchase: kept across retries, reloads and returns,
 * and never kept for the purchase after it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { purchases } from '../../htdocs/js/lib/purchase.js';
import { jsonStorage } from '../../htdocs/js/lib/storage.js';
import { uuid7 } from '../../htdocs/js/lib/uuid.js';

/* A tab's storage, a clock that the test moves, and keys that can be told. */
function world() {
    const items = new Map();
    const area = {
        getItem: (name) => items.get(name) ?? null,
        setItem: (name, value) => items.set(name, value),
        removeItem: (name) => items.delete(name),
    };
    let count = 0;
    const clock = { now: 1000 };
    const open = () => purchases(jsonStorage(() => area), {
        now: () => clock.now, newKey: () => `key-${++count}` });
    return { items, area, clock, open };
}

const order = (id, status = 'awaiting_payment') => ({ id, status });

test('a second click has the key of the first', () => {
    const { open } = world();
    const page = open();
    assert.equal(page.begin('demo', 'gbp25').key, 'key-1');
    assert.equal(page.begin('demo', 'gbp25').key, 'key-1');
});

test('a reload keeps the key', () => {
    const { open } = world();
    open().begin('demo', 'gbp25');
    assert.equal(open().begin('demo', 'gbp25').key, 'key-1');
});

test('another tier or another Space has its own key', () => {
    const { open } = world();
    const page = open();
    const keys = [['demo', 'gbp25'], ['demo', 'gbp50'], ['other', 'gbp25']]
        .map(([space, tier]) => page.begin(space, tier).key);
    assert.equal(new Set(keys).size, 3);
});

test('the order is found by its id, and begun orders keep their key', () => {
    const page = world().open();
    page.begin('demo', 'gbp50');
    page.ordered('demo', 'gbp50', 'ord_1');
    assert.deepEqual(page.find('ord_1'), { space: 'demo', tier: 'gbp50' });
    assert.equal(page.find('ord_2'), null);
    assert.equal(page.begin('demo', 'gbp50').key, 'key-1');
});

test('an ended purchase is followed by a new one', () => {
    const page = world().open();
    page.begin('demo', 'gbp25');
    page.end('demo', 'gbp25');
    assert.equal(page.begin('demo', 'gbp25').key, 'key-2');
});

const settled = [
    ['an order that is still to be paid keeps its key',
        [order('ord_1')], 'key-1'],
    ['a paid order, which the list has no more, gives a new key',
        [], 'key-2'],
    ['an order that is being processed gives a new key',
        [order('ord_1', 'processing')], 'key-2'],
    ['an order under review gives a new key',
        [order('ord_1', 'review')], 'key-2'],
    ['other orders do not matter', [order('ord_9')], 'key-2'],
];

for (const [sentence, open, wanted] of settled)
    test(`settle: ${sentence}`, () => {
        const { open: load, clock } = world();
        const page = load();
        page.begin('demo', 'gbp25');
        page.ordered('demo', 'gbp25', 'ord_1');
        clock.now = 2000;
        page.settle('demo', open, 1500);
        assert.equal(page.begin('demo', 'gbp25').key, wanted);
    });

test('settle: a list asked for before the order was made judges nothing', () => {
    const { open, clock } = world();
    const page = open();
    page.begin('demo', 'gbp25');
    clock.now = 2000;
    page.ordered('demo', 'gbp25', 'ord_1');
    page.settle('demo', [], 1500);
    assert.equal(page.begin('demo', 'gbp25').key, 'key-1');
});

test('settle: a purchase whose order is not known yet is kept', () => {
    const { open } = world();
    const page = open();
    page.begin('demo', 'gbp25');
    page.settle('demo', [], 5000);
    assert.equal(page.begin('demo', 'gbp25').key, 'key-1');
});

test('the chosen tier is kept for each Space', () => {
    const { open } = world();
    open().choose('demo', 'gbp100');
    open().choose('free', 'gbp25');
    assert.equal(open().chosen('demo'), 'gbp100');
    assert.equal(open().chosen('free'), 'gbp25');
    assert.equal(open().chosen('other'), null);
});

const broken = [
    ['forbidden', () => { throw new Error('SecurityError'); }],
    ['full', () => ({ getItem: () => null, removeItem() {},
        setItem() { throw new Error('QuotaExceededError'); } })],
    ['spoilt by hand', () => ({ getItem: () => '{"demo":', removeItem() {},
        setItem() {} })],
    ['of another kind', () => ({ getItem: () => '7', removeItem() {},
        setItem() {} })],
];

for (const [sentence, area] of broken)
    test(`storage that is ${sentence} loses no purchase of this page`, () => {
        let count = 0;
        const page = purchases(jsonStorage(area),
            { newKey: () => `key-${++count}` });
        const first = page.begin('demo', 'gbp25').key;
        assert.match(first, /^key-\d$/);
        if (sentence !== 'of another kind')
            assert.equal(page.begin('demo', 'gbp25').key, first);
    });

test('keys are UUIDv7: their time is in front and sorts', () => {
    const key = uuid7(0x0123456789ab, () => new Uint8Array(16).fill(0xff));
    assert.equal(key, '01234567-89ab-7fff-bfff-ffffffffffff');
    assert.ok(uuid7(1000) < uuid7(2000));
    assert.notEqual(uuid7(1000), uuid7(1000));
});
