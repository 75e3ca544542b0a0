/*
 * Public ids: a prefix of three letters, '_' and a ULID (26 characters of
 * Crockford's base 32, upper case). The ULID's time is the thing's own, so
 * ids sort by time; its other 80 bits are the Space's number (32) and the
 * thing's number there (48), so an id is known before its row is written and
 * says where to look. Ids are names, not secrets: access is always decided
 * by the Space.
 */
#ifndef SCRIP_ID_H
#define SCRIP_ID_H

#include "base.h"

/* "evt_" + 26 + NUL, rounded up. */
#define ID_SIZE 32

struct id {
    int64_t ms;
    int64_t space;  /* 0 to 2^32 - 1; 0 for what belongs to no Space */
    int64_t number; /* 0 to 2^48 - 1 */
};

/* ms is clamped to what 48 bits hold. */
void id_format(char text[ID_SIZE], const char *prefix, int64_t ms,
               int64_t space, int64_t number);
/* Only the canonical form: right prefix, 26 upper-case characters, no
 * overflow. */
MUST_USE bool id_parse(const char *text, const char *prefix, struct id *id);
/* A ULID of the system's time and 80 random bits, for request ids. `random`
 * are 10 bytes of the caller's. */
void id_format_random(char text[ID_SIZE], const char *prefix, int64_t ms,
                      const uint8_t random[10]);

#endif
