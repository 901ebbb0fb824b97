/* A container engine's socket, which is masked for everybody but the keys that name the engine.
 *
 * Linked by: diag-supervisor, diagctl.
 *
 * Whoever reaches such a socket can be root on the host. So a session of such a key gives unix sockets to rules with
 * `network = engine` alone, whose profiles bound what the engine is asked.
 */
#pragma once

#include <stdbool.h>

#include "pam_diag/policy/policy.h"

/* The engines' names, parted by blanks, for messages. */
extern const char engine_names[];

bool engine_is_known(const char *name);

/* The engine that a login with this key may reach, or NULL. */
const char *engine_of(const struct policy *policy, const char *fingerprint);

/* Appends to *patterns what is masked in a session of that login: what the policy denies, without that engine's socket. A pattern that
 * the policy's own files name stays, since deny wins. 0 or -ENOMEM. */
int engine_masks(const struct policy *policy, const char *fingerprint, char ***patterns);
