/*
 * Random operations: see op.h. Amounts and times are drawn so that things
 * meet: ends at the same millisecond, credits that are just enough, captures
 * of everything, of nothing, and of too much.
 */
#include "op.h"

#include <inttypes.h>

/* Mostly small, round and alike, so that sums meet exactly. */
static int64_t
random_amount(struct dice *dice)
{
    switch (dice_between(dice, 0, 9)) {
    case 0: return 1;
    case 1:
    case 2:
    case 3: return dice_between(dice, 1, 12) * 10;
    case 4:
    case 5: return dice_between(dice, 1, 20);
    case 6:
    case 7: return dice_between(dice, 1, 200);
    case 8: return dice_between(dice, 1, 3000);
    default: return dice_between(dice, 1, 1000000);
    }
}

/* Whole hours and days come often, so that ends fall together. */
static int64_t
random_time(struct dice *dice, int64_t most)
{
    int64_t time;

    switch (dice_between(dice, 0, 5)) {
    case 0: time = 1; break;
    case 1: time = dice_between(dice, 1, 5) * 1000; break;
    case 2:
    case 3: time = dice_between(dice, 1, 6) * HOUR_MS; break;
    case 4: time = dice_between(dice, 1, 7) * DAY_MS; break;
    default: time = dice_between(dice, 1, 3 * DAY_MS); break;
    }
    return min_i64(time, most);
}

static const unsigned char weights[OP_KINDS] = {
    [OP_WAIT] = 4,    [OP_TOP_UP] = 7,  [OP_GRANT] = 10,   [OP_ADJUST] = 4,
    [OP_PLACE] = 26,  [OP_PLAN] = 4,    [OP_CAPTURE] = 14, [OP_EXTEND] = 10,
    [OP_RELEASE] = 3, [OP_DIRECT] = 12, [OP_REFUND] = 8,   [OP_TAKE] = 4,
    [OP_RETURN] = 3,  [OP_PRICE] = 2,   [OP_CAP] = 2,
};

static enum op_kind
random_kind(struct dice *dice)
{
    int sum = 0, kind = 0;
    int64_t roll;

    for (int i = 0; i < OP_KINDS; i++)
        sum += weights[i];
    roll = dice_between(dice, 0, sum - 1);
    while (roll >= weights[kind])
        roll -= weights[kind++];
    return (enum op_kind)kind;
}

void
op_random(struct op *op, struct dice *dice)
{
    *op = (struct op){ .kind = random_kind(dice) };
    if (dice_chance(dice, 40))
        op->wait =
            random_time(dice, dice_chance(dice, 25) ? 9 * DAY_MS : 2 * HOUR_MS);
    op->pick = (int)dice_between(dice, 0, 9999);
    op->what = (int)dice_between(dice, 0, PRICES);
    op->campaign = (int)dice_between(dice, 0, NAMES - 1);
    op->member = (int)dice_between(dice, 0, NAMES - 1);
    op->amount = random_amount(dice);
    op->more = random_amount(dice);
    op->lasts = random_time(dice, 7 * DAY_MS);
    op->flag = dice_chance(dice, 50);
    switch (op->kind) {
    case OP_PLACE:
    case OP_DIRECT:
        if (dice_chance(dice, 80))
            op->amount = min_i64(op->amount, 120);
        break;
    case OP_CAPTURE:
    case OP_REFUND:
        op->amount = min_i64(op->amount, 60);
        if (dice_chance(dice, 40))
            op->amount = 0;
        break;
    case OP_EXTEND: op->amount = dice_between(dice, 0, 12); break;
    case OP_GRANT:
        if (!op->flag && dice_chance(dice, 40))
            op->lasts = 0;
        break;
    case OP_TOP_UP:
        if (dice_chance(dice, 50))
            op->more = 0;
        break;
    default: break;
    }
}

static const char *const kind_texts[OP_KINDS] = {
    "wait",   "top_up",  "grant",  "adjust",  "place",
    "plan",   "capture", "extend", "release", "direct",
    "refund", "take",    "return", "price",   "cap",
};

const char *
op_text(enum op_kind kind)
{
    return kind_texts[kind];
}

void
op_print(const struct op *op, int number, int64_t at)
{
    printf("# %3d  +%" PRId64 " ms (%" PRId64 ")  %s pick=%d what=%d "
           "campaign=%d member=%d amount=%" PRId64 " more=%" PRId64
           " lasts=%" PRId64 "%s\n",
           number, op->wait, at, kind_texts[op->kind], op->pick, op->what,
           op->campaign, op->member, op->amount, op->more, op->lasts,
           op->flag ? " flag" : "");
}
