/*
 * The sandbox's one way to its database, and the small things that all of it
 * needs: time, random names, its own address. Decides nothing.
 */
#include "box.h"

#include "limits.h"
#include "messenger.h"
#include "money.h"
#include "sign.h"
#include "url.h"

bool
box_run_values(struct box *box, struct rows *rows, int query,
               const struct db_value *values, int count)
{
    if (rows != NULL)
        *rows = (struct rows){ .n = 0 };
    if (!box->broken &&
        db_run_values(box->db, box->arena, rows, query, values, count) != DB_OK)
        box->broken = true;
    if (box->broken && rows != NULL)
        *rows = (struct rows){ .n = 0 };
    return !box->broken;
}

bool
box_begin(struct box *box)
{
    if (!db_begin(box->db))
        box->broken = true;
    return !box->broken;
}

bool
box_commit(struct box *box)
{
    if (box->broken || !db_commit(box->db)) {
        db_rollback(box->db);
        box->broken = true;
        return false;
    }
    if (box->told)
        messenger_wake();
    box->told = false;
    return true;
}

int64_t
box_now_s(const struct box *box)
{
    return box->now_ms / SECOND_MS;
}

const char *
box_id(const struct box *box, const char *prefix, int length)
{
    static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz";
    size_t at = strlen(prefix);
    char *id = arena_alloc(box->arena, at + (size_t)length + 1);

    memcpy(id, prefix, at);
    while (length > 0) {
        uint8_t random[32];

        sign_random(random, sizeof(random));
        /* Six bits each; the two that no letter has are thrown again. */
        for (size_t i = 0; i < sizeof(random) && length > 0; i++) {
            if ((random[i] & 63) >= sizeof(letters) - 1)
                continue;
            id[at++] = letters[random[i] & 63];
            length--;
        }
    }
    return id;
}

const char *
box_url(const struct box *box, const char *path, const char *id)
{
    const struct config *config = box->config;
    const char *origin = config->stripe_base;
    struct url url;

    /* Where the site is reached by another name, so are we. */
    if (config->sandbox_path[0] == '\0' && config->base_url_set &&
        url_parse(&url, box->arena, config->base_url) && !url.https)
        origin = arena_format(box->arena, "http://%s:%d", url.host,
                              config->sandbox_port);
    return arena_format(box->arena, "%s%s%s", origin, path, id);
}

const char *
box_money(const struct box *box, int64_t amount, const char *currency)
{
    return money_text(box->arena, amount, money_code(box->arena, currency));
}

const char *
box_lever(struct box *box, const char *name, int64_t *amount)
{
    struct rows rows;

    *amount = 0;
    if (!box_run(box, &rows, SQ_LEVER_GET, TEXT(name)) || rows.n == 0)
        return NULL;
    *amount = rows_int(&rows, 0, 1);
    return rows_text(&rows, 0, 0);
}
