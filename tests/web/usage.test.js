/*
 * Grouped usage as pure functions: days of the Space's calendar, the view in
 * the address, the chart's geometry, groups over several pages.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columns, dayChart, groupBar, roundTop }
    from '../../htdocs/js/lib/chart-days.js';
import { isDate } from '../../htdocs/js/lib/history-filter.js';
import { appendGroups, noGroups } from '../../htdocs/js/lib/usage-pages.js';
import { addDays, datesOf, everyDay, rangeFault, today, viewOf, withView }
    from '../../htdocs/js/lib/usage-range.js';

const at = (time) => Date.parse(time);
const days = [
    ['late in London in winter', '2026-11-22T23:59:59Z', 'Europe/London', '2026-11-22'],
    ['late in UTC is tomorrow in London in summer', '2026-06-30T23:30:00Z', 'Europe/London', '2026-07-01'],
    ['Auckland is ahead', '2026-11-22T11:00:00Z', 'Pacific/Auckland', '2026-11-23'],
    ['the hour that comes twice is one day', '2026-10-25T00:30:00Z', 'Europe/London', '2026-10-25'],
    ['a leap day', '2028-02-29T12:00:00Z', 'UTC', '2028-02-29'],
];

for (const [sentence, time, zone, date] of days)
    test(`today: ${sentence}`, () => assert.equal(today(at(time), zone), date));

test('days are counted by the calendar, over the change of the clocks too', () => {
    assert.equal(addDays('2026-03-28', 2), '2026-03-30');
    assert.equal(addDays('2026-10-24', 2), '2026-10-26');
    assert.equal(addDays('2028-03-01', -1), '2028-02-29');
    assert.deepEqual(datesOf({ span: 7 }, '2026-11-03'),
        { from: '2026-10-28', to: '2026-11-03' });
});

for (const text of ['2026-02-29', '2026-13-01', '2026-1-1', '', null,
    '2026-11-22T00:00:00Z', '=1+1'])
    test(`${JSON.stringify(text)} is no date`, () => assert.equal(isDate(text), false));

const views = [
    ['', { by: 'livestream', span: 90 }],
    ['by=member&days=7', { by: 'member', span: 7 }],
    ['by=nothing&days=8', { by: 'livestream', span: 90 }],
    ['by=toString', { by: 'livestream', span: 90 }],
    ['usage_from=2026-01-01&usage_to=2026-02-01',
        { by: 'livestream', span: null, from: '2026-01-01', to: '2026-02-01' }],
    ['usage_from=2026-02-01&usage_to=2026-01-01', { by: 'livestream', span: 90 }],
];

for (const [query, view] of views)
    test(`the address "${query}" asks for ${JSON.stringify(view)}, and comes back`, () => {
        assert.deepEqual(viewOf(new URLSearchParams(query)), view);
        const kept = withView(new URLSearchParams('space=a&kind=bonus'), view);
        assert.deepEqual(viewOf(kept), view);
        assert.equal(kept.get('space'), 'a');
        assert.equal(kept.get('kind'), 'bonus');
    });

test('what is usual is not in the address', () => {
    assert.equal(String(withView(new URLSearchParams('days=7&by=order'),
        { by: 'livestream', span: 90 })), '');
});

const faults = [['', '2026-01-01', 'from'], ['2026-01-01', '', 'to'],
    ['2026-01-02', '2026-01-01', 'to'], ['2026-01-01', '2026-01-01', undefined]];

for (const [from, to, field] of faults)
    test(`a range from "${from}" to "${to}" is ${field ? `wrong at ${field}` : 'right'}`, () => {
        assert.equal(rangeFault(from, to)?.field, field);
    });

test('days without usage are days, too', () => {
    const all = everyDay([{ date: '2026-03-29', captured: 5, refunded: 1 }],
        '2026-03-28', '2026-03-30');
    assert.deepEqual(all.map(({ date, captured }) => [date, captured]),
        [['2026-03-28', 0], ['2026-03-29', 5], ['2026-03-30', 0]]);
});

for (const [value, top] of [[0, 1], [1, 1], [3, 5], [7, 10], [11, 20], [999, 1000], [1001, 2000]])
    test(`a chart of up to ${value} ends at ${top}`, () => assert.equal(roundTop(value), top));

/* A seeded sequence of days. */
function random(count, seed) {
    let state = seed;
    const next = (most) => {
        state = (state * 1103515245 + 12345) % 2 ** 31;
        return state % (most + 1);
    };
    return Array.from({ length: count }, (_, i) => ({
        date: addDays('2026-01-01', i), captured: next(5000),
        refunded: next(3) === 0 ? next(800) : 0 }));
}

test('bars are as long as their figures, inside the chart, and in their order', () => {
    const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
    console.log(`SEED=${seed}`);
    for (const count of [1, 2, 7, 30, 90, 190, 191, 1000]) {
        const list = random(count, seed + count);
        const chart = dayChart(list);
        const sum = (each, name) => each.reduce((all, one) => all + one[name], 0);
        assert.equal(sum(chart.columns, 'captured'), sum(list, 'captured'));
        assert.equal(sum(chart.columns, 'refunded'), sum(list, 'refunded'));
        const unit = 100 / (chart.top + chart.bottom);
        for (const { captured, refunded, up, down } of chart.columns) {
            assert.ok(up.y >= -1e-9 && down.y + down.height <= 100 + 1e-9, `SEED=${seed}`);
            assert.ok(Math.abs(up.y + up.height - chart.zero) < 1e-9);
            if (captured * unit >= 1)
                assert.ok(Math.abs(up.height - captured * unit) < 1e-9);
            assert.equal(up.height > 0, captured > 0);
            assert.equal(down.height > 0, refunded > 0);
        }
        assert.equal(chart.columns[0].from, list[0].date);
        assert.equal(chart.columns.at(-1).to, list.at(-1).date);
    }
});

test('too many days to tell apart become weeks', () => {
    assert.equal(columns(random(190, 1)).length, 190);
    assert.equal(columns(random(191, 1)).length, 28);
    assert.equal(dayChart(random(191, 1)).weeks, true);
});

test('a chart without usage has no bars, and a line', () => {
    const { columns: list, zero } = dayChart(everyDay([], '2026-01-01', '2026-01-07'));
    assert.equal(zero, 100);
    assert.ok(list.every(({ up, down }) => up.height === 0 && down.height === 0));
});

test('a group\u2019s bar: what was refunded is a part of what was used', () => {
    assert.deepEqual(groupBar({ captured: 100, refunded: 25 }, 200), { net: 37.5, refunded: 12.5 });
    assert.deepEqual(groupBar({ captured: 200, refunded: 0 }, 200), { net: 100, refunded: 0 });
    assert.deepEqual(groupBar({ captured: 0, refunded: 30 }, 200), { net: 0, refunded: 0 });
    assert.deepEqual(groupBar({ captured: 0, refunded: 0 }, 0), { net: 0, refunded: 0 });
    assert.ok(groupBar({ captured: 1, refunded: 0 }, 10 ** 9).net >= 0.5, 'it is seen');
});

test('groups over several pages: each once, with the total read last', () => {
    const page = (keys, next, net) => ({ groups: keys.map((key) => ({ key })),
        next_before: next, total: { net }, days: [] });
    const first = appendGroups(noGroups, page(['a', null, 'b'], 'c', 10));
    const both = appendGroups(first, page(['b', 'c'], null, 12));
    assert.deepEqual(both.groups.map(({ key }) => key), ['a', null, 'b', 'c']);
    assert.equal(both.nextBefore, null);
    assert.equal(both.total.net, 12);
});
