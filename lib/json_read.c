/*
 * Reading a request's object member by member: every fault is told of, not
 * the first alone, and what nobody asked for is a fault too. A reader whose
 * object is missing says so once and is silent afterwards.
 */
#include "clock.h"
#include "json_scan.h"
#include "limits.h"
#include "text.h"

static void
add_fault(struct json_reader *reader, const char *pointer, const char *detail)
{
    struct json_fault **end = reader->faults;
    struct json_fault *fault;
    int count = 0;

    for (; *end != NULL; end = &(*end)->next)
        if (++count >= JSON_FAULTS_MAX)
            return;
    fault = arena_alloc(reader->arena, sizeof(*fault));
    fault->pointer = pointer;
    fault->detail = detail;
    *end = fault;
}

void
json_read(struct json_reader *reader, struct arena *arena,
          const struct json *object, const char *prefix,
          struct json_fault **faults)
{
    *reader = (struct json_reader){
        .arena = arena, .object = object, .prefix = prefix, .faults = faults
    };
    if (json_is_object(object))
        return;
    reader->object = NULL;
    add_fault(reader, prefix, "must be an object");
}

void
json_refuse(struct json_reader *reader, const char *name, const char *detail)
{
    add_fault(reader, json_pointer(reader->arena, reader->prefix, name),
              detail);
}

static bool
was_asked(const struct json_reader *reader, const char *name)
{
    for (int i = 0; i < reader->asked_count; i++)
        if (strcmp(reader->asked[i], name) == 0)
            return true;
    return false;
}

const struct json *
json_member(struct json_reader *reader, const char *name)
{
    if (!was_asked(reader, name)) {
        assert(reader->asked_count < JSON_MEMBERS_MAX);
        reader->asked[reader->asked_count++] = name;
    }
    for (const struct json *at = json_first(reader->object); at != NULL;
         at = json_next(at))
        if (strcmp(json_name(at), name) == 0)
            return at;
    return NULL;
}

bool
json_has(struct json_reader *reader, const char *name)
{
    const struct json *found = json_member(reader, name);

    return found != NULL && !json_is_null(found);
}

/* The member, or NULL and a fault: unless there is no object at all, which
 * was said already. */
static const struct json *
needed(struct json_reader *reader, const char *name)
{
    if (json_has(reader, name))
        return json_member(reader, name);
    if (reader->object != NULL)
        json_refuse(reader, name, "is required");
    return NULL;
}

static const char *
read_text(struct json_reader *reader, const char *name, const struct json *json,
          size_t max)
{
    const char *text = json_text(json);

    if (text == NULL) {
        json_refuse(reader, name, "must be a string");
        return NULL;
    }
    if (text_fits(text, strlen(text), 1, max))
        return text;
    json_refuse(reader, name,
                arena_format(reader->arena, "must have 1 to %zu characters",
                             max));
    return NULL;
}

static int64_t
read_integer(struct json_reader *reader, const char *name,
             const struct json *json, int64_t low, int64_t high)
{
    int64_t integer;

    if (json_integer(json, &integer) && integer >= low && integer <= high)
        return integer;
    json_refuse(reader, name,
                arena_format(reader->arena,
                             "must be an integer from %lld to %lld",
                             (long long)low, (long long)high));
    return low;
}

static bool
read_boolean(struct json_reader *reader, const char *name,
             const struct json *json)
{
    bool boolean = false;

    if (!json_boolean(json, &boolean))
        json_refuse(reader, name, "must be true or false");
    return boolean;
}

const char *
json_need_text(struct json_reader *reader, const char *name, size_t max)
{
    const struct json *json = needed(reader, name);

    return json == NULL ? NULL : read_text(reader, name, json, max);
}

int64_t
json_need_integer(struct json_reader *reader, const char *name, int64_t low,
                  int64_t high)
{
    const struct json *json = needed(reader, name);

    return json == NULL ? low : read_integer(reader, name, json, low, high);
}

bool
json_need_boolean(struct json_reader *reader, const char *name)
{
    const struct json *json = needed(reader, name);

    return json != NULL && read_boolean(reader, name, json);
}

const char *
json_want_text(struct json_reader *reader, const char *name, size_t max,
               const char *otherwise)
{
    if (!json_has(reader, name))
        return otherwise;
    return read_text(reader, name, json_member(reader, name), max);
}

int64_t
json_want_integer(struct json_reader *reader, const char *name, int64_t low,
                  int64_t high, int64_t otherwise)
{
    if (!json_has(reader, name))
        return otherwise;
    return read_integer(reader, name, json_member(reader, name), low, high);
}

bool
json_want_boolean(struct json_reader *reader, const char *name, bool otherwise)
{
    if (!json_has(reader, name))
        return otherwise;
    return read_boolean(reader, name, json_member(reader, name));
}

int
json_want_word(struct json_reader *reader, const char *name,
               const char *const *words, int count, int otherwise)
{
    const char *text;
    struct buf detail;

    if (otherwise == -1 && needed(reader, name) == NULL)
        return -1;
    if (!json_has(reader, name))
        return otherwise;
    text = json_text(json_member(reader, name));
    for (int i = 0; text != NULL && i < count; i++)
        if (strcmp(text, words[i]) == 0)
            return i;
    buf_init(&detail, reader->arena, LIMIT_HEADER);
    buf_text(&detail, "must be ");
    for (int i = 0; i < count; i++) {
        buf_text(&detail, i == 0 ? "" : i == count - 1 ? " or " : ", ");
        buf_text(&detail, words[i]);
    }
    json_refuse(reader, name, detail.bytes);
    return -1;
}

int64_t
json_want_time(struct json_reader *reader, const char *name,
               int64_t otherwise_ms)
{
    const char *text;
    int64_t ms;

    if (!json_has(reader, name))
        return otherwise_ms;
    text = json_text(json_member(reader, name));
    if (text != NULL && clock_parse(text, &ms))
        return ms;
    json_refuse(reader, name,
                "must be a time in UTC such as 2026-11-22T10:00:00.000Z");
    return otherwise_ms;
}

int64_t
json_need_time(struct json_reader *reader, const char *name)
{
    return needed(reader, name) == NULL ? 0 : json_want_time(reader, name, 0);
}

bool
json_done(struct json_reader *reader)
{
    for (const struct json *at = json_first(reader->object); at != NULL;
         at = json_next(at)) {
        const char *name = json_name(at);
        if (was_asked(reader, name))
            continue;
        if (strlen(name) > LIMIT_TEXT)
            add_fault(reader, reader->prefix,
                      "has a member that is not known here");
        else
            json_refuse(reader, name, "is not known here");
    }
    return *reader->faults == NULL;
}
