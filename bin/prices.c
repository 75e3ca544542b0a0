/*
 * Price books from JSON files: the planner's sections, each activity with
 * one price or with one for each quality. A book that is in force is never
 * changed; a new one begins at its time.
 */
#include "command.h"

#include "clock.h"
#include "limits.h"
#include "price.h"

#include <errno.h>

/* A price list of that size has been mistaken for something else. */
enum { FILE_MAX = 1024 * 1024, ITEMS_MAX = 1000 };

struct reading {
    struct command *command;
    struct json_fault *faults;
};

static const char *
read_file(struct command *command, const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    char *text = arena_alloc(command->arena, FILE_MAX + 1);
    bool failed;

    if (file == NULL) {
        command_fail(command, COMMAND_FAILED, "%s: %s", path, strerror(errno));
        return NULL;
    }
    *length = fread(text, 1, FILE_MAX + 1, file);
    failed = ferror(file) != 0;
    fclose(file);
    if (!failed && *length <= FILE_MAX)
        return text;
    command_fail(command, COMMAND_FAILED, "%s: %s", path,
                 failed ? "cannot be read" : "is over 1 MiB");
    return NULL;
}

/* {credits, per} at a pointer. */
static void
read_price(struct reading *reading, const struct json *json,
           const char *pointer, struct price *price)
{
    struct json_reader reader;

    json_read(&reader, reading->command->arena, json, pointer,
              &reading->faults);
    price->credits = json_need_integer(&reader, "credits", 1, LIMIT_CREDITS);
    price->per = json_need_integer(&reader, "per", 1, LIMIT_CREDITS);
    if (!json_done(&reader))
        return;
}

static void
read_qualities(struct reading *reading, const struct json *json,
               const char *pointer, struct activity *activity)
{
    struct arena *arena = reading->command->arena;
    struct json_reader reader;

    json_read(&reader, arena, json, pointer, &reading->faults);
    for (size_t i = 0; i < COUNT_OF(price_qualities); i++) {
        const char *quality = price_qualities[i];
        struct price *price = &activity->prices[activity->price_count];

        if (!json_has(&reader, quality))
            continue;
        price->quality = quality;
        read_price(reading, json_member(&reader, quality),
                   arena_format(arena, "%s/%s", pointer, quality), price);
        activity->price_count++;
    }
    if (!json_done(&reader))
        return;
}

static void
read_activity(struct reading *reading, const struct json *json,
              const char *pointer, struct activity *activity)
{
    struct arena *arena = reading->command->arena;
    struct json_reader reader;
    const struct json *qualities, *price;

    json_read(&reader, arena, json, pointer, &reading->faults);
    activity->id = json_need_text(&reader, "id", LIMIT_TEXT);
    activity->label = json_need_text(&reader, "label", LIMIT_TEXT);
    activity->unit = json_need_text(&reader, "unit", LIMIT_TEXT);
    activity->prices = arena_array(arena, COUNT_OF(price_qualities) + 1,
                                   sizeof(*activity->prices));
    qualities = json_member(&reader, "qualities");
    price = json_member(&reader, "price");
    if ((json_is_object(qualities)) == (json_is_object(price)))
        json_refuse(&reader, "price",
                    "either a price or qualities, and null for the other");
    else if (json_is_object(qualities))
        read_qualities(reading, qualities,
                       arena_format(arena, "%s/qualities", pointer), activity);
    else {
        read_price(reading, price, arena_format(arena, "%s/price", pointer),
                   &activity->prices[0]);
        activity->price_count = 1;
    }
    if (!json_done(&reader))
        return;
}

/* An array member; its length, 0 after a fault. */
static int
read_array(struct json_reader *reader, const char *name,
           const struct json **array)
{
    int count;

    *array = json_member(reader, name);
    count = json_length(*array);
    if (json_is_array(*array) && count >= 1 && count <= ITEMS_MAX)
        return count;
    json_refuse(reader, name, "must be an array of 1 to 1,000");
    return 0;
}

static void
read_section(struct reading *reading, const struct json *json,
             const char *pointer, struct price_section *section)
{
    struct arena *arena = reading->command->arena;
    const struct json *activities;
    struct json_reader reader;

    json_read(&reader, arena, json, pointer, &reading->faults);
    section->id = json_need_text(&reader, "id", LIMIT_TEXT);
    section->label = json_need_text(&reader, "label", LIMIT_TEXT);
    section->activity_count = read_array(&reader, "activities", &activities);
    section->activities =
        arena_array(arena, (size_t)section->activity_count + 1,
                    sizeof(*section->activities));
    for (int i = 0; i < section->activity_count; i++)
        read_activity(reading, json_item(activities, i),
                      arena_format(arena, "%s/activities/%d", pointer, i),
                      &section->activities[i]);
    if (!json_done(&reader))
        return;
}

static bool
read_book(struct reading *reading, const struct json *json,
          struct price_book *book)
{
    struct arena *arena = reading->command->arena;
    const struct json *sections;
    struct json_reader reader;

    json_read(&reader, arena, json, "", &reading->faults);
    json_member(&reader, "price_book"); /* as the planner shows it: ours */
    book->section_count = read_array(&reader, "sections", &sections);
    book->sections = arena_array(arena, (size_t)book->section_count + 1,
                                 sizeof(*book->sections));
    for (int i = 0; i < book->section_count; i++)
        read_section(reading, json_item(sections, i),
                     arena_format(arena, "/sections/%d", i),
                     &book->sections[i]);
    return json_done(&reader) && reading->faults == NULL;
}

static int
store(struct command *command, const struct price_book *book, int64_t from)
{
    char text[CLOCK_TEXT_SIZE];
    const char *why = "";
    int64_t version;

    if (!db_begin(command->db))
        return command_broken(command);
    switch (price_import(command->db, command->arena, book, from, command->now,
                         &version, &why)) {
    case PRICE_OK: break;
    case PRICE_PAST:
        return command_fail(command, COMMAND_USAGE,
                            "--from is a time that has passed");
    case PRICE_INVALID: return command_fail(command, COMMAND_USAGE, "%s", why);
    default: return command_broken(command);
    }
    if (!db_commit(command->db))
        return command_broken(command);
    clock_format(text, from);
    command_say(command, "Price book %lld is in force from %s.",
                (long long)version, text);
    json_put_integer(&command->out, "version", version);
    json_put_time(&command->out, "effective_from", from);
    return COMMAND_OK;
}

int
prices_import(struct command *command)
{
    const char *path = command->words[0];
    const char *from_text = command_option(command, "from");
    struct reading reading = { .command = command };
    struct price_book book = { .version = 0 };
    const struct json *json;
    const char *text;
    int64_t from = command->now;
    size_t length;

    if (from_text != NULL && !command_time(command, "--from", from_text, &from))
        return COMMAND_USAGE;
    text = read_file(command, path, &length);
    if (text == NULL)
        return COMMAND_FAILED;
    json =
        json_parse(command->arena, text, length, JSON_STRICT, &reading.faults);
    if (json == NULL || !read_book(&reading, json, &book))
        return command_fail(command, COMMAND_USAGE, "%s, at '%s': %s", path,
                            reading.faults->pointer, reading.faults->detail);
    return store(command, &book, from);
}
