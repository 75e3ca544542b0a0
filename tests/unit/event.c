/*
 * Events: their kinds, ids, postings, and the hash that nothing can be moved
 * under.
 */
#include "event.h"

#include "tap.h"

static struct lot_change changes[] = { { 1, -3 }, { 2, -4 } };

static const struct event usual = {
    .seq = 12,
    .kind = EVENT_CAPTURED_USAGE,
    .credits = -7,
    .balance_after = 93,
    .at = 1795000000000,
    .day = 20775,
    .hold = 3,
    .refund_of = 2,
    .order = 1,
    .charge = { "clip", 4, "fast", 7, 5, 2 },
    .refs = { "live", "order", "campaign", "member", "note" },
    .lots = changes,
    .lot_count = 2,
};

static void
hash_of(char hex[SIGN_HEX_SIZE], const struct event *event, int64_t space,
        const uint8_t *previous, struct arena *arena)
{
    static const uint8_t start[SIGN_SIZE];
    uint8_t hash[SIGN_SIZE];

    event_hash(hash, previous == NULL ? start : previous, space, event, arena);
    sign_hex(hex, hash, SIGN_SIZE);
}

/* Each member changed alone gives another hash. */
static void
check_members(struct arena *arena)
{
    static struct lot_change others[] = { { 1, -4 }, { 2, -3 } };
    struct event variants[26];
    char first[SIGN_HEX_SIZE], hex[SIGN_HEX_SIZE];
    int n = 0;

#define VARIANT(member, value)      \
    do {                            \
        variants[n] = usual;        \
        variants[n].member = value; \
        n++;                        \
    } while (0)
    VARIANT(seq, 13);
    VARIANT(kind, EVENT_EXPIRY);
    VARIANT(credits, -8);
    VARIANT(balance_after, 92);
    VARIANT(at, usual.at + 1);
    VARIANT(day, usual.day + 1);
    VARIANT(hold, 4);
    VARIANT(refund_of, 0);
    VARIANT(order, 2);
    VARIANT(charge.feature, "clips");
    VARIANT(charge.feature, NULL);
    VARIANT(charge.book, 5);
    VARIANT(charge.quality, "premium");
    VARIANT(charge.quality, NULL);
    VARIANT(charge.quantity, 8);
    VARIANT(charge.price, 6);
    VARIANT(charge.per, 1);
    VARIANT(refs.livestream, NULL);
    VARIANT(refs.order, "");
    VARIANT(refs.campaign, "Campaign");
    VARIANT(refs.member, "members");
    VARIANT(refs.note, "-");
    VARIANT(lots, others);
    VARIANT(lot_count, 1);
#undef VARIANT
    hash_of(first, &usual, 7, NULL, arena);
    for (int i = 0; i < n; i++) {
        hash_of(hex, &variants[i], 7, NULL, arena);
        ok(strcmp(hex, first) != 0, "member %d counts", i);
    }
}

static void
check_chain(struct arena *arena)
{
    static const uint8_t other[SIGN_SIZE] = { 1 };
    char first[SIGN_HEX_SIZE], hex[SIGN_HEX_SIZE];
    struct event moved = usual;

    hash_of(first, &usual, 7, NULL, arena);
    is_text(first,
            "c3f987f213c06043999afac632a822d56f28ded1858eb1e3717104d10ee15a51",
            "the text of an event is fixed for ever");
    hash_of(hex, &usual, 8, NULL, arena);
    ok(strcmp(hex, first) != 0, "another Space's is another");
    hash_of(hex, &usual, 7, other, arena);
    ok(strcmp(hex, first) != 0, "and so is one behind another event");
    moved.refs.livestream = "liveorde";
    moved.refs.order = "r";
    hash_of(hex, &moved, 7, NULL, arena);
    ok(strcmp(hex, first) != 0, "no byte moves from one member to the next");
}

static void
check_kinds(void)
{
    for (int kind = 0; kind < EVENT_KINDS; kind++)
        is_int(event_kind_of(event_kind_text((enum event_kind)kind)), kind,
               "%s is itself", event_kind_text((enum event_kind)kind));
    is_int(event_kind_of("top-up"), EVENT_KINDS, "another word is none");
    is_int(event_kind_of(""), EVENT_KINDS, "nor is nothing");
}

static void
check_postings(struct arena *arena)
{
    struct postings postings = { .arena = arena };

    event_post(&postings, 3, -5);
    event_post(&postings, 4, 0);
    event_post(&postings, 0, 2);
    event_post(&postings, 3, -1);
    is_text(lot_changes_text(arena, postings.changes, postings.count),
            "[[3,-6],[0,2]]", "one line a lot, none for nothing");
    for (int64_t lot = 10; lot < 40; lot++)
        event_post(&postings, lot, lot);
    is_int(postings.count, 32, "as many as there are");
    is_int(postings.changes[31].credits, 39, "each with its credits");
}

int
main(void)
{
    struct arena arena;
    char id[ID_SIZE];
    struct id parsed;

    arena_init(&arena, 4096, 1 << 20);
    check_kinds();
    check_members(&arena);
    check_chain(&arena);
    check_postings(&arena);
    event_id(id, 7, &usual);
    ok(id_parse(id, "evt", &parsed), "an event's id can be read");
    is_int(parsed.ms, usual.at, "it has its time");
    is_int(parsed.space, 7, "its Space");
    is_int(parsed.number, 12, "and its seq");
    arena_free(&arena);
    return done();
}
