/*
 * One line to standard error for whatever an operator should see: time,
 * level, program, words. Never a secret, a password, a key, a cookie, a body
 * or a query string. Control characters in values are replaced.
 */
#ifndef SCRIP_LOG_H
#define SCRIP_LOG_H

#include "base.h"

/* The program's name, for every line; kept, not copied. */
void log_name(const char *program);
void log_info(const char *format, ...) PRINTF_LIKE(1, 2);
void log_warning(const char *format, ...) PRINTF_LIKE(1, 2);
void log_error(const char *format, ...) PRINTF_LIKE(1, 2);

#endif
