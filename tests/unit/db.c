/*
 * The door to the database, for one caller: values come back as they went
 * in, results are told apart, and no mistake of a caller leaves half a
 * transaction. Everything is tried with both journals.
 */
#include "db_world.h"

#include "limits.h"

static const char *journal; /* for the checks' names */

/* ---------------------------------------------------------------- values */

static void
is_value(const struct db_value *got, const struct db_value *want,
         const char *name)
{
    bool same = got->type == want->type;

    if (same && want->type == DB_INT)
        same = got->i == want->i;
    else if (same && want->type != DB_NULL)
        same = got->length == want->length &&
               memcmp(got->bytes, want->bytes, want->length) == 0 &&
               got->bytes[got->length] == '\0';
    ok(same, "%s: %s", journal, name);
}

static void
try_values(struct db *db)
{
    const struct {
        const char *name;
        struct db_value in;
        struct db_value out;
    } cases[] = {
        { "zero", INT(0), INT(0) },
        { "the least number", INT(INT64_MIN), INT(INT64_MIN) },
        { "the greatest number", INT(INT64_MAX), INT(INT64_MAX) },
        { "what no double holds", INT(9007199254740993),
          INT(9007199254740993) },
        { "never", INT(NEVER_MS), INT(NEVER_MS) },
        { "a text", TEXT("a ? 'b' \"c\" \\ %s"), TEXT("a ? 'b' \"c\" \\ %s") },
        { "an empty text is a text", TEXT(""), TEXT("") },
        { "no text is NULL", TEXT(NULL), NIL },
        { "NULL", NIL, NIL },
        { "bytes with NULs", BLOB("a\0b\0", 4), BLOB("a\0b\0", 4) },
        { "empty bytes are bytes", BLOB("", 0), BLOB("", 0) },
        { "no bytes are NULL", BLOB(NULL, 0), NIL },
        { "UTF-8", TEXT("\xe2\x82\xac \xf0\x9f\x98\x80"),
          TEXT("\xe2\x82\xac \xf0\x9f\x98\x80") },
        { "digits stay a text", TEXT("0012"), TEXT("0012") },
    };
    struct rows rows;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        ok(db_run(db, &world_arena, &rows, T_ECHO, NIL, cases[i].in, INT(7),
                  NIL) == DB_OK &&
               rows.n == 1 && rows.columns == 4 && rows_int(&rows, 0, 2) == 7,
           "%s: a row comes back", journal);
        is_value(rows_at(&rows, 0, 1), &cases[i].out, cases[i].name);
        ok(rows_null(&rows, 0, 1) == (cases[i].out.type == DB_NULL) &&
               rows_null(&rows, 0, 3),
           "%s:   and so does its being NULL", journal);
    }
    ok(db_run(db, &world_arena, &rows, T_MANY_ROWS, INT(1000)) == DB_OK &&
           rows.n == 1000 && rows_int(&rows, 999, 0) == 1000,
       "%s: a thousand rows", journal);
    is_text(rows_text(&rows, 499, 1), "row 500", "%s: each in its place",
            journal);
    ok(db_run(db, &world_arena, &rows, T_MANY_ROWS, INT(1)) == DB_OK &&
           rows.n == 1 && rows.changes == 0,
       "%s: the same query again, with another parameter", journal);
}

/* -------------------------------------------------------------- settings */

static void
try_settings(struct db *db)
{
    bool wal = strcmp(journal, "WAL") == 0;
    const struct {
        const char *pragma;
        const char *want;
    } cases[] = {
        { "synchronous", "2" }, /* FULL: a commit that returned is durable */
        { "wal_autocheckpoint", "0" }, { "foreign_keys", "1" },
        { "trusted_schema", "0" },     { "cell_size_check", "1" },
        { "cache_size", "-500" },      { "temp_store", "2" }, /* MEMORY */
        { "mmap_size", "0" },          { "locking_mode", "normal" },
        { "encoding", "UTF-8" },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct rows rows;
        const struct db_value *value;
        char text[32] = "";

        if (db_run_sql(db, &world_arena, &rows,
                       arena_format(&world_arena, "PRAGMA %s", cases[i].pragma),
                       NULL, 0) == DB_OK &&
            rows.n == 1) {
            value = rows_at(&rows, 0, 0);
            if (value->type == DB_INT)
                snprintf(text, sizeof(text), "%d", (int)value->i);
            else
                snprintf(text, sizeof(text), "%s", value->bytes);
        }
        is_text(text, cases[i].want, "%s: %s", journal, cases[i].pragma);
    }
    ok(world_insert(db, 1) && (world_size("-wal") >= 0) == wal &&
           (world_size("-journal") >= 0) == !wal,
       "%s: is the journal", journal);
    is_int(db_run_sql(db, NULL, NULL, "PRAGMA writable_schema = ON", NULL, 0),
           DB_OK, "%s: to write the schema by hand", journal);
    ok(db_begin(db) &&
           db_run_sql(db, NULL, NULL, "UPDATE sqlite_schema SET sql = ''", NULL,
                      0) == DB_BROKEN,
       "%s: is refused", journal);
    db_rollback(db);
}

/* --------------------------------------------------------------- results */

enum step {
    INSERT,     /* (id, name, n) */
    INSERT_NUL, /* n is NULL */
    INSERT_BAD, /* n is a text */
    UPSERT,
    ADD, /* to the thing's n */
    DELETE,
    PART, /* (thing, n) */
    HALF,
    TOO_MUCH
};

static enum db_result
run_step(struct db *db, struct rows *rows, enum step step, int64_t id,
         const char *name, int64_t n)
{
    struct arena *arena = &world_arena;

    switch (step) {
    case INSERT:
        return db_run(db, arena, rows, T_THING_INSERT, INT(id), TEXT(name),
                      INT(n), NIL);
    case INSERT_NUL:
        return db_run(db, arena, rows, T_THING_INSERT, INT(id), TEXT(name), NIL,
                      NIL);
    case INSERT_BAD:
        return db_run(db, arena, rows, T_THING_INSERT, INT(id), TEXT(name),
                      TEXT("many"), NIL);
    case UPSERT:
        return db_run(db, arena, rows, T_THING_UPSERT, INT(id), TEXT(name),
                      INT(n));
    case ADD: return db_run(db, arena, rows, T_THING_ADD, INT(id), INT(n));
    case DELETE: return db_run(db, arena, rows, T_THING_DELETE, INT(id));
    case PART: return db_run(db, arena, rows, T_PART_INSERT, INT(id), INT(n));
    case HALF: return db_run(db, arena, rows, T_HALF, INT(n));
    case TOO_MUCH: return db_run(db, arena, rows, T_TOO_MUCH, NONE);
    }
    return DB_BROKEN;
}

/* Each begins with the thing (1, "one", 10) in a database of its own; `words`
 * have to be in db_why(). `changes` counts where the step came to OK. */
static const struct {
    const char *name;
    enum step step;
    int64_t id;
    const char *text;
    int64_t n;
    enum db_result want;
    int64_t changes;
    const char *words;
} results[] = {
    { "a new row", INSERT, 2, "two", 5, DB_OK, 1, "" },
    { "the same key is a conflict", INSERT, 1, "x", 5, DB_CONFLICT, 0,
      "thing_insert: UNIQUE constraint failed: thing.id" },
    { "the same name is a conflict", INSERT, 2, "one", 5, DB_CONFLICT, 0,
      "UNIQUE constraint failed: thing.name" },
    { "a conflict that does nothing is fine", UPSERT, 1, "x", 5, DB_OK, 0, "" },
    { "an upsert of a new row", UPSERT, 3, "x", 5, DB_OK, 1, "" },
    { "a CHECK is broken", INSERT, 2, "two", 666, DB_BROKEN, 0,
      "CHECK constraint failed" },
    { "NOT NULL is broken", INSERT_NUL, 2, "two", 0, DB_BROKEN, 0,
      "NOT NULL constraint failed: thing.n" },
    { "another type is broken", INSERT_BAD, 2, "two", 0, DB_BROKEN, 0,
      "cannot store TEXT value in INTEGER column" },
    { "a trigger's refusal is broken", DELETE, 1, NULL, 0, DB_BROKEN, 0,
      "append-only" },
    { "a foreign key is broken", PART, 77, NULL, 1, DB_BROKEN, 0,
      "FOREIGN KEY constraint failed" },
    { "a row of nobody's is no change", DELETE, 9, NULL, 0, DB_OK, 0, "" },
    { "an update counts", ADD, 1, NULL, 5, DB_OK, 1, "" },
    { "a sum beyond 64 bits is broken", ADD, 1, NULL, INT64_MAX, DB_BROKEN, 0,
      "cannot store REAL value" },
    { "so is one in a SELECT", TOO_MUCH, 0, NULL, 0, DB_BROKEN, 0,
      "integer overflow" },
    { "a floating-point number is broken", HALF, 0, NULL, 5, DB_BROKEN, 0,
      "half: a value cannot be read" },
};

static void
try_result(struct db *db, size_t i)
{
    enum db_result want = results[i].want;
    bool alive = want == DB_OK || want == DB_CONFLICT;
    struct rows rows;
    enum db_result got;
    bool began;
    bool kept;

    began = db_begin(db) && run_step(db, NULL, INSERT, 1, "one", 10) == DB_OK;
    ok(began, "%s: %s:", journal, results[i].name);
    got = run_step(db, &rows, results[i].step, results[i].id, results[i].text,
                   results[i].n);
    is_int(got, want, "  comes to %d", (int)want);
    if (want != DB_OK) {
        is_int(db_last(db), want, "  which is remembered");
        ok(strstr(db_why(db), results[i].words) != NULL, "  in words: %s",
           db_why(db));
        is_int(rows.n, 0, "  and brings no rows");
    } else {
        is_int(rows.changes, results[i].changes, "  having changed so many");
    }
    got = run_step(db, NULL, INSERT, 50, "fifty", 1);
    is_int(got, alive ? DB_OK : want, "  and the next query %s",
           alive ? "runs" : "comes to the same");
    kept = db_commit(db);
    is_int(kept, alive, "  and the commit %s", alive ? "works" : "fails");
    ok(!db_in_transaction(db), "  and nothing is open");
    is_int(world_count(db) > 0, alive, "  and the rows are %s",
           alive ? "there" : "gone");
}

static void
try_results(const char *option)
{
    for (size_t i = 0; i < COUNT_OF(results); i++) {
        struct db *db = world_open(option);

        try_result(db, i);
        db_close(db);
        world_clear();
        arena_reset(&world_arena);
    }
}

/* ---------------------------------------------------------- transactions */

static void
try_transactions(struct db *db)
{
    struct rows rows;

    db_rollback(db);
    ok(!db_in_transaction(db), "%s: a rollback of nothing is nothing", journal);
    is_int(run_step(db, NULL, INSERT, 1, "one", 1), DB_BROKEN,
           "%s: a write outside a transaction is refused", journal);
    is_int(world_count(db), 0, "%s: and a read is not", journal);
    ok(db_begin_read(db) && db_in_transaction(db), "%s: a reading transaction",
       journal);
    is_int(run_step(db, NULL, INSERT, 1, "one", 1), DB_BROKEN,
           "%s: refuses a write", journal);
    ok(!db_commit(db), "%s: and is lost by it", journal);
    ok(db_begin_read(db) && world_count(db) == 0 && db_commit(db),
       "%s: another reads and ends well", journal);
    ok(db_begin(db) && db_in_transaction(db) &&
           run_step(db, NULL, INSERT, 1, "one", 1) == DB_OK,
       "%s: a writing one writes", journal);
    is_int(world_count(db), 1, "%s: and sees what it wrote", journal);
    db_rollback(db);
    db_rollback(db);
    is_int(world_count(db), 0, "%s: rolled back, twice, it is gone", journal);
    ok(db_begin(db) && run_step(db, NULL, INSERT, 1, "one", 1) == DB_OK &&
           run_step(db, &rows, ADD, 1, NULL, 41) == DB_OK &&
           rows_int(&rows, 0, 0) == 42 && db_commit(db),
       "%s: UPDATE ... RETURNING, then the commit", journal);
    ok(db_begin(db) && run_step(db, NULL, ADD, 1, NULL, 1) == DB_OK &&
           db_commit(db),
       "%s: and without looking at its row", journal);
    ok(db_run(db, &world_arena, &rows, T_THING_ALL, NONE) == DB_OK &&
           rows_int(&rows, 0, 2) == 43,
       "%s: both are kept", journal);
    ok(db_begin(db) && run_step(db, NULL, INSERT, 2, "two", 1) == DB_OK,
       "%s: a transaction is left open", journal);
    db_close(db);
    db = world_open(strcmp(journal, "WAL") == 0 ? "" : "?journal=truncate");
    is_int(world_count(db), 1, "%s: a close rolls it back", journal);
    ok(db_begin(db), "%s: and has given the turn", journal);
    is_int(db_run(db, NULL, NULL, T_END, NONE), DB_BROKEN,
           "%s: a query may not end its transaction", journal);
    ok(!db_commit(db), "%s: the commit then fails", journal);
    ok(world_insert(db, 5), "%s: and the next transaction works", journal);
    db_close(db);
}

/* ------------------------------------------------- jumps out of the arena */

/* Runs a query of more rows than its arena holds; true where it jumped. */
static bool
overflow(struct db *db)
{
    struct arena small;
    struct rows rows;
    jmp_buf back;
    volatile bool jumped = true;

    arena_init(&small, 1024, 16384);
    small.exhausted = &back;
    if (setjmp(back) == 0) {
        jumped = db_run(db, &small, &rows, T_MANY_ROWS, INT(100000)) != DB_OK;
        ok(false, "the arena was large enough");
    }
    arena_free(&small);
    return jumped;
}

static void
try_jumps(struct db *db)
{
    struct db *other;

    ok(overflow(db), "%s: the arena is full in the middle of a query", journal);
    is_int(world_count(db), 0, "%s: the next query runs", journal);
    ok(db_begin(db) && run_step(db, NULL, INSERT, 1, "one", 1) == DB_OK &&
           overflow(db),
       "%s: and in the middle of a transaction", journal);
    db_rollback(db);
    is_int(world_count(db), 0, "%s: which a rollback undoes", journal);
    ok(db_begin(db) && run_step(db, NULL, INSERT, 1, "one", 1) == DB_OK &&
           overflow(db) && !db_commit(db),
       "%s: and which cannot be committed", journal);
    is_int(world_count(db), 0, "%s: nothing is left of it", journal);
    other = world_open(strcmp(journal, "WAL") == 0 ? "" : "?journal=truncate");
    ok(world_insert(other, 1) && world_count(db) == 1, "%s: nor of its locks",
       journal);
    ok(overflow(db), "%s: a reader without a transaction jumps", journal);
    db_rollback(db);
    ok(world_insert(other, 2), "%s: and a rollback ends its reading", journal);
    db_close(other);
}

/* -------------------------------------------- mistakes stop the program */

static void
no_mistake(struct db *db)
{
    struct db *own = world_open("");

    (void)db;
    (void)!db_run(own, NULL, NULL, T_THING_DATA, INT(1));
}

static void
too_few(struct db *db)
{
    struct db *own = world_open("");

    (void)db;
    (void)!db_run(own, NULL, NULL, T_THING_DATA, NONE);
}

static void
too_many(struct db *db)
{
    struct db *own = world_open("");

    (void)db;
    (void)!db_run(own, NULL, NULL, T_THING_COUNT, INT(1));
}

static void
no_such_query(struct db *db)
{
    struct db *own = world_open("");

    (void)db;
    (void)!db_run(own, NULL, NULL, T_COUNT, NONE);
}

static void
nested(struct db *db)
{
    struct db *own = world_open("");

    (void)db;
    (void)!db_begin(own);
    (void)!db_begin(own);
}

static void
forked(struct db *db)
{
    (void)!db_begin(db);
}

static void
forked_read(struct db *db)
{
    (void)!db_run(db, &world_arena, NULL, T_THING_COUNT, NONE);
}

static const struct rows *
some_rows(void)
{
    static struct rows rows;
    struct db *own = world_open("");

    (void)!db_run(own, &world_arena, &rows, T_ECHO, INT(1), TEXT("a"), NIL,
                  NIL);
    return &rows;
}

static void
beyond_rows(struct db *db)
{
    (void)db;
    rows_int(some_rows(), 1, 0);
}

static void
beyond_columns(struct db *db)
{
    (void)db;
    rows_int(some_rows(), 0, 4);
}

static void
text_as_number(struct db *db)
{
    (void)db;
    rows_int(some_rows(), 0, 1);
}

static void
number_as_text(struct db *db)
{
    (void)db;
    rows_text(some_rows(), 0, 0);
}

static void
try_mistakes(struct db *db)
{
    static const struct {
        const char *name;
        void (*act)(struct db *);
    } cases[] = {
        { "too few parameters", too_few },
        { "too many parameters", too_many },
        { "a query that is not there", no_such_query },
        { "a transaction in another", nested },
        { "a handle after a fork", forked },
        { "even to read", forked_read },
        { "a row that is not there", beyond_rows },
        { "a column that is not there", beyond_columns },
        { "a text taken for a number", text_as_number },
        { "a number taken for a text", number_as_text },
    };

    ok(!world_aborts(no_mistake, db), "goes on without a mistake");
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        ok(world_aborts(cases[i].act, db), "stops the program: %s",
           cases[i].name);
}

/* --------------------------------------------------- queries that cannot */

static void
try_bad_queries(void)
{
    static const struct {
        const char *name;
        struct db_query query;
        const char *words;
    } cases[] = {
        { "a misspelt column", { "q", "SELECT nam FROM thing", 0 }, "nam" },
        { "a name in double quotes that is none",
          { "q", "SELECT \"nam\" FROM thing", 0 },
          "no such column" },
        { "two statements",
          { "q", "SELECT 1; SELECT 2", 0 },
          "is not one statement" },
        { "no statement", { "q", "-- nothing", 0 }, "is not one statement" },
        { "another number of parameters",
          { "q", "SELECT ?1", 2 },
          "other parameters" },
        { "a parameter by name", { "q", "SELECT :x", 0 }, "other parameters" },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct db_set set = world_set;
        struct db *db;
        bool all;

        set.queries = &cases[i].query;
        set.query_count = 1;
        db = world_open_set(&set, "");
        all = db_migrate(db) && db_prepare_all(db);
        ok(!all && strstr(db_why(db), cases[i].words) != NULL,
           "does not compile: %s (%s)", cases[i].name, db_why(db));
        is_int(db_run_values(db, &world_arena, NULL, 0,
                             (const struct db_value[]){ NIL, NIL },
                             cases[i].query.parameters),
               DB_BROKEN, "  and does not run");
        db_close(db);
    }
}

/* --------------------------------------------------------------- opening */

static void
try_opening(void)
{
    static const struct {
        const char *name;
        const char *url; /* %s is the folder */
        bool create;
        const char *words;
    } cases[] = {
        { "another scheme", "postgres:x", true, "sqlite:PATH" },
        { "no scheme", "%s/x.db", true, "sqlite:PATH" },
        { "no path", "sqlite:", true, "sqlite:PATH" },
        { "a missing file", "sqlite:%s/none.db", false, "No such file" },
        { "a missing folder", "sqlite:%s/none/x.db", true, "No such file" },
        { "a folder", "sqlite:%s", true, "" },
        { "what is no database", "sqlite:%s/noise.db", false,
          "not a database" },
    };
    char text[200];
    FILE *noise;
    struct stat found;
    const char *why;
    struct db *db;

    noise = fopen(arena_format(&world_arena, "%s/noise.db", world_folder), "w");
    for (int i = 0; i < 1000; i++)
        fprintf(noise, "This is no database. ");
    fclose(noise);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        snprintf(text, sizeof(text), "%s", cases[i].url);
        if (strstr(cases[i].url, "%s") != NULL)
            snprintf(text, sizeof(text), "%.*s%s%s",
                     (int)(strstr(cases[i].url, "%s") - cases[i].url),
                     cases[i].url, world_folder,
                     strstr(cases[i].url, "%s") + 2);
        why = NULL;
        db = db_open(text, &world_set, cases[i].create, &world_arena, &why);
        ok(db == NULL && why != NULL && strstr(why, cases[i].words) != NULL,
           "is not opened: %s (%s)", cases[i].name, why == NULL ? "" : why);
    }
    db = world_open("");
    ok(world_insert(db, 1), "a new one is made");
    for (int i = 0; i < 4; i++) {
        static const char *const ends[] = { "", "-wal", "-shm", "-turn" };

        ok(stat(world_path(ends[i]), &found) == 0 &&
               (found.st_mode & 0777) == 0600,
           "its file%s is the owner's alone", ends[i]);
    }
    db_close(db);
    db_close(NULL);
}

/* Two names of one file meet at one turn. */
static void
try_links(void)
{
    const char *link = arena_format(&world_arena, "%s/link.db", world_folder);
    const char *why;
    struct db *one = world_open("");
    struct db *two = NULL;

    if (symlink("test.db", link) == 0)
        two = db_open(arena_format(&world_arena, "sqlite:%s", link), &world_set,
                      false, &world_arena, &why);
    ok(two != NULL && db_begin(one) && !db_begin(two) &&
           db_last(two) == DB_BUSY,
       "who opens by a link waits for the same turn");
    db_close(two);
    db_close(one);
}

int
main(void)
{
    static const char *const options[] = { "", "?journal=truncate" };
    static const char *const names[] = { "WAL", "rollback" };
    static void (*const acts[])(struct db *) = { try_settings, try_values,
                                                 try_jumps };
    struct db *db;

    world_begin();
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        journal = names[i];
        for (size_t j = 0; j < COUNT_OF(acts); j++) {
            db = world_open(options[i]);
            acts[j](db);
            db_close(db);
            world_clear();
        }
        try_transactions(world_open(options[i])); /* closes it */
        world_clear();
        try_results(options[i]);
    }
    db = world_open("");
    try_mistakes(db);
    db_close(db);
    try_bad_queries();
    world_clear();
    try_opening();
    world_clear();
    try_links();
    world_end();
    return done();
}
