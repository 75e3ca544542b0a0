/*
 * Work done one at a time: nobody who asks gets what began before they did.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneAtATime } from '../../htdocs/js/lib/one-at-a-time.js';

/* Work that ends when the test says so; `ends` has each that began. */
function held() {
    const ends = [];
    const work = oneAtATime(() => new Promise((resolve, reject) => {
        ends.push({ resolve, reject });
    }));
    return { work, ends };
}

test('whoever asks while it runs gets what began after they asked', async () => {
    const { work, ends } = held();
    const first = work();
    const second = work();
    const third = work();
    assert.equal(ends.length, 1);
    ends[0].resolve('old');
    assert.equal(await first, 'old');
    await Promise.resolve();
    assert.equal(ends.length, 2, 'once more, for both');
    ends[1].resolve('new');
    assert.deepEqual(await Promise.all([second, third]), ['new', 'new']);
    work();
    assert.equal(ends.length, 3, 'and again when it is asked again');
});

test('work that fails does not keep the next from being done', async () => {
    const { work, ends } = held();
    const first = work();
    const second = work();
    ends[0].reject(new Error('failed'));
    await assert.rejects(first, /failed/);
    await new Promise(setImmediate);
    ends[1].resolve('done');
    assert.equal(await second, 'done');
});
