/*
 * Members: people who sign in, and their role in each Space.
 */
#ifndef SCRIP_MEMBER_H
#define SCRIP_MEMBER_H

#include "space.h"

enum member_role { ROLE_NONE = 0, ROLE_MEMBER, ROLE_ADMIN, ROLE_OWNER };

struct member {
    int64_t number;
    char id[ID_SIZE];
    const char *email; /* lower case */
    const char *name;
    const char *password_hash; /* or NULL */
};

struct member_space {
    struct space space;
    enum member_role role;
};

enum member_result {
    MEMBER_OK = 0,
    MEMBER_UNKNOWN,
    MEMBER_INVALID, /* *why says which value */
    MEMBER_BROKEN
};

/* An email as it is stored and compared: without white space around it, its
 * ASCII letters lower case. NULL when it is none: exactly one '@' with
 * something on either side, no space or control character, at most
 * LIMIT_TEXT code points of UTF-8. */
const char *member_email(struct arena *arena, const char *text);
/* Hashes a password of SECRET_MIN to SECRET_MAX bytes into the member; takes
 * a while on purpose. */
enum member_result member_set_password(struct member *member,
                                       struct arena *arena,
                                       const char *password, const char **why);

/* By an email in any spelling that member_email() takes. */
enum member_result member_find(struct db *db, struct arena *arena,
                               const char *email, struct member *member);
enum member_result member_by_number(struct db *db, struct arena *arena,
                                    int64_t number, struct member *member);
/* Makes a member of email, name and password_hash (NULL: cannot sign in with
 * one), or gives one that is there this role too, and this name and password
 * where given. The rest of `member` is filled in. Inside a transaction. */
enum member_result member_add(struct db *db, struct arena *arena,
                              struct member *member, const struct space *space,
                              enum member_role role, int64_t now,
                              const char **why);
/* ROLE_NONE: not a member of it, or no such Space. */
enum member_result member_role_in(struct db *db, struct arena *arena,
                                  int64_t member, int64_t space,
                                  enum member_role *role);
/* The Spaces that a member sees, by name. */
enum member_result member_spaces(struct db *db, struct arena *arena,
                                 int64_t member, struct member_space **spaces,
                                 int *count);
/* The names of those who may buy in a Space, at most 20. */
enum member_result member_buyers(struct db *db, struct arena *arena,
                                 int64_t space, const char ***names,
                                 int *count);
/* The same of its owners. */
enum member_result member_owners(struct db *db, struct arena *arena,
                                 int64_t space, const char ***names,
                                 int *count);

const char *member_role_text(enum member_role role);
/* ROLE_NONE for another word. */
enum member_role member_role_of(const char *text);

#endif
