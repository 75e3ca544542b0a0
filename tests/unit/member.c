/*
 * Members: what an email is, how they are made twice, which Spaces they see
 * and who may buy there.
 */
#include "people.h"

#include "secret.h"

struct email {
    const char *text;
    const char *stored; /* NULL: it is none */
};

static char long_email[201], longer_email[202];

static const struct email emails[] = {
    { "a@b", "a@b" },
    { "Ada@Example.TEST", "ada@example.test" },
    { " \t ada@example.test \r\n", "ada@example.test" },
    { "a+b.c@d", "a+b.c@d" },
    { "\xc3\x89va@x", "\xc3\x89va@x" },
    { long_email, long_email },
    { longer_email, NULL },
    { "", NULL },
    { "@", NULL },
    { "a@", NULL },
    { "@b", NULL },
    { "ab", NULL },
    { "a@b@c", NULL },
    { "a b@c", NULL },
    { "a\tb@c", NULL },
    { "a\x01@c", NULL },
    { "a\x7f@c", NULL },
    { "\xff@c", NULL },
};

static enum member_result
add(struct member *member, const struct space *space, enum member_role role,
    const char **why)
{
    enum member_result result;

    people_need(db_begin(people.db));
    result = member_add(people.db, &people.arena, member, space, role,
                        people.now, why);
    if (result == MEMBER_OK)
        people_need(db_commit(people.db));
    else
        db_rollback(people.db);
    return result;
}

static enum member_role
role_in(const struct member *member, const struct space *space)
{
    enum member_role role = ROLE_NONE;

    people_need(member_role_in(people.db, &people.arena, member->number,
                               space->number, &role) == MEMBER_OK);
    return role;
}

static void
try_adding(void)
{
    struct member ada = { .email = " Ada@X.test", .name = "Ada" };
    struct member again = { .email = "ada@x.TEST" };
    struct member other = { .email = "ada@x.test", .name = "Ada L." };
    struct member found;
    const char *why;

    is_int(add(&ada, &people.demo, ROLE_MEMBER, &why), MEMBER_OK,
           "a member is made");
    is_text(ada.email, "ada@x.test", "  of the email as it is stored");
    is_int(role_in(&ada, &people.demo), ROLE_MEMBER, "  with the role");
    is_int(role_in(&ada, &people.other), ROLE_NONE, "  and none elsewhere");
    again.password_hash = "hash";
    is_int(add(&again, &people.other, ROLE_OWNER, &why), MEMBER_OK,
           "the same email in another Space");
    is_int(again.number, ada.number, "  is the same member");
    is_text(again.name, "Ada", "  whose name stays where none is given");
    is_text(again.password_hash, "hash", "  and who has a password now");
    is_int(role_in(&ada, &people.demo), ROLE_MEMBER, "  a member there still");
    is_int(role_in(&ada, &people.other), ROLE_OWNER, "  and the owner here");
    is_int(add(&other, &people.demo, ROLE_ADMIN, &why), MEMBER_OK,
           "once more, with another name and role");
    is_text(other.name, "Ada L.", "  changes the name");
    is_text(other.password_hash, "hash", "  keeps the password");
    is_int(role_in(&ada, &people.demo), ROLE_ADMIN, "  changes the role");
    is_int(member_find(people.db, &people.arena, "ADA@x.test", &found),
           MEMBER_OK, "an email is found in any case");
    is_text(found.id, ada.id, "  and is the one that was made");
    is_int(member_find(people.db, &people.arena, "nobody@x.test", &found),
           MEMBER_UNKNOWN, "an email that nobody has");
    is_int(member_find(people.db, &people.arena, "no email", &found),
           MEMBER_UNKNOWN, "what is no email");
}

static void
try_refusals(void)
{
    static const struct {
        const char *name;
        struct member member;
        enum member_role role;
    } cases[] = {
        { "no email", { .email = "x", .name = "X" }, ROLE_MEMBER },
        { "no name", { .email = "x@y" }, ROLE_MEMBER },
        { "an empty name", { .email = "x@y", .name = "" }, ROLE_MEMBER },
        { "no role", { .email = "x@y", .name = "X" }, ROLE_NONE },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct member member = cases[i].member;
        const char *why = NULL;
        is_int(add(&member, &people.demo, cases[i].role, &why), MEMBER_INVALID,
               "%s", cases[i].name);
        ok(why != NULL, "  said in words");
    }
}

static void
try_passwords(void)
{
    struct member member = { .email = "x@y" };
    char most[SECRET_MAX + 2];
    const char *why;

    memset(most, 'p', sizeof(most));
    most[SECRET_MAX + 1] = '\0';
    is_int(member_set_password(&member, &people.arena, "1234567", &why),
           MEMBER_INVALID, "seven bytes are no password");
    is_int(member_set_password(&member, &people.arena, most, &why),
           MEMBER_INVALID, "nor are 1,025");
    most[SECRET_MAX] = '\0';
    is_int(member_set_password(&member, &people.arena, most, &why), MEMBER_OK,
           "1,024 are");
    ok(secret_matches(member.password_hash, most), "  and match");
    most[SECRET_MAX - 1] = 'q';
    ok(!secret_matches(member.password_hash, most), "  to the last byte");
    is_int(member_set_password(&member, &people.arena, "12345678", &why),
           MEMBER_OK, "eight are");
}

static void
try_lists(void)
{
    struct member_space *spaces;
    const char **names;
    const char *why;
    int count;

    people_need(member_spaces(people.db, &people.arena, people.owner.number,
                              &spaces, &count) == MEMBER_OK);
    is_int(count, 2, "the owner sees two Spaces");
    is_text(spaces[0].space.slug, "demo", "  by name");
    is_int(spaces[0].role, ROLE_OWNER, "  as the owner");
    is_text(spaces[1].space.slug, "free", "  the other one");
    is_int(spaces[1].role, ROLE_MEMBER, "  as a member");
    people_need(member_spaces(people.db, &people.arena, 999, &spaces, &count) ==
                MEMBER_OK);
    is_int(count, 0, "nobody sees none");
    people_need(member_buyers(people.db, &people.arena, people.free.number,
                              &names, &count) == MEMBER_OK);
    ok(count == 1 && strcmp(names[0], "owner@free.test") == 0,
       "only the owner buys, not a member");
    for (int i = 0; i < 30; i++) {
        struct member admin = {
            .email = arena_format(&people.arena, "admin%d@free.test", i),
            .name = arena_format(&people.arena, "Admin %02d", i)
        };
        people_need(add(&admin, &people.free, ROLE_ADMIN, &why) == MEMBER_OK);
    }
    people_need(member_buyers(people.db, &people.arena, people.free.number,
                              &names, &count) == MEMBER_OK);
    is_int(count, 20, "of many buyers, twenty are named");
    is_text(names[0], "owner@free.test", "  the owner first");
    is_text(names[1], "Admin 00", "  then by name");
}

int
main(void)
{
    memset(long_email, 'e', sizeof(long_email) - 1);
    long_email[100] = '@';
    memset(longer_email, 'e', sizeof(longer_email) - 1);
    longer_email[100] = '@';
    people_begin();
    for (size_t i = 0; i < COUNT_OF(emails); i++)
        is_text(member_email(&people.arena, emails[i].text), emails[i].stored,
                "email %zu", i);
    try_lists();
    try_adding();
    try_refusals();
    try_passwords();
    for (int role = ROLE_NONE; role <= ROLE_OWNER; role++)
        is_int(member_role_of(member_role_text((enum member_role)role)), role,
               "the role %s", member_role_text((enum member_role)role));
    is_int(member_role_of("Owner"), ROLE_NONE, "a role in another case");
    people_end();
    return done();
}
