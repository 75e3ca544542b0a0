// The layout of C is clang-format's (.clang-format; `make format` applies
// it), and every file says at its top what it is.

import { spawnSync } from 'node:child_process';
import {
    copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { check, root } from './lint.js';

// All files in one run of clang-format, laid out in a folder of their own so
// that planted ones are treated alike.
function laidOut(files) {
    const sources = files.filter(({ path }) => /\.[ch]$/.test(path));
    const folder = mkdtempSync(join(tmpdir(), 'scrip-lint-'));
    try {
        copyFileSync(join(root, '.clang-format'), join(folder, '.clang-format'));
        for (const { path, text } of sources) {
            mkdirSync(join(folder, dirname(path)), { recursive: true });
            writeFileSync(join(folder, path), text);
        }
        const { status, stderr, error } = spawnSync(
            'clang-format',
            ['--dry-run', '--Werror', '--ferror-limit=1',
                ...sources.map(({ path }) => path)],
            { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 26 },
        );
        if (error) throw error;
        const faults = stderr.match(/^\S+:\d+:\d+: error:.*$/gm) ?? [];
        return status === 0 || faults.length > 0 ? faults : [stderr];
    } finally {
        rmSync(folder, { recursive: true });
    }
}

check('layout', laidOut, [
    ['lib/a.c', 'int main(void) { return 0; }\n', /lib.a.c:1:\d+: error/],
    ['lib/a.c', 'int\nf(int a)\n{\n  return a;\n}\n', /lib.a.c:3:\d+: error/],
    ['lib/a.c', 'int\nf(int a)\n{\n    return a;\n}\n'],
]);

// How a comment begins, by the file's kind; others need none.
const openings = [
    [/\.(c|h|css)$/, /^\/\*/],
    [/\.js$/, /^(#!.*\n)?(\/\/|\/\*)/],
    [/\.(awk|yml|conf|sh)$|(^|\/)(Makefile|run|\.gitignore|\.clang-format|\.npmrc)$/,
        /^(#!.*\n)?#[^!]/],
    [/\.sql$/, /^--/],
];

function introduced(files) {
    return files.flatMap(({ path, text }) => {
        const [, opening] = openings.find(([kind]) => kind.test(path)) ?? [];
        return !opening || opening.test(text) ? []
            : [`${path}:1: does not say what it is`];
    });
}

check('introductions', introduced, [
    ['lib/a.c', '#include "a.h"\n', /a.c:1: does not say/],
    ['htdocs/js/a.js', "import './b.js';\n", /does not say/],
    ['sql/queries.sql', 'SELECT 1;\n', /does not say/],
    ['nginx/run', '#!/bin/sh\nset -eu\n', /does not say/],
    ['nginx/run', '#!/bin/sh\n# Runs a site.\nset -eu\n'],
    ['tests/package.json', '{}\n'],
]);
