/*
 * The planner's pure parts: fields that a price book makes, what stands in
 * them and what is asked for, the plan in the address and back, estimates in
 * their order whatever the network does, and the words.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEstimates, pauseMs, spacingMs }
    from '../../htdocs/js/lib/planner-estimate.js';
import { changeWords, comparison, estimateBar, explainPlan, planState, promptOf,
    tierFor } from '../../htdocs/js/lib/planner-words.js';
import { carriedPlan, emptyPlan, examplePlan, fieldsOf, hasPlan, itemsOf, nearest,
    parseQuantity, planOf, priceWords, readPlan, stops, units, writePlan }
    from '../../htdocs/js/lib/planner.js';
import { Problem } from '../../htdocs/js/lib/problem.js';

const plain = (id, unit, credits, per) => ({ id, label: id, unit,
    qualities: null, price: { credits, per } });
const three = (id, label, unit, [fast, balanced, premium], per = 1) => ({ id,
    label, unit, price: null, qualities: { fast: { credits: fast, per },
        balanced: { credits: balanced, per }, premium: { credits: premium, per } } });
const book = { price_book: { version: 1 }, sections: [
    { id: 'livestream', label: 'Livestream', activities: [
        plain('livestream_room', 'minute', 2, 1),
        plain('livestream_viewing', 'viewer-minute', 20, 1000)] },
    { id: 'after_live', label: 'After the live', activities: [
        three('clip', 'Clips', 'clip', [5, 10, 25]),
        three('draft_post', 'Draft posts', 'post', [4, 8, 20])] },
    { id: 'ai_tools', label: 'AI tools', activities: [
        three('chat_reply', 'Chat replies', 'reply', [1, 2, 5]),
        three('video_summary', 'Video summaries', 'minute of video',
            [5, 10, 20], 10)] },
] };
const sections = fieldsOf(book);
const fields = sections.flatMap(({ fields: list }) => list);
const field = (id) => fields.find((each) => each.id === id);

/* A plan of texts: "10" or ["10", "premium"]. */
function planWith(entries) {
    const plan = emptyPlan(sections);
    for (const [id, said] of Object.entries(entries)) {
        const [text, quality] = [said].flat();
        plan[id] = { text, quality: quality ?? plan[id].quality };
    }
    return plan;
}

// ------------------------------------------------------------- fields

test('a livestream is asked for by length and viewers, all else by quantity', () => {
    assert.deepEqual(fields.map(({ id }) => id), ['length', 'viewers', 'clip',
        'draft_post', 'chat_reply', 'video_summary']);
});

test('a price book of other activities makes other fields', () => {
    const other = fieldsOf({ sections: [{ id: 'x', label: 'X', activities: [
        plain('livestream_viewing', 'viewer-minute', 1, 1),
        plain('podcast', 'box', 3, 1)] }, { id: 'e', label: 'E', activities: [] }] });
    assert.deepEqual(other.flatMap(({ fields: list }) => list.map(({ id }) => id)),
        ['length', 'viewers', 'podcast']);
    const plan = { ...emptyPlan(other), length: { text: '5', quality: null },
        viewers: { text: '4', quality: null } };
    assert.deepEqual(itemsOf(other, plan).items,
        [{ activity: 'livestream_viewing', quantity: 20 }]);
});

test('another price book takes over what was entered, be it half a number', () => {
    const other = fieldsOf({ sections: [{ id: 'x', label: 'X', activities: [
        plain('clip', 'clip', 7, 1),
        { id: 'draft_post', label: 'D', unit: 'd', price: null,
            qualities: { premium: { credits: 1, per: 1 } } },
        three('chat_reply', 'Chat replies', 'reply', [1, 2, 5]),
        plain('podcast', 'box', 3, 1)] }] });
    assert.deepEqual(carriedPlan(other, planWith({ length: '9', clip: ['1,00', 'fast'],
        draft_post: ['-5', 'fast'], chat_reply: ['3', 'fast'] })), {
        clip: { text: '1,00', quality: null },
        draft_post: { text: '-5', quality: 'premium' },
        chat_reply: { text: '3', quality: 'fast' },
        podcast: { text: '', quality: null } });
});

test('a book without "balanced" begins with its first quality', () => {
    const only = fieldsOf({ sections: [{ id: 's', label: 'S', activities: [
        { id: 'a', label: 'A', unit: 'a', price: null,
            qualities: { premium: { credits: 1, per: 1 } } }] }] });
    assert.equal(emptyPlan(only).a.quality, 'premium');
});

for (const [unit, many] of [['minute', 'minutes'], ['reply', 'replies'],
    ['box', 'boxes'], ['day', 'days'], ['minute of video', 'minutes of video'],
    ['viewer-minute', 'viewer-minutes']])
    test(`one ${unit}, many ${many}`, () => assert.equal(units(unit), many));

for (const [price, unit, words] of [
    [{ credits: 2, per: 1 }, 'minute', '2 credits per minute'],
    [{ credits: 1, per: 1 }, 'reply', '1 credit per reply'],
    [{ credits: 20, per: 1000 }, 'viewer-minute', '20 credits per 1,000 viewer-minutes'],
])
    test(`a price in words: ${words}`, () =>
        assert.equal(priceWords(price, unit), words));

test('a slider stops at finer values where they are small, and ends where it says', () => {
    assert.deepEqual(stops([[4, 2], [10, 5]]), [0, 2, 4, 9, 10]);
    for (const { stops: values } of fields)
        assert.ok(values.every((value, at) => at === 0 || value > values[at - 1]) &&
            values[0] === 0 && values.length > 20);
});

for (const [value, at] of [[0, 0], [1, 0], [9, 2], [10, 2], [99999, 4]])
    test(`a slider stands at the stop nearest to ${value}`, () =>
        assert.equal(nearest([0, 5, 10, 20, 40], value), at));

// -------------------------------------------------------------- input

const readable = [['', 0], ['  ', 0], ['0', 0], ['000', 0], ['7', 7], ['007', 7],
    [' 72 ', 72], ['1,000', 1000], ['10 080', 10080], ['10\u00a0000', 10000],
    ['1,000,000', 1_000_000]];
for (const [text, value] of readable)
    test(`"${text}" is ${value}`, () =>
        assert.deepEqual(parseQuantity(text, field('clip')), { value }));

const unreadable = [['-1', /0 or more/], ['\u22125', /0 or more/],
    ['1.5', /whole number/], ['1,5', /whole number/], ['2.', /whole number/],
    ['1e3', /in digits/], ['abc', /in digits/], ['12abc', /in digits/],
    ['0x10', /in digits/], ['1,00', /whole number|in digits/],
    ['\u0661\u0662', /in digits/], ['12 3', /in digits/], ['+5', /in digits/],
    ['<b>1</b>', /in digits/], ['NaN', /in digits/], ['Infinity', /in digits/],
    ['1000001', /1,000,000 or less/], ['123456789', /1,000,000 or less/],
    ['999,999,999', /1,000,000 or less/], ['9'.repeat(30), /1,000,000 or less/]];
for (const [text, words] of unreadable)
    test(`"${text}" has words at the field, and nothing is asked`, () => {
        const { error, value } = parseQuantity(text, field('clip'));
        assert.match(error, words);
        assert.equal(value, undefined);
        const { items, errors } = itemsOf(sections,
            planWith({ clip: text, chat_reply: '5' }));
        assert.deepEqual(items, []);
        assert.deepEqual(Object.keys(errors), ['clip']);
    });

test('a livestream longer than holds last is refused, in days', () => {
    assert.deepEqual(parseQuantity('10080', field('length')), { value: 10080 });
    assert.match(parseQuantity('10081', field('length')).error,
        /10,080 minutes \(7 days\)/);
});

// -------------------------------------------------------------- items

const asked = [
    ['nothing', {}, []],
    ['a room alone', { length: '60' }, [{ activity: 'livestream_room', quantity: 60 }]],
    ['viewers without a length', { viewers: '9' }, []],
    ['length times viewers', { length: '72', viewers: '140' },
        [{ activity: 'livestream_room', quantity: 72 },
            { activity: 'livestream_viewing', quantity: 10_080 }]],
    ['a quality where one applies', { clip: ['5', 'premium'], chat_reply: '50' },
        [{ activity: 'clip', quantity: 5, quality: 'premium' },
            { activity: 'chat_reply', quantity: 50, quality: 'balanced' }]],
    ['the most of everything', { length: '10080', viewers: '1000000' },
        [{ activity: 'livestream_room', quantity: 10_080 },
            { activity: 'livestream_viewing', quantity: 10_080_000_000 }]],
];
for (const [what, entries, items] of asked)
    test(`what is asked: ${what}`, () => {
        const plan = planWith(entries);
        assert.deepEqual(itemsOf(sections, plan).items, items);
        if (items.length > 0)
            assert.deepEqual(itemsOf(sections, planOf(sections, items)).items, items);
    });

const unsaid = [
    ['viewer-minutes that are no whole number of viewers',
        [{ activity: 'livestream_room', quantity: 7 },
            { activity: 'livestream_viewing', quantity: 10 }]],
    ['viewer-minutes without a room', [{ activity: 'livestream_viewing', quantity: 10 }]],
    ['an activity that is gone', [{ activity: 'fax', quantity: 1 }]],
    ['a quality that is gone', [{ activity: 'clip', quantity: 1, quality: 'ultra' }]],
    ['a quality where none applies',
        [{ activity: 'livestream_room', quantity: 1, quality: 'fast' }]],
    ['no quality where one applies', [{ activity: 'clip', quantity: 1, quality: null }]],
    ['the same twice', [{ activity: 'clip', quantity: 1, quality: 'fast' },
        { activity: 'clip', quantity: 2, quality: 'premium' }]],
    ['more than a field takes', [{ activity: 'clip', quantity: 1_000_001, quality: 'fast' }]],
];
for (const [what, items] of unsaid)
    test(`the fields cannot say ${what}, and do not pretend to`, () =>
        assert.equal(planOf(sections, items), null));

test('the example asks for something of this book', () => {
    assert.ok(itemsOf(sections, examplePlan(sections)).items.length >= 4);
});

// ------------------------------------------------------------ address

const addresses = [
    [{}, ''],
    [{ length: '72', viewers: '140' }, 'plan.length=72&plan.viewers=140'],
    [{ clip: ['5', 'premium'] }, 'plan.clip=5.premium'],
    [{ clip: ['', 'fast'] }, 'plan.clip=0.fast'],
    [{ length: '1,000', chat_reply: '0' }, 'plan.length=1000'],
];
for (const [entries, query] of addresses)
    test(`the address of a plan: "${query}", and back`, () => {
        const plan = planWith(entries);
        const written = writePlan(sections, plan, new URLSearchParams());
        assert.equal(String(written), query);
        assert.equal(hasPlan(written), query !== '');
        const back = readPlan(sections, written);
        assert.deepEqual(itemsOf(sections, back), itemsOf(sections, plan));
        assert.deepEqual(writePlan(sections, back, written), written);
    });

test('random plans come back from their address', () => {
    const seed = Number(process.env.SEED ?? Date.now() % 1e9);
    console.log(`# SEED=${seed}`);
    let state = seed;
    const random = (below) => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return Math.floor(state / 2 ** 32 * below);
    };
    for (let round = 0; round < 500; round++) {
        const plan = emptyPlan(sections);
        for (const each of fields)
            plan[each.id] = { text: random(3) ? String(random(each.most) + 1) : '',
                quality: each.qualities
                    ? Object.keys(each.qualities)[random(3)] : null };
        const query = writePlan(sections, plan, new URLSearchParams('space=demo'));
        assert.deepEqual(readPlan(sections, new URLSearchParams(String(query))), plan);
    }
});

test('writing a plan leaves the rest of the address as it is', () => {
    const query = new URLSearchParams('space=demo&kind=top_up&plan.clip=9.fast&plan.gone=1&kind=expiry');
    assert.equal(String(writePlan(sections, planWith({ length: '5' }), query)),
        'space=demo&kind=top_up&kind=expiry&plan.length=5');
});

test('what cannot be read is not written, and what an address says is not trusted', () => {
    assert.equal(String(writePlan(sections, planWith({ length: 'x', clip: ['x', 'fast'] }),
        new URLSearchParams())), 'plan.clip=0.fast');
    const odd = readPlan(sections, new URLSearchParams({ 'plan.length': '1e9',
        'plan.clip': '7.toString', 'plan.viewers': '5.fast',
        'plan.draft_post': '9'.repeat(500), 'plan.chat_reply': 'constructor' }));
    assert.equal(odd.clip.quality, 'balanced');
    assert.ok(odd.draft_post.text.length <= 40);
    assert.deepEqual(Object.keys(itemsOf(sections, odd).errors).sort(),
        ['chat_reply', 'clip', 'draft_post', 'length', 'viewers']);
});

// ---------------------------------------------------------- estimates

/* A clock, a network whose answers come when the test says, and what was shown. */
function stage() {
    const made = { now: 0, questions: [], shown: [], timers: new Map() };
    let ids = 0;
    made.estimates = createEstimates({
        now: () => made.now,
        later(act, ms) {
            made.timers.set(++ids, { at: made.now + ms, act });
            return ids;
        },
        never: (id) => made.timers.delete(id),
        ask: (items, signal) => new Promise((answer, refuse) => {
            made.questions.push({ items, signal, answer, refuse, at: made.now });
        }),
        show: (state) => made.shown.push({ ...state }),
    });
    made.pass = async (ms) => {
        const until = made.now + ms;
        for (;;) {
            const due = [...made.timers].filter(([, { at }]) => at <= until)
                .sort(([, a], [, b]) => a.at - b.at)[0];
            if (!due)
                break;
            made.timers.delete(due[0]);
            made.now = Math.max(made.now, due[1].at);
            due[1].act();
        }
        made.now = until;
        await settled();
    };
    return made;
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('any change is asked for soon enough to be answered within 100 ms', () => {
    assert.ok(pauseMs <= 60 && Math.max(pauseMs, spacingMs) + 20 <= 100);
});

test('a burst of changes is one question, about the last of them', async () => {
    const s = stage();
    for (const text of ['1', '12', '120'])
        s.estimates.want(text);
    await s.pass(pauseMs);
    assert.deepEqual(s.questions.map(({ items }) => items), ['120']);
});

test('changes that go on are asked for as they go, one question at a time', async () => {
    const s = stage();
    for (let at = 0; at < 100; at++) {
        s.estimates.want(at);
        await s.pass(10);
    }
    await s.pass(100);
    assert.ok(s.questions.length >= 10 && s.questions.length <= 1000 / spacingMs + 2,
        `${s.questions.length} questions in a second`);
    for (const { signal } of s.questions.slice(0, -1))
        assert.ok(signal.aborted);
    assert.equal(s.questions.at(-1).items, 99);
    assert.equal(s.questions.at(-1).signal.aborted, false);
});

test('an older answer never overtakes a newer one, in any order', async () => {
    for (const order of [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]]) {
        const s = stage();
        for (const items of ['a', 'b', 'c']) {
            s.estimates.want(items);
            await s.pass(100);
        }
        for (const at of order) {
            s.questions[at].answer(`of ${s.questions[at].items}`);
            await settled();
        }
        assert.equal(s.estimates.state.estimate, 'of c');
        assert.deepEqual(new Set(s.shown.map(({ estimate }) => estimate)),
            new Set([null, 'of c']));
    }
});

test('the last good estimate stays while the next is on its way, and when it fails', async () => {
    const s = stage();
    s.estimates.want('a');
    await s.pass(100);
    s.questions[0].answer('of a');
    await settled();
    s.estimates.want('b');
    assert.deepEqual(s.shown.at(-1), { estimate: 'of a', pending: true, problem: null });
    await s.pass(100);
    const problem = new Problem({ code: 'unavailable', status: 503 });
    s.questions[1].refuse(problem);
    await settled();
    assert.deepEqual(s.shown.at(-1), { estimate: 'of a', pending: false, problem });
    s.estimates.again();
    await s.pass(100);
    s.questions[2].answer('of b');
    await settled();
    assert.deepEqual(s.shown.at(-1), { estimate: 'of b', pending: false, problem: null });
});

test('a question that was given up is no problem', async () => {
    const s = stage();
    s.estimates.want('a');
    await s.pass(100);
    s.estimates.want('b');
    await s.pass(100);
    s.questions[0].refuse(new Problem({ code: 'aborted' }));
    await settled();
    assert.equal(s.estimates.state.problem, null);
    assert.equal(s.estimates.state.pending, true);
});

test('the same again asks nothing; after a change of the balance it does', async () => {
    const s = stage();
    s.estimates.want('a');
    await s.pass(100);
    s.questions[0].answer('of a');
    await settled();
    s.estimates.want('a');
    await s.pass(100);
    assert.equal(s.questions.length, 1);
    s.estimates.again();
    await s.pass(100);
    assert.equal(s.questions.length, 2);
});

test('typed and taken back before it was asked: nothing is asked', async () => {
    const s = stage();
    s.estimates.want('a');
    await s.pass(100);
    s.questions[0].answer('of a');
    await settled();
    s.estimates.want('b');
    s.estimates.want('a');
    await s.pass(200);
    assert.equal(s.questions.length, 1);
    assert.equal(s.estimates.state.pending, false);
});

for (const [how, left] of [['hold', 'of a'], ['clear', null]])
    test(`after ${how}() nothing is under way, and what comes late is dropped`, async () => {
        const s = stage();
        s.estimates.want('a');
        await s.pass(100);
        s.questions[0].answer('of a');
        await settled();
        s.estimates.want('b');
        await s.pass(100);
        s.estimates.want('c');
        s.estimates[how]();
        await s.pass(200);
        s.questions[1].answer('of b');
        await settled();
        assert.equal(s.questions.length, 2);
        assert.ok(s.questions[1].signal.aborted);
        assert.deepEqual(s.shown.at(-1), { estimate: left, pending: false, problem: null });
        s.estimates.again();
        await s.pass(100);
        assert.equal(s.questions.length, 2, 'there is nothing to ask again');
        s.estimates.want('a');
        await s.pass(100);
        assert.equal(s.questions.length, 3);
    });

// -------------------------------------------------------------- words

const tier = (id, label, credits) => ({ id, label, credits });
const shop = { tiers: [tier('gbp25', '£25', 3000), tier('gbp100', '£100', 12000)],
    can_buy: true, cannot_buy_reason: null, buyers: ['Ada', 'Grace'] };
const short = { shortfall: 400, largest: null,
    top_up: { tier: 'gbp25', credits: 3000, after: 2600 } };

const prompts = [
    ['the smallest tier that covers it', short, shop, 'buy', 'gbp25',
        /^£25 buys 3,000 credits, which would leave 2,600 credits/],
    ['how many of the largest, where none does',
        { shortfall: 30000, top_up: null,
            largest: { tier: 'gbp100', times: 3, credits: 12000, after: 6000 } },
        shop, 'buy', 'gbp100',
        /No single top-up covers it: 3 of £100, 12,000 credits each, would leave 6,000/],
    ['who can buy, for another role', short,
        { ...shop, can_buy: false, cannot_buy_reason: 'role' }, 'ask', 'gbp25',
        /Ask Ada or Grace to top up/],
    ['whom to ask, where no name is known', short,
        { ...shop, can_buy: false, cannot_buy_reason: 'role', buyers: [] }, 'ask',
        'gbp25', /Ask an owner or admin/],
    ['that a paid plan is needed', short,
        { ...shop, can_buy: false, cannot_buy_reason: 'plan_not_paid' }, 'upgrade',
        'gbp25', /need a paid plan/],
    ['that nothing is offered', short, { ...shop, tiers: [] }, null, undefined,
        /No top-ups are offered/],
    ['that nothing offered covers it', { ...short, top_up: null }, shop, null,
        undefined, /do not cover it/],
];
for (const [what, estimate, now, act, wanted, words] of prompts)
    test(`an estimate that is short says ${what}`, () => {
        const said = promptOf(estimate, now);
        assert.match(said.title, /^(400|30,000) credits short$/);
        assert.match(said.text, words);
        assert.equal(said.act, act);
        assert.equal(said.tier?.id, wanted);
    });

for (const [missing, wanted] of [[1, 'gbp25'], [3000, 'gbp25'], [3001, 'gbp100'],
    [99999, 'gbp100']])
    test(`${missing} short of starting: ${wanted}`, () =>
        assert.equal(tierFor(missing, [...shop.tiers].reverse()).id, wanted));
test('no tiers, no tier', () => assert.equal(tierFor(5, []), null));

const bars = [
    [{ planned: 100, used: 0, refunded: 0 }, { planned: 1000, within: 0, over: 0 }],
    [{ planned: 100, used: 40, refunded: 0 }, { planned: 1000, within: 400, over: 0 }],
    [{ planned: 100, used: 200, refunded: 0 }, { planned: 500, within: 500, over: 500 }],
    [{ planned: 100, used: 60, refunded: 50 }, { planned: 1000, within: 100, over: 0 }],
    [{ planned: 0, used: 0, refunded: 0 }, { planned: 0, within: 0, over: 0 }],
];
for (const [sums, parts] of bars)
    test(`used ${sums.used - sums.refunded} of ${sums.planned}, as a bar`, () =>
        assert.deepEqual(comparison(sums), parts));

for (const [total, available, parts] of [
    [0, 50, { have: 1000, within: 0, over: 0 }],
    [25, 100, { have: 1000, within: 250, over: 0 }],
    [100, 50, { have: 500, within: 500, over: 500 }],
    [100, -50, { have: 0, within: 0, over: 1000 }],
    [0, 0, { have: 0, within: 0, over: 0 }]])
    test(`an estimate of ${total} with ${available} available, as a bar`, () =>
        assert.deepEqual(estimateBar({ total, available_now: available }), parts));

const change = { label: 'Clips', quality: 'fast', unit: 'clip' };
for (const [before, after, words] of [
    [{ credits: 5, per: 1 }, { credits: 6, per: 1 },
        'Clips, fast: 5 credits per clip, now 6 credits per clip'],
    [null, { credits: 6, per: 10 }, 'Clips, fast: new, 6 credits per 10 clips'],
    [{ credits: 5, per: 1 }, null, 'Clips, fast: no longer offered'],
])
    test(`a price that changed: ${words}`, () =>
        assert.equal(changeWords({ ...change, before, after }), words));

test('each state of a plan has its word; a draft whose quote is over says so', () => {
    const words = ['draft', 'started', 'finished', 'expired'].map((state) =>
        planState({ state }).word);
    assert.equal(new Set(words).size, 4);
    assert.equal(planState({ state: 'draft' }, true).word, 'Quote expired');
    assert.equal(planState({ state: 'started' }, true).word, 'Started');
});

test('why a plan was not started, in words, with what to do', () => {
    const problem = (code, body = {}) => new Problem({ code, status: 409, body });
    const lack = explainPlan(problem('insufficient_credits',
        { available: 10, required: 438, shortfall: 428 }));
    assert.match(`${lack.title} ${lack.text}`, /428 credits short.*438.*10.*Nothing was held/);
    assert.equal(lack.short, 428);
    assert.equal(explainPlan(problem('quote_expired')).quote, true);
    assert.equal(explainPlan(problem('plan_not_draft')).stale, true);
    assert.match(explainPlan(problem('cap_reached')).text, /Nothing was held/);
    assert.equal(explainPlan(problem('internal')), undefined);
});
