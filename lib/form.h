/*
 * application/x-www-form-urlencoded both ways: bodies and query strings that
 * come in, and the provider's wire that goes out. What is malformed is
 * refused, never repaired: a repaired name is another name.
 */
#ifndef SCRIP_FORM_H
#define SCRIP_FORM_H

#include "arena.h"
#include "buf.h"

/* Pairs of one form; Stripe's own calls stay under 100. */
#define FORM_PAIRS_MAX 256

struct form_pair {
    const char *name;
    const char *value; /* "" where there was no '=' */
};

struct form {
    int count;
    struct form_pair *pairs; /* in the order sent, repeats kept */
};

/*
 * Decodes "a=1&b%5Bc%5D=x+y" into the arena: '+' is a space, %XX in either
 * case of hex, "&&" and a '&' at the end hold nothing. False, and no pairs,
 * for a bad or cut escape, a byte or an escape that is NUL, what is not
 * UTF-8 once decoded, an empty name, or over FORM_PAIRS_MAX pairs.
 */
MUST_USE bool form_decode(struct form *form, struct arena *arena,
                          const char *bytes, size_t length);

/* The value of the first pair of this name, or NULL. */
const char *form_value(const struct form *form, const char *name);
/* How many pairs have this name: 2 and more are a caller's mistake. */
int form_count(const struct form *form, const char *name);

/* One segment of a path, %XX decoded ('+' stays '+') into the arena. NULL
 * for a bad escape, NUL, what is not UTF-8, or a '/' that was escaped (no
 * name of ours has one, and proxies disagree about it). */
const char *form_decode_segment(struct arena *arena, const char *bytes,
                                size_t length);

/* Appends "name=value", with '&' before it where the buffer is not empty.
 * `name` is written as in Stripe's reference, "line_items[0][quantity]";
 * everything but letters, digits and "-._~" is percent-encoded. */
void form_add(struct buf *buf, const char *name, const char *value);
void form_add_int(struct buf *buf, const char *name, int64_t value);
void form_add_bool(struct buf *buf, const char *name, bool value);

/* Appends `text` percent-encoded; right in a path and in a query alike. */
void form_encode(struct buf *buf, const char *text);

#endif
