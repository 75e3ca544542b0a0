/*
 * Group commit: see serve_group.h.
 *
 * A handler of a group decides in memory before it writes, so a refusal
 * needs no savepoint: it has left nothing. P_UNAVAILABLE alone means that the
 * database failed, and that ends the whole transaction.
 */
#include "serve_group.h"

#include <semaphore.h>

#include "limits.h"
#include "log.h"
#include "serve_io.h"

/* More in one transaction would keep its first request waiting. */
#define TOGETHER_MAX 256
#define ARENA_BLOCK  ((size_t)64 * 1024)

struct job {
    struct req *req;
    const struct route *route;
    enum problem problem;
    sem_t done;
    struct job *next;
};

struct writer {
    const struct group *group;
    struct slot slot;
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

/* Runs a handler in the open transaction. A jump out of either arena ends
 * here, not in the thread that accepted the request. */
static void
run_job(struct writer *writer, struct job *job)
{
    struct req *req = job->req;
    jmp_buf *theirs = req->arena->exhausted;

    if (setjmp(writer->exhausted) == 0) {
        req->arena->exhausted = &writer->exhausted;
        writer->arena.exhausted = &writer->exhausted;
        serve_begin_reply(req);
        req->db = writer->slot.db;
        req->shared = writer->shared;
        job->problem = job->route->handle(req);
    } else {
        log_error("%s: out of memory", req->id);
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

static void
begin_shared(struct writer *writer)
{
    arena_reset(&writer->arena);
    memset(writer->shared, 0, writer->group->size);
    writer->group->begin(writer->shared, writer->slot.db, &writer->arena);
}

/* All of them in one transaction; false: it is undone, and none happened. */
static bool
run_together(struct writer *writer, struct job *jobs)
{
    begin_shared(writer);
    for (struct job *job = jobs; job != NULL; job = job->next) {
        run_job(writer, job);
        if (job->problem == P_UNAVAILABLE)
            return false;
    }
    return save(writer) && db_commit(writer->slot.db);
}

static void
refuse_all(struct job *jobs)
{
    for (struct job *job = jobs; job != NULL; job = job->next)
        job->problem = P_UNAVAILABLE;
}

/* Each in a transaction of its own. */
static void
run_apart(struct writer *writer, struct job *jobs)
{
    for (struct job *job = jobs, *next; job != NULL; job = next) {
        next = job->next;
        job->next = NULL;
        if (!slot_ready(&writer->slot, &writer->arena) ||
            !db_begin(writer->slot.db) || !run_together(writer, job))
            job->problem = P_UNAVAILABLE;
        slot_settle(&writer->slot, job->problem, job->req->id);
        job->next = next;
    }
}

static void
run_jobs(struct writer *writer, struct job *jobs)
{
    if (!slot_ready(&writer->slot, &writer->arena)) {
        refuse_all(jobs);
        return;
    }
    if (!db_begin(writer->slot.db)) {
        refuse_all(jobs);
        slot_settle(&writer->slot, P_UNAVAILABLE, jobs->req->id);
        return;
    }
    if (run_together(writer, jobs))
        return;
    slot_settle(&writer->slot, P_UNAVAILABLE, jobs->req->id);
    run_apart(writer, jobs);
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

static void *
write_jobs(void *context)
{
    struct writer *writer = context;
    struct job *jobs;

    while ((jobs = take_jobs(writer)) != NULL) {
        run_jobs(writer, jobs);
        for (struct job *job = jobs, *next; job != NULL; job = next) {
            next = job->next; /* the job is gone with its post */
            sem_post(&job->done);
        }
    }
    return NULL;
}

enum problem
writer_run(struct writer *writer, struct req *req, const struct route *route)
{
    struct job job = { .req = req, .route = route };

    if (!writer->threaded) {
        run_jobs(writer, &job);
        return job.problem;
    }
    sem_init(&job.done, 0, 0);
    pthread_mutex_lock(&writer->lock);
    *writer->last = &job;
    writer->last = &job.next;
    pthread_cond_signal(&writer->arrived);
    pthread_mutex_unlock(&writer->lock);
    while (sem_wait(&job.done) != 0)
        continue; /* a signal */
    sem_destroy(&job.done);
    return job.problem;
}

struct writer *
writer_start(const struct group *group, const struct slot *slot, bool threaded)
{
    struct writer *writer = calloc(1, sizeof(*writer));
    void *shared = calloc(1, group->size);

    if (writer == NULL || shared == NULL) {
        free(writer);
        free(shared);
        return NULL;
    }
    writer->group = group;
    writer->slot = *slot;
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
    slot_close(&writer->slot);
    pthread_cond_destroy(&writer->arrived);
    pthread_mutex_destroy(&writer->lock);
    arena_free(&writer->arena);
    free(writer->shared);
    free(writer);
}
