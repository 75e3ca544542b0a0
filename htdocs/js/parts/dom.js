/*
 * Making elements. Text goes in as text, never as markup: names of features,
 * campaigns and Spaces are written by others.
 */

import { icon } from './icons.js';

/*
 * el('p', { class: 'quiet', onclick: f, 'aria-live': 'polite' }, 'text', node)
 * Null and false children are left out; a null or false attribute too.
 */
export function el(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (value === null || value === undefined || value === false)
            continue;
        if (name.startsWith('on'))
            element.addEventListener(name.slice(2), value);
        else
            element.setAttribute(name, value === true ? '' : value);
    }
    element.append(...children.flat().filter((child) =>
        child !== null && child !== undefined && child !== false));
    return element;
}

/* A button; `act` may be asynchronous. */
export function button(text, act, { kind = '', ...attributes } = {}) {
    return el('button', {
        type: 'button', class: `button ${kind}`.trim(), onclick: act,
        ...attributes,
    }, text);
}

/* A moment with its machine-readable time and the full words on hovering. */
export function time(value, words) {
    return el('time', { datetime: value }, words);
}

/* What is shown becomes `children`, and it is no longer busy. */
export function fill(element, ...children) {
    element.replaceChildren(...children.flat().filter(Boolean));
    element.removeAttribute('aria-busy');
}

/*
 * A part that could not be loaded, or an action that failed: what happened,
 * what to do, the request's id for support.
 */
export function notice({ tone = 'plain', mark = 'info', title, text,
    requestId = null, actions = [], level = 'p', role = null }) {
    return el('div', { class: `notice ${tone}`, role },
        icon(mark),
        el('div', {},
            el(level, { class: 'title' }, title),
            text && el('p', {}, text),
            actions.length > 0 && el('div', { class: 'actions' }, actions),
            requestId && el('p', { class: 'reference' }, 'Request ',
                el('code', {}, requestId))));
}

/*
 * Changes what `root` holds without losing the focus: where it was on one of
 * the controls, it is on the same one afterwards.
 */
export function keepingFocus(root, change) {
    const controls = () => [...root.querySelectorAll('a, button, input, summary')];
    const at = controls().indexOf(document.activeElement);
    change();
    if (at >= 0)
        controls()[at]?.focus({ preventScroll: true });
}

/* Moves the focus to something that is not otherwise reached by Tab. */
export function focusOn(element) {
    element.setAttribute('tabindex', '-1');
    element.focus({ preventScroll: false });
}
