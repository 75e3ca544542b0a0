/*
 * settings.h: what a line may be, and files that are no settings at all.
 */
#include "settings.h"

#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

static struct arena arena;
static char folder[] = "/tmp/scrip-settings-XXXXXX";
static const char *path;

static void
write_file(const char *bytes, size_t length)
{
    FILE *out = fopen(path, "w");

    if (out == NULL || fwrite(bytes, 1, length, out) != length ||
        fclose(out) != 0)
        abort();
}

/* One line, and the value of A that is read from it. */
static const struct {
    const char *line;
    const char *value; /* NULL: there is none */
    bool fine;
} lines[] = {
    { "A=1", "1", true },
    { "A=", "", true },
    { "A=\"\"", "", true },
    { "A=1\n", "1", true },
    { "A=1\r\n", "1", true },
    { "\n\nA=1\n\n", "1", true },
    { "  A=1", "1", true },
    { "A= 1 ", "1", true },
    { "A=\t1\t", "1", true },
    { "A=1 2", "1 2", true },
    { "A=\" 1 \"", " 1 ", true },
    { "A=1 # note", "1", true },
    { "A=1\t# note", "1", true },
    { "A=1#2", "1#2", true },
    { "A=#2", "#2", true },
    { "A= #2", "", true },
    { "A=\"1 # 2\"", "1 # 2", true },
    { "A=\"1\" # note", "1", true },
    { "A=\"1\"  ", "1", true },
    { "A=1=2", "1=2", true },
    { "A=\\n$B`c`", "\\n$B`c`", true },
    { "A=1\"2\"", "1\"2\"", true },
    { "A='1'", "'1'", true },
    { "A=\xc3\xa9", "\xc3\xa9", true },
    { "# A=1", NULL, true },
    { "  # A=1", NULL, true },
    { "", NULL, true },
    { " \t ", NULL, true },
    { "B=1", NULL, true },
    { "a=1", NULL, true },
    { "A_=1", NULL, true },
    { "A", NULL, false },
    { "=1", NULL, false },
    { "A =1", NULL, false },
    { "A-B=1", NULL, false },
    { "1A=1", NULL, false },
    { "export A=1", NULL, false },
    { "A=\"1", NULL, false },
    { "A=\"1\"2", NULL, false },
    { "A=\"1\"# note", NULL, false },
    { "A=\"1\" 2", NULL, false },
    { "A=1\x01", NULL, false },
    { "A=1\x1b[2J", NULL, false },
    { "A=1\x7f", NULL, false },
    { "A=1\rB=2", NULL, false },
    { "\xef\xbb\xbf"
      "A=1",
      NULL, false },
    { "[section]", NULL, false },
    { "A=1\nA=1", NULL, false },
    { "B=1\nA=1\nB=2", NULL, false },
};

static void
each_line(void)
{
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        struct settings settings;
        const char *why = NULL;
        bool fine;

        write_file(lines[i].line, strlen(lines[i].line));
        fine = settings_read(&settings, &arena, path, &why);
        is_int(fine, lines[i].fine, "\"%s\" is %s", lines[i].line,
               lines[i].fine ? "read" : "refused");
        if (!fine) {
            ok(why != NULL && strstr(why, path) != NULL &&
                   strstr(why, ", line ") != NULL,
               "with the file and the line");
            continue;
        }
        is_text(settings_value(&settings, "A"), lines[i].value, "as it says");
        is_text(settings.text, lines[i].line, "and its text is kept");
        arena_reset(&arena);
        path = arena_format(&arena, "%s/file", folder);
    }
}

static void
each_file(void)
{
    static char large[64 * 1024 + 2];
    struct settings settings;
    const char *why = "";

    ok(settings_read(&settings, &arena, "/nonexistent/file", &why) &&
           settings.missing && settings.count == 0,
       "a missing file has no settings");
    ok(!settings_read(&settings, &arena, folder, &why), "a folder is no file");
    ok(!settings_read(&settings, &arena, "/dev/null", &why),
       "a device is none");
    write_file("A=1\0B=2", 7);
    ok(!settings_read(&settings, &arena, path, &why) &&
           strstr(why, "NUL") != NULL,
       "a NUL byte is refused");
    memset(large, '#', sizeof(large));
    write_file(large, 64 * 1024);
    ok(settings_read(&settings, &arena, path, &why) && !settings.missing,
       "64 KiB are read");
    write_file(large, 64 * 1024 + 1);
    ok(!settings_read(&settings, &arena, path, &why) &&
           strstr(why, "64 KiB") != NULL,
       "and not a byte more");
    for (int i = 0; i < 257; i++)
        (void)snprintf(large + i * 6, 7, "K%03d=\n", i);
    write_file(large, 256 * 6);
    ok(settings_read(&settings, &arena, path, &why) && settings.count == 256,
       "256 settings are read");
    write_file(large, 257 * 6);
    ok(!settings_read(&settings, &arena, path, &why), "and not one more");
}

static const struct {
    mode_t mode;
    bool exposed;
} modes[] = {
    { 0600, false }, { 0400, false }, { 0700, false }, { 0640, true },
    { 0604, true },  { 0620, true },  { 0602, true },  { 0666, true }
};

static void
each_mode(void)
{
    struct settings settings;
    const char *why;

    write_file("A=1\n", 4);
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        if (chmod(path, modes[i].mode) != 0)
            abort();
        ok(settings_read(&settings, &arena, path, &why) &&
               settings.exposed == modes[i].exposed,
           "mode %03o is %s", (unsigned)modes[i].mode,
           modes[i].exposed ? "open to others" : "for the owner alone");
    }
}

int
main(void)
{
    arena_init(&arena, 1024 * 1024, 64 * 1024 * 1024);
    if (mkdtemp(folder) == NULL)
        abort();
    path = arena_format(&arena, "%s/file", folder);
    each_line();
    each_file();
    each_mode();
    ok(unlink(path) == 0 && rmdir(folder) == 0, "nothing is left behind");
    arena_free(&arena);
    return done();
}
