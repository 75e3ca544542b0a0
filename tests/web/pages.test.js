/*
 * The pages as files: what the policy forbids is not in them, what they link
 * to exists, what their modules import is preloaded, a page weighs little, and
 * each problem that the server can tell has its page.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('../../htdocs/', import.meta.url));
const read = (path) => readFileSync(join(root, path), 'utf8');
const files = readdirSync(root, { recursive: true })
    .filter((path) => statSync(join(root, path)).isFile());
const pages = files.filter((path) => path.endsWith('.html'));
const scripts = files.filter((path) => path.endsWith('.js'));
const styles = files.filter((path) => path.endsWith('.css'));

/* Where a page stands in the address bar, and what an address leads to. */
const addresses = { 'credits.html': 'settings/personal/credits',
    'membership.html': 'settings/membership' };
const served = {
    'settings/personal/credits': 'credits.html',
    'settings/account/credits': 'credits.html',
    'settings/membership': 'membership.html',
    'signin': 'signin.html',
    'problems/': 'problems/index.html',
};

function attributes(html, name) {
    return [...html.matchAll(new RegExp(`\\s${name}="([^"]*)"`, 'g'))]
        .map(([, value]) => value);
}

/* All modules that a module brings with it, itself first. */
function graph(path, found = []) {
    if (found.includes(path))
        return found;
    found.push(path);
    for (const [, to] of read(path).matchAll(/(?:from|import)\s+'([^']+)'/g)) {
        assert.match(to, /^\.\.?\//, `${path} imports ${to}`);
        graph(normalize(join(dirname(path), to)), found);
    }
    return found;
}

function fileOf(page, address) {
    const from = page === '404.html' ? '' : addresses[page] ?? page;
    const path = address.startsWith('/') ? address.slice(1)
        : normalize(join(dirname(from), address));
    const bare = path.replace(/[?#].*$/, '');
    return served[bare] ?? (files.includes(bare) ? bare : `${bare}.html`);
}

test('there are pages, scripts and styles to look at', () => {
    assert.ok(pages.length > 30 && scripts.length > 20 && styles.length > 4);
});

for (const page of pages) {
    const html = read(page);

    test(`${page} has nothing that the policy forbids`, () => {
        assert.doesNotMatch(html, /<style|\sstyle=|\son[a-z]+=|<base|javascript:/);
        for (const [, inside] of html.matchAll(/<script[^>]*>([^]*?)<\/script>/g))
            assert.equal(inside, '');
        assert.doesNotMatch(html, /(?:src|href)="(?:https?:)?\/\//);
    });

    test(`${page} has a title, a language, one h1, a main and a way past the header`, () => {
        assert.match(html, /^<!DOCTYPE html>\n<html lang="en-GB">/);
        assert.match(html, /<title>[^<]+<\/title>/);
        assert.equal(html.match(/<h1[ >]/g)?.length, 1);
        assert.equal(html.match(/<main id="main"/g)?.length, 1);
        assert.match(html, /<a class="skip" href="#main">/);
    });

    test(`${page} links only to what exists`, () => {
        for (const address of [...attributes(html, 'href'),
            ...attributes(html, 'src')]) {
            if (!address.startsWith('#'))
                assert.ok(files.includes(fileOf(page, address)), address);
        }
    });

    test(`${page} preloads what its module imports, no more and no less`, () => {
        const [, main] = html.match(/<script type="module" src="([^"]+)"/);
        const wanted = graph(fileOf(page, main)).slice(1);
        const preloaded = [...html.matchAll(/rel="modulepreload" href="([^"]+)"/g)]
            .map(([, address]) => fileOf(page, address));
        assert.deepEqual(preloaded.sort(), wanted.sort());
    });

    test(`${page} with all it needs is at most 100 KB over the wire`, () => {
        const parts = [...new Set([page, ...[...attributes(html, 'src'),
            ...html.matchAll(/<link[^>]*href="([^"]+)"/g)].map((each) =>
            fileOf(page, Array.isArray(each) ? each[1] : each))])];
        const bytes = parts.reduce((sum, path) =>
            sum + gzipSync(read(path)).length + 300, 0);
        assert.ok(bytes <= 100_000, `${bytes} bytes`);
    });
}

test('text never becomes markup', () => {
    for (const path of scripts)
        assert.doesNotMatch(read(path),
            /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setAttribute\('style'/,
            path);
});

test('pure modules do not touch the document', () => {
    for (const path of scripts.filter((each) => each.startsWith('js/lib/')))
        assert.doesNotMatch(read(path), /\b(document|window|location)\.\w/, path);
});

test('only the tokens name colours', () => {
    for (const path of styles.filter((each) => each !== 'css/tokens.css'))
        assert.doesNotMatch(read(path), /#[0-9a-f]{3,8}\b(?!:)|\brgb|\bhsl|\boklch/i,
            path);
});

test('every token that is used exists, and every one that exists is used', () => {
    const all = styles.map(read).join('\n');
    const made = new Set([...all.matchAll(/(--[a-z0-9-]+):/g)].map(([, name]) => name));
    const used = new Set([...all.matchAll(/var\((--[a-z0-9-]+)/g)].map(([, name]) => name));
    assert.deepEqual([...used].filter((name) => !made.has(name)), []);
    assert.deepEqual([...made].filter((name) => !used.has(name)), []);
});

test('a file begins by saying what it is', () => {
    for (const path of [...scripts, ...styles])
        assert.match(read(path), /^\/\*\n \* \S/, path);
});

test('every problem that the server can tell has its page, and the index has all', () => {
    const table = readFileSync(new URL('../../lib/problem.c', import.meta.url), 'utf8');
    const told = [...table.matchAll(/\{\s*P_[A-Z_]+,\s*\d{3},\s*"([a-z_]+)"/g)]
        .map(([, code]) => code).filter((code) => code !== 'none');
    assert.ok(told.length > 15, `found ${told.length} codes in lib/problem.c`);
    const have = files.filter((path) => /^problems\/.*\.html$/.test(path))
        .map((path) => relative('problems', path).replace('.html', ''));
    for (const code of told)
        assert.ok(have.includes(code), code);
    const index = read('problems/index.html');
    for (const code of have.filter((each) => each !== 'index')) {
        assert.match(index, new RegExp(`href="${code}"`));
        assert.match(read(`problems/${code}.html`), new RegExp(`<code>${code}</code>`));
        assert.match(read(`problems/${code}.html`), /<h2>What happened<\/h2>/);
        assert.match(read(`problems/${code}.html`), /<h2>What to do<\/h2>/);
    }
});
