/*
 * The filters of the history: kinds, one reference, days. Says what is set, so
 * that nobody takes a part of the history for the whole, and hands over what
 * was chosen; it reads no events.
 */

import { filterWords, isDate, isFiltered, kindGroups, kinds, kindWords,
    references, without } from '../lib/history-filter.js';
import { button, el } from './dom.js';
import { icon } from './icons.js';

/* Fills `root`; `onChange(filter)` is called with what was chosen. Gives
 * {show(filter)}. */
export function historyFilters(root, { onChange }) {
    let filter = {};
    const kind = el('select', { id: 'history-kind', onchange: () => {
        const { kind: _, event: __, ...rest } = filter;
        onChange(kind.value ? { ...rest, kind: kind.value.split(',') } : rest);
    } });
    const reference = el('select', { id: 'history-reference' },
        Object.entries(references).map(([value, words]) =>
            el('option', { value }, words)));
    const value = el('input', { id: 'history-value', type: 'text',
        maxlength: '200', autocomplete: 'off', dir: 'auto' });
    const from = el('input', { id: 'history-from', type: 'date' });
    const to = el('input', { id: 'history-to', type: 'date' });
    const error = el('p', { class: 'field-error', id: 'history-error' });
    const chips = el('ul', { class: 'chips' });
    const field = (input, words) => el('div', { class: 'field' },
        el('label', { for: input.id }, words), input);
    const more = el('details', { class: 'filter-more' },
        el('summary', {}, icon('more', 16), 'More filters'),
        el('form', { novalidate: true, onsubmit: (event) => {
            event.preventDefault();
            apply();
        } },
        field(reference, 'Of a'), field(value, 'Named'), field(from, 'From'),
        field(to, 'To'), error,
        button('Show these', null, { kind: 'small', type: 'submit' })));
    root.replaceChildren(field(kind, 'Kind'), more, chips);

    function apply() {
        const fault = from.value && to.value && from.value > to.value
            ? 'The last day is before the first.' : null;
        error.textContent = fault ?? '';
        for (const name of ['aria-invalid', 'aria-describedby'])
            to.removeAttribute(name);
        if (fault) {
            to.setAttribute('aria-invalid', 'true');
            to.setAttribute('aria-describedby', error.id);
            to.focus();
            return;
        }
        const next = without(filter,
            [...Object.keys(references), 'from', 'to', 'event']);
        if (value.value)
            next[reference.value] = value.value;
        if (from.value)
            next.from = from.value;
        if (to.value)
            next.to = to.value;
        onChange(next);
    }

    function options() {
        const now = (filter.kind ?? []).join(',');
        const option = (list, words) => {
            const of = list.join(',');
            return el('option', { value: of, selected: of === now }, words);
        };
        const groups = kindGroups.map(([words, list]) => option(list, words));
        const single = Object.entries(kinds).map(([name, words]) =>
            option([name], words));
        const known = [...kindGroups.map(([, list]) => String(list)),
            ...Object.keys(kinds), ''].includes(now);
        kind.replaceChildren(
            el('option', { value: '', selected: now === '' }, 'All kinds'),
            ...known ? [] : [option(filter.kind, kindWords(filter.kind))],
            el('optgroup', { label: 'Together' }, groups),
            el('optgroup', { label: 'One kind' }, single));
    }

    return {
        show(next) {
            filter = next;
            options();
            const name = Object.keys(references)
                .find((each) => Object.hasOwn(filter, each));
            reference.value = name ?? 'livestream';
            value.value = name ? filter[name] : '';
            from.value = isDate(filter.from) ? filter.from : '';
            to.value = isDate(filter.to) ? filter.to : '';
            error.textContent = '';
            chips.hidden = !isFiltered(filter);
            chips.replaceChildren(...filterWords(filter).map((part) =>
                el('li', {}, button(el('span', { dir: 'auto' }, part.words),
                    () => onChange(without(filter, part.names)),
                    { kind: 'small chip' })))
                .map((item) => {
                    item.firstChild.append(icon('close', 14),
                        el('span', { class: 'visually-hidden' },
                            ', remove this filter'));
                    return item;
                }), ...isFiltered(filter) ? [el('li', {}, el('button', {
                type: 'button', class: 'link small',
                onclick: () => onChange({}) }, 'Show all events'))] : []);
        },
    };
}
