// sql/embed.awk: what it makes of SQL, and everything that it refuses. Runs
// awk as the Makefile does, and compiles what comes out, because only the
// compiler can say whether a text in C is the text that was meant.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, readFileSync, existsSync, rmSync, writeFileSync }
  from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const script = join(root, 'sql', 'embed.awk');

// Runs the script over `files` (name -> text, in the order given) in a folder
// of its own. Afterwards the folder is gone.
function embed(t, files, variables = { set: 'try' }) {
  const folder = mkdtempSync(join(tmpdir(), 'scrip-embed-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const paths = Object.entries(files).map(([name, text]) => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    if (text !== null) writeFileSync(path, text);
    return path;
  });
  const out = join(folder, 'try_sql');
  const settings = Object.entries({ out, ...variables })
    .flatMap(([name, value]) => ['-v', `${name}=${value}`]);
  const ran = spawnSync('awk', [...settings, '-f', script, ...paths],
    { encoding: 'utf8', input: '', timeout: 10000 });
  return { ...ran, folder, out };
}

const query = (name, sql) => `-- name: ${name}\n${sql}\n`;
const one = query('one', 'SELECT 1;');

// A sentence, the files, what the complaint has to say.
const refusals = [
  ['a name that stands twice',
    { 'a.sql': one + one }, /a\.sql:3: query 'one' stands twice, first in .*a\.sql:1/],
  ['a name that stands in two files',
    { 'a.sql': one, 'b.sql': one }, /b\.sql:1: query 'one' stands twice/],
  ['a name with a capital', { 'a.sql': query('One', 'SELECT 1;') }, /no name for a query/],
  ['a name that begins with a digit',
    { 'a.sql': query('1st', 'SELECT 1;') }, /no name for a query/],
  ['a name with a dash', { 'a.sql': query('a-b', 'SELECT 1;') }, /no name for a query/],
  ['a name of two words', { 'a.sql': query('a b', 'SELECT 1;') }, /a name is one word/],
  ['no name', { 'a.sql': '-- name:\nSELECT 1;\n' }, /a name is one word/],
  ['a gap in the parameters',
    { 'a.sql': query('q', 'SELECT ?1,\n ?3;') }, /a\.sql:1: query 'q' lacks parameter \?2/],
  ['parameters that do not begin with 1',
    { 'a.sql': query('q', 'SELECT ?2;') }, /lacks parameter \?1/],
  ['a gap that the next query would fill',
    { 'a.sql': query('q', 'SELECT ?2;') + query('r', 'SELECT ?1;') }, /'q' lacks parameter \?1/],
  ['a gap that only a text fills',
    { 'a.sql': query('q', "SELECT '?1', ?2;") }, /lacks parameter \?1/],
  ['a gap that only a comment fills',
    { 'a.sql': query('q', 'SELECT ?2; -- ?1') }, /lacks parameter \?1/],
  ['a parameter without a number',
    { 'a.sql': query('q', 'SELECT ?;') }, /without a number/],
  ['a parameter 0', { 'a.sql': query('q', 'SELECT ?0;') }, /\?1 to \?99/],
  ['a parameter with a leading 0',
    { 'a.sql': query('q', 'SELECT ?01;') }, /\?1 to \?99/],
  ['a parameter beyond them', { 'a.sql': query('q', 'SELECT ?100;') }, /\?1 to \?99/],
  ['SQL before the first name',
    { 'a.sql': 'SELECT 1;\n' + one }, /a\.sql:1: SQL outside a named query/],
  ['SQL at the head of the next file',
    { 'a.sql': one, 'b.sql': 'SELECT 2;\n' }, /b\.sql:1: SQL outside/],
  ['an empty query', { 'a.sql': '-- name: q\n' + one }, /a\.sql:1: query 'q' is empty/],
  ['an empty query at the end', { 'a.sql': one + '-- name: q\n' }, /'q' is empty/],
  ['an empty query at the end of a file',
    { 'a.sql': '-- name: q\n', 'b.sql': one }, /a\.sql:1: query 'q' is empty/],
  ['a query of comments', { 'a.sql': '-- name: q\n-- words\n' }, /'q' is empty/],
  ['a query of a semicolon', { 'a.sql': '-- name: q\n;\n' }, /'q' is empty/],
  ['two statements on a line',
    { 'a.sql': query('q', 'SELECT 1; SELECT 2;') }, /a second statement in query 'q'/],
  ['two statements on two lines',
    { 'a.sql': query('q', 'SELECT 1;\nSELECT 2;') }, /a\.sql:3: a second statement/],
  ['a text that goes on over its line',
    { 'a.sql': query('q', "SELECT 'a\nb';") }, /a ' is not closed on its line/],
  ['a name in quotes that does',
    { 'a.sql': query('q', 'SELECT "a\nb";') }, /a " is not closed on its line/],
  ['comments of the other kind',
    { 'a.sql': query('q', 'SELECT /* ?1 */ 1;') }, /comments begin with --/],
  ['a misspelt mark', { 'a.sql': '--name: q\nSELECT 1;\n' }, /write '-- name: x'/],
  ['an indented mark', { 'a.sql': one + '  -- rule: words\n' }, /write '-- name: x'/],
  ['a rule outside a query',
    { 'a.sql': '-- rule: words\n' + one }, /a rule outside a query/],
  ['a rule without words',
    { 'a.sql': '-- name: q\n-- rule:\nSELECT 1;\n' }, /a rule without words/],
  ['a rule with parameters',
    { 'a.sql': '-- name: q\n-- rule: words\nSELECT ?1;\n' }, /rule 'q' has parameters/],
  ['a missing first migration',
    { '0002-b.sql': 'SELECT 1;\n' }, /0002-b\.sql:1: migration 0001 should come here/],
  ['a missing migration between two',
    { '0001-a.sql': 'SELECT 1;\n', '0003-c.sql': 'SELECT 1;\n' }, /migration 0002 should/],
  ['two migrations of a number',
    { '0001-a.sql': 'SELECT 1;\n', '0001-b.sql': 'SELECT 1;\n' }, /migration 0002 should/],
  ['a migration with no name', { '0001-.sql': 'SELECT 1;\n' }, /named like/],
  ['a migration with a quote in its name',
    { '0001-a"b.sql': 'SELECT 1;\n' }, /named like/],
  ['a migration of comments', { '0001-a.sql': '-- later\n\n' }, /the migration is empty/],
  ['an empty file', { 'a.sql': one, 'b.sql': '' }, /b\.sql: the file is empty/],
  ['an empty migration at the end',
    { '0001-a.sql': 'SELECT 1;\n', '0002-b.sql': '' }, /0002-b\.sql: the file is empty/],
  ['a missing file', { 'a.sql': one, 'none.sql': null }, /none\.sql/],
  ['no file at all', {}, /wants -v set=/],
];

for (const [sentence, files, words] of refusals)
  test(`refused: ${sentence}`, (t) => {
    const ran = embed(t, files);
    assert.notEqual(ran.status, 0, 'awk fails');
    assert.match(ran.stderr, words);
    assert.ok(!existsSync(`${ran.out}.c`) && !existsSync(`${ran.out}.h`),
      'nothing is written');
  });

for (const [sentence, variables] of [
  ['without a set', {}],
  ['with a set that is no name', { set: 'a b' }],
  ['with a prefix that is no name', { set: 'try', prefix: 'q-' }],
])
  test(`refused: called ${sentence}`, (t) => {
    const ran = embed(t, { 'a.sql': one }, variables);
    assert.notEqual(ran.status, 0);
    assert.match(ran.stderr, /wants -v set=/);
  });

// Compiles what came out and prints the whole set, a line a text, as JSON.
const printer = String.raw`
#include <stdio.h>
#include "try_sql.h"
static void put(const char *text)
{
    putchar('"');
    for (; *text != '\0'; text++)
        printf("\\u%04x", (unsigned char)*text);
    putchar('"');
}
int main(void)
{
    const struct db_set *set = &try_set;
    printf("{\"queries\":[");
    for (int i = 0; i < set->query_count; i++) {
        printf("%s[", i ? "," : "");
        put(set->queries[i].name);
        putchar(',');
        put(set->queries[i].sql);
        printf(",%d]", set->queries[i].parameters);
    }
    printf("],\"migrations\":[");
    for (int i = 0; i < set->migration_count; i++) {
        printf("%s[%d,", i ? "," : "", set->migrations[i].number);
        put(set->migrations[i].name);
        putchar(',');
        put(set->migrations[i].sql);
        putchar(']');
    }
    printf("],\"rules\":[");
    for (int i = 0; i < set->rule_count; i++) {
        printf("%s[%d,", i ? "," : "", set->rules[i].query);
        put(set->rules[i].words);
        putchar(']');
    }
    printf("]}");
}
`;

function compiled(t, files, variables) {
  const ran = embed(t, files, variables);
  assert.equal(ran.stderr, '');
  assert.equal(ran.status, 0);
  const program = join(ran.folder, 'print');
  writeFileSync(`${program}.c`, printer);
  const built = spawnSync('gcc', ['-std=c11', '-Wall', '-Wextra', '-Wpedantic',
    '-Wtrigraphs', '-Werror', '-D_POSIX_C_SOURCE=200809L', '-iquote', join(root, 'lib'), '-o',
    program, `${program}.c`, `${ran.out}.c`], { encoding: 'utf8' });
  assert.equal(built.stderr, '');
  const printed = spawnSync(program, { encoding: 'utf8' });
  assert.equal(printed.status, 0);
  // The bytes are printed one by one: UTF-8 has to be put together again.
  const text = (bytes) => Buffer.from(bytes, 'latin1').toString('utf8');
  return {
    set: JSON.parse(printed.stdout, (_, value) =>
      typeof value === 'string' ? text(value) : value),
    header: readFileSync(`${ran.out}.h`, 'utf8'),
  };
}

test('texts reach C as they are, whatever stands in them', (t) => {
  const lines = [
    String.raw`SELECT 'back\slash', '\n', '\\', 'quote"s', 'tick''s',`,
    String.raw`       "name", '%s %d', '??/ ??= ?', '-- no comment', 'a;b',`,
    String.raw`       'tab	end\', '€ ✓', ?2 || ?1;`,
  ];
  const { set } = compiled(t, { 'a.sql': query('odd', lines.join('\n')) });
  assert.deepEqual(set.queries, [['odd', lines.join('\n') + '\n', 2]]);
});

test('comments and blanks at the ends go, the rest of a line stays', (t) => {
  const { set } = compiled(t, {
    'a.sql': '-- What this file is.\n\n-- name: q\n-- Why.\nSELECT 1, -- one\n' +
      "\n  'x -- y'-- close\n  ;  \r\n-- name: r\nSELECT 2\n",
  });
  assert.deepEqual(set.queries, [
    ['q', "SELECT 1,\n  'x -- y'\n  ;\n", 0],
    ['r', 'SELECT 2\n', 0],
  ]);
});

test('queries, migrations and rules come in their order', (t) => {
  const { set, header } = compiled(t, {
    'queries/a.sql': one + query('two', 'SELECT ?1, ?2, ?1;'),
    'verify.sql': '-- name: sums\n-- rule: "sums" are\n-- rule: right\\\nSELECT 1;\n',
    'sqlite/0001-first-tables.sql': '-- Begin.\nCREATE TABLE a (x);\n',
    'sqlite/0002-more.sql': "INSERT INTO a VALUES ('?');\nSELECT 1; SELECT 2;\n",
  });
  assert.deepEqual(set.queries.map(([name, , parameters]) => [name, parameters]),
    [['one', 0], ['two', 2], ['sums', 0]]);
  assert.deepEqual(set.migrations, [
    [1, 'first-tables', '-- Begin.\nCREATE TABLE a (x);\n'],
    [2, 'more', "INSERT INTO a VALUES ('?');\nSELECT 1; SELECT 2;\n"],
  ]);
  assert.deepEqual(set.rules, [[2, '"sums" are right\\']]);
  assert.match(header, /Q_ONE,\s+Q_TWO,\s+Q_SUMS,\s+Q_COUNT/);
});

test('the constants have the prefix that was asked for', (t) => {
  const { header } = compiled(t, { 'a.sql': one }, { set: 'try', prefix: 'SQ' });
  assert.match(header, /SQ_ONE,\s+SQ_COUNT/);
});

test('a set may have no migration, or no query', (t) => {
  assert.deepEqual(compiled(t, { 'a.sql': one }).set.migrations, []);
  assert.deepEqual(compiled(t, { '0001-a.sql': 'SELECT 1;\n' }).set.queries, []);
});
