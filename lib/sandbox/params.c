/*
 * Reading parameters. Messages and codes are Stripe's, since people meet
 * them there too. Knows no object and no database.
 */
#include "params.h"

#include "limits.h"
#include "money.h"
#include "text.h"

/* Of metadata, as Stripe documents them. */
#define METADATA_KEYS  50
#define METADATA_KEY   40
#define METADATA_VALUE 500

void
params_init(struct params *params, struct arena *arena, const struct form *form)
{
    *params = (struct params){
        .arena = arena,
        .form = *form,
        .used = arena_array(arena, (size_t)form->count + 1, sizeof(bool)),
    };
}

void
params_refuse(struct params *params, int status, const char *type,
              const char *code, const char *param, const char *message)
{
    if (params->error.status == 0)
        params->error = (struct params_error){ .status = status,
                                               .type = type,
                                               .code = code,
                                               .param = param,
                                               .message = message };
}

void
params_invalid(struct params *params, const char *code, const char *param,
               const char *message)
{
    params_refuse(params, 400, "invalid_request_error", code, param, message);
}

bool
params_done(struct params *params)
{
    for (int i = 0; i < params->form.count; i++) {
        const char *name = params->form.pairs[i].name;

        if (!params->used[i])
            params_invalid(params, "parameter_unknown", name,
                           arena_format(params->arena,
                                        "Received unknown parameter: %s",
                                        name));
    }
    return params->error.status == 0;
}

static const char *
take(struct params *params, const char *name)
{
    const char *value = NULL;

    for (int i = 0; i < params->form.count; i++) {
        if (params->used[i] || strcmp(params->form.pairs[i].name, name) != 0)
            continue;
        params->used[i] = true;
        if (value != NULL)
            params_invalid(params, "parameter_invalid", name,
                           "The parameter stands twice.");
        value = params->form.pairs[i].value;
    }
    return value;
}

const char *
params_text(struct params *params, const char *name, size_t max, bool *unset)
{
    const char *value = take(params, name);

    if (unset != NULL)
        *unset = value != NULL && value[0] == '\0';
    if (value == NULL)
        return NULL;
    if (value[0] == '\0') {
        if (unset == NULL)
            params_invalid(
                params, "parameter_invalid_empty", name,
                arena_format(params->arena,
                             "You passed an empty string for '%s'. We assume "
                             "empty values are an attempt to unset a "
                             "parameter; however '%s' cannot be unset. You "
                             "should remove '%s' from your request or supply "
                             "a non-empty value.",
                             name, name, name));
        return NULL;
    }
    if (text_code_points(value, strlen(value)) > max)
        params_invalid(
            params, "parameter_invalid_string_too_long", name,
            arena_format(params->arena,
                         "Invalid string: must be at most %zu characters",
                         max));
    return value;
}

static void
missing(struct params *params, const char *name)
{
    params_invalid(params, "parameter_missing", name,
                   arena_format(params->arena, "Missing required param: %s.",
                                name));
}

const char *
params_need_text(struct params *params, const char *name, size_t max)
{
    const char *value = params_text(params, name, max, NULL);

    if (value == NULL)
        missing(params, name);
    return value == NULL ? "" : value;
}

static bool
integer(struct params *params, const char *name, int64_t low, int64_t high,
        int64_t *value)
{
    const char *text = params_text(params, name, 32, NULL);

    if (text == NULL)
        return false;
    if (!text_int(text, -LIMIT_INTEGER, LIMIT_INTEGER, value))
        params_invalid(params, "parameter_invalid_integer", name,
                       arena_format(params->arena, "Invalid integer: %s",
                                    text));
    else if (*value < low || *value > high)
        params_invalid(
            params, "parameter_invalid_integer", name,
            arena_format(params->arena,
                         "Invalid integer: must be between %lld and %lld",
                         (long long)low, (long long)high));
    else
        return true;
    *value = low;
    return true;
}

int64_t
params_integer(struct params *params, const char *name, int64_t low,
               int64_t high, int64_t otherwise)
{
    int64_t value;

    return integer(params, name, low, high, &value) ? value : otherwise;
}

int64_t
params_need_integer(struct params *params, const char *name, int64_t low,
                    int64_t high)
{
    int64_t value;

    if (integer(params, name, low, high, &value))
        return value;
    missing(params, name);
    return low;
}

const char *
params_currency(struct params *params, const char *name)
{
    const char *text = params_need_text(params, name, 3);
    char *lower = arena_text(params->arena, text);
    char *upper = arena_text(params->arena, text);

    for (size_t i = 0; text[i] != '\0'; i++) {
        if (text[i] >= 'A' && text[i] <= 'Z')
            lower[i] = (char)(text[i] - 'A' + 'a');
        if (text[i] >= 'a' && text[i] <= 'z')
            upper[i] = (char)(text[i] - 'a' + 'A');
    }
    if (strlen(text) != 3 || money_digits(upper) < 0)
        params_invalid(params, NULL, name,
                       arena_format(params->arena,
                                    "Invalid currency: %s. The sandbox does "
                                    "not know it.",
                                    text));
    return lower;
}

bool
params_boolean(struct params *params, const char *name)
{
    const char *text = params_text(params, name, 8, NULL);

    if (text != NULL && strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
        params_invalid(params, "parameter_invalid_boolean", name,
                       arena_format(params->arena, "Invalid boolean: %s",
                                    text));
    return text != NULL && strcmp(text, "true") == 0;
}

bool
params_any(const struct params *params, const char *prefix)
{
    for (int i = 0; i < params->form.count; i++)
        if (text_begins(params->form.pairs[i].name, prefix))
            return true;
    return false;
}

const char *const *
params_list(struct params *params, const char *name, int *count)
{
    const char *plain = arena_format(params->arena, "%s[]", name);
    const char **values =
        arena_array(params->arena, (size_t)params->form.count + 1,
                    sizeof(*values));

    *count = 0;
    for (int i = 0; i < params->form.count; i++) {
        const char *numbered =
            arena_format(params->arena, "%s[%d]", name, *count);

        if (strcmp(params->form.pairs[i].name, plain) != 0 &&
            strcmp(params->form.pairs[i].name, numbered) != 0)
            continue;
        params->used[i] = true;
        values[(*count)++] = params->form.pairs[i].value;
    }
    return values;
}

/* The key of "prefix[key]", or NULL. */
static const char *
key_of(struct arena *arena, const char *name, const char *prefix)
{
    size_t at = strlen(prefix);
    size_t length = strlen(name);

    if (strncmp(name, prefix, at) != 0 || name[at] != '[' || length < at + 3 ||
        name[length - 1] != ']')
        return NULL;
    return arena_copy(arena, name + at + 1, length - at - 2);
}

struct entry {
    const char *key;
    const char *value;
};

static void
entry_set(struct params *params, struct entry *entries, int *count,
          const char *param, const char *key, const char *value)
{
    int i = 0;

    while (i < *count && strcmp(entries[i].key, key) != 0)
        i++;
    if (text_code_points(key, strlen(key)) > METADATA_KEY ||
        text_code_points(value, strlen(value)) > METADATA_VALUE)
        params_invalid(params, "parameter_invalid_string_too_long", param,
                       "Metadata keys have at most 40 characters, values at "
                       "most 500.");
    else if (i == METADATA_KEYS)
        params_invalid(params, "parameter_invalid", param,
                       "Metadata have at most 50 keys.");
    else {
        entries[i] = (struct entry){ key, value };
        *count = i == *count ? i + 1 : *count;
    }
}

/* The members of what was there before. */
static void
entries_before(struct params *params, struct entry *entries, int *count,
               const char *before)
{
    struct json_fault *fault = NULL;
    const struct json *object =
        before == NULL ? NULL
                       : json_parse(params->arena, before, strlen(before),
                                    JSON_PROVIDER, &fault);

    for (const struct json *member = json_first(object); member != NULL;
         member = json_next(member))
        entry_set(params, entries, count, "metadata", json_name(member),
                  json_text(member));
}

const char *
params_metadata(struct params *params, const char *prefix, const char *before)
{
    struct entry *entries =
        arena_array(params->arena, METADATA_KEYS, sizeof(*entries));
    struct json_out out;
    struct buf buf;
    int count = 0;

    entries_before(params, entries, &count, before);
    for (int i = 0; i < params->form.count; i++) {
        const struct form_pair *pair = &params->form.pairs[i];
        const char *key = key_of(params->arena, pair->name, prefix);

        if (key == NULL)
            continue;
        params->used[i] = true;
        entry_set(params, entries, &count, pair->name, key, pair->value);
    }
    buf_init(&buf, params->arena, LIMIT_BODY_LARGE);
    json_begin(&out, &buf);
    json_open_object(&out, NULL);
    for (int i = 0; i < count; i++)
        if (entries[i].value[0] != '\0')
            json_put_text(&out, entries[i].key, entries[i].value);
    json_close_object(&out);
    return buf.bytes;
}
