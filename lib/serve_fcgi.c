/*
 * Requests over FastCGI, by libfcgi. The only file that sees fcgiapp.h.
 *
 * The library never accepts a connection here: it would block where a signal
 * cannot reach it, and read without a time-out. We wait for the listener and
 * for a signal at once, accept, set the time-outs, and hand it the connection
 * in request.ipcFd; its own listener is -1, so that where it gives a
 * connection up it comes back to us instead of accepting another.
 *
 * Signals that stop us are blocked and read from a descriptor, so they never
 * interrupt a request. Nobody takes them out of there: any number of waiting
 * threads sees them. Connections are never kept: one peer would hold us.
 */
#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "log.h"
#include "serve_io.h"

#define LISTENER 0
/* After a failed accept for want of descriptors or memory. */
#define PAUSE_MS 100

struct peer {
    struct serve_io io;
    FCGX_Request request;
    bool cut;
};

static struct peer *
peer_of(struct serve_io *io)
{
    return (struct peer *)(void *)io; /* its first member */
}

static const char *
variable(struct serve_io *io, const char *name)
{
    return FCGX_GetParam(name, peer_of(io)->request.envp);
}

static ptrdiff_t
read_body(struct serve_io *io, char *bytes, size_t room)
{
    FCGX_Stream *in = peer_of(io)->request.in;
    int want = room > 65536 ? 65536 : (int)room;
    int count = FCGX_GetStr(bytes, want, in);

    if (count < want && FCGX_GetError(in) != 0)
        return -1;
    return count;
}

static bool
write_body(struct serve_io *io, const char *bytes, size_t length)
{
    FCGX_Stream *out = peer_of(io)->request.out;

    while (length > 0) {
        int part = length > 65536 ? 65536 : (int)length;
        if (FCGX_PutStr(bytes, part, out) != part)
            return false;
        bytes += part;
        length -= (size_t)part;
    }
    return true;
}

static void
cut(struct serve_io *io)
{
    peer_of(io)->cut = true;
}

static sigset_t
stops(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGUSR1); /* libfcgi's own: it would drop a request */
    return set;
}

/* Asking the library makes it catch signals, which it would keep to itself:
 * from before that on they wait for us. */
bool
serve_is_fastcgi(void)
{
    sigset_t set = stops();

    return sigprocmask(SIG_BLOCK, &set, NULL) == 0 && !FCGX_IsCGI();
}

/* A descriptor that can be read once we are to stop; -1: not to be had. */
static int
open_stop(void)
{
    sigset_t set = stops();

    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Waits for a peer. False: we are to stop. */
static bool
wait_for_peer(int stop)
{
    struct pollfd ready[2] = { { .fd = stop, .events = POLLIN },
                               { .fd = LISTENER, .events = POLLIN } };

    for (;;) {
        int count = poll(ready, 2, -1);
        if (count < 0 && errno != EINTR) {
            log_error("poll: %s", strerror(errno));
            return false;
        }
        if (count > 0 && ready[0].revents != 0)
            return false;
        if (count > 0)
            return true;
    }
}

static bool
set_timeouts(int connection)
{
    struct timeval read_wait = { .tv_sec = SERVE_READ_S };
    struct timeval write_wait = { .tv_sec = SERVE_WRITE_S };
    int flags = fcntl(connection, F_GETFD);

    return flags >= 0 && fcntl(connection, F_SETFD, flags | FD_CLOEXEC) == 0 &&
           setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &read_wait,
                      sizeof(read_wait)) == 0 &&
           setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &write_wait,
                      sizeof(write_wait)) == 0;
}

/* -1 with *usable where somebody else of this socket's processes was faster,
 * or the peer has gone; -1 without it where the listener is none. */
static int
take_peer(bool *usable)
{
    int connection = accept(LISTENER, NULL, NULL);

    *usable = true;
    if (connection < 0) {
        switch (errno) {
        case EMFILE:
        case ENFILE:
        case ENOBUFS:
        case ENOMEM:
            log_warning("accept: %s", strerror(errno));
            poll(NULL, 0, PAUSE_MS);
            break;
        case EBADF:
        case EINVAL:
        case ENOTSOCK:
            log_error("accept: %s", strerror(errno));
            *usable = false;
            break;
        default: break; /* EAGAIN, EINTR, ECONNABORTED and the network's */
        }
        return -1;
    }
    if (set_timeouts(connection))
        return connection;
    close(connection);
    return -1;
}

static void
answer_peer(struct peer *peer, int connection,
            const struct serve_handler *handler)
{
    FCGX_Request *request = &peer->request;

    /* Kept, or the library would close it before the first read; detached,
     * or it would wait two seconds for the peer to close first. */
    request->ipcFd = connection;
    request->keepConnection = 1;
    FCGX_Detach(request);
    peer->cut = false;
    if (FCGX_Accept_r(request) != 0)
        return; /* silent, gone or no FastCGI; closed already */
    handler->answer(&peer->io, handler->context);
    request->keepConnection = 0;
    if (peer->cut)
        shutdown(request->ipcFd, SHUT_RDWR);
    FCGX_Finish_r(request);
}

/* One thread that accepts and answers. */
struct acceptor {
    struct peer peer;
    const struct serve_handler *handler;
    int stop;
    pthread_mutex_t *waiting; /* held by the one that waits for a peer */
    pthread_t thread;
    bool failed;
};

/* The next connection; -1: none this time. One thread waits at a time, or
 * each peer would wake all of them. False: we are to stop. */
static bool
next_peer(struct acceptor *acceptor, int *connection)
{
    bool go_on, usable = true;

    *connection = -1;
    pthread_mutex_lock(acceptor->waiting);
    go_on = wait_for_peer(acceptor->stop);
    if (go_on)
        *connection = take_peer(&usable);
    pthread_mutex_unlock(acceptor->waiting);
    acceptor->failed = !usable;
    return go_on && usable;
}

static void *
accept_peers(void *context)
{
    struct acceptor *acceptor = context;
    int connection;

    while (next_peer(acceptor, &connection))
        if (connection >= 0)
            answer_peer(&acceptor->peer, connection, acceptor->handler);
    return NULL;
}

/* Handlers have small frames; SQLite's and libfcgi's are in these, too. */
#define STACK ((size_t)512 * 1024)

static bool
start_thread(struct acceptor *acceptor)
{
    pthread_attr_t attributes;
    int error;

    if (pthread_attr_init(&attributes) != 0)
        return false;
    pthread_attr_setstacksize(&attributes, STACK);
    error =
        pthread_create(&acceptor->thread, &attributes, accept_peers, acceptor);
    pthread_attr_destroy(&attributes);
    return error == 0;
}

/* The first one is this thread. As many as can be had serve. */
static bool
run_acceptors(struct acceptor *acceptors, int count)
{
    int started = 1;
    bool failed;

    while (started < count && start_thread(&acceptors[started]))
        started++;
    if (started < count)
        log_warning("%d threads of %d could be had", started, count);
    accept_peers(&acceptors[0]);
    failed = acceptors[0].failed;
    for (int i = 1; i < started; i++) {
        pthread_join(acceptors[i].thread, NULL);
        failed = failed || acceptors[i].failed;
    }
    return !failed;
}

static bool
init_acceptors(struct acceptor *acceptors, int count, int stop,
               pthread_mutex_t *waiting, const struct serve_handler *handlers)
{
    for (int i = 0; i < count; i++) {
        acceptors[i] = (struct acceptor){ .handler = &handlers[i],
                                          .stop = stop,
                                          .waiting = waiting };
        acceptors[i].peer.io = (struct serve_io){ .variable = variable,
                                                  .read = read_body,
                                                  .write = write_body,
                                                  .cut = cut };
        if (FCGX_InitRequest(&acceptors[i].peer.request, -1, 0) != 0)
            return false;
    }
    return true;
}

int
serve_fastcgi(const struct serve_handler *handlers, int count,
              bool (*ready)(void *context), void *context)
{
    static pthread_mutex_t waiting = PTHREAD_MUTEX_INITIALIZER;
    struct acceptor *acceptors = calloc((size_t)count, sizeof(*acceptors));
    int stop = open_stop();
    int flags = fcntl(LISTENER, F_GETFL);
    bool served;

    if (acceptors == NULL || stop < 0 || flags < 0 ||
        fcntl(LISTENER, F_SETFL, flags | O_NONBLOCK) != 0 || FCGX_Init() != 0 ||
        !init_acceptors(acceptors, count, stop, &waiting, handlers)) {
        log_error("cannot serve: %s", strerror(errno));
        free(acceptors);
        return 1;
    }
    served = ready(context) && run_acceptors(acceptors, count);
    close(stop);
    free(acceptors);
    return served ? 0 : 1;
}
