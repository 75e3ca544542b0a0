/*
 * Expansion, and the small pieces that many objects have.
 */
#include "object_inside.h"

const struct expand expand_nothing = { .list = NULL, .prefix = "" };

bool
object_expands(const struct box *box, const struct expand *expand,
               const char *member)
{
    const char *wanted, *at;

    if (expand->list == NULL)
        return false;
    wanted = arena_format(box->arena, ",%s%s", expand->prefix, member);
    for (at = expand->list; (at = strstr(at, wanted)) != NULL; at++)
        if (at[strlen(wanted)] == ',' || at[strlen(wanted)] == '.')
            return true;
    return false;
}

struct expand
object_deeper(const struct box *box, const struct expand *expand,
              const char *member)
{
    return (struct expand){
        .list = expand->list,
        .prefix = arena_format(box->arena, "%s%s.", expand->prefix, member),
    };
}

void
object_put_nulls(struct json_out *out, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        json_put_null(out, names[i]);
}

void
object_put_address(struct json_out *out)
{
    json_open_object(out, "address");
    PUT_NULLS(out, "city", "country", "line1", "line2", "postal_code", "state");
    json_close_object(out);
}

void
object_put_disabled(struct json_out *out, const char *name)
{
    json_open_object(out, name);
    json_put_boolean(out, "enabled", false);
    json_close_object(out);
}

void
object_open_list(struct json_out *out, const char *name)
{
    json_open_object(out, name);
    json_put_text(out, "object", "list");
    json_open_array(out, "data");
}

void
object_close_list(struct json_out *out, bool more, const char *url)
{
    json_close_array(out);
    json_put_boolean(out, "has_more", more);
    json_put_text(out, "url", url);
    json_close_object(out);
}
