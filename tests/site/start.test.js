// nginx/run as an operator meets it: what it starts it ends, a start that
// fails leaves nothing, and neither odd homes nor stale files harm anybody.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
    chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync,
    statSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
    anonymous, freePorts, processes, request, root, run, startSite, until,
} from './site.js';

const script = join(root, 'nginx/run');
const folder = mkdtempSync(join(tmpdir(), 'scrip-start-'));
after(() => rmSync(folder, { recursive: true }));

const everyPid = (site) => Object.values(processes(site)).flat();

function alive(pid) {
    try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        return !['Z', 'X'].includes(stat[stat.lastIndexOf(')') + 2]);
    } catch {
        return false;
    }
}

const allGone = (pids) => pids.every((pid) => !alive(pid));

// nginx/run with settings of its own, in a home that no site uses.
async function attempt(command, settings, tries = 1) {
    const port = await freePorts();
    const clean = Object.fromEntries(Object.entries(process.env)
        .filter(([name]) => !name.startsWith('SCRIP_')));
    const env = {
        ...clean,
        SCRIP_BUILD: process.env.SCRIP_BUILD ?? join(root, 'build/asan'),
        SCRIP_HOME: join(folder, 'other'),
        SCRIP_PORT: String(port),
        SCRIP_START_SECONDS: '60',
        SCRIP_WHILE: String(process.pid),
        ...settings,
    };
    const ran = await run(script, [command], { env });
    // Somebody else took the port since we looked, unless it was not ours.
    if (ran.stderr.includes('cannot be had') && tries < 5
        && settings.SCRIP_PORT === undefined) {
        return attempt(command, settings, tries + 1);
    }
    return { ...ran, port, env };
}

test('what starts answers, and what stops has ended, all of it', async () => {
    const site = await startSite();
    assert.equal((await anonymous(site).get('/healthz')).status, 200);
    const found = processes(site);
    for (const name of ['nginx', 'credits', 'checkout', 'session', 'webhook',
        'history', 'membership', 'sandbox']) {
        assert.ok(found[name]?.length > 0, `${name} runs`);
    }
    const pids = everyPid(site);
    await site.stop();
    assert.ok(allGone(pids), 'every process has ended');
});

test('a second start says that it runs; a second stop has nothing to do',
    async () => {
        const site = await startSite();
        const pids = everyPid(site);
        const again = await run(script, ['start'], { env: site.env });
        assert.equal(again.code, 0);
        assert.match(again.stdout, /runs already/);
        assert.ok(!allGone(pids));
        await site.stop();
        const idle = await run(script, ['stop'], { env: site.env });
        assert.deepEqual(idle, { code: 0, stdout: '', stderr: '' });
    });

test('two sites side by side know nothing of each other', async () => {
    const [one, two] = await Promise.all([startSite(), startSite()]);
    await one.stop();
    assert.equal((await anonymous(two).get('/healthz')).status, 200);
    await two.stop();
});

test('a home may have a long name with any characters in it', async () => {
    const home = join(folder, `long "x' $y é;${'/deep'.repeat(40)}`);
    const site = await startSite({ home });
    assert.equal((await anonymous(site).get('/healthz')).status, 200);
    assert.equal((await request(`${site.sandbox}/v1/none`)).status, 401);
    await site.stop();
});

test('a relative home is one below the caller\'s folder', async () => {
    const { code, stderr, env } = await attempt('start', {
        SCRIP_HOME: `../../../../../../../..${join(folder, 'relative')}`,
    });
    assert.equal(code, 0, stderr);
    assert.ok(existsSync(join(folder, 'relative/scrip.db')));
    await run(script, ['stop'], { env });
});

test('a home without any permission is still its owner\'s', async () => {
    const home = join(folder, 'closed');
    mkdirSync(home);
    chmodSync(home, 0o000);
    const site = await startSite({ home });
    await site.stop();
});

test('what lies in a home is for its owner alone', async () => {
    const site = await startSite();
    for (const name of ['log', 'run', 'nginx', 'scrip.db', 'secrets.conf',
        'demo.key', 'run/credits.sock', 'log/scrip.log']) {
        assert.equal(statSync(join(site.home, name)).mode & 0o077, 0, name);
    }
    await site.stop();
});

test('ports may stand in scrip.conf, and the environment goes first',
    async () => {
        const home = join(folder, 'configured');
        mkdirSync(home);
        const port = await freePorts();
        writeFileSync(join(home, 'scrip.conf'), `# Ours.\nSCRIP_PORT="${port}"\n`);
        const first = await attempt('start', { SCRIP_HOME: home, SCRIP_PORT: '' });
        assert.equal(first.code, 0, first.stderr);
        assert.equal((await request(`http://127.0.0.1:${port}/healthz`)).status, 200);
        await run(script, ['stop'], { env: first.env });
        const second = await attempt('start', { SCRIP_HOME: home });
        assert.match(second.stdout, new RegExp(`127.0.0.1:${second.port} `));
        await run(script, ['stop'], { env: second.env });
    });

for (const listen of ['127.0.0.1', '0.0.0.0', '*', '::1', '[::1]', 'localhost']) {
    test(`it listens on ${listen}`, async () => {
        const { code, stderr, env } = await attempt('start', {
            SCRIP_LISTEN: listen,
        });
        assert.equal(code, 0, stderr);
        await run(script, ['stop'], { env });
    });
}

const refusals = [
    ['a port that is none', { SCRIP_PORT: '8080x' }, /SCRIP_PORT is no port/],
    ['a port past the last', { SCRIP_PORT: '65536' }, /SCRIP_PORT is no port/],
    ['one port for both', { SCRIP_PORT: '20000', SCRIP_SANDBOX_PORT: '20000' },
        /are the same/],
    ['an address that is none', { SCRIP_LISTEN: 'a;b' }, /is no address/],
    ['a time to start that is none', { SCRIP_START_SECONDS: '1m' },
        /SCRIP_START_SECONDS is no number/],
    ['a build that is not there', { SCRIP_BUILD: folder }, /run make first/],
    ['settings that the programs refuse', { SCRIP_BASE_URL: 'gopher://x' },
        /SCRIP_BASE_URL must be[^]*scrip init has failed/],
];
for (const [name, settings, words] of refusals) {
    test(`it does not start with ${name}, and says so`, async () => {
        const { code, stderr, env } = await attempt('start', settings);
        assert.notEqual(code, 0);
        assert.match(stderr, words);
        assert.ok(!existsSync(join(env.SCRIP_HOME, 'run/site.pid')));
    });
}

for (const [name, offset] of [['SCRIP_PORT', 0], ['SCRIP_SANDBOX_PORT', -1]]) {
    test(`${name} in use is said before anything starts`, async () => {
        const site = await startSite();
        const taken = Number(site.env.SCRIP_PORT) + offset;
        const { code, stderr } = await attempt('start', {
            SCRIP_PORT: String(taken),
        });
        assert.equal(code, 1);
        assert.match(stderr, new RegExp(`cannot be had.*${name}=`));
        assert.equal((await anonymous(site).get('/healthz')).status, 200);
        await site.stop();
    });
}

test('a site whose program cannot start is ended again, with its words',
    async () => {
        const build = join(folder, 'broken');
        cpSync(process.env.SCRIP_BUILD ?? join(root, 'build/asan'), build, {
            recursive: true,
            filter: (path) => !path.endsWith('/obj'),
        });
        writeFileSync(
            join(build, 'cgi-bin/credits'),
            '#!/bin/sh\nsleep 1\necho "no such settings" >&2\nexit 1\n',
        );
        const { code, stderr, env, port } = await attempt('start', {
            SCRIP_BUILD: build,
            SCRIP_START_SECONDS: '15',
        });
        assert.equal(code, 1);
        assert.match(stderr, /no such settings[^]*all is ended again/);
        assert.ok(!existsSync(join(env.SCRIP_HOME, 'run/site.pid')));
        await assert.rejects(request(`http://127.0.0.1:${port}/healthz`),
            { code: 'ECONNREFUSED' });
    });

test('a stale site.pid names nobody', async () => {
    const bystander = spawn('sleep', ['60']);
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const run_ = join(folder, 'stale/run');
    mkdirSync(run_, { recursive: true });
    for (const text of [`${bystander.pid} 1 ${boot}\n`, 'garbage\n', '',
        `${bystander.pid}\n`, `-1 1 ${boot}\n`]) {
        writeFileSync(join(run_, 'site.pid'), text);
        const { code } = await attempt('stop', {
            SCRIP_HOME: join(folder, 'stale'),
        });
        assert.equal(code, 0);
        assert.ok(alive(bystander.pid), JSON.stringify(text));
    }
    bystander.kill();
});

test('what is killed comes back: a program, its watcher, nginx', async () => {
    const site = await startSite();
    const client = anonymous(site);
    const healthy = async () => {
        const answer = await client.get('/healthz').catch(() => ({}));
        return answer.status === 200;
    };
    const kill = (pids) => pids.forEach((pid) => process.kill(pid, 'SIGKILL'));
    const counted = () => Object.fromEntries(Object.entries(processes(site))
        .filter(([name]) => name !== 'sleep' && name !== 'scrip')
        .map(([name, pids]) => [name, pids.length]).sort());
    const before = counted();
    for (const name of ['credits', 'multiwatch', 'nginx']) {
        kill(processes(site)[name]);
        await until(`healthy after ${name} was killed`, healthy, 30);
    }
    await until('as many processes as before', () => (
        JSON.stringify(counted()) === JSON.stringify(before)), 30);
    await site.stop();
});

test('stop ends a site whose keeper was killed', async () => {
    const site = await startSite();
    const pids = everyPid(site);
    const [keeper] = readFileSync(join(site.home, 'run/site.pid'), 'utf8')
        .split(' ');
    process.kill(Number(keeper), 'SIGKILL');
    await until('the keeper has gone', () => !alive(Number(keeper)), 30);
    await site.stop();
    assert.ok(allGone(pids));
});

test('a site ends with the process that it was started for', async () => {
    const owner = spawn('sleep', ['60']);
    const site = await startSite({ env: { SCRIP_WHILE: String(owner.pid) } });
    const pids = everyPid(site);
    owner.kill('SIGKILL');
    await until('all of it has ended', () => allGone(pids), 30);
    await site.stop();
});

// Runs it in the foreground until it says how to end it.
async function foreground(settings = {}, tries = 1) {
    const port = await freePorts();
    const home = mkdtempSync(join(folder, 'fore-'));
    const child = spawn(script, ['foreground'], {
        env: {
            ...process.env,
            SCRIP_BUILD: process.env.SCRIP_BUILD ?? join(root, 'build/asan'),
            SCRIP_HOME: home,
            SCRIP_PORT: String(port),
            SCRIP_START_SECONDS: '60',
            SCRIP_DEMO: 'plain',
            ...settings,
        },
    });
    let said = '';
    let over = false;
    child.stdout.on('data', (text) => { said += text; });
    child.stderr.on('data', (text) => { said += text; });
    const ended = new Promise((done) => { child.on('close', done); });
    ended.then(() => { over = true; });
    await until('Ctrl-C is offered', () => over || said.includes('Ctrl-C'), 90);
    // Somebody else took the port since we looked.
    if (over && said.includes('cannot be had') && tries < 5) {
        return foreground(settings, tries + 1);
    }
    assert.ok(!over, said);
    return { child, ended, home, port, said: () => said };
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL']) {
    test(`${signal} in the foreground ends all of it`, async () => {
        const { child, ended, home, port, said } = await foreground();
        assert.ok(said().includes(`http://127.0.0.1:${port}`));
        assert.match(said(), /owner@demo.test/);
        const pids = everyPid({ home });
        child.kill(signal);
        const code = await ended;
        if (signal !== 'SIGKILL') assert.equal(code, 0);
        await until('all has ended', () => allGone(pids), 30);
    });
}

test('with a live key there is no sandbox, and no word of one', async () => {
    const { child, ended, home, port, said } = await foreground({
        SCRIP_STRIPE_SECRET_KEY: 'sk_live_0123456789abcdef',
        SCRIP_STRIPE_WEBHOOK_SECRET: 'whsec_0123456789abcdef',
        SCRIP_BASE_URL: 'https://credits.example',
    });
    assert.doesNotMatch(said(), /demo|4242|sandbox/i);
    assert.equal(processes({ home }).sandbox, undefined);
    await assert.rejects(request(`http://127.0.0.1:${port + 1}/v1/x`),
        { code: 'ECONNREFUSED' });
    const { headers } = await request(`http://127.0.0.1:${port}/healthz`);
    assert.match(headers['strict-transport-security'], /max-age=/);
    child.kill('SIGTERM');
    await ended;
});
