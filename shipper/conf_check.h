/* What a sink's type finds wrong with its section.
 *
 * Linked by: diag-ship.
 */
#pragma once

#include "pam_diag/policy/errors.h"
#include "pam_diag/policy/ini.h"

enum { CONF_PLACES_MOST = 64 };

/* Where the keys of the section stand. */
struct conf_place {
        char key[32];
        unsigned line;
        unsigned column; /* of the value */
};

struct conf_check {
        struct policy_errors *errors;
        const char *file;
        struct conf_place places[CONF_PLACES_MOST]; /* the first is the section's heading */
        size_t count;
};

/* At the value of that key, or at the section's heading when it has no such key (or `key` is NULL). */
__attribute__((format(printf, 3, 4))) void conf_wrong(struct conf_check *check, const char *key, const char *format,
                                                      ...);
