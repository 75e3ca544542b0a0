/*
 * The frame around every page: who is signed in, which Space this is about,
 * the header with badge and balance, and the way back to the sign-in page
 * when a session has ended. Pages start with openFrame() and build on what it
 * gives; they never fetch the session themselves.
 */

import { createApi } from '../lib/api.js';
import { base, page } from '../lib/base.js';
import { initials } from '../lib/format.js';
import { signinPage } from '../lib/next.js';
import { explain } from '../lib/problem.js';
import { chooseSpace } from '../lib/space.js';
import { browser, tab } from '../lib/storage.js';
import { button, el, notice } from './dom.js';
import { createFeed } from './feed.js';
import { icon } from './icons.js';
import { menu } from './menu.js';
import { patient } from './press.js';
import './credit-badge.js';
import './credit-balance.js';

const lastSpace = 'scrip.space';
const signedIn = 'scrip.signed-in';

/* A page that is being left: what waits for this waits until it is gone. */
const never = new Promise(() => {});

/*
 * Opens the frame. `prefer`: a Space that the step at hand belongs to (a
 * slug or null). With `guests` the page is for everybody: without a session
 * it comes to null, and the header offers to sign in.
 */
export async function openFrame({ prefer = null, guests = false } = {}) {
    const api = patient(createApi(base));
    if (guests && !browser.read(signedIn)) {
        showGuest();
        return null;
    }
    const session = await readSession(api, guests);
    if (!session)
        return null;
    browser.write(signedIn, true);
    ownTab(session.member.id);
    const asked = new URLSearchParams(location.search).get('space');
    const space = chooseSpace(session.spaces,
        [asked, prefer, browser.read(lastSpace)]);
    showMember(api, session);
    if (!space) {
        showNoSpace();
        return never;
    }
    browser.write(lastSpace, space.slug);
    showSpace(session, space);
    const feed = createFeed({ api, space: space.slug,
        onSignedOut: guests ? showGuest : toSignin });
    feed.listen(({ credits, changed }) => {
        if (changed)
            showCredits(credits);
        hideCredits(!credits);
    });
    feed.refresh();
    return { api, session, space, feed, signedOut: toSignin };
}

/* What this tab remembers belongs to one member: for another it is forgotten. */
function ownTab(member) {
    if (tab.read('scrip.member') === member)
        return;
    for (const name of ['scrip.purchases', 'scrip.chosen', 'scrip.resume',
        'scrip.plan'])
        tab.remove(name);
    tab.write('scrip.member', member);
}

/* Remembers that this browser has signed in; the sign-in page calls it. */
export function welcome() {
    browser.write(signedIn, true);
}

export function wasSignedIn() {
    return browser.read(signedIn) === true;
}

/* Goes to the sign-in page, which comes back to this very address. */
export function toSignin() {
    browser.remove(signedIn);
    location.replace(signinPage(location.href, base));
    return never;
}

async function readSession(api, guests) {
    for (;;) {
        try {
            return await api.session();
        } catch (problem) {
            if (problem.status === 401) {
                if (!guests)
                    return toSignin();
                browser.remove(signedIn);
                showGuest();
                return null;
            }
            if (guests) {
                showGuest();
                return null;
            }
            await retried(problem);
        }
    }
}

/* Shows at the top of the page that nothing can be loaded; resolves when the
 * member wants to try again, or the network is back. */
function retried(problem) {
    const words = explain(problem);
    return new Promise((resolve) => {
        const again = () => {
            removeEventListener('online', again);
            box.remove();
            resolve();
        };
        const box = notice({ tone: 'warn', mark: 'warn', role: 'alert',
            ...words, actions: [button('Try again', again, { kind: 'small' })],
        });
        addEventListener('online', again);
        document.querySelector('main').prepend(box);
    });
}

function showCredits(credits) {
    for (const part of document.querySelectorAll('credit-badge, credit-balance'))
        part.show(credits);
}

/* Badge and balance are left out where there is nothing true to show. */
function hideCredits(hide) {
    for (const part of document.querySelectorAll('credit-badge, credit-balance'))
        part.hidden = hide;
}

function tile(space) {
    return el('span', { class: 'tile', 'aria-hidden': 'true' },
        [...initials(space.name)][0] ?? '·');
}

function showSpace(session, space) {
    document.title = `${document.title.split(' · ')[0]} · ${space.name}`;
    const place = document.querySelector('.bar-space');
    if (session.spaces.length === 1) {
        place.replaceChildren(el('span', { class: 'space-name' },
            tile(space), el('span', {}, space.name)));
        return;
    }
    const toggle = el('button', { type: 'button', class: 'space-name' },
        tile(space), el('span', {}, space.name), icon('choose', 16),
        el('span', { class: 'visually-hidden' }, ', switch Space'));
    place.replaceChildren(menu(toggle, session.spaces.map((other) => {
        const here = other.slug === space.slug;
        const mark = el('span', { class: 'mark' });
        if (here)
            mark.append(icon('tick', 16));
        return el('a', {
            href: `${location.pathname}?space=${encodeURIComponent(other.slug)}`,
            'aria-current': here ? 'true' : null,
        }, tile(other), el('span', {}, other.name), mark);
    })));
}

function showMember(api, session) {
    const { name, email } = session.member;
    const toggle = el('button', { type: 'button', class: 'face' },
        el('span', { class: 'face-letters', 'aria-hidden': 'true' },
            initials(name)),
        el('span', { class: 'visually-hidden' }, `Menu of ${name}`));
    const out = el('button', { type: 'button', onclick: () => signOut(api, out) },
        'Sign out');
    document.querySelector('.bar-member').replaceChildren(menu(toggle, [
        el('div', { class: 'menu-who' }, el('strong', {}, name),
            el('span', { class: 'quiet small' }, email)),
        el('a', { href: page('guide/credits') }, 'Guide to credits'),
        out,
    ], { end: true }));
}

async function signOut(api, out) {
    if (out.getAttribute('aria-disabled') === 'true')
        return;
    out.setAttribute('aria-disabled', 'true');
    out.textContent = 'Signing out…';
    try {
        await api.signOut();
    } catch (problem) {
        if (problem.status !== 401) {
            out.removeAttribute('aria-disabled');
            out.textContent = 'Not signed out. Try again';
            return;
        }
    }
    browser.remove(signedIn);
    browser.remove(lastSpace);
    tab.remove('scrip.member');
    location.assign(page('signin'));
}

function showGuest() {
    document.querySelector('.bar-space').replaceChildren(
        el('a', { class: 'space-name', href: page('settings/personal/credits') },
            el('span', { class: 'tile', 'aria-hidden': 'true' }, 'S'),
            el('span', {}, 'Scrip')));
    document.querySelector('.bar-member').replaceChildren(
        el('a', { class: 'button small',
            href: signinPage(location.href, base) }, 'Sign in'));
    hideCredits(true);
}

function showNoSpace() {
    document.querySelector('.bar-space').replaceChildren();
    hideCredits(true);
    document.querySelector('main').replaceChildren(
        el('header', {}, el('h1', {}, 'No Space yet')),
        notice({ title: 'You are not a member of any Space',
            text: 'Ask the owner of a Space to add you. This page works as ' +
                'soon as they have.' }));
}
