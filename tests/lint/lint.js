// What the lint tests share: the project's files, and check(), which first
// shows that a rule finds planted faults and then that the project has none.
//
// A rule is a function from files ({ path, text }) to faults ("path:line:
// words"). Rules look at what git would commit, tracked or new, never at
// build/, var/ or node_modules.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

// Every file, pictures too, by its path.
export const paths = execFileSync(
    'git',
    ['-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others',
        '--exclude-standard'],
    { cwd: root, encoding: 'utf8' },
).split('\0').filter(Boolean)
    .filter((path) => statSync(join(root, path), { throwIfNoEntry: false })
        ?.isFile())
    .sort();

export const project = paths
    .map((path) => ({ path, bytes: readFileSync(join(root, path)) }))
    .filter(({ bytes }) => !bytes.includes(0))
    .map(({ path, bytes }) => ({ path, text: bytes.toString('utf8') }));

assert(project.length > 20, 'the lint tests see the project');

export const read = (path) => readFileSync(join(root, path), 'utf8');

// One fault for each line that the pattern finds.
export function faultsOf(file, pattern, words, text = file.text) {
    return text.split('\n').flatMap((line, index) => (
        pattern.test(line) ? [`${file.path}:${index + 1}: ${words(line.trim())}`]
            : []));
}

// C without its comments and strings, line for line.
export function codeOf(text) {
    return text.replace(
        /\/\*[^]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g,
        (found) => found.replace(/[^\n]/g, ' '),
    );
}

// `planted`: [path, text, pattern of the fault]; no pattern: none is found.
export function check(name, rule, planted, files = project) {
    for (const [path, text, fault] of planted) {
        const says = fault ? `refuses ${JSON.stringify(text.slice(0, 60))}`
            : `lets pass ${JSON.stringify(text.slice(0, 60))}`;
        test(`${name}: ${says} in ${path}`, async () => {
            const faults = await rule([{ path, text }]);
            if (fault) assert.match(faults.join('\n'), fault);
            else assert.deepEqual(faults, []);
        });
    }
    test(`${name}: the project keeps it`, async () => {
        assert.deepEqual(await rule(files), []);
    });
}
