/*
 * Carries on where the code under test would have ended the program, so that
 * what stops it can be shortened like any other fault.
 */
#include <setjmp.h>
#include <signal.h>

#include "world.h"

static sigjmp_buf stopped;
static const char *volatile why;

static void
on_signal(int number)
{
    why = number == SIGABRT ? "an assertion failed" : "a bad pointer";
    siglongjmp(stopped, 1);
}

void
world_stop(const char *words)
{
    why = words;
    siglongjmp(stopped, 1);
}

const char *
world_guard(void (*run)(void *context), void *context)
{
    struct sigaction mine = { .sa_handler = on_signal }, old[2];

    sigaction(SIGABRT, &mine, &old[0]);
    sigaction(SIGSEGV, &mine, &old[1]);
    why = NULL;
    if (sigsetjmp(stopped, 1) == 0)
        run(context);
    sigaction(SIGABRT, &old[0], NULL);
    sigaction(SIGSEGV, &old[1], NULL);
    return why;
}
