/* Libraries that only some sinks need, loaded when one of those is opened.
 *
 * Linked by: diag-ship.
 *
 * They stay loaded until the process ends. Source: dlopen(3), dlsym(3).
 */
#pragma once

#include <stddef.h>

struct library_function {
        const char *name;
        size_t offset; /* of its pointer, in the caller's struct of functions */
};

/* The function PREFIXname, for the member `name` of `type`. */
#define LIBRARY_FUNCTION(prefix, type, name)       \
        {                                          \
                prefix #name, offsetof(type, name) \
        }

/* Loads `library`, a name that ld.so finds or a path, a constant of the build, and looks its functions up. 0; -1 with *ret_why: a text of
 * dlerror(3), good until the next call. */
int library_load(const char *library, const struct library_function *functions, size_t count, void *ret_functions,
                 const char **ret_why);
