/*
 * The sandbox's pages: their frame, their headers, and text that can be
 * nothing but text. Every page says SANDBOX; none runs a script.
 */
#ifndef SANDBOX_PAGE_H
#define SANDBOX_PAGE_H

#include "http.h"

/* Begins the page into the reply. `go_to` is an address (of another site)
 * that a form of the page leads to, or NULL. */
void page_open(struct req *req, int status, const char *title,
               const char *go_to);
void page_close(struct req *req);

/* Appends text, or an attribute's value, with what HTML knows escaped. */
void page_text(struct req *req, const char *text);
/* Appends markup as it stands. */
void page_markup(struct req *req, const char *markup);

/* A page that says one thing: a heading, a sentence, and a link or NULLs. */
void page_say(struct req *req, int status, const char *heading,
              const char *sentence, const char *link, const char *label);

/* Handlers: /sandbox.css, and / which says what this is. */
enum problem page_style(struct req *req);
enum problem page_home(struct req *req);

#endif
