/*
 * How often the balance is asked for. Asking is cheap (a 304 while nothing
 * has changed), but a tab that nobody sees asks nothing, and a server in
 * trouble is asked less and less.
 */

export const calmMs = 15_000;
export const keenMs = 2_000;
export const staleMs = 60_000;
const slowestMs = 120_000;

/* The pause before the next question in ms; null: not until the tab returns. */
export function pollDelay({ visible, keen, failures, retryAfter = null }) {
    if (!visible)
        return null;
    const pause = keen ? keenMs : calmMs;
    const backedOff = failures === 0 ? pause
        : Math.min(slowestMs, Math.max(pause, calmMs) * 2 ** (failures - 1));
    return Math.max(backedOff, (retryAfter ?? 0) * 1000);
}

/* Whether the page should say how old its figures are. */
export function isStale(answeredAt, now) {
    return answeredAt !== null && now - answeredAt >= staleMs;
}
