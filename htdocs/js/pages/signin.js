/*
 * Signing in. The password is sent once and kept nowhere. After it the member
 * is back where they were (`next`, only ever a page of ours).
 */

import { createApi } from '../lib/api.js';
import { base } from '../lib/base.js';
import { nextPage } from '../lib/next.js';
import { explainSignin } from '../lib/problem.js';
import { wait } from '../lib/format.js';
import { el, notice } from '../parts/dom.js';
import { wasSignedIn, welcome } from '../parts/frame.js';
import { icon } from '../parts/icons.js';

const api = createApi(base);
const form = document.querySelector('form');
const { email, password } = form.elements;
const go = form.querySelector('[type="submit"]');
const failure = document.getElementById('failure');
const query = new URLSearchParams(location.search);
const next = nextPage(query.get('next'), base);
let busy = false;
let countdown = null;

if (query.has('next'))
    document.getElementById('why').hidden = false;
if (wasSignedIn())
    api.session().then(() => location.replace(next), () => {});

form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (!busy && complete())
        submit();
});
form.addEventListener('input', (event) => {
    event.target.removeAttribute('aria-invalid');
});

const reveal = document.getElementById('reveal');
reveal.hidden = false;
reveal.addEventListener('click', () => {
    const show = password.type === 'password';
    password.type = show ? 'text' : 'password';
    reveal.setAttribute('aria-pressed', String(show));
    reveal.textContent = show ? 'Hide' : 'Show';
});

/* Says which field is missing, and puts the focus there. */
function complete() {
    for (const [field, words] of [[email, 'Enter your email address'],
        [password, 'Enter your password']]) {
        if (field.value.trim() !== '')
            continue;
        field.setAttribute('aria-invalid', 'true');
        fail({ title: words, text: '' });
        field.focus();
        return false;
    }
    return true;
}

function setBusy(yes) {
    busy = yes;
    go.setAttribute('aria-disabled', String(yes));
    go.replaceChildren(...(yes ? [icon('busy', 18), 'Signing in…']
        : ['Sign in']));
}

async function submit() {
    setBusy(true);
    clearInterval(countdown);
    failure.replaceChildren();
    try {
        await api.signIn(email.value.trim(), password.value);
        welcome();
        location.replace(next);
    } catch (problem) {
        setBusy(false);
        fail(explainSignin(problem));
        if (problem.status === 401) {
            password.select();
            password.focus();
        } else if (problem.retryAfter > 60) {
            count(problem);
        }
    }
}

function fail(words) {
    failure.replaceChildren(notice({ tone: 'bad', mark: 'warn', ...words }));
}

/* Keeps the time to wait true; the sentence is announced only once. */
function count(problem) {
    const until = Date.now() + problem.retryAfter * 1000;
    const words = failure.querySelector('.title + p');
    const clock = el('span', { 'aria-hidden': 'true' });
    const said = el('span', { class: 'visually-hidden' }, words.textContent);
    words.replaceChildren(clock, said);
    const show = () => {
        const left = Math.ceil((until - Date.now()) / 1000);
        if (left <= 0) {
            clearInterval(countdown);
            failure.replaceChildren();
            return;
        }
        clock.textContent = `Try again in ${wait(left)}.`;
    };
    show();
    countdown = setInterval(show, 1000);
}

if (email.value === '')
    email.focus();
