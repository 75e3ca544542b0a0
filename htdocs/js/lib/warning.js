/*
 * The low-credit warning. The server decides whether there is one (and when
 * it ends, so that it does not flicker); this decides its words and whether
 * the member has dismissed it. Dismissed, it stays away until the level
 * changes or the warning has ended and comes again.
 */

import { creditWords } from './format.js';

/* What is said at a level, or null without a warning. */
export function warningWords(warning, balance) {
    if (!warning)
        return null;
    const after = 'Credits you buy are available at once.';
    switch (warning.level) {
    case 'low':
        return {
            tone: 'warn',
            title: `Running low: ${creditWords(balance.available)} left`,
            text: 'Everything keeps working for now. When they are used up, ' +
                'features that cost credits stop until you top up.',
        };
    case 'empty':
        return {
            tone: 'warn',
            title: 'No credits are available',
            text: balance.held > 0
                ? 'What is left is held by running work, which goes on. New ' +
                    `work that costs credits does not start. ${after}`
                : 'Features that cost credits have stopped. Everything else ' +
                    `keeps working. ${after}`,
        };
    case 'negative':
        return {
            tone: 'bad',
            title: `Below zero: ${creditWords(balance.available)}`,
            text: 'A payment was refunded or disputed after its credits had ' +
                'been used. The next credits that come in settle this first; ' +
                'until then, features that cost credits have stopped.',
        };
    default:
        return { tone: 'warn', title: 'About your credits',
            text: warning.message ?? '' };
    }
}

/*
 * The level that stays dismissed, given the one kept from before and the
 * warning that there is now; null forgets it.
 */
export function stillDismissed(kept, warning) {
    return warning && warning.level === kept ? kept : null;
}
