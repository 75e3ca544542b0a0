/*
 * One call: the key, the lever, the endpoint, the parameters, the answer
 * given before under this idempotency key, then the work, in one transaction
 * with the answer that is kept. Only what changed something is kept: what
 * succeeded, and a card that was declined.
 */
#include "api.h"

#include "clock.h"
#include "fault.h"
#include "limits.h"
#include "log.h"
#include "sign.h"
#include "stripe.h"
#include "text.h"

/* Answers by key are kept for a day, as Stripe does at least. */
#define ANSWER_MS DAY_MS

#define EXPANDS_MAX 16

static const struct api_endpoint *const tables[] = {
    api_sessions, api_intents,       api_charges,   api_refunds,
    api_disputes, api_movements,     api_customers, api_methods,
    api_prices,   api_subscriptions, api_invoices,  api_events,
};

/* --- Who calls ---------------------------------------------------------- */

/* The user's part of Basic credentials, or NULL. */
static const char *
basic_user(struct arena *arena, const char *credentials)
{
    char *text = arena_text(arena, credentials);
    char *user = arena_alloc(arena, strlen(text) + 1);
    int length;

    /* To the alphabet and the lack of padding that sign.h reads. */
    text[strcspn(text, "=")] = '\0';
    for (char *at = text; *at != '\0'; at++)
        *at = *at == '+' ? '-' : *at == '/' ? '_' : *at;
    length = sign_unbase64url(user, strlen(text), text);
    if (length < 0)
        return NULL;
    user[length] = '\0';
    user[strcspn(user, ":")] = '\0';
    return user;
}

/* The secret that was shown, or NULL: "Bearer KEY", "Basic base64(KEY:)". */
static const char *
key_shown(const struct req *req)
{
    const char *header = req->authorization;

    if (header == NULL)
        return NULL;
    if (text_begins(header, "Bearer "))
        return header + strlen("Bearer ");
    if (!text_begins(header, "Basic "))
        return NULL;
    return basic_user(req->arena, header + strlen("Basic "));
}

/* Compared by their hashes: the time says nothing about the key. */
static bool
same_key(const char *shown, const char *wanted)
{
    uint8_t a[SIGN_SIZE], b[SIGN_SIZE];

    sign_sha256(a, shown, strlen(shown));
    sign_sha256(b, wanted, strlen(wanted));
    return sign_equal(a, b, SIGN_SIZE);
}

bool
api_authorized(const struct req *req)
{
    const char *shown = key_shown(req);

    return shown != NULL && same_key(shown, req->config->stripe_key);
}

static void
refuse_key(struct api *api)
{
    const char *shown = key_shown(api->req);
    const char *words = "Invalid API Key provided.";

    if (shown == NULL || shown[0] == '\0')
        words = "You did not provide an API key. You need to provide your "
                "API key in the Authorization header, using Bearer auth "
                "(e.g. 'Authorization: Bearer YOUR_SECRET_KEY').";
    params_refuse(&api->params, 401, "invalid_request_error", NULL, NULL,
                  words);
}

/* --- Answers ------------------------------------------------------------ */

void
api_error(struct req *req, const struct params_error *error)
{
    struct json_out out;

    buf_clear(&req->reply.body);
    http_json(req, error->status, &out);
    json_open_object(&out, NULL);
    json_open_object(&out, "error");
    if (error->charge != NULL)
        json_put_text(&out, "charge", error->charge);
    if (error->code != NULL)
        json_put_text(&out, "code", error->code);
    if (error->decline != NULL)
        json_put_text(&out, "decline_code", error->decline);
    json_put_text(&out, "message", error->message);
    if (error->param != NULL)
        json_put_text(&out, "param", error->param);
    if (error->intent != NULL)
        json_put_raw(&out, "payment_intent", error->intent);
    json_put_text(&out, "type", error->type);
    json_close_object(&out);
    json_close_object(&out);
}

void
api_missing(struct api *api, const char *kind, const char *param,
            const char *id, int status)
{
    if (api->box.broken)
        return;
    params_refuse(&api->params, status, "invalid_request_error",
                  "resource_missing", param,
                  arena_format(api->box.arena, "No such %s: '%s'", kind, id));
}

void
api_declined(struct api *api, const struct store_intent *intent)
{
    struct params_error *error = &api->params.error;
    struct json_out out;
    struct buf buf;

    buf_init(&buf, api->box.arena, LIMIT_BODY_LARGE);
    json_begin(&out, &buf);
    object_intent(&out, NULL, &api->box, intent, &expand_nothing);
    params_refuse(&api->params, 402, "card_error", intent->error.code, NULL,
                  intent->error.message);
    error->decline = intent->error.decline;
    error->charge = intent->charge;
    error->intent = buf.bytes;
    api->stands = true;
}

/* --- Which endpoint ----------------------------------------------------- */

/* Whether `path` is the pattern's; its {} goes into *id. */
static bool
matches(struct arena *arena, const char *pattern, const char *path,
        const char **id)
{
    *id = NULL;
    for (; *pattern != '\0'; pattern++) {
        if (*pattern == '{') {
            size_t length = strcspn(path, "/");

            if (length == 0 || *id != NULL)
                return false;
            *id = form_decode_segment(arena, path, length);
            if (*id == NULL)
                return false;
            path += length;
            pattern++;
        } else if (*pattern != *path++) {
            return false;
        }
    }
    return *path == '\0';
}

static const struct api_endpoint *
find(struct api *api)
{
    struct req *req = api->req;

    for (size_t i = 0; i < COUNT_OF(tables); i++)
        for (const struct api_endpoint *at = tables[i]; at->path != NULL; at++)
            if (at->method == req->method &&
                matches(req->arena, at->path, req->path, &api->id))
                return at;
    params_refuse(&api->params, 404, "invalid_request_error", NULL, NULL,
                  arena_format(req->arena,
                               "Unrecognized request URL (%s: %s). The "
                               "sandbox has no such endpoint.",
                               http_method_text(req->method), req->path));
    return NULL;
}

/* --- Parameters --------------------------------------------------------- */

static void
read_params(struct api *api)
{
    struct req *req = api->req;
    struct form form = req->query;

    if (req->method == HTTP_POST &&
        !form_decode(&form, req->arena, req->body, req->body_length)) {
        form = (struct form){ .count = 0 };
        params_init(&api->params, req->arena, &form);
        params_invalid(&api->params, NULL, NULL,
                       "Invalid request body: it is not form-encoded.");
        return;
    }
    params_init(&api->params, req->arena, &form);
}

static void
read_expand(struct api *api, const char *allowed)
{
    int count;
    const char *const *wanted = params_list(&api->params, "expand", &count);
    struct buf list;

    api->expand = expand_nothing;
    if (count == 0)
        return;
    buf_init(&list, api->box.arena, LIMIT_BODY);
    buf_char(&list, ',');
    for (int i = 0; i < count; i++) {
        const char *entry = arena_format(api->box.arena, ",%s,", wanted[i]);

        if (i == EXPANDS_MAX || allowed == NULL ||
            strstr(allowed, entry) == NULL)
            params_invalid(&api->params, NULL, "expand",
                           arena_format(api->box.arena,
                                        "This property cannot be expanded "
                                        "(%s).",
                                        wanted[i]));
        buf_text(&list, wanted[i]);
        buf_char(&list, ',');
    }
    api->expand.list = list.bytes;
    /* In a list every member expands as it would alone. */
    if (strstr(list.bytes, ",data.") != NULL)
        api->expand.prefix = "data.";
}

/* --- Idempotency -------------------------------------------------------- */

static int
by_name(const void *a, const void *b)
{
    const struct form_pair *left = a;
    const struct form_pair *right = b;
    int order = strcmp(left->name, right->name);

    return order != 0 ? order : strcmp(left->value, right->value);
}

/* Of the parameters in any order: what they say, not how. */
static void
params_hash(struct api *api, uint8_t hash[SIGN_SIZE])
{
    const struct form *form = &api->params.form;
    struct form_pair *pairs =
        arena_array(api->box.arena, (size_t)form->count + 1, sizeof(*pairs));
    struct buf text;

    for (int i = 0; i < form->count; i++)
        pairs[i] = form->pairs[i];
    qsort(pairs, (size_t)form->count, sizeof(*pairs), by_name);
    buf_init(&text, api->box.arena, LIMIT_BODY_LARGE);
    for (int i = 0; i < form->count; i++) {
        buf_put(&text, pairs[i].name, strlen(pairs[i].name) + 1);
        buf_put(&text, pairs[i].value, strlen(pairs[i].value) + 1);
    }
    sign_sha256(hash, text.bytes, text.length);
}

static void
refuse_reuse(struct api *api, const char *words)
{
    params_refuse(&api->params, 400, "idempotency_error", NULL, NULL, words);
}

/* True when this key has been answered, or may not be used so. */
static bool
answered_before(struct api *api, const uint8_t hash[SIGN_SIZE])
{
    const char *key = api->box.request_key;
    const struct db_value *kept;
    struct rows rows;

    if (!box_run(&api->box, &rows, SQ_ANSWER_GET, TEXT(key)) || rows.n == 0)
        return false;
    kept = rows_at(&rows, 0, 1);
    if (strcmp(rows_text(&rows, 0, 0), api->req->path) != 0) {
        refuse_reuse(
            api, arena_format(api->box.arena,
                              "Keys for idempotent requests can only be used "
                              "for the same endpoint they were first used "
                              "for ('%s' vs '%s'). Try using a key other "
                              "than '%s' if you meant to execute a different "
                              "request.",
                              api->req->path, rows_text(&rows, 0, 0), key));
    } else if (kept->length != SIGN_SIZE ||
               memcmp(kept->bytes, hash, SIGN_SIZE) != 0) {
        refuse_reuse(
            api, arena_format(api->box.arena,
                              "Keys for idempotent requests can only be used "
                              "with the same parameters they were first used "
                              "with. Try using a key other than '%s' if you "
                              "meant to execute a different request.",
                              key));
    } else {
        http_header(api->req, "Idempotent-Replayed", "true");
        http_header(api->req, "Original-Request", rows_text(&rows, 0, 2));
        buf_text(&api->req->reply.body, rows_text(&rows, 0, 3));
        api->req->reply.status = (int)rows_int(&rows, 0, 4);
    }
    return true;
}

static void
keep_answer(struct api *api, const uint8_t hash[SIGN_SIZE])
{
    (void)box_run(&api->box, NULL, SQ_ANSWER_FORGET,
                  INT(api->box.now_ms - ANSWER_MS));
    (void)box_run(&api->box, NULL, SQ_ANSWER_ADD, TEXT(api->box.request_key),
                  TEXT(api->req->path), BLOB(hash, SIGN_SIZE),
                  TEXT(api->box.request), TEXT(api->req->reply.body.bytes),
                  INT(api->box.now_ms), INT(api->req->reply.status));
}

static void
read_key(struct api *api)
{
    const char *key = api->req->idempotency_key;

    if (key == NULL || api->req->method != HTTP_POST)
        return;
    if (key[0] == '\0' || strlen(key) > LIMIT_KEY || !text_printable_ascii(key))
        refuse_reuse(api, "An Idempotency-Key has 1 to 255 printable "
                          "characters.");
    api->box.request_key = key;
    http_header(api->req, "Idempotency-Key", key);
}

/* --- The call ----------------------------------------------------------- */

static void
work(struct api *api, const struct api_endpoint *endpoint)
{
    bool keyed = api->box.request_key != NULL;
    uint8_t hash[SIGN_SIZE];

    if (api->req->method == HTTP_GET) {
        if (db_begin_read(api->box.db))
            endpoint->answer(api);
        else
            api->box.broken = true;
        db_rollback(api->box.db);
        return;
    }
    params_hash(api, hash);
    if (!box_begin(&api->box))
        return;
    if (!keyed || !answered_before(api, hash)) {
        endpoint->answer(api);
        if (api->stands)
            api_error(api->req, &api->params.error);
        if (keyed && (api->params.error.status == 0 || api->stands))
            keep_answer(api, hash);
    }
    if (api->params.error.status == 0 || api->stands)
        api->box.broken = !box_commit(&api->box);
    else
        db_rollback(api->box.db);
}

static void
call(struct api *api)
{
    const struct api_endpoint *endpoint;

    read_params(api);
    if (!api_authorized(api->req)) {
        refuse_key(api);
        return;
    }
    endpoint = find(api);
    if (endpoint == NULL)
        return;
    read_key(api);
    read_expand(api, endpoint->expands);
    if (api->params.error.status == 0)
        work(api, endpoint);
}

enum problem
api_serve(struct req *req)
{
    struct api api = {
        .req = req,
        .box = { .db = req->db,
                 .arena = req->arena,
                 .config = req->config,
                 .now_ms = clock_system_ms(),
                 .request = arena_format(req->arena, "req_%s", req->id) },
    };
    const char *fault = NULL;

    if (api_authorized(req))
        fault = fault_take(&api.box);
    if (fault != NULL && fault_before(&api.box, req, fault))
        return P_NONE;
    http_json(req, 200, &api.out);
    http_header(req, "Stripe-Version", STRIPE_VERSION);
    call(&api);
    if (api.box.broken) {
        log_error("the sandbox's database: %s", db_why(req->db));
        return P_UNAVAILABLE;
    }
    if (api.params.error.status != 0 && !api.stands)
        api_error(req, &api.params.error);
    fault_after(&api.box, fault);
    return P_NONE;
}
