// The harness of every test that needs the whole site: nginx, the programs
// and the sandbox over real HTTP, in a home of its own on free ports, started
// and ended as an operator does it (nginx/run).
//
//     const site = await startSite();               // or { env, build }
//     const owner = await signIn(site, 'owner@demo.test', 'demo-password');
//     const { status, json } = await owner.get('/api/v1/spaces/demo/credits');
//     await site.stop();                            // in after()
//
// The build is SCRIP_BUILD, or build/asan: stop() throws when a sanitizer or
// an assertion has spoken. A site never outlives the process that started
// it, whatever ends that. Nothing is signalled by name.

import { spawn, spawnSync } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import {
    mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync,
} from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

// ------------------------------------------------------------ processes

// Runs a program to its end: { code, stdout, stderr }.
export function run(file, args = [], { env = process.env, input = '' } = {}) {
    return new Promise((done, fail) => {
        const child = spawn(file, args, { env, cwd: root });
        const out = { stdout: '', stderr: '' };
        for (const name of ['stdout', 'stderr']) {
            child[name].setEncoding('utf8');
            child[name].on('data', (text) => { out[name] += text; });
        }
        child.on('error', fail);
        child.on('close', (code) => done({ code, ...out }));
        child.stdin.on('error', () => {}); // it may not want to read
        child.stdin.end(input);
    });
}

function canListen(port) {
    return new Promise((done) => {
        const server = net.createServer();
        server.once('error', () => done(false));
        server.listen(port, '127.0.0.1', () => server.close(() => done(true)));
    });
}

// Two free ports in a row, below those that outgoing connections are given.
export async function freePorts() {
    for (let tries = 0; tries < 200; tries += 1) {
        const port = randomInt(10000, 32000);
        if (await canListen(port) && await canListen(port + 1)) return port;
    }
    throw new Error('no two free ports in a row');
}

// What a program of the site is doing: { credits: [pid, ...], nginx: [...] },
// by the name of its executable. Watchers (multiwatch) are there too.
export function processes(site) {
    const [keeper] = readFileSync(join(site.home, 'run/site.pid'), 'utf8')
        .split(' ');
    const found = {};
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
        try {
            const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
            const [state, , , session] = stat
                .slice(stat.lastIndexOf(')') + 2).split(' ');
            if (session !== keeper || state === 'Z') continue;
            const name = basename(readlinkSync(`/proc/${pid}/exe`));
            (found[name] ??= []).push(Number(pid));
        } catch (error) {
            if (!['ENOENT', 'ESRCH', 'EACCES'].includes(error.code)) throw error;
        }
    }
    return found;
}

// ----------------------------------------------------------------- site

const running = new Set();

function endAll() {
    for (const site of running) {
        spawnSync(join(root, 'nginx/run'), ['stop'], { env: site.env });
    }
    running.clear();
}
process.on('exit', endAll);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => {
        endAll();
        process.exit(1);
    });
}

// A home that exists already may be given; it is then left where it is.
export async function startSite({ env = {}, build, home } = {}) {
    const site = {
        home: home ?? mkdtempSync(join(tmpdir(), 'scrip-')),
        build: resolve(root, build ?? process.env.SCRIP_BUILD ?? 'build/asan'),
        // Not in the home: sanitizers take no odd characters in a path.
        reports: mkdtempSync(join(tmpdir(), 'scrip-reports-')),
    };
    for (let tries = 1; ; tries += 1) {
        settle(site, await freePorts(), env);
        const { code, stderr } = await run(join(root, 'nginx/run'), ['start'],
            { env: site.env });
        if (code === 0) break;
        // Somebody else took the port since we looked.
        if (tries < 5 && stderr.includes('cannot be had')) continue;
        throw new Error(`the site did not start:\n${stderr}${reports(site)}`);
    }
    running.add(site);
    // Looking for leaks takes longer than most commands: unit tests do.
    const commands = { ...site.env,
        ASAN_OPTIONS: `${site.env.ASAN_OPTIONS}:detect_leaks=0` };
    site.scrip = (args, options) => run(join(site.build, 'scrip'), args,
        { env: commands, ...options });
    site.log = () => readFileSync(join(site.home, 'log/scrip.log'), 'utf8');
    site.stop = () => stopSite(site, home === undefined);
    return site;
}

function settle(site, port, env) {
    const clean = Object.fromEntries(Object.entries(process.env)
        .filter(([name]) => !name.startsWith('SCRIP_')));
    site.env = {
        ...clean,
        ASAN_OPTIONS: `log_path=${site.reports}/asan:handle_abort=1`,
        UBSAN_OPTIONS: `log_path=${site.reports}/ubsan:print_stacktrace=1`,
        SCRIP_HOME: site.home,
        SCRIP_BUILD: site.build,
        SCRIP_PORT: String(port),
        SCRIP_SANDBOX_PORT: String(port + 1),
        SCRIP_START_SECONDS: '60', // a slow machine's, with tests beside
        SCRIP_WHILE: String(process.pid),
        ...env,
    };
    site.base = `http://127.0.0.1:${site.env.SCRIP_PORT}`;
    site.sandbox = `http://127.0.0.1:${site.env.SCRIP_SANDBOX_PORT}`;
    site.origin = new URL(site.env.SCRIP_BASE_URL ?? site.base).origin;
}

// What sanitizers have written, as text; '' when they had nothing to say.
function reports({ reports: folder }) {
    return readdirSync(folder)
        .map((name) => `${name}:\n${readFileSync(join(folder, name), 'utf8')}`)
        .join('\n');
}

async function stopSite(site, remove) {
    if (!running.delete(site)) return;
    const { code, stderr } = await run(join(root, 'nginx/run'), ['stop'],
        { env: site.env });
    if (code !== 0) throw new Error(`the site did not end: ${stderr}`);
    const said = reports(site);
    if (said) throw new Error(`sanitizers, in ${site.reports}:\n${said}`);
    rmSync(site.reports, { recursive: true });
    if (remove && !process.env.SCRIP_KEEP) rmSync(site.home, { recursive: true });
}

// ----------------------------------------------------------------- HTTP

// One request on a connection of its own. `body`: an object becomes JSON, a
// string or Buffer goes as it is. `key: true` makes an Idempotency-Key.
// { status, headers, text, json }, json only where the answer is JSON.
export function request(url, {
    method = 'GET', headers = {}, body, key, seconds = 30,
} = {}) {
    const send = { ...headers };
    let bytes = body;
    if (body !== undefined && typeof body !== 'string'
        && !Buffer.isBuffer(body)) {
        bytes = JSON.stringify(body);
        send['Content-Type'] ??= 'application/json';
    }
    if (bytes !== undefined) send['Content-Length'] = Buffer.byteLength(bytes);
    if (key !== undefined) {
        send['Idempotency-Key'] = key === true ? randomUUID() : key;
    }
    return new Promise((done, fail) => {
        const call = http.request(url, { method, headers: send, agent: false });
        call.setTimeout(seconds * 1000, () => call.destroy(
            new Error(`${method} ${url}: no answer in ${seconds} s`),
        ));
        call.on('error', fail);
        call.on('response', (answer) => {
            const pieces = [];
            answer.on('data', (piece) => pieces.push(piece));
            answer.on('error', fail);
            answer.on('end', () => {
                const text = Buffer.concat(pieces).toString('utf8');
                const type = answer.headers['content-type'] ?? '';
                const isJson = /^application\/(problem\+)?json/.test(type);
                done({
                    status: answer.statusCode,
                    headers: answer.headers,
                    text,
                    json: isJson && text ? JSON.parse(text) : undefined,
                });
            });
        });
        call.end(bytes);
    });
}

// get, post, put and del of paths, with the same headers each time.
function clientOf(site, always) {
    const call = (method, path, body, options = {}) => request(
        site.base + path,
        { ...options, method, body, headers: { ...always, ...options.headers } },
    );
    return {
        headers: always,
        get: (path, options) => call('GET', path, undefined, options),
        post: (path, body, options) => call('POST', path, body, options),
        put: (path, body, options) => call('PUT', path, body, options),
        del: (path, options) => call('DELETE', path, undefined, options),
    };
}

// Nobody: no cookie, no key.
export const anonymous = (site) => clientOf(site, {});

// A browser that has signed in and sends what our own pages send.
export async function signIn(site, email, password) {
    const answer = await request(`${site.base}/api/v1/session`, {
        method: 'POST', body: { email, password }, headers: { Origin: site.origin },
    });
    if (answer.status !== 200) {
        throw new Error(`sign-in of ${email}: ${answer.status} ${answer.text}`);
    }
    const [cookie] = answer.headers['set-cookie'][0].split(';');
    const client = clientOf(site, {
        Cookie: cookie,
        Origin: site.origin,
        'X-CSRF-Token': answer.json.csrf_token,
    });
    return Object.assign(client, { session: answer.json, cookie });
}

// A platform with a key; the demo's, which may do everything, unless given.
export function keyed(site, key) {
    const bearer = key
        ?? readFileSync(join(site.home, 'demo.key'), 'utf8').trim();
    return clientOf(site, { Authorization: `Bearer ${bearer}` });
}

// Asks until the answer is truthy, and returns it.
export async function until(what, ask, seconds = 10) {
    const end = Date.now() + seconds * 1000;
    for (;;) {
        const answer = await ask();
        if (answer) return answer;
        if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
        await new Promise((done) => { setTimeout(done, 50); });
    }
}
