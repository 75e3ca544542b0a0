/*
 * What the Membership page says and offers, as pure functions of GET
 * …/membership. Nothing here decides about money: what a change costs and
 * when it counts is the server's; these are the words for it.
 */

import { anyOf, creditWords, credits, day, minorDigits, money }
    from './format.js';
import { helpAfterMs } from './returning.js';

export const planOf = (membership, id) =>
    membership.plans.find((plan) => plan.id === id) ?? null;

const nameOf = (membership, id) => planOf(membership, id)?.name ?? id;

/* "£19 a month" */
export const priceWords = ({ amount, currency, interval }) =>
    amount === 0 ? 'Free' : `${money(amount, currency)} a ${interval}`;

const kept = 'Credits you bought stay yours and can be spent; no more can ' +
    'be bought. Included credits keep their end date.';

/*
 * Where the membership stands: {state, tone, title, text, actions}. `actions`
 * out of "cancel", "resume", "pay". Only owners get any.
 */
export function standing(membership, { space, timeZone }) {
    const on = (time) => day(time, timeZone);
    const { status } = membership;
    const name = nameOf(membership, membership.plan);
    const own = (...actions) => membership.can_change ? actions : [];
    if (status === 'past_due')
        return {
            state: 'past_due', tone: 'warn',
            title: 'The renewal hasn’t been paid',
            text: [membership.past_due_since && `${name} was due on ` +
                `${on(membership.past_due_since)} and the payment didn’t go ` +
                'through.',
            membership.retries_at && 'The payment provider tries again on ' +
                `${on(membership.retries_at)}.`,
            'The plan and your credits stay for now; the next included ' +
                'credits come when it is paid.'].filter(Boolean).join(' '),
            actions: own(...membership.pay_url ? ['pay'] : [], 'cancel'),
        };
    if (status === 'cancelled')
        return {
            state: 'ended', tone: 'plain',
            title: `The ${name} membership has ended`,
            text: `${membership.ended_at
                ? `It ended on ${on(membership.ended_at)}. ` : ''}${kept}`,
            actions: [],
        };
    if (membership.cancels_at)
        return {
            state: 'cancelling', tone: 'warn',
            title: `${name} ends on ${on(membership.cancels_at)}`,
            text: `It is paid until then, and nothing more is charged. After ` +
                `that: ${kept[0].toLowerCase()}${kept.slice(1)}`,
            actions: own('resume'),
        };
    return {
        state: status, tone: 'plain',
        title: `${space} is on ${name}`,
        text: dueWords(membership, name, on),
        actions: own(...membership.subscribed ? ['cancel'] : []),
    };
}

/* What is due when. */
function dueWords(membership, name, on) {
    const next = membership.next_payment;
    if (next && membership.pending_plan)
        return `${name} stays until ${on(next.at)}. Then ` +
            `${nameOf(membership, next.plan)} begins, and ` +
            `${money(next.amount, next.currency)} is due.`;
    if (next)
        return `${money(next.amount, next.currency)} is due on ` +
            `${on(next.at)}, when the membership renews.`;
    if (membership.renews_at)
        return `The period ends on ${on(membership.renews_at)}. This ` +
            'membership isn’t paid here: your platform looks after it.';
    return membership.status === 'active'
        ? 'This membership isn’t paid here: your platform looks after it.'
        : 'Nothing is due. Top-ups need a paid plan.';
}

/* Who else can change it, for those who can not. */
export function whoCan({ can_change: can, owners }) {
    if (can)
        return null;
    return owners.length > 0
        ? `Only an owner can change the plan. Ask ${anyOf(owners)}.`
        : 'Only an owner of this Space can change the plan.';
}

/*
 * What a plan's card offers: {tag, act, label}. `act`: "buy" goes to the
 * payment page, "upgrade", "downgrade" and "keep" change what there is;
 * null: there is nothing to press.
 */
export function offer(membership, plan, timeZone) {
    const live = ['active', 'past_due'].includes(membership.status);
    const isCurrent = plan.id === membership.plan &&
        (live || membership.status === 'none');
    const waits = membership.pending_plan;
    const none = { tag: null, act: null, label: null };
    if (plan.id === waits)
        return { ...none,
            tag: `From ${day(membership.next_payment.at, timeZone)}` };
    const tag = isCurrent ? 'Current plan' : null;
    if (!membership.can_change || !plan.paid || plan.price.amount === 0 ||
        membership.status === 'past_due')
        return { ...none, tag };
    if (isCurrent)
        return waits ? { tag, act: 'keep', label: `Keep ${plan.name}` }
            : { ...none, tag };
    if (!membership.subscribed)
        return { tag, act: 'buy', label: `Choose ${plan.name}` };
    const now = planOf(membership, membership.plan)?.price;
    return plan.price.amount > (now?.amount ?? 0)
        ? { tag, act: 'upgrade', label: `Upgrade to ${plan.name}` }
        : { tag, act: 'downgrade', label: `Change to ${plan.name}` };
}

/* What is asked before something is changed: {title, text, yes, no}. */
export function question(membership, act, plan, timeZone) {
    const name = nameOf(membership, membership.plan);
    const until = membership.period_end && day(membership.period_end, timeZone);
    if (act === 'cancel')
        return {
            title: `Cancel ${name}?`,
            text: `${until ? `It runs until ${until}, and nothing` : 'Nothing'
            } more is charged. After that: ${kept[0].toLowerCase()}` +
                kept.slice(1),
            yes: 'Cancel membership', no: `Keep ${name}`,
        };
    const going = membership.cancels_at
        ? ' The membership goes on and isn’t cancelled any more.' : '';
    if (act === 'upgrade')
        return {
            title: `Upgrade to ${plan.name}?`,
            text: `What ${plan.name} costs more for the rest of this period ` +
                'is charged to your card now, and ' +
                `${priceWords(plan.price)} from then on. Top-ups get its ` +
                'rate at once; its included credits begin with the next ' +
                `period.${going}`,
            yes: `Upgrade to ${plan.name}`, no: `Stay on ${name}`,
        };
    if (act === 'downgrade')
        return {
            title: `Change to ${plan.name}?`,
            text: `${name} stays${until ? ` until ${until}` : ''}. Then ` +
                `${plan.name} begins at ${priceWords(plan.price)}. Nothing ` +
                `is charged now.${going}`,
            yes: `Change to ${plan.name}`, no: `Stay on ${name}`,
        };
    return null;
}

/* What a plan gives and what it does not: [has, words]. */
export function features(plan) {
    const list = [];
    if (plan.included_credits > 0)
        list.push(
            [true, `${creditWords(plan.included_credits)} included each ` +
                plan.price.interval],
            [true, plan.rollover
                ? `Unused ones last one ${plan.price.interval} longer`
                : `Unused ones expire each ${plan.price.interval}`]);
    else
        list.push([false, 'No credits included']);
    if (plan.paid)
        list.push(
            [true, `Top-ups at ${credits(plan.rate)} credits per ` +
                money(10 ** minorDigits(plan.price.currency),
                    plan.price.currency)],
            [true, 'Credits you buy never expire']);
    else
        list.push([false, 'No top-ups']);
    return list;
}

/*
 * Coming back from the payment page (?change=mch_…): {state, tone, title,
 * text, actions, poll}. What the server says of the checkout is the only
 * truth. `actions` out of "continue", "check", "credits", "done".
 */
export function returned(membership, { change, cancelled, arrivedAt, now }) {
    const { checkout } = membership;
    if (checkout?.id !== change)
        return {
            state: 'unknown', tone: 'plain', poll: false, actions: ['done'],
            title: 'This payment isn’t here',
            text: 'It may belong to another Space, or a newer one replaced ' +
                'it. Nothing was changed because of this page.',
        };
    const plan = planOf(membership, checkout.plan);
    const name = plan?.name ?? checkout.plan;
    if (checkout.status === 'complete')
        return {
            state: 'done', tone: 'good', poll: false,
            title: `Welcome to ${name}`,
            text: plan?.included_credits > 0
                ? `${money(checkout.amount, checkout.currency)} was paid, ` +
                    `and ${creditWords(plan.included_credits)} for this ` +
                    `${plan.price.interval} are included.`
                : `${money(checkout.amount, checkout.currency)} was paid.`,
            actions: ['credits', 'done'],
        };
    if (checkout.status === 'expired')
        return {
            state: 'expired', tone: 'plain', poll: false, actions: ['done'],
            title: 'This payment has expired',
            text: `Nothing was charged. To get ${name}, choose it again.`,
        };
    if (cancelled)
        return {
            state: 'cancelled', tone: 'plain', poll: true,
            title: 'No payment was made',
            text: 'You left the payment page, and nothing was charged. Your ' +
                `choice of ${name} is kept.`,
            actions: checkout.payment_url ? ['continue', 'done'] : ['done'],
        };
    if (now - arrivedAt >= helpAfterMs)
        return {
            state: 'slow', tone: 'plain', poll: true, actions: ['check'],
            title: 'This takes longer than usual',
            text: `It is safe to leave this page: ${name} begins as soon as ` +
                'the payment is confirmed. If it hasn’t in an hour, contact ' +
                `support with this reference: ${checkout.id}`,
        };
    return {
        state: 'confirming', tone: 'busy', poll: true, actions: [],
        title: 'Confirming your payment',
        text: `${money(checkout.amount, checkout.currency)} for ${name}. ` +
            'This usually takes a few seconds.',
    };
}
