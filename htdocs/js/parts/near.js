/*
 * Parts that are below the first screen: their modules are fetched when the
 * member comes near them, so that the page's first screen never waits for
 * them. Until then their skeleton stands in their place.
 */

import { explain, Problem } from '../lib/problem.js';
import { button, fill, notice } from './dom.js';

/* Calls `load` (which imports and starts a part) once `root` is near the
 * window; where the modules can't be fetched, the part offers to try again. */
export function whenNear(root, load) {
    const watch = new IntersectionObserver((entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) {
            watch.disconnect();
            start();
        }
    }, { rootMargin: '600px' });

    async function start() {
        const body = root.querySelector('[data-body]');
        try {
            await load();
        } catch {
            fill(body, notice({ tone: 'warn', mark: 'warn', ...explain(
                new Problem({ code: 'offline' })),
            title: 'This part can’t be shown right now',
            actions: [button('Try again', start, { kind: 'small' })] }));
        }
    }

    watch.observe(root);
}
