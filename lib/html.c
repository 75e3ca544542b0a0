/*
 * Escaping HTML: see html.h.
 */
#include "html.h"

void
html_text(struct buf *buf, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&': buf_text(buf, "&amp;"); break;
        case '<': buf_text(buf, "&lt;"); break;
        case '>': buf_text(buf, "&gt;"); break;
        case '"': buf_text(buf, "&quot;"); break;
        case '\'': buf_text(buf, "&#39;"); break;
        default: buf_char(buf, *text); break;
        }
    }
}
