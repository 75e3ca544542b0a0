/*
 * Which Space a page is about: the one that the address names, else the one
 * that the step at hand belongs to, else the one looked at last, else the
 * first. A Space that the member does not have is never chosen.
 */

/* `wanted`: slugs in order of preference, nulls allowed. Null when the member
 * has no Space at all. */
export function chooseSpace(spaces, wanted) {
    for (const slug of wanted) {
        const found = spaces.find((space) => space.slug === slug);
        if (found)
            return found;
    }
    return spaces[0] ?? null;
}
