// A visitor of plain CGI waits for a program to start: that shall cost little
// more than any program costs. What exactly is asked of the system, the same
// on every machine, is tried by unit/cgi_cost.

import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { root } from '../site/site.js';
import { costSite } from './cost.js';

// The programs of `make dist` are what plain CGI is given: at most twice the
// time of a program that does nothing. Where they are not built, or are older,
// those of the release build: their C library and SQLite have to be loaded and
// linked at every start, which the program that does nothing is spared.
const made = (build) => statSync(join(root, build, 'cgi-bin/credits'),
    { throwIfNoEntry: false })?.mtimeMs ?? 0;
const fixed = made('build/static') > made('build');
const bound = fixed ? 2 : 2.75;

// The two are asked by turns, so that a machine that slows down slows both,
// and medians are compared, so that a few slow answers decide nothing. What
// else runs disturbs the longer of the two more often: a ratio over the bound
// is measured again, five times at most, for a program that does too much does
// it each time.
test('plain CGI costs little more than a program that does nothing', async (t) => {
    const site = await costSite('apache-cgi', fixed ? 'build/static' : undefined);
    const seen = [];
    try {
        do {
            const { ratio } = await site.measure(50);
            seen.push(ratio.toFixed(2));
        } while (seen.at(-1) > bound && seen.length < 6);
    } finally {
        await site.stop();
    }
    t.diagnostic(`${fixed ? 'static' : 'release'} build: ${seen.join(', ')}`);
    assert.ok(seen.at(-1) <= bound,
        `${seen.join(', ')} times a program that does nothing`);
});
