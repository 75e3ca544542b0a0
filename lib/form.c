/*
 * The urlencoded form. Never trusts a length: every escape is looked at
 * whole before it is taken, and strings are checked once they are decoded.
 */
#include "form.h"

#include "text.h"

/* The value of a hex digit in either case, -1 of anything else. */
static int
hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Decodes into a string of the arena; NULL where that is not possible. */
static const char *
decode(struct arena *arena, const char *from, size_t length, bool plus)
{
    char *text = arena_alloc(arena, length + 1);
    size_t filled = 0;

    for (size_t i = 0; i < length; i++) {
        char c = from[i];

        if (c == '%') {
            int high = length - i > 2 ? hex_value(from[i + 1]) : -1;
            int low = high < 0 ? -1 : hex_value(from[i + 2]);

            if (low < 0)
                return NULL;
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        if (c == '\0')
            return NULL;
        text[filled++] = c;
    }
    return text_is_utf8(text, filled) ? text : NULL;
}

/* Where the next `c` is, or `end`. */
static const char *
find(const char *at, const char *end, char c)
{
    const char *found = at == end ? NULL : memchr(at, c, (size_t)(end - at));

    return found == NULL ? end : found;
}

static bool
take_pair(struct form *form, struct arena *arena, const char *at,
          const char *end)
{
    const char *equals = find(at, end, '=');
    const char *from = equals == end ? end : equals + 1;
    struct form_pair pair;

    if (form->count == FORM_PAIRS_MAX)
        return false;
    pair.name = decode(arena, at, (size_t)(equals - at), true);
    pair.value = decode(arena, from, (size_t)(end - from), true);
    if (pair.name == NULL || pair.name[0] == '\0' || pair.value == NULL)
        return false;
    form->pairs[form->count++] = pair;
    return true;
}

bool
form_decode(struct form *form, struct arena *arena, const char *bytes,
            size_t length)
{
    const char *at = bytes;
    const char *end = length == 0 ? bytes : bytes + length;

    *form = (struct form){ .count = 0 };
    form->pairs = arena_array(arena, FORM_PAIRS_MAX, sizeof(struct form_pair));
    while (at != end) {
        const char *stop = find(at, end, '&');

        if (stop != at && !take_pair(form, arena, at, stop)) {
            form->count = 0;
            return false;
        }
        at = stop == end ? end : stop + 1;
    }
    return true;
}

const char *
form_value(const struct form *form, const char *name)
{
    for (int i = 0; i < form->count; i++) {
        if (strcmp(form->pairs[i].name, name) == 0)
            return form->pairs[i].value;
    }
    return NULL;
}

int
form_count(const struct form *form, const char *name)
{
    int count = 0;

    for (int i = 0; i < form->count; i++)
        count += strcmp(form->pairs[i].name, name) == 0;
    return count;
}

const char *
form_decode_segment(struct arena *arena, const char *bytes, size_t length)
{
    const char *text = decode(arena, bytes, length, false);

    return text == NULL || strchr(text, '/') != NULL ? NULL : text;
}

static bool
stands_for_itself(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_' ||
           c == '~';
}

void
form_encode(struct buf *buf, const char *text)
{
    static const char digits[] = "0123456789ABCDEF";

    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        char escape[3] = { '%', digits[c >> 4], digits[c & 15] };

        if (stands_for_itself(*text))
            buf_char(buf, *text);
        else
            buf_put(buf, escape, sizeof(escape));
    }
}

void
form_add(struct buf *buf, const char *name, const char *value)
{
    if (buf->length > 0)
        buf_char(buf, '&');
    form_encode(buf, name);
    buf_char(buf, '=');
    form_encode(buf, value);
}

void
form_add_int(struct buf *buf, const char *name, int64_t value)
{
    form_add(buf, name, "");
    buf_int(buf, value);
}

void
form_add_bool(struct buf *buf, const char *name, bool value)
{
    form_add(buf, name, value ? "true" : "false");
}
