/*
 * <credit-badge>: what a credit costs, as "120 credits per £1". The words are
 * the API's (`badge.label`), so that the badge and the tiers cannot differ.
 */

class CreditBadge extends HTMLElement {
    /* `credits`: the answer of GET …/credits */
    show({ badge }) {
        this.textContent = badge.label;
    }
}

customElements.define('credit-badge', CreditBadge);
