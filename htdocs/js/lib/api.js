/*
 * The one door to the HTTP API. A call comes to an answer
 * {status, body, etag, requestId, servedAt} or throws a Problem; nothing else leaves it.
 * The CSRF token is kept in memory only. A token that another tab's sign-in
 * has replaced is fetched anew and the call made once more: it was refused
 * before it did anything.
 */

import { Problem, problemOf } from './problem.js';

const timeoutMs = 20_000;

/*
 * `root` is the address of the site; `fetch` and `now` are for tests.
 */
export function createApi(root, { fetch = globalThis.fetch.bind(globalThis),
    now = Date.now } = {}) {
    let token = null;

    async function call(method, path, { body, key, etag, signal } = {}) {
        const headers = { Accept: 'application/json' };
        if (body !== undefined)
            headers['Content-Type'] = 'application/json';
        if (key)
            headers['Idempotency-Key'] = key;
        if (etag)
            headers['If-None-Match'] = etag;
        if (token && method !== 'GET')
            headers['X-CSRF-Token'] = token;
        let answer;
        let text;
        try {
            answer = await fetch(new URL(`api/v1/${path}`, root), {
                method, headers,
                credentials: 'same-origin',
                cache: 'no-store',
                redirect: 'error',
                body: body === undefined ? undefined : JSON.stringify(body),
                signal: signal ? AbortSignal.any(
                    [signal, AbortSignal.timeout(timeoutMs)])
                    : AbortSignal.timeout(timeoutMs),
            });
            text = await answer.text();
        } catch (error) {
            throw new Problem({
                code: signal?.aborted ? 'aborted'
                    : error.name === 'TimeoutError' ? 'timeout' : 'offline',
            });
        }
        const requestId = answer.headers.get('request-id');
        /* By the server's clock: this machine's may be wrong by hours. */
        const servedAt = Date.parse(answer.headers.get('date')) || now();
        if (answer.status === 304)
            return { status: 304, body: null, etag, requestId, servedAt };
        const json = parse(text);
        if (!answer.ok)
            throw problemOf(answer.status, answer.headers, json, now());
        if (answer.status !== 204 && json === null)
            throw new Problem({ code: 'unavailable', status: answer.status,
                requestId });
        return { status: answer.status, body: json,
            etag: answer.headers.get('etag'), requestId, servedAt };
    }

    async function session() {
        const answer = await call('GET', 'session');
        token = answer.body.csrf_token;
        return answer.body;
    }

    async function write(method, path, options) {
        if (!token)
            await session();
        try {
            return await call(method, path, options);
        } catch (problem) {
            if (problem.code !== 'csrf')
                throw problem;
            await session();
            return call(method, path, options);
        }
    }

    return {
        session,
        get: (path, options) => call('GET', path, options),
        post: (path, body, options) => write('POST', path,
            { ...options, body }),
        put: (path, body, options) => write('PUT', path,
            { ...options, body }),
        del: (path, options) => write('DELETE', path, options),
        /* Signing in needs no token: there is no session to protect yet. */
        async signIn(email, password) {
            const answer = await call('POST', 'session',
                { body: { email, password } });
            token = answer.body.csrf_token;
            return answer.body;
        },
        async signOut() {
            await write('DELETE', 'session');
            token = null;
        },
    };
}

function parse(text) {
    try {
        return JSON.parse(text);
    } catch {
        return null;
    }
}
