/*
 * Questions about text, asked of bytes alone and never of a locale: is it
 * UTF-8, how long is it for a reader, is it a number. Nothing is changed,
 * normalised or allocated here.
 */
#ifndef SCRIP_TEXT_H
#define SCRIP_TEXT_H

#include "base.h"

/* Well-formed UTF-8 (RFC 3629): no overlong form, no surrogate, nothing
 * above U+10FFFF, nothing cut off. U+0000 is well-formed. */
bool text_is_utf8(const char *bytes, size_t length);

/* Bytes of the one well-formed character that begins here, 1 to 4; 0 where
 * there is none. */
size_t text_character(const char *bytes, size_t left);

/* Code points of well-formed UTF-8. */
size_t text_code_points(const char *bytes, size_t length);

/* What a caller may send as a string: well-formed, without U+0000, between
 * `min` and `max` code points. */
bool text_fits(const char *bytes, size_t length, size_t min, size_t max);

/* Whether all are printable ASCII characters, the space among them (0x20 to
 * 0x7E). True of an empty text. */
bool text_printable_ascii(const char *text);

/* A whole decimal number and nothing else: ASCII digits, a '-' before them
 * where it is below zero, no '+', no leading zero, no "-0", no space. False
 * too where it is beyond `min` or `max`; *value is only set on success. */
MUST_USE bool text_int(const char *text, int64_t min, int64_t max,
                       int64_t *value);

/* Whether `text` begins with `prefix`. */
bool text_begins(const char *text, const char *prefix);

#endif
