/*
 * Credits, money and times in words. Figures are integers and stay integers:
 * nothing here may go through a fraction, and nothing may touch the document.
 * A negative figure has a real minus sign (U+2212), which is read aloud and
 * lines up with the digits.
 */

const locale = 'en-GB';
const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });

/* The sign that digits have, not the hyphen that words have. */
export function minus(text) {
    return text.replace(/-/g, '\u2212');
}

/* 3000 → "3,000", -250 → "−250" */
export function credits(count) {
    /* Nought has no sign, also where it was subtracted. */
    return minus(whole.format(count || 0));
}

/* 1 → "1 credit", 3000 → "3,000 credits" */
export function creditWords(count) {
    return `${credits(count)} ${Math.abs(count) === 1 ? 'credit' : 'credits'}`;
}

/* 3000 → "+3,000", -72 → "−72", 0 → "0" */
export function signed(count) {
    return count > 0 ? `+${credits(count)}` : credits(count);
}

/* How many digits the minor unit of a currency has: GBP 2, JPY 0. */
export function minorDigits(currency) {
    return new Intl.NumberFormat(locale, { style: 'currency', currency })
        .resolvedOptions().maximumFractionDigits;
}

/*
 * An amount in minor units: 2500 GBP → "£25", 2917 GBP → "£29.17". Whole
 * amounts are shown without their noughts unless `exact` asks for them.
 */
export function money(amount, currency, { exact = false } = {}) {
    const digits = minorDigits(currency);
    const unit = 10n ** BigInt(digits);
    const value = BigInt(amount);
    const size = value < 0n ? -value : value;
    const rest = size % unit;
    const shown = rest === 0n && !exact ? 0 : digits;
    const decimal = `${value < 0n ? '-' : ''}${size / unit}` +
        (shown ? `.${String(rest).padStart(digits, '0')}` : '');
    return minus(new Intl.NumberFormat(locale, {
        style: 'currency', currency,
        minimumFractionDigits: shown, maximumFractionDigits: shown,
    }).format(decimal));
}

/*
 * What credits are about worth, in minor units of the badge's currency,
 * rounded to the nearest. `badge` is the badge of GET …/credits.
 */
export function worth(count, badge) {
    if (!badge || badge.credits <= 0)
        return 0;
    const twice = 2n * BigInt(count) * BigInt(badge.per.amount);
    const rate = BigInt(badge.credits);
    return Number((twice + (count < 0 ? -rate : rate)) / (2n * rate));
}

/* A day, in the time zone of the Space: "1 Dec 2026" */
export function day(time, timeZone) {
    return new Intl.DateTimeFormat(locale, {
        day: 'numeric', month: 'short', year: 'numeric', timeZone,
    }).format(new Date(time));
}

/* A moment: "22 Nov 2026, 10:00" */
export function moment(time, timeZone) {
    return new Intl.DateTimeFormat(locale, {
        day: 'numeric', month: 'short', year: 'numeric',
        hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone,
    }).format(new Date(time));
}

/* How long ago: "just now", "2 min ago", "3 h ago", "5 days ago" */
export function ago(then, now) {
    const seconds = Math.max(0, Math.floor((now - then) / 1000));
    if (seconds < 60)
        return 'just now';
    if (seconds < 3600)
        return `${Math.floor(seconds / 60)} min ago`;
    if (seconds < 86400)
        return `${Math.floor(seconds / 3600)} h ago`;
    const days = Math.floor(seconds / 86400);
    return days === 1 ? '1 day ago' : `${days} days ago`;
}

/* How long to wait, rounded up: "20 seconds", "1 minute", "14 minutes" */
export function wait(seconds) {
    const of = (count, unit) => `${count} ${unit}${count === 1 ? '' : 's'}`;
    if (seconds < 60)
        return of(Math.max(1, Math.ceil(seconds)), 'second');
    if (seconds < 3600)
        return of(Math.ceil(seconds / 60), 'minute');
    return of(Math.ceil(seconds / 3600), 'hour');
}

/* "Ada", "Ada or Grace", "Ada, Grace or Linus" */
export function anyOf(names) {
    if (names.length < 2)
        return names[0] ?? '';
    return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

/* An activity or feature as a name: "chat_reply" → "Chat reply" */
export function label(id) {
    const words = String(id ?? '').replace(/[_-]+/g, ' ').trim();
    return words ? words[0].toUpperCase() + words.slice(1) : '';
}

/* Up to two letters that stand for a name: "Olivia Owner" → "OO" */
export function initials(name) {
    const words = String(name ?? '').trim().split(/\s+/).filter(Boolean);
    const first = (word) => [...word][0] ?? '';
    const last = words.length > 1 ? first(words.at(-1)) : '';
    return (first(words[0] ?? '') + last).toUpperCase();
}
