/*
 * The loop around every program; see serve.h. All that a request touches is
 * in a struct worker, of which a program with several threads has several. What a request made is undone here unless it was committed, and
 * nothing is sent before that is known.
 */
#include "serve.h"

#include <malloc.h>
#include <signal.h>
#include <sys/stat.h>

#include "clock.h"
#include "ledger_sql.h"
#include "limits.h"
#include "log.h"
#include "serve_group.h"
#include "serve_io.h"
#include "serve_slot.h"
#include "site_clock.h"

/* What most requests need; larger ones take more and give it back. */
#define ARENA_BLOCK ((size_t)64 * 1024)
/* A plain CGI process reads the whole log of writes anew: keep it short. */
#define CGI_WAL_PAGES 50

struct worker {
    const struct program *program;
    const struct config *config;
    struct slots *slots;
    struct writer *writer; /* NULL: the program has no group */
    struct slot *slot;     /* NULL: none is taken */

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

static void
take_slot(struct worker *worker)
{
    worker->slot = slots_take(worker->slots);
}

/* Undoes what was not committed, and lets another thread have the handle. */
static void
give_slot(struct worker *worker, enum problem problem)
{
    if (worker->slot == NULL)
        return;
    slot_settle(worker->slot, problem, worker->id);
    slots_give(worker->slots, worker->slot);
    worker->slot = NULL;
    worker->req.db = NULL;
}

/* --- One request --------------------------------------------------------- */

static const char *
base_of(const struct worker *worker)
{
    return worker->program->provider ? worker->config->sandbox_path
                                     : worker->config->base_path;
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

    serve_begin_reply(req);
    readable = serve_request(req, worker->io, worker->id, &worker->is_head,
                             &worker->form);
    if (readable)
        worker->route = route_find(req, worker->program->routes, &problem);
    serve_body(req, worker->io, body_max(worker->route), &worker->form);
    if (!readable)
        return P_INVALID_REQUEST;
    if (worker->route == NULL)
        return problem;
    take_slot(worker);
    if (!slot_ready(worker->slot, &worker->arena))
        return P_UNAVAILABLE;
    req->db = worker->slot->db;
    problem = gate_check(req, worker->route, worker->form);
    if (problem != P_NONE)
        return problem;
    if (worker->route->gates & GATE_GROUP) {
        give_slot(worker, P_NONE);
        return writer_run(worker->writer, req, worker->route);
    }
    req->now = clock_system_ms();
    if (worker->program->set == NULL &&
        !site_clock_now(req->db, req->arena, req->config->sandbox, &req->now))
        return P_UNAVAILABLE;
    return worker->route->handle(req);
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

    /* A stream goes on reading while it is sent. */
    if (problem != P_NONE || worker->req.reply.stream == NULL)
        give_slot(worker, problem);
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
    give_slot(worker, P_NONE);
    if (worker->sent.status != 0) {
        worker->io->cut(worker->io);
        return;
    }
    arena_reset(&worker->arena);
    *req = (struct req){ .arena = &worker->arena,
                         .config = worker->config,
                         .id = worker->id,
                         .base = base_of(worker),
                         .method = req->method,
                         .path = "" };
    serve_begin_reply(req);
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
                                .base = base_of(worker),
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
    give_slot(worker, P_NONE);
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

/* All of a program that is running. */
struct server {
    const struct program *program;
    struct config config;
    bool fastcgi;
    struct slot like; /* of this database */
    struct slots slots;
    struct writer *writer;
    struct worker *workers;
    struct serve_handler *handlers;
    int count;
};

/* What has to wait until signals are blocked, or until there was a fork. */
static bool
start_writer(void *context)
{
    struct server *server = context;

    if (server->program->group == NULL)
        return true;
    server->writer =
        writer_start(server->program->group,
                     server->fastcgi ? &server->like : &server->slots.list[0],
                     server->fastcgi);
    for (int i = 0; i < server->count; i++)
        server->workers[i].writer = server->writer;
    return server->writer != NULL;
}

static bool
make_workers(struct server *server)
{
    size_t count = (size_t)server->count;

    server->workers = calloc(count, sizeof(*server->workers));
    server->handlers = calloc(count, sizeof(*server->handlers));
    if (server->workers == NULL || server->handlers == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        struct worker *worker = &server->workers[i];

        worker->program = server->program;
        worker->config = &server->config;
        worker->slots = &server->slots;
        arena_init(&worker->arena, ARENA_BLOCK, LIMIT_ARENA);
        arena_init(&worker->pieces, ARENA_BLOCK, LIMIT_ARENA);
        server->handlers[i] =
            (struct serve_handler){ .answer = answer, .context = worker };
    }
    return true;
}

static int
run_server(struct server *server)
{
    int code = 1;

    if (server->fastcgi)
        code = serve_fastcgi(server->handlers, server->count, start_writer,
                             server);
    else if (start_writer(server))
        code = serve_cgi(server->handlers);
    return code;
}

/* Not of plain CGI: its process ends here, and with it all that it has. What
 * was committed is on the disk, what was not has been rolled back. */
static void
free_server(struct server *server)
{
    writer_stop(server->writer);
    for (int i = 0; server->workers != NULL && i < server->count; i++) {
        arena_free(&server->workers[i].pieces);
        arena_free(&server->workers[i].arena);
    }
    free(server->workers);
    free(server->handlers);
    slots_close(&server->slots);
}

/* glibc keeps what one large request took for good: its threshold for giving
 * memory back grows with every block that is freed, unless it is set. */
static void
give_back_memory(void)
{
#ifdef M_MMAP_THRESHOLD
    mallopt(M_MMAP_THRESHOLD, 2 * (int)ARENA_BLOCK);
#endif
}

int
serve(const struct program *program)
{
    static struct server server;
    static struct arena settings; /* as long as the program */
    const char *why;
    int code = 1;

    umask(S_IRWXG | S_IRWXO);
    /* A file that may not grow any more is an error to be told, not death. */
    signal(SIGXFSZ, SIG_IGN);
    give_back_memory();
    log_name(program->name);
    check_routes(program);
    server =
        (struct server){ .program = program, .fastcgi = serve_is_fastcgi() };
    server.count =
        server.fastcgi && program->threads > 1 ? program->threads : 1;
    arena_init(&settings, ARENA_BLOCK, LIMIT_ARENA);
    if (!config_load(&server.config, &settings, &why)) {
        log_error("%s", why);
        return 1;
    }
    if (program->start != NULL && !program->start(&server.config))
        return 1;
    server.like = (struct slot){
        .url = program->database == NULL
                   ? server.config.database
                   : arena_format(&settings, "sqlite:%s/%s", server.config.home,
                                  program->database),
        .set = program->set == NULL ? &ledger_set : program->set,
        .checkpoint_pages = server.fastcgi ? 0 : CGI_WAL_PAGES,
    };
    slots_init(&server.slots, &server.like, server.count);
    if (make_workers(&server))
        code = run_server(&server);
    if (server.fastcgi)
        free_server(&server);
    return code;
}
