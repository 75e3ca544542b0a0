/*
 * What people who do not see the page are told of what changed by itself. One
 * polite sentence at a time; the same sentence twice is said once.
 */

let region = null;
let last = '';

export function announce(sentence) {
    if (!region) {
        region = document.createElement('p');
        region.className = 'visually-hidden';
        region.setAttribute('role', 'status');
        document.body.append(region);
    }
    if (sentence === last)
        return;
    last = sentence;
    /* A region that is new or was just emptied is read more reliably when its
     * text comes a moment later. */
    setTimeout(() => {
        region.textContent = sentence;
    }, 50);
}
