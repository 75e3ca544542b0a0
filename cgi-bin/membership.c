/*
 * The membership of a Space: its plan, the plans that there are, and what is
 * due when; bought, changed, cancelled and resumed by its owner at the payment
 * provider; and set by a platform that sells memberships itself, which grants
 * the period's included credits once.
 *
 * Calls to the provider are made outside any transaction. What was stored
 * before one stays, so the same key goes on where a lost reply left off.
 */
#include "membership.h"
#include "clock.h"
#include "cursor.h"
#include "limits.h"
#include "log.h"
#include "plan.h"
#include "serve.h"
#include "settle_membership.h"
#include "view.h"
#include "view_membership.h"

/* Of each process: as many as there are handles of the database, since a
 * thread keeps one while it waits for the provider. */
enum { THREADS = 4 };

/* Reading a membership asks the provider at most this often. */
static const int64_t ask_every_ms = 5 * SECOND_MS;

static struct membership_desk
desk_of(struct req *req)
{
    return (struct membership_desk){
        .db = req->db,
        .arena = req->arena,
        .config = req->config,
        .clock_ms = req->now,
        .page = arena_format(req->arena, "%s/settings/membership?space=%s",
                             req->config->base_url, req->space.slug),
    };
}

static enum problem
provider_unavailable(struct req *req, const struct membership_desk *desk)
{
    log_warning("the payment provider: %s",
                desk->why == NULL ? "-" : desk->why);
    req->details.retry_after_s = 5;
    req->details.detail = "The payment provider did not answer, and nothing "
                          "was charged. Try again in a moment.";
    return P_PAYMENT_PROVIDER_UNAVAILABLE;
}

static enum problem
problem_of(struct req *req, const struct membership_desk *desk,
           enum settle_result result)
{
    switch (result) {
    case SETTLE_OK: return P_NONE;
    case SETTLE_BROKEN: return P_UNAVAILABLE;
    case SETTLE_NOT_OURS:
    case SETTLE_REFUSED:
    case SETTLE_UNAVAILABLE: break;
    }
    return provider_unavailable(req, desk);
}

/* --- Reading. ------------------------------------------------------------- */

/* What is known of the Space's membership; the Space is read anew. */
struct picture {
    struct subscription_picture subscription;
    bool subscribed; /* there is one, or there was */
    struct membership_change checkout;
    bool checked_out;
};

static bool
load(struct req *req, struct picture *picture)
{
    enum subscription_result looked =
        subscription_look(req->db, req->arena, req->space.number, req->now,
                          &picture->subscription);
    enum membership_change_result last =
        membership_change_last_begun(req->db, req->arena, req->space.number,
                                     &picture->checkout);

    picture->subscribed = looked == SUBSCRIPTION_OK;
    picture->checked_out = last == MEMBERSHIP_CHANGE_OK;
    return looked != SUBSCRIPTION_BROKEN && last != MEMBERSHIP_CHANGE_BROKEN &&
           space_by_number(req->db, req->arena, req->space.number,
                           &req->space) == SPACE_OK;
}

/* Whether the provider may know more of it than we do. */
static bool
is_stale(const struct picture *picture, int64_t now)
{
    const struct subscription *subscription =
        &picture->subscription.subscription;

    return picture->subscribed && subscription->status != SUBSCRIPTION_ENDED &&
           (subscription->doubt ||
            subscription->status == SUBSCRIPTION_PAST_DUE ||
            subscription->period_end_ms <= now ||
            subscription->cancel_at <= now);
}

/* Asks the provider where it may know more, so a lost webhook heals on the
 * page. What it does not answer now is asked again at the next reading. */
static enum problem
heal(struct req *req, struct picture *picture)
{
    struct membership_desk desk = desk_of(req);
    struct subscription_applied applied;
    enum settle_result asked = SETTLE_OK;

    if (picture->checked_out &&
        picture->checkout.state == MEMBERSHIP_CHANGE_OPEN)
        asked = settle_membership_ask_change(&desk, &req->space,
                                             &picture->checkout, ask_every_ms);
    else if (is_stale(picture, req->now))
        asked = settle_membership_ask(&desk, &req->space,
                                      &picture->subscription.subscription,
                                      ask_every_ms, &applied);
    else
        return P_NONE;
    if (asked == SETTLE_BROKEN)
        return P_UNAVAILABLE;
    if (asked != SETTLE_OK)
        log_warning("the membership of %s could not be asked about: %s",
                    req->space.slug, desk.why == NULL ? "-" : desk.why);
    return load(req, picture) ? P_NONE : P_UNAVAILABLE;
}

/* The answer's members, into an object that is open. */
static enum problem
put_membership_of(struct req *req, struct json_out *out,
                  const struct picture *picture)
{
    struct membership_view view = {
        .space = &req->space,
        .picture = picture->subscribed ? &picture->subscription : NULL,
        .checkout = picture->checked_out ? &picture->checkout : NULL,
        .owner =
            req->caller.kind == CALLER_MEMBER && req->caller.role == ROLE_OWNER,
    };
    struct plan *plans;
    const char **owners;

    if (plan_list(req->db, req->arena, &plans, &view.plan_count) != PLAN_OK ||
        member_owners(req->db, req->arena, req->space.number, &owners,
                      &view.owner_count) != MEMBER_OK)
        return P_UNAVAILABLE;
    view.plans = plans;
    view.owners = owners;
    view_membership(out, &view);
    return P_NONE;
}

static enum problem
get_membership(struct req *req)
{
    struct picture picture;
    struct json_out out;
    enum problem refused = cursor_only(req, NULL);

    if (refused == P_NONE)
        refused = load(req, &picture) ? heal(req, &picture) : P_UNAVAILABLE;
    if (refused != P_NONE)
        return refused;
    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    refused = put_membership_of(req, &out, &picture);
    json_close_object(&out);
    return refused;
}

/* --- Buying and changing. ------------------------------------------------- */

/* The plan that is asked for: one that is sold here in the Space's currency. */
static enum problem
read_plan(struct req *req, struct plan *plan)
{
    struct json_reader reader;
    enum plan_result found;
    const char *id;

    if (!http_read(req, &reader))
        return P_INVALID_REQUEST;
    id = json_need_text(&reader, "plan", LIMIT_TEXT);
    if (!json_done(&reader))
        return P_INVALID_REQUEST;
    found = plan_find(req->db, req->arena, id, plan);
    if (found == PLAN_BROKEN)
        return P_UNAVAILABLE;
    if (found != PLAN_OK || strcmp(plan->currency, req->space.currency) != 0)
        json_refuse(&reader, "plan", "no plan of this Space has this id");
    else if (!plan->paid || plan->amount == 0)
        json_refuse(&reader, "plan",
                    "this plan is not sold; to leave a paid one, cancel it");
    else
        return P_NONE;
    return P_INVALID_REQUEST;
}

/* A subscription that is there at the provider and can be changed. */
static bool
is_live(const struct picture *picture)
{
    return picture->subscribed && picture->subscription.state.begun &&
           picture->subscription.subscription.status != SUBSCRIPTION_ENDED &&
           picture->subscription.state.ended_at == NEVER_MS;
}

/* What the change is, by what there is: when it counts and what is paid. More
 * counts and is paid at once; less begins with the next period, which is paid
 * at it; what was to come next is taken back by asking for what there is. */
static void
weigh(const struct picture *picture, const struct plan *plan,
      struct membership_change_ask *ask)
{
    const struct membership_state *state = &picture->subscription.state;
    const struct membership_terms *terms = state->terms;

    ask->subscription = picture->subscription.subscription.id;
    ask->past_due = state->status != SPACE_ACTIVE;
    ask->current = terms != NULL && strcmp(terms->plan, plan->id) == 0;
    if (terms == NULL || ask->current) {
        ask->current = ask->current && state->next == NULL;
        return;
    }
    ask->at_once = strcmp(terms->interval, plan->interval) != 0 ||
                   plan->amount > terms->amount;
    if (!ask->at_once && plan->amount < terms->amount &&
        state->period_end_ms != NEVER_MS)
        ask->effective_at = state->period_end_ms;
}

static bool
has_without_subscription(const struct req *req, const struct plan *plan)
{
    return (req->space.status == SPACE_ACTIVE ||
            req->space.status == SPACE_PAST_DUE) &&
           strcmp(req->space.plan, plan->id) == 0;
}

static enum problem
problem_of_change(struct req *req, enum membership_change_result result)
{
    switch (result) {
    case MEMBERSHIP_CHANGE_OK:
    case MEMBERSHIP_CHANGE_REPLAYED: return P_NONE;
    case MEMBERSHIP_CHANGE_KEY_REUSED: return P_IDEMPOTENCY_KEY_REUSED;
    case MEMBERSHIP_CHANGE_CURRENT:
        req->details.detail = "This Space is on this plan already.";
        return P_PLAN_IS_CURRENT;
    case MEMBERSHIP_CHANGE_PAST_DUE:
        req->details.detail = "The last renewal is not paid. Pay it first, "
                              "then change the plan.";
        return P_MEMBERSHIP_PAST_DUE;
    case MEMBERSHIP_CHANGE_OTHER_OPEN:
    case MEMBERSHIP_CHANGE_UNKNOWN:
    case MEMBERSHIP_CHANGE_BROKEN: break;
    }
    return P_UNAVAILABLE;
}

/* Stores the change, or finds the one that the key made; committed. */
static enum membership_change_result
store(struct req *req, const struct plan *plan, struct picture *picture,
      struct membership_change *change)
{
    struct membership_change_ask ask = { .plan = plan,
                                         .member = req->caller.member.number,
                                         .key = req->key,
                                         .clock_ms = req->now,
                                         .system_ms = clock_system_ms() };
    enum membership_change_result made;

    if (!db_begin(req->db) || !load(req, picture))
        return MEMBERSHIP_CHANGE_BROKEN;
    if (is_live(picture))
        weigh(picture, plan, &ask);
    else
        ask.current = has_without_subscription(req, plan);
    made = membership_change_create(req->db, req->arena, &req->space, &ask,
                                    change);
    if (made == MEMBERSHIP_CHANGE_OK)
        return db_commit(req->db) ? made : MEMBERSHIP_CHANGE_BROKEN;
    db_rollback(req->db);
    return made;
}

/* The same, where another change may be open: that one is ended first. Whoever
 * ends one tries to store its own after it, so of many that are asked for at
 * once one stays open. */
static enum problem
store_alone(struct req *req, const struct plan *plan, struct picture *picture,
            struct membership_change *change, bool *replayed)
{
    enum { TRIES = 4 };
    struct membership_desk desk = desk_of(req);

    for (int i = 1;; i++) {
        enum membership_change_result made = store(req, plan, picture, change);
        enum problem refused;

        *replayed = made == MEMBERSHIP_CHANGE_REPLAYED;
        if (made != MEMBERSHIP_CHANGE_OTHER_OPEN)
            return problem_of_change(req, made);
        if (i == TRIES) {
            req->details.retry_after_s = 5;
            return P_UNAVAILABLE;
        }
        refused =
            problem_of(req, &desk,
                       settle_membership_give_up(&desk, &req->space, change));
        if (refused != P_NONE)
            return refused;
    }
}

static enum problem
change_is_over(struct req *req)
{
    req->details.detail = "This change's time is over, or another choice has "
                          "ended it. Start again with a new key.";
    return P_ORDER_EXPIRED;
}

/* 201: the page to pay at. */
static enum problem
answer_checkout(struct req *req, struct membership_change *change,
                bool replayed)
{
    struct membership_desk desk = desk_of(req);
    struct json_out out;

    if (change->payment_url == NULL) {
        enum problem refused;

        if (change->state != MEMBERSHIP_CHANGE_OPEN ||
            clock_system_ms() >= change->expires_at)
            return change_is_over(req);
        refused =
            problem_of(req, &desk,
                       settle_membership_open(&desk, &req->space, change));
        if (refused != P_NONE)
            return refused;
        if (change->payment_url == NULL ||
            change->state != MEMBERSHIP_CHANGE_OPEN)
            return change_is_over(req);
        replayed = false;
    }
    if (replayed)
        http_header(req, "Idempotency-Replayed", "true");
    http_json(req, 201, &out);
    json_open_object(&out, NULL);
    json_put_text(&out, "payment_url", change->payment_url);
    json_close_object(&out);
    return P_NONE;
}

/* 200: there is nothing to pay on a page; what the change was stays so. */
static enum problem
answer_switch(struct req *req, const struct picture *picture,
              struct membership_change *change, bool replayed)
{
    struct membership_desk desk = desk_of(req);
    struct json_out out;
    bool declined;

    if (change->state == MEMBERSHIP_CHANGE_OPEN) {
        enum settle_result done =
            settle_membership_switch(&desk, &req->space,
                                     &picture->subscription.subscription,
                                     change, &declined);

        if (done == SETTLE_REFUSED && declined) {
            req->details.detail = "The card was declined. The plan stays as "
                                  "it is, and nothing was charged.";
            return P_PAYMENT_DECLINED;
        }
        if (done != SETTLE_OK)
            return problem_of(req, &desk, done);
        replayed = false;
    }
    if (change->state != MEMBERSHIP_CHANGE_DONE)
        return P_ORDER_EXPIRED;
    if (replayed)
        http_header(req, "Idempotency-Replayed", "true");
    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    json_put_null(&out, "payment_url");
    json_open_object(&out, "change");
    json_put_text(&out, "id", change->id);
    json_put_text(&out, "plan", change->terms.plan);
    json_put_integer(&out, "amount", change->terms.amount);
    json_put_text(&out, "currency", change->terms.currency);
    json_put_text(&out, "interval", change->terms.interval);
    json_put_time(&out, "effective_at", change->terms.effective_at);
    json_close_object(&out);
    json_close_object(&out);
    return P_NONE;
}

static enum problem
post_membership(struct req *req)
{
    struct membership_change change;
    struct picture picture;
    struct plan plan;
    bool replayed;
    enum problem refused = read_plan(req, &plan);

    if (refused == P_NONE)
        refused = store_alone(req, &plan, &picture, &change, &replayed);
    if (refused != P_NONE)
        return refused;
    return change.begins ? answer_checkout(req, &change, replayed)
                         : answer_switch(req, &picture, &change, replayed);
}

/* --- Cancelling and resuming. --------------------------------------------- */

static enum problem
set_cancelled(struct req *req, bool cancel)
{
    struct membership_desk desk = desk_of(req);
    const struct subscription *subscription;
    struct picture picture;
    struct json_out out;
    enum problem refused;

    if (!load(req, &picture))
        return P_UNAVAILABLE;
    if (!is_live(&picture)) {
        req->details.detail = "No membership of this Space is paid here. Who "
                              "runs the platform can change it.";
        return P_NOT_SUBSCRIBED;
    }
    subscription = &picture.subscription.subscription;
    if ((subscription->cancel_at != NEVER_MS) != cancel) {
        refused = problem_of(
            req, &desk,
            settle_membership_cancel(&desk, &req->space, subscription, cancel,
                                     arena_format(req->arena, "cancel-%s-%s",
                                                  subscription->id, req->id)));
        if (refused != P_NONE)
            return refused;
        if (!load(req, &picture))
            return P_UNAVAILABLE;
    }
    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    json_open_object(&out, "membership");
    refused = put_membership_of(req, &out, &picture);
    json_close_object(&out);
    json_close_object(&out);
    return refused;
}

static enum problem
delete_membership(struct req *req)
{
    return set_cancelled(req, true);
}

static enum problem
post_resume(struct req *req)
{
    return set_cancelled(req, false);
}

/* --- Set by a platform. --------------------------------------------------- */

static bool
read_membership(struct req *req, struct json_reader *reader,
                struct membership *membership)
{
    if (!http_read(req, reader))
        return false;
    membership->plan = json_need_text(reader, "plan", LIMIT_TEXT);
    membership->period_start_ms = json_need_time(reader, "period_start");
    membership->period_end_ms = json_need_time(reader, "period_end");
    if (req->details.faults == NULL &&
        membership->period_end_ms <= membership->period_start_ms)
        json_refuse(reader, "period_end", "comes after period_start");
    return json_done(reader);
}

static enum problem
refuse(struct req *req, struct json_reader *reader,
       enum membership_result result)
{
    switch (result) {
    case MEMBERSHIP_PERIOD_TAKEN:
        req->details.detail = "That period was allocated other credits. "
                              "Nothing was done.";
        return P_PERIOD_ALLOCATED;
    case MEMBERSHIP_UNKNOWN_PLAN:
        json_refuse(reader, "plan", "there is no such plan");
        return P_INVALID_REQUEST;
    case MEMBERSHIP_LIMIT: return P_BALANCE_LIMIT;
    default: return P_UNAVAILABLE;
    }
}

static enum problem
reply(struct req *req, struct wallet *wallet, const struct event *event)
{
    struct view view = { .db = req->db,
                         .arena = req->arena,
                         .space = req->space.number };
    const struct space *space = &req->space;
    struct json_out out;

    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    json_open_object(&out, "membership");
    json_put_text(&out, "plan", space->plan);
    json_put_text(&out, "status", space_status_text(space->status));
    json_put_time(&out, "period_start", space->period_start_ms);
    json_put_time(&out, "period_end", space->period_end_ms);
    json_close_object(&out);
    if (event->seq == 0)
        json_put_null(&out, "event");
    else if (!view_event(&view, &out, "event", event))
        return P_UNAVAILABLE;
    view_balance_short(&out, "balance", wallet->held, wallet->total);
    json_close_object(&out);
    return P_NONE;
}

static enum problem
put_membership(struct req *req)
{
    struct json_reader reader;
    struct membership membership;
    struct wallet wallet;
    struct event event;
    enum membership_result done;
    enum problem answered;
    int64_t now;

    if (!read_membership(req, &reader, &membership))
        return P_INVALID_REQUEST;
    if (!db_begin(req->db) || ledger_lock(req->db, req->arena, &req->space,
                                          req->now, &wallet, &now) != LEDGER_OK)
        return P_UNAVAILABLE;
    done = membership_set(req->db, req->arena, &req->space, &wallet,
                          &membership, now, &event);
    if (done > MEMBERSHIP_REPEATED)
        return refuse(req, &reader, done);
    if (ledger_save(req->db, req->arena, &wallet) != LEDGER_OK)
        return P_UNAVAILABLE;
    answered = reply(req, &wallet, &event);
    if (answered != P_NONE)
        return answered;
    return db_commit(req->db) ? P_NONE : P_UNAVAILABLE;
}

int
main(void)
{
    static const struct route routes[] = {
        { HTTP_GET, "/api/v1/spaces/{}/membership",
          GATE_MEMBER | GATE_KEY | GATE_SPACE, SCOPE_READ, get_membership },
        { HTTP_POST, "/api/v1/spaces/{}/membership",
          GATE_MEMBER | GATE_SPACE | GATE_CSRF | GATE_OWNER | GATE_JSON |
              GATE_IDEMPOTENT,
          0, post_membership },
        { HTTP_DELETE, "/api/v1/spaces/{}/membership",
          GATE_MEMBER | GATE_SPACE | GATE_CSRF | GATE_OWNER, 0,
          delete_membership },
        { HTTP_POST, "/api/v1/spaces/{}/membership/resume",
          GATE_MEMBER | GATE_SPACE | GATE_CSRF | GATE_OWNER, 0, post_resume },
        { HTTP_PUT, "/api/v1/spaces/{}/membership",
          GATE_KEY | GATE_SPACE | GATE_JSON, SCOPE_PROVISION, put_membership },
        { .pattern = NULL },
    };
    static const struct program program = { .name = "membership",
                                            .routes = routes,
                                            .threads = THREADS };

    return serve(&program);
}
