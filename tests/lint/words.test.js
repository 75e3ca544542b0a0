// Words that must not be in the project: placeholders, C functions that
// write without bounds or read hidden state, signals by name, hosts of
// package registries, paths of the machine where it was written, HTML made
// of strings. Patterns are put together here so that they do not find
// themselves.

import { check, codeOf, faultsOf } from './lint.js';

const either = (...pieces) => pieces.map((piece) => piece.join('')).join('|');

const everywhere = [
    [new RegExp(`\\b(${either(['TO', 'DO'], ['FIX', 'ME'], ['X', 'XX'],
        ['HA', 'CK'], ['lorem', ' ipsum'], ['not ', 'implemented'])})\\b`),
    'a placeholder'],
    [new RegExp(`\\b(${either(['p', 'kill'], ['kill', 'all'])})\\b`),
        'ends processes by name'],
    [new RegExp(either(['\\|\\|', ' *true'], ['\\|\\|', ' *:$'])),
        'hides a failure'],
    [new RegExp(either(['npm', 'js\\.(org|com)'], ['yarn', 'pkg\\.com'],
        ['deb', '\\.debian\\.org'], ['py', 'pi\\.org'],
        ['crates', '\\.io'])), 'a registry'],
    [new RegExp(`(?<![\\w.~-])/(${either(['wo', 'rk'], ['ro', 'ot'],
        ['ho', 'me/[a-z]+'], ['build', 'er'], ['Us', 'ers'])})/`),
    'a path of one machine'],
    [new RegExp(either(['\\.\\./', 'shared/'], ['tmp/', 'brief'])),
        'not in this project'],
];

const cFunctions = new RegExp(`(?<![\\w.>])(${[
    'v?sprintf', 'strcpy', 'strcat', 'strncpy', 'strncat', 'strtok', 'gets',
    'ato[ifl]', 'atoll', 'setenv', 'putenv', 'setlocale', 'localtime',
    'gmtime', 'asctime', 'ctime', 'mktime', 'rand', 'srand', 'system',
    'popen', 'alloca', 'tmpnam', 'mktemp',
].join('|')})\\s*\\(`);

const html = new RegExp(`\\b(${either(['inner', 'HTML'], ['outer', 'HTML'],
    ['insertAdjacent', 'HTML'], ['document\\.', 'write'],
    ['new ', 'Function'])})\\b|\\b${either(['ev', 'al'])}\\(`);

const says = (what) => (line) => `${what}: ${line.slice(0, 60)}`;

function words(files) {
    return files.filter(({ path }) => !path.endsWith('package-lock.json'))
        .flatMap((file) => everywhere.flatMap(([pattern, what]) => (
            faultsOf(file, pattern, says(what)))));
}

function functions(files) {
    return files
        .filter(({ path }) => /^(lib|cgi-bin|bin)\/.*\.[ch]$/.test(path))
        .filter(({ path }) => path !== 'lib/base.h') // which bans them
        .flatMap((file) => faultsOf(file, cFunctions, says('banned'),
            codeOf(file.text)));
}

function script(files) {
    return files.filter(({ path }) => /^htdocs\/.*\.js$/.test(path))
        .flatMap((file) => faultsOf(file, html, says('text only')));
}

check('words', words, [
    ['lib/a.c', `/* ${'TO'}DO: later */`, /a.c:1: a placeholder/],
    ['README.md', `${'FIX'}ME`, /a placeholder/],
    ['lib/a.c', 'char name[] = "file-XXXXXX";'],
    ['nginx/run', `${'p'}kill nginx`, /by name/],
    ['tests/run', `make ||${' '}true`, /hides a failure/],
    ['tests/a.js', `fetch('https://registry.${'npm'}js.org')`, /a registry/],
    ['README.md', `cd /${'ho'}me/jo/scrip`, /a path of one machine/],
    ['Makefile', `include /${'wo'}rk/main/x.mk`, /a path of one machine/],
    ['README.md', 'see https://example.test/home/page and ~/work/here'],
]);

check('C functions', functions, [
    ['lib/a.c', 'x = atoi(text);', /banned: x = atoi/],
    ['bin/a.c', 'strcpy (to, from);', /banned/],
    ['lib/a.c', 'if (localtime(&t))', /banned/],
    ['lib/a.c', 'localtime_r(&t, &tm); my_gets(x); file.system(1);'],
    ['lib/a.c', '/* never sprintf(x) */ say("atoi(x)");'],
    ['lib/a.c', '/* two\n lines */ gets(line);', /a.c:2: banned/],
]);

check('pages make no HTML of strings', script, [
    ['htdocs/js/a.js', `node.${'inner'}HTML = text`, /text only/],
    ['htdocs/js/a.js', `${'ev'}al(text)`, /text only/],
    ['htdocs/js/a.js', 'node.textContent = retrieval(text)'],
]);
