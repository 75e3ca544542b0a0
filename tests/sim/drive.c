/*
 * From the simulation's operations to the ledger's, and the comparison: see
 * drive.h.
 */
#include "drive.h"

#include "hold.h"
#include "refund.h"

static const char *const features[] = { "f0", "f1", "f2", "f3", "own" };
static const char *const campaigns[] = { NULL, "c1", "c2" };
static const char *const members[] = { NULL, "m1", "m2" };

static enum outcome
outcome_of(enum hold_result result)
{
    switch (result) {
    case HOLD_OK: return OUT_OK;
    case HOLD_UNKNOWN: return OUT_UNKNOWN;
    case HOLD_NOT_OPEN: return OUT_NOT_OPEN;
    case HOLD_EXCEEDED: return OUT_EXCEEDS;
    case HOLD_TOO_LARGE: return OUT_TOO_LARGE;
    case HOLD_INSUFFICIENT: return OUT_INSUFFICIENT;
    case HOLD_CAPPED: return OUT_CAP;
    case HOLD_REPLAYED:
    case HOLD_KEY_REUSED:
    case HOLD_BROKEN: break;
    }
    return OUT_NOTHING;
}

struct cap *
drive_caps(struct arena *arena, const struct model *model)
{
    static const struct cap caps[CAPS] = {
        { .on = CAP_FEATURE, .value = "f0", .per = CAP_DAY },
        { .on = CAP_FEATURE, .value = "f1", .per = CAP_MONTH },
        { .on = CAP_MEMBER, .value = "m1", .per = CAP_DAY },
        { .on = CAP_MEMBER, .value = "m2", .per = CAP_TOTAL },
        { .on = CAP_CAMPAIGN, .value = "c1", .per = CAP_MONTH },
    };
    struct cap *mine = arena_array(arena, CAPS, sizeof(*mine));

    for (int i = 0; i < CAPS; i++) {
        mine[i] = caps[i];
        mine[i].number = i + 1;
        mine[i].credits = model->cap[i];
    }
    return mine;
}

static struct hold_ask
ask_of(const struct drive *drive, const struct op *op)
{
    struct hold_ask ask = {
        .charge = { .feature = features[op->what] },
        .refs = { .campaign = campaigns[op->campaign],
                  .member = members[op->member],
                  .livestream = "live",
                  .note = op->flag ? "a note" : NULL },
        .quantity = op->amount,
        .lasts_ms = op->lasts,
    };

    if (op->what != OWN_PRICE) {
        ask.charge.book = drive->book;
        ask.charge.quality = op->what == 1 ? "fast" : NULL;
        ask.charge.price = drive->price[op->what];
        ask.charge.per = drive->per[op->what];
    }
    return ask;
}

static void
top_up(struct drive *drive, struct wallet *wallet, const struct op *op,
       int64_t now)
{
    struct event event = { .kind = EVENT_TOP_UP,
                           .order = ++drive->orders_made };
    struct credit_lot lots[2] = {
        { .kind = LOT_TOP_UP, .credits = op->amount, .expires_at = NEVER_MS },
        { .kind = LOT_BONUS, .credits = op->more, .expires_at = NEVER_MS },
    };
    enum wallet_result done =
        wallet_credit(wallet, lots, op->more > 0 ? 2 : 1, &event, now);

    assert(done == WALLET_OK);
}

static void
grant(struct wallet *wallet, const struct op *op, int64_t now)
{
    struct event event = { .kind = op->flag ? EVENT_INCLUDED_ALLOCATION
                                            : EVENT_BONUS };
    struct credit_lot lot = {
        .kind = op->flag ? LOT_INCLUDED : LOT_BONUS,
        .credits = op->amount,
        .expires_at = op->lasts == 0 ? NEVER_MS : now + op->lasts,
    };
    enum wallet_result done = wallet_credit(wallet, &lot, 1, &event, now);

    assert(done == WALLET_OK);
}

static enum outcome
capture(struct wallet *wallet, const struct op *op, int hold, int64_t now)
{
    struct capture_ask ask = { .hold = hold,
                               .all = op->amount == 0,
                               .quantity = op->amount,
                               .final = op->flag };
    int64_t seq;

    if (op->kind == OP_EXTEND) {
        ask.all = false;
        ask.final = false;
        ask.extend = true;
        ask.extend_quantity = op->more;
        ask.extend_ms = op->lasts;
    }
    return outcome_of(hold_capture(wallet, &ask, now, &seq, NULL));
}

static enum outcome
refund(struct drive *drive, struct wallet *wallet, const struct op *op,
       int64_t now)
{
    int64_t seq;

    if (drive->of == NULL)
        return OUT_NOTHING;
    return refund_usage(wallet, drive->of, op->amount, "it failed", now,
                        &seq) == REFUND_OK
               ? OUT_OK
               : OUT_EXCEEDS;
}

static enum outcome
take(struct drive *drive, struct wallet *wallet, const struct op *op,
     int64_t now)
{
    struct takings *takings = drive->takings;
    struct event event = { .kind = EVENT_DISPUTE };
    int64_t most;
    bool done;

    if (takings == NULL)
        return OUT_NOTHING;
    event.order = takings->order;
    most = takeback_taken(takings);
    if (op->kind == OP_TAKE)
        most = drive->order_credits - most;
    if (most == 0)
        return OUT_NOTHING;
    if (op->kind == OP_TAKE) {
        done = takeback_take(wallet, takings, min_i64(op->amount, most), &event,
                             now, &drive->taken_seq);
    } else {
        event.kind = EVENT_DISPUTE_REVERSAL;
        done = takeback_return(wallet, takings, min_i64(op->amount, most),
                               &event, now, &drive->taken_seq);
    }
    assert(done);
    return OUT_OK;
}

enum outcome
drive_do(struct drive *drive, struct wallet *wallet, const struct op *op,
         int hold, int64_t now)
{
    static const struct event adjustment = { .kind = EVENT_ADJUSTMENT };
    struct hold_ask ask = ask_of(drive, op);
    int64_t made;

    switch (op->kind) {
    case OP_TOP_UP: top_up(drive, wallet, op, now); break;
    case OP_GRANT: grant(wallet, op, now); break;
    case OP_ADJUST:
        return wallet_debit(wallet, op->amount, &adjustment, now) == WALLET_OK
                   ? OUT_OK
                   : OUT_INSUFFICIENT;
    case OP_PLAN:
        if (op->campaign == 0 || op->what == OWN_PRICE)
            return OUT_NOTHING;
        ask.refs.member = NULL;
        ask.plan = 1;
        ask.item = 1;
        return outcome_of(hold_place(wallet, &ask, now, &made, NULL));
    case OP_PLACE:
        return outcome_of(hold_place(wallet, &ask, now, &made, NULL));
    case OP_CAPTURE:
    case OP_EXTEND: return capture(wallet, op, hold, now);
    case OP_RELEASE: return outcome_of(hold_release(wallet, hold, now));
    case OP_DIRECT:
        return outcome_of(hold_capture_direct(wallet, &ask, now, &made, NULL));
    case OP_REFUND: return refund(drive, wallet, op, now);
    case OP_TAKE:
    case OP_RETURN: return take(drive, wallet, op, now);
    case OP_PRICE:
        drive->price[op->pick % PRICES] = op->amount % 50 + 1;
        drive->per[op->pick % PRICES] = op->flag ? 1 : op->more % 1000 + 1;
        drive->book++;
        break;
    case OP_CAP:
        /* Where there is a database, its caps are set with it. */
        if (wallet->caps_set > 0)
            break;
        wallet->caps[op->pick % CAPS].credits = op->amount;
        wallet->caps[op->pick % CAPS].changed = true;
        wallet->changed = true;
        break;
    case OP_WAIT:
    case OP_KINDS: break;
    }
    return OUT_OK;
}

/* --- Comparing. ---------------------------------------------------------- */

static char
kind_letter(enum event_kind kind)
{
    return "tabcrfdvxj"[kind];
}

#define DIFFERS(wallet, ...) arena_format((wallet)->arena, __VA_ARGS__)

static const char *
number_differs(struct wallet *wallet, const char *what, int64_t number,
               int64_t got, int64_t want)
{
    if (got == want)
        return NULL;
    return DIFFERS(wallet, "%s %lld is %lld, the model says %lld", what,
                   (long long)number, (long long)got, (long long)want);
}

static const char *
event_differs(struct wallet *wallet, const struct event *event,
              const struct model_event *model)
{
    int64_t change[MODEL_LOTS] = { 0 };
    const char *why;

    if (kind_letter(event->kind) != model->kind)
        return DIFFERS(wallet, "event %lld is %s, the model says %c",
                       (long long)event->seq, event_kind_text(event->kind),
                       model->kind);
    for (int i = 0; i < event->lot_count; i++) {
        if (event->lots[i].lot >= MODEL_LOTS ||
            change[event->lots[i].lot] != 0 || event->lots[i].credits == 0)
            return DIFFERS(wallet, "event %lld has odd lots",
                           (long long)event->seq);
        change[event->lots[i].lot] = event->lots[i].credits;
    }
    for (int lot = 0; lot < MODEL_LOTS; lot++) {
        why = number_differs(wallet, "an event's change of lot", lot,
                             change[lot], model->change[lot]);
        if (why != NULL)
            return DIFFERS(wallet, "event %lld: %s", (long long)event->seq,
                           why);
    }
    if ((why = number_differs(wallet, "credits of event", event->seq,
                              event->credits, model->credits)) == NULL &&
        (why = number_differs(wallet, "balance after event", event->seq,
                              event->balance_after, model->balance)) == NULL &&
        (why = number_differs(wallet, "hold of event", event->seq,
                              event->kind == EVENT_CAPTURED_USAGE ? event->hold
                                                                  : model->hold,
                              model->hold)) == NULL)
        why = number_differs(wallet, "time of event", event->seq, event->at,
                             model->at);
    return why;
}

static const char *
lots_differ(const struct model *model, struct wallet *wallet, bool whole)
{
    const char *why = NULL;

    for (int n = 1; n <= model->lot_count && why == NULL; n++) {
        const struct model_lot *want = &model->lots[n];
        const struct lot *lot = wallet_lot(wallet, n);

        if (lot == NULL) {
            if (whole || want->left > 0)
                why = DIFFERS(wallet, "lot %d is missing", n);
            continue;
        }
        if ((why = number_differs(wallet, "remaining of lot", n, lot->remaining,
                                  want->left)) == NULL &&
            (why = number_differs(wallet, "reserved of lot", n, lot->reserved,
                                  model_reserved(model, n))) == NULL &&
            (why = number_differs(wallet, "kind of lot", n, lot->kind,
                                  want->kind)) == NULL &&
            (why = number_differs(wallet, "order of lot", n, lot->order,
                                  want->order)) == NULL)
            why = number_differs(wallet, "end of lot", n, lot->expires_at,
                                 want->ends);
        if (why == NULL && lot->remaining > lot->granted)
            why = DIFFERS(wallet, "lot %d has more than was granted", n);
    }
    return why;
}

static const char *
hold_differs(const struct model *model, struct wallet *wallet, int number)
{
    static const char letters[] = "hcrx";
    const struct model_hold *want = &model->holds[number];
    const struct hold *hold = wallet_hold(wallet, number);
    bool plan_open = want->state == 'h' && want->draws_on != 0 &&
                     model->holds[want->draws_on].state == 'h';
    const char *why;
    int64_t reserved = 0;

    if (letters[hold->state] != want->state)
        return DIFFERS(wallet, "hold %d is '%c', the model says '%c'", number,
                       letters[hold->state], want->state);
    for (int i = 0; i < hold->lot_count; i++) {
        const struct hold_lot *line = &hold->lots[i];

        reserved += line->reserved;
        why = number_differs(wallet, "a hold's credits of lot", line->lot,
                             line->reserved, want->from[line->lot]);
        if (why != NULL)
            return DIFFERS(wallet, "hold %d: %s", number, why);
    }
    if ((why = number_differs(wallet, "reserved by hold", number, reserved,
                              model_hold_left(want))) == NULL &&
        (why = number_differs(wallet, "captured of hold", number,
                              hold->captured, want->captured)) == NULL &&
        (why = number_differs(wallet, "credits of hold", number, hold->credits,
                              want->credits)) == NULL &&
        (why = number_differs(wallet, "units used of hold", number,
                              hold->quantity_captured, want->used)) == NULL &&
        (why = number_differs(wallet, "drawn by hold", number,
                              plan_open ? hold->drawn : want->drawn,
                              want->drawn)) == NULL)
        why = number_differs(wallet, "end of hold", number, hold->expires_at,
                             want->ends);
    return why;
}

static const char *
sums_differ(const struct model *model, struct wallet *wallet)
{
    int64_t day = zone_day(wallet->zone, model->now);
    int64_t total = model_total(model), held = model_held(model);
    const char *why;

    if ((why = number_differs(wallet, "total of Space", 1, wallet->total,
                              total)) != NULL ||
        (why = number_differs(wallet, "held of Space", 1, wallet->held,
                              held)) != NULL ||
        (why = number_differs(wallet, "debt of Space", 1, wallet->debt,
                              model->debt)) != NULL ||
        (why = number_differs(wallet, "seq of Space", 1, wallet->seq,
                              model->event_count)) != NULL)
        return why;
    for (int i = 0; i < wallet->cap_count; i++) {
        why = number_differs(wallet, "used of cap", i,
                             cap_used(&wallet->caps[i], day),
                             model_cap_used(model, i));
        if (why != NULL)
            return why;
    }
    return NULL;
}

const char *
drive_differs(const struct model *model, struct wallet *wallet, int first_event,
              bool whole)
{
    const char *why = sums_differ(model, wallet);

    for (int i = first_event; i < wallet->event_count && why == NULL; i++)
        why = event_differs(wallet, &wallet->events[i],
                            &model->events[wallet->events[i].seq]);
    if (why == NULL)
        why = lots_differ(model, wallet, whole);
    for (int n = 1; n <= model->hold_count && why == NULL; n++)
        if (wallet_hold(wallet, n) != NULL)
            why = hold_differs(model, wallet, n);
        else if (whole)
            why = DIFFERS(wallet, "hold %d is missing", n);
    return why;
}
