/*
 * CSV as RFC 4180 has it: commas, CRLF, quotes where they are needed. Numbers
 * are bare. A text never begins with what a spreadsheet takes for a formula:
 * = + - @, their full-width forms, tab, CR or LF get a ' put before them.
 * Nothing else of a text is changed.
 */
#ifndef SCRIP_CSV_H
#define SCRIP_CSV_H

#include "buf.h"

struct csv {
    struct buf *buf;
    bool comma; /* the line has a cell */
};

void csv_begin(struct csv *csv, struct buf *buf);
/* NULL: an empty cell. */
void csv_put_text(struct csv *csv, const char *text);
void csv_put_integer(struct csv *csv, int64_t value);
/* RFC 3339; NEVER_MS and anything below zero: an empty cell. */
void csv_put_time(struct csv *csv, int64_t ms);
/* Ends the line; the next cell begins another. */
void csv_end(struct csv *csv);

#endif
