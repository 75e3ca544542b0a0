// What plain CGI costs: GET .../credits beside a program that does nothing,
// behind the same server, by turns.
//
//     node tests/servers/cost.js [SERVER] [BUILD]
//
// BUILD: build, or build/static after `make dist`. Prints milliseconds; only
// their ratio says anything of another machine.

import { execFileSync } from 'node:child_process';
import { chmodSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { keyed } from '../site/site.js';
import { installSite } from './servers.js';

const paths = {
    nothing: '/api/v1/spaces/demo',
    credits: '/api/v1/spaces/demo/credits',
};

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

async function milliseconds(platform, path) {
    const began = process.hrtime.bigint();
    const { status } = await platform.get(path);
    if (status !== 200) throw new Error(`${path}: ${status}`);
    return Number(process.hrtime.bigint() - began) / 1e6;
}

const at = (list, part) => list[Math.floor(list.length * part)];

// A site on which both can be asked: measure() says what they took, sorted,
// and the ratio of the medians.
export async function costSite(server, build) {
    const site = await installSite(server, { build });
    doNothing(site);
    const platform = keyed(site);
    const measure = async (rounds) => {
        const took = { nothing: [], credits: [] };
        for (let i = 0; i < rounds; i += 1) {
            for (const [name, path] of Object.entries(paths)) {
                took[name].push(await milliseconds(platform, path));
            }
        }
        Object.values(took).forEach((list) => list.sort((a, b) => a - b));
        const ratio = at(took.credits, 0.5) / at(took.nothing, 0.5);
        return { ...took, ratio };
    };
    return { measure, stop: () => site.stop() };
}

async function main([server = 'apache-cgi', build]) {
    const site = await costSite(server, build);
    try {
        const cost = await site.measure(Number(process.env.N ?? 300));
        for (const name of Object.keys(paths)) {
            console.log(`${name}: p50 ${at(cost[name], 0.5).toFixed(2)} ms,`
                + ` p99 ${at(cost[name], 0.99).toFixed(2)} ms`);
        }
        console.log(`ratio of the medians: ${cost.ratio.toFixed(2)}`);
    } finally {
        await site.stop();
    }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    await main(process.argv.slice(2));
}
