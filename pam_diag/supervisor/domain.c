#include "pam_diag/supervisor/domain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/base/wild.h"
#include "pam_diag/confine/mounts.h"
#include "pam_diag/policy/patterns.h"
#include "pam_diag/policy/policy.h"
#include "pam_diag/policy/program.h"

enum { WHY_MOST = 4096 };

void domain_free(struct domain *domain)
{
        landlock_free(domain->landlock);
        strv_free(domain->reads);
        strv_free(domain->lists);
        *domain = (struct domain){ 0 };
}

static bool is_other_there(const struct session *session, const char *path)
{
        static char *const own[] = { MOUNTS_PTS, MOUNTS_SHM, NULL };

        return patterns_cover(own, path) || patterns_cover(session->masked, path);
}

/* Neither as it is written nor where it leads to. In /proc the same name is another file for each process, and may be none for this one. */
static bool is_ours(const struct session *session, const char *pattern)
{
        cleanup_free char *real = NULL;

        if (!wild_is_plain(pattern) || strncmp(pattern, "/proc/", 6) == 0 || is_other_there(session, pattern))
                return false;
        real = realpath(pattern, NULL);
        return real != NULL && strncmp(real, "/proc/", 6) != 0 && !is_other_there(session, real);
}

/* What cannot be done here, for whatever reason, the module tries, and says why if it cannot. */
static int allow_trees(const struct session *session, struct landlock *landlock, char *const *patterns,
                       enum landlock_access access, char ***left)
{
        int r = 0;

        for (size_t i = 0; r == 0 && patterns != NULL && patterns[i] != NULL; i++)
                if (!is_ours(session, patterns[i]) || landlock_allow(landlock, patterns[i], access) < 0)
                        r = strv_append_once(left, patterns[i]);
        return r;
}

/* diag-shell cannot be read (0711); it is built with this program and has the same ELF interpreter. */
static int find_loader(char **ret_loader)
{
        cleanup_buf struct buf why = BUF_INIT(WHY_MOST);
        cleanup_fd int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

        return self < 0 ? -errno : elf_loader(self, ret_loader, &why);
}

static int allow_programs(const struct session *session, struct landlock *landlock, const char **ret_path)
{
        cleanup_free char *loader = NULL;
        int r = find_loader(&loader);

        if (r == 0 && loader != NULL)
                r = landlock_allow_existing(landlock, loader, LANDLOCK_EXECUTE);
        for (char *const *program = policy_programs(session->policy); r == 0 && *program != NULL; program++) {
                if (patterns_cover(session->masked, *program))
                        continue;
                r = landlock_allow_existing(landlock, *program, LANDLOCK_EXECUTE);
                if (r < 0)
                        *ret_path = *program;
        }
        return r;
}

int domain_begin(const struct session *session, struct domain *ret_domain, const char **ret_path)
{
        const struct policy *policy = session->policy;
        cleanup_domain struct domain domain = { 0 };
        int r = landlock_new(LANDLOCK_LEAVES_OTHERS, &domain.landlock);

        if (r == 0)
                r = allow_programs(session, domain.landlock, ret_path);
        if (r == 0)
                r = allow_trees(session, domain.landlock, session->reads, LANDLOCK_READ, &domain.reads);
        if (r == 0)
                r = allow_trees(session, domain.landlock, policy_reads(policy), LANDLOCK_READ, &domain.reads);
        if (r == 0)
                r = allow_trees(session, domain.landlock, policy_list(policy), LANDLOCK_LIST, &domain.lists);
        if (r < 0)
                return r;
        *ret_domain = domain;
        domain = (struct domain){ 0 };
        return 0;
}
