/*
 * The caller of a request: a member through a browser, or a platform's key.
 */
#ifndef SCRIP_ACCOUNT_H
#define SCRIP_ACCOUNT_H

#include "key.h"
#include "member.h"

enum caller_kind { CALLER_NOBODY = 0, CALLER_MEMBER, CALLER_KEY };

struct caller {
    enum caller_kind kind;
    struct member member;  /* CALLER_MEMBER */
    enum member_role role; /* in the Space of the request */
    struct key key;        /* CALLER_KEY */
};

/* Owner and admin may buy; a key never does. */
bool account_may_buy(const struct caller *caller);

#endif
