/*
 * What was agreed about auto top-up, and what may be done next: see
 * auto_top_up.h. What a charge goes through is auto_charge.c's.
 */
#include "auto_inside.h"

#include "cap.h"
#include "ledger_sql.h"
#include "words.h"

/* The provider keeps an idempotency key for a day: nothing may be asked again
 * with one that could have been forgotten. */
static const int64_t ask_again_ms = 20 * HOUR_MS;

enum auto_result
auto_find(struct db *db, struct arena *arena, int64_t space,
          struct auto_top_up *top_up)
{
    struct rows rows;

    *top_up = (struct auto_top_up){ .enabled = false };
    if (db_run(db, arena, &rows, Q_AUTO_ONE, INT(space)) != DB_OK)
        return AUTO_BROKEN;
    if (rows.n == 0)
        return AUTO_NONE;
    *top_up = (struct auto_top_up){
        .enabled = rows_int(&rows, 0, 0) != 0,
        .agreement = { .number = rows_int(&rows, 0, 1),
                       .tier = rows_text(&rows, 0, 2),
                       .amount = rows_int(&rows, 0, 3),
                       .currency = rows_text(&rows, 0, 4),
                       .threshold = rows_int(&rows, 0, 5),
                       .monthly_max = rows_int(&rows, 0, 6),
                       .member = rows_int(&rows, 0, 7),
                       .member_name = rows_text(&rows, 0, 8),
                       .agreed_at = rows_int(&rows, 0, 9),
                       .words = rows_text(&rows, 0, 10) },
        .paused = rows_text(&rows, 0, 11),
        .card = { .customer = rows_text(&rows, 0, 12),
                  .method = rows_text(&rows, 0, 13),
                  .brand = rows_text(&rows, 0, 14),
                  .last4 = rows_text(&rows, 0, 15),
                  .order = rows_int(&rows, 0, 16) },
    };
    return AUTO_OK;
}

enum auto_result
auto_spent(struct db *db, struct arena *arena, const struct wallet *wallet,
           int64_t now, int64_t but, int64_t *spent)
{
    int64_t first = cap_window(CAP_MONTH, zone_day(wallet->zone, now));
    struct rows rows;

    if (db_run(db, arena, &rows, Q_AUTO_SPENT, INT(wallet->space), INT(but),
               INT(zone_day_start_ms(wallet->zone, first))) != DB_OK)
        return AUTO_BROKEN;
    *spent = rows_int(&rows, 0, 0);
    return AUTO_OK;
}

const char *
auto_state(const struct auto_top_up *top_up, const struct auto_charge *charge)
{
    if (!top_up->enabled)
        return "off";
    if (top_up->paused != NULL)
        return "paused";
    if (charge != NULL)
        switch (charge->waits) {
        case AUTO_WAITS_DECLINE: return "backing_off";
        case AUTO_WAITS_CEILING: return "ceiling_reached";
        case AUTO_WAITS_CONFIRMATION: return "needs_confirmation";
        case AUTO_WAITS_NOT:
        case AUTO_WAITS_PROCESSING:
            if (charge->in_flight || top_up->card.method != NULL)
                return "charging";
            break;
        }
    return top_up->card.method == NULL ? "needs_card" : "ready";
}

const char *
auto_words(struct arena *arena, const struct auto_agreement *to)
{
    return arena_format(
        arena,
        "Whenever fewer than %s are available, the saved card is charged %s "
        "for more credits, at most %s in a calendar month, until this is "
        "turned off.",
        words_credits(arena, to->threshold),
        money_text(arena, to->amount, to->currency),
        money_text(arena, to->monthly_max, to->currency));
}

/* --- Changes. ------------------------------------------------------------- */

enum auto_result
auto_turn_on(struct db *db, struct arena *arena, struct wallet *wallet,
             int64_t now, struct auto_agreement *agreement)
{
    struct auto_top_up before;

    if (auto_find(db, arena, wallet->space, &before) == AUTO_BROKEN ||
        auto_end_unsent(db, arena, wallet->space, "turned_off") == AUTO_BROKEN)
        return AUTO_BROKEN;
    agreement->number = before.agreement.number + 1;
    agreement->agreed_at = now;
    agreement->words = auto_words(arena, agreement);
    if (db_run(db, arena, NULL, Q_AUTO_AGREE, INT(wallet->space),
               INT(agreement->number), TEXT(agreement->tier),
               INT(agreement->amount), TEXT(agreement->currency),
               INT(agreement->threshold), INT(agreement->monthly_max),
               INT(agreement->member), INT(now),
               TEXT(agreement->words)) != DB_OK ||
        db_run(db, arena, NULL, Q_AUTO_TURN_ON, INT(wallet->space),
               INT(agreement->number)) != DB_OK)
        return AUTO_BROKEN;
    wallet_top_up_below(wallet,
                        before.card.method == NULL ? -1 : agreement->threshold);
    return AUTO_OK;
}

enum auto_result
auto_turn_off(struct db *db, struct arena *arena, struct wallet *wallet)
{
    if (db_run(db, arena, NULL, Q_AUTO_TURN_OFF, INT(wallet->space)) != DB_OK)
        return AUTO_BROKEN;
    wallet_top_up_below(wallet, -1);
    return auto_end_unsent(db, arena, wallet->space, "turned_off") ==
                   AUTO_BROKEN
               ? AUTO_BROKEN
               : AUTO_OK;
}

enum auto_result
auto_pause(struct db *db, struct arena *arena, struct wallet *wallet,
           const char *why)
{
    wallet_top_up_below(wallet, -1);
    return db_run(db, arena, NULL, Q_AUTO_PAUSE, INT(wallet->space),
                  TEXT(why)) == DB_OK
               ? AUTO_OK
               : AUTO_BROKEN;
}

enum auto_result
auto_keep_card(struct db *db, struct arena *arena, struct wallet *wallet,
               const struct auto_card *card)
{
    struct auto_top_up top_up;
    enum auto_result found = auto_find(db, arena, wallet->space, &top_up);

    if (found != AUTO_OK)
        return found;
    if (top_up.card.order >= card->order)
        return AUTO_OK;
    if (db_run(db, arena, NULL, Q_AUTO_SET_CARD, INT(wallet->space),
               TEXT(card->customer), TEXT(card->method), TEXT(card->brand),
               TEXT(card->last4), INT(card->order)) != DB_OK ||
        db_run(db, arena, NULL, Q_AUTO_CHARGE_HURRY, INT(wallet->space)) !=
            DB_OK)
        return AUTO_BROKEN;
    if (top_up.enabled)
        wallet_top_up_below(wallet, top_up.agreement.threshold);
    return AUTO_OK;
}

enum auto_result
auto_lose_card(struct db *db, struct arena *arena, struct wallet *wallet,
               const char *method)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_AUTO_LOSE_CARD, INT(wallet->space),
               TEXT(method)) != DB_OK)
        return AUTO_BROKEN;
    /* Another may have been saved meanwhile: that one is asked next. */
    wallet_top_up_below(wallet, rows.changes == 1 ? -1 : wallet->top_up_below);
    return AUTO_OK;
}

/* --- Deciding. ------------------------------------------------------------ */

int64_t
auto_wait_ms(int attempts)
{
    static const int64_t waits[AUTO_ATTEMPTS - 1] = { 0, HOUR_MS, 3 * HOUR_MS,
                                                      7 * HOUR_MS };

    return attempts >= 1 && attempts < AUTO_ATTEMPTS ? waits[attempts - 1] : -1;
}

static bool
is_over_ceiling(const struct auto_facts *facts)
{
    const struct auto_agreement *agreed = &facts->top_up->agreement;

    return facts->spent > agreed->monthly_max - agreed->amount;
}

/* Whether the attempt in flight would be made today, too. */
static bool
is_wanted(const struct auto_facts *facts)
{
    const struct auto_top_up *top_up = facts->top_up;
    const char *method = facts->charge->method;

    return top_up->enabled && top_up->paused == NULL && facts->below &&
           facts->same_order && facts->may_buy && facts->same_price &&
           !is_over_ceiling(facts) && top_up->card.method != NULL &&
           method != NULL && strcmp(method, top_up->card.method) == 0;
}

/* Of an attempt whose outcome nobody knows. */
static enum auto_step
decide_in_flight(const struct auto_facts *facts)
{
    int64_t age_ms = facts->system_now - facts->charge->sent_at;

    return age_ms < ask_again_ms && is_wanted(facts) ? AUTO_ASK : AUTO_LOOK;
}

enum auto_step
auto_decide(const struct auto_facts *facts, const char **why)
{
    const struct auto_top_up *top_up = facts->top_up;
    const struct auto_charge *charge = facts->charge;

    *why = NULL;
    if (charge->leased_until > facts->system_now)
        return AUTO_NOTHING;
    if (charge->in_flight)
        return decide_in_flight(facts);
    if (charge->waits == AUTO_WAITS_PROCESSING)
        return facts->now < charge->next_at ? AUTO_NOTHING : AUTO_LOOK;
    if (charge->waits == AUTO_WAITS_CONFIRMATION && facts->has_page)
        return AUTO_NOTHING;
    if (!top_up->enabled || top_up->paused != NULL ||
        top_up->card.method == NULL || !facts->below)
        return AUTO_DROP;
    if (facts->now < charge->next_at)
        return AUTO_NOTHING;
    if (charge->waits == AUTO_WAITS_CONFIRMATION)
        return AUTO_CONFIRM;
    *why = !facts->may_buy                     ? "plan_not_paid"
           : !facts->same_price                ? "price_changed"
           : charge->attempts >= AUTO_ATTEMPTS ? "declined"
                                               : NULL;
    if (*why != NULL)
        return AUTO_PAUSE;
    return is_over_ceiling(facts) ? AUTO_PUT_OFF : AUTO_SEND;
}
