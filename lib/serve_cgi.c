/*
 * The one request of a plain CGI process: variables from the environment,
 * the body from standard input, the answer to standard output. A web server
 * may leave standard input open behind the body, so never is more read than
 * CONTENT_LENGTH says, and nothing where it says nothing, unless the body
 * came in chunks.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "log.h"
#include "serve_io.h"
#include "text.h"

struct process {
    struct serve_io io;
    size_t left; /* of the body */
    bool cut;
};

static struct process *
process_of(struct serve_io *io)
{
    return (struct process *)(void *)io; /* its first member */
}

static const char *
variable(struct serve_io *io, const char *name)
{
    (void)io;
    return getenv(name);
}

static ptrdiff_t
read_body(struct serve_io *io, char *bytes, size_t room)
{
    struct process *process = process_of(io);
    struct pollfd ready = { .fd = STDIN_FILENO, .events = POLLIN };
    ssize_t count;
    int waited;

    if (room > process->left)
        room = process->left;
    if (room == 0)
        return 0;
    do
        waited = poll(&ready, 1, SERVE_READ_S * 1000);
    while (waited < 0 && errno == EINTR);
    if (waited <= 0)
        return -1;
    do
        count = read(STDIN_FILENO, bytes, room);
    while (count < 0 && errno == EINTR);
    if (count > 0)
        process->left -= (size_t)count;
    return count;
}

static bool
write_body(struct serve_io *io, const char *bytes, size_t length)
{
    (void)io;
    while (length > 0) {
        ssize_t count = write(STDOUT_FILENO, bytes, length);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        bytes += count;
        length -= (size_t)count;
    }
    return true;
}

static void
cut(struct serve_io *io)
{
    process_of(io)->cut = true;
}

static size_t
body_length(void)
{
    const char *text = getenv("CONTENT_LENGTH");
    const char *coding = getenv("HTTP_TRANSFER_ENCODING");
    int64_t length;

    if (text != NULL && text[0] != '\0')
        return text_int(text, 0, INT64_MAX, &length) ? (size_t)length : 0;
    return coding != NULL && coding[0] != '\0' ? SIZE_MAX : 0;
}

int
serve_cgi(const struct serve_handler *handler)
{
    struct process process = { .io = { .variable = variable,
                                       .read = read_body,
                                       .write = write_body,
                                       .cut = cut },
                               .left = body_length() };
    struct sigaction ignore = { .sa_handler = SIG_IGN };

    /* Whoever asks us to stop waits until the request in hand is answered:
     * those signals are blocked since serve_is_fastcgi(). */
    if (sigaction(SIGPIPE, &ignore, NULL) != 0) {
        log_error("cannot serve: %s", strerror(errno));
        return 1;
    }
    handler->answer(&process.io, handler->context);
    return process.cut ? 1 : 0;
}
