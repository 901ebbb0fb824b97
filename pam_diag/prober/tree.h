/* Whether a session's mount tree is as it must be.
 *
 * Linked by: diag-prober.
 */
#pragma once

#include <stddef.h>

struct tree {
        size_t mounts;
        char *place; /* the first mount that is not as it must be, as the table writes it (malloc); NULL: all are */
        const char *fault; /* what it is */
};

void tree_free(struct tree *tree);
#define cleanup_tree __attribute__((cleanup(tree_free)))

/* Pure: the text of /proc/PID/mountinfo (proc(5)). Every mount must be read-only, nosuid and private; the session's own terminals and the login
 * records are written to by sshd. -EBADMSG for a line that cannot be read, or none at all. */
int tree_check(const char *text, struct tree *ret_tree);
