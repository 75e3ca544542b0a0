/*
 * What the parts of the page keep in its address, so that reload, share, back
 * and forward bring it again. Parts change only parameters of their own.
 */

const listeners = new Set();

export function readAddress() {
    return new URLSearchParams(location.search);
}

/* The address with these parameters, for a link. */
export function addressWith(params, hash = '') {
    return `${location.pathname}${params.size > 0 ? `?${params}` : ''}${hash}`;
}

/* Goes to an address of this very page, without loading it again. */
export function writeAddress(params) {
    if (String(params) !== String(readAddress()))
        history.pushState(null, '', addressWith(params));
}

/* Calls `listener` when the member went back or forward. */
export function onAddress(listener) {
    listeners.add(listener);
}

addEventListener('popstate', () => {
    for (const listener of listeners)
        listener(readAddress());
});
