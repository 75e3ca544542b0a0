// The READMEs: links lead to files that are there, and no folder of ours is
// without one.

import { posix } from 'node:path';
import { check, paths } from './lint.js';

const folders = new Set(paths.flatMap((path) => {
    const parts = path.split('/').slice(0, -1);
    return parts.map((_, i) => parts.slice(0, i + 1).join('/'));
}));

const place = /\]\(([^)\s]+)\)/g;

function links(files) {
    return files.filter(({ path }) => path.endsWith('.md'))
        .flatMap(({ path, text }) => [...text.matchAll(place)]
            .map(([, address]) => address)
            .filter((address) => !/^(https?:|#|mailto:)/.test(address))
            .filter((address) => {
                const target = posix.normalize(posix.join(
                    posix.dirname(path),
                    address.split('#')[0],
                )).replace(/\/$/, '');
                return !paths.includes(target) && !folders.has(target);
            })
            .map((address) => `${path}: ${address} is not there`));
}

check('links of READMEs', links, [
    ['lib/README.md', 'see [that](nowhere.c)', /nowhere.c is not there/],
    ['nginx/README.md', '[start](run) and [other](../tests/run#x)'],
]);

const documented = ['bin', 'cgi-bin', 'htdocs', 'lib', 'nginx', 'sql', 'tests'];

check('folders say what they hold', (files) => documented
    .map((folder) => `${folder}/README.md`)
    .concat('README.md')
    .filter((path) => !files.some((file) => file.path === path))
    .map((path) => `${path} is not there`), [
    ['lib/README.md', '# The library', /sql.README.md is not there/],
]);
