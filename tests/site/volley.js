// Many requests at one moment: raw kept-alive connections, on which all but
// the last byte of each request has gone out when the last bytes follow
// together. And connections that send one request after the other, for load.

import http from 'node:http';
import net from 'node:net';

// A request as bytes, for nginx on the site's port.
export function encode(site, { method = 'POST', path, headers = {}, body }) {
    const text = body === undefined ? ''
        : typeof body === 'string' ? body : JSON.stringify(body);
    const lines = Object.entries({
        Host: new URL(site.base).host,
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(text),
        ...headers,
    }).map(([name, value]) => `${name}: ${value}\r\n`).join('');
    return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines}\r\n${text}`);
}

// One answer off the front of what has come; null while it is not whole.
function parse(bytes) {
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0) return null;
    const [first, ...lines] = bytes.subarray(0, end).toString('latin1')
        .split('\r\n');
    const headers = Object.fromEntries(lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(),
            line.slice(colon + 1).trim()];
    }));
    const length = Number(headers['content-length']);
    if (!Number.isInteger(length)) {
        throw new Error(`no Content-Length: ${bytes.toString('utf8')}`);
    }
    if (bytes.length < end + 4 + length) return null;
    const text = bytes.subarray(end + 4, end + 4 + length).toString('utf8');
    return {
        status: Number(first.split(' ')[1]),
        headers,
        text,
        json: text === '' ? undefined : JSON.parse(text),
        rest: bytes.subarray(end + 4 + length),
    };
}

// A connection: write() bytes, answer() the next answer.
class Wire {
    constructor(socket) {
        this.socket = socket;
        this.bytes = Buffer.alloc(0);
        socket.setNoDelay(true);
        socket.on('data', (piece) => {
            this.bytes = Buffer.concat([this.bytes, piece]);
            this.#give();
        });
        socket.on('error', (error) => this.#fail(error));
        socket.on('close', () => this.#fail(new Error('closed')));
    }

    write(bytes) { this.socket.write(bytes); }

    answer(seconds = 60) {
        return new Promise((done, fail) => {
            const timer = setTimeout(() => this.#fail(
                new Error(`no answer in ${seconds} s`),
            ), seconds * 1000);
            this.waiting = { done, fail, timer };
            this.#give();
        });
    }

    #give() {
        if (!this.waiting) return;
        const answer = parse(this.bytes);
        if (answer === null) return;
        const { done, timer } = this.waiting;
        this.waiting = undefined;
        clearTimeout(timer);
        this.bytes = answer.rest;
        done(answer);
    }

    #fail(error) {
        if (!this.waiting) return;
        const { fail, timer } = this.waiting;
        this.waiting = undefined;
        clearTimeout(timer);
        fail(error);
    }

    end() { this.socket.destroy(); }
}

export const openWires = (site, count) => Promise.all(
    Array.from({ length: count }, () => new Promise((done, fail) => {
        const { hostname, port } = new URL(site.base);
        const socket = net.connect(Number(port), hostname);
        socket.once('error', fail);
        socket.once('connect', () => {
            socket.off('error', fail);
            done(new Wire(socket));
        });
    })),
);

// Sends requests[i] on wires[i], the last bytes all together; the answers.
export async function volley(wires, requests) {
    requests.forEach((bytes, i) => wires[i].write(bytes
        .subarray(0, bytes.length - 1)));
    await new Promise((done) => { setImmediate(done); });
    const answers = requests.map((_, i) => wires[i].answer());
    requests.forEach((bytes, i) => wires[i].write(bytes
        .subarray(bytes.length - 1)));
    return Promise.all(answers);
}

// `count` callers at once, each calling `one(i)` until it says false, or one
// of them throws; that is thrown when all have ended.
export async function callers(count, one) {
    let i = 0;
    let failed;
    await Promise.all(Array.from({ length: count }, async () => {
        try {
            while (failed === undefined && await one(i++) !== false);
        } catch (error) {
            failed ??= error;
        }
    }));
    if (failed !== undefined) throw failed;
}

// Runs `meanwhile` while so many callers go on calling `one`; all have ended
// when it returns, however it ended.
export async function underLoad(count, one, meanwhile) {
    let running = true;
    const load = callers(count, async () => {
        await one();
        return running;
    });
    load.catch(() => { running = false; }); // thrown below
    try {
        await meanwhile();
    } finally {
        running = false;
        await load;
    }
}

// Calls over a few kept connections: call(method, path, body, headers).
export function keptCalls(site, connections) {
    const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
    const call = (method, path, body, headers = {}) => new Promise(
        (done, fail) => {
            const text = body === undefined ? undefined
                : typeof body === 'string' ? body : JSON.stringify(body);
            const sent = http.request(site.base + path, {
                method,
                agent,
                headers: {
                    ...(text === undefined ? {} : {
                        'Content-Type': 'application/json',
                        'Content-Length': Buffer.byteLength(text),
                    }),
                    ...headers,
                },
            }, (answer) => {
                const pieces = [];
                answer.on('data', (piece) => pieces.push(piece));
                answer.on('error', fail);
                answer.on('end', () => {
                    const got = Buffer.concat(pieces).toString('utf8');
                    done({
                        status: answer.statusCode,
                        headers: answer.headers,
                        text: got,
                        json: got === '' ? undefined : JSON.parse(got),
                    });
                });
            });
            sent.on('error', fail);
            sent.setTimeout(60000, () => sent.destroy(
                new Error(`${method} ${path}: no answer in 60 s`),
            ));
            sent.end(text);
        },
    );
    call.end = () => agent.destroy();
    return call;
}
