/*
 * The style sheet of the sandbox's pages, served as /sandbox.css.
 */
#ifndef SANDBOX_STYLE_H
#define SANDBOX_STYLE_H

#include "base.h"

extern const char *const style_lines[];
extern const size_t style_count;

#endif
