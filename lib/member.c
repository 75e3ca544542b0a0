/*
 * Members by email and number, and their roles. An email has one spelling in
 * the database, member_email()'s.
 */
#include "member.h"

#include "ledger_sql.h"
#include "limits.h"
#include "secret.h"
#include "space_row.h"
#include "text.h"

/* A member's own list; nobody is in more, and a page shows no more. */
#define SPACES_MAX 1000
#define NAMES_MAX  20

const char *
member_email(struct arena *arena, const char *text)
{
    size_t length;
    char *email;

    text += strspn(text, " \t\r\n");
    length = strlen(text);
    while (length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL)
        length--;
    if (!text_fits(text, length, 3, LIMIT_TEXT))
        return NULL;
    email = arena_copy(arena, text, length);
    for (char *at = email; *at != '\0'; at++) {
        if ((unsigned char)*at <= ' ' || *at == 0x7f)
            return NULL;
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    }
    text = strchr(email, '@');
    if (text == NULL || text == email || text[1] == '\0' ||
        strchr(text + 1, '@') != NULL)
        return NULL;
    return email;
}

enum member_result
member_set_password(struct member *member, struct arena *arena,
                    const char *password, const char **why)
{
    char *hash = arena_alloc(arena, SECRET_HASH_SIZE);
    size_t length = strlen(password);

    *why = NULL;
    if (length < SECRET_MIN || length > SECRET_MAX) {
        *why = arena_format(arena, "a password has %d to %d bytes", SECRET_MIN,
                            SECRET_MAX);
        return MEMBER_INVALID;
    }
    if (!secret_hash(hash, password))
        return MEMBER_BROKEN;
    member->password_hash = hash;
    return MEMBER_OK;
}

static enum member_result
one(enum db_result result, const struct rows *rows, struct member *member)
{
    if (result != DB_OK)
        return MEMBER_BROKEN;
    if (rows->n == 0)
        return MEMBER_UNKNOWN;
    *member = (struct member){ .number = rows_int(rows, 0, 0),
                               .email = rows_text(rows, 0, 1),
                               .name = rows_text(rows, 0, 2),
                               .password_hash = rows_text(rows, 0, 3) };
    id_format(member->id, "mem", rows_int(rows, 0, 4), 0, member->number);
    return MEMBER_OK;
}

enum member_result
member_find(struct db *db, struct arena *arena, const char *email,
            struct member *member)
{
    struct rows rows;

    email = member_email(arena, email);
    if (email == NULL)
        return MEMBER_UNKNOWN;
    return one(db_run(db, arena, &rows, Q_MEMBER_BY_EMAIL, TEXT(email)), &rows,
               member);
}

enum member_result
member_by_number(struct db *db, struct arena *arena, int64_t number,
                 struct member *member)
{
    struct rows rows;

    return one(db_run(db, arena, &rows, Q_MEMBER_BY_NUMBER, INT(number)), &rows,
               member);
}

static enum member_result
insert(struct db *db, struct arena *arena, struct member *member, int64_t now,
       const char **why)
{
    struct rows rows;

    if (member->name == NULL) {
        *why = "the name must have 1 to 200 characters";
        return MEMBER_INVALID;
    }
    if (db_run(db, arena, &rows, Q_MEMBER_INSERT, TEXT(member->email),
               TEXT(member->name), TEXT(member->password_hash),
               INT(now)) != DB_OK ||
        rows.n != 1)
        return MEMBER_BROKEN;
    member->number = rows_int(&rows, 0, 0);
    return MEMBER_OK;
}

enum member_result
member_add(struct db *db, struct arena *arena, struct member *member,
           const struct space *space, enum member_role role, int64_t now,
           const char **why)
{
    const char *email = member_email(arena, member->email);
    enum member_result result;
    struct member there;

    *why = NULL;
    if (email == NULL)
        *why = "the email must be an address with one '@'";
    else if (member->name != NULL &&
             !text_fits(member->name, strlen(member->name), 1, LIMIT_TEXT))
        *why = "the name must have 1 to 200 characters";
    else if (role == ROLE_NONE)
        *why = "the role must be owner, admin or member";
    if (*why != NULL)
        return MEMBER_INVALID;
    member->email = email;
    result = member_find(db, arena, email, &there);
    if (result == MEMBER_UNKNOWN) {
        result = insert(db, arena, member, now, why);
    } else if (result == MEMBER_OK) {
        member->number = there.number;
        if (db_run(db, arena, NULL, Q_MEMBER_UPDATE, INT(there.number),
                   TEXT(member->name), TEXT(member->password_hash)) != DB_OK)
            return MEMBER_BROKEN;
    }
    if (result != MEMBER_OK)
        return result;
    if (db_run(db, arena, NULL, Q_MEMBER_ROLE_SET, INT(space->number),
               INT(member->number), INT(role)) != DB_OK)
        return MEMBER_BROKEN;
    return member_by_number(db, arena, member->number, member);
}

enum member_result
member_role_in(struct db *db, struct arena *arena, int64_t member,
               int64_t space, enum member_role *role)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_MEMBER_ROLE, INT(space), INT(member)) !=
        DB_OK)
        return MEMBER_BROKEN;
    *role = rows.n == 0 ? ROLE_NONE : (enum member_role)rows_int(&rows, 0, 0);
    return MEMBER_OK;
}

enum member_result
member_spaces(struct db *db, struct arena *arena, int64_t member,
              struct member_space **spaces, int *count)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_MEMBER_SPACES, INT(member),
               INT(SPACES_MAX)) != DB_OK)
        return MEMBER_BROKEN;
    *count = rows.n;
    *spaces = arena_array(arena, (size_t)rows.n, sizeof(**spaces));
    for (int i = 0; i < rows.n; i++) {
        space_of_row(&rows, i, &(*spaces)[i].space);
        (*spaces)[i].role = (enum member_role)rows_int(&rows, i, 11);
    }
    return MEMBER_OK;
}

/* Those whose role is this or more. */
static enum member_result
names(struct db *db, struct arena *arena, int64_t space, enum member_role least,
      const char ***names, int *count)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_MEMBER_NAMES, INT(space), INT(least),
               INT(NAMES_MAX)) != DB_OK)
        return MEMBER_BROKEN;
    *count = rows.n;
    *names = arena_array(arena, (size_t)rows.n, sizeof(**names));
    for (int i = 0; i < rows.n; i++)
        (*names)[i] = rows_text(&rows, i, 0);
    return MEMBER_OK;
}

enum member_result
member_buyers(struct db *db, struct arena *arena, int64_t space,
              const char ***names_of, int *count)
{
    return names(db, arena, space, ROLE_ADMIN, names_of, count);
}

enum member_result
member_owners(struct db *db, struct arena *arena, int64_t space,
              const char ***names_of, int *count)
{
    return names(db, arena, space, ROLE_OWNER, names_of, count);
}

static const char *const role_words[] = { "none", "member", "admin", "owner" };

const char *
member_role_text(enum member_role role)
{
    return role_words[role];
}

enum member_role
member_role_of(const char *text)
{
    for (int role = ROLE_MEMBER; role <= ROLE_OWNER; role++)
        if (strcmp(text, role_words[role]) == 0)
            return (enum member_role)role;
    return ROLE_NONE;
}
