/*
 * url.h: the addresses that operators may set, and those that would be
 * something else in a cookie, in nginx's configuration or to a browser.
 */
#include "url.h"

#include "tap.h"

static struct arena arena;

static const struct {
    const char *in;
    const char *origin; /* NULL: refused */
    const char *path;
    const char *host;
    int port;
} urls[] = {
    { "http://a.example", "http://a.example", "", "a.example", 80 },
    { "https://a.example", "https://a.example", "", "a.example", 443 },
    { "https://a.example/", "https://a.example", "", "a.example", 443 },
    { "HTTPS://A.Example/B", "https://a.example", "/B", "a.example", 443 },
    { "https://a.example:443", "https://a.example", "", "a.example", 443 },
    { "http://a.example:443", "http://a.example:443", "", "a.example", 443 },
    { "http://a.example:80/x", "http://a.example", "/x", "a.example", 80 },
    { "https://a.example:8443/x/y/", "https://a.example:8443", "/x/y",
      "a.example", 8443 },
    { "http://127.0.0.1:8080", "http://127.0.0.1:8080", "", "127.0.0.1", 8080 },
    { "http://[::1]:8080", "http://[::1]:8080", "", "[::1]", 8080 },
    { "http://[2001:DB8::1]", "http://[2001:db8::1]", "", "[2001:db8::1]", 80 },
    { "https://a.example/~user/credits-1.0_x", "https://a.example",
      "/~user/credits-1.0_x", "a.example", 443 },
    { "https://xn--bcher-kva.example", "https://xn--bcher-kva.example", "",
      "xn--bcher-kva.example", 443 },
    { "https://az.09-AZ/az/AZ/09", "https://az.09-az", "/az/AZ/09", "az.09-az",
      443 },
    { "https://a.example/.b/c./..d/...", "https://a.example", "/.b/c./..d/...",
      "a.example", 443 },
    { "http://localhost", "http://localhost", "", "localhost", 80 },

    { "", NULL, NULL, NULL, 0 },
    { "a.example", NULL, NULL, NULL, 0 },
    { "//a.example", NULL, NULL, NULL, 0 },
    { "ftp://a.example", NULL, NULL, NULL, 0 },
    { "javascript:alert(1)", NULL, NULL, NULL, 0 },
    { "http:/a.example", NULL, NULL, NULL, 0 },
    { "http://", NULL, NULL, NULL, 0 },
    { "http:///x", NULL, NULL, NULL, 0 },
    { "http://:80", NULL, NULL, NULL, 0 },
    { " http://a.example", NULL, NULL, NULL, 0 },
    { "http://a.example ", NULL, NULL, NULL, 0 },
    { "http://a b.example", NULL, NULL, NULL, 0 },
    { "http://user@a.example", NULL, NULL, NULL, 0 },
    { "http://user:pass@a.example", NULL, NULL, NULL, 0 },
    { "http://a.example:", NULL, NULL, NULL, 0 },
    { "http://a.example:0", NULL, NULL, NULL, 0 },
    { "http://a.example:65536", NULL, NULL, NULL, 0 },
    { "http://a.example:080", NULL, NULL, NULL, 0 },
    { "http://a.example:80:80", NULL, NULL, NULL, 0 },
    { "http://a.example:8 0", NULL, NULL, NULL, 0 },
    { "http://.a.example", NULL, NULL, NULL, 0 },
    { "http://a..example", NULL, NULL, NULL, 0 },
    { "http://a.example.", NULL, NULL, NULL, 0 },
    { "http://-a.example", NULL, NULL, NULL, 0 },
    { "http://a-.example", NULL, NULL, NULL, 0 },
    { "http://a_b.example", NULL, NULL, NULL, 0 },
    { "http://b\xc3\xbc"
      "cher.example",
      NULL, NULL, NULL, 0 },
    { "http://::1", NULL, NULL, NULL, 0 },
    { "http://[::1", NULL, NULL, NULL, 0 },
    { "http://[]", NULL, NULL, NULL, 0 },
    { "http://[::g]", NULL, NULL, NULL, 0 },
    { "http://[fe80::1%25eth0]", NULL, NULL, NULL, 0 },
    { "http://[::1]x", NULL, NULL, NULL, 0 },
    { "http://[::1]x:80", NULL, NULL, NULL, 0 },
    { "http://[127.0.0.1]", NULL, NULL, NULL, 0 },
    { "http://a.example?b", NULL, NULL, NULL, 0 },
    { "http://a.example/?b", NULL, NULL, NULL, 0 },
    { "http://a.example#b", NULL, NULL, NULL, 0 },
    { "http://a.example/#b", NULL, NULL, NULL, 0 },
    { "http://a.example//", NULL, NULL, NULL, 0 },
    { "http://a.example//b", NULL, NULL, NULL, 0 },
    { "http://a.example/b//c", NULL, NULL, NULL, 0 },
    { "http://a.example/.", NULL, NULL, NULL, 0 },
    { "http://a.example/./b", NULL, NULL, NULL, 0 },
    { "http://a.example/b/..", NULL, NULL, NULL, 0 },
    { "http://a.example/../b", NULL, NULL, NULL, 0 },
    { "http://a.example/b%2Fc", NULL, NULL, NULL, 0 },
    { "http://a.example/b;c", NULL, NULL, NULL, 0 },
    { "http://a.example/b{c}", NULL, NULL, NULL, 0 },
    { "http://a.example/b\"c", NULL, NULL, NULL, 0 },
    { "http://a.example/b$c", NULL, NULL, NULL, 0 },
    { "http://a.example/b\\c", NULL, NULL, NULL, 0 },
    { "http://a.example\\@b.example", NULL, NULL, NULL, 0 },
    { "http://a.example/b\nc", NULL, NULL, NULL, 0 },
};

static void
parsing(void)
{
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        struct url url;
        bool fine = url_parse(&url, &arena, urls[i].in);

        if (!ok(fine == (urls[i].origin != NULL), "\"%s\" is %s", urls[i].in,
                urls[i].origin != NULL ? "an address" : "refused") ||
            !fine)
            continue;
        is_text(url.origin, urls[i].origin, "its origin");
        is_text(url.path, urls[i].path, "its path");
        is_text(url.host, urls[i].host, "its host");
        is_int(url.port, urls[i].port, "its port");
        is_text(url.text,
                arena_format(&arena, "%s%s", urls[i].origin, urls[i].path),
                "and all of it");
        ok(url_parse(&url, &arena, url.text) &&
               strcmp(url.origin, urls[i].origin) == 0,
           "which is read as the same");
    }
}

static void
lengths(void)
{
    char text[400] = "http://";
    struct url url;

    memset(text + 7, 'a', 253);
    ok(url_parse(&url, &arena, text), "a host of 253 characters");
    memset(text + 7, 'a', 254);
    ok(!url_parse(&url, &arena, text), "and none of 254");
}

static const struct {
    const char *host;
    bool loopback, address;
} hosts[] = {
    { "127.0.0.1", true, true },
    { "127.0.0.0", true, true },
    { "127.255.255.255", true, true },
    { "128.0.0.1", false, true },
    { "126.255.255.255", false, true },
    { "0.0.0.0", false, true },
    { "1.0.0.127", false, true },
    { "[::1]", true, true },
    { "::1", true, false },
    { "[0:0:0:0:0:0:0:1]", true, true },
    { "[::]", false, true },
    { "[::ffff:127.0.0.1]", false, true },
    { "localhost", true, false },
    { "LOCALHOST", true, false },
    { "localhost.", false, false },
    { "a.localhost", false, false },
    { "127.1", false, false },
    { "2130706433", false, false },
    { "0x7f.0.0.1", false, false },
    { "0177.0.0.1", false, false },
    { "127.0.0.1 ", false, false },
    { "127.0.0.1.", false, false },
    { "", false, false },
    { "[", false, false },
};

static void
loopback(void)
{
    for (size_t i = 0; i < COUNT_OF(hosts); i++) {
        is_int(url_is_loopback(hosts[i].host), hosts[i].loopback,
               "\"%s\" is %s machine", hosts[i].host,
               hosts[i].loopback ? "this" : "perhaps another");
        is_int(url_is_address(hosts[i].host), hosts[i].address, "\"%s\" is %s",
               hosts[i].host,
               hosts[i].address ? "an address" : "no address as written");
    }
}

int
main(void)
{
    arena_init(&arena, 64 * 1024, 1024 * 1024);
    parsing();
    lengths();
    loopback();
    arena_free(&arena);
    return done();
}
