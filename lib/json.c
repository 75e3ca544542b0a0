/*
 * Parsing, and looking into what was parsed. json_scan.c has read the text
 * strictly before cJSON sees it; cJSON then builds the tree in the arena, and
 * the tree is looked through once for duplicate members. Its own look-up by
 * name (any case) and its numbers out of range are never used. The only file
 * that sees cJSON.h.
 */
#include "json.h"

#include <cjson/cJSON.h>
#include <pthread.h>

#include "json_scan.h"
#include "limits.h"

/* cJSON's hooks are the process's; whose memory it is, the thread's. */
static _Thread_local struct arena *parse_arena;

static void *
hook_alloc(size_t size)
{
    /* May jump out of cJSON: it has nothing of its own to lose. */
    return arena_alloc(parse_arena, size);
}

static void
hook_free(void *memory)
{
    (void)memory; /* the arena's */
}

static void
hook_set(void)
{
    cJSON_Hooks hooks = { .malloc_fn = hook_alloc, .free_fn = hook_free };

    cJSON_InitHooks(&hooks);
}

static const cJSON *
node(const struct json *json)
{
    return (const cJSON *)(const void *)json;
}

static const struct json *
value(const cJSON *cjson)
{
    return (const struct json *)(const void *)cjson;
}

/* --- Duplicates --------------------------------------------------------- */

static int
by_name(const void *a, const void *b)
{
    const cJSON *const *left = a;
    const cJSON *const *right = b;

    return strcmp((*left)->string, (*right)->string);
}

/* A name that stands twice in this object alone; NULL if none does. Sorted,
 * since a hostile object of a mebibyte has 150,000 members. */
static const char *
duplicate_in(struct arena *arena, const cJSON *object)
{
    const cJSON **members;
    size_t count = 0, i = 0;

    for (const cJSON *child = object->child; child; child = child->next)
        count++;
    if (count < 2)
        return NULL;
    members = arena_array(arena, count, sizeof(*members));
    for (const cJSON *child = object->child; child; child = child->next)
        members[i++] = child;
    qsort(members, count, sizeof(*members), by_name);
    for (i = 1; i < count; i++)
        if (strcmp(members[i - 1]->string, members[i]->string) == 0)
            return members[i]->string;
    return NULL;
}

/* Whether a duplicate is anywhere below; *pointer says where. As deep as
 * the scanner lets it be. */
static bool
duplicate_below(struct arena *arena, const cJSON *from, const char **pointer)
{
    int index = 0;

    if (cJSON_IsObject(from)) {
        const char *name = duplicate_in(arena, from);
        if (name != NULL) {
            *pointer =
                strlen(name) > LIMIT_TEXT ? "" : json_pointer(arena, "", name);
            return true;
        }
    }
    for (const cJSON *child = from->child; child; child = child->next) {
        if (child->child != NULL && duplicate_below(arena, child, pointer)) {
            const char *part = child->string == NULL
                                   ? arena_format(arena, "%d", index)
                                   : child->string;
            if (strlen(part) > LIMIT_TEXT)
                part = "";
            *pointer = arena_format(arena, "%s%s",
                                    json_pointer(arena, "", part), *pointer);
            return true;
        }
        index++;
    }
    return false;
}

/* --- Parsing ------------------------------------------------------------ */

static const struct json *
refused(struct arena *arena, const char *pointer, const char *detail,
        struct json_fault **fault)
{
    *fault = arena_alloc(arena, sizeof(**fault));
    (*fault)->pointer = pointer;
    (*fault)->detail = detail;
    return NULL;
}

const struct json *
json_parse(struct arena *arena, const char *text, size_t length,
           enum json_mode mode, struct json_fault **fault)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    char *copy = arena_copy(arena, text, length);
    const char *pointer;
    cJSON *tree;

    *fault = json_scan(arena, copy, length, mode);
    if (*fault != NULL)
        return NULL;
    (void)pthread_once(&once, hook_set);
    parse_arena = arena;
    tree = cJSON_ParseWithLengthOpts(copy, length, NULL, false);
    parse_arena = NULL;
    if (tree == NULL)
        return refused(arena, "", "not JSON that can be read here", fault);
    if (mode != JSON_PROVIDER && duplicate_below(arena, tree, &pointer))
        return refused(arena, pointer, "this member stands twice", fault);
    return value(tree);
}

/* --- Looking ------------------------------------------------------------ */

enum json_kind
json_kind(const struct json *json)
{
    if (json == NULL)
        return JSON_ABSENT;
    switch (node(json)->type & 0xff) {
    case cJSON_False:
    case cJSON_True: return JSON_BOOLEAN;
    case cJSON_NULL: return JSON_NULL;
    case cJSON_Number: return JSON_NUMBER;
    case cJSON_String: return JSON_TEXT;
    case cJSON_Array: return JSON_ARRAY;
    case cJSON_Object: return JSON_OBJECT;
    default: return JSON_ABSENT;
    }
}

bool
json_is_object(const struct json *json)
{
    return json_kind(json) == JSON_OBJECT;
}

bool
json_is_array(const struct json *json)
{
    return json_kind(json) == JSON_ARRAY;
}

bool
json_is_null(const struct json *json)
{
    return json_kind(json) == JSON_NULL;
}

/* The last of that name: the only one, unless it was read leniently. */
static const cJSON *
member(const cJSON *object, const char *name, size_t length)
{
    const cJSON *found = NULL;

    for (const cJSON *child = object->child; child; child = child->next)
        if (strncmp(child->string, name, length) == 0 &&
            child->string[length] == '\0')
            found = child;
    return found;
}

static const cJSON *
item(const cJSON *array, const char *digits, size_t length)
{
    int index = 0;

    if (length == 0 || length > 6)
        return NULL;
    for (size_t i = 0; i < length; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return NULL;
        index = index * 10 + (digits[i] - '0');
    }
    return node(json_item(value(array), index));
}

const struct json *
json_at(const struct json *json, const char *path)
{
    for (;;) {
        size_t length = strcspn(path, ".");
        if (json_is_object(json))
            json = value(member(node(json), path, length));
        else if (json_is_array(json))
            json = value(item(node(json), path, length));
        else
            return NULL;
        if (path[length] == '\0')
            return json;
        path += length + 1;
    }
}

const struct json *
json_first(const struct json *json)
{
    if (!json_is_array(json) && !json_is_object(json))
        return NULL;
    return value(node(json)->child);
}

const struct json *
json_next(const struct json *json)
{
    return json == NULL ? NULL : value(node(json)->next);
}

const char *
json_name(const struct json *json)
{
    return json == NULL ? NULL : node(json)->string;
}

int
json_length(const struct json *array)
{
    int length = 0;

    if (!json_is_array(array))
        return 0;
    for (const cJSON *at = node(array)->child; at != NULL; at = at->next)
        length++;
    return length;
}

const struct json *
json_item(const struct json *array, int index)
{
    const cJSON *at;

    if (!json_is_array(array) || index < 0)
        return NULL;
    for (at = node(array)->child; at != NULL && index > 0; at = at->next)
        index--;
    return value(at);
}

const char *
json_text(const struct json *json)
{
    return json_kind(json) == JSON_TEXT ? node(json)->valuestring : NULL;
}

bool
json_integer(const struct json *json, int64_t *integer)
{
    double number;

    if (json_kind(json) != JSON_NUMBER)
        return false;
    number = node(json)->valuedouble;
    if (!(number >= (double)-LIMIT_INTEGER && number <= (double)LIMIT_INTEGER))
        return false;
    *integer = (int64_t)number;
    /* Exact: what is no integer in range was made 0.5 by the scanner. */
    return (double)*integer >= number && (double)*integer <= number;
}

bool
json_boolean(const struct json *json, bool *boolean)
{
    if (json_kind(json) != JSON_BOOLEAN)
        return false;
    *boolean = cJSON_IsTrue(node(json));
    return true;
}

const char *
json_text_at(const struct json *json, const char *path)
{
    return json_text(json_at(json, path));
}

int64_t
json_integer_at(const struct json *json, const char *path, int64_t otherwise)
{
    int64_t integer;

    return json_integer(json_at(json, path), &integer) ? integer : otherwise;
}

bool
json_boolean_at(const struct json *json, const char *path, bool otherwise)
{
    bool boolean;

    return json_boolean(json_at(json, path), &boolean) ? boolean : otherwise;
}
