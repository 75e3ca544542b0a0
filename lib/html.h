/*
 * Text within HTML, and the only place where it is escaped: names are chosen
 * by whoever uses a site.
 */
#ifndef SCRIP_HTML_H
#define SCRIP_HTML_H

#include "buf.h"

/* Appends text so that it can be nothing but text: between tags, or as the
 * value of an attribute in double quotes. */
void html_text(struct buf *buf, const char *text);

#endif
