/*
 * The shared page. Who wants the turn first takes `next`, then waits for
 * `turn` and lets go of `next`; so who has just given the turn cannot snatch
 * it from those who wait, as with a lone mutex he would.
 *
 * Never: believe a page's content before it was checked, or keep a mutex
 * that a dead program left inconsistent.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pthread_mutex_clocklock */
#endif
#include "turn_page.h"

#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

/* Counts up when `struct turn_page` changes; its size tells other libcs apart. */
#define LAYOUT 1

struct turn_page {
    char magic[16];
    uint32_t layout;
    uint32_t size;
    pthread_mutex_t next; /* the head of the queue */
    pthread_mutex_t turn; /* the turn itself */
};

static const char page_magic[16] = "scrip write turn";

static bool
make_mutex(pthread_mutex_t *mutex)
{
    pthread_mutexattr_t attributes;
    int error = pthread_mutexattr_init(&attributes);

    if (error == 0) {
        error =
            pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
        if (error == 0)
            error =
                pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
        if (error == 0)
            error = pthread_mutex_init(mutex, &attributes);
        pthread_mutexattr_destroy(&attributes);
    }
    errno = error;
    return error == 0;
}

static struct turn_page *
map_page(int file)
{
    void *page = mmap(NULL, sizeof(struct turn_page), PROT_READ | PROT_WRITE,
                      MAP_SHARED, file, 0);

    return page == MAP_FAILED ? NULL : page;
}

static bool
is_ours(const struct turn_page *page)
{
    errno = EPROTO;
    return memcmp(page->magic, page_magic, sizeof(page_magic)) == 0 &&
           page->layout == LAYOUT && page->size == sizeof(struct turn_page);
}

static bool
is_whole(int file)
{
    struct stat found;

    if (fstat(file, &found) != 0)
        return false;
    errno = EPROTO;
    return found.st_size == (off_t)sizeof(struct turn_page);
}

/* Written out at first, so that a full disk shows here and not as a signal
 * later. */
struct turn_page *
turn_page_make(int file)
{
    static const struct turn_page empty;
    struct turn_page *page;
    ssize_t written;

    if (ftruncate(file, 0) != 0)
        return NULL;
    errno = ENOSPC; /* of a short write, which sets none */
    written = pwrite(file, &empty, sizeof(empty), 0);
    if (written != (ssize_t)sizeof(empty) || (page = map_page(file)) == NULL)
        return NULL;
    page->layout = LAYOUT;
    page->size = (uint32_t)sizeof(struct turn_page);
    if (!make_mutex(&page->next) || !make_mutex(&page->turn)) {
        turn_page_leave(page);
        return NULL;
    }
    memcpy(page->magic, page_magic, sizeof(page_magic));
    return page;
}

struct turn_page *
turn_page_join(int file)
{
    struct turn_page *page = is_whole(file) ? map_page(file) : NULL;

    if (page == NULL || is_ours(page))
        return page;
    turn_page_leave(page);
    return NULL;
}

void
turn_page_leave(struct turn_page *page)
{
    int before = errno;

    if (page != NULL)
        munmap(page, sizeof(*page));
    errno = before;
}

bool
turn_page_check(const struct turn_page *page, int file)
{
    struct statvfs system;

    if (fstatvfs(file, &system) != 0)
        return false;
    if ((system.f_flag & ST_RDONLY) != 0) {
        errno = EROFS;
        return false;
    }
    return is_whole(file) && is_ours(page);
}

/* A robust mutex, until a moment of the monotonic clock. Who died holding
 * it left nothing half done: SQLite rolls its transaction back. */
static int
lock_until(pthread_mutex_t *mutex, const struct timespec *until)
{
    int error = pthread_mutex_clocklock(mutex, CLOCK_MONOTONIC, until);

    if (error == EOWNERDEAD)
        error = pthread_mutex_consistent(mutex);
    return error;
}

bool
turn_page_take(struct turn_page *page, int64_t until_ms)
{
    struct timespec until = { .tv_sec = (time_t)(until_ms / SECOND_MS),
                              .tv_nsec =
                                  (long)(until_ms % SECOND_MS) * 1000000 };
    int error = lock_until(&page->next, &until);

    if (error == 0) {
        error = lock_until(&page->turn, &until);
        pthread_mutex_unlock(&page->next);
    }
    if (error != 0 && error != ETIMEDOUT)
        error = EPROTO; /* ENOTRECOVERABLE, EINVAL: the page is damaged */
    errno = error;
    return error == 0;
}

void
turn_page_give(struct turn_page *page)
{
    int error = pthread_mutex_unlock(&page->turn);

    assert(error == 0);
    (void)error;
}
