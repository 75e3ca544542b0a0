/*
 * The fields of the limits: each with its label, and with its fault beside it,
 * which is read with the field. They hold no state but what is typed.
 */

import { capName, capOn, capPer, usedWords } from '../lib/limits.js';
import { el } from './dom.js';
import { strip } from './usage-svg.js';

/* {box, value(), fault(words or null), focus()} */
export function limitField({ id, words, hint = null, value, options = null,
    numeric = false, onInput }) {
    const error = el('p', { class: 'field-error', id: `${id}-error` });
    const note = hint && el('p', { class: 'quiet small', id: `${id}-hint` },
        hint);
    const input = options
        ? el('select', { id }, Object.entries(options).map(([key, name]) =>
            el('option', { value: key, selected: key === value }, name)))
        : el('input', { id, type: 'text', dir: numeric ? null : 'auto',
            inputmode: numeric ? 'numeric' : null, autocomplete: 'off',
            maxlength: numeric ? '20' : '200', value });
    input.addEventListener('input', () => onInput(input.value));

    function fault(said) {
        error.textContent = said ?? '';
        const by = [note && note.id, said && error.id].filter(Boolean);
        input.toggleAttribute('aria-describedby', false);
        if (by.length > 0)
            input.setAttribute('aria-describedby', by.join(' '));
        if (said)
            input.setAttribute('aria-invalid', 'true');
        else
            input.removeAttribute('aria-invalid');
    }

    fault(null);
    return {
        box: el('div', { class: 'field' }, el('label', { for: id }, words),
            input, note, error),
        value: () => input.value,
        focus: () => input.focus(),
        fault,
    };
}

/* One cap as a row; its fields go into `fields` as "caps.AT.name". */
export function capRow(cap, at, { fields, onRemove }) {
    const make = (name, words, more = {}) => {
        const field = limitField({ id: `cap-${at}-${name}`, words,
            value: cap[name], ...more,
            onInput: (value) => { cap[name] = value; } });
        fields.set(`caps.${at}.${name}`, field);
        return field.box;
    };
    const name = `Cap ${at + 1}`;
    const used = el('div', { class: 'cap-used' });
    const say = (now) => used.replaceChildren(...now.used === null ? [] : [
        strip('cap-bar', [[now.used > now.of ? 'over' : 'used',
            now.of > 0 ? 100 * now.used / now.of : now.used > 0 ? 100 : 0]]),
        el('p', { class: 'small quiet' }, usedWords(now)),
    ]);
    say(cap);
    fields.set(`caps.${at}.used`, { say, focus() {} });
    return el('div', { class: 'cap', role: 'group', 'aria-label': cap.value
        ? `${name}: ${capName(cap)}` : name },
    el('div', { class: 'cap-fields' },
        make('on', 'For a', { options: capOn }),
        make('value', 'Named'),
        make('credits', 'Credits', { numeric: true }),
        make('per', 'Per', { options: capPer })),
    used,
    el('button', { type: 'button', class: 'link small cap-remove',
        onclick: onRemove }, 'Remove',
    el('span', { class: 'visually-hidden' }, ` ${name}`)));
}
