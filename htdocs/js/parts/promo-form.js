/*
 * A promo or gift code, below the tiers: closed until somebody has one. One
 * Idempotency-Key for one code as it was typed, so that trying again after a
 * lost answer never claims twice, and shows what the first try brought.
 */

import { creditWords } from '../lib/format.js';
import { explainCode } from '../lib/problem.js';
import { uuid7 } from '../lib/uuid.js';
import { announce } from './announce.js';
import { button, el, focusOn, notice } from './dom.js';
import { icon } from './icons.js';

/* `root`: the place in the section. */
export function promoForm(root, { api, feed, space, onSignedOut }) {
    const path = `spaces/${encodeURIComponent(space.slug)}/promo`;
    let claim = { code: null, key: null };
    let busy = false;

    const error = el('p', { class: 'field-error', id: 'promo-error' });
    const input = el('input', { id: 'promo-code', type: 'text', name: 'code',
        autocomplete: 'off', autocapitalize: 'characters', spellcheck: 'false',
        maxlength: '80', oninput: () => fault(null) });
    const go = el('button', { type: 'submit', class: 'button' }, 'Use code');
    const said = el('div', {});
    const form = el('form', { class: 'promo-form', novalidate: true,
        onsubmit: (event) => {
            event.preventDefault();
            submit();
        } },
    el('div', { class: 'field' },
        el('label', { for: 'promo-code' }, 'Promo or gift code'), input, error),
    go);
    const box = el('details', { class: 'promo' },
        el('summary', {}, 'Have a promo or gift code?'), form, said);
    box.addEventListener('toggle', () => box.open && input.focus());
    root.replaceChildren(box);

    function fault(words) {
        error.textContent = words ?? '';
        if (words) {
            input.setAttribute('aria-invalid', 'true');
            input.setAttribute('aria-describedby', 'promo-error');
        } else {
            input.removeAttribute('aria-invalid');
            input.removeAttribute('aria-describedby');
        }
    }

    function ready(isBusy) {
        busy = isBusy;
        go.setAttribute('aria-disabled', String(isBusy));
        go.replaceChildren(...isBusy ? [icon('busy', 18), 'Checking…']
            : ['Use code']);
    }

    async function submit() {
        const code = input.value.trim();
        if (busy)
            return;
        said.replaceChildren();
        if (code === '') {
            fault('Enter the code.');
            input.focus();
            return;
        }
        if (claim.code !== code)
            claim = { code, key: uuid7() };
        ready(true);
        try {
            const { body } = await api.post(path, { code },
                { key: claim.key });
            claimed(body.event);
        } catch (problem) {
            refused(problem);
        } finally {
            ready(false);
        }
    }

    async function claimed(event) {
        claim = { code: null, key: null };
        input.value = '';
        fault(null);
        const title = `${creditWords(event.credits)} added`;
        said.replaceChildren(notice({ tone: 'good', mark: 'good', title,
            text: 'They are in your balance and in the history, as a bonus.' }));
        announce(title);
        focusOn(said.querySelector('.title'));
        feed.refresh();
    }

    function refused(problem) {
        if (problem.status === 401) {
            onSignedOut();
            return;
        }
        const words = explainCode(problem);
        if (words.field) {
            fault(words.field);
            input.focus();
            return;
        }
        said.replaceChildren(notice({ tone: 'warn', mark: 'warn',
            role: 'alert', ...words, actions: words.retry
                ? [button('Try again', submit, { kind: 'small' })] : [] }));
    }
}
