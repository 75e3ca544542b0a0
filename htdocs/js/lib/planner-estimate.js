/*
 * Asking for estimates while somebody types or drags: the first change is
 * asked for within `pauseMs`, changes in quick succession are put together,
 * there is never more than one question under way, and an answer to anything
 * but the latest question is never shown. The last good estimate stays until
 * the next one is here.
 */

/* Together they keep an answer within 100 ms of any change. */
export const pauseMs = 25;
export const spacingMs = 70;

/*
 * `ask(items, signal)` comes to an estimate or throws a Problem. `show` gets
 * {estimate, pending, problem} after every change of it.
 */
export function createEstimates({ ask, show, now = Date.now,
    later = setTimeout, never = clearTimeout }) {
    const state = { estimate: null, pending: false, problem: null };
    let items = null;
    let asked = null;
    let latest = 0;
    let under = null;
    let timer = null;
    let sentAt = -Infinity;

    function stop() {
        never(timer);
        timer = null;
        latest++;
        under?.abort();
        under = null;
        state.pending = false;
    }

    function plan() {
        state.pending = true;
        timer ??= later(send, Math.max(pauseMs, sentAt + spacingMs - now()));
        show(state);
    }

    async function send() {
        timer = null;
        const mine = ++latest;
        under?.abort();
        under = new AbortController();
        sentAt = now();
        asked = JSON.stringify(items);
        try {
            const estimate = await ask(items, under.signal);
            if (mine !== latest)
                return;
            state.estimate = estimate;
            state.problem = null;
        } catch (problem) {
            if (mine !== latest)
                return;
            state.problem = problem;
            asked = null;
        }
        under = null;
        state.pending = timer !== null;
        show(state);
    }

    return {
        state,
        /* What is wanted now. The same again asks nothing new. */
        want(next) {
            items = next;
            if (JSON.stringify(next) === asked) {
                /* Back to what is under way or shown: nothing else is due. */
                never(timer);
                timer = null;
                state.pending = under !== null;
                show(state);
                return;
            }
            plan();
        },
        /* The same once more: the balance has changed, or the last try failed. */
        again() {
            if (!items)
                return;
            asked = null;
            plan();
        },
        /* What was asked is not wanted any more; what is shown stays. */
        hold() {
            stop();
            items = null;
            asked = null;
            state.problem = null;
            show(state);
        },
        /* Nothing is planned. */
        clear() {
            stop();
            Object.assign(state, { estimate: null, problem: null });
            items = null;
            asked = null;
            show(state);
        },
    };
}
