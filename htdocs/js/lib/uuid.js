/*
 * UUIDv7: keys that sort by time, which the ledger's indexes like best.
 * crypto.randomUUID exists only under https; getRandomValues everywhere.
 */

export function uuid7(now = Date.now(), random = randomBytes) {
    const bytes = random(16);
    let time = BigInt(now);
    for (let at = 5; at >= 0; at--) {
        bytes[at] = Number(time & 0xffn);
        time >>= 8n;
    }
    bytes[6] = 0x70 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0'))
        .join('');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function randomBytes(count) {
    return crypto.getRandomValues(new Uint8Array(count));
}
