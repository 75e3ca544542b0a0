/*
 * JSON in and out. cJSON parses, but keeps numbers as doubles and forgives
 * much; so the raw text is scanned first, and what passes here is strict:
 * RFC 8259 grammar, UTF-8, no duplicate members, bounded depth, and every
 * number an integer in +-(2^53 - 1) without fraction or exponent. Only what
 * the provider sends is read leniently. The only file that sees cJSON.h.
 */
#ifndef SCRIP_JSON_H
#define SCRIP_JSON_H

#include "buf.h"

struct json; /* a value; lives in the arena it was parsed into */

enum json_mode {
    JSON_STRICT,  /* requests: as above */
    JSON_ITEMS,   /* the same, but a number that is no such integer is not a
                     fault of the whole: it reads as no integer */
    JSON_PROVIDER /* grammar, UTF-8 and depth only; a duplicate's last counts;
                     a number that is no such integer reads as no integer */
};

/* What is wrong with an input, for the problem's `errors`. */
struct json_fault {
    const char *pointer; /* RFC 6901: "/items/0/quantity", "" for the whole */
    const char *detail;
    struct json_fault *next;
};

/* NULL with one fault when the text is not acceptable. Never reads past
 * `length`. A NUL in the text, escaped or not, is refused. */
const struct json *json_parse(struct arena *arena, const char *text,
                              size_t length, enum json_mode mode,
                              struct json_fault **fault);

/* --- Looking into a value; NULL-safe: of NULL everything is absent. ---- */

enum json_kind {
    JSON_ABSENT,
    JSON_NULL,
    JSON_BOOLEAN,
    JSON_NUMBER,
    JSON_TEXT,
    JSON_ARRAY,
    JSON_OBJECT
};
enum json_kind json_kind(const struct json *json);

bool json_is_object(const struct json *json);
bool json_is_array(const struct json *json);
bool json_is_null(const struct json *json);
/* A member by a dotted path, "data.object.id"; NULL if any part is absent.
 * Names match exactly, case included; "data.0.id" looks into an array. */
const struct json *json_at(const struct json *json, const char *path);
int json_length(const struct json *array);
const struct json *json_item(const struct json *array, int index);
/* One after the other, in the order of the text: the first value in an array
 * or object and the one after a value, NULL at the end; and the name that a
 * value has in its object (NULL in an array). For long lists: json_item()
 * counts from the beginning each time. */
const struct json *json_first(const struct json *json);
const struct json *json_next(const struct json *json);
const char *json_name(const struct json *json);
/* The text, or NULL when it is no string. */
const char *json_text(const struct json *json);
/* False when it is no integer in +-(2^53 - 1). */
MUST_USE bool json_integer(const struct json *json, int64_t *value);
/* False when it is no boolean. */
MUST_USE bool json_boolean(const struct json *json, bool *value);
/* Shorthands by path: NULL or `otherwise` when absent or of another kind. */
const char *json_text_at(const struct json *json, const char *path);
int64_t json_integer_at(const struct json *json, const char *path,
                        int64_t otherwise);
bool json_boolean_at(const struct json *json, const char *path, bool otherwise);

/* --- Reading a request: every fault at once, unknown members refused. --- */

#define JSON_MEMBERS_MAX 24
/* Faults that are told of at once; more would only repeat the request. */
#define JSON_FAULTS_MAX 20

struct json_reader {
    struct arena *arena;
    const struct json *object;
    const char *prefix; /* pointer of the object */
    struct json_fault **faults;
    const char *asked[JSON_MEMBERS_MAX];
    int asked_count;
};

/* Reads `object`, which stands at pointer `prefix` ("" for the body); faults
 * are appended to *faults. A value that is no object is a fault. */
void json_read(struct json_reader *reader, struct arena *arena,
               const struct json *object, const char *prefix,
               struct json_fault **faults);
/* Whether a member is there and not null. Counts as asked. */
bool json_has(struct json_reader *reader, const char *name);
/* A member that has to be there: a string of 1 to `max` code points; an
 * integer from low to high; a boolean. On a fault NULL, `low`, false. */
const char *json_need_text(struct json_reader *reader, const char *name,
                           size_t max);
int64_t json_need_integer(struct json_reader *reader, const char *name,
                          int64_t low, int64_t high);
bool json_need_boolean(struct json_reader *reader, const char *name);
/* A member that may be absent or null. */
const char *json_want_text(struct json_reader *reader, const char *name,
                           size_t max, const char *otherwise);
int64_t json_want_integer(struct json_reader *reader, const char *name,
                          int64_t low, int64_t high, int64_t otherwise);
bool json_want_boolean(struct json_reader *reader, const char *name,
                       bool otherwise);
/* One of several words; the index, or -1 with a fault that lists them. Absent
 * gives `otherwise` (-1 there: it is needed). */
int json_want_word(struct json_reader *reader, const char *name,
                   const char *const *words, int count, int otherwise);
/* A time in RFC 3339 with Z; absent gives `otherwise_ms`. */
int64_t json_want_time(struct json_reader *reader, const char *name,
                       int64_t otherwise_ms);
/* The same of one that has to be there; 0 on a fault. */
int64_t json_need_time(struct json_reader *reader, const char *name);
/* The raw value of a member, for nested reading; NULL if absent. */
const struct json *json_member(struct json_reader *reader, const char *name);
/* A fault of the caller's own at a member. */
void json_refuse(struct json_reader *reader, const char *name,
                 const char *detail);
/* Members that nobody asked for are faults; true when there is none at all. */
MUST_USE bool json_done(struct json_reader *reader);

/* --- Writing: commas and quotes are looked after. ----------------------- */

struct json_out {
    struct buf *buf;
    bool comma;
    int depth;
};

void json_begin(struct json_out *out, struct buf *buf);
/* `name` is NULL inside arrays and for the outermost value. */
void json_open_object(struct json_out *out, const char *name);
void json_close_object(struct json_out *out);
void json_open_array(struct json_out *out, const char *name);
void json_close_array(struct json_out *out);
void json_put_text(struct json_out *out, const char *name,
                   const char *text); /* NULL: null */
void json_put_integer(struct json_out *out, const char *name, int64_t value);
void json_put_boolean(struct json_out *out, const char *name, bool value);
void json_put_null(struct json_out *out, const char *name);
/* RFC 3339; NEVER_MS and anything below zero: null. */
void json_put_time(struct json_out *out, const char *name, int64_t ms);
/* JSON that is already made, as it is. */
void json_put_raw(struct json_out *out, const char *name, const char *json);
/* A parsed value, written again. Numbers that are no integers in range, which
 * only lenient reading lets in, become null. */
void json_put_value(struct json_out *out, const char *name,
                    const struct json *value);

#endif
