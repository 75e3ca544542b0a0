/*
 * The thread that carries webhooks. It shares nothing with the requests but
 * the database and one flag: its arena, its handle and its settings are its
 * own, so that it may outlive what serve() has let go. Every signal is the
 * main thread's. A message is claimed and told of in transactions of their
 * own, and none is open while the site is being called.
 */
#include "messenger.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "billing.h"
#include "clock.h"
#include "limits.h"
#include "log.h"
#include "net.h"
#include "payment.h"
#include "reversal.h"
#include "stripe.h"
#include "tell.h"
#include "url.h"

/* A site has so long to answer; nobody else takes the message meanwhile. */
#define ANSWER_MS 10000
#define LEASE_MS  (3 * ANSWER_MS)
/* Waits between tries: 1, 2, 4 ... seconds, then each minute. */
#define WAIT_MS_MOST (60 * SECOND_MS)
#define GIVE_UP_MS   (3 * DAY_MS)
/* What another process has left is looked for this often. */
#define LOOK_MS 1000
/* Plain CGI: so much is carried after one answer. */
#define CGI_MOST 32

#define ARENA_BLOCK ((size_t)64 * 1024)
#define BODY_MAX    (1024 * 1024)
#define REPLY_MAX   (64 * 1024)

static struct messenger {
    struct arena settings;
    struct config config;
    const char *url;      /* the site's webhook */
    const char *database; /* "sqlite:/home/sandbox.db" */
    bool threaded;
    bool started;
    pthread_t thread;
    atomic_bool stop;

    pthread_mutex_t mutex; /* of `woken` */
    pthread_cond_t wake;
    bool woken;

    struct arena arena; /* of the thread; reset between messages */
    struct db *db;
} messenger = { .mutex = PTHREAD_MUTEX_INITIALIZER };

/* --- One message -------------------------------------------------------- */

static struct box
box_now(void)
{
    return (struct box){ .db = messenger.db,
                         .arena = &messenger.arena,
                         .config = &messenger.config,
                         .now_ms = clock_system_ms() };
}

/* The event as it is sent; false when it is gone. */
static bool
body_of(struct box *box, int64_t delivery, struct buf *body, int64_t *tries,
        int64_t *created_ms)
{
    struct json_out out;
    struct told told;
    struct rows rows;

    if (!box_run(box, &rows, SQ_DELIVERY_GET, INT(delivery)) || rows.n == 0)
        return false;
    *tries = rows_int(&rows, 0, 1);
    *created_ms = rows_int(&rows, 0, 2);
    if (!told_get(box, rows_text(&rows, 0, 3), &told))
        return false;
    buf_init(body, box->arena, BODY_MAX);
    json_begin(&out, body);
    told_write(&out, NULL, &told);
    return !body->over;
}

static enum net_result
post(struct arena *arena, const struct buf *body, struct net_reply *reply)
{
    const char *signature =
        stripe_signature_make(arena, body->bytes, body->length,
                              messenger.config.webhook_secret[0],
                              clock_system_ms() / SECOND_MS);
    const char *const headers[] = {
        "Content-Type: application/json; charset=utf-8",
        arena_format(arena, "Stripe-Signature: %s", signature),
        NULL,
    };
    struct net_call call = { .method = "POST",
                             .url = messenger.url,
                             .headers = headers,
                             .body = body->bytes,
                             .body_length = body->length,
                             .timeout_ms = ANSWER_MS,
                             .reply_max = REPLY_MAX,
                             .plain = true,
                             .cancel = &messenger.stop };

    return net_call(arena, &call, reply);
}

/* When to try again after so many tries. */
static int64_t
wait_after(int64_t tries)
{
    return tries > 6 ? WAIT_MS_MOST
                     : min_i64(SECOND_MS << (tries - 1), WAIT_MS_MOST);
}

static void
record(int64_t delivery, int64_t tries, int64_t created_ms, int64_t began_ms,
       enum net_result result, int status)
{
    static const char *const words[] = {
        [NET_OK] = "answered",
        [NET_REFUSED] = "no connection",
        [NET_TIMEOUT] = "no answer in time",
        [NET_TOO_LARGE] = "the answer was too large",
        [NET_BROKEN] = "the conversation broke",
    };
    struct box box = box_now();
    bool done = result == NET_OK && status >= 200 && status < 300;
    bool given_up = box.now_ms - created_ms > GIVE_UP_MS;
    const char *state = done ? "done" : given_up ? "failed" : "pending";

    if (!box_begin(&box))
        return; /* it is carried again when the lease is over */
    (void)box_run(&box, NULL, SQ_ATTEMPT_ADD, INT(delivery), INT(tries),
                  INT(began_ms), INT(box.now_ms - began_ms),
                  INT(result == NET_OK ? status : 0), TEXT(words[result]));
    (void)box_run(&box, NULL, SQ_DELIVERY_END, INT(delivery), TEXT(state),
                  INT(box.now_ms + wait_after(tries)));
    if (!box_commit(&box))
        log_warning("a delivery was not recorded: %s", db_why(messenger.db));
}

/* Claims the next message that is due. 0: there is none; -1: look again. */
static int64_t
claim(void)
{
    struct box box = box_now();
    struct rows rows;
    int64_t delivery;

    if (!box_run(&box, &rows, SQ_DELIVERY_NEXT, INT(box.now_ms)) || rows.n == 0)
        return 0;
    delivery = rows_int(&rows, 0, 0);
    if (!box_begin(&box))
        return 0;
    (void)box_run(&box, &rows, SQ_DELIVERY_CLAIM, INT(delivery),
                  INT(box.now_ms + LEASE_MS), INT(box.now_ms));
    if (!box_commit(&box))
        return 0;
    return rows.changes == 1 ? delivery : -1;
}

/* False when nothing is due. */
static bool
carry_one(void)
{
    struct box box = box_now();
    int64_t began_ms = box.now_ms;
    int64_t delivery = claim();
    int64_t tries, created_ms;
    enum net_result result;
    struct net_reply reply;
    struct buf body;

    if (delivery == 0)
        return false;
    if (delivery < 0 || !body_of(&box, delivery, &body, &tries, &created_ms))
        return true;
    result = post(&messenger.arena, &body, &reply);
    if (result == NET_OK || !atomic_load(&messenger.stop))
        record(delivery, tries, created_ms, began_ms, result, reply.status);
    return true;
}

/* What happens by itself: sessions end, direct debits and refunds arrive,
 * subscriptions are renewed. */
static void
look_after(void)
{
    struct box box = box_now();

    if ((!payment_is_due(&box) && !reversal_is_due(&box) &&
         !billing_is_due(&box)) ||
        !box_begin(&box))
        return;
    payment_due(&box);
    reversal_due(&box);
    billing_due(&box);
    if (!box_commit(&box))
        log_warning("what was due is not done: %s", db_why(messenger.db));
}

/* --- The thread --------------------------------------------------------- */

static bool
open_database(void)
{
    const char *why = NULL;

    if (messenger.db == NULL)
        messenger.db = db_open(messenger.database, &sandbox_set, false,
                               &messenger.arena, &why);
    if (messenger.db == NULL)
        log_error("the messenger has no database: %s", why);
    return messenger.db != NULL;
}

/* Until there is something to carry, or the next look. */
static void
wait_for_work(void)
{
    struct box box = box_now();
    int64_t wait_ms = LOOK_MS;
    struct timespec end;
    struct rows rows;

    if (messenger.db != NULL && box_run(&box, &rows, SQ_DELIVERY_WHEN, NONE) &&
        rows.n == 1 && !rows_null(&rows, 0, 0))
        wait_ms =
            max_i64(10, min_i64(wait_ms, rows_int(&rows, 0, 0) - box.now_ms));
    (void)clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_nsec += (long)(wait_ms % 1000) * 1000000;
    end.tv_sec += (time_t)(wait_ms / 1000) + end.tv_nsec / 1000000000;
    end.tv_nsec %= 1000000000;
    pthread_mutex_lock(&messenger.mutex);
    while (!messenger.woken && !atomic_load(&messenger.stop) &&
           pthread_cond_timedwait(&messenger.wake, &messenger.mutex, &end) == 0)
        ;
    messenger.woken = false;
    pthread_mutex_unlock(&messenger.mutex);
}

static void *
run(void *context)
{
    jmp_buf exhausted;

    (void)context;
    if (setjmp(exhausted) != 0) {
        log_error("the messenger is out of memory");
        db_rollback(messenger.db);
        arena_reset(&messenger.arena);
        wait_for_work();
    }
    messenger.arena.exhausted = &exhausted;
    while (!atomic_load(&messenger.stop)) {
        bool carried = false;

        if (open_database()) {
            look_after();
            carried = carry_one();
        }
        if (!carried)
            wait_for_work();
        arena_reset(&messenger.arena);
    }
    messenger.arena.exhausted = NULL;
    db_close(messenger.db);
    messenger.db = NULL;
    net_close();
    return NULL;
}

static bool
start_thread(void)
{
    pthread_condattr_t monotonic;
    sigset_t all, before;
    int failed;

    if (pthread_condattr_init(&monotonic) != 0 ||
        pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) != 0 ||
        pthread_cond_init(&messenger.wake, &monotonic) != 0)
        return false;
    (void)pthread_condattr_destroy(&monotonic);
    sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
        return false;
    failed = pthread_create(&messenger.thread, NULL, run, NULL);
    if (pthread_sigmask(SIG_SETMASK, &before, NULL) != 0 || failed != 0) {
        log_error("cannot start the messenger: %s", strerror(failed));
        return false;
    }
    return true;
}

/* --- Starting and ending ------------------------------------------------ */

/* A listening socket on standard input is what FastCGI means. */
static bool
program_stays(void)
{
    int listening = 0;
    socklen_t size = sizeof(listening);

    return getsockopt(STDIN_FILENO, SOL_SOCKET, SO_ACCEPTCONN, &listening,
                      &size) == 0 &&
           listening != 0;
}

/* The site as it is reached from this machine. */
static const char *
webhook_url(const struct config *config, struct arena *arena)
{
    const char *other = getenv("SCRIP_SANDBOX_WEBHOOK_URL");
    const char *host = "127.0.0.1";

    if (other != NULL && other[0] != '\0')
        return arena_text(arena, other);
    if (config->sandbox_path[0] != '\0')
        return arena_format(arena, "%s/webhooks/stripe", config->base_url);
    if (strchr(config->listen, ':') != NULL)
        host = "[::1]";
    else if (url_is_loopback(config->listen))
        host = config->listen;
    return arena_format(arena, "http://%s:%d%s/webhooks/stripe", host,
                        config->port, config->base_path);
}

const char *
messenger_url(void)
{
    return messenger.url;
}

bool
messenger_start(const struct config *config)
{
    struct arena *arena = &messenger.settings;

    arena_init(arena, ARENA_BLOCK, LIMIT_ARENA);
    arena_init(&messenger.arena, ARENA_BLOCK, LIMIT_ARENA);
    /* What the thread needs of the settings, in memory of its own. */
    messenger.config = (struct config){
        .port = config->port,
        .sandbox_port = config->sandbox_port,
        .base_url = arena_text(arena, config->base_url),
        .base_url_set = config->base_url_set,
        .stripe_base = arena_text(arena, config->stripe_base),
        .sandbox_path = arena_text(arena, config->sandbox_path),
        .webhook_secret = { arena_text(arena, config->webhook_secret[0]) },
        .sandbox = true,
    };
    messenger.url = webhook_url(config, arena);
    messenger.database =
        arena_format(arena, "sqlite:%s/sandbox.db", config->home);
    messenger.threaded = program_stays();
    messenger.started = !messenger.threaded || start_thread();
    return messenger.started;
}

void
messenger_wake(void)
{
    if (!messenger.threaded)
        return;
    pthread_mutex_lock(&messenger.mutex);
    messenger.woken = true;
    pthread_cond_signal(&messenger.wake);
    pthread_mutex_unlock(&messenger.mutex);
}

/* Plain CGI: the web server waits for our standard streams, not for us. */
static void
carry_after_answer(void)
{
    (void)close(STDIN_FILENO);
    (void)close(STDOUT_FILENO);
    (void)close(STDERR_FILENO);
    if (!open_database())
        return;
    look_after();
    for (int i = 0; i < CGI_MOST && carry_one(); i++)
        arena_reset(&messenger.arena);
    db_close(messenger.db);
    net_close();
}

void
messenger_stop(void)
{
    if (!messenger.started)
        return;
    if (messenger.threaded) {
        atomic_store(&messenger.stop, true);
        messenger_wake();
        (void)pthread_join(messenger.thread, NULL);
        (void)pthread_cond_destroy(&messenger.wake);
    } else {
        carry_after_answer();
    }
    messenger.started = false;
    arena_free(&messenger.arena);
    arena_free(&messenger.settings);
}
