/*
 * Price books in the database: see price.h. A book is written once, and read
 * whole: it is small, and what it says does not change.
 */
#include "ledger_sql.h"
#include "limits.h"
#include "price.h"

/* The columns of price_all. */
enum { SECTION, SECTION_LABEL, ACTIVITY, LABEL, UNIT, QUALITY, CREDITS, PER };

static bool
differs(const char *a, const char *b)
{
    return strcmp(a, b) != 0;
}

static void
read_price(const struct rows *rows, int i, struct price_book *book,
           struct price_section *section, struct activity *activity,
           struct price *price)
{
    const char *id = rows_text(rows, i, SECTION);

    if (book->section_count == 0 ||
        differs(section[book->section_count - 1].id, id))
        section[book->section_count++] =
            (struct price_section){ .id = id,
                                    .label = rows_text(rows, i, SECTION_LABEL),
                                    .activities = activity };
    section = &section[book->section_count - 1];
    id = rows_text(rows, i, ACTIVITY);
    if (section->activity_count == 0 ||
        differs(section->activities[section->activity_count - 1].id, id)) {
        *activity = (struct activity){ .id = id,
                                       .label = rows_text(rows, i, LABEL),
                                       .unit = rows_text(rows, i, UNIT),
                                       .prices = price };
        section->activity_count++;
    }
    activity = &section->activities[section->activity_count - 1];
    *price = (struct price){ .quality = rows_text(rows, i, QUALITY),
                             .credits = rows_int(rows, i, CREDITS),
                             .per = rows_int(rows, i, PER) };
    activity->price_count++;
}

/* Rows lie in the book's order; an activity's prices follow each other. */
static enum price_result
read_book(struct db *db, struct arena *arena, struct price_book *book)
{
    struct rows rows;
    struct price *prices;
    struct activity *activities;
    int activity = 0;

    if (db_run(db, arena, &rows, Q_PRICE_ALL, INT(book->version)) != DB_OK)
        return PRICE_BROKEN;
    prices = arena_array(arena, (size_t)rows.n, sizeof(*prices));
    activities = arena_array(arena, (size_t)rows.n, sizeof(*activities));
    book->sections =
        arena_array(arena, (size_t)rows.n, sizeof(*book->sections));
    for (int i = 0; i < rows.n; i++) {
        read_price(&rows, i, book, book->sections, &activities[activity],
                   &prices[i]);
        if (activities[activity].id != NULL)
            activity++;
    }
    return PRICE_OK;
}

static enum price_result
find_book(struct db *db, struct arena *arena, int query, int64_t by,
          struct price_book *book)
{
    struct rows rows;

    if (db_run(db, arena, &rows, query, INT(by)) != DB_OK)
        return PRICE_BROKEN;
    if (rows.n == 0)
        return PRICE_NONE;
    *book = (struct price_book){ .version = rows_int(&rows, 0, 0),
                                 .effective_from = rows_int(&rows, 0, 1) };
    return read_book(db, arena, book);
}

enum price_result
price_book_at(struct db *db, struct arena *arena, int64_t at,
              struct price_book *book)
{
    return find_book(db, arena, Q_PRICE_BOOK_AT, at, book);
}

enum price_result
price_book_version(struct db *db, struct arena *arena, int64_t version,
                   struct price_book *book)
{
    return find_book(db, arena, Q_PRICE_BOOK_VERSION, version, book);
}

enum price_result
price_upcoming(struct db *db, struct arena *arena, int64_t after, int limit,
               struct price_book **books, int *count)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_PRICE_BOOK_UPCOMING, INT(after),
               INT(limit)) != DB_OK)
        return PRICE_BROKEN;
    *count = rows.n;
    *books = arena_array(arena, (size_t)rows.n + 1, sizeof(**books));
    for (int i = 0; i < rows.n; i++) {
        struct price_book *book = &(*books)[i];

        *book = (struct price_book){ .version = rows_int(&rows, i, 0),
                                     .effective_from = rows_int(&rows, i, 1) };
        if (read_book(db, arena, book) != PRICE_OK)
            return PRICE_BROKEN;
    }
    return PRICE_OK;
}

static bool
insert_prices(struct db *db, struct arena *arena, int64_t version,
              const struct price_section *section,
              const struct activity *activity, int *place)
{
    for (int i = 0; i < activity->price_count; i++) {
        const struct price *price = &activity->prices[i];

        if (db_run(db, arena, NULL, Q_PRICE_INSERT, INT(version), INT(++*place),
                   TEXT(section->id), TEXT(section->label), TEXT(activity->id),
                   TEXT(activity->label), TEXT(activity->unit),
                   TEXT(price->quality), INT(price->credits),
                   INT(price->per)) != DB_OK)
            return false;
    }
    return true;
}

static bool
insert_book(struct db *db, struct arena *arena, int64_t version,
            const struct price_book *book)
{
    int place = 0;

    for (int i = 0; i < book->section_count; i++)
        for (int j = 0; j < book->sections[i].activity_count; j++)
            if (!insert_prices(db, arena, version, &book->sections[i],
                               &book->sections[i].activities[j], &place))
                return false;
    return true;
}

enum price_result
price_import(struct db *db, struct arena *arena, const struct price_book *book,
             int64_t from, int64_t now, int64_t *version, const char **why)
{
    struct rows rows;

    if (!price_check(arena, book, why))
        return PRICE_INVALID;
    if (from < now)
        return PRICE_PAST;
    if (db_run(db, arena, &rows, Q_PRICE_BOOK_LAST, NONE) != DB_OK)
        return PRICE_BROKEN;
    *version = rows_int(&rows, 0, 0) + 1;
    if (db_run(db, arena, NULL, Q_PRICE_BOOK_INSERT, INT(*version), INT(from),
               INT(now)) != DB_OK ||
        !insert_book(db, arena, *version, book))
        return PRICE_BROKEN;
    return PRICE_OK;
}
