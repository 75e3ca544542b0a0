/*
 * Every ceiling in one place, each with its reason. A number that bounds a
 * buffer, a body, a wait or an amount stands here and nowhere else.
 */
#ifndef SCRIP_LIMITS_H
#define SCRIP_LIMITS_H

#include "base.h"

/* JSON integers that every language can hold: +-(2^53 - 1). */
#define LIMIT_INTEGER INT64_C(9007199254740991)
/* Credits of one operation; keeps every sum far from overflow. */
#define LIMIT_CREDITS INT64_C(1000000000000)
/* How long a hold lasts, if not said and at most from one call; and how old
 * it may grow by being extended. */
#define LIMIT_HOLD_DEFAULT_MS (15 * MINUTE_MS)
#define LIMIT_HOLD_MS         (7 * DAY_MS)
#define LIMIT_HOLD_LIFE_MS    (30 * DAY_MS)
/* What comes back to a lot that has ended lasts this long. */
#define LIMIT_RETURNED_MS (30 * DAY_MS)
/* A wallet's total, either side of zero; the schema checks it too. */
#define LIMIT_WALLET INT64_C(1000000000000000)
/* Code points of a string that a caller sends. */
#define LIMIT_TEXT 200
/* An Idempotency-Key, in printable ASCII characters. */
#define LIMIT_KEY 255
/* A request's body, and that of webhooks and batches (as api says). */
#define LIMIT_BODY       (64 * 1024)
#define LIMIT_BODY_LARGE (1024 * 1024)
/* A request line with its query; nginx's own default header buffer. */
#define LIMIT_TARGET (8 * 1024)
/* One header that we read; response headers stay under 3 KB in all. */
#define LIMIT_HEADER 4096
/* A reply that is built in memory: 100 events with every member long. */
#define LIMIT_REPLY (4 * 1024 * 1024)
/* What the provider may answer. */
#define LIMIT_PROVIDER_REPLY (1024 * 1024)
/* Nesting of JSON: deeper is an attack, Stripe's own stay under 12. */
#define LIMIT_JSON_DEPTH 32
/* Values of JSON in one text: each costs a hundred bytes. A batch of 1,000
 * items with every member has 14,000. */
#define LIMIT_JSON_VALUES 50000
/* An arena's blocks together: the largest request with room to spare. */
#define LIMIT_ARENA (32 * 1024 * 1024)
/* Lists: how many a page holds at most, and if not said. */
#define LIMIT_PAGE         100
#define LIMIT_PAGE_DEFAULT 25

/* The provider: connecting, one answer, and all tries together. */
#define LIMIT_CONNECT_MS  3000
#define LIMIT_PROVIDER_MS 9000
/* The same where we only look: whoever waits can look again. */
#define LIMIT_PROVIDER_LOOK_MS 3000
/* Due work belongs to whoever took it for so long, and a tick takes so many
 * pieces at most. */
#define LIMIT_WORK_LEASE_MS (2 * MINUTE_MS)
#define LIMIT_WORK_AT_ONCE  50
/* Waiting for the write turn or a busy database before 503. */
#define LIMIT_TURN_MS 2000
/* Waiting for another program that migrates or fills the same database. */
#define LIMIT_MIGRATION_MS 60000
/* The WAL's pages (of 4 KB) after which a commit checkpoints: 16 MB take
 * some 50 ms; and how many more before another try, where a reader was in
 * the way. */
#define LIMIT_WAL_PAGES       4000
#define LIMIT_WAL_RETRY_PAGES 500
/* SQLite's page cache of a handle; a program stays under 8 MB resident. */
#define LIMIT_CACHE_KB 500

/* A session without a request; a session at all. */
#define LIMIT_SESSION_IDLE_MS (30 * MINUTE_MS)
#define LIMIT_SESSION_MS      (24 * HOUR_MS)
/* Failed sign-ins of an email or an address, and wrong promo codes of a member
 * or an address, in the window. */
#define LIMIT_FAILURES    10
#define LIMIT_FAILURES_MS (15 * MINUTE_MS)
/* A member's unpaid orders of the last hour (card testing). */
#define LIMIT_UNPAID_ORDERS 10
/* Webhook signatures: how old they may be. */
#define LIMIT_SIGNATURE_AGE_S 300

#endif
