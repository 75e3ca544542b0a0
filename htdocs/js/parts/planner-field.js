/*
 * One quantity of the planner: a number to type, a slider for the same
 * number, the quality where one applies, what is wrong with it, and what it
 * comes to in the server's words. The number is what counts; a slider only
 * offers some of the values.
 */

import { credits } from '../lib/format.js';
import { nearest, parseQuantity, priceWords, units } from '../lib/planner.js';
import { el } from './dom.js';
import { icon } from './icons.js';

/*
 * `field`: of fieldsOf(). `changed({text, quality}, {settled})` is called for
 * every change by hand; `settled` when a number is finished or a slider let
 * go. Gives {root, set(entry), error(words), sum(words, figure), focus()}.
 */
export function plannerField(field, changed) {
    const id = `plan-${field.id}`;
    let entry = { text: '', quality: null };
    const number = el('input', {
        type: 'text', inputmode: 'numeric', id, autocomplete: 'off',
        maxlength: 20, placeholder: '0', spellcheck: 'false',
        'aria-describedby': `${id}-price ${id}-error`,
        oninput: () => change({ text: number.value }),
        onchange: () => change({ text: number.value }, true),
        onfocus: () => number.select(),
    });
    const slider = el('input', {
        type: 'range', min: 0, max: field.stops.length - 1, step: 1, value: 0,
        'aria-label': `${field.label}, slider`,
        oninput: () => slid(false), onchange: () => slid(true),
    });
    const error = el('p', { class: 'plan-error', id: `${id}-error`, hidden: true });
    const sum = el('p', { class: 'plan-sum' });
    const shown = `${units(field.unit)}`;

    function change(part, settled = false) {
        entry = { ...entry, ...part };
        if (part.text !== undefined)
            place();
        changed(entry, { settled });
    }

    function slid(settled) {
        const value = field.stops[Number(slider.value)];
        number.value = value === 0 ? '' : String(value);
        say();
        change2(number.value, settled);
    }

    /* As change(), but the slider stays where the hand has it. */
    function change2(text, settled) {
        entry = { ...entry, text };
        changed(entry, { settled });
    }

    /* The slider follows the number; one that cannot be read leaves it. */
    function place() {
        const { value } = parseQuantity(number.value, field);
        if (value !== undefined)
            slider.value = String(nearest(field.stops, value));
        say();
    }

    function say() {
        const { value } = parseQuantity(number.value, field);
        slider.setAttribute('aria-valuetext', value === undefined
            ? 'no number' : `${credits(value)} ${value === 1 ? field.unit : shown}`);
    }

    const radios = field.qualities ? qualities(field, (quality) =>
        change({ quality }, true)) : null;
    const root = el('div', { class: 'plan-field', 'data-field': field.id },
        el('div', { class: 'plan-name' },
            el('label', { for: id }, field.label),
            el('span', { class: 'plan-price', id: `${id}-price` },
                priceOf(field))),
        el('div', { class: 'plan-set' }, slider,
            el('div', { class: 'plan-number' }, number,
                el('span', { 'aria-hidden': 'true' }, shortUnit(field)))),
        radios?.root, error, sum);
    say();

    return {
        root,
        set(next) {
            entry = next;
            if (number.value !== next.text)
                number.value = next.text;
            place();
            radios?.set(next.quality);
        },
        error(words) {
            const known = error.dataset.words ?? '';
            if (known === (words ?? ''))
                return;
            error.dataset.words = words ?? '';
            error.replaceChildren(...(words ? [icon('bad', 16), words] : []));
            error.hidden = !words;
            if (words)
                number.setAttribute('aria-invalid', 'true');
            else
                number.removeAttribute('aria-invalid');
        },
        sum(words, figure) {
            const next = [words && el('span', {}, words),
                figure && el('strong', {}, figure)].filter(Boolean);
            sum.replaceChildren(...next);
        },
        focus: () => number.focus(),
    };
}

/* The price beside the name; with qualities, what their figures are per. */
function priceOf({ price, qualities: each, priceUnit }) {
    if (price)
        return priceWords(price, priceUnit);
    if (!each)
        return '';
    const pers = [...new Set(Object.values(each).map(({ per }) => per))];
    return pers.length > 1 ? ''
        : `credits per ${pers[0] === 1 ? priceUnit
            : `${credits(pers[0])} ${units(priceUnit)}`}`;
}

/* What stands behind the number: short, the price says the rest. */
function shortUnit({ unit }) {
    return units(unit).split(' ')[0];
}

function qualities(field, choose) {
    const prices = Object.entries(field.qualities);
    const same = new Set(prices.map(([, { per }]) => per)).size === 1;
    const inputs = prices.map(([quality]) => el('input', {
        type: 'radio', name: `plan-${field.id}-quality`, value: quality,
        onchange: () => choose(quality),
    }));
    const root = el('fieldset', { class: 'segments' },
        el('legend', { class: 'visually-hidden' }, `Quality of ${field.label.toLowerCase()}`),
        prices.map(([quality, price], at) => el('label', {}, inputs[at],
            el('span', {}, quality[0].toUpperCase() + quality.slice(1), ' ',
                el('b', { 'aria-hidden': 'true' }, same ? credits(price.credits)
                    : `${credits(price.credits)} per ${credits(price.per)}`),
                el('span', { class: 'visually-hidden' },
                    priceWords(price, field.priceUnit))))));
    return { root, set(quality) {
        for (const input of inputs)
            input.checked = input.value === quality;
    } };
}
