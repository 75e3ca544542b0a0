/*
 * By what usage is grouped, and which days: radio buttons, and two dates for
 * a range of one's own. Says what was chosen; shows nothing of the usage.
 */

import { groupings, rangeFault, spans } from '../lib/usage-range.js';
import { button, el } from './dom.js';

const own = 'own';

/*
 * Fills `root`. `onChange(view)` is called with {by, span} or {by, span:
 * null, from, to}. Gives {show(view, dates)}, which sets the controls.
 */
export function usageControls(root, { onChange }) {
    let view = null;
    const by = choices('usage-by', 'Group by', Object.entries(groupings),
        (value) => onChange({ ...view, by: value }));
    const span = choices('usage-days', 'Days', [
        ...spans.map((days) => [String(days), `${days} days`]),
        [own, 'Custom'],
    ], choose);
    const from = dateField('usage-from', 'From');
    const to = dateField('usage-to', 'To');
    const range = el('form', { class: 'usage-own', novalidate: true,
        hidden: true, onsubmit: (event) => {
            event.preventDefault();
            apply();
        } }, from.box, to.box,
    button('Show', null, { kind: 'small', type: 'submit' }));
    root.replaceChildren(by.box, span.box, range);

    function choose(value) {
        range.hidden = value !== own;
        if (value !== own)
            onChange({ by: view.by, span: Number(value) });
    }

    function apply() {
        const fault = rangeFault(from.input.value, to.input.value);
        for (const [name, field] of [['from', from], ['to', to]])
            field.say(fault?.field === name ? fault.words : null);
        if (fault)
            (fault.field === 'from' ? from : to).input.focus();
        else
            onChange({ by: view.by, span: null, from: from.input.value,
                to: to.input.value });
    }

    return {
        show(next, dates) {
            view = next;
            by.set(view.by);
            span.set(view.span === null ? own : String(view.span));
            range.hidden = view.span !== null;
            from.say(null);
            to.say(null);
            if (dates) {
                from.input.value = dates.from;
                to.input.value = dates.to;
            }
        },
    };
}

function choices(name, legend, list, onChoice) {
    const radios = list.map(([value, words]) => [value, el('input', {
        type: 'radio', name, value, onchange: () => onChoice(value),
    }), words]);
    return {
        box: el('fieldset', { class: 'choices' },
            el('legend', { class: 'visually-hidden' }, legend),
            radios.map(([, radio, words]) => el('label', {}, radio,
                el('span', {}, words)))),
        set(chosen) {
            for (const [value, radio] of radios)
                radio.checked = value === chosen;
        },
    };
}

function dateField(id, words) {
    const error = el('p', { class: 'field-error', id: `${id}-error` });
    const input = el('input', { id, type: 'date', required: true });
    return {
        input,
        box: el('div', { class: 'field' }, el('label', { for: id }, words),
            input, error),
        say(fault) {
            error.textContent = fault ?? '';
            if (fault) {
                input.setAttribute('aria-invalid', 'true');
                input.setAttribute('aria-describedby', error.id);
            } else {
                input.removeAttribute('aria-invalid');
                input.removeAttribute('aria-describedby');
            }
        },
    };
}
