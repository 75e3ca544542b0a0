/*
 * A list of the usual places. Never a place that others than root can write.
 */
#include "trust.h"

#include <unistd.h>

const char *
trust_file(void)
{
    static const char *const places[] = {
        "/etc/ssl/certs/ca-certificates.crt", /* Debian, Ubuntu, Arch, Alpine */
        "/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora, RHEL, CloudLinux */
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/ssl/ca-bundle.pem", /* SUSE */
        "/etc/ssl/cert.pem",
        "/var/lib/ca-certificates/ca-bundle.pem",
        "/usr/share/ssl/certs/ca-bundle.crt",
    };

    for (size_t i = 0; i < COUNT_OF(places); i++)
        if (access(places[i], R_OK) == 0)
            return places[i];
    return NULL;
}
