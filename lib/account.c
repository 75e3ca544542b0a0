/*
 * What a caller may do beyond what the gates of a route say.
 */
#include "account.h"

bool
account_may_buy(const struct caller *caller)
{
    return caller->kind == CALLER_MEMBER && caller->role >= ROLE_ADMIN;
}
