// Includes go down only, and each foreign header is seen by one file. A new
// arrow means a new word in this table, with thought; a new module says here
// where it belongs. It must never be the test that bends silently.

import { check } from './lint.js';

// Each layer: its modules (x also names x_part), and the layers it may see.
const layers = {
    ground: {
        modules: 'base limits arena buf clock csv html id log text url money settings'
            + ' config mount tzif zone',
        sees: '',
    },
    form: { modules: 'form', sees: 'ground' },
    json: { modules: 'json', sees: 'ground' },
    sign: { modules: 'sign', sees: 'ground' },
    secret: { modules: 'secret', sees: 'ground' },
    net: { modules: 'net trust', sees: 'ground' },
    db: { modules: 'db turn', sees: 'ground' },
    core: {
        modules: 'account attempt auto cap event grant history hold idem key ledger lot'
            + ' member membership order plan planner plans price promo refund'
            + ' site_clock space'
            + ' receipt runway seller subscription takeback usage wallet words'
            + ' work'
            + ' ledger_sql',
        sees: 'ground db sign secret',
    },
    stripe: { modules: 'stripe', sees: 'ground net json form sign' },
    settle: { modules: 'settle', sees: 'ground stripe core db sign json' },
    web: {
        modules: 'http problem session csrf cursor gate keyed route view',
        sees: 'ground core json form db sign secret',
    },
    serve: { modules: 'serve', sees: 'ground web core json form db sign' },
    meter: {
        modules: 'meter planner_ask',
        sees: 'ground serve web core json form db sign',
    },
    sandbox: {
        modules: 'sandbox sandbox_sql',
        sees: 'ground form json sign net db stripe web serve',
    },
    program: {
        modules: '',
        sees: 'ground form json sign secret net db core stripe settle web serve'
            + ' meter',
    },
};

// A library's header, and the one file that may include it.
const foreign = [
    [/^fcgi/, 'lib/serve_fcgi.c'],
    [/^curl\//, 'lib/net.c'],
    [/^cjson\//, 'lib/json.c'],
    [/^sodium\/(crypto_hash|crypto_auth|utils)/, 'lib/sign.c'],
    [/^sodium/, 'lib/secret.c'],
    [/^sqlite3/, 'lib/db_sqlite.c'],
    [/^libpq/, 'lib/db_postgres.c'],
];

const libc = new RegExp(`^(${[
    'assert|ctype|errno|float|inttypes|limits|locale|malloc|math|setjmp|signal',
    'stdalign|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn',
    'string|strings|time|unistd|fcntl|poll|pthread|semaphore|dirent|netdb|spawn',
    'termios|sched|regex|wchar',
    'sys/\\w+|arpa/inet|netinet/\\w+|linux/\\w+',
].join('|')})\\.h$`);

const homes = Object.entries(layers).flatMap(([layer, { modules }]) => modules
    .split(' ').filter(Boolean).map((module) => [module, layer]))
    .sort(([a], [b]) => b.length - a.length);

function layerOfModule(module) {
    return homes.find(([name]) => module === name
        || module.startsWith(`${name}_`))?.[1];
}

function layerOfFile(path) {
    if (path.startsWith('lib/sandbox/')) return 'sandbox';
    if (path === 'cgi-bin/sandbox.c') return 'sandbox';
    if (!path.startsWith('lib/')) return 'program';
    return layerOfModule(path.replace(/^lib\/|\.[ch]$/g, ''));
}

// The layer of #include "name" in a file: what lies beside it comes first.
function layerOfInclude(path, name, paths) {
    const beside = path.replace(/[^/]*$/, '') + name;
    if (name.startsWith('sandbox/')) return 'sandbox';
    if (!path.startsWith('lib/') && paths.has(beside)) return 'program';
    if (paths.has(beside)) return layerOfFile(beside);
    return layerOfModule(name.replace(/\.h$/, ''));
}

function systemFault(path, name) {
    const [, home] = foreign.find(([pattern]) => pattern.test(name)) ?? [];
    if (home && home !== path) return `<${name}> belongs to ${home} alone`;
    if (!home && !libc.test(name)) return `<${name}> is of no library we know`;
    return null;
}

function ownFault(path, layer, name, paths) {
    const seen = layerOfInclude(path, name, paths);
    if (!seen) return `"${name}": which layer is that? (tests/lint)`;
    if (seen === layer || layers[layer].sees.split(' ').includes(seen)) {
        return null;
    }
    return `${layer} may not see ${seen} ("${name}")`;
}

function rule(files) {
    const sources = files.filter(({ path }) => (
        /^(lib|cgi-bin|bin)\/.*\.[ch]$/.test(path)));
    const paths = new Set(sources.map(({ path }) => path));
    return sources.flatMap(({ path, text }) => {
        const layer = layerOfFile(path);
        if (!layer) return [`${path}: which layer is that? (tests/lint)`];
        return text.split('\n').flatMap((line, index) => {
            const [, kind, name] = line
                .match(/^\s*#\s*include\s*([<"])([^">]+)[">]/) ?? [];
            if (!kind) return [];
            const fault = kind === '<' ? systemFault(path, name)
                : ownFault(path, layer, name, paths);
            return fault ? [`${path}:${index + 1}: ${fault}`] : [];
        });
    });
}

check('layers', rule, [
    ['lib/ledger.c', '#include "http.h"', /core may not see web/],
    ['lib/hold_capture.c', '# include "json.h"', /core may not see json/],
    ['lib/stripe_call.c', '#include "db.h"', /stripe may not see db/],
    ['lib/stripe.h', '#include "order.h"', /stripe may not see core/],
    ['lib/buf.c', '#include "db.h"', /ground may not see db/],
    ['lib/problem.c', '#include "stripe.h"', /web may not see stripe/],
    ['lib/sandbox/api.c', '#include "ledger.h"', /sandbox may not see core/],
    ['cgi-bin/sandbox.c', '#include "order.h"', /sandbox may not see core/],
    ['cgi-bin/credits.c', '#include "sandbox/box.h"', /may not see sandbox/],
    ['cgi-bin/credits.c', '#include <fcgiapp.h>', /belongs to lib.serve_fcgi/],
    ['lib/ledger.c', '#include <sqlite3.h>', /belongs to lib.db_sqlite/],
    ['lib/net_tls.c', '#include <openssl/ssl.h>', /no library we know/],
    ['lib/key.c', '#include <sodium/utils.h>', /belongs to lib.sign/],
    ['lib/sign.c', '#include <sodium.h>', /belongs to lib.secret/],
    ['lib/buf.c', '#include <glib.h>', /no library we know/],
    ['lib/novelty.c', '#include "base.h"', /which layer is that/],
    ['lib/ledger.c', '#include "novelty.h"', /which layer is that/],
    ['lib/settle.c', '#include "stripe.h"\n#include "order.h"'],
    ['lib/net.c', '#include <curl/curl.h>\n#include "url.h"'],
    ['cgi-bin/checkout.c', '#include "settle.h"\n#include <unistd.h>'],
]);
