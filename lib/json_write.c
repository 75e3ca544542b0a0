/*
 * Writing JSON into a buffer, member by member. Whatever bytes a text has,
 * what comes out is valid UTF-8 and valid JSON: a byte that belongs to no
 * character becomes U+FFFD.
 */
#include "clock.h"
#include "json.h"
#include "text.h"

static void
put_quoted(struct buf *buf, const char *text)
{
    static const char short_from[] = "\"\\\b\f\n\r\t";
    static const char short_to[] = "\"\\bfnrt";
    size_t left = strlen(text);

    buf_char(buf, '"');
    while (left > 0) {
        const char *escape = strchr(short_from, *text);
        size_t size = text_character(text, left);
        if (escape != NULL) {
            buf_char(buf, '\\');
            buf_char(buf, short_to[escape - short_from]);
        } else if ((unsigned char)*text < 0x20) {
            buf_format(buf, "\\u%04x", (unsigned)(unsigned char)*text);
        } else if (size == 0) {
            buf_text(buf, "\xef\xbf\xbd");
            size = 1;
        } else {
            buf_put(buf, text, size);
        }
        text += size;
        left -= size;
    }
    buf_char(buf, '"');
}

/* What stands before every value. */
static void
put_name(struct json_out *out, const char *name)
{
    if (out->comma)
        buf_char(out->buf, ',');
    if (name != NULL) {
        put_quoted(out->buf, name);
        buf_char(out->buf, ':');
    }
    out->comma = true;
}

static void
open_with(struct json_out *out, const char *name, char bracket)
{
    put_name(out, name);
    buf_char(out->buf, bracket);
    out->comma = false;
    out->depth++;
}

static void
close_with(struct json_out *out, char bracket)
{
    assert(out->depth > 0);
    buf_char(out->buf, bracket);
    out->comma = true;
    out->depth--;
}

void
json_begin(struct json_out *out, struct buf *buf)
{
    *out = (struct json_out){ .buf = buf };
}

void
json_open_object(struct json_out *out, const char *name)
{
    open_with(out, name, '{');
}

void
json_close_object(struct json_out *out)
{
    close_with(out, '}');
}

void
json_open_array(struct json_out *out, const char *name)
{
    open_with(out, name, '[');
}

void
json_close_array(struct json_out *out)
{
    close_with(out, ']');
}

void
json_put_text(struct json_out *out, const char *name, const char *text)
{
    if (text == NULL) {
        json_put_null(out, name);
        return;
    }
    put_name(out, name);
    put_quoted(out->buf, text);
}

void
json_put_integer(struct json_out *out, const char *name, int64_t value)
{
    put_name(out, name);
    buf_int(out->buf, value);
}

void
json_put_boolean(struct json_out *out, const char *name, bool value)
{
    put_name(out, name);
    buf_text(out->buf, value ? "true" : "false");
}

void
json_put_null(struct json_out *out, const char *name)
{
    put_name(out, name);
    buf_text(out->buf, "null");
}

void
json_put_time(struct json_out *out, const char *name, int64_t ms)
{
    char text[CLOCK_TEXT_SIZE];

    if (ms < 0 || ms >= NEVER_MS) {
        json_put_null(out, name);
        return;
    }
    clock_format(text, ms);
    json_put_text(out, name, text);
}

void
json_put_raw(struct json_out *out, const char *name, const char *json)
{
    put_name(out, name);
    buf_text(out->buf, json);
}

/* As deep as json_parse() lets a value be. */
void
json_put_value(struct json_out *out, const char *name, const struct json *value)
{
    enum json_kind kind = json_kind(value);
    int64_t integer;
    bool boolean;

    if (kind == JSON_ARRAY || kind == JSON_OBJECT) {
        open_with(out, name, kind == JSON_ARRAY ? '[' : '{');
        for (const struct json *at = json_first(value); at != NULL;
             at = json_next(at))
            json_put_value(out, json_name(at), at);
        close_with(out, kind == JSON_ARRAY ? ']' : '}');
    } else if (kind == JSON_TEXT) {
        json_put_text(out, name, json_text(value));
    } else if (json_integer(value, &integer)) {
        json_put_integer(out, name, integer);
    } else if (json_boolean(value, &boolean)) {
        json_put_boolean(out, name, boolean);
    } else {
        json_put_null(out, name);
    }
}
