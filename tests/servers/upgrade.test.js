// Upgrading and going back while the site serves, Apache's graceful restart,
// kills, and many programs at once: what was answered stays, what comes next
// is served, nothing depends on a daemon or on cron.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
    existsSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync,
    writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { whole } from '../site/shop.js';
import { keyed, request, until } from '../site/site.js';
import { installSite } from './servers.js';

const demo = '/api/v1/spaces/demo';
let site;
let platform;
before(async () => {
    site = await installSite('apache-fcgid');
    platform = keyed(site);
});
after(() => site?.stop());

// Captures credits, one after another, until told to stop; what was said.
function load() {
    const said = { done: [], other: [] };
    let going = true;
    const ended = (async () => {
        for (let i = 0; going; i += 1) {
            const answer = await platform.post(`${demo}/captures`,
                { feature: 'x', credits: 1 }, { key: true })
                .catch((error) => ({ status: error.code }));
            if (answer.status === 201) said.done.push(answer.json.event.id);
            else said.other.push(answer.status);
        }
    })();
    return async () => {
        going = false;
        await ended;
        return said;
    };
}

// Every capture that was answered is in the ledger, and as many as were
// answered where none was broken off.
async function kept(said) {
    for (const id of said.done) {
        const { status } = await platform.get(`${demo}/events/${id}`);
        assert.equal(status, 200, id);
    }
    await whole(site);
}

// The programs of the site that run, by their release.
function programs() {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
        .flatMap((pid) => {
            try {
                const file = readlinkSync(`/proc/${pid}/exe`);
                return file.startsWith(`${site.web}/releases/`)
                    ? [{ pid: Number(pid), file }] : [];
            } catch (error) {
                if (!['ENOENT', 'ESRCH', 'EACCES'].includes(error.code)) {
                    throw error;
                }
                return [];
            }
        });
}

// Whether a process has let go of all it had: its name goes before its sockets.
function gone(pid) {
    try {
        return / [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    } catch (error) {
        if (!['ENOENT', 'ESRCH'].includes(error.code)) throw error;
        return true;
    }
}

test('the data is the owner\'s alone, and not below the web folder', () => {
    const mode = (name) => statSync(join(site.home, name)).mode & 0o777;
    assert.equal(mode(''), 0o700);
    for (const name of ['scrip.conf', 'secrets.conf', 'scrip.db', 'demo.key',
        'install.conf']) assert.equal(mode(name), 0o600, name);
});

test('what must not be installed is refused, and nothing is changed', async () => {
    const rules = join(site.web, '.htaccess');
    const before_ = readFileSync(rules, 'utf8');
    const taken = join(site.folder, 'public_html');
    const other = join(site.folder, 'other');
    const base = ['--base-url', 'http://127.0.0.1/x'];
    writeFileSync(join(taken, '.htaccess'), '# somebody else\'s\n');
    const cases = [
        [['--data', site.home, '--web', other], /uninstall/],
        [['--data', other, '--web', taken, ...base], /not Scrip's/],
        [['--data', join(other, 'data'), '--web', other, ...base],
            /must not lie/],
        [['--data', other, '--web', other, ...base], /must not lie/],
        [['--data', other, '--web', join(other, 'web'), ...base],
            /--web must not lie/],
        [['--data', other, '--web', join(site.folder, 'web'), '--base-url',
            'ftp://h/'], /--base-url is/],
        [['--data', other, ...base], /--web is/],
        [['--data', other, '--web', join(site.folder, 'web'), ...base,
            '--owner', 'a@example.test'], /--owner needs/],
    ];
    for (const [args, why] of cases) {
        const { code, stdout } = await site.setUp(args);
        assert.notEqual(code, 0, args.join(' '));
        assert.match(JSON.parse(stdout).error, why);
    }
    rmSync(join(taken, '.htaccess'));
    assert.ok(!existsSync(join(other, 'data')));
    assert.equal(readFileSync(rules, 'utf8'), before_);
    const loose = await site.scrip(['install', '--json']);
    assert.match(JSON.parse(loose.stdout).error, /no unpacked release/);
});

test('an upgrade while it serves: both releases run side by side', async () => {
    const stop = load();
    await until('some captures', async () => programs().length > 0);
    const { code, stdout } = await site.install();
    assert.equal(code, 0, stdout);
    assert.equal(JSON.parse(stdout).release, 2);
    await until('the new release', () => programs()
        .some(({ file }) => file.includes('/releases/2/')));
    assert.ok(programs().some(({ file }) => file.includes('/releases/1/')));
    const said = await stop();
    assert.deepEqual(said.other, []);
    assert.ok(said.done.length > 3);
    await kept(said);
});

test('and back again, with what was written meanwhile', async () => {
    const stop = load();
    const { code, stdout } = await site.scrip(['install', '--rollback', '--json']);
    assert.equal(code, 0, stdout);
    assert.equal(JSON.parse(stdout).release, 1);
    const said = await stop();
    assert.deepEqual(said.other, []);
    await kept(said);
    for (const rules of [join(site.web, '.htaccess'),
        join(site.home, 'lighttpd.conf'), join(site.home, 'fcgiwrap.conf')]) {
        const text = readFileSync(rules, 'utf8');
        assert.match(text, /releases\/1\//, rules);
        assert.doesNotMatch(text, /releases\/2\//, rules);
    }
    // The next one takes a number of its own, and the oldest goes.
    const next = await site.install();
    assert.equal(JSON.parse(next.stdout).release, 3);
    assert.deepEqual(readdirSync(join(site.web, 'releases')).sort(),
        ['1', '3']);
});

test('kill -9 of every program: the next request is served', async () => {
    const stop = load();
    const killed = new Set();
    for (let round = 0; round < 5; round += 1) {
        await until('a program', () => programs().length > 0);
        for (const { pid } of programs()) {
            try {
                killed.add(pid);
                process.kill(pid, 'SIGKILL');
            } catch (error) {
                if (error.code !== 'ESRCH') throw error;
            }
        }
    }
    const said = await stop();
    // A signal is sent before it ends anything, and what connects to one that
    // is about to end has been served by nobody.
    await until('them to be gone', () => [...killed].every(gone));
    const next = await platform.get(`${demo}/balance`);
    assert.equal(next.status, 200, next.text);
    await kept(said);
});

test('a graceful restart of Apache loses nothing', async () => {
    const stop = load();
    await until('a program', () => programs().length > 0);
    const { pid } = site.children[0];
    const workers = () => readFileSync(`/proc/${pid}/task/${pid}/children`,
        'utf8').trim().split(' ');
    const old = workers();
    process.kill(pid, 'SIGUSR1');
    await until('the site to answer', async () => (
        await request(`${site.base}/healthz`)).status === 200);
    const said = await stop();
    await until('the old workers to end', () => !workers()
        .some((worker) => old.includes(worker)), 20);
    await kept(said);
});

test('many programs at once share one ledger', async () => {
    const before_ = (await platform.get(`${demo}/balance`)).json.total;
    // Who stands too far behind in the queue is told to try again, and does.
    let refused = 0;
    const capture = async (key) => {
        for (const late = Date.now() + 30000; ;) {
            const answer = await platform.post(`${demo}/captures`,
                { feature: 'x', credits: 1 }, { key });
            if (answer.status !== 503 || Date.now() > late) return answer;
            refused += 1;
        }
    };
    const answers = await Promise.all(Array.from({ length: 40 }, () =>
        capture(randomUUID())))
        .catch((error) => {
            throw new Error(`${error.message}\n${site.errors()}`);
        });
    const done = answers.filter(({ status }) => status === 201).length;
    assert.equal(done, 40, answers.map(({ status }) => status).join());
    assert.ok(refused <= 40, `${refused} refusals`);
    assert.equal((await platform.get(`${demo}/balance`)).json.total,
        before_ - 40);
    await whole(site);
});

test('the doctor finds what is wrong, and says what to do', async () => {
    const { code, stdout } = await site.scrip(['doctor', '--json']);
    const { checks, ok } = JSON.parse(stdout);
    assert.deepEqual([code, ok], [0, true], stdout);
    for (const name of ['settings', 'modes', 'file system', 'writes', 'clock',
        'database', 'webhook', 'ledger', 'provider']) {
        assert.ok(checks.some(({ check }) => check === name), name);
    }
    const file = join(site.home, 'scrip.conf');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, `${text}SCRIP_BASE_ULR=x\n`);
    const sick = await site.scrip(['doctor', '--json']);
    assert.equal(sick.code, 1);
    assert.match(JSON.parse(sick.stdout).checks[0].words, /SCRIP_BASE_ULR/);
    writeFileSync(file, text);
});

test('taken away, the data stays; installed again, it serves it', async () => {
    const had = (await platform.get(`${demo}/balance`)).json.total;
    const { code, stdout } = await site.scrip(['uninstall', '--json']);
    assert.equal(code, 0, stdout);
    assert.deepEqual(readdirSync(site.web), []);
    assert.ok(existsSync(join(site.home, 'scrip.db')));
    await whole(site);
    const again = await site.install(['--web', site.web]);
    assert.equal(again.code, 0, again.stdout);
    const answer = await platform.get(`${demo}/balance`);
    assert.equal(answer.json.total, had, answer.text);
});
