/* What the probe can try. */
#pragma once

#include <stdint.h>

struct attempt {
        const char *name; /* NULL ends a table */
        int arguments; /* how many it needs */
        int (*attempt)(char **arguments); /* 0 or -errno */
};

extern const struct attempt probe_files[];
extern const struct attempt probe_net[];
extern const struct attempt probe_process[];
extern const struct attempt probe_self[];
extern const struct attempt probe_limits[];
extern const struct attempt probe_calls[];
extern const struct attempt probe_races[];
extern const struct attempt probe_others[];

/* A number from 1 to 65535; ends the program when it is none. */
uint16_t port_of(const char *text);
