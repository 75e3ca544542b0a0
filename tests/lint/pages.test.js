// The pages as a browser will meet them: valid HTML, no inline script or
// style (the policy would refuse them), relative addresses that lead to
// something nginx serves, a page for every problem, and nginx's own problems
// in the words of the table.

import { HtmlValidate } from 'html-validate';
import { posix } from 'node:path';
import { check, faultsOf, project, read } from './lint.js';

const isPage = ({ path }) => /^htdocs\/.*\.html$/.test(path);

// ----------------------------------------------------------------- HTML

const validator = new HtmlValidate({
    extends: ['html-validate:recommended'],
    rules: {
        'long-title': 'off',
        'doctype-style': 'off',
        'no-trailing-whitespace': 'off',
        'void-style': ['error', { style: 'omit' }],
    },
});

async function valid(files) {
    const reports = await Promise.all(files.filter(isPage)
        .map(({ path, text }) => validator.validateString(text, path)));
    return reports.flatMap(({ results }) => results).flatMap(
        ({ filePath, messages }) => messages.map(({ line, message, ruleId }) => (
            `${filePath}:${line}: ${message} (${ruleId})`)),
    );
}

check('HTML', valid, [
    ['htdocs/a.html', '<!DOCTYPE html><html lang="en"><head><title>A</title>'
        + '</head><body><p><div>x</div></p></body></html>', /a.html:1: .*<p>|p/],
    ['htdocs/a.html', '<!DOCTYPE html>\n<html lang="en"><head><title>A</title>'
        + '</head><body>\n<img src="a.png"></body></html>', /a.html:3: .*alt/],
    ['htdocs/a.html', '<!DOCTYPE html>\n<html lang="en"><head><title>A</title>'
        + '</head><body><p>Fine</p></body></html>'],
]);

const inline = /<script(?![^>]*\ssrc=)|<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*["']|javascript:/i;

check('nothing inline', (files) => files.filter(isPage).flatMap((file) => (
    faultsOf(file, inline, (line) => `inline: ${line.slice(0, 60)}`))), [
    ['htdocs/a.html', '<script>alert(1)</script>', /inline/],
    ['htdocs/a.html', '<p style="color: red">', /inline/],
    ['htdocs/a.html', '<a onclick="go()">', /inline/],
    ['htdocs/a.html', '<script type="module" src="js/a.js"></script>'],
]);

// ---------------------------------------------------------------- links

const configuration = read('nginx/site.conf');

// Where nginx serves a page: what try_files says of it. A pattern with one
// group serves each file that fits the group.
function served(paths) {
    const found = [];
    const table = /location (=|~) (\S+) \{ try_files (\S+) =404; \}/g;
    for (const [, kind, place, file] of configuration.matchAll(table)) {
        if (kind === '=') found.push({ url: place, file: `htdocs${file}` });
        else if (file === '$uri') {
            for (const path of paths) {
                const url = path.replace(/^htdocs/, '');
                if (new RegExp(place).test(url)) found.push({ url, file: path });
            }
        } else {
            const pattern = new RegExp(`^htdocs${file.replace('$1', '(.+)')}$`);
            for (const path of paths) {
                const [, name] = path.match(pattern) ?? [];
                const url = name && place.replace(/^\^|\$$/g, '')
                    .replace(/\([^)]*\)/, name);
                if (url && new RegExp(place).test(url)) {
                    found.push({ url, file: path });
                }
            }
        }
    }
    return found.filter(({ file }) => paths.includes(file));
}

const api = /^\/(api\/v1|session)\//;

// `everything`: what else is there; planted pages lie among the real ones.
function linked(files) {
    const all = [...new Set([...project, ...files].map(({ path }) => path)
        .filter((path) => path.startsWith('htdocs/')))];
    const places = served(all);
    const known = new Set(['/', ...places.map(({ url }) => url)]);
    return files.filter(isPage).flatMap((file) => {
        const urls = file.path === 'htdocs/404.html' ? ['/any/where']
            : places.filter((place) => place.file === file.path)
                .map(({ url }) => url);
        if (urls.length === 0) return [`${file.path}: no address serves it`];
        return urls.flatMap((url) => broken(file, url, known));
    });
}

function broken({ path, text }, url, known) {
    const faults = [];
    const rooted = path === 'htdocs/404.html'; // shown at any depth
    for (const [, address] of text.matchAll(/\s(?:href|src|action)="([^"]*)"/g)) {
        if (/^(#|mailto:|https:)/.test(address)) continue;
        const [place] = address.split(/[?#]/);
        if (place.startsWith('/') !== rooted) {
            faults.push(`${path}: ${address} ${rooted ? 'must' : 'may not'}`
                + ' begin at the root');
            continue;
        }
        const target = place === '' ? url
            : posix.resolve(url.endsWith('/') ? url : posix.dirname(url), place)
                + (place.endsWith('/') && place !== '/' ? '/' : '');
        if (!known.has(target.replace(/^\/\/+/, '/')) && !api.test(target)) {
            faults.push(`${path}: ${address} leads from ${url} to ${target},`
                + ' where nothing is');
        }
    }
    return faults;
}

check('links', linked, [
    ['htdocs/guide/extra.html', '<a href="../nowhere">x</a>', /to \/nowhere/],
    ['htdocs/guide/extra.html', '<a href="/signin">x</a>', /may not begin/],
    ['htdocs/guide/extra.html', '<script src="../js/none.js">', /none.js/],
    ['htdocs/stray.html', '<p>x</p>', /no address serves it/],
    ['htdocs/guide/extra.html', '<a href="../signin?next=x#y">x</a>'],
]);

// ------------------------------------------------------------- problems

const entry = /\{\s*P_\w+,\s*(\d+),\s*"(\w+)",\s*"([^"]+)"\s*\}/g;

function problemsOf(text) {
    return [...text.matchAll(entry)]
        .map(([, status, code, title]) => ({ status, code, title }))
        .filter(({ code }) => code !== 'none');
}

const pages = new Set(project.map(({ path }) => path));

check('problems', (files) => files
    .filter(({ path }) => path === 'lib/problem.c')
    .flatMap(({ text }) => {
        const table = problemsOf(text);
        return table.length === 0 ? ['lib/problem.c: no table of problems'] : table
            .map(({ code }) => `htdocs/problems/${code}.html`)
            .filter((path) => !pages.has(path))
            .map((path) => `lib/problem.c: ${path} is not there`);
    }), [
    ['lib/problem.c', '{ P_NEW, 418, "teapot", "Short and stout" },',
        /teapot.html is not there/],
    ['lib/problem.c', 'int nothing;', /no table/],
    ['lib/problem.c', '{ P_ROLE, 403, "role", "Not in this role" },'],
]);

function nginxProblems(files) {
    const table = problemsOf(read('lib/problem.c'));
    return files.filter(({ path }) => path === 'nginx/problems.conf')
        .flatMap(({ path, text }) => [...text.matchAll(/return (\d+) '(.*)';/g)]
            .flatMap(([, sent, json]) => {
                const { type, code, status, title } = JSON.parse(json);
                const known = table.find((one) => one.code === code);
                const same = known && known.title === title
                    && known.status === sent && String(status) === sent
                    && type === `@BASE@/problems/${code}`;
                return same ? [] : [`${path}: ${code} is not as in lib/problem.c`];
            }));
}

check('nginx and the programs say the same', nginxProblems, [
    ['nginx/problems.conf', 'return 404 \'{"type":"@BASE@/problems/not_found",'
        + '"title":"Gone","status":404,"code":"not_found"}\';', /not_found is/],
    ['nginx/problems.conf', 'return 404 \'{"type":"@BASE@/problems/gone",'
        + '"title":"Not found","status":404,"code":"gone"}\';', /gone is not/],
]);
