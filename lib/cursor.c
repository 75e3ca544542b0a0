/*
 * Cursors: see cursor.h. Eight bytes of position and sixteen of a MAC.
 */
#include "cursor.h"

#include "limits.h"
#include "sign.h"
#include "text.h"

enum { MAC_SIZE = 16, CURSOR_BYTES = 8 + MAC_SIZE };

static void
mac(uint8_t out[MAC_SIZE], struct req *req, const char *list, int64_t position)
{
    uint8_t whole[SIGN_SIZE];
    const char *text =
        arena_format(req->arena, "cursor\n%lld\n%lld\n%s",
                     (long long)req->space.number, (long long)position, list);

    sign_hmac(whole, req->config->cursor_secret,
              strlen(req->config->cursor_secret), text, strlen(text));
    memcpy(out, whole, MAC_SIZE);
}

const char *
cursor_make(struct req *req, const char *list, int64_t position)
{
    uint8_t bytes[CURSOR_BYTES];
    char *text = arena_alloc(req->arena, 4 * ((CURSOR_BYTES + 2) / 3) + 1);

    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)((uint64_t)position >> (56 - 8 * i));
    mac(bytes + 8, req, list, position);
    sign_base64url(text, bytes, CURSOR_BYTES);
    return text;
}

static bool
decode(struct req *req, const char *list, const char *text, int64_t *position)
{
    uint8_t bytes[CURSOR_BYTES], expected[MAC_SIZE];
    uint64_t number = 0;

    if (sign_unbase64url(bytes, sizeof(bytes), text) != CURSOR_BYTES)
        return false;
    for (int i = 0; i < 8; i++)
        number = number << 8 | bytes[i];
    if (number > INT64_MAX)
        return false;
    *position = (int64_t)number;
    mac(expected, req, list, *position);
    return sign_equal(expected, bytes + 8, MAC_SIZE);
}

enum problem
cursor_refuse(struct req *req, const char *name, const char *detail)
{
    struct json_fault *fault = arena_alloc(req->arena, sizeof(*fault));

    fault->pointer = arena_format(req->arena, "/%s", name);
    fault->detail = detail;
    fault->next = req->details.faults;
    req->details.faults = fault;
    return P_INVALID_REQUEST;
}

enum problem
cursor_read(struct req *req, const char *list, int *limit, int64_t *before)
{
    const char *asked = form_value(&req->query, "limit");
    const char *cursor = form_value(&req->query, "before");
    int64_t number = LIMIT_PAGE_DEFAULT;

    *before = 0;
    if (asked != NULL && !text_int(asked, 1, LIMIT_PAGE, &number))
        return cursor_refuse(req, "limit", "a whole number, 1 to 100");
    *limit = (int)number;
    if (cursor != NULL && !decode(req, list, cursor, before))
        return P_INVALID_CURSOR;
    return P_NONE;
}

enum problem
cursor_only(struct req *req, const char *const *known)
{
    for (int i = 0; i < req->query.count; i++) {
        const char *name = req->query.pairs[i].name;
        bool fits = strcmp(name, "limit") == 0 || strcmp(name, "before") == 0;

        for (int k = 0; known != NULL && known[k] != NULL && !fits; k++)
            fits = strcmp(name, known[k]) == 0;
        if (!fits)
            return cursor_refuse(req, name, "no such parameter here");
        if (form_count(&req->query, name) > 1)
            return cursor_refuse(req, name, "stands twice");
    }
    return P_NONE;
}
