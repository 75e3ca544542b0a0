/*
 * UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing over
 * U+10FFFF. Knows characters by their length only; never changes a text.
 */
#ifndef SCRIP_UTF8_H
#define SCRIP_UTF8_H

#include "base.h"

/* Bytes of the character at `text` (1 to 4), of which `length` bytes may be
 * read; 0 where there is none or it is not well formed. */
int utf8_length(const char *text, size_t length);
/* Code points of a NUL-terminated text; SIZE_MAX when it is not UTF-8. */
size_t utf8_count(const char *text);
/* One code point into `out` (at least 4 bytes); how many bytes it took, 0
 * for a surrogate or a number over U+10FFFF. */
int utf8_encode(char *out, uint32_t code_point);

#endif
