/*
 * Text within HTML: whatever a name holds, no tag begins and no attribute
 * ends, and a reader gets back what was written.
 */
#include "html.h"
#include "tap.h"

static struct arena arena;

static const struct {
    const char *text, *html;
} cases[] = {
    { "", "" },
    { "Olive Own", "Olive Own" },
    { "<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;" },
    { "\" onload=\"x", "&quot; onload=&quot;x" },
    { "' onload='x", "&#39; onload=&#39;x" },
    { "a & b &amp; c", "a &amp; b &amp;amp; c" },
    { "</bdi><!-- -->", "&lt;/bdi&gt;&lt;!-- --&gt;" },
    { "\xd7\xa9\xd7\x9c \xe2\x80\xae x", "\xd7\xa9\xd7\x9c \xe2\x80\xae x" },
    { "line\nline", "line\nline" },
};

int
main(void)
{
    struct buf buf;
    char every[256];

    arena_init(&arena, 65536, 1 << 20);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        buf_init(&buf, &arena, 4096);
        html_text(&buf, cases[i].text);
        is_text(buf.bytes, cases[i].html, "'%s' is escaped", cases[i].text);
    }
    for (int i = 0; i < 255; i++)
        every[i] = (char)(i + 1);
    every[255] = '\0';
    buf_init(&buf, &arena, 4096);
    html_text(&buf, every);
    ok(strpbrk(buf.bytes, "<>\"'") == NULL, "of all bytes none is markup");
    is_int((int64_t)buf.length, 255 + 4 + 3 + 3 + 5 + 4,
           "and the others are as they were");
    arena_free(&arena);
    return done();
}
