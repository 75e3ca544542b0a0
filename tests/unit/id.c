/*
 * id.h: ids come back as they were made, sort by time, and have one spelling.
 */
#include "id.h"

#include "tap.h"

static const struct {
    const char *name;
    int64_t ms, space, number;
    const char *text;
} ids[] = {
    { "nothing at all", 0, 0, 0, "evt_00000000000000000000000000" },
    { "the first number", 0, 0, 1, "evt_00000000000000000000000001" },
    { "the first Space", 0, 1, 0, "evt_00000000000000008000000000" },
    { "the first millisecond", 1, 0, 0, "evt_00000000010000000000000000" },
    { "the last of all", (INT64_C(1) << 48) - 1, (INT64_C(1) << 32) - 1,
      (INT64_C(1) << 48) - 1, "evt_7ZZZZZZZZZZZZZZZZZZZZZZZZZ" },
    { "a usual one", 1795341600000, 12, 345, NULL },
};

static void
both_ways(void)
{
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        char text[ID_SIZE];
        struct id id = { -1, -1, -1 };

        id_format(text, "evt", ids[i].ms, ids[i].space, ids[i].number);
        is_int((int64_t)strlen(text), 30, "%s: thirty characters", ids[i].name);
        if (ids[i].text != NULL)
            is_text(text, ids[i].text, "%s is written so", ids[i].name);
        ok(id_parse(text, "evt", &id), "%s is read back", ids[i].name);
        is_int(id.ms, ids[i].ms, "%s: its time", ids[i].name);
        is_int(id.space, ids[i].space, "%s: its Space", ids[i].name);
        is_int(id.number, ids[i].number, "%s: its number", ids[i].name);
    }
}

static const struct {
    const char *name;
    const char *text;
} wrong[] = {
    { "an empty text", "" },
    { "a prefix alone", "evt" },
    { "a prefix and its mark", "evt_" },
    { "no prefix", "00000000000000000000000001" },
    { "another prefix", "ord_00000000000000000000000001" },
    { "a prefix in capitals", "EVT_00000000000000000000000001" },
    { "a longer prefix", "evts_00000000000000000000000001" },
    { "a shorter prefix", "ev_00000000000000000000000001" },
    { "another mark", "evt-00000000000000000000000001" },
    { "a character too few", "evt_0000000000000000000000001" },
    { "a character too many", "evt_000000000000000000000000001" },
    { "a lower-case letter", "evt_0000000000000000000000000a" },
    { "an I", "evt_0000000000000000000000000I" },
    { "an L", "evt_0000000000000000000000000L" },
    { "an O for a zero", "evt_000000000000000000000000O1" },
    { "a U", "evt_0000000000000000000000000U" },
    { "one bit over 128", "evt_80000000000000000000000000" },
    { "all bits over 128", "evt_8ZZZZZZZZZZZZZZZZZZZZZZZZZ" },
    { "all Z", "evt_ZZZZZZZZZZZZZZZZZZZZZZZZZZ" },
    { "a space before", " evt_00000000000000000000000001" },
    { "a space after", "evt_00000000000000000000000001 " },
    { "a hyphen as people read it", "evt_0000000000-0000000000000001" },
    { "a quote", "evt_0000000000000000000000000'" },
    { "a letter of another script", "evt_000000000000000000000000\xc3\xa9" },
};

static void
refusals(void)
{
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct id id = { 1, 2, 3 };

        ok(!id_parse(wrong[i].text, "evt", &id), "%s is no id", wrong[i].name);
        ok(id.ms == 1 && id.space == 2 && id.number == 3, "and nothing is set");
    }
}

/* Every single character changed to every other byte is refused, or is the
 * spelling of another id: no two spellings of one. */
static void
one_spelling(void)
{
    char text[ID_SIZE], again[ID_SIZE];
    int64_t two = 0, read = 0;

    id_format(text, "evt", 1795341600000, 0xdeadbeef, 0x123456789abc);
    for (size_t i = 0; i < 30; i++) {
        char kept = text[i];

        for (int c = 1; c < 256; c++) {
            struct id id;

            text[i] = (char)c;
            if (!id_parse(text, "evt", &id))
                continue;
            read++;
            id_format(again, "evt", id.ms, id.space, id.number);
            two += strcmp(again, text) != 0;
        }
        text[i] = kept;
    }
    is_int(read, 4 + 8 + 25 * 32, "what a single change can make of an id");
    is_int(two, 0, "and each of those is spelt in one way");
}

static void
order(void)
{
    static const int64_t ms[] = { -5,
                                  0,
                                  1,
                                  31,
                                  32,
                                  1023,
                                  1024,
                                  999999,
                                  1795341600000,
                                  1795341600001,
                                  (INT64_C(1) << 48) - 1,
                                  INT64_C(1) << 48,
                                  INT64_MAX };
    char before[ID_SIZE] = "", text[ID_SIZE];
    bool sorted = true;

    for (size_t i = 0; i < COUNT_OF(ms); i++) {
        id_format(text, "evt", ms[i], 7, (int64_t)i);
        sorted = sorted && strcmp(before, text) < 0;
        memcpy(before, text, sizeof(text));
    }
    ok(sorted, "ids sort by their time, and times are clamped");
}

static void
random_ones(void)
{
    static const uint8_t high[10] = { 255, 255, 255, 255, 255,
                                      255, 255, 255, 255, 255 };
    char text[ID_SIZE];
    struct id id;

    id_format_random(text, "req", 1795341600000, high);
    ok(id_parse(text, "req", &id) && id.ms == 1795341600000 &&
           id.space == (INT64_C(1) << 32) - 1 &&
           id.number == (INT64_C(1) << 48) - 1,
       "all eighty random bits are in a request's id");
    is_text(text + 14, "ZZZZZZZZZZZZZZZZ", "in its last sixteen characters");
}

int
main(void)
{
    both_ways();
    refusals();
    one_spelling();
    order();
    random_ones();
    return done();
}
