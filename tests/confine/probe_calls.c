/* The table of calls that diag-probe has, and what must not come back. */
#include "tests/confine/probe.h"

#include <errno.h>
#include <stdio.h>

#include "pam_diag/probe/calls.h"
#include "pam_diag/probe/finding.h"

static void tell_wrong(void *context, const char *name, int got, int expected)
{
        unsigned *bad = context;

        ++*bad;
        (void)printf("%s: %s instead of %s\n", name, finding_answer(got), finding_answer(-expected));
        (void)fflush(stdout);
}

static int try_calls(char **arguments)
{
        unsigned bad = 0;
        unsigned made = 0;
        int r = calls_try(CALLS_ALL, tell_wrong, &bad, &made);

        (void)arguments;
        (void)printf("%u calls, %u not refused as they must be\n", made, bad);
        return r < 0 ? r : bad == 0 ? 0 : -EINVAL;
}

static int try_x32(char **arguments)
{
        (void)arguments;
        return calls_x32(NULL);
}

static int try_i386(char **arguments)
{
        (void)arguments;
        return calls_i386(NULL);
}

const struct attempt probe_calls[] = {
        { "calls", 0, try_calls }, { "x32", 0, try_x32 }, { "i386", 0, try_i386 }, { NULL, 0, NULL }
};
