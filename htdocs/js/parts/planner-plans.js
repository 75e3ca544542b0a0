/*
 * Saved plans: what each quoted, how it stands, the step that comes next
 * (start, finish, estimate again), and, once started, planned against actual
 * as bars and figures. A plan's step sends one key however often it is tried.
 */

import { credits, creditWords, moment } from '../lib/format.js';
import { explain } from '../lib/problem.js';
import { explainPlan, planState, tierFor } from '../lib/planner-words.js';
import { uuid7 } from '../lib/uuid.js';
import { announce } from './announce.js';
import { button, el, keepingFocus, notice, time } from './dom.js';
import { icon } from './icons.js';
import { comparisonBar, planActual } from './planner-actual.js';

const pageSize = 10;

/*
 * `root`: where the list goes.
 * `canOpen(items)`, `onOpen(plan)`: putting a plan into the planner's fields.
 * `onTopUp(tier, act)` as in planner-result.js.
 * Gives {added(plan), priced()}.
 */
export function savedPlans(root, { api, feed, space, canOpen, onOpen, onTopUp,
    onSignedOut }) {
    const path = `spaces/${encodeURIComponent(space.slug)}/plans`;
    const mayStart = ['owner', 'admin'].includes(space.role);
    const rows = el('ul', { class: 'rows plans' });
    const foot = el('div', { class: 'events-foot', hidden: true });
    const keys = new Map();
    let list = null;
    let before = null;
    let loading = false;

    async function load(older = false) {
        if (loading)
            return;
        loading = true;
        try {
            const query = new URLSearchParams({ limit: pageSize });
            if (older)
                query.set('before', before);
            const { body } = await api.get(`${path}?${query}`);
            const known = new Set((list ?? []).map(({ plan }) => plan.id));
            list = [...(list ?? []), ...body.plans.filter(({ id }) =>
                !known.has(id)).map(entry)];
            before = body.next_before;
            build();
        } catch (problem) {
            if (problem.status === 401)
                onSignedOut();
            else
                fail(problem, older);
        } finally {
            loading = false;
        }
    }

    function fail(problem, older) {
        const box = notice({ tone: 'warn', mark: 'warn', role: 'alert',
            ...explain(problem),
            title: 'Saved plans can’t be shown right now',
            actions: [button('Try again', () => load(older), { kind: 'small' })] });
        if (list === null) {
            root.replaceChildren(el('div', { class: 'card' }, box));
            return;
        }
        foot.hidden = false;
        foot.replaceChildren(box);
    }

    function build() {
        if (list.length === 0) {
            root.replaceChildren();
            return;
        }
        keepingFocus(foot, () => foot.replaceChildren(...(before
            ? [button('Load older plans', () => load(true), { kind: 'small' })]
            : [])));
        foot.hidden = !before;
        rows.replaceChildren(...list.map(({ node }) => node));
        if (!root.contains(rows))
            root.replaceChildren(el('div', { class: 'card plan-list' },
                el('h3', { id: 'plans-title' }, 'Saved plans'), rows, foot));
    }

    /* ---- one plan ---- */

    function entry(plan) {
        const made = { plan, node: el('li', { 'data-plan': plan.id }),
            failure: el('div', { class: 'plan-failure' }), busy: null, steps: 0,
            open: null };
        draw(made);
        return made;
    }

    function draw(made) {
        const { plan, node, over } = made;
        const zone = feed.state.credits?.space.time_zone;
        const { word, tone } = planState(plan, over);
        node.dataset.state = plan.state;
        keepingFocus(node, () => node.replaceChildren(
            el('div', { class: 'plan-what' },
                el('div', { class: 'plan-called' }, el('strong', {}, plan.name),
                    el('span', { class: `chip ${tone}`.trim() }, word)),
                el('div', { class: 'quiet small' },
                    `${creditWords(plan.total)} at price book ` +
                    `${plan.price_book.version}, quoted `,
                    time(plan.quoted_at, moment(plan.quoted_at, zone))),
                notes(made)),
            el('div', { class: 'plan-ways' }, ways(made)),
            made.failure, sums(plan), made.actual?.root ?? ''));
    }

    /* What to know before the next step; null: nothing. */
    function notes({ plan, over }) {
        if (plan.state !== 'draft' || over || !plan.price_book_changed)
            return null;
        const zone = feed.state.credits?.space.time_zone;
        return el('p', { class: 'quiet small' }, 'Prices have changed since. ',
            'This quote can be started until ',
            time(plan.quote_ends_at, moment(plan.quote_ends_at, zone)), '.');
    }

    /* The whole plan against what was used of it, at a glance. */
    function sums({ state, totals }) {
        if (state === 'draft' || !totals)
            return '';
        const { planned, used, refunded, remaining } = totals;
        return el('div', { class: 'plan-glance' }, comparisonBar(totals),
            el('p', { class: 'small', 'data-totals': true },
                `${credits(used)} of ${creditWords(planned)} used`,
                refunded > 0 && `, ${credits(refunded)} given back`,
                state === 'started' && `, ${credits(remaining)} still held`));
    }

    function ways(made) {
        const { plan, busy, over } = made;
        const way = (name, words, act, kind = '') => {
            const pressed = el('button', { type: 'button',
                class: `button small ${kind}`.trim(), onclick: act,
                'aria-disabled': busy ? 'true' : null },
            ...(busy === name ? [icon('busy', 16), 'Working…'] : [words]),
            el('span', { class: 'visually-hidden' }, ` ${plan.name}`));
            return pressed;
        };
        const opened = canOpen(plan.items) &&
            way('open', 'Open', () => onOpen(plan));
        switch (plan.state) {
        case 'draft':
            if (over)
                return [opened, way('quote', 'Estimate again',
                    () => step(made, 'quote'), 'main')];
            return [opened, mayStart
                ? way('start', 'Start', () => step(made, 'start'), 'main')
                : el('span', { class: 'quiet small' },
                    'An owner or admin can start it')];
        case 'started':
            /* Finish is not where Start was: pressed twice, it would be hit. */
            return [mayStart && way('finish', 'Finish', () => step(made, 'finish')),
                compare(made, way)];
        default:
            return [opened, compare(made, way)];
        }
    }

    /* Shows and hides each activity's figures. */
    function compare(made, way) {
        const shown = Boolean(made.actual);
        const pressed = way('look', shown ? 'Hide details' : 'Compare', () => {
            if (!made.actual) {
                look(made, true);
                return;
            }
            made.actual = null;
            draw(made);
        });
        pressed.setAttribute('aria-expanded', String(shown));
        return pressed;
    }

    /* Planned against actual, as it stands now; `wanted`: to be shown. */
    async function look(made, wanted = false) {
        const { steps } = made;
        try {
            const { body } = await api.get(
                `${path}/${encodeURIComponent(made.plan.id)}`);
            if (steps !== made.steps)
                return; /* asked before what was done since */
            made.plan = body.plan;
            if (wanted)
                made.actual ??= planActual();
            made.actual?.show(made.plan);
            draw(made);
        } catch (problem) {
            if (problem.status === 401)
                onSignedOut();
            else if (wanted)
                said(made, { ...explain(problem),
                    title: 'How it went can’t be shown right now' },
                () => look(made, true));
        }
    }

    const doneWords = {
        start: (plan) => `${plan.name} is started: ` +
            `${creditWords(plan.total)} held`,
        finish: (plan) => `${plan.name} is finished, and what was left is back`,
        quote: (plan) => `${plan.name} is estimated again: ` +
            creditWords(plan.total),
    };

    async function step(made, name) {
        if (made.busy)
            return;
        const { plan } = made;
        made.busy = name;
        made.steps++;
        made.failure.replaceChildren();
        draw(made);
        const at = `${path}/${encodeURIComponent(plan.id)}`;
        const named = `${plan.id} ${name} ${plan.quoted_at}`;
        const key = keys.get(named) ?? uuid7();
        keys.set(named, key);
        try {
            const { body } = name === 'quote'
                ? await api.put(at, {}, { key })
                : await api.post(`${at}/${name}`, {}, { key });
            keys.delete(named);
            made.plan = { ...made.plan, ...body.plan };
            made.busy = null;
            made.over = false;
            announce(doneWords[name](made.plan));
            draw(made);
            if (name !== 'quote') {
                look(made, name === 'finish');
                feed.refresh();
            }
        } catch (problem) {
            made.busy = null;
            if (problem.status === 401) {
                onSignedOut();
                return;
            }
            refused(made, name, problem);
        }
    }

    function refused(made, name, problem) {
        const words = explainPlan(problem) ?? { ...explain(problem),
            title: name === 'start' ? 'The plan isn’t started'
                : name === 'finish' ? 'The plan isn’t finished'
                    : 'The plan isn’t estimated' };
        if (words.quote)
            made.over = true;
        draw(made);
        said(made, words, words.retry ? () => step(made, name) : null);
        if (words.stale)
            look(made);
    }

    function said(made, words, again) {
        const tier = words.short
            ? tierFor(words.short, feed.state.credits?.tiers ?? []) : null;
        const buys = feed.state.credits?.can_buy;
        made.failure.replaceChildren(notice({ tone: 'warn', mark: 'warn',
            role: 'alert', ...words, actions: [
                tier && button(buys ? `Top up ${tier.label}` : 'See top-ups',
                    () => onTopUp(tier.id, buys ? 'buy' : 'see'),
                    { kind: buys ? 'main small' : 'small' }),
                again && button('Try again', () => {
                    made.failure.replaceChildren();
                    again();
                }, { kind: 'small' }),
            ].filter(Boolean) }));
    }

    feed.listen(({ changed }) => {
        if (!changed)
            return;
        for (const made of list ?? []) {
            if (made.plan.state === 'started')
                look(made);
        }
    });
    load();

    return {
        /* A plan was saved, or a draft quoted anew. */
        added(plan) {
            const rest = (list ?? []).filter((each) => each.plan.id !== plan.id);
            list = [entry(plan), ...rest];
            build();
        },
        /* The price book is here: what can be opened is known. */
        priced() {
            for (const made of list ?? [])
                draw(made);
        },
    };
}
