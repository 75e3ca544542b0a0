/*
 * The strict reading of JSON text, before cJSON sees it: json.c's alone.
 * Keeps nothing and changes nothing but numbers that cJSON cannot be given.
 */
#ifndef SCRIP_JSON_SCAN_H
#define SCRIP_JSON_SCAN_H

#include "json.h"

/*
 * Grammar, UTF-8, depth, the count of values and, where JSON_STRICT, integers
 * of all of `text`; NULL when it is fine. In the other modes a number that is
 * no integer in range is overwritten, in place and in its length, with one
 * that surely is none (0.5): cJSON would round it to an integer, or stop
 * within it.
 */
struct json_fault *json_scan(struct arena *arena, char *text, size_t length,
                             enum json_mode mode);

/* A pointer and one reference token more, escaped as RFC 6901 says. */
const char *json_pointer(struct arena *arena, const char *prefix,
                         const char *name);

/* Four hexadecimal digits, in either case. */
unsigned json_hex4(const char *digits);
/* A scanned name or string, of `length` raw bytes, without its escapes. */
const char *json_decoded(struct arena *arena, const char *raw, size_t length);

#endif
