/*
 * CSV: what comes out is read back by a small reader of RFC 4180, and no
 * text begins with what a spreadsheet runs.
 */
#include "csv.h"

#include "clock.h"
#include "tap.h"

#define RTL \
    "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xe2\x80\xae\xd8\xa7\xd9\x84\xd8\xb3"

static struct arena arena;

/* One cell, as it is written. */
static const char *
written(const char *text)
{
    struct buf buf;
    struct csv csv;

    buf_init(&buf, &arena, 8192);
    csv_begin(&csv, &buf);
    csv_put_text(&csv, text);
    return buf.bytes;
}

/* The next cell as a reader of RFC 4180 has it; *end is the byte behind it.
 * NULL: the text is none. */
static const char *
read_cell(const char **at)
{
    struct buf cell;

    buf_init(&cell, &arena, 8192);
    if (**at != '"') {
        size_t length = strcspn(*at, ",\r\n\"");

        buf_put(&cell, *at, length);
        *at += length;
        return cell.bytes;
    }
    for ((*at)++;; (*at)++) {
        if (**at == '\0')
            return NULL;
        if (**at == '"' && (*at)[1] != '"')
            break;
        if (**at == '"')
            (*at)++;
        buf_char(&cell, **at);
    }
    (*at)++;
    return cell.bytes;
}

static void
check_cells(void)
{
    static const struct {
        const char *words, *text, *csv;
    } cases[] = {
        { "nothing is an empty cell", NULL, "" },
        { "an empty text is one too", "", "" },
        { "plain text is bare", "clip", "clip" },
        { "spaces stay", " a b ", " a b " },
        { "a comma is quoted", "a,b", "\"a,b\"" },
        { "a quote is doubled", "say \"no\"", "\"say \"\"no\"\"\"" },
        { "nothing but a quote", "\"", "\"\"\"\"" },
        { "a line break is quoted", "a\nb", "\"a\nb\"" },
        { "so is a carriage return", "a\rb", "\"a\rb\"" },
        { "a tab within is text", "a\tb", "a\tb" },
        { "=", "=1+1", "\"'=1+1\"" },
        { "= alone", "=", "\"'=\"" },
        { "a link", "=HYPERLINK(\"http://x\",\"y\")",
          "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"" },
        { "+", "+44 20", "\"'+44 20\"" },
        { "-", "-5", "\"'-5\"" },
        { "@", "@SUM(A1)", "\"'@SUM(A1)\"" },
        { "a tab in front", "\t=1", "\"'\t=1\"" },
        { "a carriage return in front", "\r=1", "\"'\r=1\"" },
        { "a line feed in front", "\n=1", "\"'\n=1\"" },
        { "a full-width =",
          "\xef\xbc\x9d"
          "1",
          "\"'\xef\xbc\x9d"
          "1\"" },
        { "a full-width @", "\xef\xbc\xa0", "\"'\xef\xbc\xa0\"" },
        { "other full-width letters are text", "\xef\xbc\xa1", "\xef\xbc\xa1" },
        { "= within is text", "a=b", "a=b" },
        { "an apostrophe is text", "'a", "'a" },
        { "markup is text", "<script>alert(1)</script>",
          "<script>alert(1)</script>" },
        { "right-to-left text is kept", RTL, RTL },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        is_text(written(cases[i].text), cases[i].csv, "%s", cases[i].words);
}

/* Every text of up to three bytes that mean something. */
static void
check_all_texts(void)
{
    static const char bytes[] = "=+-@\t\r\n,\"'a ";
    int wrong = 0, runs = 0;

    for (int i = 0; i < 12 * 12 * 12; i++) {
        char text[4] = { bytes[i % 12], bytes[i / 12 % 12], bytes[i / 144],
                         '\0' };
        const char *csv = written(text), *at = csv;
        const char *read = read_cell(&at);
        bool guarded = read != NULL && *read == '\'' && *text != '\'';

        wrong += read == NULL || *at != '\0' ||
                 strcmp(guarded ? read + 1 : read, text) != 0 ||
                 guarded != (strchr("=+-@\t\r\n", *text) != NULL);
        runs += read == NULL || strchr("=+-@\t\r\n", *read) != NULL;
    }
    is_int(wrong, 0, "whatever is written is read back");
    is_int(runs, 0, "nothing of it would be run");
}

static void
check_line(void)
{
    struct buf buf;
    struct csv csv;

    buf_init(&buf, &arena, 8192);
    csv_begin(&csv, &buf);
    csv_put_text(&csv, "a");
    csv_put_integer(&csv, -9007199254740991);
    csv_put_integer(&csv, 0);
    csv_put_text(&csv, NULL);
    csv_put_time(&csv, 0);
    csv_put_time(&csv, NEVER_MS);
    csv_end(&csv);
    csv_put_text(&csv, NULL);
    csv_put_text(&csv, "b");
    csv_end(&csv);
    is_text(buf.bytes,
            "a,-9007199254740991,0,,1970-01-01T00:00:00.000Z,\r\n,b\r\n",
            "numbers are bare, lines end with CRLF, the last as well");
}

int
main(void)
{
    arena_init(&arena, (size_t)1024 * 1024, (size_t)256 << 20);
    check_cells();
    check_all_texts();
    check_line();
    arena_free(&arena);
    return done();
}
