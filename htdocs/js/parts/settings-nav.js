/*
 * Marks the page we are on in the settings navigation. The Credits page is one
 * file under two addresses, so only the address can tell which it is.
 */

export function markSettings() {
    for (const link of document.querySelectorAll('.settings a')) {
        if (new URL(link.href).pathname ===
            location.pathname.replace(/\/$/, ''))
            link.setAttribute('aria-current', 'page');
    }
}
