/*
 * The credits of a Space, kept up to date by asking: every 15 s while the
 * page is seen, faster while a payment is being confirmed, at once when the
 * tab or the network returns. Conditional requests make most answers a 304.
 * What is shown is always a whole answer of the server, never a sum of ours.
 */

import { oneAtATime } from '../lib/one-at-a-time.js';
import { pollDelay } from '../lib/poll.js';

/*
 * A feed of `space` (a slug). `onSignedOut` is called when the session has
 * ended. Listeners get {credits, problem, answeredAt, askedAt, changed}.
 */
export function createFeed({ api, space, onSignedOut }) {
    const listeners = new Set();
    const state = { credits: null, problem: null, answeredAt: null,
        askedAt: null, changed: false };
    let etag = null;
    let failures = 0;
    let keen = false;
    let timer = null;

    /* Asks now. */
    const refresh = oneAtATime(async () => {
        try {
            return await ask();
        } finally {
            plan();
        }
    });

    async function ask() {
        const askedAt = Date.now();
        try {
            const answer = await api.get(
                `spaces/${encodeURIComponent(space)}/credits`, { etag });
            state.changed = answer.status !== 304;
            if (state.changed) {
                state.credits = answer.body;
                etag = answer.etag;
            }
            state.askedAt = askedAt;
            state.answeredAt = Date.now();
            state.problem = null;
            failures = 0;
        } catch (problem) {
            if (problem.status === 401) {
                onSignedOut();
                return state;
            }
            state.changed = false;
            state.problem = problem;
            failures++;
        }
        for (const listener of listeners)
            listener(state);
        return state;
    }

    function plan() {
        clearTimeout(timer);
        const pause = pollDelay({
            visible: document.visibilityState === 'visible', keen, failures,
            retryAfter: state.problem?.retryAfter,
        });
        if (pause !== null)
            timer = setTimeout(refresh, pause);
    }

    document.addEventListener('visibilitychange', () => {
        if (document.visibilityState === 'visible')
            refresh();
        else
            plan();
    });
    addEventListener('online', () => refresh());
    addEventListener('pageshow', (event) => {
        if (event.persisted)
            refresh();
    });

    return {
        state,
        refresh,
        listen(listener) {
            listeners.add(listener);
            if (state.answeredAt !== null || state.problem)
                listener(state);
        },
        keen(yes) {
            keen = yes;
            plan();
        },
    };
}
