// A query is run with as many values as it has parameters: otherwise it is
// refused, but only when it runs.

import { check, codeOf, project } from './lint.js';

// Of each query, by its name in C, how many parameters its SQL has.
const parameters = new Map(project
    .filter(({ path }) => /^(sql|lib\/sandbox)\/.*\.sql$/.test(path))
    .flatMap(({ path, text }) => text.split(/^-- name: */m).slice(1)
        .map((query) => [
            `${path.startsWith('lib/sandbox/') ? 'SQ' : 'Q'}_${
                query.match(/^\w+/)[0].toUpperCase()}`,
            Math.max(0, ...[...query.replace(/--.*|'[^']*'/g, '')
                .matchAll(/\?(\d+)/g)].map(([, n]) => Number(n))),
        ])));

// The arguments of the call whose '(' is at `at`.
function argumentsAt(code, at) {
    const found = [''];
    for (let i = at, depth = 0; i < code.length; i += 1) {
        depth += '([{'.includes(code[i]) - ')]}'.includes(code[i]);
        if (depth === 0) break;
        if (depth === 1 && code[i] === ',') found.push('');
        else if (i > at) found[found.length - 1] += code[i];
    }
    return found.map((each) => each.trim());
}

function values(files) {
    return files.filter(({ path }) => path.endsWith('.c'))
        .flatMap(({ path, text }) => {
            const code = codeOf(text);
            return [...code.matchAll(/\bdb_run(?=\()/g)].flatMap(({ index }) => {
                const [, , , query, ...all] =
                    argumentsAt(code, index + 'db_run'.length);
                const given = all.filter((value) => value !== 'NONE');
                const wanted = parameters.get(query) ?? given.length;
                const line = code.slice(0, index).split('\n').length;
                return given.length === wanted ? []
                    : [`${path}:${line}: ${query} has ${wanted} parameters, not `
                        + given.length];
            });
        });
}

check('values of queries', values, [
    ['lib/a.c', '\nif (db_run(db, arena, NULL, Q_AUTO_TURN_OFF) == DB_OK)',
        /a.c:2: Q_AUTO_TURN_OFF has 1 parameters, not 0/],
    ['lib/a.c', 'db_run(db, a, &rows, SQ_INTENT_GET, TEXT(f(a, b)), NIL)',
        /SQ_INTENT_GET has 1 parameters, not 2/],
    ['lib/a.c', 'db_run(db, a, NULL, Q_AUTO_PAUSE, INT(f(1, 2)), TEXT(","))'],
    ['lib/a.c', 'db_run(db, arena, &rows, Q_PLAN_ALL, NONE)'],
    ['tests/unit/a.c', 'db_run(db, arena, NULL, Q_OF_A_TEST, INT(1))'],
]);
