#include "pam_diag/confine/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/base/wild.h"
#include "pam_diag/confine/landlock_abi.h"
#include "pam_diag/confine/place.h"

/* What a domain of LANDLOCK_LEAVES_OTHERS handles, and one of LANDLOCK_LEAVES_READING does not. */
#define READING (LL_FS_EXECUTE | LL_FS_READ_FILE | LL_FS_READ_DIR)

struct landlock {
        int ruleset;
        uint64_t handled; /* filesystem rights that this kernel knows */
};

int landlock_abi(void)
{
        long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LL_CREATE_RULESET_VERSION);

        return abi < 0 ? -errno : (int)abi;
}

unsigned landlock_lacks(int abi)
{
        return (abi < 3 ? (unsigned)LANDLOCK_LACKS_TRUNCATE : 0U) | (abi < 4 ? (unsigned)LANDLOCK_LACKS_NET : 0U) |
               (abi < 5 ? (unsigned)LANDLOCK_LACKS_IOCTL : 0U) | (abi < 6 ? (unsigned)LANDLOCK_LACKS_SCOPE : 0U);
}

static uint64_t rights_of(int abi)
{
        return LL_FS_TO_MAKE_SYM | (abi >= 2 ? LL_FS_REFER : 0) | (abi >= 3 ? LL_FS_TRUNCATE : 0) |
               (abi >= 5 ? LL_FS_IOCTL_DEV : 0);
}

/* The attributes for what is not left alone, as far as that ABI knows it, and their size for it. */
static size_t describe(int abi, unsigned leaves, struct ll_ruleset_attr *attributes)
{
        bool others = (leaves & LANDLOCK_LEAVES_OTHERS) == 0;
        size_t size = sizeof(attributes->handled_access_fs);

        attributes->handled_access_fs = rights_of(abi);
        if ((leaves & LANDLOCK_LEAVES_READING) != 0)
                attributes->handled_access_fs &= ~READING;
        if (!others)
                attributes->handled_access_fs &= READING;
        if (abi >= 4 && others) {
                attributes->handled_access_net = LL_NET_BIND_TCP |
                                                 ((leaves & LANDLOCK_LEAVES_CONNECT) != 0 ? 0 : LL_NET_CONNECT_TCP);
                size += sizeof(attributes->handled_access_net);
        }
        if (abi >= 6 && others) {
                attributes->scoped = LL_SCOPE_ABSTRACT_UNIX_SOCKET | LL_SCOPE_SIGNAL;
                size += sizeof(attributes->scoped);
        }
        return size;
}

static int make(int ruleset, uint64_t handled, struct landlock **ret_domain)
{
        struct landlock *domain = malloc(sizeof(*domain));

        if (domain == NULL)
                return -ENOMEM;
        *domain = (struct landlock){ .ruleset = ruleset, .handled = handled };
        *ret_domain = domain;
        return 0;
}

int landlock_new(unsigned leaves, struct landlock **ret_domain)
{
        struct ll_ruleset_attr attributes = { 0 };
        cleanup_fd int ruleset = -1;
        int abi = landlock_abi();
        size_t size;
        int r;

        if (abi < 0)
                return abi;
        size = describe(abi, leaves, &attributes);
        /* The kernel makes the descriptor close-on-exec itself. */
        ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, size, 0);
        if (ruleset < 0)
                return -errno;
        r = make(ruleset, attributes.handled_access_fs, ret_domain);
        if (r == 0)
                (void)take_fd(&ruleset);
        return r;
}

int landlock_take_reading(int *ruleset, struct landlock **ret_domain)
{
        int r = make(*ruleset, READING, ret_domain);

        if (r == 0)
                (void)take_fd(ruleset);
        return r;
}

int landlock_ruleset(const struct landlock *domain)
{
        return domain->ruleset;
}

void landlock_free(struct landlock *domain)
{
        if (domain == NULL)
                return;
        fd_close(domain->ruleset);
        free(domain);
}

static uint64_t rights_for(enum landlock_access access)
{
        switch (access) {
        case LANDLOCK_READ:
                return LL_FS_READ_FILE | LL_FS_READ_DIR;
        case LANDLOCK_LIST:
                return LL_FS_READ_DIR;
        case LANDLOCK_EXECUTE:
                return LL_FS_EXECUTE | LL_FS_READ_FILE;
        case LANDLOCK_WRITE:
                return LL_FS_READ_FILE | LL_FS_WRITE_FILE | LL_FS_TRUNCATE;
        case LANDLOCK_TERMINAL:
                return LL_FS_READ_FILE | LL_FS_WRITE_FILE | LL_FS_TRUNCATE | LL_FS_IOCTL_DEV;
        }
        return 0;
}

/* A rule on a file must not name rights of directories (EINVAL). */
static int leave_to_files(int place, uint64_t *rights)
{
        struct stat status;

        if ((*rights & LL_FS_READ_DIR) == 0)
                return 0;
        if (fstat(place, &status) < 0)
                return -errno;
        if (!S_ISDIR(status.st_mode))
                *rights &= ~LL_FS_READ_DIR;
        return 0;
}

static int allow_place(const struct landlock *domain, int place, enum landlock_access access)
{
        uint64_t rights = rights_for(access) & domain->handled;
        struct ll_path_beneath_attr rule = { .parent_fd = place };
        int r = rights == 0 ? 0 : leave_to_files(place, &rights);

        if (r < 0 || rights == 0)
                return r; /* with nothing to allow the kernel says ENOMSG */
        rule.allowed_access = rights;
        if (syscall(SYS_landlock_add_rule, domain->ruleset, LL_RULE_PATH_BENEATH, &rule, 0) < 0)
                return -errno;
        return 0;
}

int landlock_allow(struct landlock *domain, const char *path, enum landlock_access access)
{
        cleanup_fd int place = open(path, O_PATH | O_CLOEXEC);

        return place < 0 ? -errno : allow_place(domain, place, access);
}

int landlock_allow_existing(struct landlock *domain, const char *path, enum landlock_access access)
{
        int r = landlock_allow(domain, path, access);

        return place_is_gone(r) ? 0 : r;
}

int landlock_allow_in_pair(struct landlock *reading, struct landlock *others, const char *path,
                           enum landlock_access access)
{
        cleanup_fd int place = open(path, O_PATH | O_CLOEXEC);
        int r = place < 0 ? -errno : allow_place(reading, place, access);

        if (r == 0)
                r = allow_place(others, place, access);
        return place < 0 && place_is_gone(r) ? 0 : r;
}

int landlock_allow_pattern(struct landlock *domain, const char *pattern, enum landlock_access access, char **ret_path)
{
        glob_t found = { 0 };
        int r = 0;

        /* A plain path is tried at once. One that cannot be looked up has no match, as in glob(3): it gives no right. */
        if (wild_is_plain(pattern)) {
                r = landlock_allow_existing(domain, pattern, access);
                if (r < 0 && r != -EACCES)
                        *ret_path = strdup(pattern);
                return r == -EACCES ? 0 : r;
        }
        if (glob(pattern, GLOB_NOSORT, NULL, &found) == GLOB_NOSPACE)
                r = -ENOMEM;
        for (size_t i = 0; r == 0 && i < found.gl_pathc; i++) {
                r = landlock_allow_existing(domain, found.gl_pathv[i], access);
                if (r < 0)
                        *ret_path = strdup(found.gl_pathv[i]);
        }
        globfree(&found);
        return r;
}

int landlock_restrict(const struct landlock *domain)
{
        if (syscall(SYS_landlock_restrict_self, domain->ruleset, 0) < 0)
                return -errno;
        return 0;
}
