/*
 * What a page may remember in the browser: only conveniences (the Space last
 * looked at, a key of a purchase that was begun), never a secret, never a
 * balance. Storage can be full, forbidden or changed by hand: it then behaves
 * as if it were empty, and a page works without it.
 */

/* JSON values over a Web Storage; `area` is a function because merely naming
 * localStorage throws where it is forbidden. */
export function jsonStorage(area) {
    const memory = new Map();

    function read(name) {
        try {
            const text = area().getItem(name);
            if (text !== null)
                return JSON.parse(text);
        } catch {
            /* as if it were empty */
        }
        return memory.get(name) ?? null;
    }

    function write(name, value) {
        memory.set(name, value);
        try {
            area().setItem(name, JSON.stringify(value));
        } catch {
            /* this page still has it in memory */
        }
    }

    function remove(name) {
        memory.delete(name);
        try {
            area().removeItem(name);
        } catch {
            /* it was never stored */
        }
    }

    return { read, write, remove };
}

export const tab = jsonStorage(() => globalThis.sessionStorage);
export const browser = jsonStorage(() => globalThis.localStorage);
