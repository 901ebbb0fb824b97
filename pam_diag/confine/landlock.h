/* A Landlock domain: what a process and all of its descendants may reach, never widened again.
 *
 * Linked by: pam_diag.so (the outer domains), diag-supervisor (most of one of them), diag-shell (one domain per stage).
 *
 * Everything is denied that the kernel's Landlock can deny, and then allowed by place. TCP bind and connect, abstract sockets
 * and signals to processes outside of the domain are denied where the ABI has it.
 * Sources: landlock(7); kernel 5.13 and newer, each right from the ABI that landlock_abi.h names.
 */
#pragma once

#include <stddef.h>

enum landlock_access {
        LANDLOCK_READ, /* files and directories */
        LANDLOCK_LIST, /* directories alone; on a file it does nothing */
        LANDLOCK_EXECUTE, /* execute and read one file */
        LANDLOCK_WRITE, /* read, write and truncate: a device such as /dev/null */
        LANDLOCK_TERMINAL, /* LANDLOCK_WRITE and device ioctls */
};

/* Parts of a domain that a kernel may lack; bits. */
enum {
        LANDLOCK_LACKS_TRUNCATE = 1 << 0, /* before 6.2; bounded by the read-only mounts */
        LANDLOCK_LACKS_NET = 1 << 1, /* before 6.7 */
        LANDLOCK_LACKS_IOCTL = 1 << 2, /* before 6.10 */
        LANDLOCK_LACKS_SCOPE = 1 << 3, /* before 6.12 */
};

struct landlock;

/* The ABI version of the running kernel, or -errno: -ENOSYS built without, -EOPNOTSUPP switched off at boot. */
int landlock_abi(void);

/* What a kernel with that ABI lacks, LANDLOCK_LACKS_*. */
unsigned landlock_lacks(int abi);

/* What a domain may leave alone; bits. */
enum {
        LANDLOCK_LEAVES_CONNECT =
                1 << 0, /* TCP connect, where something else says to whom: Landlock knows ports and no addresses */
        LANDLOCK_LEAVES_READING = 1 << 1, /* reading and executing: another domain in force beside it bounds them */
        LANDLOCK_LEAVES_OTHERS = 1 << 2, /* all but reading and executing, likewise */
};

/* An empty domain that denies everything but what it leaves alone; not in force yet. -errno as landlock_abi. */
int landlock_new(unsigned leaves, struct landlock **ret_domain);
void landlock_free(struct landlock *domain);

/* A domain of LANDLOCK_LEAVES_OTHERS may be made by one process and put in force by another, which can allow more before: its descriptor,
 * to be passed along, remains the domain's; and the domain of such a descriptor, which is taken over (-1 afterwards) unless it
 * fails. One that is no domain's is found out by landlock_allow or landlock_restrict: -EBADFD. */
int landlock_ruleset(const struct landlock *domain);
int landlock_take_reading(int *ruleset, struct landlock **ret_domain);

static inline void landlock_free_at(struct landlock **domain)
{
        landlock_free(*domain);
}
#define cleanup_landlock __attribute__((cleanup(landlock_free_at)))

/* Allows what is at `path` now and everything below it, by identity: links are followed, later renames do not matter.
 * -ENOENT or another error of open(2) with O_PATH. */
int landlock_allow(struct landlock *domain, const char *path, enum landlock_access access);

/* The same, and a path that does not exist, or a link that leads nowhere, is skipped: for lists of usual places. */
int landlock_allow_existing(struct landlock *domain, const char *path, enum landlock_access access);

/* The same in both domains of a pair, of which one leaves alone what the other handles. */
int landlock_allow_in_pair(struct landlock *reading, struct landlock *others, const char *path,
                           enum landlock_access access);

/* The same for everything that a glob(7) pattern matches now. On failure *ret_path (malloc, may be NULL) names the place. */
int landlock_allow_pattern(struct landlock *domain, const char *pattern, enum landlock_access access, char **ret_path);

/* Puts the domain in force for the calling thread. no_new_privs must be set. */
int landlock_restrict(const struct landlock *domain);
