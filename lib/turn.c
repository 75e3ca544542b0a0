/*
 * The write turn over a mapped file, or over flock.
 *
 * TURN_MEMORY: the page holds two robust mutexes. Who wants the turn first
 * takes `next`, then waits for `turn` and lets go of `next`; so who has just
 * given the turn cannot snatch it from those who wait, as a lone mutex would
 * let him. While a program has the file open it holds a shared flock on it;
 * who gets an exclusive one is alone and makes the page anew. Thus nothing
 * of a crash, a reboot, a copy or a damage is ever believed.
 *
 * TURN_FILE: the turn is an exclusive flock on the file, asked for again and
 * again; the queue's head is another file's. The kinds exclude each other by
 * the one flock, whichever comes first.
 *
 * Never: remove the file, write to it other than here, hold a descriptor
 * over exec.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pthread_mutex_clocklock */
#endif
#include "turn.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "limits.h"

/* Counts up when `struct page` changes; its size tells other libcs apart. */
#define LAYOUT 1

struct page {
    char magic[16];
    uint32_t layout;
    uint32_t size;
    pthread_mutex_t next; /* the head of the queue */
    pthread_mutex_t turn; /* the turn itself */
};

static const char page_magic[16] = "scrip write turn";

struct turn {
    char *path;
    int file;
    int next; /* TURN_FILE only: the head of the queue, "-next" */
    enum turn_kind kind;
    struct page *page; /* TURN_MEMORY only */
    dev_t device;      /* of `file`, to see that the path still leads there */
    ino_t inode;
    bool held;
};

static void
sleep_us(long us)
{
    struct timespec pause = { .tv_sec = 0, .tv_nsec = us * 1000 };

    nanosleep(&pause, NULL);
}

/* flock() that no signal disturbs. */
static bool
lock_file(int file, int operation)
{
    int rc;

    do
        rc = flock(file, operation);
    while (rc != 0 && errno == EINTR);
    return rc == 0;
}

/* What says that this system or file system has no such mutexes, and will
 * say it to every program; other errors may be ours alone. */
static bool
means_cannot(int error)
{
    return error == ENOTSUP || error == ENOSYS || error == ENODEV ||
           error == EINVAL;
}

/* ------------------------------------------------------------- the page */

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

static void
leave_page(struct turn *turn)
{
    if (turn->page != NULL)
        munmap(turn->page, sizeof(struct page));
    turn->page = NULL;
}

static bool
map_page(struct turn *turn)
{
    void *page = mmap(NULL, sizeof(struct page), PROT_READ | PROT_WRITE,
                      MAP_SHARED, turn->file, 0);

    leave_page(turn);
    if (page == MAP_FAILED)
        return false;
    turn->page = page;
    return true;
}

static bool
check_page(const struct page *page)
{
    errno = EPROTO;
    return memcmp(page->magic, page_magic, sizeof(page_magic)) == 0 &&
           page->layout == LAYOUT && page->size == sizeof(struct page);
}

/* Nobody else has the file open: a page without history, written out so
 * that a full disk shows here and not as a signal later. */
static bool
make_page(struct turn *turn)
{
    static const struct page empty;

    ssize_t written;

    if (ftruncate(turn->file, 0) != 0)
        return false;
    errno = ENOSPC; /* of a short write, which sets none */
    written = pwrite(turn->file, &empty, sizeof(empty), 0);
    if (written != (ssize_t)sizeof(empty) || !map_page(turn))
        return false;
    turn->page->layout = LAYOUT;
    turn->page->size = (uint32_t)sizeof(struct page);
    if (!make_mutex(&turn->page->next) || !make_mutex(&turn->page->turn))
        return false;
    memcpy(turn->page->magic, page_magic, sizeof(page_magic));
    return true;
}

/* Others have the file open: their page, if we understand it. */
static bool
join_page(struct turn *turn)
{
    struct stat found;

    if (fstat(turn->file, &found) != 0)
        return false;
    if (found.st_size != (off_t)sizeof(struct page)) {
        errno = EPROTO;
        return false;
    }
    return map_page(turn) && check_page(turn->page);
}

/* Ends with the shared lock, which says that the page is in use. Between
 * the exclusive lock and the shared one another may slip in and make the
 * page once more; nobody has used it then. */
static bool
enter_memory(struct turn *turn)
{
    int64_t until = clock_monotonic_ms() + LIMIT_TURN_MS;

    for (;;) {
        if (lock_file(turn->file, LOCK_EX | LOCK_NB)) {
            if (!make_page(turn))
                return false;
        } else if (errno != EWOULDBLOCK) {
            return false;
        }
        if (lock_file(turn->file, LOCK_SH | LOCK_NB))
            return join_page(turn);
        if (errno != EWOULDBLOCK)
            return false;
        if (clock_monotonic_ms() >= until) {
            errno = ETIMEDOUT;
            return false;
        }
        sleep_us(500);
    }
}

/* -------------------------------------------------- opening and closing */

static void
leave(struct turn *turn)
{
    int before = errno;

    leave_page(turn);
    if (turn->file >= 0)
        close(turn->file); /* and with it every lock */
    if (turn->next >= 0)
        close(turn->next);
    turn->file = turn->next = -1;
    errno = before;
}

static int
open_file(const char *path)
{
    return open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
                S_IRUSR | S_IWUSR);
}

static bool
enter_file(struct turn *turn)
{
    char path[4096];
    int length = snprintf(path, sizeof(path), "%s-next", turn->path);

    errno = ENAMETOOLONG;
    if (length < 0 || (size_t)length >= sizeof(path))
        return false;
    turn->next = open_file(path);
    return turn->next >= 0;
}

static bool
enter_kind(struct turn *turn)
{
    if (turn->kind == TURN_MEMORY) {
        if (enter_memory(turn))
            return true;
        if (!means_cannot(errno) || !lock_file(turn->file, LOCK_UN))
            return false;
        leave_page(turn);
        turn->kind = TURN_FILE;
    }
    return enter_file(turn);
}

static bool
enter(struct turn *turn)
{
    struct stat found;
    bool entered = false;

    turn->file = open_file(turn->path);
    if (turn->file >= 0 && fstat(turn->file, &found) == 0) {
        turn->device = found.st_dev;
        turn->inode = found.st_ino;
        errno = EPROTO;
        entered = S_ISREG(found.st_mode) && enter_kind(turn);
    }
    if (!entered)
        leave(turn);
    return entered;
}

struct turn *
turn_open(const char *path, enum turn_kind kind)
{
    struct turn *turn = calloc(1, sizeof(*turn));
    int error;

    if (turn == NULL)
        return NULL;
    turn->kind = kind;
    turn->file = turn->next = -1;
    turn->path = strdup(path);
    if (turn->path != NULL && enter(turn))
        return turn;
    error = errno;
    free(turn->path);
    free(turn);
    errno = error;
    return NULL;
}

void
turn_close(struct turn *turn)
{
    if (turn == NULL)
        return;
    assert(!turn->held);
    leave(turn);
    free(turn->path);
    free(turn);
}

enum turn_kind
turn_kind(const struct turn *turn)
{
    return turn->kind;
}

/* -------------------------------------------------- taking it, giving it */

/* Touching the page of a file that was cut short, or that lies on a file
 * system which has become read-only, would end the program by SIGBUS. And
 * where the path leads to another file by now, others queue there. */
static bool
look(struct turn *turn)
{
    struct stat found;
    struct statvfs system;

    if (turn->file < 0 || stat(turn->path, &found) != 0 ||
        found.st_dev != turn->device || found.st_ino != turn->inode) {
        leave(turn);
        if (!enter(turn))
            return false;
    }
    if (turn->kind == TURN_FILE)
        return true;
    if (fstat(turn->file, &found) != 0 || fstatvfs(turn->file, &system) != 0)
        return false;
    if ((system.f_flag & ST_RDONLY) != 0) {
        errno = EROFS;
        return false;
    }
    errno = EPROTO;
    return found.st_size == (off_t)sizeof(struct page) &&
           check_page(turn->page);
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

static bool
take_memory(struct turn *turn, int64_t until_ms)
{
    struct timespec until = { .tv_sec = (time_t)(until_ms / SECOND_MS),
                              .tv_nsec =
                                  (long)(until_ms % SECOND_MS) * 1000000 };
    int error = lock_until(&turn->page->next, &until);

    if (error == 0) {
        error = lock_until(&turn->page->turn, &until);
        pthread_mutex_unlock(&turn->page->next);
    }
    if (error != 0 && error != ETIMEDOUT)
        error = EPROTO; /* ENOTRECOVERABLE, EINVAL: the page is damaged */
    errno = error;
    return error == 0;
}

/* flock() with an end. Asks often at the head of the queue, and less so
 * behind it. */
static bool
lock_file_until(int file, int64_t until_ms, long pause_max_us)
{
    long pause_us = 100;

    while (!lock_file(file, LOCK_EX | LOCK_NB)) {
        if (errno != EWOULDBLOCK)
            return false;
        if (clock_monotonic_ms() >= until_ms) {
            errno = ETIMEDOUT;
            return false;
        }
        sleep_us(pause_us);
        pause_us = pause_us * 2 < pause_max_us ? pause_us * 2 : pause_max_us;
    }
    return true;
}

static bool
take_file(struct turn *turn, int64_t until_ms)
{
    bool taken;
    int error;

    if (!lock_file_until(turn->next, until_ms, 2000))
        return false;
    taken = lock_file_until(turn->file, until_ms, 500);
    error = errno;
    lock_file(turn->next, LOCK_UN);
    errno = error;
    return taken;
}

bool
turn_take(struct turn *turn, int64_t wait_ms)
{
    int64_t until = clock_monotonic_ms() + wait_ms;

    assert(!turn->held);
    if (!look(turn))
        return false;
    turn->held = turn->kind == TURN_FILE ? take_file(turn, until)
                                         : take_memory(turn, until);
    return turn->held;
}

void
turn_give(struct turn *turn)
{
    bool given;

    assert(turn->held);
    turn->held = false;
    if (turn->kind == TURN_FILE)
        given = lock_file(turn->file, LOCK_UN);
    else
        given = pthread_mutex_unlock(&turn->page->turn) == 0;
    assert(given);
    (void)given;
}
