#include "pam_diag/module/apply.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/base/num.h"
#include "pam_diag/confine/filter.h"
#include "pam_diag/confine/landlock.h"
#include "pam_diag/confine/layers.h"
#include "pam_diag/confine/mask.h"
#include "pam_diag/confine/mounts.h"

/* What sshd itself needs after the session is open: terminals for its user and the login records (mounts_isolate keeps them
 * writable). Masks and read-only mounts bound these too. */
static const struct {
        const char *path;
        enum landlock_access access;
} sshd_needs[] = {
        { "/dev/null", LANDLOCK_WRITE },     { "/dev/zero", LANDLOCK_READ },
        { "/dev/urandom", LANDLOCK_READ },   { "/dev/random", LANDLOCK_READ },
        { "/dev/tty", LANDLOCK_TERMINAL },   { "/dev/ptmx", LANDLOCK_TERMINAL },
        { "/dev/pts", LANDLOCK_TERMINAL },   { "/run/utmp", LANDLOCK_WRITE },
        { "/var/log/wtmp", LANDLOCK_WRITE }, { "/var/log/lastlog", LANDLOCK_WRITE },
        { MOUNTS_EMPTY_DIR, LANDLOCK_READ },
};

static int allow_lists(struct landlock *reading, const struct control_lists *lists, struct apply_failure *failure)
{
        static const struct {
                enum control_list list;
                enum landlock_access access;
        } trees[] = { { CONTROL_LIST_READ, LANDLOCK_READ }, { CONTROL_LIST_LIST, LANDLOCK_LIST } };
        int r = 0;

        for (size_t k = 0; k < sizeof(trees) / sizeof(trees[0]); k++) {
                char *const *patterns = lists->lists[trees[k].list];

                for (size_t i = 0; r == 0 && patterns != NULL && patterns[i] != NULL; i++)
                        r = landlock_allow_pattern(reading, patterns[i], trees[k].access, &failure->path);
        }
        return r;
}

static int allow_needs(struct landlock *reading, struct landlock *others)
{
        int r = 0;

        for (size_t i = 0; r == 0 && i < sizeof(sshd_needs) / sizeof(sshd_needs[0]); i++)
                r = landlock_allow_in_pair(reading, others, sshd_needs[i].path, sshd_needs[i].access);
        return r;
}

/* No domain below this one could give back what it denies. sshd's own child gets no TCP socket from the supervisor either way, and a command's
 * socket is bound to the loopback interface before the command has it. */
static unsigned leaves_of(const struct control_lists *lists)
{
        char *const *network = lists->lists[CONTROL_LIST_NETWORK];

        return strv_has(network, CONTROL_NETWORK_LOOPBACK, strlen(CONTROL_NETWORK_LOOPBACK)) ? LANDLOCK_LEAVES_CONNECT
                                                                                             : 0;
}

/* Two domains in force together: reading and executing are bounded by the one that the supervisor has begun, all else by one of our own. What may
 * be read is the supervisor's to say in any case (the lists); what may be changed is not. */
static int restrict_outer(const struct control_lists *lists, const char *shell, int *domain,
                          struct apply_failure *failure)
{
        cleanup_landlock struct landlock *reading = NULL;
        cleanup_landlock struct landlock *others = NULL;
        int r = landlock_take_reading(domain, &reading);

        if (r == 0)
                r = landlock_new(leaves_of(lists) | LANDLOCK_LEAVES_READING, &others);
        if (r == 0)
                r = landlock_allow(reading, shell, LANDLOCK_EXECUTE);
        if (r == 0)
                r = allow_lists(reading, lists, failure);
        if (r == 0)
                r = allow_needs(reading, others);
        if (r == 0)
                r = landlock_restrict(others);
        return r < 0 ? r : landlock_restrict(reading);
}

static int read_limits(const struct control_lists *lists, struct cgroup_limits *ret_limits)
{
        char *const *texts = lists->lists[CONTROL_LIST_LIMITS];
        struct cgroup_limits limits;

        if (strv_length(texts) != 2 || num_parse_u64(texts[0], 0, UINT64_MAX, &limits.memory_most) < 0 ||
            num_parse_u64(texts[1], 0, UINT64_MAX, &limits.processes_most) < 0)
                return -EPROTO;
        *ret_limits = limits;
        return 0;
}

/* `supervisor` is the kernel's word for who has answered, after it dropped its privileges: it removes the group, and may end what is in it.
 * The name is the monitor's pid, which another pid namespace may have as well, and a random number. Memory that ends is no missing
 * layer; everything else is: no hierarchy, a read-only one, a full one. */
static int make_group(const struct control_lists *lists, uid_t supervisor, struct applied *applied)
{
        struct cgroup_limits limits = { 0 };
        uint32_t number = 0;
        char name[32];
        int r = read_limits(lists, &limits);

        if (r < 0)
                return r;
        if (getrandom(&number, sizeof(number), GRND_NONBLOCK) != (ssize_t)sizeof(number))
                return -EIO;
        (void)snprintf(name, sizeof(name), "%d-%08x", getpid(), number);
        r = cgroup_make(name, supervisor, &limits, &applied->group);
        if (r == 0 || r == -ENOMEM)
                return r;
        return strv_append(&applied->missing, "cgroup-kill");
}

static int probe(const struct control_lists *lists, uid_t supervisor, struct applied *applied,
                 struct apply_failure *failure)
{
        char ***missing = &applied->missing;
        int r;

        failure->where = "Landlock, which this kernel does not have or which is off (lsm= on its command line)";
        r = layers_probe(missing);
        if (r < 0)
                return r;
        failure->where = "a control group for the session";
        r = make_group(lists, supervisor, applied);
        if (r < 0)
                return r;
        failure->where = "layers that this host lacks (to go without them, name them in accept-missing)";
        r = layers_refused(*missing, lists->lists[CONTROL_LIST_ACCEPT], &failure->path);
        return r < 0 || failure->path == NULL ? r : -EOPNOTSUPP;
}

void applied_free(struct applied *applied)
{
        strv_free(applied->missing);
        fd_close(applied->listener);
        cgroup_free(&applied->group);
        *applied = APPLIED_INIT;
}

void apply_failure_free(struct apply_failure *failure)
{
        free(failure->path);
        *failure = (struct apply_failure){ 0 };
}

static int apply_mounts(const struct control_lists *lists, dev_t *ret_masks, struct apply_failure *failure)
{
        int r = mounts_isolate(&failure->where);

        if (r == 0)
                r = mounts_stock(&failure->where, ret_masks);
        if (r == 0) {
                failure->where = "a mask over a denied path";
                r = mask_paths(lists->lists[CONTROL_LIST_DENY], &failure->path);
        }
        return r == 0 ? mounts_finish(&failure->where) : r;
}

int apply_view(const struct control_lists *lists, uid_t supervisor, struct applied *applied,
               struct apply_failure *ret_failure)
{
        int r = probe(lists, supervisor, applied, ret_failure);

        return r < 0 ? r : apply_mounts(lists, &applied->masks, ret_failure);
}

int apply_bounds(const struct control_lists *lists, const char *shell, int *domain, struct applied *applied,
                 struct apply_failure *ret_failure)
{
        int r;

        /* Also what makes a filter and a domain lawful without CAP_SYS_ADMIN; sshd's monitor execs nothing that needs to gain
         * privilege. */
        ret_failure->where = "no_new_privs";
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                return -errno;
        ret_failure->where = "the outer Landlock domain";
        r = restrict_outer(lists, shell, domain, ret_failure);
        if (r < 0)
                return r;
        ret_failure->where = "the exec filter (EBUSY: a container manager has one already; EINVAL: kernel before 5.19)";
        return filter_install(&applied->listener);
}
