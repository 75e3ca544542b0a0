/*
 * The low-credit warning. The server decides whether there is one (and when
 * it ends, so that it does not flicker); this decides its words and whether
 * the member has dismissed it. Dismissed, it stays away until the level
 * changes or the warning has ended and comes again.
 */

import { credits, creditWords, moment } from './format.js';

/* What is said at a level, or null without a warning. */
export function warningWords(warning, balance, timeZone) {
    if (!warning)
        return null;
    const after = 'Credits you buy are available at once.';
    const since = warning.since ? ` Since ${
        moment(warning.since, timeZone)}.` : '';
    switch (warning.level) {
    case 'low':
        return {
            tone: 'warn',
            title: `Running low: ${creditWords(balance.available)} left`,
            text: `${warning.threshold > 0 ? `You are warned below ${
                creditWords(warning.threshold)}. ` : ''}Everything keeps ` +
                'working for now. When they are used up, ' +
                'features that cost credits stop until you top up.' + since,
        };
    case 'empty':
        return {
            tone: 'warn',
            title: 'No credits are available',
            text: balance.held > 0
                ? 'What is left is held by running work, which goes on. New ' +
                    `work that costs credits does not start. ${after}${since}`
                : 'Features that cost credits have stopped. Everything else ' +
                    `keeps working. ${after}${since}`,
        };
    case 'negative':
        return {
            tone: 'bad',
            title: `Below zero: ${creditWords(balance.available)}`,
            text: 'A payment was refunded or disputed after its credits had ' +
                'been used. New work that costs credits does not start' +
                `${balance.held > 0 ? '; what is running goes on with the ' +
                    'credits it holds' : ''}. Everything else keeps working. ` +
                'The next credits that come in settle this first, bought, ' +
                `included or given.${since}`,
        };
    default:
        return { tone: 'warn', title: 'About your credits',
            text: warning.message ?? '' };
    }
}

/*
 * Which events made the debt: of refunds and disputes (newest first, as the
 * API lists them) those that took more than there was, back to where they
 * come to what is owed. A dispute that was won since made none.
 */
export function debtCauses(events, debt) {
    const won = new Set(events.filter(({ kind }) =>
        kind === 'dispute_reversal').map((event) => event.checkout_order));
    const causes = [];
    let left = debt;
    for (const event of events) {
        const owed = -(event.lots ?? []).filter(({ kind, credits: count }) =>
            kind === 'debt' && count < 0)
            .reduce((sum, { credits: count }) => sum + count, 0);
        if (left <= 0)
            break;
        if (owed <= 0 || (event.kind === 'dispute' &&
            won.has(event.checkout_order)))
            continue;
        causes.push({ event, owed });
        left -= owed;
    }
    return causes;
}

/*
 * What is kept when a warning is dismissed: which crossing it was. Where the
 * API says since when the warning lasts, the next one differs even if nobody
 * looked in between.
 */
export function dismissal(warning) {
    return { level: warning.level, since: warning.since ?? null };
}

/*
 * What stays dismissed, given what was kept from before and the warning that
 * there is now; null forgets it.
 */
export function stillDismissed(kept, warning) {
    return warning && kept?.level === warning.level &&
        kept.since === (warning.since ?? null) ? kept : null;
}

/* How long the credits last, or null where the API does not say: there is too
 * little to go by. */
export function runwayWords(days) {
    if (days === null || days === undefined)
        return null;
    if (days < 1)
        return 'Lasts less than a day at the recent pace';
    return days === 1 ? 'Lasts about 1 day at the recent pace'
        : `Lasts about ${credits(days)} days at the recent pace`;
}
