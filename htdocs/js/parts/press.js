/*
 * What is being pressed stays where it is: a button that is replaced between
 * press and release never hears of the click.
 */

const longest = 10_000; /* a release that nobody saw */
let since = -Infinity;
let waiting = [];

function released() {
    since = -Infinity;
    setTimeout(() => { /* the click comes first */
        const all = waiting;
        waiting = [];
        for (const go of all)
            go();
    });
}

addEventListener('pointerdown', ({ button }) => {
    if (button === 0)
        since = performance.now();
}, true);
for (const name of ['pointerup', 'pointercancel'])
    addEventListener(name, released, true);

/* Waits while something is pressed. */
export async function untilReleased() {
    const left = since + longest - performance.now();
    if (left > 0)
        await new Promise((go) => {
            waiting.push(go);
            setTimeout(go, left);
        });
}
