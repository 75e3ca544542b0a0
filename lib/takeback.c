/*
 * Takings and their undoing: see takeback.h. Both settle the wallet again,
 * because debt that is paid and lots that are filled change what is due.
 */
#include "takeback.h"

#include "refund.h"

int64_t
takeback_taken(const struct takings *takings)
{
    int64_t sum = 0;

    for (int i = 0; i < takings->count; i++)
        sum += takings->parts[i].credits;
    return sum;
}

static void
push(struct wallet *wallet, struct takings *takings, int64_t lot,
     int64_t credits)
{
    arena_grow(wallet->arena, (void **)&takings->parts, takings->count,
               &takings->room, sizeof(*takings->parts));
    takings->parts[takings->count++] =
        (struct taken){ .lot = lot, .credits = credits, .changed = true };
}

/* Takes what is free of the order's own lots, or of all others. */
static int64_t
take_free(struct wallet *wallet, struct takings *takings, bool own,
          int64_t credits, struct postings *postings)
{
    for (int i = 0; i < wallet->lot_count && credits > 0; i++) {
        struct lot *lot = &wallet->lots[i];
        int64_t part = min_i64(lot_free(lot), credits);

        if (part == 0 || (lot->order == takings->order) != own)
            continue;
        lot->remaining -= part;
        lot->changed = true;
        credits -= part;
        event_post(postings, lot->number, -part);
        push(wallet, takings, lot->number, part);
    }
    return credits;
}

bool
takeback_take(struct wallet *wallet, struct takings *takings, int64_t credits,
              const struct event *event, int64_t now, int64_t *seq)
{
    struct postings postings = { .arena = wallet->arena };
    int64_t rest = credits;

    assert(credits >= 1 && takings->order != 0);
    if (wallet->total - credits < -LIMIT_WALLET)
        return false;
    rest = take_free(wallet, takings, true, rest, &postings);
    rest = take_free(wallet, takings, false, rest, &postings);
    if (rest > 0) {
        wallet->debt += rest;
        event_post(&postings, 0, -rest);
        push(wallet, takings, 0, rest);
    }
    *seq = wallet_append_posted(wallet, event, &postings, -credits, now)->seq;
    wallet_settle(wallet, now);
    return true;
}

/* Adds to a lot's line, or makes one. */
static int
add_returned(struct returned *returned, int count, int64_t lot, int64_t credits)
{
    for (int i = 0; i < count; i++)
        if (returned[i].lot == lot) {
            returned[i].credits += credits;
            return count;
        }
    returned[count] = (struct returned){ .lot = lot, .credits = credits };
    return count + 1;
}

bool
takeback_return(struct wallet *wallet, struct takings *takings, int64_t credits,
                const struct event *event, int64_t now, int64_t *seq)
{
    struct returned *returned;
    int64_t left = credits, debt = 0;
    int count = 0;

    assert(credits >= 1 && credits <= takeback_taken(takings));
    if (wallet->total + credits > LIMIT_WALLET)
        return false;
    returned =
        arena_array(wallet->arena, (size_t)takings->count, sizeof(*returned));
    for (int i = takings->count - 1; i >= 0 && left > 0; i--) {
        struct taken *taken = &takings->parts[i];
        int64_t part = min_i64(taken->credits, left);

        if (part == 0)
            continue;
        taken->credits -= part;
        taken->changed = true;
        left -= part;
        if (taken->lot == 0)
            debt += part;
        else
            count = add_returned(returned, count, taken->lot, part);
    }
    refund_to_lots(wallet, returned, count, debt, event, now, seq);
    wallet_settle(wallet, now);
    return true;
}
