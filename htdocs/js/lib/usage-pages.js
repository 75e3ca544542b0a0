/*
 * The groups that a page holds. A group that comes again on a later page,
 * because its place changed between two readings, is not shown twice.
 */

export const noGroups = { groups: [], nextBefore: null, total: null, days: [] };

/* The first page, or a later one appended. Total and days are those of the
 * page read last: each page has them for the whole range. */
export function appendGroups(usage, page) {
    const known = new Set(usage.groups.map(({ key }) => key));
    return {
        groups: [...usage.groups,
            ...page.groups.filter(({ key }) => !known.has(key))],
        nextBefore: page.next_before ?? null,
        total: page.total,
        days: page.days,
        from: page.from ?? null,
        to: page.to ?? null,
    };
}
