/*
 * Writing CSV: see csv.h.
 */
#include "csv.h"

#include "clock.h"
#include "text.h"

void
csv_begin(struct csv *csv, struct buf *buf)
{
    *csv = (struct csv){ .buf = buf };
}

static void
begin_cell(struct csv *csv)
{
    if (csv->comma)
        buf_char(csv->buf, ',');
    csv->comma = true;
}

static bool
looks_like_formula(const char *text)
{
    /* U+FF1D, U+FF0B, U+FF0D, U+FF20: some spreadsheets read them alike. */
    static const char *const wide[] = { "\xef\xbc\x9d", "\xef\xbc\x8b",
                                        "\xef\xbc\x8d", "\xef\xbc\xa0" };

    if (*text != '\0' && strchr("=+-@\t\r\n", *text) != NULL)
        return true;
    for (size_t i = 0; i < COUNT_OF(wide); i++)
        if (text_begins(text, wide[i]))
            return true;
    return false;
}

void
csv_put_text(struct csv *csv, const char *text)
{
    bool formula;

    begin_cell(csv);
    if (text == NULL)
        return;
    formula = looks_like_formula(text);
    if (!formula && strpbrk(text, ",\"\r\n") == NULL) {
        buf_text(csv->buf, text);
        return;
    }
    buf_text(csv->buf, formula ? "\"'" : "\"");
    for (const char *at = text; *at != '\0';) {
        size_t plain = strcspn(at, "\"");

        buf_put(csv->buf, at, plain);
        at += plain;
        if (*at == '"') {
            buf_text(csv->buf, "\"\"");
            at++;
        }
    }
    buf_char(csv->buf, '"');
}

void
csv_put_integer(struct csv *csv, int64_t value)
{
    begin_cell(csv);
    buf_int(csv->buf, value);
}

void
csv_put_time(struct csv *csv, int64_t ms)
{
    char text[CLOCK_TEXT_SIZE];

    begin_cell(csv);
    if (ms < 0 || ms == NEVER_MS)
        return;
    clock_format(text, ms);
    buf_text(csv->buf, text);
}

void
csv_end(struct csv *csv)
{
    buf_text(csv->buf, "\r\n");
    csv->comma = false;
}
