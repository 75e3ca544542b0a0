/*
 * On which kind of file system a file lies. SQLite's WAL and our write turn
 * need memory that all processes share, which no network file system and no
 * FUSE can promise; so db_sqlite.c asks here first.
 */
#ifndef SCRIP_MOUNT_H
#define SCRIP_MOUNT_H

#include "base.h"

/* Whether the file at `path`, or where that is missing its folder, is on a
 * file system that another machine or a user's program provides. True too
 * where the system does not tell: the slower way is right everywhere. */
bool mount_is_remote(const char *path);

/* The same of statfs(2)'s f_type, taken as 32 bits. */
bool mount_type_is_remote(uint32_t type);

#endif
