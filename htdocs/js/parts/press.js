/*
 * Nothing changes under a finger: a button that is replaced between press and
 * release never hears of the click, and what slides away lets another be
 * pressed. So what is read comes when nothing is being pressed.
 */

const longestMs = 10_000; /* a release that nobody saw */
const tapMs = 400; /* the click of a tap comes after its release */
let until = -Infinity;
let waiting = [];

function pressed(ms) {
    until = performance.now() + ms;
    /* In a task of its own: a click, and what it does, comes first. */
    setTimeout(() => {
        const all = waiting;
        waiting = [];
        for (const look of all)
            look();
    });
}

const on = (name, act) => addEventListener(name, act, true);
on('pointerdown', ({ button }) => button === 0 && pressed(longestMs));
on('pointerup', ({ pointerType }) => pressed(pointerType === 'mouse' ? 0 : tapMs));
on('pointercancel', () => pressed(0));
on('keydown', ({ key }) => key === ' ' && pressed(longestMs));
on('keyup', ({ key }) => key === ' ' && pressed(0));
on('click', () => pressed(0));
/* Its list, opened by the space bar, has the release for itself. */
on('change', ({ target }) => target.localName === 'select' && pressed(0));

export async function untilReleased() {
    for (let left; (left = until - performance.now()) > 0;)
        await new Promise((look) => {
            waiting.push(look);
            setTimeout(look, left);
        });
}

/* The same API, whose readings come when nothing is being pressed; those
 * within an action come with getNow(). */
export function patient(api) {
    return { ...api, getNow: api.get, async get(...what) {
        try {
            return await api.get(...what);
        } finally {
            await untilReleased();
        }
    } };
}
