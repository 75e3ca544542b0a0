/*
 * The list of events on the page: each once, newest first, whatever happens
 * between two readings. A random history is read in pages while it grows; the
 * seed is printed, SEED= repeats it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appendPage, emptyHistory, mergeNewest }
    from '../../htdocs/js/lib/history.js';

/* Events a…b, newest first, as a page of the API. */
function page(from, to, next = null) {
    const events = [];
    for (let seq = from; seq >= to; seq--)
        events.push({ id: `evt_${seq}`, seq });
    return { events, next_before: next };
}
const seqs = (history) => history.events.map(({ seq }) => seq);

const first = appendPage(emptyHistory, page(10, 8, 'c8'));

test('an older page goes behind', () => {
    const both = appendPage(first, page(7, 6));
    assert.deepEqual(seqs(both), [10, 9, 8, 7, 6]);
    assert.equal(both.nextBefore, null);
});

test('an older page that overlaps repeats nothing', () => {
    assert.deepEqual(seqs(appendPage(first, page(9, 6))), [10, 9, 8, 7, 6]);
});

test('new events go in front, and the cursor of the old end stays', () => {
    const merged = mergeNewest(first, page(11, 9, 'c9'));
    assert.deepEqual(seqs(merged), [11, 10, 9, 8]);
    assert.equal(merged.nextBefore, 'c8');
});

test('nothing new changes nothing', () => {
    assert.deepEqual(mergeNewest(first, page(10, 8, 'c8')), first);
});

test('more new events than a page has start the list over, without a gap', () => {
    const merged = mergeNewest(first, page(20, 18, 'c18'));
    assert.deepEqual(seqs(merged), [20, 19, 18]);
    assert.equal(merged.nextBefore, 'c18');
});

test('the first events of a new Space appear', () => {
    const merged = mergeNewest(emptyHistory, page(2, 1));
    assert.deepEqual(seqs(merged), [2, 1]);
    assert.equal(merged.nextBefore, null);
});

test('any mixture of growing, refreshing and loading older has no gap', () => {
    const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
    console.log(`# SEED=${seed}`);
    let state = seed;
    const random = (below) => {
        state = (state * 1103515245 + 12345) % 2 ** 31;
        return Math.floor(state / 2 ** 31 * below);
    };
    const size = 5;
    let newest = 12;
    const read = (before = newest + 1) => {
        const to = Math.max(1, before - size);
        return page(before - 1, to, to > 1 ? to : null);
    };
    let list = appendPage(emptyHistory, read());
    for (let step = 0; step < 3000; step++) {
        const what = random(3);
        if (what === 0)
            newest += random(2 * size);
        else if (what === 1)
            list = mergeNewest(list, read());
        else if (list.nextBefore)
            list = appendPage(list, read(list.nextBefore));
        const have = seqs(list);
        for (let at = 1; at < have.length; at++)
            assert.equal(have[at], have[at - 1] - 1, `SEED=${seed} step ${step}`);
        assert.equal(list.nextBefore === null, have.at(-1) === 1);
    }
});
