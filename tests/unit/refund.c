/*
 * Usage given back: to the lots that it came from, the last spent first.
 */
#include "scenario.h"

static const struct step order[] = {
    { "included until hour 10", INCLUDED, NULL, 10, 10, 0, 10, 0, "1:10",
      NULL },
    { "bonus until hour 20", BONUS, NULL, 20, 20, 0, 30, 0, "1:10 2:20", NULL },
    { "and a top-up", TOP_UP, "1", 100, 0, 0, 130, 0, "1:10 2:20 3:100", NULL },
    { "40 are captured", DIRECT, NULL, 40, 0, 0, 90, 0, "3:90",
      "captured_usage -40 [[1,-10],[2,-20],[3,-10]] at 0" },
    { "15 come back, last spent first", REFUND, NULL, 15, 4, REFUND_OK, 105, 0,
      "2:5 3:100", "usage_refund 15 [[2,5],[3,10]] at 0" },
    { "the next 20 go on from there", REFUND, NULL, 20, 4, REFUND_OK, 125, 0,
      "1:5 2:20 3:100", "usage_refund 20 [[1,5],[2,15]] at 0" },
    { "6 are more than is left", REFUND, NULL, 6, 4, REFUND_EXCEEDED, 125, 0,
      "1:5 2:20 3:100", "" },
    { "all that is left", REFUND, NULL, 0, 4, REFUND_OK, 130, 0,
      "1:10 2:20 3:100", "usage_refund 5 [[1,5]] at 0" },
    { "then nothing is", REFUND, NULL, 0, 4, REFUND_EXCEEDED, 130, 0,
      "1:10 2:20 3:100", "" },
    { "a refund is nothing to refund", REFUND, NULL, 1, 5, REFUND_EXCEEDED, 130,
      0, "1:10 2:20 3:100", "" },
    { "nor is a top-up", REFUND, NULL, 0, 3, REFUND_EXCEEDED, 130, 0,
      "1:10 2:20 3:100", "" },
};

static const struct step ended[] = {
    { "included until hour 10", INCLUDED, NULL, 10, 10, 0, 10, 0, "1:10",
      NULL },
    { "bonus until hour 12", BONUS, NULL, 20, 12, 0, 30, 0, "1:10 2:20", NULL },
    { "and a top-up", TOP_UP, "1", 5, 0, 0, 35, 0, "1:10 2:20 3:5", NULL },
    { "all captured", DIRECT, NULL, 35, 0, 0, 0, 0, "", NULL },
    { NULL, WAIT, NULL, 12, 0, 0, 0, 0, NULL, NULL },
    { "ended lots come back as new ones, each of its kind", REFUND, NULL, 0, 4,
      REFUND_OK, 35, 0, "4:10 5:20 3:5",
      "usage_refund 35 [[4,10],[5,20],[3,5]] at 12" },
    { NULL, WAIT, NULL, 12 + 30 * 24 - 1, 0, 0, 0, 0, NULL, NULL },
    { "for thirty days", SETTLE, NULL, 0, 0, 0, 35, 0, "4:10 5:20 3:5", "" },
    { NULL, WAIT, NULL, 12 + 30 * 24, 0, 0, 0, 0, NULL, NULL },
    { "and not longer", SETTLE, NULL, 0, 0, 0, 5, 0, "3:5", NULL },
};

static const struct step in_debt[] = {
    { "included until hour 10", INCLUDED, NULL, 10, 10, 0, 10, 0, "1:10",
      NULL },
    { "an order of 30", TOP_UP, "1", 30, 0, 0, 40, 0, "1:10 2:30", NULL },
    { "all captured", DIRECT, NULL, 40, 0, 0, 0, 0, "", NULL },
    { "and the order taken back", TAKE, "1", 30, 0, 0, -30, 0, "debt 30",
      NULL },
    { "what comes back pays debt", REFUND, NULL, 25, 3, REFUND_OK, -5, 0,
      "debt 5", "usage_refund 25 [[0,25]] at 0" },
    { "the soonest lot first, and the rest is its lot's", REFUND, NULL, 15, 3,
      REFUND_OK, 10, 0, "1:5 2:5", "usage_refund 15 [[1,5],[2,5],[0,5]] at 0" },
};

static const struct step held[] = {
    { "begins with 100", TOP_UP, "1", 100, 0, 0, 100, 0, "1:100", NULL },
    { "a hold", HOLD, "a", 50, 5, 0, 50, 50, "1:100(50)", NULL },
    { "a part of it captured", PART, "a", 30, 0, 0, 50, 20, "1:70(20)", NULL },
    { "given back it is free, and not the hold's", REFUND, NULL, 10, 2,
      REFUND_OK, 60, 20, "1:80(20)", "usage_refund 10 [[1,10]] at 0" },
    { "which can capture no more for it", FINAL, "a", 21, 0, HOLD_EXCEEDED, 60,
      20, "1:80(20)", "" },
};

static const struct step nothing[] = {
    { "begins with 100", TOP_UP, "1", 100, 0, 0, 100, 0, "1:100", NULL },
    { "a viewing", VIEWING, "a", 100, 5, 0, 98, 2, "1:100(2)", NULL },
    { "one credit", PART, "a", 1, 0, 0, 98, 1, "1:99(1)", NULL },
    { "a capture that cost nothing", PART, "a", 1, 0, 0, 98, 1, "1:99(1)",
      NULL },
    { "has nothing to give back", REFUND, NULL, 0, 3, REFUND_EXCEEDED, 98, 1,
      "1:99(1)", "" },
};

/* capture c, refund r: the lots are as capturing c - r would have left them,
 * for every c and r over lots of several kinds. */
static void
check_as_if_less(void)
{
    static const struct step lots[] = {
        { NULL, INCLUDED, NULL, 3, 10, 0, 0, 0, NULL, NULL },
        { NULL, BONUS, NULL, 4, 10, 0, 0, 0, NULL, NULL },
        { NULL, INCLUDED, NULL, 2, 20, 0, 0, 0, NULL, NULL },
        { NULL, TOP_UP, "1", 5, 3, 0, 0, 0, NULL, NULL },
    };
    int differ = 0, tried = 0;

    for (int c = 1; c <= 17; c++)
        for (int r = 1; r <= c; r++) {
            struct scenario more, less;
            struct step all = { NULL, DIRECT, NULL, c, 0, 0, 0, 0, NULL, NULL };
            struct step part = { NULL, DIRECT, NULL, c - r, 0,
                                 0,    0,      0,    NULL,  NULL };
            struct step back = {
                NULL, REFUND, NULL, r, 5, 0, 0, 0, NULL, NULL
            };

            scenario_begin(&more);
            scenario_begin(&less);
            for (size_t i = 0; i < COUNT_OF(lots); i++) {
                (void)scenario_do(&more, &lots[i]);
                (void)scenario_do(&less, &lots[i]);
            }
            (void)scenario_do(&more, &all);
            (void)scenario_do(&more, &back);
            if (c > r)
                (void)scenario_do(&less, &part);
            tried++;
            differ += strcmp(scenario_lots(&more), scenario_lots(&less)) != 0;
            arena_free(&more.arena);
            arena_free(&less.arena);
        }
    is_int(tried, 153, "every capture with every refund");
    is_int(differ, 0, "leaves the lots as the smaller capture");
}

static void
check_references(void)
{
    struct scenario s;
    struct step credit = { NULL, TOP_UP, "1", 100, 0, 0, 0, 0, NULL, NULL };
    struct hold_ask ask = {
        .charge = { .feature = "clip",
                    .book = 3,
                    .quality = "fast",
                    .price = 5,
                    .per = 1 },
        .refs = { "live", "order", "campaign", "member", "the first note" },
        .quantity = 2,
        .lasts_ms = 1,
    };
    const struct event *event;
    int64_t seq;

    scenario_begin(&s);
    (void)scenario_do(&s, &credit);
    (void)hold_capture_direct(&s.wallet, &ask, s.now, &seq, NULL);
    (void)refund_usage(&s.wallet, &s.wallet.events[1], 3, "it failed", s.now,
                       &seq);
    event = &s.wallet.events[2];
    is_int(event->refund_of, 2, "a refund says of what");
    is_text(event->charge.feature, "clip", "and carries its feature");
    is_text(event->charge.quality, "fast", "quality");
    is_text(event->refs.livestream, "live", "livestream");
    is_text(event->refs.order, "order", "order");
    is_text(event->refs.campaign, "campaign", "campaign");
    is_text(event->refs.member, "member", "and member");
    is_text(event->refs.note, "it failed", "its note is the reason");
    arena_free(&s.arena);
}

int
main(void)
{
    PLAY("the last spent first", order);
    PLAY("ended lots", ended);
    PLAY("in debt", in_debt);
    PLAY("of a hold", held);
    PLAY("of nothing", nothing);
    check_as_if_less();
    check_references();
    return done();
}
