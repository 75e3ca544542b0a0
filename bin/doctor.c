/*
 * What is wrong with this site, and what to do about it. Each check is one
 * function that says one line; none changes anything, and one that cannot be
 * made says so and lets the others go on. Never prints a secret.
 */
#include "clock.h"
#include "command.h"
#include "ledger.h"
#include "ledger_sql.h"
#include "mount.h"
#include "stripe_call.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define WRITES           20
#define WRITE_MS_SLOW    50
#define EVENTS_TO_VERIFY 200000
#define SQLITE_LEAST     "3.51.3"

struct doctor {
    struct command *command;
    struct config config;
    int warnings, faults;
};

enum state { FINE, WARNING, FAULT };

/* One line; `cure` is what to do, or NULL. */
static void
say(struct doctor *doctor, enum state state, const char *name,
    const char *words, const char *cure)
{
    static const char *const texts[] = { "ok", "warning", "fault" };
    struct command *command = doctor->command;

    doctor->warnings += state == WARNING;
    doctor->faults += state == FAULT;
    command_say(command, "%-8s %-12s %s%s%s", texts[state], name, words,
                cure == NULL ? "" : "\n                      ",
                cure == NULL ? "" : cure);
    json_open_object(&command->out, NULL);
    json_put_text(&command->out, "check", name);
    json_put_text(&command->out, "state", texts[state]);
    json_put_text(&command->out, "words", words);
    json_put_text(&command->out, "do", cure);
    json_close_object(&command->out);
}

#define TEXT_OF(doctor, ...) arena_format((doctor)->command->arena, __VA_ARGS__)

static bool
check_settings(struct doctor *doctor)
{
    struct arena *arena = doctor->command->arena;
    const char *set = getenv("SCRIP_HOME");
    const char *why = NULL;
    const char *home = config_home(arena, &why);

    if (home == NULL || !config_load(&doctor->config, arena, &why)) {
        say(doctor, FAULT, "settings", why,
            "Mend what it names; `scrip init` makes secrets that are missing.");
        return false;
    }
    say(doctor, FINE, "settings",
        TEXT_OF(doctor, "%s (%s), site %s, %s", home,
                set != NULL && *set != '\0' ? "from SCRIP_HOME"
                                            : "found beside the program",
                doctor->config.base_url,
                doctor->config.sandbox    ? "sandbox"
                : doctor->config.livemode ? "live key"
                                          : "test key"),
        NULL);
    return true;
}

static void
check_modes(struct doctor *doctor)
{
    static const char *const names[] = { "", "/scrip.conf", "/secrets.conf",
                                         "/scrip.db", "/demo.key" };
    const char *exposed = NULL;
    struct stat about;

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const char *path =
            TEXT_OF(doctor, "%s%s", doctor->config.home, names[i]);

        if (stat(path, &about) == 0 && (about.st_mode & 077) != 0)
            exposed = path;
        if (exposed == path && i > 0)
            break; /* a file is worse than the folder */
    }
    if (exposed == NULL)
        say(doctor, FINE, "modes", "nobody else can read the data", NULL);
    else
        say(doctor, WARNING, "modes",
            TEXT_OF(doctor, "others may look into %s", exposed),
            TEXT_OF(doctor, "chmod go= '%s'", exposed));
}

static void
check_mount(struct doctor *doctor)
{
    if (mount_is_remote(doctor->config.home))
        say(doctor, WARNING, "file system",
            "the data lies on a network file system: a rollback journal is "
            "used, and writes are slower",
            "Move the data's folder to a disk of the machine, if there is "
            "one.");
    else
        say(doctor, FINE, "file system", "a local one, with a write-ahead log",
            NULL);
}

/* Median milliseconds of a small durable write; -1: none is possible. */
static int64_t
write_ms(struct doctor *doctor)
{
    const char *path = TEXT_OF(doctor, "%s/doctor.tmp", doctor->config.home);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int64_t took[WRITES];
    static char page[4096];
    bool fine = fd >= 0;

    for (int i = 0; fine && i < WRITES; i++) {
        int64_t began = clock_monotonic_ms();
        int at = i;

        fine = write(fd, page, sizeof(page)) == (ssize_t)sizeof(page) &&
               fsync(fd) == 0;
        took[i] = clock_monotonic_ms() - began;
        for (; at > 0 && took[at - 1] > took[at]; at--) {
            int64_t swap = took[at];

            took[at] = took[at - 1];
            took[at - 1] = swap;
        }
    }
    if (fd >= 0)
        (void)close(fd);
    (void)unlink(path);
    return fine ? took[WRITES / 2] : -1;
}

static void
check_writes(struct doctor *doctor)
{
    int64_t ms = write_ms(doctor);

    if (ms < 0)
        say(doctor, FAULT, "writes", "the data's folder cannot be written",
            "Look for a full disk or quota, and at its owner.");
    else
        say(doctor, ms > WRITE_MS_SLOW ? WARNING : FINE, "writes",
            TEXT_OF(doctor, "a durable write takes %lld ms", (long long)ms),
            ms > WRITE_MS_SLOW ? "Buying works; metering will be slow here."
                               : NULL);
}

/* A file of ours from the future: the clock was put back. */
static void
check_clock(struct doctor *doctor)
{
    const char *path = TEXT_OF(doctor, "%s/scrip.db", doctor->config.home);
    int64_t now_ms = clock_system_ms();
    char text[CLOCK_TEXT_SIZE];
    struct stat about;

    clock_format(text, now_ms);
    if (stat(path, &about) == 0 &&
        (int64_t)about.st_mtime * SECOND_MS > now_ms + MINUTE_MS)
        say(doctor, WARNING, "clock",
            TEXT_OF(doctor, "%s, and the data was written later", text),
            "Set the machine's clock: signatures may be 5 minutes old at "
            "most.");
    else
        say(doctor, FINE, "clock", text, NULL);
}

static void
check_provider(struct doctor *doctor)
{
    const struct stripe_call call = { .method = "GET",
                                      .path = "/v1/checkout/sessions?limit=1" };
    const struct json *answer;
    const char *why = "no answer";

    switch (stripe_call(&doctor->config, doctor->command->arena, &call, &answer,
                        &why)) {
    case STRIPE_OK:
        say(doctor, FINE, "provider",
            TEXT_OF(doctor, "%s answers", doctor->config.stripe_base), NULL);
        break;
    case STRIPE_MISSING:
    case STRIPE_REFUSED:
        say(doctor, FAULT, "provider",
            TEXT_OF(doctor, "%s refuses us: %s", doctor->config.stripe_base,
                    why),
            "Look at SCRIP_STRIPE_SECRET_KEY: it needs checkout sessions.");
        break;
    case STRIPE_UNAVAILABLE:
        say(doctor, FAULT, "provider",
            TEXT_OF(doctor, "%s: %s", doctor->config.stripe_base, why),
            "Ask the host whether programs may call out over https.");
        break;
    }
}

/* --- The database --------------------------------------------------------- */

static bool
is_older(const char *version, const char *least)
{
    while (*version != '\0' && *least != '\0') {
        long a = strtol(version, (char **)&version, 10);
        long b = strtol(least, (char **)&least, 10);

        if (a != b)
            return a < b;
        version += *version == '.';
        least += *least == '.';
    }
    return false;
}

static void
check_engine(struct doctor *doctor, struct db *db)
{
    struct rows rows;
    const char *version;

    if (db_run(db, doctor->command->arena, &rows, Q_DOCTOR_ENGINE, NONE) !=
        DB_OK) {
        say(doctor, FAULT, "database", db_why(db),
            "Restore the last backup if it stays so.");
        return;
    }
    version = rows_text(&rows, 0, 0);
    say(doctor, FINE, "database",
        TEXT_OF(doctor, "SQLite %s, schema %d%s", version, db_schema(db),
                is_older(version, SQLITE_LEAST)
                    ? "; writes and checkpoints take turns, as this version "
                      "needs"
                    : ""),
        NULL);
}

static void
check_reports(struct doctor *doctor, struct db *db)
{
    struct arena *arena = doctor->command->arena;
    char when[CLOCK_TEXT_SIZE] = "never";
    struct rows rows, untold;

    if (db_run(db, arena, &rows, Q_DOCTOR_REPORTS, NONE) != DB_OK ||
        db_run(db, arena, &untold, Q_DOCTOR_UNTOLD, NONE) != DB_OK)
        return; /* the database has been told of */
    if (!rows_null(&rows, 0, 1))
        clock_format(when, rows_int(&rows, 0, 1));
    if (rows_int(&untold, 0, 0) > 0)
        say(doctor, WARNING, "webhook",
            TEXT_OF(doctor,
                    "the last report came %s; %lld payments were found only "
                    "by asking the provider",
                    when, (long long)rows_int(&untold, 0, 0)),
            TEXT_OF(doctor,
                    "Let the provider report to %s/webhooks/stripe, and "
                    "compare its signing secret.",
                    doctor->config.base_url));
    else
        say(doctor, FINE, "webhook",
            TEXT_OF(doctor, "%lld reports, the last one %s",
                    (long long)rows_int(&rows, 0, 0), when),
            NULL);
}

static void
ignore_fault(void *context, const char *words)
{
    *(const char **)context = words;
}

static void
ignore_progress(void *context, int64_t done, int64_t all)
{
    (void)context;
    (void)done;
    (void)all;
}

static void
check_ledger(struct doctor *doctor, struct db *db)
{
    struct arena *arena = doctor->command->arena;
    const char *last = NULL;
    struct rows size;
    int64_t faults;

    if (db_run(db, arena, &size, Q_DOCTOR_SIZE, NONE) != DB_OK)
        return;
    if (rows_int(&size, 0, 1) > EVENTS_TO_VERIFY) {
        say(doctor, FINE, "ledger",
            TEXT_OF(doctor, "%lld events: too many to prove in passing",
                    (long long)rows_int(&size, 0, 1)),
            "`scrip verify` proves them.");
        return;
    }
    if (!ledger_verify(db, arena, ignore_fault, ignore_progress, &last,
                       &faults))
        return;
    say(doctor, faults == 0 ? FINE : FAULT, "ledger",
        faults == 0 ? TEXT_OF(doctor, "%lld events of %lld Spaces add up",
                              (long long)rows_int(&size, 0, 1),
                              (long long)rows_int(&size, 0, 0))
                    : TEXT_OF(doctor, "%lld faults", (long long)faults),
        faults == 0 ? NULL : "`scrip verify` names them; sell nothing more.");
}

static void
check_database(struct doctor *doctor)
{
    const char *why = NULL;
    struct db *db = db_open(doctor->config.database, &ledger_set, false,
                            doctor->command->arena, &why);

    if (db == NULL) {
        say(doctor, FAULT, "database", why, "`scrip init` makes a new one.");
        return;
    }
    if (!db_current(db))
        say(doctor, FAULT, "schema", "older than this program",
            "`scrip init` brings it up to date.");
    else {
        check_engine(doctor, db);
        check_reports(doctor, db);
        check_ledger(doctor, db);
    }
    db_rollback(db);
    db_close(db);
}

int
doctor_verb(struct command *command)
{
    struct doctor doctor = { .command = command };

    json_open_array(&command->out, "checks");
    if (check_settings(&doctor)) {
        check_modes(&doctor);
        check_mount(&doctor);
        check_writes(&doctor);
        check_clock(&doctor);
        check_database(&doctor);
        check_provider(&doctor);
    }
    json_close_array(&command->out);
    json_put_boolean(&command->out, "ok", doctor.faults == 0);
    command_say(command, "%d faults, %d warnings.", doctor.faults,
                doctor.warnings);
    return doctor.faults == 0 ? COMMAND_OK : COMMAND_FAILED;
}
