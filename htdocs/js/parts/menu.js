/*
 * A button that opens a short list: the Space switcher and the member's menu.
 * Escape, a click elsewhere and leaving it with Tab close it; the focus goes
 * back to the button only when it was inside.
 */

import { el } from './dom.js';

let count = 0;

/* `toggle`: the button, `items`: what the list holds. */
export function menu(toggle, items, { end = false } = {}) {
    const id = `menu-${++count}`;
    const list = el('div', { id, class: 'menu-list', hidden: true }, items);
    const box = el('div', { class: end ? 'menu end' : 'menu' }, toggle, list);

    function open(yes) {
        list.hidden = !yes;
        toggle.setAttribute('aria-expanded', String(yes));
    }

    toggle.setAttribute('aria-controls', id);
    open(false);
    toggle.addEventListener('click', () => open(list.hidden));
    box.addEventListener('keydown', (event) => {
        if (event.key !== 'Escape' || list.hidden)
            return;
        if (list.contains(document.activeElement))
            toggle.focus();
        open(false);
    });
    box.addEventListener('focusout', (event) => {
        if (event.relatedTarget && !box.contains(event.relatedTarget))
            open(false);
    });
    document.addEventListener('pointerdown', (event) => {
        if (!box.contains(event.target))
            open(false);
    });
    return box;
}
