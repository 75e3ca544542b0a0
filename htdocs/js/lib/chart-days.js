/*
 * The chart of days as geometry: columns of a grid that is as wide as there
 * are columns and 100 high. What was captured stands on the line of nought,
 * what was refunded hangs from it. Only lengths are rounded here, never a
 * figure: those are the API's, and sums of them.
 */

import { day } from './format.js';

/* More columns than this cannot be told apart: weeks are shown instead. */
const mostColumns = 190;

/* The next of 1, 2, 5, 10, 20, 50, … that is at least `value`. */
export function roundTop(value) {
    for (let unit = 1; ; unit *= 10) {
        for (const step of [1, 2, 5]) {
            if (unit * step >= value)
                return unit * step;
        }
    }
}

/* Days, or runs of seven when there are too many: [{from, to, captured,
 * refunded}] */
export function columns(days) {
    const size = days.length > mostColumns ? 7 : 1;
    const all = [];
    for (let at = 0; at < days.length; at += size) {
        const run = days.slice(at, at + size);
        all.push({ from: run[0].date, to: run.at(-1).date,
            captured: run.reduce((sum, each) => sum + each.captured, 0),
            refunded: run.reduce((sum, each) => sum + each.refunded, 0) });
    }
    return all;
}

const short = new Intl.DateTimeFormat('en-GB',
    { day: 'numeric', month: 'short', timeZone: 'UTC' });

/* "22 Nov" */
export function shortDay(date) {
    return short.format(new Date(`${date}T00:00:00Z`));
}

export function columnWords({ from, to }) {
    return from === to ? day(from, 'UTC')
        : `${shortDay(from)} to ${day(to, 'UTC')}`;
}

/*
 * {columns: [{…, up: {y, height}, down: {y, height}}], top, bottom, zero,
 * labels: [{at, words}]}. `top` and `bottom` are the figures at the upper and
 * lower edge, `zero` the height of the line of nought, `at` a share of the
 * width from 0 to 1.
 */
export function dayChart(days) {
    const all = columns(days);
    const highest = Math.max(0, ...all.map((each) => each.captured));
    const lowest = Math.max(0, ...all.map((each) => each.refunded));
    const top = roundTop(Math.max(1, highest, Math.ceil(lowest / 2)));
    const bottom = lowest === 0 ? 0 : Math.max(lowest, Math.ceil(top / 10));
    const scale = 100 / (top + bottom);
    const zero = top * scale;
    /* What happened is seen, however little it was. */
    const length = (figure) => figure === 0 ? 0 : Math.max(1, figure * scale);
    return {
        top, bottom, zero, weeks: days.length > mostColumns,
        columns: all.map((each) => ({ ...each,
            up: { y: zero - length(each.captured),
                height: length(each.captured) },
            down: { y: zero, height: length(each.refunded) } })),
        labels: labels(all),
    };
}

/* The first, the last, and one in the middle where there is room for it. */
function labels(all) {
    const places = all.length > 4 ? [0, Math.floor((all.length - 1) / 2),
        all.length - 1] : all.length > 1 ? [0, all.length - 1] : [0];
    return all.length === 0 ? [] : places.map((place) => ({
        at: all.length === 1 ? 0.5 : place / (all.length - 1),
        words: shortDay(place === all.length - 1 ? all[place].to
            : all[place].from),
    }));
}

/* How long a group's bar is, in hundredths of the longest: what is left of
 * what it captured, and what was refunded of it. */
export function groupBar({ captured, refunded }, most) {
    if (most <= 0)
        return { net: 0, refunded: 0 };
    const share = (figure) => figure <= 0 ? 0
        : Math.max(0.5, 100 * figure / most);
    const back = Math.min(refunded, captured);
    return { net: share(captured - back), refunded: share(back) };
}
