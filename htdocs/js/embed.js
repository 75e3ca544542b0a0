/*
 * For the other pages of the platform, of the same origin as this site: one
 * module that brings <credit-badge> and <credit-balance> to life, each for the
 * Space that its `space` attribute names, or else the one looked at last. Who
 * is not signed in, or may not see the Space, sees nothing of them. It asks
 * once for all elements of a Space, and never changes anything else of a page.
 */

import { createApi } from './lib/api.js';
import { base } from './lib/base.js';
import { chooseSpace } from './lib/space.js';
import { browser } from './lib/storage.js';
import { createFeed } from './parts/feed.js';
import { patient } from './parts/press.js';
import './parts/credit-badge.js';
import './parts/credit-balance.js';

const elements = [...document.querySelectorAll('credit-badge, credit-balance')];
const api = patient(createApi(base));

function hide(some) {
    for (const element of some)
        element.hidden = true;
}

/* The elements by the slug of their Space; those of no Space are hidden. */
function bySpace(spaces) {
    const found = new Map();
    for (const element of elements) {
        const slug = element.getAttribute('space');
        const space = slug ? spaces.find((each) => each.slug === slug)
            : chooseSpace(spaces, [browser.read('scrip.space')]);
        if (space)
            found.set(space.slug, [...found.get(space.slug) ?? [], element]);
        else
            hide([element]);
    }
    return found;
}

function show(some, { credits, changed }) {
    for (const element of some) {
        element.hidden = credits === null;
        if (changed)
            element.show(credits);
    }
}

async function start() {
    let session;
    try {
        session = await api.session();
    } catch {
        hide(elements);
        return;
    }
    for (const [space, some] of bySpace(session.spaces)) {
        const feed = createFeed({ api, space, onSignedOut: () => hide(some) });
        feed.listen((state) => show(some, state));
        feed.refresh();
    }
}

start();
