/*
 * The table of problems: each code once, a status that fits, words for every
 * one; and what is written of them.
 */
#include "problem.h"

#include <ctype.h>

#include "tap.h"

static struct arena arena;

static bool
is_code(const char *code)
{
    return code[0] != '\0' &&
           strspn(code, "abcdefghijklmnopqrstuvwxyz_") == strlen(code);
}

static void
try_table(void)
{
    for (int i = P_NONE + 1; i < P_COUNT; i++) {
        const struct problem_entry *entry = problem_entry((enum problem)i);
        ok(entry->status >= 400 && entry->status < 600 &&
               is_code(entry->code) && isupper(entry->title[0]),
           "%s has a status, a code and a title", entry->code);
        for (int j = P_NONE + 1; j < i; j++)
            if (strcmp(entry->code, problem_entry((enum problem)j)->code) == 0)
                ok(false, "%s stands twice", entry->code);
    }
    is_int(problem_entry(P_NONE)->status, 200, "no problem is 200");
}

struct written {
    const char *name;
    enum problem problem;
    struct problem_details details;
    const char *base_path;
    const char *text;
};

static struct json_fault second = { .pointer = "/items/0/a~1b",
                                    .detail = "is \"wrong\"" };
static struct json_fault first = { .pointer = "",
                                   .detail = "must be an object",
                                   .next = &second };

static void
try_writing(void)
{
    const struct written cases[] = {
        { "details of the case",
          P_ROLE,
          { .detail = "Not \"you\"." },
          "",
          "{\"type\":\"/problems/role\",\"title\":\"Not allowed in this "
          "role\",\"status\":403,\"detail\":\"Not \\\"you\\\".\","
          "\"instance\":\"req_1\",\"code\":\"role\"}" },
        { "below a base path, with more members",
          P_PLAN_NOT_PAID,
          { .members = "\"upgrade_url\":\"/x\",\"n\":1" },
          "/~me/credits",
          "{\"type\":\"/~me/credits/problems/plan_not_paid\",\"title\":\"A "
          "paid plan is needed\",\"status\":403,\"instance\":\"req_1\","
          "\"code\":\"plan_not_paid\",\"upgrade_url\":\"/x\",\"n\":1}" },
        { "faults, in their order",
          P_INVALID_REQUEST,
          { .faults = &first },
          "",
          "{\"type\":\"/problems/invalid_request\",\"title\":\"Invalid "
          "request\",\"status\":400,\"detail\":\"The request could not be "
          "read.\",\"instance\":\"req_1\",\"code\":\"invalid_request\","
          "\"errors\":[{\"pointer\":\"\",\"detail\":\"must be an object\"},"
          "{\"pointer\":\"/items/0/a~1b\",\"detail\":\"is \\\"wrong\\\"\"}]}" },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct json_fault *fault;
        struct buf buf;
        buf_init(&buf, &arena, 65536);
        problem_write(&buf, cases[i].problem, &cases[i].details,
                      cases[i].base_path, "req_1");
        is_text(buf.bytes, cases[i].text, "%s", cases[i].name);
        ok(json_parse(&arena, buf.bytes, buf.length, JSON_STRICT, &fault) !=
               NULL,
           "  is JSON");
    }
}

int
main(void)
{
    arena_init(&arena, 65536, 1024 * 1024);
    try_table();
    try_writing();
    arena_free(&arena);
    return done();
}
