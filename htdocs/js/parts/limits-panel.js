/*
 * Limits and warnings, for those who may set them: below how many credits to
 * warn, and caps with what is used of them. It is saved as a whole; until then
 * nothing is changed, and what is being typed is never replaced by an answer.
 * Who may not set limits any more does not see the panel.
 */

import { bodyOf, draftOf, faultsOf, newCap } from '../lib/limits.js';
import { oneAtATime } from '../lib/one-at-a-time.js';
import { explain } from '../lib/problem.js';
import { announce } from './announce.js';
import { button, el, fill, focusOn, notice } from './dom.js';
import { icon } from './icons.js';
import { capRow, limitField } from './limits-fields.js';

const mostCaps = 100;

export function limitsPanel(root, { api, feed, space, onSignedOut }) {
    const body = root.querySelector('[data-body]');
    const path = `spaces/${encodeURIComponent(space.slug)}/limits`;
    let limits = null;
    let draft = null;
    let busy = false;
    let turn = 0; /* of saving: what was read before it is old */
    let fields = new Map();
    let save = null;
    let said = null;
    let list = null;

    const dirty = () => draft !== null &&
        JSON.stringify(draft) !== JSON.stringify(draftOf(limits));

    const load = oneAtATime(read);

    async function read() {
        if (busy || dirty())
            return;
        const mine = turn;
        try {
            const { body: answer } = await api.get(path);
            if (mine !== turn || dirty())
                return;
            const same = JSON.stringify(answer) === JSON.stringify(limits);
            limits = answer;
            draft = draftOf(limits);
            root.hidden = false;
            /* What is used changes; the focus stays where it is. */
            if (!same && list && sameCaps())
                draft.caps.forEach((cap, at) => fields.get(`caps.${at}.used`)
                    ?.say(cap));
            else if (!same)
                render();
        } catch (problem) {
            if (problem.status === 401)
                onSignedOut();
            else if (problem.status === 403)
                root.hidden = true;
            else if (limits === null)
                fail(problem);
        }
    }

    function sameCaps() {
        return draft.caps.length === list.children.length &&
            draft.threshold === fields.get('threshold').value() &&
            draft.caps.every((cap, at) => ['on', 'value', 'credits', 'per']
                .every((name) => fields.get(`caps.${at}.${name}`).value() ===
                    cap[name]));
    }

    function fail(problem) {
        root.hidden = false;
        list = null;
        fill(body, notice({ tone: 'warn', mark: 'warn', ...explain(problem),
            title: 'The limits can’t be shown right now',
            actions: [button('Try again', () => load(), { kind: 'small' })] }));
    }

    function render() {
        fields = new Map();
        said = el('div', {});
        list = el('div', { class: 'caps' });
        save = el('button', { type: 'submit', class: 'button main' },
            'Save limits');
        const threshold = limitField({
            id: 'limits-threshold', words: 'Warn when fewer credits are left',
            hint: 'Leave it empty for no early warning. You are always ' +
                'told when credits have run out.',
            value: draft.threshold, numeric: true,
            onInput: (value) => { draft.threshold = value; },
        });
        fields.set('threshold', threshold);
        fill(body, el('form', { class: 'limits', novalidate: true,
            onsubmit: (event) => {
                event.preventDefault();
                submit();
            } },
        threshold.box,
        el('div', { class: 'limits-caps' },
            el('h3', { id: 'limits-caps' }, 'Caps'),
            el('p', { class: 'quiet small' }, 'Work that would go over a ' +
                'cap does not start. What is used is what was charged less ' +
                'refunds, and what running work holds.'),
            list, button('Add a cap', add, { kind: 'small' })),
        said, el('div', { class: 'limits-go' }, save)));
        rows();
    }

    function rows() {
        for (const name of [...fields.keys()]) {
            if (name.startsWith('caps.'))
                fields.delete(name);
        }
        list.replaceChildren(...draft.caps.map((cap, at) =>
            capRow(cap, at, { fields, onRemove: () => remove(at) })));
        list.hidden = draft.caps.length === 0;
    }

    function add() {
        if (draft.caps.length >= mostCaps) {
            tell({ tone: 'warn', mark: 'warn',
                title: `There can be ${mostCaps} caps` });
            return;
        }
        draft.caps.push(newCap());
        rows();
        fields.get(`caps.${draft.caps.length - 1}.on`).focus();
    }

    function remove(at) {
        draft.caps.splice(at, 1);
        rows();
        announce('Cap removed. Save to keep it so');
        (list.children[Math.min(at, draft.caps.length - 1)]
            ?.querySelector('.cap-remove') ??
            body.querySelector('.limits-caps > .button')).focus();
    }

    function tell(words) {
        said.replaceChildren(notice({ role: words.tone === 'good' ? null
            : 'alert', ...words }));
    }

    /* Says what is wrong at its fields, and goes to the first. */
    function point(faults) {
        for (const [name, field] of fields)
            field.fault?.(faults.get(name) ?? null);
        const first = [...fields].find(([name]) => faults.has(name));
        first?.[1].focus();
        return first !== undefined;
    }

    function ready(words, isBusy) {
        busy = isBusy;
        save.setAttribute('aria-disabled', String(isBusy));
        save.replaceChildren(...isBusy ? [icon('busy', 18), words] : [words]);
    }

    async function submit() {
        if (busy)
            return;
        said.replaceChildren();
        const { faults } = bodyOf(draft, limits);
        if (point(faults ?? new Map()))
            return;
        turn++;
        ready('Saving…', true);
        try {
            /* What this form does not show may have changed meanwhile. */
            const fresh = (await api.getNow(path)).body;
            limits = (await api.put(path, bodyOf(draft, fresh).body)).body;
            draft = draftOf(limits);
            const title = 'Your limits are saved';
            busy = false;
            render();
            tell({ tone: 'good', mark: 'good', title });
            announce(title);
            save.focus();
            feed.refresh();
        } catch (problem) {
            ready('Save limits', false);
            if (problem.status === 401)
                onSignedOut();
            else
                refused(problem);
        }
    }

    function refused(problem) {
        const { faults, rest } = faultsOf(problem.body.errors);
        if (problem.status === 400) {
            const pointed = point(faults);
            if (rest.length > 0 || !pointed)
                tell({ tone: 'warn', mark: 'warn',
                    title: 'These limits can’t be saved',
                    text: rest.join(' ') || problem.detail });
            return;
        }
        tell({ tone: 'warn', mark: 'warn', ...explain(problem),
            title: problem.status === 403 ? 'Your role can’t set limits'
                : 'The limits were not saved',
            actions: problem.status === 403 ? []
                : [button('Try again', submit, { kind: 'small' })] });
        if (problem.status === 403)
            focusOn(said.querySelector('.title'));
    }

    feed.listen(({ changed, credits: now, problem }) => {
        if (changed || (limits === null && (now || problem)))
            load();
    });
}
