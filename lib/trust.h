/*
 * Whom the system trusts: the file of certificates that vouch for https
 * servers. Distributions keep it in different places, and a program that was
 * built on another one cannot know where.
 */
#ifndef SCRIP_TRUST_H
#define SCRIP_TRUST_H

#include "base.h"

/* The first such file that can be read; NULL where there is none, and then
 * nobody is trusted. */
const char *trust_file(void);

#endif
