/*
 * A server in a thread of the test: answers connection after connection with
 * what a script says, byte for byte, and keeps what it was sent. For the one
 * file that calls others (net.h) and what stands on it.
 */
#ifndef TINY_SERVER_H
#define TINY_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define TINY_SEEN 16
#define TINY_SIZE 16384

enum tiny_kind {
    TINY_SAY,   /* the text, then close */
    TINY_HANG,  /* the text, then nothing, until the other side goes */
    TINY_DRIP,  /* the text, then a byte each 100 ms for ever */
    TINY_FLOOD, /* the text, then bytes as fast as they go for ever */
    TINY_CLOSE  /* close before the request is read whole */
};

struct tiny_answer {
    enum tiny_kind kind;
    const char *text;
};

struct tiny {
    int listener;
    int port;
    pthread_t thread;
    atomic_bool stop;
    const struct tiny_answer *script; /* the last one is repeated */
    int answers;
    atomic_int count; /* requests so far */
    char seen[TINY_SEEN][TINY_SIZE];
};

/* Whether head and body (by Content-Length) are there. */
static inline bool
tiny_whole(const char *request, size_t length)
{
    const char *end = strstr(request, "\r\n\r\n");
    const char *declared = strstr(request, "Content-Length: ");
    size_t body = 0;

    if (end == NULL)
        return false;
    if (declared != NULL && declared < end)
        body = (size_t)strtoul(declared + 16, NULL, 10);
    return length >= (size_t)(end + 4 - request) + body;
}

static inline void
tiny_read(struct tiny *tiny, int peer)
{
    char *into = tiny->seen[atomic_load(&tiny->count) % TINY_SEEN];
    size_t length = 0;

    memset(into, 0, TINY_SIZE);
    while (length < TINY_SIZE - 1 && !tiny_whole(into, length)) {
        ssize_t got = recv(peer, into + length, TINY_SIZE - 1 - length, 0);

        if (got <= 0)
            break;
        length += (size_t)got;
    }
}

static inline bool
tiny_send(int peer, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(peer, text, length, MSG_NOSIGNAL);

        if (sent <= 0)
            return false;
        text += sent;
        length -= (size_t)sent;
    }
    return true;
}

/* Until the other side has gone or we are to end. */
static inline void
tiny_linger(struct tiny *tiny, int peer)
{
    char byte;

    while (!atomic_load(&tiny->stop)) {
        ssize_t got = recv(peer, &byte, 1, 0);

        if (got == 0)
            return;
    }
}

static inline void
tiny_answer(struct tiny *tiny, int peer, const struct tiny_answer *answer)
{
    static const char flood[65536] = { 'x' };

    if (answer->kind == TINY_CLOSE)
        return;
    tiny_read(tiny, peer);
    atomic_fetch_add(&tiny->count, 1);
    if (!tiny_send(peer, answer->text, strlen(answer->text)))
        return;
    if (answer->kind == TINY_HANG)
        tiny_linger(tiny, peer);
    while (answer->kind == TINY_DRIP && !atomic_load(&tiny->stop) &&
           tiny_send(peer, " ", 1))
        usleep(100000);
    while (answer->kind == TINY_FLOOD && !atomic_load(&tiny->stop) &&
           tiny_send(peer, flood, sizeof(flood)))
        ;
}

static inline void *
tiny_run(void *context)
{
    struct tiny *tiny = context;
    int turn = 0;

    while (!atomic_load(&tiny->stop)) {
        struct timeval wait = { .tv_usec = 50000 };
        int peer = accept(tiny->listener, NULL, NULL);

        if (peer < 0)
            continue;
        setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
        tiny_answer(tiny, peer, &tiny->script[turn]);
        turn = turn + 1 < tiny->answers ? turn + 1 : turn;
        close(peer);
    }
    return NULL;
}

static inline struct tiny *
tiny_start(const struct tiny_answer *script, int answers)
{
    struct tiny *tiny = calloc(1, sizeof(*tiny));
    struct sockaddr_in address = { .sin_family = AF_INET };
    struct timeval wait = { .tv_usec = 50000 };
    socklen_t size = sizeof(address);

    if (tiny == NULL)
        abort();
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    tiny->script = script;
    tiny->answers = answers;
    tiny->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (tiny->listener < 0 ||
        setsockopt(tiny->listener, SOL_SOCKET, SO_RCVTIMEO, &wait,
                   sizeof(wait)) != 0 ||
        bind(tiny->listener, (struct sockaddr *)&address, size) != 0 ||
        listen(tiny->listener, 16) != 0 ||
        getsockname(tiny->listener, (struct sockaddr *)&address, &size) != 0 ||
        pthread_create(&tiny->thread, NULL, tiny_run, tiny) != 0)
        abort();
    tiny->port = ntohs(address.sin_port);
    return tiny;
}

static inline void
tiny_stop(struct tiny *tiny)
{
    atomic_store(&tiny->stop, true);
    pthread_join(tiny->thread, NULL);
    close(tiny->listener);
    free(tiny);
}

#endif
