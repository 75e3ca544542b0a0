// The operator's command without a site: every verb with good and with bad
// input, its exit code (0 done, 1 not possible, 2 asked for wrongly) and its
// JSON; and `verify` against damage done to the ledger by hand.

import assert from 'node:assert/strict';
import {
    chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync,
    rmSync, statSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { root, run } from './site.js';
import { sql } from './shop.js';

const folder = mkdtempSync(join(tmpdir(), 'scrip-command-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const build = resolve(root, process.env.SCRIP_BUILD ?? 'build/asan');
const clean = Object.fromEntries(Object.entries(process.env)
    .filter(([name]) => !name.startsWith('SCRIP_')));

// A home with the demo, and `scrip` in it.
async function newHome(name, env = {}) {
    const place = { home: join(folder, name) };
    place.env = {
        ...clean,
        SCRIP_HOME: place.home,
        ASAN_OPTIONS: 'abort_on_error=1:detect_leaks=0',
        UBSAN_OPTIONS: 'abort_on_error=1',
        ...env,
    };
    place.scrip = (args, input = '') => run(join(build, 'scrip'), args,
        { env: place.env, input });
    const { code, stderr } = await place.scrip(['init']);
    assert.equal(code, 0, stderr);
    return place;
}

let main;
before(async () => { main = await newHome('main'); });

// Runs with --json: { code, json }.
async function asked(args, input, place = main) {
    const { code, stdout, stderr } = await place.scrip([...args, '--json'],
        input);
    assert.equal(stderr, '', `${args.join(' ')}: ${stderr}`);
    assert.equal(stdout.trim().split('\n').length, 1, 'one line');
    return { code, json: JSON.parse(stdout) };
}

async function done(args, input, place) {
    const { code, json } = await asked(args, input, place);
    assert.equal(code, 0, JSON.stringify(json));
    return json;
}

const total = async (slug) => (await sql(main, `SELECT total FROM wallet
    JOIN space ON space = number WHERE slug = '${slug}'`))[0].total;

// ---------------------------------------------------------- asked wrongly

const usage = [
    [['nonsense'], /no verb 'nonsense'/],
    [['space'], /no verb 'space'/],
    [['space', 'delete', 'x'], /no verb/],
    [['order', 'x'], /no verb/],
    [['verify', 'x'], /one word too many/],
    [['verify', '--all'], /no option --all/],
    [['verify', '--'], /one word too many/],
    [['tick', '\xff'], /one word too many|UTF-8/],
    [['space', 'add', '--name', 'N'], /usage: scrip space add SLUG/],
    [['space', 'add', 'x'], /--name is needed/],
    [['space', 'add', 'x', '--name'], /--name wants a value/],
    [['space', 'add', 'x', '--name', 'a', '--name', 'b'], /twice/],
    [['space', 'add', 'UPPER', '--name', 'N'], /slug/],
    [['space', 'add', 'a b', '--name', 'N'], /slug/],
    [['space', 'add', '-a', '--name', 'N'], /slug/],
    [['space', 'add', 'a/b', '--name', 'N'], /slug/],
    [['space', 'add', '', '--name', 'N'], /slug/],
    [['space', 'add', 'a'.repeat(64), '--name', 'N'], /slug/],
    [['space', 'add', 'x', '--name', ''], /name/],
    [['space', 'add', 'x', '--name', 'n'.repeat(201)], /name/],
    [['space', 'add', 'x', '--name', 'N', '--currency', 'XXQ'], /currency/],
    [['space', 'add', 'x', '--name', 'N', '--currency', 'gbp'], /currency/],
    [['space', 'add', 'x', '--name', 'N', '--time-zone', 'Mars/Base'],
        /time zone/],
    [['space', 'add', 'x', '--name', 'N', '--time-zone', '../../etc/passwd'],
        /time zone/],
    [['space', 'add', 'x', '--name', 'N', '--plan', 'no-such'], /plan/],
    [['member', 'add', 'a@b.test', '--name', 'N', '--space', 'demo', '--role',
        'king'], /--role/],
    [['member', 'add', 'no-email', '--name', 'N', '--space', 'demo', '--role',
        'owner'], /email/],
    [['member', 'add', 'a@b.test', '--name', '', '--space', 'demo', '--role',
        'owner'], /name/],
    [['key', 'add', '--name', 'k', '--scope', 'read'], /--space SLUG and --all/],
    [['key', 'add', '--name', 'k', '--scope', 'read', '--all', '--space',
        'demo'], /--space SLUG and --all/],
    [['key', 'add', '--name', 'k', '--all', '--scope', 'root'], /--scope/],
    [['key', 'add', '--name', 'k', '--all', '--scope', 'read,'], /--scope/],
    [['key', 'add', '--name', 'k', '--all', '--scope', ''], /--scope/],
    [['key', 'add', '--name', 'k', '--all=yes', '--scope', 'read'],
        /takes no value/],
    ...['-1', '1.5', '1e3', '', ' 1', '0x10', '٣', '9007199254740992', 'x',
        '1,000', '+1'].map((amount) => [['tier', 'set', 't', '--amount',
        amount], /--amount/]),
    [['tier', 'set', 't', '--amount', '0'], /--amount/],
    [['tier', 'set', 'T!', '--amount', '1'], /id/],
    [['tier', 'set', 't', '--amount', '1', '--currency', 'pound'], /currency/],
    [['tier', 'set', 't', '--amount', '1', '--bonus', '1000000000001'],
        /--bonus/],
    ...['-1', '20%', '100.01', '5.123', '', '1e1'].map((rate) => [['seller',
        'set', '--all', '--name', 'N', '--vat-number', 'GB1', '--vat-rate',
        rate], /--vat-rate/]),
    [['seller', 'set', '--all', '--name', 'N', '--vat-rate', '20'], /together/],
    [['seller', 'set', '--all', '--name', 'N', '--vat-number', 'GB1'],
        /together/],
    [['seller', 'set', '--all', '--name', ''], /name/],
    [['seller', 'set', '--all', '--name', 'N', '--address', 'a'.repeat(201)],
        /address/],
    [['seller', 'set', '--name', 'N'], /--space SLUG and --all/],
    [['seller', 'set', '--name', 'N', '--all', '--space', 'demo'],
        /--space SLUG and --all/],
    [['plan', 'set', 'p', '--name', 'P', '--paid', 'maybe', '--amount', '1',
        '--rate', '1', '--included', '0'], /--paid/],
    [['plan', 'set', 'p', '--name', 'P', '--paid', 'yes', '--amount', '1',
        '--rate', '0', '--included', '0'], /--rate/],
    [['plan', 'set', 'p', '--name', 'P', '--paid', 'yes', '--amount', '1',
        '--rate', '1', '--included', '-1'], /--included/],
    [['plan', 'set', 'p', '--name', 'P', '--paid', 'yes', '--amount', '1',
        '--rate', '1', '--included', '0', '--interval', 'week'], /interval/],
    [['grant', 'demo', '5', '--kind', 'gift', '--reason', 'r'], /--kind/],
    [['grant', 'demo', '5', '--kind', 'bonus', '--reason', ''], /--reason/],
    [['grant', 'demo', '5', '--kind', 'bonus'], /--reason is needed/],
    [['grant', 'demo', '5', '--kind', 'bonus', '--reason', 'r'.repeat(201)],
        /--reason/],
    [['grant', 'demo', '5', '--kind', 'bonus', '--reason', 'r', '--period',
        '2026-11-01T00:00:00Z'], /--period/],
    [['grant', 'demo', '5', '--kind', 'included_allocation', '--reason', 'r'],
        /--period/],
    ...['0', '-5', '1.5', '1e3', '1000000000001', '99999999999999999999', '',
        'ten'].map((credits) => [['grant', 'demo', credits, '--kind', 'bonus',
        '--reason', 'r'], /./]),
    [['grant', 'demo', '0', '--kind', 'adjustment', '--reason', 'r'], /./],
    ...['tomorrow', '2026-02-30T00:00:00Z', '2026-11-22', '2026-11-22T10:00:00',
        '2026-11-22T10:00:00+01:00', '2026-11-22T25:00:00Z', ''].map((when) => [
        ['grant', 'demo', '5', '--kind', 'bonus', '--reason', 'r', '--expires',
            when], /--expires/]),
    [['grant', 'demo', '5', '--kind', 'bonus', '--reason', 'r', '--expires',
        '2001-01-01T00:00:00Z'], /./],
    [['order', 'resolve', 'ord_01M824YCTE0000008000000001', 'maybe'],
        /credit or dismiss/],
    [['order', 'resolve', 'ord_01M824YCTE0000008000000001'], /usage/],
];

for (const [args, words] of usage) {
    test(`exit 2, and nothing is touched: scrip ${args.join(' ').slice(0, 70)}`, async () => {
        const before_ = await sql(main, 'SELECT sum(version) AS v FROM wallet');
        const said = await main.scrip(args);
        assert.equal(said.code, 2, said.stderr + said.stdout);
        assert.match(said.stderr, words);
        assert.equal(said.stdout, '');
        assert.deepEqual(await sql(main,
            'SELECT sum(version) AS v FROM wallet'), before_);
    });
}

const impossible = [
    [['space', 'add', 'demo', '--name', 'N'], /'demo' already/],
    [['member', 'add', 'a@b.test', '--name', 'N', '--space', 'no-such',
        '--role', 'owner'], /no Space 'no-such'/],
    [['key', 'add', '--name', 'k', '--space', 'no-such', '--scope', 'read'],
        /no Space/],
    [['seller', 'set', '--name', 'N', '--space', 'no-such'], /no Space/],
    [['grant', 'no-such', '5', '--kind', 'bonus', '--reason', 'r'], /no Space/],
    [['grant', 'demo', '-501', '--kind', 'adjustment', '--reason', 'r'],
        /less than that/],
    [['order', 'resolve', 'ord_01M824YCTE0000008000000001', 'credit'],
        /no order/],
    [['order', 'resolve', 'nonsense', 'credit'], /no order/],
];

for (const [args, words] of impossible) {
    test(`exit 1, in words and in JSON: scrip ${args.join(' ')}`, async () => {
        const said = await main.scrip(args);
        assert.equal(said.code, 1, said.stderr);
        assert.match(said.stderr, words);
        const { code, json } = await asked(args);
        assert.equal(code, 1);
        assert.deepEqual(Object.keys(json), ['error']);
        assert.match(json.error, words);
    });
}

test('where no time zone can be read, init says so and fills nothing', async () => {
    const place = { home: join(folder, 'no-zones') };
    const init = (env) => run(join(build, 'scrip'), ['init', '--json'],
        { env: { ...clean, SCRIP_HOME: place.home, ...env } });
    const none = await init({ SCRIP_ZONEINFO: join(folder, 'nothing') });
    assert.equal(none.code, 1);
    assert.match(JSON.parse(none.stdout).error, /no time zones.*tzdata/);
    assert.deepEqual(await sql(place, 'SELECT * FROM plan'), []);
    const then = await init({});
    assert.equal(JSON.parse(then.stdout).filled, true);
});

// -------------------------------------------------------------- what works

test('help names every verb, on standard output', async () => {
    for (const args of [['help'], ['--help'], []]) {
        const { code, stdout, stderr } = await main.scrip(args);
        assert.deepEqual([code, stderr], [0, '']);
        for (const verb of ['init', 'space add', 'member add', 'key add',
            'plan set', 'tier set', 'seller set', 'grant', 'order resolve', 'verify',
            'reconcile', 'tick']) {
            assert.match(stdout, new RegExp(`scrip ${verb}`), verb);
        }
    }
});

test('init again changes nothing', async () => {
    const files = ['secrets.conf', 'demo.key'];
    const read = () => files.map((name) =>
        readFileSync(join(main.home, name), 'utf8'));
    const before_ = [read(), await sql(main, 'SELECT * FROM event')];
    const json = await done(['init']);
    assert.equal(json.filled, false);
    assert.deepEqual([read(), await sql(main, 'SELECT * FROM event')], before_);
    for (const name of files) {
        assert.equal(statSync(join(main.home, name)).mode & 0o777, 0o600);
    }
});

test('eight inits at once make one home with one demo', async () => {
    const place = { home: join(folder, 'crowd') };
    place.env = { ...clean, SCRIP_HOME: place.home };
    const all = await Promise.all(Array.from({ length: 8 },
        () => run(join(build, 'scrip'), ['init', '--json'], { env: place.env })));
    assert.deepEqual([...new Set(all.map(({ code }) => code))], [0],
        all.map(({ stderr, stdout }) => stderr + stdout).join(''));
    assert.equal(all.filter(({ stdout }) => JSON.parse(stdout).filled).length, 1);
    assert.equal((await sql(place, 'SELECT count(*) AS n FROM space'))[0].n, 2);
});

test('with a live key there is no demo, and no key of it', async () => {
    const place = await newHome('live', {
        SCRIP_STRIPE_SECRET_KEY: 'sk_live_0123456789',
        SCRIP_STRIPE_WEBHOOK_SECRET: 'whsec_0123456789abcdef',
    });
    assert.deepEqual(await sql(place, 'SELECT * FROM space'), []);
    assert.ok(!existsSync(join(place.home, 'demo.key')));
    await done(['verify'], '', place);
});

test('a secrets file that others may read stops everything', async () => {
    const place = await newHome('open-secrets');
    chmodSync(join(place.home, 'secrets.conf'), 0o644);
    const said = await place.scrip(['verify']);
    assert.equal(said.code, 1);
    assert.match(said.stderr, /secrets\.conf/);
});

test('without a home, and with one that is a file, it says what to do', async () => {
    const nowhere = { ...clean, SCRIP_HOME: join(folder, 'nowhere') };
    const said = await run(join(build, 'scrip'), ['verify'], { env: nowhere });
    assert.equal(said.code, 1);
    assert.match(said.stderr, /scrip init/);
    assert.ok(!existsSync(nowhere.SCRIP_HOME));
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    const other = await run(join(build, 'scrip'), ['init'],
        { env: { ...clean, SCRIP_HOME: file } });
    assert.equal(other.code, 1);
});

test('a Space, its members, a key: made, and shown as JSON', async () => {
    const space = await done(['space', 'add', 'studio-9', '--name',
        'Studio „9“', '--plan', 'studio', '--time-zone', 'America/New_York']);
    assert.match(space.space, /^spc_/);
    assert.equal(space.slug, 'studio-9');
    const member = await done(['member', 'add', 'Ada@Example.test', '--name',
        'Ada', '--space', 'studio-9', '--role', 'admin'], 'correct horse\n');
    assert.match(member.member, /^mem_/);
    const { key } = await done(['key', 'add', '--name', 'k', '--space',
        'studio-9', '--scope', 'meter,read']);
    assert.match(key, /^sk_[\w-]{20,}$/);
    const [row] = await sql(main, `SELECT * FROM member
        WHERE email = 'ada@example.test'`);
    assert.match(row.password_hash, /^\$argon2id\$/);
    assert.ok(!JSON.stringify(row).includes('correct horse'));
    const plain = await main.scrip(['key', 'add', '--name', 'p', '--all',
        '--scope', 'read']);
    assert.match(plain.stdout, /^sk_[\w-]+\n$/);
});

for (const [name, input, code] of [
    ['of 7 characters', '1234567\n', 2],
    ['of 8 characters', '12345678\n', 0],
    ['without a line break', '12345678', 0],
    ['of 1,024 bytes', `${'p'.repeat(1024)}\n`, 0],
    ['of 1,025 bytes', `${'p'.repeat(1025)}\n`, 2],
    ['of a megabyte', `${'p'.repeat(1 << 20)}\n`, 2],
]) {
    test(`a password ${name} gives exit ${code}`, async () => {
        const said = await main.scrip(['member', 'add', 'pw@example.test',
            '--name', 'P', '--space', 'demo', '--role', 'member'], input);
        assert.equal(said.code, code, said.stderr);
    });
}

test('a member that is there keeps the password when none is given, and changes role', async () => {
    const hash = async () => (await sql(main, `SELECT password_hash AS h
        FROM member WHERE email = 'keep@example.test'`))[0].h;
    const add = (role, input) => done(['member', 'add', 'keep@example.test',
        '--name', 'K', '--space', 'demo', '--role', role], input);
    await add('member', 'a-good-password\n');
    const first = await hash();
    await add('admin', '');
    assert.equal(await hash(), first);
    await add('admin', 'another-password\n');
    assert.notEqual(await hash(), first);
});

test('grants of every kind move what they say', async () => {
    const before_ = await total('demo');
    const bonus = await done(['grant', 'demo', '20', '--kind', 'bonus',
        '--reason', 'hello', '--expires', '2099-01-01T00:00:00Z']);
    assert.match(bonus.event, /^evt_/);
    assert.deepEqual([bonus.credits, bonus.balance_after, bonus.repeated],
        [20, before_ + 20, false]);
    const less = await done(['grant', 'demo', '-5', '--kind', 'adjustment',
        '--reason', 'too many']);
    assert.deepEqual([less.credits, less.balance_after], [-5, before_ + 15]);
    const more = await done(['grant', 'demo', '3', '--kind', 'adjustment',
        '--reason', 'too few']);
    assert.equal(more.balance_after, before_ + 18);
    const period = ['grant', 'demo', '100', '--kind', 'included_allocation',
        '--reason', 'a period', '--period', '2098-12-01T00:00:00Z', '--expires',
        '2099-01-01T00:00:00Z'];
    const allocated = await done(period);
    assert.deepEqual([allocated.credits, allocated.repeated], [100, false]);
    const again = await done(period);
    assert.deepEqual([again.event, again.repeated], [allocated.event, true]);
    const { code } = await asked(period.with(2, '101'));
    assert.equal(code, 1);
    assert.equal(await total('demo'), before_ + 118);
    await done(['verify']);
});

test('the largest grant that is allowed, until the wallet is full', async () => {
    await done(['space', 'add', 'rich', '--name', 'Rich']);
    const most = ['grant', 'rich', '1000000000000', '--kind', 'bonus',
        '--reason', 'much'];
    await done(most);
    await sql(main, `UPDATE wallet SET version = version
        WHERE space = (SELECT number FROM space WHERE slug = 'rich')`);
    assert.equal(await total('rich'), 10 ** 12);
    await done(['verify']);
});

test('many at once: every grant counts, none twice', async () => {
    await done(['space', 'add', 'many', '--name', 'Many']);
    // Who stands too far behind in the queue is told so, and asks again.
    const grant = async (credits) => {
        for (let tries = 1; ; tries += 1) {
            const answer = await asked(['grant', 'many', String(credits),
                '--kind', 'bonus', '--reason', 'at once']);
            if (tries === 5 || !/write turn: .*timed out/
                .test(JSON.stringify(answer.json))) return answer;
        }
    };
    const all = await Promise.all(Array.from({ length: 24 },
        (_, i) => grant(i + 1)));
    assert.deepEqual([...new Set(all.map(({ code }) => code))], [0]);
    assert.equal(await total('many'), 300);
    await done(['verify']);
});

test('options may stand anywhere, with = or a space', async () => {
    await done(['--json', 'tier', 'set', '--amount=123', 'odd']);
    await done(['tier', '--json', 'set', 'odd', '--amount', '124', '--bonus=1']);
    assert.deepEqual(await sql(main, "SELECT amount, bonus FROM tier WHERE id = 'odd'"),
        [{ amount: 124, bonus: 1 }]);
});

test('a plan that is set again is changed', async () => {
    const set = (rate) => done(['plan', 'set', 'gold', '--name', 'Gold',
        '--paid', 'yes', '--amount', '9900', '--rate', String(rate),
        '--included', '10', '--rollover', 'yes', '--interval', 'year']);
    await set(100);
    await set(200);
    assert.deepEqual(await sql(main,
        "SELECT rate, rollover, interval FROM plan WHERE id = 'gold'"),
    [{ rate: 200, rollover: 1, interval: 'year' }]);
});

test('tick with nothing to do says so', async () => {
    assert.equal((await done(['tick'])).orders_asked, 0);
});

test('reconcile says that it could not read the list where nobody answers', async () => {
    const { code, json } = await asked(['reconcile']);
    assert.deepEqual([code, json.orders_asked, json.events_read,
        json.events_whole], [1, 0, 0, false]);
});

test('standard output that cannot be written is exit 1', async () => {
    const said = await run('sh', ['-c', `"${build}/scrip" help >/dev/full`],
        { env: main.env });
    assert.equal(said.code, 1, said.stderr);
});

// ------------------------------------------------------------------ verify

describe('verify finds what was done to the ledger by hand', () => {
    let whole;
    before(async () => {
        whole = await newHome('whole');
        const grants = [['30', 'bonus'], ['-7', 'adjustment'], ['11', 'bonus'],
            ['-3', 'adjustment'], ['5', 'adjustment']];
        for (const slug of ['demo', 'free']) {
            for (const [credits, kind] of grants) {
                if (slug === 'free' && credits === '-7') continue;
                await done(['grant', slug, credits, '--kind', kind, '--reason',
                    'r'], '', whole);
            }
        }
        await done(['verify'], '', whole);
        // All of it into the one file.
        await sql(whole, `VACUUM INTO '${join(folder, 'whole.db')}'`);
    });

    const damages = [
        ['an amount is changed', `UPDATE event SET credits = credits + 1
            WHERE space = 1 AND seq = 3`, /event 3/],
        ['an amount and all balances behind it are changed',
            `UPDATE event SET credits = credits + 1 WHERE space = 1 AND seq = 3;
            UPDATE event SET balance_after = balance_after + 1
            WHERE space = 1 AND seq >= 3;
            UPDATE wallet SET total = total + 1 WHERE space = 1`, /event 3/],
        ['an event is removed',
            'DELETE FROM event WHERE space = 1 AND seq = 3', /event 4/],
        ['the last event is removed',
            'DELETE FROM event WHERE space = 1 AND seq = 6', /wallet/],
        ['the last event is removed and the wallet set back', `
            DELETE FROM event WHERE space = 1 AND seq = 6;
            UPDATE wallet SET seq = 5, total = total - 5,
            at = (SELECT at FROM event WHERE space = 1 AND seq = 5),
            hash = (SELECT hash FROM event WHERE space = 1 AND seq = 5)
            WHERE space = 1`, /lot|wallet/],
        ['the first event is removed',
            'DELETE FROM event WHERE space = 1 AND seq = 1', /event 2|wallet/],
        ['two events change places', `
            UPDATE event SET seq = 99 WHERE space = 1 AND seq = 3;
            UPDATE event SET seq = 3 WHERE space = 1 AND seq = 4;
            UPDATE event SET seq = 4 WHERE space = 1 AND seq = 99`, /event 3/],
        ['an event is dated back',
            'UPDATE event SET at = at - 1000 WHERE space = 1 AND seq = 4',
            /event 4/],
        ['a reason is changed',
            "UPDATE event SET note = 'x' WHERE space = 1 AND seq = 2", /event 2/],
        ['a kind is changed',
            'UPDATE event SET kind = 2 WHERE space = 1 AND seq = 6', /event 6/],
        ['an event is moved to another Space', `
            UPDATE event SET space = 2, seq = 5 WHERE space = 1 AND seq = 6`,
        /Space 2/],
        ['an event\'s lots are changed', `UPDATE event
            SET lots = replace(lots, '[2,', '[1,') WHERE space = 1 AND seq = 2`,
        /event 2/],
        ['an event\'s lots are no list', `UPDATE event SET lots = 'x'
            WHERE space = 1 AND seq = 2`, /event 2/],
        ['a hash is replaced', `UPDATE event SET hash = zeroblob(32)
            WHERE space = 1 AND seq = 2`, /event 2/],
        ['a wallet has more than its events', `UPDATE wallet
            SET total = total + 1000 WHERE space = 1`, /wallet/],
        ['a wallet is behind its events',
            'UPDATE wallet SET seq = seq - 1 WHERE space = 1', /wallet/],
        ['a wallet has lost its debt or found one',
            'UPDATE wallet SET debt = debt + 5 WHERE space = 1', /wallet|debt/],
        ['a wallet is gone', 'DELETE FROM wallet WHERE space = 1', /Space 1/],
        ['a lot has more than its events gave', `UPDATE lot
            SET remaining = remaining + 1, granted = granted + 1
            WHERE space = 1 AND lot = 1`, /lot 1|wallet/],
        ['two lots of a Space change amounts', `
            UPDATE lot SET remaining = remaining - 1 WHERE space = 1 AND lot = 1;
            UPDATE lot SET remaining = remaining + 1, granted = granted + 1
            WHERE space = 1 AND lot = 2`, /lot/],
        ['a lot is below zero', `PRAGMA ignore_check_constraints = 1;
            UPDATE lot SET remaining = -1 WHERE space = 1 AND lot = 1`, /lot 1/],
        ['a lot is gone', 'DELETE FROM lot WHERE space = 1 AND lot = 1',
            /lot|wallet/],
        ['a lot lasts longer than the wallet knows', `UPDATE wallet
            SET due_at = 4611686018427387904 WHERE space = 1`, /lot|due/],
        ['an allocation is forgotten', 'DELETE FROM allocation WHERE space = 1',
            /event 1/],
        ['a top-up appears without a payment', `INSERT INTO event
            SELECT (SELECT max(n) + 1 FROM event), 1, 7, 0, 5, balance_after + 5,
            at, day, NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
            NULL, NULL, NULL, NULL, '[[9,5]]', hash FROM event
            WHERE space = 1 AND seq = 6`, /event 7/],
        ['an order is marked paid', `INSERT INTO checkout_order (space, ord,
            member, tier, amount, currency, rate, credits, bonus, status,
            created_at, placed_at, session_expires_at, asked_at)
            VALUES (1, 1, 1, 'gbp25', 2500, 'GBP', 120, 3000, 0, 2, 1, 1, 1, 0)`,
        /order 1/],
    ];

    for (const [index, [name, damage, words]] of damages.entries()) {
        test(`${name}`, async () => {
            const home = join(folder, `damaged-${index}`);
            mkdirSync(home);
            const place = { ...whole, home };
            place.env = { ...whole.env, SCRIP_HOME: home };
            place.scrip = (args) => run(join(build, 'scrip'), args,
                { env: place.env });
            copyFileSync(join(folder, 'whole.db'), join(home, 'scrip.db'));
            copyFileSync(join(whole.home, 'secrets.conf'),
                join(home, 'secrets.conf'));
            chmodSync(join(home, 'secrets.conf'), 0o600);
            const clean_ = await place.scrip(['verify']);
            assert.equal(clean_.code, 0, clean_.stdout);
            const triggers = await sql(place,
                "SELECT name FROM sqlite_schema WHERE type = 'trigger'");
            await sql(place, `PRAGMA foreign_keys = 0; ${triggers
                .map((one) => `DROP TRIGGER ${one.name};`).join(' ')} ${damage}`);
            const { code, stdout, stderr } = await place.scrip(['verify']);
            assert.equal(code, 1, stdout + stderr);
            assert.equal(stderr, '');
            assert.match(stdout, words);
            for (const line of stdout.trim().split('\n')) {
                assert.match(line, /^Space \d+, .+: .+/);
            }
            const json = JSON.parse((await place.scrip(['verify', '--json']))
                .stdout);
            assert.equal(json.ok, false);
            assert.equal(json.faults.length, stdout.trim().split('\n').length);
        });
    }

    test('events cannot be changed or removed while the triggers stand', async () => {
        for (const statement of ['UPDATE event SET credits = 1',
            'DELETE FROM event']) {
            await assert.rejects(sql(whole, statement), /append-only/);
        }
    });

    test('a file that is no database, and half of one, are told, not believed', async () => {
        const bytes = readFileSync(join(folder, 'whole.db'));
        for (const [name, content] of [['text', Buffer.from('hello')],
            ['empty', Buffer.alloc(0)],
            ['half', bytes.subarray(0, bytes.length >> 1)],
            ['holes', Buffer.from(bytes).fill(0x55, 8192, 40960)]]) {
            const home = join(folder, `file-${name}`);
            mkdirSync(home);
            writeFileSync(join(home, 'scrip.db'), content);
            copyFileSync(join(whole.home, 'secrets.conf'),
                join(home, 'secrets.conf'));
            chmodSync(join(home, 'secrets.conf'), 0o600);
            const said = await run(join(build, 'scrip'), ['verify'],
                { env: { ...whole.env, SCRIP_HOME: home } });
            assert.equal(said.code, 1, `${name}: ${said.stdout}`);
            assert.notEqual(said.stderr + said.stdout, '', name);
        }
    });
});
