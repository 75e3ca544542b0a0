/*
 * Tables of steps on one wallet in memory: what is done, what it comes to,
 * and what the wallet has then. Times are hours after the beginning, which is
 * the last Saturday of October 2026 at 12:00 in London, where days are: the
 * night has 25 hours.
 */
#ifndef SCRIP_SCENARIO_H
#define SCRIP_SCENARIO_H

#include "buf.h"
#include "hold.h"
#include "refund.h"
#include "takeback.h"
#include "tap.h"

enum act {
    INCLUDED = 0, /* n credits that end at hour m */
    BONUS,        /* the same; hour 0: never */
    TOP_UP,       /* n credits, and m as bonus; `who` is the order, "1" */
    DEBIT,        /* n credits */
    WAIT,         /* until hour n */
    SETTLE,       /* a tick */
    HOLD,         /* n credits for m hours; `who` names it with a letter */
    VIEWING,      /* n viewer-minutes at 20 credits per 1,000, m hours */
    PLAN,         /* a plan's hold of n viewer-minutes, m hours */
    UNDER_PLAN,   /* as VIEWING, under the plan's campaign */
    PART,         /* captures n of a hold, and keeps the rest */
    FINAL,        /* captures n, and gives the rest back */
    ALL,          /* captures what is left */
    EXTEND,       /* captures n; m more from now on, for one more hour */
    RELEASE,
    DIRECT,         /* n credits at the caller's own price */
    DIRECT_VIEWING, /* n viewer-minutes */
    DIRECT_PLAN,    /* n viewer-minutes under the plan's campaign */
    REFUND,         /* n of event m; n = 0: all that is left */
    TAKE,           /* n of the order */
    RETURN          /* n of what was taken of the order */
};

struct step {
    const char *words;
    enum act act;
    const char *who;
    int64_t n, m;
    int result;
    int64_t available, held;
    const char *lots;  /* "1:60(20)": lot 1 has 60, 20 of them reserved; in
                         spending order; "debt 5" behind */
    const char *event; /* the last new one, and how many more: "+1"; "": none */
};

struct scenario {
    struct arena arena;
    struct wallet wallet;
    struct takings takings[10];
    int64_t start, now;
    int64_t holds['z' + 1];
};

static inline void
scenario_begin(struct scenario *s)
{
    memset(s, 0, sizeof(*s));
    arena_init(&s->arena, 64 * 1024, 64 * 1024 * 1024);
    if (!clock_parse("2026-10-24T11:00:00Z", &s->start))
        abort();
    s->now = s->start;
    wallet_init(&s->wallet, &s->arena, 7, zone_find("Europe/London"));
    for (int i = 0; i < 10; i++)
        s->takings[i].order = i;
}

static inline const char *
scenario_lots(struct scenario *s)
{
    struct buf buf;

    buf_init(&buf, &s->arena, 4000);
    for (int i = 0; i < s->wallet.lot_count; i++) {
        const struct lot *lot = &s->wallet.lots[i];

        if (lot->remaining == 0)
            continue;
        buf_format(&buf, "%s%d:%d", buf.length > 0 ? " " : "", (int)lot->number,
                   (int)lot->remaining);
        if (lot->reserved > 0)
            buf_format(&buf, "(%d)", (int)lot->reserved);
    }
    if (s->wallet.debt > 0)
        buf_format(&buf, "%sdebt %d", buf.length > 0 ? " " : "",
                   (int)s->wallet.debt);
    return buf.bytes;
}

/* "captured_usage -20 [[1,-20]] at 3", the hour being the event's. */
static inline const char *
scenario_event(struct scenario *s, int first)
{
    int count = s->wallet.event_count - first;
    const struct event *event;

    if (count == 0)
        return "";
    event = &s->wallet.events[s->wallet.event_count - 1];
    return arena_format(
        &s->arena, "%s %d %s at %d%s", event_kind_text(event->kind),
        (int)event->credits,
        lot_changes_text(&s->arena, event->lots, event->lot_count),
        (int)((event->at - s->start) / HOUR_MS),
        count == 1 ? "" : arena_format(&s->arena, " +%d", count - 1));
}

static inline int
scenario_credit(struct scenario *s, const struct step *step)
{
    static const enum event_kind events[] = { EVENT_INCLUDED_ALLOCATION,
                                              EVENT_BONUS, EVENT_TOP_UP };
    static const enum lot_kind kinds[] = { LOT_INCLUDED, LOT_BONUS,
                                           LOT_TOP_UP };
    struct event event = { .kind = events[step->act] };
    struct credit_lot lots[2] = {
        { .kind = kinds[step->act],
          .credits = step->n,
          .expires_at = s->start + step->m * HOUR_MS },
        { .kind = LOT_BONUS, .credits = step->m, .expires_at = NEVER_MS },
    };

    if (step->m == 0 || step->act == TOP_UP)
        lots[0].expires_at = NEVER_MS;
    if (step->act == TOP_UP)
        event.order = step->who[0] - '0';
    return (int)wallet_credit(&s->wallet, lots,
                              step->act == TOP_UP && step->m > 0 ? 2 : 1,
                              &event, s->now);
}

static inline int
scenario_ask(struct scenario *s, const struct step *step)
{
    struct hold_ask ask = { .charge = { .feature = "own" },
                            .quantity = step->n,
                            .lasts_ms = step->m * HOUR_MS };
    int64_t made = 0;
    bool direct = step->act >= DIRECT;
    int done;

    if (step->act != HOLD && step->act != DIRECT)
        ask.charge = (struct charge){
            .feature = "livestream_viewing", .book = 1, .price = 20, .per = 1000
        };
    if (step->act == PLAN || step->act == UNDER_PLAN ||
        step->act == DIRECT_PLAN)
        ask.refs.campaign = "launch";
    if (step->act == PLAN)
        ask.plan = ask.item = 1;
    if (step->act == UNDER_PLAN || step->act == DIRECT_PLAN)
        ask.charge.price = 21; /* the price has changed since */
    done = direct
               ? (int)hold_capture_direct(&s->wallet, &ask, s->now, &made, NULL)
               : (int)hold_place(&s->wallet, &ask, s->now, &made, NULL);
    if (!direct)
        s->holds[(unsigned char)step->who[0]] = made;
    return done;
}

static inline int
scenario_capture(struct scenario *s, const struct step *step)
{
    struct capture_ask ask = {
        .hold = s->holds[(unsigned char)step->who[0]],
        .all = step->act == ALL,
        .quantity = step->n,
        .final = step->act != PART && step->act != EXTEND,
        .extend = step->act == EXTEND,
        .extend_quantity = step->m,
        .extend_ms = HOUR_MS,
    };
    int64_t seq;

    return (int)hold_capture(&s->wallet, &ask, s->now, &seq, NULL);
}

static inline int
scenario_take(struct scenario *s, const struct step *step)
{
    struct takings *takings = &s->takings[step->who[0] - '0'];
    struct event event = { .order = takings->order };
    int64_t seq;

    event.kind = step->act == TAKE ? EVENT_DISPUTE : EVENT_DISPUTE_REVERSAL;
    return step->act == TAKE ? !takeback_take(&s->wallet, takings, step->n,
                                              &event, s->now, &seq)
                             : !takeback_return(&s->wallet, takings, step->n,
                                                &event, s->now, &seq);
}

static inline int
scenario_do(struct scenario *s, const struct step *step)
{
    static const struct event adjustment = { .kind = EVENT_ADJUSTMENT };
    int64_t seq;

    switch (step->act) {
    case INCLUDED:
    case BONUS:
    case TOP_UP: return scenario_credit(s, step);
    case DEBIT:
        return (int)wallet_debit(&s->wallet, step->n, &adjustment, s->now);
    case WAIT: s->now = s->start + step->n * HOUR_MS; return 0;
    case SETTLE: return 0;
    case HOLD:
    case VIEWING:
    case PLAN:
    case UNDER_PLAN:
    case DIRECT:
    case DIRECT_VIEWING:
    case DIRECT_PLAN: return scenario_ask(s, step);
    case PART:
    case FINAL:
    case ALL:
    case EXTEND: return scenario_capture(s, step);
    case RELEASE:
        return (int)hold_release(&s->wallet,
                                 s->holds[(unsigned char)step->who[0]], s->now);
    case REFUND:
        return (int)refund_usage(&s->wallet, &s->wallet.events[step->m - 1],
                                 step->n, "it failed", s->now, &seq);
    case TAKE:
    case RETURN: return scenario_take(s, step);
    }
    return -1;
}

static inline void
scenario_steps(struct scenario *s, const char *name, const struct step *steps,
               size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int first = s->wallet.event_count;
        const char *words =
            arena_format(&s->arena, "%s: %s", name,
                         steps[i].words == NULL ? "" : steps[i].words);
        int result;

        if (steps[i].act != WAIT)
            wallet_settle(&s->wallet, s->now);
        result = scenario_do(s, &steps[i]);
        if (steps[i].act == WAIT)
            continue;
        is_int(result, steps[i].result, "%s: the result", words);
        is_int(wallet_available(&s->wallet), steps[i].available,
               "%s: available", words);
        is_int(s->wallet.held, steps[i].held, "%s: held", words);
        is_text(scenario_lots(s), steps[i].lots, "%s: the lots", words);
        if (steps[i].event != NULL)
            is_text(scenario_event(s, first), steps[i].event, "%s: the event",
                    words);
    }
}

static inline void
scenario_play(const char *name, const struct step *steps, size_t count)
{
    struct scenario s;

    scenario_begin(&s);
    scenario_steps(&s, name, steps, count);
    arena_free(&s.arena);
}

#define PLAY(name, steps) scenario_play((name), (steps), COUNT_OF(steps))

#endif
