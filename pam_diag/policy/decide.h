/* From a command line to a decision: allowed with the exact argv that runs, or denied with the reason.
 *
 * Linked by: diag-supervisor, diagctl.
 *
 * Pure but for the resolver that the caller hands in (I8): same policy, line and answers give the same decision.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pam_diag/policy/limits.h"
#include "pam_diag/policy/policy.h"

enum {
        DECIDE_LINE_MOST = 128 * 1024,
        DECIDE_WORDS_MOST = 1024,
        DECIDE_STAGES_MOST = 16,
};

enum verdict {
        VERDICT_DENY,
        VERDICT_ALLOW,
        VERDICT_HELP, /* built in: `text` is the answer, nothing runs */
};

/* What denied a line; the names are part of the records ("syntax", "command", …: decide_code_name). */
enum decide_code {
        CODE_NONE,
        CODE_SYNTAX, /* the line itself: quotes, metacharacters */
        CODE_COMMAND, /* no rule for that command: exit status 127 */
        CODE_REFUSED, /* a profile's written refusal */
        CODE_OPTION, /* an option that the rule does not have */
        CODE_VALUE, /* the value of an option */
        CODE_OPERAND, /* an operand */
        CODE_PATH, /* a path outside of the allowed trees, or denied */
        CODE_PIPELINE, /* the way in which stages are put together */
        CODE_LIMIT, /* too long, too many words or stages */
        CODE_KEY, /* the ssh key's own rule */
};

const char *decide_code_name(enum decide_code code);

/* Families of sockets that a stage may create; bits of stage.network. */
enum {
        NETWORK_UNIX = 1 << 0, /* AF_UNIX stream, datagram, seqpacket */
        NETWORK_INET = 1 << 1, /* AF_INET and AF_INET6: UDP and ICMP datagram */
        NETWORK_NETLINK = 1 << 2, /* AF_NETLINK */
        NETWORK_LOOPBACK = 1 << 3, /* AF_INET and AF_INET6: TCP, to loopback addresses alone */
        NETWORK_ENGINE = 1 << 4, /* as NETWORK_UNIX, and the only one in a session that reaches a container engine */
};

/* How a stage follows the one before it. */
enum stage_link {
        LINK_FIRST,
        LINK_PIPE, /* reads what that one writes, at the same time */
        LINK_AND, /* when the pipeline before ended with 0 */
        LINK_OR, /* when it did not */
        LINK_THEN, /* in any case */
};

enum {
        REDIRECT_OUT_NULL = 1 << 0, /* stdout goes nowhere */
        REDIRECT_ERR_NULL = 1 << 1, /* stderr goes nowhere */
        REDIRECT_ERR_OUT = 1 << 2, /* stderr goes where stdout goes without REDIRECT_OUT_NULL */
};

struct stage {
        enum stage_link link;
        unsigned redirect; /* REDIRECT_* */
        char **words; /* as received, after splitting */
        char **argv; /* canonical, what is executed */
        char *program; /* resolved path of the executable file */
        char *loader; /* its ELF interpreter, NULL for a static program */
        char *rule; /* name of the rule that allowed it, "systemctl status" */
        char **helpers; /* programs that this one may start; may be NULL */
        char **helper_loaders; /* their ELF interpreters: executable for the kernel, no programs to start */
        char **reads; /* patterns of what its rule reads beyond the policy's trees; may be NULL */
        bool made; /* stands in no line: takes the files of the stage after it (`through`) */
        bool lists; /* names a place that may be listed but not read */
        unsigned network; /* NETWORK_* */
        struct limits limits;
};

struct decision {
        enum verdict verdict;
        enum decide_code code;
        char *rule; /* of the stage that was denied, or of the first; NULL when no rule was reached */
        char *reason; /* one line, for the person at the other end; NULL when allowed */
        char *hint; /* what to write instead; may be NULL */
        unsigned stage; /* number of the stage that was denied, from 1; 0: the line as a whole */
        unsigned word; /* number of the offending word in its stage, from 1; 0: none */
        unsigned position; /* byte position in the line from 1; 0: none */
        char *text; /* VERDICT_HELP */
        struct stage *stages;
        size_t stage_count; /* also set when denied, if the line could be split (words only) */
};

/* Judges an absolute path against the policy's trees on the live filesystem. Policy-side implementation: paths.h. */
enum path_wish { PATH_READ, PATH_LIST };
struct file_identity {
        uint64_t device;
        uint64_t inode;
};
struct path_resolver {
        /* The location that `path` leads to, every link resolved. 0 and *ret_resolved (malloc), -ENOENT is no failure: what
         * does not exist is resolved as deep as it exists, the rest appended, and *ret_known says how many bytes of the location are
         * there. -ELOOP: too many links; -EXDEV: the path passes through a magic link of /proc; -EINVAL: `..` after a part that does
         * not exist. */
        int (*resolve)(void *context, const char *path, char **ret_resolved, size_t *ret_known);
        /* What a glob(7) pattern matches now, sorted; at most `most` paths. -ENOENT: nothing; -E2BIG: more than that. */
        int (*expand)(void *context, const char *pattern, size_t most, char ***ret_paths);
        /* Of a regular file that has more names than this one (hard links): which file it is. -ENOENT: it is none. NULL: nobody looks. */
        int (*identify)(void *context, const char *path, struct file_identity *ret_identity);
        /* All such files that the patterns match or that lie directly in a directory that they match, out of the first `most` entries that
         * are looked at. *ret_files: malloc, may be NULL. -ENOMEM. Set when `identify` is. */
        int (*collect)(void *context, char *const *patterns, size_t most, struct file_identity **ret_files,
                       size_t *ret_count);
        void *context;
};

/* `line` needs no NUL and may hold any byte. `login` NULL: nobody in particular, no [key …] applies. 0 and a decision whatever the
 * verdict; -ENOMEM otherwise. */
int policy_decide(const struct policy *policy, const struct policy_login *login, const char *line, size_t length,
                  const struct path_resolver *resolver, struct decision **ret_decision);

/* Makes a denial of a decision that its caller cannot let stand. 0 or -ENOMEM. */
int decision_deny(struct decision *decision, enum decide_code code, const char *reason, const char *hint);

void decision_free(struct decision *decision);
static inline void decision_free_at(struct decision **decision)
{
        decision_free(*decision);
}
#define cleanup_decision __attribute__((cleanup(decision_free_at)))
