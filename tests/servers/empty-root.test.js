// What `make dist-test` does with the static programs, done with those of
// this machine: they get their own libraries into the root, and nothing else.
// So a shell, a user's name, a host's name or a folder that a program or the
// installation came to need is found here, though only static programs show
// that no C library is.

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';

import { freePorts, root, run } from '../site/site.js';

const build = resolve(process.env.SCRIP_BUILD ?? join(root, 'build/asan'), '..');
const folder = mkdtempSync(join(tmpdir(), 'scrip-root-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('in an empty root an ordinary user installs, buys and asks the doctor', async () => {
    const release = join(folder, 'release');
    const packed = await run(join(root, 'nginx/hosting/package'),
        [build, release]);
    assert.equal(packed.code, 0, packed.stderr);
    // The tarball has all of them.
    for (const zone of ['UTC', 'Europe/London']) {
        mkdirSync(join(release, 'zoneinfo', zone, '..'), { recursive: true });
        cpSync(join('/usr/share/zoneinfo', zone), join(release, 'zoneinfo', zone),
            { dereference: true });
    }
    const { code, stdout, stderr } = await run(
        join(root, 'tests/servers/empty-root'), [release, await freePorts()]);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /^in the root: apache dev etc( lib| lib64)* proc user$/m);
    assert.match(stdout, /^arrived: .*"top_up":3000,/m);
    assert.match(stdout, /^ok +provider /m);
    assert.match(stdout, /^0 faults, /m);
});
