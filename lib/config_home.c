/*
 * SCRIP_HOME and the secrets that we make ourselves. One process at a time
 * under a lock file; secrets.conf is read, what is missing is added behind
 * what is there, and the whole replaces it by rename(2) once it is on the
 * disk. So it is never half written, and a secret that was ever in use never
 * changes. Never touches the mode of a folder that it did not make.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "settings.h"

#define SECRET_BYTES 32
#define FILE_MAX     (64 * 1024)

static const struct made {
    const char *key;
    const char *prefix;
} made[] = {
    { "SCRIP_SANDBOX_SECRET_KEY", "sk_test_" },
    { "SCRIP_STRIPE_WEBHOOK_SECRET", "whsec_" },
    { "SCRIP_CURSOR_SECRET", "" },
};

/* What home.conf beside the running program says; NULL where there is none,
 * with words in *why where it cannot be read. suexec and its like give a
 * program neither our variables nor arguments: where it lies is all it has. */
static const char *
home_beside_program(struct arena *arena, const char **why)
{
    char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
    struct settings file;
    char *slash;

    *why = NULL;
    if (length <= 0)
        return NULL;
    path[length] = '\0';
    slash = strrchr(path, '/');
    if (slash == NULL)
        return NULL;
    *slash = '\0';
    if (!settings_read(&file, arena, arena_format(arena, "%s/home.conf", path),
                       why))
        return NULL;
    return settings_value(&file, "SCRIP_HOME");
}

const char *
config_home(struct arena *arena, const char **why)
{
    const char *set = getenv("SCRIP_HOME");
    char here[4096];
    char *home;
    size_t length;

    if (set == NULL || *set == '\0') {
        set = home_beside_program(arena, why);
        if (set == NULL && *why != NULL)
            return NULL;
        if (set == NULL || *set == '\0')
            set = "var";
    }
    if (*set == '/') {
        home = arena_text(arena, set);
    } else if (getcwd(here, sizeof(here)) != NULL) {
        home = arena_format(arena, "%s/%s", here, set);
    } else {
        *why = arena_format(arena, "the current folder is unknown: %s",
                            strerror(errno));
        return NULL;
    }
    for (length = strlen(home); length > 1 && home[length - 1] == '/';)
        home[--length] = '\0';
    return home;
}

static bool
failed(struct arena *arena, const char **why, const char *what,
       const char *path)
{
    *why = arena_format(arena, "%s %s: %s", what, path, strerror(errno));
    return false;
}

/* The folder and those above it; only what is new gets our mode. */
static bool
make_folder(struct arena *arena, const char *path, const char **why)
{
    char *part = arena_text(arena, path);
    struct stat about;

    for (char *at = part + 1; *at != '\0'; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        if (mkdir(part, 0755) != 0 && stat(part, &about) != 0)
            return failed(arena, why, "cannot make", part);
        *at = '/';
    }
    if (mkdir(path, 0700) == 0)
        return true;
    if (stat(path, &about) != 0)
        return failed(arena, why, "cannot make", path);
    if (!S_ISDIR(about.st_mode)) {
        errno = ENOTDIR;
        return failed(arena, why, "cannot use", path);
    }
    return true;
}

/* From the kernel: sign.h is above this layer. */
static bool
put_secret(struct buf *buf, const struct made *one)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[SECRET_BYTES];

    if (getentropy(bytes, sizeof(bytes)) != 0)
        return false;
    buf_text(buf, one->key);
    buf_char(buf, '=');
    buf_text(buf, one->prefix);
    for (size_t i = 0; i < sizeof(bytes); i++) {
        buf_char(buf, digits[bytes[i] >> 4]);
        buf_char(buf, digits[bytes[i] & 15]);
    }
    buf_char(buf, '\n');
    return true;
}

/* Writes all of it and has it on the disk before it says so. */
static bool
write_synced(const char *path, const struct buf *buf)
{
    int fd =
        open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    size_t done = 0;
    bool fine = fd >= 0 && fchmod(fd, 0600) == 0;

    while (fine && done < buf->length) {
        ssize_t n = write(fd, buf->bytes + done, buf->length - done);

        if (n > 0)
            done += (size_t)n;
        else
            fine = n < 0 && errno == EINTR;
    }
    fine = fine && fsync(fd) == 0;
    if (fd >= 0 && close(fd) != 0)
        fine = false;
    return fine;
}

static bool
sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool fine = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        (void)close(fd);
    return fine;
}

/* The new file's text: what is there, then what is missing. Its length is
 * zero where nothing is missing. */
static bool
compose(struct buf *buf, const struct settings *there, struct arena *arena,
        const char **why)
{
    int added = 0;

    buf_init(buf, arena, FILE_MAX);
    if (there->missing)
        buf_text(buf, "# Made by Scrip at its first start. Keep it to "
                      "yourself, and in your backup.\n");
    buf_text(buf, there->text);
    if (buf->length > 0 && buf->bytes[buf->length - 1] != '\n')
        buf_char(buf, '\n');
    for (size_t i = 0; i < COUNT_OF(made); i++) {
        if (settings_value(there, made[i].key) != NULL)
            continue;
        added++;
        if (!put_secret(buf, &made[i])) {
            *why = "the system gives no random bytes";
            return false;
        }
    }
    if (buf->over) {
        *why = arena_format(arena, "%s is too large", there->path);
        return false;
    }
    if (added == 0)
        buf_clear(buf);
    return true;
}

/* Under the lock. */
static bool
add_secrets(struct arena *arena, const char *home, const char **why)
{
    const char *path = arena_format(arena, "%s/secrets.conf", home);
    const char *next = arena_format(arena, "%s.new", path);
    struct settings there;
    struct buf buf;

    if (!settings_read(&there, arena, path, why))
        return false;
    if (!there.missing && there.exposed) {
        *why =
            arena_format(arena, "others may read %s: chmod 600 %s", path, path);
        return false;
    }
    if (!compose(&buf, &there, arena, why))
        return false;
    if (buf.length == 0)
        return true;
    /* left by one who died here; the lock is ours now */
    if (unlink(next) != 0 && errno != ENOENT)
        return failed(arena, why, "cannot remove", next);
    if (!write_synced(next, &buf) || rename(next, path) != 0) {
        (void)failed(arena, why, "cannot write", path);
        (void)unlink(next);
        return false;
    }
    if (!sync_folder(home))
        return failed(arena, why, "cannot sync", home);
    return true;
}

bool
config_make_home(struct arena *arena, const char **why)
{
    const char *home = config_home(arena, why);
    const char *path;
    bool fine;
    int fd;

    if (home == NULL || !make_folder(arena, home, why))
        return false;
    path = arena_format(arena, "%s/secrets.lock", home);
    fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return failed(arena, why, "cannot open", path);
    while ((fine = flock(fd, LOCK_EX) == 0) == false && errno == EINTR)
        ;
    if (!fine)
        (void)failed(arena, why, "cannot lock", path);
    else
        fine = add_secrets(arena, home, why);
    (void)close(fd);
    return fine;
}
