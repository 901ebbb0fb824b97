/* A program that tries things: run as an allowed command, it says what the kernel answered.
 *
 * Usage: probe ATTEMPT [ARGUMENT…]. Prints "ATTEMPT: ok" or "ATTEMPT: ERRNO-NAME" and exits 0: the test reads the line.
 */
#include "tests/confine/probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/num.h"

uint16_t port_of(const char *text)
{
        uint64_t port;

        if (num_parse_u64(text, 1, UINT16_MAX, &port) < 0)
                exit(2);
        return (uint16_t)port;
}

static const struct attempt *find(const char *name, int arguments)
{
        const struct attempt *const tables[] = { probe_files,  probe_net,   probe_process, probe_self,
                                                 probe_limits, probe_calls, probe_races,   probe_others };

        for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
                for (const struct attempt *one = tables[i]; one->name != NULL; one++)
                        if (strcmp(one->name, name) == 0 && arguments >= one->arguments)
                                return one;
        return NULL;
}

int main(int argc, char **argv)
{
        const struct attempt *one = argc > 1 ? find(argv[1], argc - 2) : NULL;
        int r;

        if (one == NULL) {
                (void)fprintf(stderr, "probe: no such attempt\n");
                return 2;
        }
        r = one->attempt(argv + 2);
        (void)printf("%s: %s\n", argv[1], r == 0 ? "ok" : strerrorname_np(-r));
        return 0;
}
