/*
 * The forecast: see runway.h. In 128 bits, since credits times milliseconds
 * fit no smaller.
 */
#include "runway.h"

#include "ledger.h"
#include "usage.h"

__extension__ typedef __int128 wide;

int64_t
runway_days(const struct wallet *wallet, int64_t used, int64_t during_ms,
            int64_t now)
{
    wide lasts = 0; /* milliseconds, times `used` */

    if (used <= 0)
        return -1;
    assert(during_ms > 0);
    for (int i = 0; i < wallet->lot_count; i++) {
        const struct lot *lot = &wallet->lots[i];
        wide end = lasts + (wide)lot_free(lot) * during_ms;

        if (lot->expires_at != NEVER_MS) {
            wide expiry = (wide)(lot->expires_at - now) * used;

            if (end > expiry)
                end = expiry > lasts ? expiry : lasts;
        }
        lasts = end;
    }
    lasts /= (wide)used * DAY_MS;
    return lasts > LIMIT_INTEGER ? LIMIT_INTEGER : (int64_t)lasts;
}

bool
runway_find(struct db *db, struct arena *arena, const struct wallet *wallet,
            int64_t now, int64_t *days)
{
    struct usage_range range = { .space = wallet->space };
    struct usage_day *used;
    struct event first;
    int64_t since, sum = 0;
    int count;

    *days = -1;
    range.to = zone_day(wallet->zone, now);
    range.from = range.to - RUNWAY_DAYS + 1;
    if (!usage_days(db, arena, &range, &used, &count))
        return false;
    for (int i = 0; i < count; i++)
        sum += used[i].captured - used[i].refunded;
    if (sum <= 0)
        return true;
    if (ledger_event(db, arena, wallet->space, 1, &first) != LEDGER_OK)
        return false;
    if (now - first.at < RUNWAY_LEAST_DAYS * DAY_MS)
        return true;
    since = max_i64(zone_day_start_ms(wallet->zone, range.from), first.at);
    *days = runway_days(wallet, sum, now - since, now);
    return true;
}
