/*
 * Codes and their claims: see promo.h. Rows decide what may happen once; the
 * credits are a grant like any other.
 */
#include "promo.h"

#include "grant.h"
#include "ledger_sql.h"
#include "limits.h"
#include "sign.h"
#include "text.h"

enum { CODE_LEAST = 4, CODE_MOST = 40 };

const char *
promo_code(struct arena *arena, const char *text)
{
    char code[CODE_MOST + 1];
    size_t length = 0;

    for (const char *at = text; *at != '\0'; at++) {
        char c = *at;

        if (c == ' ' || c == '-')
            continue;
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        if (length == CODE_MOST ||
            !((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')))
            return NULL;
        code[length++] = c;
    }
    return length < CODE_LEAST ? NULL : arena_copy(arena, code, length);
}

/* "K7QM-2XRT-9HVB": 60 random bits in letters that are told apart. */
static const char *
random_code(struct arena *arena)
{
    static const char letters[] = "ABCDEFGHJKMNPQRSTVWXYZ0123456789";
    uint8_t random[12];
    char code[sizeof(random)];

    sign_random(random, sizeof(random));
    for (size_t i = 0; i < sizeof(random); i++)
        code[i] = letters[random[i] % 32];
    return arena_format(arena, "%.4s-%.4s-%.4s", code, code + 4, code + 8);
}

static const char *
wrong(const struct promo *promo, const char *code, int64_t now)
{
    if (code == NULL || !text_fits(promo->shown, strlen(promo->shown), 1, 80))
        return "a code has 4 to 40 letters and digits; spaces and dashes "
               "between them do not count";
    if (promo->credits < 1 || promo->credits > LIMIT_CREDITS)
        return "the credits are 1 to 1,000,000,000,000";
    if (promo->uses < 1 || promo->uses > 1000000000)
        return "a code is used 1 to 1,000,000,000 times";
    if (promo->lot_days < 0 || promo->lot_days > 36500 ||
        (promo->lot_days > 0 && promo->lot_expires_at != NEVER_MS))
        return "the credits end at a time, or 1 to 36,500 days after the "
               "claim";
    if (promo->ends_at <= now || promo->lot_expires_at <= now)
        return "the end has passed";
    return NULL;
}

enum promo_result
promo_add(struct db *db, struct arena *arena, int64_t now, struct promo *promo,
          const char **why)
{
    const char *code;
    struct rows rows;

    if (promo->shown == NULL)
        promo->shown = random_code(arena);
    code = promo_code(arena, promo->shown);
    *why = wrong(promo, code, now);
    if (*why != NULL)
        return PROMO_INVALID;
    promo->ends_at = min_i64(promo->ends_at, promo->lot_expires_at);
    promo->created_at = now;
    if (db_run(db, arena, &rows, Q_PROMO_INSERT, TEXT(code), TEXT(promo->shown),
               INT(promo->credits), INT(promo->uses), INT(promo->ends_at),
               INT(promo->lot_expires_at),
               promo->lot_days == 0 ? NIL : INT(promo->lot_days),
               INT(now)) != DB_OK)
        return PROMO_BROKEN;
    return rows.changes == 1 ? PROMO_OK : PROMO_TAKEN;
}

static void
promo_of_row(const struct rows *rows, int i, struct promo *promo)
{
    *promo = (struct promo){ .number = rows_int(rows, i, 0),
                             .shown = rows_text(rows, i, 1),
                             .credits = rows_int(rows, i, 2),
                             .uses = rows_int(rows, i, 3),
                             .claimed = rows_int(rows, i, 4),
                             .ends_at = rows_int(rows, i, 5),
                             .lot_expires_at = rows_int(rows, i, 6),
                             .lot_days = rows_int(rows, i, 7),
                             .created_at = rows_int(rows, i, 8) };
}

enum promo_result
promo_list(struct db *db, struct arena *arena, int64_t before, int limit,
           struct promo **promos, int *count)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_PROMO_PAGE,
               INT(before == 0 ? INT64_MAX : before), INT(limit)) != DB_OK)
        return PROMO_BROKEN;
    *count = rows.n;
    *promos = arena_array(arena, (size_t)rows.n + 1, sizeof(**promos));
    for (int i = 0; i < rows.n; i++)
        promo_of_row(&rows, i, &(*promos)[i]);
    return PROMO_OK;
}

static enum promo_result
find(struct db *db, struct arena *arena, const char *text, struct promo *promo)
{
    const char *code = promo_code(arena, text);
    struct rows rows;

    if (code == NULL)
        return PROMO_UNKNOWN;
    if (db_run(db, arena, &rows, Q_PROMO_BY_CODE, TEXT(code)) != DB_OK)
        return PROMO_BROKEN;
    if (rows.n == 0)
        return PROMO_UNKNOWN;
    promo_of_row(&rows, 0, promo);
    return PROMO_OK;
}

/* The Space's claim, then one use of the code. */
static enum promo_result
take(struct db *db, struct arena *arena, const struct wallet *wallet,
     const struct promo *promo, const struct member *member, int64_t now)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_PROMO_CLAIM_INSERT, INT(wallet->space),
               INT(promo->number), INT(wallet->seq + 1), INT(member->number),
               INT(now)) != DB_OK)
        return PROMO_BROKEN;
    if (rows.changes == 0)
        return PROMO_USED;
    if (promo->ends_at <= now)
        return PROMO_EXPIRED;
    if (db_run(db, arena, &rows, Q_PROMO_USE, INT(promo->number)) != DB_OK)
        return PROMO_BROKEN;
    return rows.changes == 1 ? PROMO_OK : PROMO_USED;
}

enum promo_result
promo_claim(struct db *db, struct arena *arena, struct wallet *wallet,
            int64_t now, const struct member *member, const char *code,
            struct event *event)
{
    struct promo promo;
    struct grant grant = { .kind = GRANT_BONUS, .member = member->name };
    enum promo_result done = find(db, arena, code, &promo);
    const char *why;

    if (done == PROMO_OK)
        done = take(db, arena, wallet, &promo, member, now);
    if (done != PROMO_OK)
        return done;
    grant.credits = promo.credits;
    grant.expires_at = promo.lot_days > 0 ? now + promo.lot_days * DAY_MS
                                          : promo.lot_expires_at;
    grant.reason = arena_format(arena, "Code %s", promo.shown);
    switch (grant_decide(db, arena, wallet, &grant, now, event, &why)) {
    case GRANT_OK: return PROMO_OK;
    case GRANT_LIMIT: return PROMO_LIMIT;
    default: return PROMO_BROKEN;
    }
}
