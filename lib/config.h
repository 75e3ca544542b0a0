/*
 * The settings: from the environment, else scrip.conf in SCRIP_HOME, else
 * secrets.conf there (made at first start), else the default. Read once, at
 * the start; plain values afterwards.
 *
 * The files are lines of KEY=value. White space around a value is no part of
 * it, nor is what follows a '#' at the line's start or after white space; in
 * double quotes a value stands as it is. A key set twice, an unknown SCRIP_
 * key and a line that is none are errors, because a misspelt key must never
 * quietly be a site without one; keys of others are left alone. A variable
 * that is empty counts as not set, except where it is a secret.
 */
#ifndef SCRIP_CONFIG_H
#define SCRIP_CONFIG_H

#include "arena.h"

struct config {
    const char *home;         /* absolute path of SCRIP_HOME */
    int port;                 /* SCRIP_PORT, 8080 */
    int sandbox_port;         /* SCRIP_SANDBOX_PORT, the next one; 0: none */
    const char *listen;       /* SCRIP_LISTEN, an address: 127.0.0.1 */
    const char *base_url;     /* SCRIP_BASE_URL, without a slash at its end */
    const char *base_path;    /* of base_url: "" or "/~user/credits" */
    bool base_url_set;        /* or it is http://127.0.0.1:PORT */
    const char *database;     /* SCRIP_DATABASE, "sqlite:/path" */
    bool sandbox;             /* no SCRIP_STRIPE_SECRET_KEY is set */
    bool livemode;            /* the key is a live one */
    const char *stripe_key;   /* that key; the sandbox's own where sandbox */
    const char *stripe_base;  /* SCRIP_STRIPE_API_BASE, no slash at its end;
                                https://api.stripe.com or the sandbox */
    const char *sandbox_path; /* of the sandbox's address: "" on an origin of
                                 its own, base_path and "/sandbox" below the
                                 site, where a host has one origin only */
    /* SCRIP_STRIPE_WEBHOOK_SECRET: one, or two while one is replaced, never
     * empty; the second is NULL where there is none. */
    const char *webhook_secret[2];
    const char *handoff_secret; /* SCRIP_HANDOFF_SECRET or NULL */
    const char *cursor_secret;  /* signs cursors of lists; made by us */
};

/*
 * Reads everything into `config` (strings lie in the arena). False with
 * words for the operator in *why: a port that is none, a base that is not
 * https (except on a loopback address, and of a sandbox that is the site's
 * own), a provider's key without a webhook secret of the operator's own, a
 * secret that is blank, a settings file that others may read although it
 * holds a secret, secrets not made yet. *why never holds a value that could
 * be a secret.
 */
MUST_USE bool config_load(struct config *config, struct arena *arena,
                          const char **why);

/* The data's folder, as an absolute path without a slash at its end; it need
 * not exist. $SCRIP_HOME; where a host keeps the environment from programs,
 * SCRIP_HOME in the file home.conf beside the program that runs; else "var".
 * NULL with words in *why. */
const char *config_home(struct arena *arena, const char **why);

/*
 * Makes SCRIP_HOME (mode 700 when new; one that exists keeps its mode) and
 * the secrets that are missing in secrets.conf (mode 600, written to another
 * name, synced, renamed, under a lock). Never changes a secret that is
 * there. Safe to call at once from several processes. For `scrip init`.
 */
MUST_USE bool config_make_home(struct arena *arena, const char **why);

#endif
