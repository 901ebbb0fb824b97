/* What denied command lines would have needed.
 *
 * Linked by: diagctl.
 *
 * Each line is judged again by the present policy; what that allows by now is only counted. The rest is put into groups: of an
 * unknown command by its shape, of an unknown option by rule and option, else by rule and reason. Memory is bounded by constants,
 * however many rows there are.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "pam_diag/ctl/shape.h"
#include "pam_diag/policy/decide.h"
#include "sql/listing.h"

enum { LEARN_GROUPS_MOST = 1000, LEARN_EXAMPLES = 3, LEARN_ASKERS = 5, LEARN_TEXT_MOST = 64 * 1024 * 1024 };

struct learn_group {
        enum decide_code code;
        char *subject; /* the command without a rule, or the rule */
        char *key; /* with code and subject: what makes the group */
        struct shape shape; /* of CODE_COMMAND */
        struct shape_option option; /* of CODE_OPTION, when the rule does not have it; else the name is NULL */
        char *path; /* of CODE_PATH, as it was asked for */
        char *reason; /* why, the newest time */
        size_t count;
        int64_t last_us;
        char **examples; /* quoted, safe to print */
        char **askers; /* the same */
        size_t more_askers; /* rows of others */
};

struct learn {
        const struct policy *policy;
        const struct path_resolver *resolver;
        struct learn_group *groups;
        size_t count;
        size_t rows;
        size_t allowed; /* by the present policy */
        size_t left_out; /* there were too many groups */
};

void learn_clear(struct learn *learn);
#define cleanup_learn __attribute__((cleanup(learn_clear)))

/* Takes a row in. 0 or -ENOMEM. */
int learn_take(struct learn *learn, const struct listing_denied *row);

/* Profile text: everything is a comment, so that it changes nothing where it is put as it is. */
void learn_put(struct buf *buf, struct learn *learn);

/* For the files of this header; learn_judge.c: why the present policy denies the line. *ret_group has code, subject, key and what
 * belongs to the code set, the rest empty; its count is 0 when the line is allowed. The caller frees it. */
int learn_judge(const struct learn *learn, const char *line, size_t length, struct learn_group *ret_group);
void learn_group_clear(struct learn_group *group);
