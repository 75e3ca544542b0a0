/*
 * <credit-balance>: the credits available now, as a chip that leads to the
 * Credits page. It shows what the API last said, to the unit, and computes
 * nothing.
 */

import { page } from '../lib/base.js';
import { creditWords } from '../lib/format.js';
import { el } from './dom.js';
import { icon } from './icons.js';

class CreditBalance extends HTMLElement {
    /* `credits`: the answer of GET …/credits */
    show({ balance }) {
        const words = creditWords(balance.available);
        if (this.words === words)
            return;
        this.words = words;
        this.classList.toggle('empty', balance.available === 0);
        this.classList.toggle('below', balance.available < 0);
        this.replaceChildren(el('a', {
            href: page('settings/personal/credits'),
        }, icon('coin', 16), words,
        el('span', { class: 'visually-hidden' }, ' available')));
    }
}

customElements.define('credit-balance', CreditBalance);
