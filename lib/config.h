/*
 * The settings: from the environment, else scrip.conf in SCRIP_HOME, else
 * secrets.conf there (made at first start), else the default. Read once, at
 * the start; plain values afterwards. The files are lines of KEY=value, '#'
 * begins a comment, values may stand in double quotes.
 */
#ifndef SCRIP_CONFIG_H
#define SCRIP_CONFIG_H

#include "arena.h"

struct config {
    const char *home;     /* absolute path of SCRIP_HOME */
    int port;
    int sandbox_port;
    const char *listen;   /* address, 127.0.0.1 */
    const char *base_url; /* without a slash at its end */
    const char *base_path; /* of base_url: "" or "/~user/credits" */
    bool base_url_set;    /* or it is the default */
    const char *database; /* "sqlite:/path" */
    bool sandbox;         /* no provider key is set */
    bool livemode;        /* the key is a live one */
    const char *stripe_key;  /* the sandbox's own key where sandbox */
    const char *stripe_base; /* https://api.stripe.com or another */
    /* Secrets of webhooks, one or two, never empty; NULL where none. */
    const char *webhook_secret[2];
    const char *handoff_secret; /* or NULL */
    const char *cursor_secret;  /* signs cursors of lists; made by us */
};

/*
 * Reads everything into `config` (strings lie in the arena). False with
 * words for the operator in *why: a port that is none, a base that is not
 * https (except on a loopback address), a live key without a webhook secret,
 * a secret that is blank, a settings file that others may read although it
 * holds a secret.
 */
MUST_USE bool config_load(struct config *config, struct arena *arena,
                          const char **why);

/*
 * Makes SCRIP_HOME (mode 700 when new) and the secrets that are missing in
 * secrets.conf (mode 600, written to a temporary name, synced, renamed).
 * Safe to call at once from several processes. For `scrip init` alone.
 */
MUST_USE bool config_make_home(struct arena *arena, const char **why);

#endif
