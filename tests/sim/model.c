/*
 * The simple model: see model.h. Slow on purpose: nothing is kept that can
 * be added up again.
 */
#include "model.h"

void
model_start(struct model *m, const struct zone *zone, int64_t now)
{
    memset(m, 0, sizeof(*m));
    m->zone = zone;
    m->now = now;
}

bool
model_has_room(const struct model *m)
{
    return m->lot_count < MODEL_LOTS - 80 && m->hold_count < MODEL_HOLDS - 2 &&
           m->event_count < MODEL_EVENTS - 300;
}

/* --- Sums. --------------------------------------------------------------- */

int64_t
model_hold_left(const struct model_hold *hold)
{
    int64_t sum = 0;

    for (int lot = 1; lot < MODEL_LOTS; lot++)
        sum += hold->from[lot];
    return sum;
}

int64_t
model_reserved(const struct model *m, int lot)
{
    int64_t sum = 0;

    for (int h = 1; h <= m->hold_count; h++)
        sum += m->holds[h].from[lot];
    return sum;
}

int64_t
model_held(const struct model *m)
{
    int64_t sum = 0;

    for (int lot = 1; lot <= m->lot_count; lot++)
        sum += model_reserved(m, lot);
    return sum;
}

int64_t
model_total(const struct model *m)
{
    int64_t sum = -m->debt;

    for (int lot = 1; lot <= m->lot_count; lot++)
        sum += m->lots[lot].left;
    return sum;
}

static int64_t
available(const struct model *m)
{
    return model_total(m) - model_held(m);
}

static int64_t
free_of(const struct model *m, int lot)
{
    return m->lots[lot].left - model_reserved(m, lot);
}

/* Whether lot a is spent before lot b. */
static bool
sooner(const struct model *m, int a, int b)
{
    const struct model_lot *x = &m->lots[a], *y = &m->lots[b];

    if (x->ends != y->ends)
        return x->ends < y->ends;
    if (x->kind != y->kind)
        return x->kind < y->kind;
    return a < b;
}

/* --- Events. ------------------------------------------------------------- */

static struct model_event *
record(struct model *m, char kind)
{
    struct model_event *e = &m->events[++m->event_count];

    assert(m->event_count < MODEL_EVENTS);
    memset(e, 0, sizeof(*e));
    e->kind = kind;
    e->at = m->now;
    e->what = -1;
    return e;
}

static void
recorded(struct model *m, struct model_event *e)
{
    for (int lot = 0; lot < MODEL_LOTS; lot++)
        e->credits += e->change[lot];
    e->balance = model_total(m);
}

static int
add_lot(struct model *m, enum model_kind kind, int64_t ends, int order)
{
    assert(m->lot_count + 1 < MODEL_LOTS);
    m->lots[++m->lot_count] =
        (struct model_lot){ .kind = kind, .ends = ends, .order = order };
    return m->lot_count;
}

/* While there is debt and something free, the soonest free credit pays. */
static void
settle_debt(struct model *m)
{
    struct model_event *e = NULL;

    while (m->debt > 0) {
        int best = 0;
        int64_t part;

        for (int lot = 1; lot <= m->lot_count; lot++)
            if (free_of(m, lot) > 0 && (best == 0 || sooner(m, lot, best)))
                best = lot;
        if (best == 0)
            break;
        part = free_of(m, best) < m->debt ? free_of(m, best) : m->debt;
        if (e == NULL)
            e = record(m, 'j');
        m->lots[best].left -= part;
        m->debt -= part;
        e->change[best] -= part;
        e->change[0] += part;
    }
    if (e != NULL)
        recorded(m, e);
}

/* Credits for lots, debt first; in[lot] is what comes to it. */
static void
come_in(struct model *m, struct model_event *e, int64_t in[MODEL_LOTS])
{
    for (;;) {
        int best = 0;
        int64_t paid;

        for (int lot = 1; lot <= m->lot_count; lot++)
            if (in[lot] > 0 && (best == 0 || sooner(m, lot, best)))
                best = lot;
        if (best == 0)
            break;
        paid = in[best] < m->debt ? in[best] : m->debt;
        m->debt -= paid;
        m->lots[best].left += in[best] - paid;
        e->change[0] += paid;
        e->change[best] += in[best] - paid;
        in[best] = 0;
    }
}

/* --- Holds. -------------------------------------------------------------- */

static int64_t
cost(const struct model_hold *hold, int64_t quantity)
{
    int64_t all = quantity * hold->price;

    return all % hold->per == 0 ? all / hold->per : all / hold->per + 1;
}

/* The lot that a hold spends next, or last. */
static int
lot_of_hold(const struct model *m, const struct model_hold *hold, bool last)
{
    int best = 0;

    for (int lot = 1; lot <= m->lot_count; lot++)
        if (hold->from[lot] > 0 && (best == 0 || sooner(m, lot, best) != last))
            best = lot;
    return best;
}

static struct model_hold *
open_plan_of(struct model *m, const struct model_hold *hold)
{
    struct model_hold *plan = &m->holds[hold->draws_on];

    return hold->draws_on != 0 && plan->state == 'h' ? plan : NULL;
}

/* One credit after the other would do; parts are only quicker. The hold has
 * to be among the others already. */
static void
reserve(struct model *m, struct model_hold *hold, int64_t credits)
{
    struct model_hold *plan = open_plan_of(m, hold);

    while (credits > 0 && plan != NULL && model_hold_left(plan) > 0) {
        int lot = lot_of_hold(m, plan, false);
        int64_t part = plan->from[lot] < credits ? plan->from[lot] : credits;

        plan->from[lot] -= part;
        plan->credits -= part;
        hold->from[lot] += part;
        hold->drawn += part;
        credits -= part;
    }
    while (credits > 0) {
        int best = 0;
        int64_t part;

        for (int lot = 1; lot <= m->lot_count; lot++)
            if (free_of(m, lot) > 0 && (best == 0 || sooner(m, lot, best)))
                best = lot;
        assert(best != 0);
        part = free_of(m, best);
        part = part < credits ? part : credits;
        hold->from[best] += part;
        credits -= part;
    }
}

static void
unreserve(struct model *m, struct model_hold *hold, int64_t credits)
{
    struct model_hold *plan = open_plan_of(m, hold);
    int64_t own = model_hold_left(hold) - (plan == NULL ? 0 : hold->drawn);

    while (credits > 0) {
        int lot = lot_of_hold(m, hold, true);
        int64_t part = hold->from[lot] < credits ? hold->from[lot] : credits;

        if (own > 0) {
            part = part < own ? part : own;
            own -= part;
        } else {
            plan->from[lot] += part;
            plan->credits += part;
            hold->drawn -= part;
        }
        hold->from[lot] -= part;
        credits -= part;
    }
    settle_debt(m);
}

static void
finish(struct model *m, struct model_hold *hold, char state)
{
    unreserve(m, hold, model_hold_left(hold));
    hold->state = state;
}

static void
spend(struct model *m, struct model_hold *hold, int number, int64_t units,
      int64_t credits)
{
    struct model_event *e = record(m, 'c');

    e->hold = number;
    e->what = hold->what;
    e->campaign = hold->campaign;
    e->member = hold->member;
    hold->used += units;
    hold->captured += credits;
    hold->drawn -= hold->drawn < credits ? hold->drawn : credits;
    while (credits > 0) {
        int lot = lot_of_hold(m, hold, false);
        int64_t part = hold->from[lot] < credits ? hold->from[lot] : credits;

        hold->from[lot] -= part;
        m->lots[lot].left -= part;
        e->change[lot] -= part;
        e->stack_lot[e->depth] = lot;
        e->stack[e->depth++] = part;
        credits -= part;
    }
    recorded(m, e);
}

/* --- Time. --------------------------------------------------------------- */

/* Does the first thing that is due by `until`; false: nothing is. */
static bool
next_due(struct model *m, int64_t until)
{
    int64_t first = INT64_MAX;
    int hold = 0, lot = 0;

    for (int h = 1; h <= m->hold_count; h++)
        if (m->holds[h].state == 'h' && m->holds[h].ends <= until &&
            m->holds[h].ends < first) {
            first = m->holds[h].ends;
            hold = h;
        }
    for (int i = 1; i <= m->lot_count; i++) {
        int64_t at = m->lots[i].ends > m->now ? m->lots[i].ends : m->now;

        if (m->lots[i].ends <= until && free_of(m, i) > 0 && at < first) {
            first = at;
            lot = i;
        }
    }
    if (hold == 0 && lot == 0)
        return false;
    m->now = first > m->now ? first : m->now;
    if (lot != 0) {
        struct model_event *e = record(m, 'x');

        e->change[lot] = -free_of(m, lot);
        m->lots[lot].left += e->change[lot];
        recorded(m, e);
    } else {
        finish(m, &m->holds[hold], 'x');
    }
    return true;
}

void
model_wait(struct model *m, int64_t until)
{
    while (next_due(m, until))
        ;
    m->now = until;
}

/* --- Caps: feature 0 a day, feature 1 a month, member 1 a day, member 2 at
 * all, campaign 1 a month. ------------------------------------------------ */

static bool
counts(int cap, int what, int campaign, int member)
{
    switch (cap) {
    case 0: return what == 0;
    case 1: return what == 1;
    case 2: return member == 1;
    case 3: return member == 2;
    default: return campaign == 1;
    }
}

static bool
same_window(int cap, int64_t day, int64_t today)
{
    struct civil a = clock_civil(day), b = clock_civil(today);

    if (cap == 0 || cap == 2)
        return day == today;
    if (cap == 3)
        return true;
    return a.year == b.year && a.month == b.month;
}

int64_t
model_cap_used(const struct model *m, int cap)
{
    int64_t today = zone_day(m->zone, m->now), used = 0;

    for (int i = 1; i <= m->event_count; i++) {
        const struct model_event *e = &m->events[i];

        if ((e->kind == 'c' || e->kind == 'r') &&
            counts(cap, e->what, e->campaign, e->member) &&
            same_window(cap, zone_day(m->zone, e->at), today)) {
            used -= e->credits;
            used = used < 0 ? 0 : used;
        }
    }
    for (int h = 1; h <= m->hold_count; h++) {
        const struct model_hold *hold = &m->holds[h];

        if (counts(cap, hold->what, hold->campaign, hold->member))
            used += model_hold_left(hold);
    }
    return used;
}

static bool
capped(const struct model *m, const struct model_hold *hold, int64_t more,
       int64_t drawn)
{
    for (int cap = 0; cap < CAPS; cap++) {
        const struct model_hold *plan = &m->holds[hold->draws_on];
        int64_t adds = more;

        if (!counts(cap, hold->what, hold->campaign, hold->member))
            continue;
        if (hold->draws_on != 0 && plan->state == 'h' &&
            counts(cap, plan->what, plan->campaign, plan->member))
            adds -= drawn;
        if (adds > 0 && model_cap_used(m, cap) + adds > m->cap[cap])
            return true;
    }
    return false;
}

/* --- Operations. --------------------------------------------------------- */

static int
wrap(int pick, int count)
{
    /* One more than there are, at times: what is unknown. */
    return count == 0 ? 0 : 1 + pick % (count + (pick % 40 == 0));
}

int
model_pick_hold(const struct model *m, const struct op *op)
{
    int open = 0, wanted;

    for (int h = 1; h <= m->hold_count; h++)
        open += m->holds[h].state == 'h' && !m->holds[h].of_plan;
    if (open == 0 || op->pick % 5 == 0)
        return wrap(op->pick, m->hold_count);
    wanted = op->pick % open;
    for (int h = 1; h <= m->hold_count; h++)
        if (m->holds[h].state == 'h' && !m->holds[h].of_plan && wanted-- == 0)
            return h;
    return 0;
}

int
model_pick_order(const struct model *m, const struct op *op)
{
    return m->order_count == 0 ? 0 : 1 + op->pick % m->order_count;
}

int
model_pick_event(const struct model *m, const struct op *op)
{
    int captures = 0, wanted;

    for (int i = 1; i <= m->event_count; i++)
        captures += m->events[i].kind == 'c';
    if (captures == 0)
        return 0;
    wanted = op->pick % captures;
    for (int i = 1; i <= m->event_count; i++)
        if (m->events[i].kind == 'c' && wanted-- == 0)
            return i;
    return 0;
}

static void
top_up(struct model *m, const struct op *op)
{
    struct model_event *e = record(m, 't');
    int64_t in[MODEL_LOTS] = { 0 };

    m->orders[++m->order_count].credits = op->amount + op->more;
    in[add_lot(m, KIND_TOP_UP, NEVER_MS, m->order_count)] = op->amount;
    if (op->more > 0)
        in[add_lot(m, KIND_BONUS, NEVER_MS, m->order_count)] = op->more;
    come_in(m, e, in);
    recorded(m, e);
}

static void
grant(struct model *m, const struct op *op)
{
    struct model_event *e = record(m, op->flag ? 'a' : 'b');
    int64_t in[MODEL_LOTS] = { 0 };

    in[add_lot(m, op->flag ? KIND_INCLUDED : KIND_BONUS,
               op->lasts == 0 ? NEVER_MS : m->now + op->lasts, 0)] = op->amount;
    come_in(m, e, in);
    recorded(m, e);
}

static enum outcome
adjust(struct model *m, const struct op *op)
{
    struct model_event *e;
    int64_t left = op->amount;

    if (left > available(m))
        return OUT_INSUFFICIENT;
    e = record(m, 'j');
    while (left > 0) {
        int best = 0;
        int64_t part;

        for (int lot = 1; lot <= m->lot_count; lot++)
            if (free_of(m, lot) > 0 && (best == 0 || sooner(m, lot, best)))
                best = lot;
        part = free_of(m, best) < left ? free_of(m, best) : left;
        m->lots[best].left -= part;
        e->change[best] -= part;
        left -= part;
    }
    recorded(m, e);
    return OUT_OK;
}

/* A hold as asked for, or why not. It is the last one for now. */
static enum outcome
want(struct model *m, const struct op *op, bool of_plan)
{
    struct model_hold *hold = &m->holds[m->hold_count + 1];
    int64_t drawn = 0;

    memset(hold, 0, sizeof(*hold));
    hold->state = 'h';
    hold->what = op->what;
    hold->price = op->what == OWN_PRICE ? 1 : m->price[op->what];
    hold->per = op->what == OWN_PRICE ? 1 : m->per[op->what];
    hold->campaign = op->campaign;
    hold->member = of_plan ? 0 : op->member;
    hold->wanted = op->amount;
    hold->made = m->now;
    hold->ends = m->now + op->lasts;
    hold->of_plan = of_plan;
    for (int pass_no = 0; pass_no < 2 && !of_plan && op->campaign != 0 &&
                          op->what != OWN_PRICE && hold->draws_on == 0;
         pass_no++)
        for (int h = 1; h <= m->hold_count && hold->draws_on == 0; h++)
            if (m->holds[h].of_plan && m->holds[h].state == 'h' &&
                m->holds[h].campaign == op->campaign &&
                m->holds[h].what == op->what &&
                (pass_no == 1 || model_hold_left(&m->holds[h]) > 0))
                hold->draws_on = h;
    if (hold->draws_on != 0) {
        hold->price = m->holds[hold->draws_on].price;
        hold->per = m->holds[hold->draws_on].per;
        drawn = model_hold_left(&m->holds[hold->draws_on]);
    }
    hold->credits = cost(hold, op->amount);
    drawn = drawn < hold->credits ? drawn : hold->credits;
    if (hold->credits > drawn && hold->credits - drawn > available(m))
        return OUT_INSUFFICIENT;
    return capped(m, hold, hold->credits, drawn) ? OUT_CAP : OUT_OK;
}

static enum outcome
place(struct model *m, const struct op *op, bool of_plan)
{
    enum outcome can = want(m, op, of_plan);

    if (can == OUT_OK) {
        struct model_hold *hold = &m->holds[++m->hold_count];

        reserve(m, hold, hold->credits);
    }
    return can;
}

static enum outcome
direct(struct model *m, const struct op *op)
{
    enum outcome can = want(m, op, false);

    if (can == OUT_OK) {
        /* A hold for a moment; it leaves no trace but its event. */
        struct model_hold *hold = &m->holds[++m->hold_count];

        reserve(m, hold, hold->credits);
        spend(m, hold, 0, op->amount, hold->credits);
        memset(hold, 0, sizeof(*hold));
        m->hold_count--;
    }
    return can;
}

static enum outcome
capture(struct model *m, const struct op *op)
{
    int number = model_pick_hold(m, op);
    struct model_hold *hold = &m->holds[number];
    int64_t units;

    if (number == 0 || number > m->hold_count)
        return OUT_UNKNOWN;
    if (hold->state != 'h' || hold->of_plan)
        return OUT_NOT_OPEN;
    units = op->amount == 0 ? hold->wanted - hold->used : op->amount;
    if (units > hold->wanted - hold->used)
        return OUT_EXCEEDS;
    spend(m, hold, number, units,
          cost(hold, hold->used + units) - cost(hold, hold->used));
    if (op->flag)
        finish(m, hold, 'c');
    return OUT_OK;
}

static enum outcome
extend(struct model *m, const struct op *op)
{
    int number = model_pick_hold(m, op);
    struct model_hold *hold = &m->holds[number];
    int64_t more, drawn = 0, life;

    if (number == 0 || number > m->hold_count)
        return OUT_UNKNOWN;
    if (hold->state != 'h' || hold->of_plan)
        return OUT_NOT_OPEN;
    if (op->amount > hold->wanted - hold->used)
        return OUT_EXCEEDS;
    more = cost(hold, hold->used + op->amount + op->more) - hold->credits;
    if (more > 0 && open_plan_of(m, hold) != NULL) {
        drawn = model_hold_left(open_plan_of(m, hold));
        drawn = drawn < more ? drawn : more;
    }
    if (more > drawn && more - drawn > available(m))
        return OUT_INSUFFICIENT;
    if (capped(m, hold, more, drawn))
        return OUT_CAP;
    spend(m, hold, number, op->amount,
          cost(hold, hold->used + op->amount) - cost(hold, hold->used));
    if (more > 0)
        reserve(m, hold, more);
    else
        unreserve(m, hold, -more);
    hold->wanted = hold->used + op->more;
    hold->credits += more;
    life = hold->made + 30 * DAY_MS;
    hold->ends = m->now + op->lasts < life ? m->now + op->lasts : life;
    return OUT_OK;
}

static enum outcome
release(struct model *m, const struct op *op)
{
    int number = model_pick_hold(m, op);

    if (number == 0 || number > m->hold_count)
        return OUT_UNKNOWN;
    if (m->holds[number].state == 'c')
        return OUT_NOT_OPEN;
    if (m->holds[number].state == 'h')
        finish(m, &m->holds[number], 'r');
    return OUT_OK;
}

/* What comes back to lots, ended ones as new ones, in the order that the
 * lots stand in `back`. */
static void
go_back(struct model *m, struct model_event *e, const int *lots,
        const int64_t *credits, int count, int order)
{
    int64_t in[MODEL_LOTS] = { 0 };

    for (int i = 0; i < count; i++) {
        int lot = lots[i];

        if (m->lots[lot].ends <= m->now)
            lot = add_lot(m, m->lots[lot].kind, m->now + 30 * DAY_MS, order);
        in[lot] += credits[i];
    }
    come_in(m, e, in);
}

static enum outcome
refund(struct model *m, const struct op *op)
{
    int number = model_pick_event(m, op);
    struct model_event *of = &m->events[number], *e;
    int lots[MODEL_LOTS];
    int64_t credits[MODEL_LOTS], all = 0, left;
    int first, count = 0;

    if (number == 0)
        return OUT_NOTHING;
    for (int i = 0; i < of->depth; i++)
        all += of->stack[i];
    left = op->amount == 0 ? all : op->amount;
    if (left == 0 || left > all)
        return OUT_EXCEEDS;
    e = record(m, 'r');
    e->what = of->what;
    e->campaign = of->campaign;
    e->member = of->member;
    /* Off the top of the stack, then listed as they were spent. */
    first = of->depth;
    for (all = 0; all < left; first--)
        all += of->stack[first - 1];
    for (int i = first; i < of->depth; i++) {
        lots[count] = of->stack_lot[i];
        credits[count] = of->stack[i];
        if (i == first)
            credits[count] -= all - left;
        count++;
    }
    of->depth = first;
    if (all > left) {
        of->stack[first] = all - left;
        of->depth++;
    }
    go_back(m, e, lots, credits, count, 0);
    recorded(m, e);
    return OUT_OK;
}

/* What has been taken of an order; 0 is none. */
static int64_t
taken_of(const struct model *m, int number)
{
    int64_t all = 0;

    for (int i = 0; number != 0 && i < m->orders[number].depth; i++)
        all += m->orders[number].stack[i];
    return all;
}

static enum outcome
take(struct model *m, const struct op *op)
{
    int number = model_pick_order(m, op);
    struct model_order *order = &m->orders[number];
    struct model_event *e;
    int64_t left = op->amount, all = taken_of(m, number);

    if (number == 0 || all == order->credits)
        return OUT_NOTHING;
    left = left > order->credits - all ? order->credits - all : left;
    e = record(m, 'd');
    while (left > 0) {
        int best = 0;
        int64_t part = left;

        for (int lot = 1; lot <= m->lot_count; lot++) {
            bool own = m->lots[lot].order == number;
            bool best_own = best != 0 && m->lots[best].order == number;

            if (free_of(m, lot) == 0)
                continue;
            if (best == 0 || (own && !best_own) ||
                (own == best_own && sooner(m, lot, best)))
                best = lot;
        }
        if (best == 0) {
            m->debt += left;
        } else {
            part = free_of(m, best) < left ? free_of(m, best) : left;
            m->lots[best].left -= part;
        }
        e->change[best] -= part;
        order->stack_lot[order->depth] = best;
        order->stack[order->depth++] = part;
        left -= part;
    }
    recorded(m, e);
    return OUT_OK;
}

static enum outcome
give_back(struct model *m, const struct op *op)
{
    int number = model_pick_order(m, op);
    struct model_order *order = &m->orders[number];
    struct model_event *e;
    int lots[MODEL_EVENTS];
    int64_t credits[MODEL_EVENTS], left = op->amount, paid;
    int64_t debt = 0, all = taken_of(m, number);
    int count = 0;

    if (all == 0)
        return OUT_NOTHING;
    left = left > all ? all : left;
    e = record(m, 'v');
    while (left > 0) {
        int64_t *top = &order->stack[order->depth - 1];
        int lot = order->stack_lot[order->depth - 1];
        int64_t part = *top < left ? *top : left;
        int at = 0;

        *top -= part;
        left -= part;
        if (*top == 0)
            order->depth--;
        if (lot == 0) {
            debt += part;
            continue;
        }
        while (at < count && lots[at] != lot)
            at++;
        if (at == count) {
            lots[count] = lot;
            credits[count++] = 0;
        }
        credits[at] += part;
    }
    paid = debt < m->debt ? debt : m->debt;
    m->debt -= paid;
    e->change[0] += paid;
    go_back(m, e, lots, credits, count, number);
    if (debt > paid) {
        int lot = add_lot(m, KIND_TOP_UP, NEVER_MS, number);

        m->lots[lot].left = debt - paid;
        e->change[lot] = debt - paid;
    }
    recorded(m, e);
    return OUT_OK;
}

static enum outcome
apply(struct model *m, const struct op *op)
{
    switch (op->kind) {
    case OP_TOP_UP: top_up(m, op); break;
    case OP_GRANT: grant(m, op); break;
    case OP_ADJUST: return adjust(m, op);
    case OP_PLACE: return place(m, op, false);
    case OP_PLAN:
        return op->campaign == 0 || op->what == OWN_PRICE ? OUT_NOTHING
                                                          : place(m, op, true);
    case OP_CAPTURE: return capture(m, op);
    case OP_EXTEND: return extend(m, op);
    case OP_RELEASE: return release(m, op);
    case OP_DIRECT: return direct(m, op);
    case OP_REFUND: return refund(m, op);
    case OP_TAKE: return take(m, op);
    case OP_RETURN: return give_back(m, op);
    case OP_PRICE:
        m->price[op->pick % PRICES] = op->amount % 50 + 1;
        m->per[op->pick % PRICES] = op->flag ? 1 : op->more % 1000 + 1;
        break;
    case OP_CAP: m->cap[op->pick % CAPS] = op->amount; break;
    case OP_WAIT:
    case OP_KINDS: break;
    }
    return OUT_OK;
}

enum outcome
model_apply(struct model *m, const struct op *op)
{
    enum outcome outcome;

    outcome = apply(m, op);
    model_wait(m, m->now);
    return outcome;
}
