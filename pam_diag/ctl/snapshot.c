#include "sql/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "pam_diag/base/fd.h"
#include "pam_diag/ctl/commands.h"
#include "sql/owner.h"

static int say(struct auditdb_why *why, int error, const char *path)
{
        (void)snprintf(why->text, sizeof(why->text), "%.300s: %s", path, strerror(-error));
        return error;
}

/* Private until it is whole, then for its group, then under its name. */
static int finish(const char *temporary, const char *path, gid_t group, struct auditdb_why *why)
{
        cleanup_fd int fd = open(temporary, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        int r;

        if (fd < 0)
                return say(why, -errno, temporary);
        if ((group != (gid_t)-1 && fchown(fd, (uid_t)-1, group) < 0) || fchmod(fd, 0640) < 0 || fsync(fd) < 0)
                return say(why, -errno, temporary);
        if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) < 0)
                return say(why, -errno, path);
        r = owner_sync_directory(path);
        return r < 0 ? say(why, r, path) : 0;
}

static int snapshot(struct auditdb *db, const char *path, gid_t group, struct auditdb_why *why)
{
        cleanup_free char *whole = path[0] == '/' ? strdup(path) : NULL;
        cleanup_free char *here = NULL;
        cleanup_free char *temporary = NULL;
        int fd;
        int r;

        if (whole == NULL) {
                here = getcwd(NULL, 0);
                if (here == NULL || asprintf(&whole, "%s/%s", here, path) < 0)
                        return say(why, -ENOMEM, path);
        }
        if (access(whole, F_OK) == 0)
                return say(why, -EEXIST, path);
        if (asprintf(&temporary, "%s.new", whole) < 0)
                return say(why, -ENOMEM, path);
        fd = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return say(why, -errno, temporary);
        (void)fd_close(fd); /* before SQLite opens it: closing later would drop its locks */
        r = auditdb_snapshot(db, temporary, why);
        if (r == 0)
                r = finish(temporary, whole, group, why);
        if (r < 0)
                (void)unlink(temporary);
        return r;
}

int snapshot_run(const struct ctl_command *command, int argc, char **argv)
{
        const char *path = PATH_DB;
        const char *group_name = NULL;
        const struct ctl_option options[] = {
                { "--db", CTL_TEXT, &path },
                { "--group", CTL_TEXT, &group_name },
        };
        cleanup_auditdb struct auditdb *db = NULL;
        const struct group *group = NULL;
        struct auditdb_why why = { "" };
        int first = 0;
        int r = ctl_options(command, options, sizeof(options) / sizeof(options[0]), true, argc, argv, &first);

        if (r < 0)
                return CTL_USAGE;
        if (argc != first + 1)
                return ctl_usage_error(command, "the name of one new file must be given");
        if (group_name != NULL) {
                group = getgrnam(group_name);
                if (group == NULL)
                        return ctl_usage_error(command, "--group %s: no such group", group_name);
        }
        if (access(path, F_OK) < 0) /* it would be made */
                return ctl_why(command, (say(&why, -errno, path), why.text));
        r = auditdb_open(path, AUDITDB_WRITE, &db, &why);
        if (r == 0)
                r = snapshot(db, argv[first], group != NULL ? group->gr_gid : (gid_t)-1, &why);
        return r < 0 ? ctl_why(command, why.text) : CTL_GOOD;
}
