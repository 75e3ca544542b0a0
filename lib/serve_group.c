/*
 * Group commit: see serve_group.h.
 *
 * A handler of a group decides in memory before it writes, so a refusal
 * needs no savepoint: it has left nothing. P_UNAVAILABLE alone means that the
 * database failed, and that ends the whole transaction.
 */
#include "serve_group.h"

#include <semaphore.h>

#include "ledger_sql.h"
#include "limits.h"
#include "log.h"
#include "serve_io.h"
#include "site_clock.h"

/* More in one transaction would keep its first request waiting, and all other
 * programs that want to write: large requests come few to a transaction. */
#define TOGETHER_MAX 256
#define TOGETHER_MS  50
#define ARENA_BLOCK  ((size_t)64 * 1024)

struct job {
    struct req *req;
    const struct route *route;
    struct arena_mark mark; /* of the request, before the handler ran */
    enum problem problem;
    bool exhausted; /* it needs more memory than a request may have */
    sem_t done;
    struct job *next;
};

struct writer {
    const struct group *group;
    struct slot own;    /* of the writer's thread */
    struct slot *slot;  /* that, or where there is no thread the program's */
    struct arena arena; /* of one transaction */
    void *shared;       /* what its requests share; group->size bytes */
    jmp_buf exhausted;

    bool threaded;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t arrived;
    struct job *first, **last;
    bool stopping;
};

/* --- One transaction ------------------------------------------------------ */

/* Runs a handler in the open transaction, as if for the first time. A jump
 * out of either arena ends here, not in the thread that accepted the request.
 */
static void
run_job(struct writer *writer, struct job *job)
{
    struct req *req = job->req;
    jmp_buf *theirs = req->arena->exhausted;

    job->exhausted = false;
    arena_rewind(req->arena, job->mark);
    if (setjmp(writer->exhausted) == 0) {
        req->arena->exhausted = &writer->exhausted;
        writer->arena.exhausted = &writer->exhausted;
        serve_begin_reply(req);
        req->db = writer->slot->db;
        req->shared = writer->shared;
        job->problem = job->route->handle(req);
    } else {
        job->exhausted = true;
        job->problem = P_UNAVAILABLE;
    }
    req->db = NULL;
    req->shared = NULL;
    req->arena->exhausted = theirs;
    writer->arena.exhausted = NULL;
}

static bool
save(struct writer *writer)
{
    bool saved = false;

    if (setjmp(writer->exhausted) == 0) {
        writer->arena.exhausted = &writer->exhausted;
        saved = writer->group->save(writer->shared);
    } else
        log_error("out of memory");
    writer->arena.exhausted = NULL;
    return saved;
}

/* The time of all of them is that of the transaction: whoever waited for the
 * turn does not decide with a time that has gone by. */
static bool
begin_shared(struct writer *writer, struct job *jobs)
{
    bool sandbox = jobs->req->config->sandbox;
    int64_t now = clock_system_ms();

    arena_reset(&writer->arena);
    memset(writer->shared, 0, writer->group->size);
    writer->group->begin(writer->shared, writer->slot->db, &writer->arena);
    if (writer->slot->set == &ledger_set &&
        !site_clock_now(writer->slot->db, &writer->arena, sandbox, &now))
        return false;
    for (struct job *job = jobs; job != NULL; job = job->next)
        job->req->now = now;
    return true;
}

/* All of them in one transaction, but for those that come too late for it:
 * these are cut off, and are *rest. False: it is undone, and none happened. */
static bool
run_together(struct writer *writer, struct job *jobs, struct job **rest)
{
    int64_t until_ms = clock_monotonic_ms() + TOGETHER_MS;

    if (!begin_shared(writer, jobs))
        return false;
    for (struct job *job = jobs; job != NULL; job = job->next) {
        run_job(writer, job);
        if (job->problem == P_UNAVAILABLE)
            return false;
        if (clock_monotonic_ms() >= until_ms) {
            *rest = job->next;
            job->next = NULL;
        }
    }
    return save(writer) && db_commit(writer->slot->db);
}

static void
refuse_all(struct job *jobs)
{
    for (struct job *job = jobs; job != NULL; job = job->next) {
        job->exhausted = false;
        job->problem = P_UNAVAILABLE;
    }
}

/* Opens a transaction. False: all of them are refused, for the next one would
 * wait as long for nothing. */
static bool
begin(struct writer *writer, struct job *jobs)
{
    if (!slot_ready(writer->slot, &writer->arena)) {
        refuse_all(jobs);
        return false;
    }
    if (db_begin(writer->slot->db))
        return true;
    refuse_all(jobs);
    slot_settle(writer->slot, P_UNAVAILABLE, jobs->req->id);
    return false;
}

/* Each in a transaction of its own. */
static void
run_apart(struct writer *writer, struct job *jobs)
{
    for (struct job *job = jobs, *next, *none; job != NULL; job = next) {
        if (!begin(writer, job))
            return;
        next = job->next;
        job->next = NULL;
        if (!run_together(writer, job, &none))
            job->problem = P_UNAVAILABLE;
        slot_settle(writer->slot, job->problem, job->req->id);
        job->next = next;
    }
}

/* Runs the first of them, and cuts off the others: they are returned. */
static struct job *
run_jobs(struct writer *writer, struct job *jobs)
{
    struct job *rest = NULL;

    if (!begin(writer, jobs) || run_together(writer, jobs, &rest))
        return rest;
    slot_settle(writer->slot, P_UNAVAILABLE, jobs->req->id);
    run_apart(writer, jobs);
    return rest;
}

/* --- The writer's thread -------------------------------------------------- */

/* Those that wait, TOGETHER_MAX at most; NULL: none will come. */
static struct job *
take_jobs(struct writer *writer)
{
    struct job *jobs, **last = &jobs;

    pthread_mutex_lock(&writer->lock);
    while (writer->first == NULL && !writer->stopping)
        pthread_cond_wait(&writer->arrived, &writer->lock);
    jobs = writer->first;
    for (int i = 0; *last != NULL && i < TOGETHER_MAX; i++)
        last = &(*last)->next;
    writer->first = *last;
    if (writer->first == NULL)
        writer->last = &writer->first;
    *last = NULL;
    pthread_mutex_unlock(&writer->lock);
    return jobs;
}

static void
post_jobs(struct job *jobs)
{
    for (struct job *job = jobs, *next; job != NULL; job = next) {
        next = job->next; /* the job is gone with its post */
        sem_post(&job->done);
    }
}

static void *
write_jobs(void *context)
{
    struct writer *writer = context;
    struct job *jobs, *rest;

    while ((jobs = take_jobs(writer)) != NULL)
        for (; jobs != NULL; jobs = rest) {
            rest = run_jobs(writer, jobs);
            arena_reset(&writer->arena); /* idle, it keeps little */
            post_jobs(jobs);
        }
    return NULL;
}

/* Hands it to the writer's thread, and waits. */
static void
wait_for(struct writer *writer, struct job *job)
{
    sem_init(&job->done, 0, 0);
    pthread_mutex_lock(&writer->lock);
    *writer->last = job;
    writer->last = &job->next;
    pthread_cond_signal(&writer->arrived);
    pthread_mutex_unlock(&writer->lock);
    while (sem_wait(&job->done) != 0)
        continue; /* a signal */
    sem_destroy(&job->done);
}

enum problem
writer_run(struct writer *writer, struct req *req, const struct route *route)
{
    struct job job = { .req = req,
                       .route = route,
                       .mark = arena_mark(req->arena) };

    if (writer->threaded)
        wait_for(writer, &job);
    else if (run_jobs(writer, &job) != NULL)
        abort(); /* one has no others */
    /* As it would have been in this thread. */
    if (job.exhausted)
        longjmp(*req->arena->exhausted, 1);
    return job.problem;
}

struct writer *
writer_start(const struct group *group, struct slot *slot, bool threaded)
{
    struct writer *writer = calloc(1, sizeof(*writer));
    void *shared = calloc(1, group->size);

    if (writer == NULL || shared == NULL) {
        free(writer);
        free(shared);
        return NULL;
    }
    writer->group = group;
    writer->own = *slot;
    writer->slot = threaded ? &writer->own : slot;
    writer->shared = shared;
    writer->threaded = threaded;
    writer->last = &writer->first;
    arena_init(&writer->arena, ARENA_BLOCK, LIMIT_ARENA);
    pthread_mutex_init(&writer->lock, NULL);
    pthread_cond_init(&writer->arrived, NULL);
    if (threaded &&
        pthread_create(&writer->thread, NULL, write_jobs, writer) != 0) {
        writer->threaded = false;
        writer_stop(writer);
        return NULL;
    }
    return writer;
}

void
writer_stop(struct writer *writer)
{
    if (writer == NULL)
        return;
    if (writer->threaded) {
        pthread_mutex_lock(&writer->lock);
        writer->stopping = true;
        pthread_cond_signal(&writer->arrived);
        pthread_mutex_unlock(&writer->lock);
        pthread_join(writer->thread, NULL);
    }
    slot_close(&writer->own);
    pthread_cond_destroy(&writer->arrived);
    pthread_mutex_destroy(&writer->lock);
    arena_free(&writer->arena);
    free(writer->shared);
    free(writer);
}
