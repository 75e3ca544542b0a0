/*
 * See files.h. Never follows a link that lies where it writes, and never
 * removes but below a folder that it was given.
 */
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"

#define TEXT_MAX ((size_t)1024 * 1024)

static bool
failed(struct arena *arena, const char **why, const char *what,
       const char *path)
{
    *why = arena_format(arena, "cannot %s %s: %s", what, path, strerror(errno));
    return false;
}

bool
files_folder(struct arena *arena, const char *path, unsigned mode,
             const char **why)
{
    char *part = arena_text(arena, path);
    struct stat about;
    int because;

    for (char *at = part + 1; *at != '\0'; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        if (mkdir(part, 0755) == 0)
            (void)chmod(part, 0755);
        *at = '/';
    }
    if (mkdir(path, mode) == 0)
        return chmod(path, mode) == 0 || failed(arena, why, "make", path);
    because = errno;
    if (stat(path, &about) != 0) {
        errno = because;
        return failed(arena, why, "make", path);
    }
    errno = ENOTDIR;
    return S_ISDIR(about.st_mode) || failed(arena, why, "use", path);
}

bool
files_read(struct arena *arena, const char *path, const char **text,
           const char **why)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *bytes = arena_alloc(arena, TEXT_MAX + 1);
    size_t length = 0;
    ssize_t count = -1;

    while (fd >= 0 && length < TEXT_MAX &&
           (count = read(fd, bytes + length, TEXT_MAX - length)) > 0)
        length += (size_t)count;
    if (fd >= 0)
        (void)close(fd);
    bytes[length] = '\0';
    *text = bytes;
    return count == 0 || failed(arena, why, "read", path);
}

static bool
write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t count = write(fd, bytes, length);

        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        bytes += count;
        length -= (size_t)count;
    }
    return true;
}

static bool
write_file(struct arena *arena, const char *path, const char *text,
           size_t length, unsigned mode, bool synced, const char **why)
{
    const char *next = arena_format(arena, "%s.new", path);
    bool fine;
    int fd;

    (void)unlink(next); /* left by one that was ended here */
    fd = open(next, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode & 0600);
    fine = fd >= 0 && write_all(fd, text, length) && fchmod(fd, mode) == 0 &&
           (!synced || fsync(fd) == 0);
    if (fd >= 0 && close(fd) != 0)
        fine = false;
    if (fine && rename(next, path) == 0)
        return true;
    (void)failed(arena, why, "write", path);
    (void)unlink(next);
    return false;
}

bool
files_write(struct arena *arena, const char *path, const char *text,
            size_t length, unsigned mode, const char **why)
{
    return write_file(arena, path, text, length, mode, true, why);
}

bool
files_copy(struct arena *arena, const char *from, const char *to, unsigned mode,
           const char **why)
{
    int fd = open(from, O_RDONLY | O_CLOEXEC);
    struct stat about;
    void *bytes = MAP_FAILED;
    bool copied;

    if (fd >= 0 && fstat(fd, &about) == 0 && about.st_size > 0)
        bytes =
            mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (fd >= 0)
        (void)close(fd);
    if (bytes == MAP_FAILED)
        return failed(arena, why, "read", from);
    copied =
        write_file(arena, to, bytes, (size_t)about.st_size, mode, false, why);
    (void)munmap(bytes, (size_t)about.st_size);
    return copied;
}

bool
files_copy_tree(struct arena *arena, const char *from, const char *to,
                unsigned mode, const char **why)
{
    DIR *folder = opendir(from);
    bool fine = folder != NULL || failed(arena, why, "read", from);
    struct dirent *entry;

    fine = fine && files_folder(arena, to, 0755, why);
    while (fine && (entry = readdir(folder)) != NULL) {
        const char *source = arena_format(arena, "%s/%s", from, entry->d_name);
        const char *target = arena_format(arena, "%s/%s", to, entry->d_name);
        struct stat about;

        if (entry->d_name[0] == '.')
            continue;
        if (stat(source, &about) != 0)
            fine = failed(arena, why, "read", source);
        else if (S_ISDIR(about.st_mode))
            fine = files_copy_tree(arena, source, target, mode, why);
        else if (S_ISREG(about.st_mode))
            fine = files_copy(arena, source, target, mode, why);
    }
    if (folder != NULL)
        (void)closedir(folder);
    return fine;
}

bool
files_remove_tree(struct arena *arena, const char *path, const char **why)
{
    struct stat about;
    struct dirent *entry;
    bool fine = true;
    DIR *folder;

    if (lstat(path, &about) != 0)
        return errno == ENOENT || failed(arena, why, "look at", path);
    if (!S_ISDIR(about.st_mode))
        return unlink(path) == 0 || failed(arena, why, "remove", path);
    folder = opendir(path);
    if (folder == NULL)
        return failed(arena, why, "read", path);
    while (fine && (entry = readdir(folder)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            fine = files_remove_tree(
                arena, arena_format(arena, "%s/%s", path, entry->d_name), why);
    (void)closedir(folder);
    if (fine && rmdir(path) != 0)
        fine = failed(arena, why, "remove", path);
    return fine;
}

bool
files_fill(struct arena *arena, const char *from, const char *to,
           const struct files_word *words, unsigned mode, const char **why)
{
    const char *at;
    struct buf buf;

    if (!files_read(arena, from, &at, why))
        return false;
    buf_init(&buf, arena, 2 * TEXT_MAX);
    while (*at != '\0') {
        const struct files_word *word = words;

        while (word->name != NULL &&
               strncmp(at, word->name, strlen(word->name)) != 0)
            word++;
        if (word->name == NULL) {
            buf_char(&buf, *at++);
        } else {
            buf_text(&buf, word->value);
            at += strlen(word->name);
        }
    }
    return files_write(arena, to, buf.bytes, buf.length, mode, why);
}
