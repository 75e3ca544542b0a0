/*
 * Metering: what the platform's features hold, capture, release and refund,
 * and what it grants. One process with several threads; its writes share
 * transactions (lib/serve.h), so a handler decides on the Space's wallet in
 * memory, keeps its idempotency key, and leaves the saving to the group.
 *
 * The order within a handler is the order of refusals: input, a used key,
 * then what the decision says. A refusal has written nothing.
 */
#include "meter/handlers.h"

/* As many as a commit may have waiting for it. */
#define THREADS 64

#define READS  (GATE_KEY | GATE_SPACE)
#define WRITES (READS | GATE_JSON | GATE_GROUP)
#define MAKES  (WRITES | GATE_IDEMPOTENT)

int
main(void)
{
    static const struct route routes[] = {
        { HTTP_POST, "/api/v1/spaces/{}/holds", MAKES, SCOPE_METER,
          meter_post_hold },
        { HTTP_GET, "/api/v1/spaces/{}/holds", READS, SCOPE_METER | SCOPE_READ,
          meter_get_holds },
        { HTTP_GET, "/api/v1/spaces/{}/holds/{}", READS,
          SCOPE_METER | SCOPE_READ, meter_get_hold },
        { HTTP_POST, "/api/v1/spaces/{}/holds/{}/capture", MAKES, SCOPE_METER,
          meter_post_capture_of_hold },
        { HTTP_POST, "/api/v1/spaces/{}/holds/{}/release", WRITES, SCOPE_METER,
          meter_post_release },
        { HTTP_POST, "/api/v1/spaces/{}/captures", MAKES, SCOPE_METER,
          meter_post_capture },
        { HTTP_POST, "/api/v1/captures/batch",
          GATE_KEY | GATE_JSON | GATE_GROUP | GATE_LARGE, SCOPE_METER,
          meter_post_batch },
        { HTTP_POST, "/api/v1/spaces/{}/refunds", MAKES, SCOPE_METER,
          meter_post_refund },
        { HTTP_POST, "/api/v1/spaces/{}/grants", MAKES, SCOPE_GRANT,
          meter_post_grant },
        { HTTP_GET, "/api/v1/spaces/{}/balance", READS,
          SCOPE_METER | SCOPE_READ, meter_get_balance },
        { .pattern = NULL },
    };
    static const struct program program = { .name = "meter",
                                            .routes = routes,
                                            .threads = THREADS,
                                            .group = &meter_group };

    return serve(&program);
}
