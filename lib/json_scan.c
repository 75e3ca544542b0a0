/*
 * RFC 8259 by recursive descent over the raw bytes, no deeper than
 * LIMIT_JSON_DEPTH. Stops at the first fault and says where it is, as a JSON
 * pointer: the frames of the values that we are inside of are that pointer.
 * Never allocates before there is a fault to tell of. Duplicate members are
 * json.c's, which has the names decoded.
 */
#include "json_scan.h"

#include "limits.h"
#include "text.h"

/* A value that we are inside of: a member of an object or an item. */
struct frame {
    const struct frame *outer;
    const char *name; /* raw, between the quotes; NULL: an item of an array */
    size_t name_length;
    int index;
    int depth;
};

struct scan {
    char *at;
    char *end;
    enum json_mode mode;
    int values;
    const char *detail; /* of the fault */
    struct arena *arena;
    const char *pointer;
};

static bool scan_value(struct scan *scan, const struct frame *frame);

/* --- Faults ------------------------------------------------------------- */

static const char *
pointer_of(struct arena *arena, const struct frame *frame)
{
    const char *prefix;

    if (frame->outer == NULL)
        return "";
    prefix = pointer_of(arena, frame->outer);
    if (frame->name == NULL)
        return arena_format(arena, "%s/%d", prefix, frame->index);
    /* A name of any length is not worth repeating. */
    if (frame->name_length > LIMIT_TEXT)
        return prefix;
    return json_pointer(arena, prefix,
                        json_decoded(arena, frame->name, frame->name_length));
}

static bool
refuse(struct scan *scan, const struct frame *frame, const char *detail)
{
    scan->detail = detail;
    scan->pointer = pointer_of(scan->arena, frame);
    return false;
}

/* --- Tokens ------------------------------------------------------------- */

static void
skip_space(struct scan *scan)
{
    while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\t' ||
                                    *scan->at == '\n' || *scan->at == '\r'))
        scan->at++;
}

static bool
next_is(const struct scan *scan, char c)
{
    return scan->at < scan->end && *scan->at == c;
}

static bool
digit_next(const struct scan *scan)
{
    return scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9';
}

/* What may stand in a word or number, and so not right behind one. */
static bool
letter_next(const struct scan *scan)
{
    return scan->at < scan->end &&
           ((*scan->at >= 'a' && *scan->at <= 'z') ||
            (*scan->at >= 'A' && *scan->at <= 'Z') ||
            (*scan->at >= '0' && *scan->at <= '9') || *scan->at == '_' ||
            *scan->at == '.' || *scan->at == '+' || *scan->at == '-');
}

static bool
four_hex(const char *at, const char *end)
{
    if (end - at < 4)
        return false;
    for (int i = 0; i < 4; i++)
        if (!((at[i] >= '0' && at[i] <= '9') ||
              (at[i] >= 'a' && at[i] <= 'f') || (at[i] >= 'A' && at[i] <= 'F')))
            return false;
    return true;
}

/* \uXXXX and, for a high surrogate, the low one that has to follow. */
static bool
scan_unicode(struct scan *scan, const struct frame *frame)
{
    unsigned c;

    if (!four_hex(scan->at + 1, scan->end))
        return refuse(scan, frame, "\\u needs four hexadecimal digits");
    c = json_hex4(scan->at + 1);
    scan->at += 5;
    if (c == 0)
        return refuse(scan, frame, "the character U+0000 is not accepted");
    if (c < 0xd800 || c > 0xdfff)
        return true;
    if (c > 0xdbff || scan->end - scan->at < 6 || scan->at[0] != '\\' ||
        scan->at[1] != 'u' || !four_hex(scan->at + 2, scan->end))
        return refuse(scan, frame, "half of a surrogate pair");
    c = json_hex4(scan->at + 2);
    if (c < 0xdc00 || c > 0xdfff)
        return refuse(scan, frame, "half of a surrogate pair");
    scan->at += 6;
    return true;
}

static bool
scan_escape(struct scan *scan, const struct frame *frame)
{
    scan->at++;
    if (scan->at == scan->end)
        return refuse(scan, frame, "a string that does not end");
    if (*scan->at == 'u')
        return scan_unicode(scan, frame);
    if (*scan->at == '\0' || strchr("\"\\/bfnrt", *scan->at) == NULL)
        return refuse(scan, frame, "an escape that JSON does not have");
    scan->at++;
    return true;
}

/* At a quote; afterwards behind the other one. */
static bool
scan_string(struct scan *scan, const struct frame *frame)
{
    scan->at++;
    while (scan->at < scan->end) {
        size_t size;
        if (*scan->at == '"') {
            scan->at++;
            return true;
        }
        if (*scan->at == '\\') {
            if (!scan_escape(scan, frame))
                return false;
            continue;
        }
        if ((unsigned char)*scan->at < 0x20)
            return refuse(scan, frame,
                          "a control character that is not escaped");
        size = text_character(scan->at, (size_t)(scan->end - scan->at));
        if (size == 0)
            return refuse(scan, frame, "not valid UTF-8");
        scan->at += size;
    }
    return refuse(scan, frame, "a string that does not end");
}

static bool
in_range(const char *digits, size_t count)
{
    int64_t value = 0;

    if (count > 16)
        return false;
    for (size_t i = 0; i < count; i++)
        value = value * 10 + (digits[i] - '0');
    return value <= LIMIT_INTEGER;
}

static bool
scan_digits(struct scan *scan)
{
    if (!digit_next(scan))
        return false;
    while (digit_next(scan))
        scan->at++;
    return true;
}

static bool
scan_number(struct scan *scan, const struct frame *frame)
{
    char *start = scan->at, *digits;
    size_t count;
    bool plain = true;

    if (*scan->at == '-')
        scan->at++;
    digits = scan->at;
    if (!scan_digits(scan))
        return refuse(scan, frame, "a number needs a digit");
    count = (size_t)(scan->at - digits);
    if (count > 1 && *digits == '0')
        return refuse(scan, frame, "a number must not begin with 0");
    if (next_is(scan, '.')) {
        plain = false;
        scan->at++;
        if (!scan_digits(scan))
            return refuse(scan, frame, "a number needs a digit");
    }
    if (next_is(scan, 'e') || next_is(scan, 'E')) {
        plain = false;
        scan->at++;
        if (next_is(scan, '+') || next_is(scan, '-'))
            scan->at++;
        if (!scan_digits(scan))
            return refuse(scan, frame, "a number needs a digit");
    }
    if (letter_next(scan))
        return refuse(scan, frame, "not a number as JSON writes it");
    if (scan->mode != JSON_STRICT) {
        if (!plain || !in_range(digits, count)) {
            memset(start, ' ', (size_t)(scan->at - start));
            memcpy(start, "0.5", 3); /* the shortest of these has three */
        }
        return true;
    }
    if (!plain)
        return refuse(scan, frame,
                      "must be an integer, without fraction or exponent");
    if (!in_range(digits, count))
        return refuse(scan, frame,
                      "must be from -9007199254740991 to 9007199254740991");
    if (*start == '-' && *digits == '0')
        return refuse(scan, frame, "-0 is written 0");
    return true;
}

static bool
scan_word(struct scan *scan, const struct frame *frame, const char *word)
{
    size_t length = strlen(word);

    if ((size_t)(scan->end - scan->at) < length ||
        memcmp(scan->at, word, length) != 0)
        return refuse(scan, frame, "not a JSON value");
    scan->at += length;
    if (letter_next(scan))
        return refuse(scan, frame, "not a JSON value");
    return true;
}

/* --- Values ------------------------------------------------------------- */

/* Behind a value: a comma (goes on) or the closing bracket (*done). */
static bool
scan_separator(struct scan *scan, const struct frame *frame, char close,
               bool *done)
{
    skip_space(scan);
    *done = next_is(scan, close);
    if (!*done && !next_is(scan, ','))
        return refuse(scan, frame,
                      close == '}' ? "expected , or } after a member"
                                   : "expected , or ] after an item");
    scan->at++;
    return true;
}

static bool
scan_object(struct scan *scan, const struct frame *frame)
{
    bool done = false;

    scan->at++;
    skip_space(scan);
    if (next_is(scan, '}')) {
        scan->at++;
        return true;
    }
    while (!done) {
        struct frame member = { .outer = frame, .depth = frame->depth + 1 };
        skip_space(scan);
        if (!next_is(scan, '"'))
            return refuse(scan, frame, "expected a member's name in quotes");
        member.name = scan->at + 1;
        if (!scan_string(scan, frame))
            return false;
        member.name_length = (size_t)(scan->at - 1 - member.name);
        skip_space(scan);
        if (!next_is(scan, ':'))
            return refuse(scan, frame, "expected : after a member's name");
        scan->at++;
        if (!scan_value(scan, &member) ||
            !scan_separator(scan, frame, '}', &done))
            return false;
    }
    return true;
}

static bool
scan_array(struct scan *scan, const struct frame *frame)
{
    struct frame item = { .outer = frame, .depth = frame->depth + 1 };
    bool done = false;

    scan->at++;
    skip_space(scan);
    if (next_is(scan, ']')) {
        scan->at++;
        return true;
    }
    for (; !done; item.index++)
        if (!scan_value(scan, &item) ||
            !scan_separator(scan, frame, ']', &done))
            return false;
    return true;
}

static bool
scan_value(struct scan *scan, const struct frame *frame)
{
    skip_space(scan);
    if (scan->at == scan->end)
        return refuse(scan, frame, "the text ends too early");
    if (++scan->values > LIMIT_JSON_VALUES)
        return refuse(scan, frame, "more values than are read here");
    if (*scan->at == '{' || *scan->at == '[') {
        if (frame->depth >= LIMIT_JSON_DEPTH)
            return refuse(scan, frame, "nested too deeply");
        return *scan->at == '{' ? scan_object(scan, frame)
                                : scan_array(scan, frame);
    }
    switch (*scan->at) {
    case '"': return scan_string(scan, frame);
    case 't': return scan_word(scan, frame, "true");
    case 'f': return scan_word(scan, frame, "false");
    case 'n': return scan_word(scan, frame, "null");
    default: break;
    }
    if (*scan->at == '-' || digit_next(scan))
        return scan_number(scan, frame);
    return refuse(scan, frame, "not a JSON value");
}

struct json_fault *
json_scan(struct arena *arena, char *text, size_t length, enum json_mode mode)
{
    struct frame whole = { .outer = NULL };
    struct scan scan = {
        .at = text, .end = text + length, .mode = mode, .arena = arena
    };
    struct json_fault *fault;
    bool fine = scan_value(&scan, &whole);

    if (fine) {
        skip_space(&scan);
        if (scan.at == scan.end)
            return NULL;
        (void)refuse(&scan, &whole, "more text after the value");
    }
    fault = arena_alloc(arena, sizeof(*fault));
    fault->pointer = scan.pointer;
    fault->detail = scan.detail;
    return fault;
}
