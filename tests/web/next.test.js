/*
 * Where signing in may lead: only to a page of this site. Each refused
 * address is one that somebody could write into a link.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextPage, signinPage } from '../../htdocs/js/lib/next.js';

const root = 'https://credits.example/';
const below = 'https://host.example/app/credits/';
const home = (base) => `${base}settings/personal/credits`;

const followed = [
    ['the Credits page', root, '/settings/account/credits'],
    ['with a query', root, '/settings/account/credits?order=ord_1&cancelled=1'],
    ['with a place on the page', root, '/settings/membership#plans'],
    ['below a base path', below, '/app/credits/settings/membership'],
    ['a name that only begins like the API', root, '/apiary'],
    ['a receipt', below,
        '/app/credits/api/v1/spaces/demo/orders/ord_1/receipt'],
];

for (const [sentence, base, next] of followed)
    test(`followed: ${sentence}`, () => {
        assert.equal(nextPage(next, base), new URL(next, base).href);
    });

const refused = [
    ['nothing', root, null],
    ['an empty one', root, ''],
    ['another host', root, 'https://evil.example/'],
    ['another host without a scheme', root, '//evil.example/'],
    ['another host behind a backslash', root, '/\\evil.example/'],
    ['a backslash anywhere', root, '/settings\\..\\evil'],
    ['a tab that browsers drop', root, '/\t/evil.example/'],
    ['a line break', root, '/\n/evil.example'],
    ['a script', root, 'javascript:alert(1)'],
    ['data', root, 'data:text/html,hi'],
    ['a relative path', root, 'settings/membership'],
    ['dots that leave an empty segment in front', root, '/a/..//evil.example'],
    ['an encoded slash', root, '/settings/%2f%2fevil.example'],
    ['an encoded backslash', root, '/%5cevil.example'],
    ['dots out of the base path', below, '/app/credits/../../admin'],
    ['a path beside the base path', below, '/settings/membership'],
    ['a path that only begins like the base', below, '/app/credits-evil/x'],
    ['the API', root, '/api/v1/session'],
    ['what only ends like a receipt', root, '/api/v1/spaces/a/b/orders/c/receipt'],
    ['what lies behind a receipt', root, '/api/v1/spaces/a/orders/c/receipt/x'],
    ['the API by way of dots', root, '/settings/../api/v1/session'],
    ['the sign-in page, which would come round in a circle', root,
        '/signin?next=/signin'],
    ['the way in for platforms', root, '/session/handoff?token=x'],
    ['the root, which only leads on', root, '/'],
    ['a number', root, 7],
];

for (const [sentence, base, next] of refused)
    test(`refused: ${sentence}`, () => {
        assert.equal(nextPage(next, base), home(base));
    });

test('the sign-in page comes back to the same address', () => {
    for (const base of [root, below]) {
        const here = `${base}settings/account/credits?order=ord_1&space=demo`;
        const signin = new URL(signinPage(here, base));
        assert.equal(signin.origin + signin.pathname, `${base}signin`);
        assert.equal(nextPage(signin.searchParams.get('next'), base), here);
    }
});
