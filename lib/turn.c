/*
 * The write turn over a mapped file, or over flock.
 *
 * TURN_MEMORY: two robust mutexes in the file (turn_page.c). While a program
 * has the file open it holds a shared flock on it; who gets an exclusive one
 * is alone and makes the page anew. Thus nothing of a crash, a reboot, a copy
 * or a damage is ever believed.
 *
 * TURN_FILE: the turn is an exclusive flock on the file, asked for again and
 * again; the queue's head is another file's. The kinds exclude each other by
 * the one flock, whichever comes first.
 *
 * Never: remove the file, write to it other than here, hold a descriptor
 * over exec.
 */
#include "turn.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "limits.h"
#include "turn_page.h"

struct turn {
    char *path;
    int file;
    int next; /* TURN_FILE only: the head of the queue, "-next" */
    enum turn_kind kind;
    struct turn_page *page; /* TURN_MEMORY only */
    dev_t device; /* of `file`, to see that the path still leads there */
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

/* Also who made the page joins it, since it may be another's by now. */
static bool
join(struct turn *turn)
{
    turn_page_leave(turn->page);
    turn->page = turn_page_join(turn->file);
    return turn->page != NULL;
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
            turn_page_leave(turn->page);
            turn->page = turn_page_make(turn->file);
            if (turn->page == NULL)
                return false;
        } else if (errno != EWOULDBLOCK) {
            return false;
        }
        if (lock_file(turn->file, LOCK_SH | LOCK_NB))
            return join(turn);
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

    turn_page_leave(turn->page);
    turn->page = NULL;
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
        turn_page_leave(turn->page);
        turn->page = NULL;
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

/* Where the path leads to another file by now, others queue there. */
static bool
look(struct turn *turn)
{
    struct stat found;

    if (turn->file < 0 || stat(turn->path, &found) != 0 ||
        found.st_dev != turn->device || found.st_ino != turn->inode) {
        leave(turn);
        if (!enter(turn))
            return false;
    }
    return turn->kind == TURN_FILE || turn_page_check(turn->page, turn->file);
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
                                         : turn_page_take(turn->page, until);
    return turn->held;
}

void
turn_give(struct turn *turn)
{
    assert(turn->held);
    turn->held = false;
    if (turn->kind == TURN_MEMORY)
        turn_page_give(turn->page);
    else if (!lock_file(turn->file, LOCK_UN))
        leave(turn); /* a close gives it too; the next take opens it again */
}
