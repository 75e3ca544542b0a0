// The web servers of shared hosting, each with the site that `scrip install`
// puts into its folder, below /~user/credits/: an ordinary user's processes
// on a free port, given no environment, as suexec gives none.
//
//     const site = await installSite('apache-fcgid');
//     await site.stop();
//
// A site is what tests/site expects: base, origin, sandbox, home, scrip().

import { spawn, spawnSync } from 'node:child_process';
import {
    chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync,
    rmSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { freePorts, request, root, run, until } from '../site/site.js';

const path = '/~user/credits';
const modules = '/usr/lib/apache2/modules';
// Where sanitizers would make each plain CGI start slow, the release build.
const build = resolve(process.env.SCRIP_BUILD ?? join(root, 'build/asan'), '..');

// Root's rights would hide what an ordinary user lacks.
const nobody = process.getuid() === 0 ? { uid: 65534, gid: 65534 } : {};

// Mutexes of files are locks of processes: to the system, two threads that
// wait for two of them look like a deadlock.
function apache(site, names, lines) {
    const load = ['authz_core', 'mime', 'alias', 'rewrite', 'headers', ...names]
        .map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`);
    const types = join(site.folder, 'mime.types');
    writeFileSync(types, 'text/html html\ntext/css css\n');
    const file = join(site.folder, 'httpd.conf');
    writeFileSync(file, `${load.join('\n')}
ServerRoot "${site.folder}"
ServerName 127.0.0.1
Listen 127.0.0.1:${site.port}
PidFile httpd.pid
DefaultRuntimeDir "${site.folder}"
Mutex pthread
ErrorLog error.log
TypesConfig mime.types
DocumentRoot "${join(site.folder, 'www')}"
Alias "/~user" "${join(site.folder, 'public_html')}"
GracefulShutdownTimeout 5
${lines}
<Directory "${site.folder}">
    Require all granted
    AllowOverride All
</Directory>
`);
    return [['apache2', '-d', site.folder, '-f', file, '-D', 'FOREGROUND']];
}

function lighttpd(site, module) {
    const file = join(site.folder, 'lighttpd.conf');
    writeFileSync(file, `
server.modules = ( "mod_rewrite", "mod_redirect", "mod_alias", "${module}" )
server.document-root = "${join(site.folder, 'www')}"
server.bind = "127.0.0.1"
server.port = ${site.port}
server.errorlog = "${join(site.folder, 'error.log')}"
server.upload-dirs = ( "${site.folder}" )
mimetype.assign = ( ".html" => "text/html; charset=utf-8",
    ".css" => "text/css", ".js" => "text/javascript",
    ".svg" => "image/svg+xml" )
include "${join(site.home, 'lighttpd.conf')}"
`);
    return [['lighttpd', '-D', '-f', file]];
}

function nginx(site) {
    const socket = join(site.folder, 'wrap.sock');
    copyFileSync('/etc/nginx/fastcgi_params',
        join(site.folder, 'fastcgi_params'));
    writeFileSync(join(site.folder, 'scrip.conf'),
        readFileSync(join(site.home, 'fcgiwrap.conf'), 'utf8')
            .replaceAll('/run/fcgiwrap.socket', socket));
    const temporary = ['client_body', 'fastcgi', 'proxy', 'scgi', 'uwsgi']
        .map((name) => `    ${name}_temp_path ${name};`).join('\n');
    writeFileSync(join(site.folder, 'nginx.conf'), `
daemon off;
pid nginx.pid;
error_log error.log;
events {}
http {
    types { text/html html; text/css css; text/javascript js; }
    access_log off;
${temporary}
    server {
        listen 127.0.0.1:${site.port};
        root www;
        include scrip.conf;
    }
}
`);
    return [
        ['fcgiwrap', '-c', '4', '-s', `unix:${socket}`],
        ['nginx', '-p', site.folder, '-c', 'nginx.conf', '-e', 'error.log'],
    ];
}

// How each is told to serve, and whether its programs stay (FastCGI).
export const servers = {
    'apache-fcgid': {
        install: [],
        commands: (site) => apache(site, ['mpm_event', 'fcgid'],
            'FcgidIPCDir fcgid\nFcgidProcessTableFile fcgid.shm'),
    },
    'apache-cgi': {
        install: ['--cgi'],
        commands: (site) => apache(site, ['mpm_prefork', 'cgi'], ''),
    },
    'lighttpd-fastcgi': {
        install: [],
        commands: (site) => lighttpd(site, 'mod_fastcgi'),
    },
    'lighttpd-cgi': {
        install: ['--cgi'],
        commands: (site) => lighttpd(site, 'mod_cgi'),
    },
    'nginx-fcgiwrap': { install: ['--cgi'], commands: nginx },
};

// Whatever ends the test ends what it started.
const started = new Set();
const endGroup = ({ pid }) => {
    try {
        process.kill(-pid, 'SIGKILL');
    } catch (error) {
        if (error.code !== 'ESRCH') throw error;
    }
};
process.on('exit', () => started.forEach(endGroup));

function start([command, ...args], site) {
    const found = ['/usr/sbin', '/usr/bin'].map((at) => join(at, command))
        .find((file) => spawnSync('test', ['-x', file]).status === 0);
    const child = spawn(found, args, {
        ...nobody,
        cwd: site.folder,
        env: { PATH: '/usr/bin:/bin' },
        stdio: ['ignore', 'ignore', 'pipe'],
        detached: true, // a group of its own, with all that it starts
    });
    child.stderr.on('data', (text) => { site.said += text; });
    started.add(child);
    child.ended = new Promise((done) => {
        child.on('exit', () => {
            started.delete(child);
            endGroup(child);
            done();
        });
    });
    return child;
}

// As the user of the host would: no environment but PATH and what is given.
const asUser = (site, file, args, { env = {}, input = '' } = {}) => new Promise((done) => {
    const child = spawn(file, args, {
        ...nobody, cwd: site.folder, env: { PATH: '/usr/bin:/bin', ...env },
    });
    const out = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) {
        child[name].on('data', (text) => { out[name] += text; });
    }
    child.on('close', (code) => done({ code, ...out }));
    child.stdin.on('error', (error) => { // it may end without reading
        if (error.code !== 'EPIPE') throw error;
    });
    child.stdin.end(input);
});

async function unpack(folder, programs) {
    const { code, stderr } = await run(join(root, 'nginx/hosting/package'),
        [programs, join(folder, 'release')]);
    if (code !== 0) throw new Error(`no release: ${stderr}`);
    return join(folder, 'release');
}

// The folder of a user with a release unpacked in it, and nothing installed:
//
//     const host = await newHost();
//     await host.install(['--web', host.web, ...], { env, input });
//
// The programs are those of `build`, the release build unless given.
export async function newHost({ build: programs = build } = {}) {
    const folder = mkdtempSync(join(tmpdir(), 'scrip-host-'));
    const host = {
        folder,
        home: join(folder, 'data'),
        web: join(folder, 'public_html/credits'),
    };
    chmodSync(folder, 0o755);
    host.release = await unpack(folder, resolve(root, programs));
    for (const made of ['www', 'public_html', 'fcgid']) {
        mkdirSync(join(folder, made));
        if (nobody.uid) chownSync(join(folder, made), nobody.uid, nobody.gid);
    }
    if (nobody.uid) chownSync(folder, nobody.uid, nobody.gid);
    host.scrip = (args, options) => asUser(host, join(host.home, 'bin/scrip'),
        args, options);
    host.setUp = (args, options) => asUser(host, join(host.release, 'scrip'),
        ['install', '--json', ...args], options);
    host.install = (args = [], options = {}) => host.setUp(
        ['--data', host.home, ...args], options,
    );
    host.remove = () => rmSync(folder, { recursive: true, force: true });
    return host;
}

export async function installSite(name, options = {}) {
    const site = await newHost(options);
    const port = await freePorts();
    Object.assign(site, {
        name,
        port,
        said: '',
        root: `http://127.0.0.1:${port}`,
        origin: `http://127.0.0.1:${port}`,
        base: `http://127.0.0.1:${port}${path}`,
        sandbox: `http://127.0.0.1:${port}${path}/sandbox`,
    });
    const installed = await site.install(['--web', site.web,
        '--base-url', `${site.base}/`, ...servers[name].install]);
    if (installed.code !== 0) {
        throw new Error(`install: ${installed.stdout}${installed.stderr}`);
    }
    site.children = servers[name].commands(site)
        .map((command) => start(command, site));
    await until(`${name} to answer`, () => request(`${site.base}/healthz`)
        .then(({ status }) => status === 200, () => false), 20)
        .catch((error) => {
            throw new Error(`${error.message}: ${site.said}${errors(site)}`);
        });
    site.errors = () => errors(site);
    site.stop = () => stop(site);
    return site;
}

function errors(site) {
    try {
        return readFileSync(join(site.folder, 'error.log'), 'utf8');
    } catch {
        return '';
    }
}

async function stop(site) {
    for (const child of site.children.reverse()) {
        child.kill('SIGTERM');
        await child.ended;
    }
    if (!process.env.SCRIP_KEEP) {
        await until('its folder to go', () => {
            try {
                rmSync(site.folder, { recursive: true, force: true });
                return true;
            } catch (error) {
                // a program that carries a webhook still writes
                if (error.code !== 'ENOTEMPTY') throw error;
                return false;
            }
        });
    }
}
