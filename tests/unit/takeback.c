/*
 * Taking a payment's credits back, and undoing that.
 */
#include "scenario.h"

static const struct step taking[] = {
    { "a bonus", BONUS, NULL, 10, 50, 0, 10, 0, "1:10", NULL },
    { "the order, with its bonus", TOP_UP, "1", 100, 20, 0, 130, 0,
      "1:10 3:20 2:100", NULL },
    { "another order", TOP_UP, "2", 40, 0, 0, 170, 0, "1:10 3:20 2:100 4:40",
      NULL },
    { "its own lots go first, in spending order", TAKE, "1", 50, 0, 0, 120, 0,
      "1:10 2:70 4:40", "dispute -50 [[3,-20],[2,-30]] at 0" },
    { "some is held", HOLD, "a", 60, 90, 0, 60, 60, "1:10(10) 2:70(50) 4:40",
      NULL },
    { "then others, and what is held stays", TAKE, "1", 65, 0, 0, -5, 60,
      "1:10(10) 2:50(50) debt 5", "dispute -65 [[2,-20],[4,-40],[0,-5]] at 0" },
    { "it comes back, the last taken first", RETURN, "1", 30, 0, 0, 25, 60,
      "1:10(10) 2:50(50) 4:25", "dispute_reversal 30 [[4,25],[0,5]] at 0" },
    { "and the rest", RETURN, "1", 85, 0, 0, 110, 60,
      "1:10(10) 3:20 2:100(50) 4:40",
      "dispute_reversal 85 [[3,20],[2,50],[4,15]] at 0" },
};

static const struct step debt[] = {
    { "an order", TOP_UP, "1", 100, 0, 0, 100, 0, "1:100", NULL },
    { "spent", DIRECT, NULL, 100, 0, 0, 0, 0, "", NULL },
    { "and disputed", TAKE, "1", 100, 0, 0, -100, 0, "debt 100", NULL },
    { "another pays a part of the debt", TOP_UP, "2", 60, 0, 0, -40, 0,
      "debt 40", NULL },
    { "won: debt is paid, and what was paid already is a new lot", RETURN, "1",
      100, 0, 0, 60, 0, "3:60", "dispute_reversal 100 [[3,60],[0,40]] at 0" },
};

static const struct step ended[] = {
    { "a bonus until hour 5", BONUS, NULL, 30, 5, 0, 30, 0, "1:30", NULL },
    { "an order that is spent before it", TOP_UP, "1", 20, 0, 0, 50, 0,
      "1:30 2:20", NULL },
    { "40 are taken", TAKE, "1", 40, 0, 0, 10, 0, "1:10",
      "dispute -40 [[2,-20],[1,-20]] at 0" },
    { NULL, WAIT, NULL, 6, 0, 0, 0, 0, NULL, NULL },
    { "what came from a lot that has ended is a new one", RETURN, "1", 40, 0, 0,
      40, 0, "3:20 2:20", "dispute_reversal 40 [[3,20],[2,20]] at 6 +1" },
};

static const struct step own_debt_first[] = {
    { "an order", TOP_UP, "1", 20, 0, 0, 20, 0, "1:20", NULL },
    { "half is spent", DIRECT, NULL, 10, 0, 0, 10, 0, "1:10", NULL },
    { "all is taken", TAKE, "1", 20, 0, 0, -10, 0, "debt 10", NULL },
    { "another order, disputed too", TOP_UP, "2", 10, 0, 0, 0, 0, "", NULL },
    { "becomes debt", TAKE, "2", 10, 0, 0, -10, 0, "debt 10", NULL },
    { "the first comes back: what was debt pays debt", RETURN, "1", 20, 0, 0,
      10, 0, "1:10", "dispute_reversal 20 [[1,10],[0,10]] at 0" },
    { "so the second's is a new lot of its own", RETURN, "2", 10, 0, 0, 20, 0,
      "1:10 3:10", "dispute_reversal 10 [[3,10]] at 0" },
};

static void
check_limit(void)
{
    struct scenario s;
    struct step take = {
        NULL, TAKE, "1", LIMIT_CREDITS, 0, 0, 0, 0, NULL, NULL
    };
    int i = 0;

    scenario_begin(&s);
    while (i < 1001 && scenario_do(&s, &take) == 0)
        i++;
    is_int(s.wallet.total, -LIMIT_WALLET, "a wallet goes down to -10^15");
    is_int(takeback_taken(&s.takings[1]), LIMIT_WALLET, "all of it is noted");
    is_int(s.wallet.events[s.wallet.event_count - 1].order, 1,
           "with the order");
    arena_free(&s.arena);
}

int
main(void)
{
    PLAY("taking", taking);
    PLAY("what had become debt", debt);
    PLAY("an ended lot", ended);
    PLAY("two orders", own_debt_first);
    check_limit();
    return done();
}
