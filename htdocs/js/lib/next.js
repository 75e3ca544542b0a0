/*
 * Where to go after signing in. `next` comes from the address bar, so anybody
 * may have written it: only a page of this site is ever followed, never
 * another host, another scheme, the API (but for receipts, which are pages),
 * or the sign-in page itself.
 */

const home = 'settings/personal/credits';

/*
 * The address to go to, always one below `base`. What is not a path of ours
 * comes to the Credits page.
 */
export function nextPage(next, base) {
    const fallback = new URL(home, base).href;
    if (typeof next !== 'string' || !/^\/(?![/\\])/.test(next))
        return fallback;
    if (/[\\\u0000-\u001f\u007f]/.test(next))
        return fallback;
    let url;
    try {
        url = new URL(next, base);
    } catch {
        return fallback;
    }
    const root = new URL(base);
    if (url.origin !== root.origin || !url.pathname.startsWith(root.pathname))
        return fallback;
    const path = url.pathname.slice(root.pathname.length);
    /* A second slash in front would be another host wherever a server or a
     * script takes the path by itself. */
    if (path.startsWith('/') || /%2f|%5c/i.test(path))
        return fallback;
    if (/^api\/v1\/spaces\/[^/]+\/orders\/[^/]+\/receipt$/.test(path))
        return url.href;
    if (path === '' || /^(api|webhooks|signin|session)(\/|$)/.test(path))
        return fallback;
    return url.href;
}

/* The sign-in page that comes back to `here` (an address of this site). */
export function signinPage(here, base) {
    const url = new URL('signin', base);
    const at = new URL(here, base);
    url.searchParams.set('next', at.pathname + at.search + at.hash);
    return url.href;
}
