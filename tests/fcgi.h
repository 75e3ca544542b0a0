/*
 * A small FastCGI client for tests: one request over a Unix socket, sent as
 * a web server sends it, in one piece or with mistakes of the test's own.
 * Nothing here decides what is right.
 */
#ifndef SCRIP_TEST_FCGI_H
#define SCRIP_TEST_FCGI_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* Variables, name and value in turn, NULL at the end. */
typedef const char *const fcgi_variables[];

struct fcgi_answer {
    bool complete; /* the end of the request was said */
    int status;    /* 0: none */
    size_t length; /* of the body */
    char *body;    /* NUL-terminated; in `bytes` */
    char *bytes;   /* all, headers first; freed by fcgi_forget() */
};

static inline int
fcgi_connect(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct timeval wait = { .tv_sec = 30 };
    int connection = socket(AF_UNIX, SOCK_STREAM, 0);

    memcpy(address.sun_path, path, strlen(path) + 1);
    if (connect(connection, (struct sockaddr *)&address, sizeof(address)) !=
        0) {
        close(connection);
        return -1;
    }
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    return connection;
}

/* False when the peer has closed. */
static inline bool
fcgi_write(int connection, const void *bytes, size_t length)
{
    const char *at = bytes;

    while (length > 0) {
        ssize_t count = send(connection, at, length, MSG_NOSIGNAL);
        if (count <= 0)
            return false;
        at += count;
        length -= (size_t)count;
    }
    return true;
}

/* A record of at most 65,535 bytes. */
static inline bool
fcgi_record(int connection, int type, const void *bytes, size_t length)
{
    uint8_t head[8] = { 1, (uint8_t)type,          0,
                        1, (uint8_t)(length >> 8), (uint8_t)length };

    return fcgi_write(connection, head, sizeof(head)) &&
           fcgi_write(connection, bytes, length);
}

static inline bool
fcgi_begin(int connection)
{
    static const uint8_t body[8] = { 0, 1, 0 }; /* a responder, not kept */

    return fcgi_record(connection, 1, body, sizeof(body));
}

static inline size_t
fcgi_put_length(uint8_t *out, size_t length)
{
    if (length < 128) {
        out[0] = (uint8_t)length;
        return 1;
    }
    out[0] = (uint8_t)(0x80 | length >> 24);
    out[1] = (uint8_t)(length >> 16);
    out[2] = (uint8_t)(length >> 8);
    out[3] = (uint8_t)length;
    return 4;
}

static inline bool
fcgi_params(int connection, const char *const *variables)
{
    uint8_t *bytes = malloc(65536);
    size_t used = 0;
    bool sent;

    for (; variables[0] != NULL; variables += 2) {
        size_t name = strlen(variables[0]), value = strlen(variables[1]);
        used += fcgi_put_length(bytes + used, name);
        used += fcgi_put_length(bytes + used, value);
        memcpy(bytes + used, variables[0], name);
        memcpy(bytes + used + name, variables[1], value);
        used += name + value;
    }
    sent = fcgi_record(connection, 4, bytes, used) &&
           fcgi_record(connection, 4, "", 0);
    free(bytes);
    return sent;
}

static inline bool
fcgi_body(int connection, const char *bytes, size_t length)
{
    while (length > 0) {
        size_t part = length > 32768 ? 32768 : length;
        if (!fcgi_record(connection, 5, bytes, part))
            return false;
        bytes += part;
        length -= part;
    }
    return fcgi_record(connection, 5, "", 0);
}

static inline bool
fcgi_read(int connection, void *bytes, size_t length)
{
    char *at = bytes;

    while (length > 0) {
        ssize_t count = recv(connection, at, length, 0);
        if (count <= 0)
            return false;
        at += count;
        length -= (size_t)count;
    }
    return true;
}

/* Splits what came into status and body. */
static inline void
fcgi_split(struct fcgi_answer *answer, size_t length)
{
    char *end = strstr(answer->bytes, "\r\n\r\n");
    const char *status = strstr(answer->bytes, "Status: ");

    answer->body = end == NULL ? answer->bytes + length : end + 4;
    answer->length = length - (size_t)(answer->body - answer->bytes);
    if (end != NULL)
        end[2] = '\0';
    if (status == answer->bytes)
        answer->status = (int)strtol(status + 8, NULL, 10);
}

/* Reads to the end of the request, or of the connection. */
static inline void
fcgi_receive(int connection, struct fcgi_answer *answer)
{
    size_t length = 0, room = 131072;
    uint8_t head[8];

    *answer = (struct fcgi_answer){ .bytes = malloc(room) };
    while (fcgi_read(connection, head, sizeof(head))) {
        size_t part = (size_t)head[4] << 8 | head[5];
        char skipped[65536];
        bool out = head[1] == 6;
        while (room - length <= part)
            answer->bytes = realloc(answer->bytes, room *= 2);
        if (!fcgi_read(connection, out ? answer->bytes + length : skipped,
                       part) ||
            !fcgi_read(connection, skipped, head[6]))
            break;
        length += out ? part : 0;
        if (head[1] == 3) {
            answer->complete = true;
            break;
        }
    }
    answer->bytes[length] = '\0';
    fcgi_split(answer, length);
}

static inline void
fcgi_forget(struct fcgi_answer *answer)
{
    free(answer->bytes);
    answer->bytes = NULL;
}

/* One request, whole. */
static inline void
fcgi_ask(const char *path, const char *const *variables, const char *body,
         size_t length, struct fcgi_answer *answer)
{
    int connection = fcgi_connect(path);

    *answer = (struct fcgi_answer){ .status = 0 };
    if (connection < 0)
        return;
    if (fcgi_begin(connection) && fcgi_params(connection, variables))
        (void)fcgi_body(connection, body, length);
    fcgi_receive(connection, answer);
    close(connection);
}

/* The value of a header, in a buffer that the next call uses again; NULL. */
static inline const char *
fcgi_header(const struct fcgi_answer *answer, const char *name)
{
    static char value[4096];
    size_t length = strlen(name);
    const char *at = answer->bytes;

    while (at != NULL && at < answer->body) {
        const char *end = strstr(at, "\r\n");
        if (end == NULL)
            return NULL;
        if (strncmp(at, name, length) == 0 && at[length] == ':') {
            snprintf(value, sizeof(value), "%.*s",
                     (int)(end - at - (ptrdiff_t)length - 2), at + length + 2);
            return value;
        }
        at = end + 2;
    }
    return NULL;
}

#endif
