// What plain CGI costs: GET .../credits beside a program that does nothing,
// behind the same server, by turns.
//
//     node tests/servers/cost.js [SERVER] [BUILD]
//
// BUILD: build, or build/static after `make dist`. Prints milliseconds.

import { execFileSync } from 'node:child_process';
import { chmodSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { keyed } from '../site/site.js';
import { installSite } from './servers.js';

const [server = 'apache-cgi', build] = process.argv.slice(2);
const rounds = Number(process.env.N ?? 300);

// Takes the place of the program of PUT /api/v1/spaces/{slug}.
function doNothing(site) {
    const source = join(site.folder, 'nothing.c');
    const made = join(site.folder, 'nothing');
    writeFileSync(source, `
#include <unistd.h>
int main(void)
{
    static const char all[] = "Status: 200 OK\\r\\n"
        "Content-Type: application/json\\r\\n\\r\\n{}";
    return write(1, all, sizeof(all) - 1) < 0;
}
`);
    execFileSync('gcc', ['-O2', '-static', '-o', made, source]);
    chmodSync(made, 0o755);
    renameSync(made, join(site.web, 'releases/1/cgi-bin/space'));
}

const site = await installSite(server, { build });
try {
    doNothing(site);
    const platform = keyed(site);
    const paths = {
        nothing: '/api/v1/spaces/demo',
        credits: '/api/v1/spaces/demo/credits',
    };
    const took = { nothing: [], credits: [] };
    for (let i = 0; i < rounds; i += 1) {
        for (const [name, path] of Object.entries(paths)) {
            const began = process.hrtime.bigint();
            const { status } = await platform.get(path);
            if (status !== 200) throw new Error(`${path}: ${status}`);
            took[name].push(Number(process.hrtime.bigint() - began) / 1e6);
        }
    }
    const at = (list, part) => list.sort((a, b) => a - b)[
        Math.floor(list.length * part)].toFixed(2);
    for (const name of Object.keys(paths)) {
        console.log(`${name}: p50 ${at(took[name], 0.5)} ms,`
            + ` p99 ${at(took[name], 0.99)} ms`);
    }
    console.log(`ratio of the medians: ${
        (at(took.credits, 0.5) / at(took.nothing, 0.5)).toFixed(2)}`);
} finally {
    await site.stop();
}
