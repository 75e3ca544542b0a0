// Two memberships through more than a year of the sandbox's clock: one from
// 28 January and one from the 31st, both half an hour behind one o'clock, so
// that periods begin within the nights in which London's clocks change, end
// on the last of short months and on a leap day. What is included comes once
// a period and ends with it to the second; what was bought stays.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { control, payByCard } from './payer.js';
import { balanceOf, checkout, eventsOf, must, newBuyer, orderOf, place, stopWhole
    } from './shop.js';
import { startSite, until } from './site.js';

let site;
let early; // from 28 January
let late; // from the 31st
before(async () => { site = await startSite({ env: { SCRIP_TICK_SECONDS: '0' } }); });
after(() => stopWhole(site));

const path = ({ space }) => `/api/v1/spaces/${space}/membership`;
const at = (day) => `${day}T01:30:00.000Z`;
const moveTo = (time) => must(site, ['clock', 'set', time]);
const sessionOf = (url) => url.split('/').at(-1);

async function see(buyer) {
    const answer = await buyer.get(path(buyer));
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
}

// Until the provider's reports have made it so.
const comes = (buyer, what, is) => until(what, async () => {
    const seen = await see(buyer);
    return is(seen) && seen;
}, 20);

const periodFrom = (buyer, day) => comes(buyer, `the period from ${day}`,
    ({ period_start: start }) => start.slice(0, 10) === day);

// Until the credits of so many periods are booked: the provider shows a period
// to the page before it reports that it is paid.
const allocated = (buyer, periods) => until(`the credits of ${periods} periods`,
    async () => (await told(buyer, 'included_allocation')).length === periods, 20);

// A Space that pays for its membership with a card, and for one top-up.
async function subscribe(day) {
    await moveTo(at(day));
    const buyer = await newBuyer(site, { plan: 'starter' });
    const asked = await buyer.post(path(buyer), { plan: 'creator' },
        { key: randomUUID() });
    assert.equal(asked.status, 201, asked.text);
    assert.equal((await payByCard(site, asked.json.payment_url)).status, 303);
    await comes(buyer, 'the membership', ({ status }) => status === 'active');
    const { order, payment_url: url } = await place(buyer);
    await payByCard(site, url);
    await until('the top-up', async () =>
        (await orderOf(buyer, order.id)).status === 'paid');
    return Object.assign(buyer, {
        session: sessionOf(asked.json.payment_url),
    });
}

// [day, credits] of the events of a kind, oldest first.
const told = async (buyer, wanted) => (await eventsOf(buyer))
    .filter(({ kind }) => kind === wanted).reverse()
    .map(({ occurred_at: time, credits }) => [time.slice(0, 10), credits]);

const EARLY = ['2055-01-28', '2055-02-28', '2055-03-28', '2055-04-28',
    '2055-05-28', '2055-06-28', '2055-07-28', '2055-08-28', '2055-09-28',
    '2055-10-28', '2055-11-28', '2055-12-28', '2056-01-28', '2056-02-28'];
const LATE = ['2055-01-31', '2055-02-28', '2055-03-31', '2055-04-30',
    '2055-05-31', '2055-06-30', '2055-07-31', '2055-08-31', '2055-09-30',
    '2055-10-31', '2055-11-30', '2055-12-31', '2056-01-31', '2056-02-29'];

test('a year of months, each period allocated once and ended to the second', async () => {
    early = await subscribe(EARLY[0]);
    late = await subscribe(LATE[0]);
    const ends = new Map([[early, []], [late, []]]);
    for (let month = 1; month < LATE.length; month += 1) {
        for (const [buyer, list] of ends) list.push((await see(buyer)).period_end);
        await moveTo(`${LATE[month]}T01:31:00.000Z`);
        await periodFrom(early, EARLY[month]);
        await periodFrom(late, LATE[month]);
        for (const buyer of ends.keys()) await allocated(buyer, month + 1);
    }
    assert.deepEqual(ends.get(late).map((end) => end.slice(0, 16)),
        LATE.slice(1).map((day) => `${day}T01:30`));
    for (const [buyer, list] of ends) {
        const events = (await eventsOf(buyer)).reverse();
        const of = (wanted) => events.filter(({ kind }) => kind === wanted);
        assert.deepEqual(of('included_allocation').map(({ credits }) => credits),
            LATE.map(() => 500));
        assert.deepEqual(of('expiry').map(({ occurred_at: time }) => time), list);
        const { included, top_up: bought, total, included_expires_at: next } =
            await balanceOf(buyer);
        assert.deepEqual([included, bought, total], [500, 3000, 3500]);
        assert.equal(next, (await see(buyer)).period_end);
    }
});

test('a renewal that fails is past due, and paid later brings its credits once', async () => {
    await moveTo('2056-03-29T12:00:00.000Z');
    await periodFrom(early, '2056-03-28');
    await allocated(early, EARLY.length + 1);
    await control(site, { decline: 'insufficient_funds', times: 1 });
    await moveTo('2056-04-01T00:00:00.000Z');
    const { status } = await comes(late, 'past due',
        (seen) => seen.status === 'past_due');
    assert.equal(status, 'past_due');
    assert.deepEqual([(await balanceOf(late)).included,
        (await balanceOf(late)).top_up], [0, 3000]);
    await control(site, { pay: late.session });
    await comes(late, 'paid', (seen) => seen.status === 'active');
    await until('the credits', async () => (await balanceOf(late)).included === 500);
    assert.equal((await see(late)).period_start.slice(0, 10), '2056-03-31');
    assert.equal((await see(early)).status, 'active');
    assert.equal((await balanceOf(early)).included, 500);
});

test('an upgrade within a period changes the rate at once and the credits with the next', async () => {
    const before = await balanceOf(early);
    const open = await place(early); // at the rate before
    const answer = await early.post(path(early), { plan: 'studio' },
        { key: randomUUID() });
    assert.equal(answer.status, 200, answer.text);
    await comes(early, 'the plan', ({ plan }) => plan === 'studio');
    const credits = (await early.get(`/api/v1/spaces/${early.space}/credits`)).json;
    assert.equal(credits.badge.credits, 150);
    assert.deepEqual(credits.tiers.map((tier) => tier.credits), [3750, 7500, 15000]);
    assert.equal((await orderOf(early, open.order.id)).credits, 3000);
    assert.deepEqual(await balanceOf(early), before);

    await moveTo('2056-04-29T00:00:00.000Z');
    await periodFrom(early, '2056-04-28');
    await until('the next credits', async () => (await balanceOf(early)).included === 2000);
    // They last one period longer.
    await moveTo('2056-05-29T00:00:00.000Z');
    await periodFrom(early, '2056-05-28');
    await until('both', async () => (await balanceOf(early)).included === 4000);
    await moveTo('2056-06-29T00:00:00.000Z');
    await periodFrom(early, '2056-06-28');
    await until('the third for the first', async () => (await balanceOf(early)).included === 4000);
    assert.deepEqual((await told(early, 'expiry')).slice(-2),
        [['2056-04-28', -500], ['2056-06-28', -2000]]);
});

test('a membership that is cancelled ends with its period; what was bought can be spent', async () => {
    const answer = await late.del(path(late));
    assert.equal(answer.status, 200, answer.text);
    const { cancels_at: ends } = await comes(late, 'the end',
        (seen) => seen.cancels_at !== null);
    await moveTo(new Date(Date.parse(ends) - 60000).toISOString());
    assert.equal((await see(late)).status, 'active');
    assert.equal((await balanceOf(late)).included, 500);
    await moveTo(new Date(Date.parse(ends) + 60000).toISOString());
    await comes(late, 'the end', ({ status }) => status === 'cancelled');
    assert.deepEqual([(await balanceOf(late)).included,
        (await balanceOf(late)).available], [0, 3000]);
    const refused = await checkout(late);
    assert.deepEqual([refused.status, refused.json.code], [403, 'plan_not_paid']);
    await moveTo('2056-09-01T00:00:00.000Z');
    assert.deepEqual((await told(late, 'included_allocation')).at(-1),
        ['2056-06-29', 500]); // told then; of the period from 31 May
    assert.equal((await balanceOf(late)).top_up, 3000);
});
