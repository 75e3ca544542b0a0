/*
 * The loop around every program; see serve.h. All that a request touches is
 * in a struct worker, of which a program with several threads would have
 * several. What a request made is undone here unless it was committed, and
 * nothing is sent before that is known.
 */
#include "serve.h"

#include <sys/stat.h>

#include "clock.h"
#include "ledger_sql.h"
#include "limits.h"
#include "log.h"
#include "serve_io.h"
#include "site_clock.h"

/* What most requests need; larger ones take more and give it back. */
#define ARENA_BLOCK ((size_t)64 * 1024)
/* A plain CGI process reads the whole log of writes anew: keep it short. */
#define CGI_WAL_PAGES 200
/* A database that is missing is told of this often. */
#define COMPLAIN_MS (10 * SECOND_MS)
#define TRIES_MAX   3

struct worker {
    const struct program *program;
    const struct config *config;
    const struct db_set *set;
    const char *url;
    bool fastcgi;

    struct db *db; /* NULL: not open */
    bool current;  /* its schema fits */
    int64_t complained_ms;

    struct arena arena;  /* of the request */
    struct arena pieces; /* of a streamed piece */
    jmp_buf exhausted;

    /* The request in hand. */
    struct serve_io *io;
    char id[SERVE_ID_SIZE];
    struct req req;
    const struct route *route;
    enum form_state form;
    bool is_head;
    int64_t began_ms;
    struct serve_sent sent;
};

/* --- The database -------------------------------------------------------- */

static bool
complain(struct worker *worker, const char *why)
{
    int64_t now_ms = clock_monotonic_ms();

    if (worker->complained_ms == 0 ||
        now_ms - worker->complained_ms >= COMPLAIN_MS)
        log_error("no database: %s", why);
    worker->complained_ms = now_ms;
    return false;
}

/* Whether there is a database whose schema fits. Tried anew with every
 * request until it is so: `scrip init` may come after us. */
static bool
is_ready(struct worker *worker)
{
    const char *why = NULL;

    if (worker->current)
        return true;
    if (worker->db == NULL) {
        worker->db =
            db_open(worker->url, worker->set, false, &worker->arena, &why);
        if (worker->db == NULL)
            return complain(worker, why);
        if (!worker->fastcgi)
            db_set_checkpoint(worker->db, CGI_WAL_PAGES);
    }
    worker->current = db_current(worker->db);
    if (!worker->current)
        return complain(worker, "its schema is older than this program");
    return true;
}

/* A handle that failed in a way of which no retry helps is opened anew:
 * perhaps the file was replaced. */
static void
look_after_database(struct worker *worker, enum problem problem)
{
    if (worker->db == NULL)
        return;
    db_rollback(worker->db);
    if (problem != P_UNAVAILABLE)
        return;
    log_error("%s: %s", worker->id, db_why(worker->db));
    if (db_last(worker->db) != DB_BROKEN)
        return;
    db_close(worker->db);
    worker->db = NULL;
    worker->current = false;
}

/* --- One request --------------------------------------------------------- */

static void
begin_reply(struct req *req)
{
    req->reply =
        (struct reply){ .status = 200, .content_type = "application/json" };
    buf_init(&req->reply.body, req->arena, LIMIT_REPLY);
    req->details = (struct problem_details){ .detail = NULL };
}

static bool
is_worth_another(struct worker *worker, enum problem problem, int tries)
{
    return problem == P_UNAVAILABLE && tries < TRIES_MAX &&
           !(worker->route->gates & GATE_ONCE) &&
           db_last(worker->db) == DB_BUSY &&
           clock_monotonic_ms() - worker->began_ms < LIMIT_TURN_MS;
}

static enum problem
handle(struct worker *worker)
{
    struct req *req = &worker->req;
    enum problem problem;
    int tries = 0;

    do {
        db_rollback(worker->db);
        begin_reply(req);
        problem = worker->route->handle(req);
        tries++;
    } while (is_worth_another(worker, problem, tries));
    return problem;
}

static size_t
body_max(const struct route *route)
{
    return route != NULL && (route->gates & GATE_LARGE) ? LIMIT_BODY_LARGE
                                                        : LIMIT_BODY;
}

/* From the variables to the reply; what it came to. */
static enum problem
run(struct worker *worker)
{
    struct req *req = &worker->req;
    enum problem problem = P_NOT_FOUND;
    bool readable;

    begin_reply(req);
    readable = serve_request(req, worker->io, worker->id, &worker->is_head,
                             &worker->form);
    if (readable)
        worker->route = route_find(req, worker->program->routes, &problem);
    serve_body(req, worker->io, body_max(worker->route), &worker->form);
    if (!readable)
        return P_INVALID_REQUEST;
    if (worker->route == NULL)
        return problem;
    if (!is_ready(worker))
        return P_UNAVAILABLE;
    req->db = worker->db;
    problem = gate_check(req, worker->route, worker->form);
    if (problem != P_NONE)
        return problem;
    req->now = clock_system_ms();
    if (worker->program->set == NULL &&
        !site_clock_now(req->db, req->arena, req->config->sandbox, &req->now))
        return P_UNAVAILABLE;
    return handle(worker);
}

static void
log_request(const struct worker *worker)
{
    static const char *const callers[] = { "-", "member", "key" };
    const struct req *req = &worker->req;

    log_info("%s %s %d %lldms %zuB%s %s %s", worker->id,
             callers[req->caller.kind], worker->sent.status,
             (long long)(clock_monotonic_ms() - worker->began_ms),
             worker->sent.bytes, worker->sent.whole ? "" : " cut",
             worker->is_head ? "HEAD" : http_method_text(req->method),
             req->path);
}

static void
run_and_send(struct worker *worker)
{
    enum problem problem = run(worker);

    look_after_database(worker, problem);
    worker->req.db = worker->db;
    serve_reply(&worker->req, worker->io, worker->route, problem,
                worker->is_head, &worker->pieces, &worker->sent);
    log_request(worker);
}

/* Memory ran out somewhere in run_and_send(). Nothing was sent, or the
 * status would be known; then the answer can only be broken off. */
static void
send_exhausted(struct worker *worker)
{
    struct req *req = &worker->req;

    log_error("%s: out of memory", worker->id);
    if (worker->db != NULL)
        db_rollback(worker->db);
    if (worker->sent.status != 0) {
        worker->io->cut(worker->io);
        return;
    }
    arena_reset(&worker->arena);
    *req = (struct req){ .arena = &worker->arena,
                         .config = worker->config,
                         .id = worker->id,
                         .method = req->method,
                         .path = "" };
    begin_reply(req);
    serve_reply(req, worker->io, worker->route, P_UNAVAILABLE, worker->is_head,
                &worker->pieces, &worker->sent);
    log_request(worker);
}

static void
answer(struct serve_io *io, void *context)
{
    struct worker *worker = context;

    worker->io = io;
    worker->id[0] = '\0';
    worker->route = NULL;
    worker->form = FORM_OK;
    worker->is_head = false;
    worker->began_ms = clock_monotonic_ms();
    worker->sent = (struct serve_sent){ .status = 0 };
    worker->req = (struct req){ .arena = &worker->arena,
                                .config = worker->config,
                                .path = "" };
    if (setjmp(worker->exhausted) == 0) {
        worker->arena.exhausted = &worker->exhausted;
        worker->pieces.exhausted = &worker->exhausted;
        run_and_send(worker);
    } else {
        /* What is needed now comes from a block that is there. */
        worker->arena.exhausted = NULL;
        send_exhausted(worker);
    }
    worker->arena.exhausted = NULL;
    worker->pieces.exhausted = NULL;
    if (worker->db != NULL)
        db_rollback(worker->db);
    arena_reset(&worker->pieces);
    arena_reset(&worker->arena);
}

/* --- Starting ------------------------------------------------------------ */

/* Other sets of queries have no members, keys and Spaces. */
static void
check_routes(const struct program *program)
{
    for (const struct route *at = program->routes; at->pattern != NULL; at++)
        assert(program->set == NULL ||
               !(at->gates & (GATE_MEMBER | GATE_KEY | GATE_SPACE)));
}

int
serve(const struct program *program)
{
    static struct worker worker;
    struct serve_handler handler = { .answer = answer, .context = &worker };
    struct arena settings;
    struct config config;
    const char *why;
    int code;

    umask(S_IRWXG | S_IRWXO);
    log_name(program->name);
    check_routes(program);
    arena_init(&settings, ARENA_BLOCK, LIMIT_ARENA);
    if (!config_load(&config, &settings, &why)) {
        log_error("%s", why);
        return 1;
    }
    if (program->start != NULL && !program->start(&config))
        return 1;
    worker = (struct worker){
        .program = program,
        .config = &config,
        .set = program->set == NULL ? &ledger_set : program->set,
        .url = program->database == NULL
                   ? config.database
                   : arena_format(&settings, "sqlite:%s/%s", config.home,
                                  program->database),
        .fastcgi = serve_is_fastcgi(),
    };
    arena_init(&worker.arena, ARENA_BLOCK, LIMIT_ARENA);
    arena_init(&worker.pieces, ARENA_BLOCK, LIMIT_ARENA);
    code = worker.fastcgi ? serve_fastcgi(&handler) : serve_cgi(&handler);
    db_close(worker.db);
    arena_free(&worker.pieces);
    arena_free(&worker.arena);
    arena_free(&settings);
    return code;
}
