// Node's test results as plain TAP for prove: one line a test, nested ones
// beside their parents. (Node's own TAP has YAML that prove cannot parse: it
// would drop a file's remaining tests after a failure.) Why a test failed
// goes to standard error, where prove shows it, and into the file that
// SCRIP_FAILURES names, which is shown again at the end. A file without any
// test is a failure, and so is a skipped or postponed test: tools are
// installed here.

import { appendFileSync } from 'node:fs';
import { inspect } from 'node:util';

const commented = (text) => text.trimEnd().split('\n')
    .map((line) => `# ${line}\n`).join('');

function why({ name, file, line, details }) {
    const error = details.error?.cause ?? details.error;
    const place = file ? `${file}:${line ?? ''}\n` : '';
    return commented(`${name}\n${place}${error?.stack ?? inspect(error)}`);
}

function tell(text) {
    process.stderr.write(text);
    if (process.env.SCRIP_FAILURES)
        appendFileSync(process.env.SCRIP_FAILURES, text);
}

export default async function* tap(events) {
    let count = 0;
    yield 'TAP version 13\n';
    for await (const { type, data } of events) {
        if (type === 'test:pass' || type === 'test:fail') {
            // Suites, and files in which nothing was a test.
            if (type === 'test:pass' && (data.details?.type === 'suite'
                || /\/.*\.test\.js$/.test(data.name))) continue;
            const left = data.skip !== undefined || data.todo !== undefined;
            const good = type === 'test:pass' && !left;
            count += 1;
            const name = data.name.replace(/\s+/g, ' ').replace(/#/g, '\\#');
            yield `${good ? 'ok' : 'not ok'} ${count} - ${name}\n`;
            if (left) tell(`# left out: ${name}\n`);
            else if (!good) tell(why(data));
        } else if (type === 'test:stdout') {
            yield commented(data.message);
        } else if (type === 'test:stderr') {
            process.stderr.write(data.message);
        } else if (type === 'test:diagnostic') {
            yield commented(data.message);
        }
    }
    if (count === 0) {
        count = 1;
        yield 'not ok 1 - there is no test in this file\n';
    }
    yield `1..${count}\n`;
}
