/*
 * Upkeep: proving the ledger, asking the provider about orders, and doing
 * what is due. None of it is needed for correctness: every write does what
 * is due first, and pages heal their own orders.
 */
#include "clock.h"
#include "command.h"
#include "ledger.h"
#include "ledger_sql.h"
#include "order.h"
#include "settle_membership.h"

/* --- verify --------------------------------------------------------------- */

static void
show_fault(void *context, const char *words)
{
    struct command *command = context;

    if (command->json)
        json_put_text(&command->out, NULL, words);
    else
        puts(words);
}

static void
show_progress(void *context, int64_t done, int64_t all)
{
    command_progress(context, "Spaces proved", done, all);
}

int
upkeep_verify(struct command *command)
{
    int64_t faults;
    bool read;

    json_open_array(&command->out, "faults");
    read = ledger_verify(command->db, command->arena, show_fault, show_progress,
                         command, &faults);
    json_close_array(&command->out);
    if (!read)
        return command_broken(command);
    json_put_boolean(&command->out, "ok", faults == 0);
    if (faults > 0)
        return COMMAND_FAILED;
    command_say(command, "The ledger is whole.");
    return COMMAND_OK;
}

/* --- reconcile and tick --------------------------------------------------- */

struct asked {
    int64_t orders, credited, changed, unanswered;
};

/* Asks about one order; false when the database failed. */
static bool
ask(struct command *command, struct order *order, int64_t fresh_ms,
    struct asked *asked)
{
    struct space space;
    enum settled settled;
    const char *why = NULL;

    if (space_by_number(command->db, command->arena, order->space, &space) !=
        SPACE_OK)
        return false;
    asked->orders++;
    switch (settle_ask(command->db, command->arena, command->config, &space,
                       order, fresh_ms, command->now, &settled, &why)) {
    case SETTLE_OK:
        asked->credited += settled == SETTLED_CREDITED;
        asked->changed += settled != SETTLED_NOTHING;
        return true;
    case SETTLE_BROKEN: return false;
    case SETTLE_NOT_OURS:
    case SETTLE_REFUSED:
    case SETTLE_UNAVAILABLE: break;
    }
    asked->unanswered++;
    if (!command->json)
        fprintf(stderr, "scrip: order %s: %s\n", order->id,
                why == NULL ? "the provider did not answer" : why);
    return true;
}

/* Every open order last asked about before `before`, in batches; each is
 * asked once, since asking moves it behind `before`. */
static bool
ask_all(struct command *command, int64_t before, int limit, int64_t fresh_ms,
        struct asked *asked)
{
    struct order *orders;
    int count;

    if (order_to_ask(command->db, command->arena, before, limit, &orders,
                     &count) != ORDER_OK)
        return false;
    for (int i = 0; i < count; i++) {
        if (!ask(command, &orders[i], fresh_ms, asked))
            return false;
        command_progress(command, "orders asked about", i + 1, count);
    }
    return true;
}

/* The same of memberships; `all`: also those that nothing is due of. */
static bool
ask_memberships(struct command *command, int64_t before, bool all, int limit,
                struct settle_membership_asked *asked)
{
    struct membership_desk desk = { .db = command->db,
                                    .arena = command->arena,
                                    .config = command->config,
                                    .clock_ms = command->now };

    return settle_membership_ask_all(&desk, before, all, limit, asked) ==
           SETTLE_OK;
}

static void
put_memberships(struct command *command,
                const struct settle_membership_asked *asked)
{
    json_put_integer(&command->out, "memberships_asked", asked->asked);
    json_put_integer(&command->out, "memberships_changed", asked->changed);
    json_put_integer(&command->out, "memberships_unanswered",
                     asked->unanswered);
}

static void
put_asked(struct command *command, const struct asked *asked)
{
    json_put_integer(&command->out, "orders_asked", asked->orders);
    json_put_integer(&command->out, "orders_credited", asked->credited);
    json_put_integer(&command->out, "orders_changed", asked->changed);
    json_put_integer(&command->out, "orders_unanswered", asked->unanswered);
}

/* Reads the provider's list of events; false when the database failed. */
static bool
walk(struct command *command, struct settle_walked *walked, bool *whole)
{
    const char *why = NULL;

    *whole = false;
    switch (settle_walk(command->db, command->arena, command->config,
                        command->now, walked, &why)) {
    case SETTLE_OK: *whole = true; return true;
    case SETTLE_BROKEN: return false;
    case SETTLE_NOT_OURS:
    case SETTLE_REFUSED:
    case SETTLE_UNAVAILABLE: break;
    }
    if (!command->json)
        fprintf(stderr, "scrip: the provider's list of events: %s\n",
                why == NULL ? "no answer" : why);
    return true;
}

int
upkeep_reconcile(struct command *command)
{
    enum { ALL = 1000000 };
    struct settle_membership_asked memberships;
    struct asked asked = { 0 };
    struct settle_walked walked;
    struct settle_worked worked;
    bool whole;

    if (!ask_all(command, clock_system_ms() + 1, ALL, 0, &asked) ||
        !ask_memberships(command, clock_system_ms() + 1, true, ALL,
                         &memberships) ||
        !walk(command, &walked, &whole) ||
        settle_work(command->db, command->arena, command->config, command->now,
                    &worked) != SETTLE_OK)
        return command_broken(command);
    command_say(command,
                "%lld open orders asked about: %lld credited, %lld changed, "
                "%lld without an answer.",
                (long long)asked.orders, (long long)asked.credited,
                (long long)asked.changed, (long long)asked.unanswered);
    command_say(command,
                "%lld memberships asked about: %lld changed, %lld "
                "without an answer.",
                (long long)memberships.asked, (long long)memberships.changed,
                (long long)memberships.unanswered);
    command_say(command,
                "%lld events of the provider's read%s: no webhook had told "
                "%lld of ours.",
                (long long)walked.events, whole ? "" : " before it stopped",
                (long long)walked.unheard);
    put_asked(command, &asked);
    put_memberships(command, &memberships);
    json_put_integer(&command->out, "events_read", walked.events);
    json_put_integer(&command->out, "events_unheard", walked.unheard);
    json_put_boolean(&command->out, "events_whole", whole);
    json_put_integer(&command->out, "work_done", worked.done);
    json_put_integer(&command->out, "work_later", worked.later);
    return asked.unanswered + memberships.unanswered == 0 && whole &&
                   worked.later == 0
               ? COMMAND_OK
               : COMMAND_FAILED;
}

/* Writes what is due of one Space, in its own transaction. */
static bool
settle_space(struct command *command, int64_t number, int64_t *events)
{
    struct space space;
    struct wallet wallet;
    int64_t now;

    if (!db_begin(command->db) ||
        space_by_number(command->db, command->arena, number, &space) !=
            SPACE_OK ||
        ledger_lock(command->db, command->arena, &space, command->now, &wallet,
                    &now) != LEDGER_OK ||
        ledger_save(command->db, command->arena, &wallet) != LEDGER_OK ||
        !db_commit(command->db))
        return false;
    *events += wallet.event_count;
    return true;
}

int
upkeep_tick(struct command *command)
{
    enum { SPACES_AT_ONCE = 500, ORDERS_AT_ONCE = 20 };
    struct asked asked = { 0 };
    struct settle_membership_asked memberships;
    struct settle_worked worked, topped_up;
    struct rows due;
    int64_t events = 0;
    int64_t offset_ms = command->now - clock_system_ms();

    if (offset_ms / SECOND_MS != 0)
        (void)clock_tell(command, offset_ms); /* it may have been away */
    if (db_run(command->db, command->arena, &due, Q_WALLET_DUE,
               INT(command->now), INT(SPACES_AT_ONCE)) != DB_OK)
        return command_broken(command);
    for (int i = 0; i < due.n; i++)
        if (!settle_space(command, rows_int(&due, i, 0), &events))
            return command_broken(command);
    if (!ask_all(command, clock_system_ms() - MINUTE_MS, ORDERS_AT_ONCE,
                 MINUTE_MS, &asked) ||
        !ask_memberships(command, clock_system_ms() - MINUTE_MS, false,
                         ORDERS_AT_ONCE, &memberships) ||
        settle_work(command->db, command->arena, command->config, command->now,
                    &worked) != SETTLE_OK ||
        settle_auto_top_ups(command->db, command->arena, command->config,
                            command->now, &topped_up) != SETTLE_OK)
        return command_broken(command);
    json_put_integer(&command->out, "spaces_settled", due.n);
    json_put_integer(&command->out, "events_written", events);
    put_asked(command, &asked);
    put_memberships(command, &memberships);
    json_put_integer(&command->out, "work_done", worked.done);
    json_put_integer(&command->out, "work_later", worked.later);
    json_put_integer(&command->out, "top_ups_done", topped_up.done);
    json_put_integer(&command->out, "top_ups_later", topped_up.later);
    if (due.n > 0 || asked.changed > 0 || worked.done > 0 || worked.later > 0)
        command_say(command,
                    "%d Spaces settled, %lld orders changed, %lld pieces of "
                    "work done, %lld left for later.",
                    due.n, (long long)asked.changed, (long long)worked.done,
                    (long long)worked.later);
    return COMMAND_OK;
}
