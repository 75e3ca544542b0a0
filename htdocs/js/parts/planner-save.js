/*
 * Saving the plan under a name. One Idempotency-Key for each plan that is
 * meant to be saved: a double click or another try after an error makes one
 * plan. A draft that was opened is quoted anew instead of saved twice.
 */

import { explain } from '../lib/problem.js';
import { explainPlan } from '../lib/planner-words.js';
import { uuid7 } from '../lib/uuid.js';
import { announce } from './announce.js';
import { button, el, notice } from './dom.js';
import { icon } from './icons.js';

/*
 * `items()` gives {items, errors} as itemsOf() does. `onSaved(plan)` after it;
 * `onInvalid` where there is nothing to save.
 */
export function saveForm({ api, space, onSignedOut, items, onSaved, onInvalid }) {
    const path = `spaces/${encodeURIComponent(space.slug)}/plans`;
    let busy = false;
    let meant = { looks: null, key: null };
    let draft = null;
    const input = el('input', { type: 'text', id: 'plan-name', maxlength: 200,
        autocomplete: 'off', placeholder: 'Summer launch',
        'aria-describedby': 'plan-name-error', oninput: () => wrong(null) });
    const error = el('p', { class: 'plan-error', id: 'plan-name-error', hidden: true });
    const failure = el('div', {});
    const go = el('button', { type: 'submit', class: 'button' }, 'Save plan');
    const anew = button('Save as new', () => save(null), { hidden: true });
    const root = el('form', { class: 'plan-save', novalidate: true,
        'aria-label': 'Save this plan', onsubmit: (event) => {
            event.preventDefault();
            save(draft);
        } },
    el('div', { class: 'field' }, el('label', { for: 'plan-name' }, 'Plan name'),
        el('div', { class: 'plan-save-go' }, input, go, anew)), error, failure);

    function wrong(words) {
        error.replaceChildren(...(words ? [icon('bad', 16), words] : []));
        error.hidden = !words;
        if (words)
            input.setAttribute('aria-invalid', 'true');
        else
            input.removeAttribute('aria-invalid');
    }

    function label() {
        go.replaceChildren(...(busy ? [icon('busy', 16), 'Saving…']
            : [draft ? 'Save changes' : 'Save plan']));
        go.setAttribute('aria-disabled', String(busy));
        anew.hidden = !draft;
    }

    async function save(into) {
        if (busy)
            return;
        const { items: list, errors } = items();
        const name = input.value.trim();
        failure.replaceChildren();
        if (list.length === 0) {
            wrong(Object.keys(errors).length > 0
                ? 'Correct what is marked first.'
                : 'Plan something first: there is nothing to save yet.');
            announce(error.textContent);
            onInvalid();
            return;
        }
        if (name === '') {
            wrong('Give the plan a name.');
            input.focus();
            return;
        }
        const sent = { name, items: list };
        const looks = JSON.stringify([into?.id, sent]);
        if (meant.looks !== looks)
            meant = { looks, key: uuid7() };
        busy = true;
        label();
        try {
            const { body } = into
                ? await api.put(`${path}/${encodeURIComponent(into.id)}`, sent,
                    { key: meant.key })
                : await api.post(path, sent, { key: meant.key });
            meant = { looks: null, key: null };
            draft = null;
            input.value = '';
            announce(`${body.plan.name} is saved`);
            onSaved(body.plan);
        } catch (problem) {
            if (problem.status === 401) {
                onSignedOut();
                return;
            }
            failure.replaceChildren(notice({ tone: 'warn', mark: 'warn',
                role: 'alert', ...explain(problem), ...explainPlan(problem),
                title: explainPlan(problem)?.title ?? 'The plan isn’t saved',
                actions: [button('Try again', () => save(into),
                    { kind: 'small' })] }));
        } finally {
            busy = false;
            label();
        }
    }

    return {
        root,
        /* The plan is another now: what was wrong may be right. */
        changed() {
            if (!error.hidden && input.value.trim() !== '')
                wrong(null);
        },
        /* A saved plan was opened: a draft is gone on with, another is not. */
        name(saved) {
            draft = saved.state === 'draft' ? saved : null;
            input.value = saved.name;
            wrong(null);
            label();
        },
    };
}
