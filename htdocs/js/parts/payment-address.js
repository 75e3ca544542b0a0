/*
 * An address of the payment provider's: whatever an answer says, a page and
 * not a script.
 */

export function paymentAddress(url) {
    const address = new URL(url);
    if (!/^https?:$/.test(address.protocol))
        throw new TypeError('not an address to pay at');
    return address.href;
}
