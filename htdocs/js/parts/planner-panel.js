/*
 * The credit planner: fields by the price book, and beside them what they
 * come to. The plan is kept in the address; the estimate is the server's, asked
 * anew for every change and whenever the balance has changed. Nothing is ever
 * asked with a field that cannot be read.
 */

import { explain } from '../lib/problem.js';
import { createEstimates } from '../lib/planner-estimate.js';
import { carriedPlan, emptyPlan, examplePlan, fieldsOf, hasPlan, itemsOf, planOf,
    readPlan, writePlan } from '../lib/planner.js';
import { credits, creditWords } from '../lib/format.js';
import { tab } from '../lib/storage.js';
import { announce } from './announce.js';
import { button, el, fill, notice } from './dom.js';
import { plannerBook } from './planner-book.js';
import { plannerField } from './planner-field.js';
import { savedPlans } from './planner-plans.js';
import { plannerResult } from './planner-result.js';
import { saveForm } from './planner-save.js';

/* The plan of this tab, for coming back from the payment page. */
const keptName = 'scrip.plan';
const writeMs = 200;

/*
 * `root`: the section. `buying`: the buy panel. `returning`: the member comes
 * back from the payment page.
 */
export function plannerPanel(root, { api, feed, space, buying, returning,
    onSignedOut }) {
    const body = root.querySelector('[data-body]');
    const path = `spaces/${encodeURIComponent(space.slug)}/planner`;
    let book = null;
    let sections = [];
    let plan = {};
    let fields = new Map();
    let asked = { items: [], errors: {}, values: {} };
    let writing = null;
    let loading = false;
    let lead = null;

    const result = plannerResult({ onTopUp: topUp,
        onRetry: () => estimates.again() });
    const estimates = createEstimates({ ask, show });
    const plans = savedPlans(root.querySelector('[data-plans]'), {
        api, feed, space, onSignedOut, onTopUp: topUp,
        canOpen: (items) => Boolean(planOf(sections, items)), onOpen: open });
    const saving = saveForm({ api, space, onSignedOut,
        items: () => asked,
        onSaved: (saved) => plans.added(saved),
        onInvalid: () => fields.get(Object.keys(asked.errors)[0] ??
            sections[0]?.fields[0].id)?.focus() });

    async function ask(items, signal) {
        try {
            const { body: estimate } = await api.post(path, { items }, { signal });
            if (book && estimate.price_book.version !== book.price_book.version)
                load();
            return { ...estimate, asked: items };
        } catch (problem) {
            if (problem.status === 401) {
                /* Signing in comes back to the address as it is now. */
                write();
                onSignedOut();
            }
            throw problem;
        }
    }

    async function load() {
        if (loading)
            return;
        loading = true;
        try {
            const { body: next } = await api.get(path);
            book = next;
            build();
        } catch (problem) {
            if (problem.status === 401)
                onSignedOut();
            else if (!book)
                fail(problem);
        } finally {
            loading = false;
        }
    }

    function fail(problem) {
        fill(body, notice({ tone: 'warn', mark: 'warn', ...explain(problem),
            title: 'The planner can’t be shown right now',
            actions: [button('Try again', () => {
                body.setAttribute('aria-busy', 'true');
                load();
            }, { kind: 'small' })] }));
    }

    /* The fields, anew: at first, and when another price book is in force;
     * then with what is in them, be it half a number. */
    function build() {
        const { id: at, selectionStart: from, selectionEnd: to } =
            document.activeElement ?? {};
        sections = fieldsOf(book);
        plan = fields.size > 0 ? carriedPlan(sections, plan)
            : readPlan(sections, restored());
        fields = new Map();
        const groups = sections.map(({ id, label, fields: list }) =>
            el('fieldset', { class: 'plan-group', 'data-section': id },
                el('legend', {}, label), list.map(one)));
        lead = el('p', { class: 'plan-lead' });
        fill(body, el('form', { class: 'plan-form', id: 'planner-form',
            'aria-labelledby': 'planner-title', novalidate: true,
            onsubmit: (event) => event.preventDefault() }, lead, groups,
        result.peek),
        el('div', { class: 'plan-side' }, el('div', { class: 'plan-stay' },
            result.root, saving.root,
            plannerBook(book, feed.state.credits?.space.time_zone))));
        put();
        const field = at && body.querySelector(`#${CSS.escape(at)}`);
        if (field) {
            field.focus({ preventScroll: true });
            if (typeof from === 'number')
                field.setSelectionRange(from, to);
        }
        plans.priced();
    }

    function one(field) {
        const made = plannerField(field, (entry, { settled }) => {
            plan = { ...plan, [field.id]: entry };
            update(settled);
        });
        fields.set(field.id, made);
        return made.root;
    }

    /* All fields as the plan has them. */
    function put() {
        for (const [id, field] of fields)
            field.set(plan[id]);
        update(true);
    }

    function update(settled) {
        const had = Object.keys(asked.errors).length;
        asked = itemsOf(sections, plan);
        for (const [id, field] of fields)
            field.error(asked.errors[id]);
        const wrong = Object.values(asked.errors);
        keep(settled);
        if (wrong.length > 0) {
            if (had === 0)
                announce(wrong[0]);
            estimates.hold();
        } else if (asked.items.length === 0) {
            estimates.clear();
        } else {
            estimates.want(asked.items);
        }
        intro();
        saving.changed();
    }

    /* Where nothing is planned, a way to see what a plan looks like. */
    function intro() {
        const blank = asked.items.length === 0 &&
            Object.keys(asked.errors).length === 0;
        if (lead.dataset.blank === String(blank))
            return;
        const inside = lead.contains(document.activeElement);
        lead.dataset.blank = String(blank);
        lead.replaceChildren(...blank
            ? ['See what something will cost before you run it. ',
                el('button', { type: 'button', class: 'link', onclick: () =>
                    fillIn(examplePlan(sections), 'An example is filled in') },
                'Fill in an example')]
            : ['Estimates use today’s prices and hold nothing. ',
                el('button', { type: 'button', class: 'link', onclick: () =>
                    fillIn(emptyPlan(sections), 'The plan is cleared') },
                'Clear')]);
        if (inside)
            lead.querySelector('button').focus({ preventScroll: true });
    }

    function fillIn(next, words) {
        plan = next;
        put();
        announce(words);
    }

    function show(state) {
        const now = feed.state.credits;
        result.show({ ...state, now,
            invalid: Object.keys(asked.errors).length > 0 });
        lines(state.estimate);
    }

    /* What each field comes to, in the server's words. */
    function lines(estimate) {
        for (const { fields: list } of sections) {
            for (const field of list) {
                const line = estimate?.lines.find((each) =>
                    each.activity === field.activity);
                const words = line ? factors(field, line) : field.id === 'viewers'
                    && asked.values.viewers > 0 && asked.values.length === 0
                    ? 'Set a length, too: viewers count by the minute.' : null;
                fields.get(field.id).sum(words,
                    line && creditWords(line.credits));
            }
        }
    }

    /* Viewer-minutes are the one figure that comes from two fields. */
    function factors(field, line) {
        const { length, viewers } = asked.values;
        return field.id === 'viewers' && length * viewers === line.quantity
            ? `${credits(length)} min × ${credits(viewers)} ` +
                `${viewers === 1 ? 'viewer' : 'viewers'} = ${line.words}`
            : line.words;
    }

    /* ---- the address ---- */

    /* The plan of the address; back from the payment page, the one kept. */
    function restored() {
        const query = new URLSearchParams(location.search);
        const kept = tab.read(keptName);
        if (returning && !hasPlan(query) && kept?.space === space.slug)
            return new URLSearchParams(kept.query);
        return query;
    }

    function keep(settled) {
        clearTimeout(writing);
        if (settled)
            write();
        else
            writing = setTimeout(write, writeMs);
    }

    function write() {
        const query = writePlan(sections, plan,
            new URLSearchParams(location.search));
        const address = new URL(location.href);
        address.search = query;
        tab.write(keptName, { space: space.slug, query: String(
            writePlan(sections, plan, new URLSearchParams())) });
        if (address.href === location.href)
            return;
        try {
            history.replaceState(history.state, '', address);
        } catch {
            /* A browser that takes no more for now; the next change writes. */
        }
    }

    addEventListener('popstate', () => {
        if (!book)
            return;
        const next = readPlan(sections, new URLSearchParams(location.search));
        if (JSON.stringify(next) !== JSON.stringify(plan)) {
            plan = next;
            put();
        }
    });

    /* ---- ways on ---- */

    /* The tier is chosen in the buy panel, which makes the order; what goes
     * wrong there is said there. */
    function topUp(tier, act) {
        write();
        buying.choose(tier);
        buying.focus();
        if (act === 'buy')
            buying.buy();
    }

    function open(saved) {
        const next = planOf(sections, saved.items);
        if (!next)
            return;
        fillIn(next, `${saved.name} is in the planner`);
        saving.name(saved);
        fields.values().next().value?.focus();
        root.scrollIntoView({ block: 'start' });
    }

    feed.listen(({ changed, credits: now, problem }) => {
        if (!book) {
            if (now || problem)
                load();
            return;
        }
        if (changed) {
            show(estimates.state);
            estimates.again();
        }
    });
    addEventListener('online', () => {
        if (!book)
            load();
        else if (estimates.state.problem)
            estimates.again();
    });
    load();
}
