/*
 * The list of credit events that a page holds: newest first, each once. Older
 * pages are appended, new events are put in front, and neither may repeat or
 * skip a row, whatever happened in between.
 */

export const emptyHistory = { events: [], nextBefore: null };

/* The first page, or a later one appended. */
export function appendPage(history, page) {
    const known = new Set(history.events.map((event) => event.id));
    return {
        events: [...history.events,
            ...page.events.filter((event) => !known.has(event.id))],
        nextBefore: page.next_before ?? null,
    };
}

/*
 * The newest page again, after something happened. Where it reaches what we
 * have, the new rows go in front and everything loaded stays; where it does
 * not, more happened than fits a page, and the list starts over from it.
 */
export function mergeNewest(history, page) {
    const known = new Set(history.events.map((event) => event.id));
    const fresh = page.events.filter((event) => !known.has(event.id));
    if (history.events.length > 0 && fresh.length === page.events.length &&
        fresh.length > 0 && page.next_before)
        return appendPage(emptyHistory, page);
    return {
        events: [...fresh, ...history.events],
        nextBefore: history.events.length > 0
            ? history.nextBefore : page.next_before ?? null,
    };
}
