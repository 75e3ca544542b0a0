/*
 * scrip: the operator's command. Finds the verb in one table, reads its
 * words and options strictly, opens what it needs, runs it, and prints its
 * answer. `scrip help` is made of the same table.
 */
#include "clock.h"
#include "command.h"
#include "limits.h"
#include "log.h"
#include "site_clock.h"
#include "text.h"

#include "ledger_sql.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

enum needs {
    NEEDS_NOTHING, /* makes the home itself */
    NEEDS_DATABASE /* settings, and an open database that fits */
};

struct verb {
    const char *name;    /* one or two words */
    const char *words;   /* "SLUG CREDITS"; '?': may be left out */
    const char *options; /* "--name N! --role R"; '!' is needed, a name alone
                            without value takes none */
    const char *what;
    enum needs needs;
    int (*run)(struct command *command);
};

static const struct verb verbs[] = {
    { "init", "", "--began T",
      "make SCRIP_HOME, its secrets and database; the demo in the sandbox,\n"
      "      which may have begun in the past: the clock stands there then",
      NEEDS_NOTHING, setup_init },
    { "install", "",
      "--web DIR --base-url U --data DIR --owner EMAIL --name N --space SLUG "
      "--cgi --rollback",
      "put this release into a web server's folder, or take its place; the "
      "provider's keys from the environment, else asked for",
      NEEDS_NOTHING, install_verb },
    { "uninstall", "", "--data DIR",
      "take the programs and pages away again; the data stays", NEEDS_NOTHING,
      install_verb_remove },
    { "doctor", "", "", "what is wrong with this site, and what to do",
      NEEDS_NOTHING, doctor_verb },
    { "space add", "SLUG", "--name N! --plan P --currency C --time-zone Z",
      "make a Space", NEEDS_DATABASE, people_space_add },
    { "member add", "EMAIL", "--name N! --space SLUG! --role R!",
      "make a member, or give one a role; password from standard input",
      NEEDS_DATABASE, people_member_add },
    { "key add", "", "--name N! --space SLUG --all --scope S!",
      "make a platform key, and show it once", NEEDS_DATABASE, people_key_add },
    { "plan set", "ID",
      "--name N! --paid P! --amount A! --rate R! --included C! --rollover R "
      "--currency C --interval I",
      "make or change a plan", NEEDS_DATABASE, offers_plan_set },
    { "tier set", "ID", "--amount A! --currency C --bonus N",
      "make or change a top-up offer", NEEDS_DATABASE, offers_tier_set },
    { "promo add", "CODE?",
      "--credits N! --uses N --ends T --lot-expires T --lot-days N",
      "make a promo or gift code; one that nobody guesses where none is given",
      NEEDS_DATABASE, promo_verb_add },
    { "promo list", "", "--limit N --before N",
      "promo codes, newest first, and how often each was used", NEEDS_DATABASE,
      promo_verb_list },
    { "seller set", "",
      "--name N! --address A --vat-rate R --vat-number V --space SLUG --all",
      "who sells credits, and their VAT, on receipts from now on",
      NEEDS_DATABASE, offers_seller_set },
    { "price import", "FILE", "--from T",
      "a price book from a JSON file, in force now or from a time on",
      NEEDS_DATABASE, prices_import },
    { "grant", "SLUG CREDITS", "--kind K! --expires T --period T --reason R!",
      "give credits: bonus, included_allocation or adjustment", NEEDS_DATABASE,
      credits_grant },
    { "order resolve", "ORDER DECISION", "",
      "end an order's review: credit or dismiss", NEEDS_DATABASE,
      credits_order_resolve },
    { "verify", "", "", "prove the ledger; one line for each fault",
      NEEDS_DATABASE, upkeep_verify },
    { "reconcile", "", "",
      "ask the payment provider about every order that is not final",
      NEEDS_DATABASE, upkeep_reconcile },
    { "tick", "", "", "do what is due; for cron, or every 10 seconds",
      NEEDS_DATABASE, upkeep_tick },
    { "clock", "WHAT AMOUNT?", "--force",
      "sandbox only: clock set TIME | clock advance 90s|61m|2h|31d | clock "
      "reset",
      NEEDS_DATABASE, clock_verb },
    { "demo", "", "",
      "sandbox only: live through the demo's past, from where the clock "
      "stands\n      to now, over the running site",
      NEEDS_DATABASE, demo_verb },
};

/* --- Help. ---------------------------------------------------------------- */

static void
print_options(const char *options)
{
    for (const char *p = options; *p != '\0'; p++)
        if (*p != '!')
            putchar(*p);
}

static int
help(void)
{
    puts("scrip: prepaid credits for Spaces\n\nusage: scrip VERB [OPTIONS] "
         "[--json]\n");
    for (size_t i = 0; i < COUNT_OF(verbs); i++) {
        const struct verb *verb = &verbs[i];

        printf("  scrip %s%s%s%s", verb->name, *verb->words ? " " : "",
               verb->words, *verb->options ? " " : "");
        print_options(verb->options);
        printf("\n      %s\n", verb->what);
    }
    puts("\n--json prints one JSON object. Settings come from the environment "
         "or from\nscrip.conf in SCRIP_HOME (default: var).");
    return COMMAND_OK;
}

/* --- Words and options. --------------------------------------------------- */

/* The verb that argv begins with; *used counts its words. */
static const struct verb *
find_verb(int argc, char **argv, int *used)
{
    for (size_t i = 0; i < COUNT_OF(verbs); i++) {
        const char *name = verbs[i].name;
        const char *space = strchr(name, ' ');
        size_t first = space == NULL ? strlen(name) : (size_t)(space - name);

        if (argc < 1 || strlen(argv[0]) != first ||
            strncmp(argv[0], name, first) != 0)
            continue;
        *used = space == NULL ? 1 : 2;
        if (space == NULL || (argc >= 2 && strcmp(argv[1], space + 1) == 0))
            return &verbs[i];
    }
    return NULL;
}

/* Fills command->options from the verb's text. */
static void
know_options(struct command *command, const struct verb *verb)
{
    const char *at = verb->options;
    int count = 0;

    while ((at = strstr(at, "--")) != NULL) {
        struct command_option *option = &command->options[count++];
        size_t length = strcspn(at + 2, " ");
        const char *next = at + 2 + length;
        const char *last;

        assert(count <= COMMAND_OPTIONS_MAX);
        option->name = arena_copy(command->arena, at + 2, length);
        option->flag = *next == '\0' || strncmp(next, " --", 3) == 0;
        last = option->flag ? next - 1 : next + 1 + strcspn(next + 1, " ") - 1;
        option->needed = *last == '!';
        at = next;
    }
}

static struct command_option *
option_named(struct command *command, const char *name, size_t length)
{
    for (int i = 0; i < COMMAND_OPTIONS_MAX; i++) {
        struct command_option *option = &command->options[i];

        if (option->name != NULL && strlen(option->name) == length &&
            strncmp(option->name, name, length) == 0)
            return option;
    }
    return NULL;
}

/* One "--name", "--name=value" or "--name value"; false after a complaint. */
static bool
read_option(struct command *command, int argc, char **argv, int *at)
{
    const char *text = argv[*at] + 2;
    size_t length = strcspn(text, "=");
    struct command_option *option = option_named(command, text, length);

    if (option == NULL)
        command_fail(command, COMMAND_USAGE, "no option --%s here", text);
    else if (option->value != NULL)
        command_fail(command, COMMAND_USAGE, "--%s stands twice", option->name);
    else if (option->flag && text[length] == '=')
        command_fail(command, COMMAND_USAGE, "--%s takes no value",
                     option->name);
    else if (option->flag)
        option->value = "yes";
    else if (text[length] == '=')
        option->value = text + length + 1;
    else if (*at + 1 < argc)
        option->value = argv[++*at];
    else
        command_fail(command, COMMAND_USAGE, "--%s wants a value",
                     option->name);
    return option != NULL && option->value != NULL;
}

static int
words_wanted(const struct verb *verb)
{
    int count = *verb->words != '\0';

    for (const char *p = verb->words; *p != '\0'; p++)
        count += *p == ' ';
    return count;
}

/* A number below zero is a word, not an option. */
static bool
is_option(const char *text)
{
    return text[0] == '-' && text[1] == '-' && text[2] != '\0';
}

static bool
read_arguments(struct command *command, const struct verb *verb, int argc,
               char **argv)
{
    int words = 0;

    know_options(command, verb);
    for (int i = 0; i < argc; i++) {
        if (!text_is_utf8(argv[i], strlen(argv[i]))) {
            command_fail(command, COMMAND_USAGE,
                         "an argument is not valid UTF-8");
            return false;
        }
        if (is_option(argv[i])) {
            if (!read_option(command, argc, argv, &i))
                return false;
        } else if (words < words_wanted(verb))
            command->words[words++] = argv[i];
        else {
            command_fail(command, COMMAND_USAGE, "'%s' is one word too many",
                         argv[i]);
            return false;
        }
    }
    if (words < words_wanted(verb) - (strchr(verb->words, '?') != NULL)) {
        command_fail(command, COMMAND_USAGE, "usage: scrip %s %s", verb->name,
                     verb->words);
        return false;
    }
    for (int i = 0; i < COMMAND_OPTIONS_MAX; i++)
        if (command->options[i].needed && command->options[i].value == NULL) {
            command_fail(command, COMMAND_USAGE, "--%s is needed",
                         command->options[i].name);
            return false;
        }
    return true;
}

/* Takes --json out of argv, wherever it stands. */
static bool
take_json(int *argc, char **argv)
{
    int kept = 0;

    for (int i = 0; i < *argc; i++)
        if (strcmp(argv[i], "--json") != 0)
            argv[kept++] = argv[i];
    if (kept == *argc)
        return false;
    *argc = kept;
    return true;
}

/* --- Running. ------------------------------------------------------------- */

static int
run_with_database(struct command *command, const struct verb *verb)
{
    static struct config config;
    const char *why = NULL;
    int code;

    if (!config_load(&config, command->arena, &why))
        return command_fail(command, COMMAND_FAILED, "%s", why);
    command->config = &config;
    command->db =
        db_open(config.database, &ledger_set, false, command->arena, &why);
    if (command->db == NULL)
        return command_fail(command, COMMAND_FAILED,
                            "%s; `scrip init` makes a new one", why);
    if (!db_current(command->db))
        code = command_fail(command, COMMAND_FAILED,
                            "the database is older than this program; "
                            "`scrip init` brings it up to date");
    else if (!site_clock_now(command->db, command->arena, config.sandbox,
                             &command->now))
        code = command_broken(command);
    else
        code = verb->run(command);
    db_rollback(command->db);
    db_close(command->db);
    return code;
}

static int
run(struct command *command, const struct verb *verb, int argc, char **argv)
{
    int code = COMMAND_USAGE;

    buf_init(&command->reply, command->arena, LIMIT_REPLY);
    json_begin(&command->out, &command->reply);
    json_open_object(&command->out, NULL);
    if (read_arguments(command, verb, argc, argv))
        code = verb->needs == NEEDS_NOTHING ? verb->run(command)
                                            : run_with_database(command, verb);
    if (command->json) {
        json_close_object(&command->out);
        puts(command->reply.bytes);
    }
    return code;
}

/* The code, but failure where what was said did not get out. */
static int
flushed(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    fputs("scrip: standard output could not be written\n", stderr);
    return COMMAND_FAILED;
}

int
main(int argc, char **argv)
{
    struct arena arena;
    struct command command = { .arena = &arena };
    const struct verb *verb;
    int used, code;

    umask(077);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a full file is an error, not death */
    log_name("scrip");
    argc--;
    argv++;
    command.json = take_json(&argc, argv);
    command.terminal = !command.json && isatty(STDERR_FILENO) == 1;
    if (argc == 0 || strcmp(argv[0], "help") == 0 ||
        strcmp(argv[0], "--help") == 0)
        return flushed(help());
    verb = find_verb(argc, argv, &used);
    if (verb == NULL) {
        fprintf(stderr, "scrip: no verb '%s'; see `scrip help`\n", argv[0]);
        return COMMAND_USAGE;
    }
    arena_init(&arena, (size_t)64 * 1024, (size_t)1 << 30);
    code = flushed(run(&command, verb, argc - used, argv + used));
    arena_free(&arena);
    return code;
}
