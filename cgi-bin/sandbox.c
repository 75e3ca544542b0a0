/*
 * The payment provider's double (lib/sandbox). On an origin of its own, as
 * the provider has one, or below /sandbox/ where a host has one origin only;
 * not a part of a site that takes real money.
 */
#include "sandbox/sandbox.h"

#include "sandbox/api.h"
#include "sandbox/control.h"
#include "sandbox/page.h"
#include "sandbox/pay.h"
#include "sandbox_sql.h"
#include "serve.h"

static const struct route routes[] = {
    { HTTP_GET, "/v1/*", 0, 0, api_serve },
    { HTTP_POST, "/v1/*", GATE_ANY_BODY | GATE_LARGE, 0, api_serve },
    { HTTP_DELETE, "/v1/*", GATE_ANY_BODY, 0, api_serve },
    { HTTP_GET, "/pay/{}", 0, 0, pay_show },
    { HTTP_POST, "/pay/{}", GATE_ANY_BODY, 0, pay_take },
    { HTTP_GET, "/pay/{}/confirm", 0, 0, pay_ask },
    { HTTP_POST, "/pay/{}/confirm", GATE_ANY_BODY, 0, pay_confirm },
    { HTTP_GET, "/receipts/{}", 0, 0, pay_receipt },
    { HTTP_GET, "/control", 0, 0, control_show },
    { HTTP_POST, "/control", GATE_JSON, 0, control_pull },
    { HTTP_GET, "/sandbox.css", 0, 0, page_style },
    { HTTP_GET, "/", 0, 0, page_home },
    { HTTP_OTHER, NULL, 0, 0, NULL },
};

int
main(void)
{
    static const struct program program = {
        .name = "sandbox",
        .routes = routes,
        .set = &sandbox_set,
        .database = "sandbox.db",
        .start = sandbox_start,
        .provider = true,
    };
    int code = serve(&program);

    sandbox_stop();
    return code;
}
