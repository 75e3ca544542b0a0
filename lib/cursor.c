/*
 * Cursors: see cursor.h. Sixteen bytes of a MAC, then the position: eight
 * bytes of a number, or a text.
 */
#include "cursor.h"

#include "limits.h"
#include "sign.h"
#include "text.h"

enum { MAC_SIZE = 16, NUMBER_SIZE = 8 };

/* `kind` keeps numbers and texts apart. */
static void
mac(uint8_t out[MAC_SIZE], struct req *req, const char *kind, const char *list,
    const void *position, size_t length)
{
    uint8_t whole[SIGN_SIZE];
    struct buf text;

    buf_init(&text, req->arena, CURSOR_TEXT + 2 * LIMIT_TARGET);
    buf_format(&text, "%s\n%lld\n%zu\n%s\n", kind, (long long)req->space.number,
               strlen(list), list);
    buf_put(&text, position, length);
    assert(!text.over);
    sign_hmac(whole, req->config->cursor_secret,
              strlen(req->config->cursor_secret), text.bytes, text.length);
    memcpy(out, whole, MAC_SIZE);
}

static const char *
make(struct req *req, const char *kind, const char *list, const void *position,
     size_t length)
{
    uint8_t bytes[MAC_SIZE + CURSOR_TEXT];
    char *text = arena_alloc(req->arena, 4 * ((MAC_SIZE + length + 2) / 3) + 1);

    assert(length <= CURSOR_TEXT);
    mac(bytes, req, kind, list, position, length);
    memcpy(bytes + MAC_SIZE, position, length);
    sign_base64url(text, bytes, MAC_SIZE + length);
    return text;
}

/* The length of a position of ours, or -1. */
static int
decode(struct req *req, const char *kind, const char *list, const char *text,
       uint8_t position[CURSOR_TEXT])
{
    uint8_t bytes[MAC_SIZE + CURSOR_TEXT], expected[MAC_SIZE];
    int length = sign_unbase64url(bytes, sizeof(bytes), text) - MAC_SIZE;

    if (length < 0)
        return -1;
    memcpy(position, bytes + MAC_SIZE, (size_t)length);
    mac(expected, req, kind, list, position, (size_t)length);
    return sign_equal(expected, bytes, MAC_SIZE) ? length : -1;
}

const char *
cursor_make(struct req *req, const char *list, int64_t position)
{
    uint8_t bytes[NUMBER_SIZE];

    for (int i = 0; i < NUMBER_SIZE; i++)
        bytes[i] = (uint8_t)((uint64_t)position >> (56 - 8 * i));
    return make(req, "number", list, bytes, sizeof(bytes));
}

const char *
cursor_make_text(struct req *req, const char *list, const char *position)
{
    return make(req, "text", list, position, strlen(position));
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

static enum problem
read_limit(struct req *req, int *limit)
{
    const char *asked = form_value(&req->query, "limit");
    int64_t number = LIMIT_PAGE_DEFAULT;

    if (asked != NULL && !text_int(asked, 1, LIMIT_PAGE, &number))
        return cursor_refuse(req, "limit", "a whole number, 1 to 100");
    *limit = (int)number;
    return P_NONE;
}

enum problem
cursor_read(struct req *req, const char *list, int *limit, int64_t *before)
{
    const char *cursor = form_value(&req->query, "before");
    enum problem refused = read_limit(req, limit);
    uint8_t bytes[CURSOR_TEXT];
    uint64_t number = 0;

    *before = 0;
    if (refused != P_NONE || cursor == NULL)
        return refused;
    if (decode(req, "number", list, cursor, bytes) != NUMBER_SIZE)
        return P_INVALID_CURSOR;
    for (int i = 0; i < NUMBER_SIZE; i++)
        number = number << 8 | bytes[i];
    *before = (int64_t)number;
    return P_NONE;
}

enum problem
cursor_read_text(struct req *req, const char *list, int *limit,
                 const char **position)
{
    const char *cursor = form_value(&req->query, "before");
    enum problem refused = read_limit(req, limit);
    uint8_t bytes[CURSOR_TEXT];
    int length;

    *position = NULL;
    if (refused != P_NONE || cursor == NULL)
        return refused;
    length = decode(req, "text", list, cursor, bytes);
    if (length < 0)
        return P_INVALID_CURSOR;
    *position = arena_copy(req->arena, bytes, (size_t)length);
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
