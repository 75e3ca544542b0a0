// `scrip install` without a web server: a real owner and a provider's key,
// what is refused and why, and that whatever was refused can be asked for
// again in better words.

import assert from 'node:assert/strict';
import {
    chownSync, existsSync, lstatSync, mkdirSync, readFileSync, readdirSync,
    rmSync, symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { sql } from '../site/shop.js';
import { root, run } from '../site/site.js';
import { newHost } from './servers.js';

const base = 'https://example.test/~user/credits';
const live = {
    SCRIP_STRIPE_SECRET_KEY: 'sk_live_0123456789',
    SCRIP_STRIPE_WEBHOOK_SECRET: 'whsec_0123456789abcdef',
};
const owner = ['--owner', 'me@example.test', '--name', 'My "Own" Name',
    '--space', 'studio'];

let host;
before(async () => { host = await newHost(); });
after(() => host?.remove());

const first = () => ['--web', host.web, '--base-url', `${base}/`];
const read = (...names) => readFileSync(join(...names), 'utf8');

async function refused(args, options, why) {
    const { code, stdout } = await host.install(args, options);
    assert.notEqual(code, 0, args.join(' '));
    assert.match(JSON.parse(stdout).error, why);
}

test('programs that load libraries never become a tarball', async () => {
    const { code, stderr } = await run(join(root, 'nginx/hosting/check'),
        [host.release]);
    assert.equal(code, 1);
    for (const fault of ['scrip asks for a loader', 'scrip loads libraries',
        'cgi-bin/credits loads libraries', 'zoneinfo/UTC is missing']) {
        assert.ok(stderr.includes(`check: ${fault}\n`), `${fault}: ${stderr}`);
    }
});

test('keys that are none are refused with the reason, and leave nothing in the way', async () => {
    const cases = [
        [{ SCRIP_STRIPE_SECRET_KEY: 'pk_live_0123456789' }, /sk_live_/],
        [{ SCRIP_STRIPE_SECRET_KEY: 'sk_live_' }, /sk_live_/],
        [{ SCRIP_STRIPE_SECRET_KEY: 'sk_live_0123 456789' }, /odd character/],
        [{ SCRIP_STRIPE_SECRET_KEY: 'sk_live_0\nSCRIP_PORT=1' }, /one line/],
        [{ SCRIP_STRIPE_WEBHOOK_SECRET: '' }, /WEBHOOK_SECRET/],
        [{ SCRIP_STRIPE_WEBHOOK_SECRET: 'short' }, /at least 16/],
    ];
    for (const [env, why] of cases) {
        await refused(first(), { env: { ...live, ...env } }, why);
        assert.ok(!existsSync(join(host.home, 'scrip.conf')));
        assert.ok(!existsSync(join(host.web, '.htaccess')));
    }
});

test('folders that must not be, by whatever way they are named', async () => {
    const inside = join(host.web, 'data');
    const door = join(host.folder, 'door');
    symlinkSync(host.web, door);
    const cases = [
        [['--data', inside], /must not lie/],
        [['--data', `${host.web}/`], /must not lie/],
        [['--data', join(door, 'data')], /must not lie/],
        [['--data', `${host.folder}/none/../public_html/credits/data`],
            /no "\.\."/],
        [['--data', join(host.folder, 'public_html')], /nobody else may enter/],
        [['--data', join(host.folder, 'a"b')], /quotes/],
    ];
    const { uid, gid } = lstatSync(host.folder);
    mkdirSync(host.web);
    chownSync(host.web, uid, gid);
    for (const [args, why] of cases) {
        const { code, stdout } = await host.setUp([...args, ...first()]);
        assert.equal(code, 2, stdout);
        assert.match(JSON.parse(stdout).error, why);
    }
    assert.deepEqual(readdirSync(host.web), []);
});

test('a password that is refused can be given again, though its Space is there', async () => {
    const options = { env: live, input: 'short\n' };
    await refused([...first(), ...owner], options, /member/);
    assert.ok(!existsSync(join(host.web, '.htaccess')));
    const { code, stdout, stderr } = await host.install(
        [...first(), ...owner], { env: live, input: 'a long password\n' },
    );
    assert.equal(code, 0, stdout + stderr);
    assert.equal(JSON.parse(stdout).base_url, base);
});

test('a real owner on a live key: no sandbox, no demo, https alone', async () => {
    assert.deepEqual(await sql(host, `SELECT slug, plan, role, email, member.name AS name
        FROM space_member JOIN space ON space.number = space
        JOIN member ON member.number = member`), [{
        slug: 'studio', plan: 'creator', role: 3,
        email: 'me@example.test', name: 'My "Own" Name',
    }]);
    for (const line of [`SCRIP_BASE_URL=${base}`,
        ...Object.entries(live).map(([key, value]) => `${key}=${value}`)]) {
        assert.ok(read(host.home, 'scrip.conf').split('\n').includes(line), line);
    }
    assert.equal(lstatSync(join(host.home, 'scrip.conf')).mode & 0o777, 0o600);
    const programs = readdirSync(join(host.web, 'releases/1/cgi-bin'));
    assert.ok(programs.includes('checkout'));
    assert.ok(!programs.includes('sandbox'));
    const rules = read(host.web, '.htaccess');
    assert.match(rules, /^ *Header set Strict-Transport-Security/m);
    assert.match(rules, /^RewriteBase \/~user\/credits\/$/m);
    for (const secret of Object.values(live)) {
        assert.doesNotMatch(rules, new RegExp(secret));
        assert.doesNotMatch(read(host.home, 'install.conf'), new RegExp(secret));
    }
    const { stdout } = await host.scrip(['doctor', '--json']);
    assert.match(JSON.parse(stdout).checks[0].words,
        /site https:\/\/example\.test\/~user\/credits, live key/);
    assert.doesNotMatch(stdout, /0123456789/);
});

test('settings that are there stay: others are refused, not passed over', async () => {
    const conf = read(host.home, 'scrip.conf');
    await refused(['--base-url', 'https://example.test/other'], {},
        /its address is https:\/\/example\.test\/~user\/credits/);
    await refused([], { env: { SCRIP_STRIPE_SECRET_KEY: 'sk_live_another' } },
        /SCRIP_STRIPE_SECRET_KEY is not as in/);
    assert.equal(read(host.home, 'scrip.conf'), conf);
    assert.ok(!existsSync(join(host.web, 'releases/2')));
    const same = await host.install(first(), { env: live });
    assert.equal(same.code, 0, same.stdout);
    assert.equal(JSON.parse(same.stdout).release, 2);
});

test('rules that cannot be written: the next release has a number of its own', async () => {
    // as if it had been ended between the number and the rules
    const rules = join(host.web, '.htaccess');
    const serving = read(rules);
    const taken = join(host.home, 'lighttpd.conf');
    rmSync(taken);
    mkdirSync(join(taken, 'in the way'), { recursive: true });
    await refused([], {}, /lighttpd\.conf/);
    assert.equal(read(rules), serving);
    rmSync(taken, { recursive: true });
    const next = await host.install();
    assert.equal(next.code, 0, next.stdout);
    assert.equal(JSON.parse(next.stdout).release, 4);
    assert.match(read(rules), /releases\/4\//);
    assert.ok(existsSync(join(host.web, 'releases/4/cgi-bin/credits')));
});
