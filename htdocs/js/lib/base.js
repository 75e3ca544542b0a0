/*
 * Where this site lives. Every address is derived from the address of this
 * very file, so that the pages work under any base path. Nothing here may
 * assume that the site stands at the root of its host.
 */

export const base = new URL('../../', import.meta.url);

/* The address of one of our pages: `page('settings/membership')`. */
export function page(path, query = {}) {
    const url = new URL(path, base);
    for (const [name, value] of Object.entries(query)) {
        if (value !== null && value !== undefined && value !== '')
            url.searchParams.set(name, value);
    }
    return url.href;
}
