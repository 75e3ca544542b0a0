/*
 * The strict reader of operators' addresses. Never resolves a name.
 */
#include "url.h"

#include <arpa/inet.h>
#include <strings.h>

#include "text.h"

#define HOST_MAX 253

static bool
is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
}

/* The address between brackets, or -1 bytes where there is none. */
static bool
is_ip6(const char *host, struct in6_addr *address)
{
    char inner[INET6_ADDRSTRLEN];
    size_t length = strlen(host);

    if (length < 4 || host[0] != '[' || host[length - 1] != ']' ||
        length - 2 >= sizeof(inner))
        return false;
    memcpy(inner, host + 1, length - 2);
    inner[length - 2] = '\0';
    return inet_pton(AF_INET6, inner, address) == 1;
}

bool
url_is_address(const char *host)
{
    struct in_addr ip4;
    struct in6_addr ip6;

    return inet_pton(AF_INET, host, &ip4) == 1 || is_ip6(host, &ip6);
}

bool
url_is_loopback(const char *host)
{
    struct in_addr ip4;
    struct in6_addr ip6;

    if (strcasecmp(host, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET, host, &ip4) == 1)
        return ntohl(ip4.s_addr) >> 24 == 127;
    return (is_ip6(host, &ip6) || inet_pton(AF_INET6, host, &ip6) == 1) &&
           IN6_IS_ADDR_LOOPBACK(&ip6);
}

/* Labels of letters, digits and '-', or an address. */
static bool
is_host(const char *host)
{
    struct in6_addr ip6;

    if (host[0] == '[')
        return is_ip6(host, &ip6);
    if (*host == '\0' || strlen(host) > HOST_MAX)
        return false;
    for (size_t i = 0; host[i] != '\0'; i++) {
        bool edge = i == 0 || host[i - 1] == '.' || host[i + 1] == '\0' ||
                    host[i + 1] == '.';

        if (!is_alnum(host[i]) && (edge || (host[i] != '-' && host[i] != '.')))
            return false;
    }
    return true;
}

/* Cuts "/a/b/" to "/a/b"; false where a segment is not plain. */
static bool
take_path(char *path)
{
    size_t length = strlen(path);
    size_t begin = 1; /* of a segment */

    if (length > 0 && path[length - 1] == '/')
        path[--length] = '\0';
    for (size_t i = 1; i <= length; i++) {
        size_t size = i - begin;

        if (path[i] != '/' && path[i] != '\0') {
            if (!is_alnum(path[i]) && strchr("-._~", path[i]) == NULL)
                return false;
            continue;
        }
        if (size == 0 || (size == 1 && path[begin] == '.') ||
            (size == 2 && path[begin] == '.' && path[begin + 1] == '.'))
            return false;
        begin = i + 1;
    }
    return true;
}

/* "host", "host:80", "[::1]:80": the port is cut off and read. */
static bool
take_port(char *host, int *port)
{
    char *from = host[0] == '[' ? strchr(host, ']') : host;
    char *colon = from == NULL ? NULL : strchr(from, ':');
    int64_t value;

    if (colon == NULL)
        return from != NULL;
    if (!text_int(colon + 1, 1, 65535, &value))
        return false;
    *colon = '\0';
    *port = (int)value;
    return true;
}

bool
url_parse(struct url *url, struct arena *arena, const char *text)
{
    char *host, *path;
    int usual;

    url->https = strncasecmp(text, "https://", 8) == 0;
    if (!url->https && strncasecmp(text, "http://", 7) != 0)
        return false;
    text += url->https ? 8 : 7;
    path = arena_text(arena, text + strcspn(text, "/"));
    host = arena_copy(arena, text, strcspn(text, "/"));
    usual = url->https ? 443 : 80;
    url->port = usual;
    if (!take_path(path) || !take_port(host, &url->port) || !is_host(host))
        return false;
    for (char *at = host; *at != '\0'; at++) {
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    }
    url->host = host;
    url->path = path;
    url->origin =
        arena_format(arena, "%s://%s", url->https ? "https" : "http", host);
    if (url->port != usual)
        url->origin = arena_format(arena, "%s:%d", url->origin, url->port);
    url->text = arena_format(arena, "%s%s", url->origin, path);
    return true;
}
