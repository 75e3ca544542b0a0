// A site that no webhook reaches, with the sandbox as its provider: the
// return page, tick and reconcile bring all of it right, refunds and disputes
// made at the provider too.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { control, payByCard, payByDebit } from './payer.js';
import { balanceOf, eventsOf, must, newBuyer, orderOf, place, whole } from './shop.js';
import { startSite, until } from './site.js';

let site;
before(async () => {
    site = await startSite({ env: { SCRIP_TICK_SECONDS: '0' } });
    await control(site, { webhooks: 'drop' });
});
after(() => site?.stop());

const sessionOf = (url) => url.split('/').at(-1);
const reconcile = () => must(site, ['reconcile']);

test('paid: the return page credits it, and reconcile hears of nothing new but what is ours', async () => {
    const client = await newBuyer(site);
    const { order, payment_url: url } = await place(client);
    assert.equal((await payByCard(site, url)).status, 303);
    assert.equal((await orderOf(client, order.id)).status, 'paid');
    assert.equal((await balanceOf(client)).total, 3000);
    assert.ok((await reconcile()).events_unheard > 0);
    assert.equal((await balanceOf(client)).total, 3000);
    assert.equal((await reconcile()).events_unheard, 0);
});

test('refunded, refunded in vain, disputed and won at the provider: reconcile follows each', async () => {
    const client = await newBuyer(site);
    const { order, payment_url: url } = await place(client);
    const session = sessionOf(url);
    assert.equal((await payByCard(site, url)).status, 303);
    const steps = [
        [null, 'paid', 0, 0],
        [{ refund: session, amount: 500 }, 'partly_refunded', 500, 600],
        [{ fail_refund: session }, 'paid', 0, 0],
        [{ dispute: session }, 'disputed', 2500, 3000],
        [{ win: session }, 'paid', 0, 0],
        [{ refund: session }, 'refunded', 2500, 3000],
    ];
    for (const [lever, status, money, credits] of steps) {
        if (lever) await control(site, lever);
        const { events_unheard: unheard } = await reconcile();
        assert.ok(unheard > 0, 'something was not told');
        const now = await orderOf(client, order.id);
        assert.deepEqual(
            [now.status, now.refunded_amount, now.refunded_credits],
            [status, money, credits], JSON.stringify(lever),
        );
        assert.equal((await balanceOf(client)).total, 3000 - credits);
    }
    assert.deepEqual((await eventsOf(client)).map(({ kind }) => kind), [
        'top_up_refund', 'dispute_reversal', 'dispute', 'top_up_refund',
        'top_up_refund', 'top_up',
    ]);
});

test('a dispute that is lost keeps what it took', async () => {
    const client = await newBuyer(site);
    const { order, payment_url: url } = await place(client);
    await payByCard(site, url);
    await control(site, { dispute: sessionOf(url) });
    await control(site, { lose: sessionOf(url) });
    await reconcile();
    assert.equal((await orderOf(client, order.id)).status, 'disputed');
    assert.equal((await balanceOf(client)).total, 0);
});

test('a direct debit: processing, then settled or failed, by asking alone', async () => {
    const client = await newBuyer(site);
    const good = await place(client);
    const bad = await place(client);
    await payByDebit(site, good.payment_url);
    await payByDebit(site, bad.payment_url, '33333335');
    assert.equal((await orderOf(client, good.order.id)).status, 'processing');
    assert.equal((await balanceOf(client)).total, 0);
    await control(site, { settle: sessionOf(good.payment_url) });
    await control(site, { fail: sessionOf(bad.payment_url) });
    await reconcile();
    assert.equal((await orderOf(client, good.order.id)).status, 'paid');
    assert.equal((await orderOf(client, bad.order.id)).status, 'failed');
    assert.equal((await balanceOf(client)).total, 3000, 'only what settled');
});

test('webhooks again: a refund at the provider shows by itself', async () => {
    await control(site, { webhooks: 'deliver' });
    const client = await newBuyer(site);
    const { order, payment_url: url } = await place(client);
    await payByCard(site, url);
    await until('it is credited', async () =>
        (await balanceOf(client)).total === 3000);
    await control(site, { refund: sessionOf(url), amount: 1000 });
    await until('it is refunded', async () =>
        (await orderOf(client, order.id)).status === 'partly_refunded');
    assert.equal((await balanceOf(client)).total, 1800);
    await must(site, ['tick']);
    assert.equal((await balanceOf(client)).total, 1800);
});

test('after all of this the ledger is whole', () => whole(site));
