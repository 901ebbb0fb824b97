/* Lines that ask for help: `help …`, an empty line, `COMMAND --help`.
 *
 * Linked by: diag-supervisor, diagctl.
 */
#pragma once

#include "pam_diag/policy/decide.h"
#include "pam_diag/policy/line.h"
#include "pam_diag/policy/snapshot.h"

/* What is asked, by whom. */
struct question {
        const struct policy *policy;
        const struct path_resolver *resolver;
        const struct key *key; /* NULL: none applies */
};

bool help_is_asked(const struct question *question, const struct line *line);

/* Results as those of deny: 0 with the text in the decision, -EACCES, -ENOMEM. */
int help_decide(const struct question *question, const struct line *line, struct decision *decision);

/* "NAME has no rule", and what to use instead. */
int help_deny_unknown(struct decision *decision, unsigned word, const char *name);

/* Where in the line the decision's word stands. */
static inline void decision_place(struct decision *decision, const struct words *words)
{
        if (decision->position == 0 && decision->word > 0 && decision->word <= words->count)
                decision->position = words->list[decision->word - 1].position;
}
