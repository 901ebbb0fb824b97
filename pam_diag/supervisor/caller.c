#include "pam_diag/supervisor/caller.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/base/num.h"

enum { STATUS_MOST = 64 * 1024, STEPS_MOST = 64 };

/* Up to `most` numbers, separated by tabs or blanks, of the line that starts with `name`. Returns how many there are, or -EBADMSG. */
static int numbers_of(const char *status, const char *name, uint64_t *values, size_t most)
{
        size_t n = strlen(name);
        const char *line = status;
        size_t count = 0;

        while (strncmp(line, name, n) != 0 || line[n] != ':') {
                line = strchr(line, '\n');
                if (line == NULL)
                        return -EBADMSG;
                line++;
        }
        for (line += n + 1; count < most; count++) {
                char digits[24];
                size_t length;

                line += strspn(line, " \t");
                length = strcspn(line, " \t\n");
                if (length == 0)
                        break;
                if (length >= sizeof(digits))
                        return -EBADMSG;
                memcpy(digits, line, length);
                digits[length] = '\0';
                if (num_parse_u64(digits, 0, UINT32_MAX, &values[count]) < 0)
                        return -EBADMSG;
                line += length;
        }
        return (int)count;
}

int caller_parse(const char *status, struct caller *ret_caller)
{
        uint64_t pid, parent, threads, uids[4];

        if (numbers_of(status, "Tgid", &pid, 1) != 1 || numbers_of(status, "PPid", &parent, 1) != 1 ||
            numbers_of(status, "Uid", uids, 4) != 4 || numbers_of(status, "Threads", &threads, 1) != 1 || pid == 0 ||
            pid > INT_MAX || parent > INT_MAX)
                return -EBADMSG;
        *ret_caller = (struct caller){
                .pid = (pid_t)pid,
                .parent = (pid_t)parent,
                .uids = { (uid_t)uids[0], (uid_t)uids[1], (uid_t)uids[2], (uid_t)uids[3] },
                .threads = (unsigned)threads,
        };
        return 0;
}

int caller_load(pid_t pid, struct caller *ret_caller)
{
        char path[32];
        cleanup_free char *text = NULL;
        size_t length;
        int r;

        (void)snprintf(path, sizeof(path), "/proc/%d/status", pid);
        r = fd_read_file(path, STATUS_MOST, &text, &length);
        return r < 0 ? r : caller_parse(text, ret_caller);
}

bool caller_is_uid(const struct caller *caller, uid_t uid)
{
        for (size_t i = 0; i < 4; i++)
                if (caller->uids[i] != uid)
                        return false;
        return true;
}

pid_t caller_ancestor(const struct caller *caller, bool (*is)(void *context, pid_t pid), void *context)
{
        struct caller at = *caller;
        pid_t pid = at.pid;

        for (int step = 0; pid > 1 && step < STEPS_MOST; step++) {
                if (is(context, pid))
                        return pid;
                if (pid != at.pid && caller_load(pid, &at) < 0)
                        return 0;
                pid = at.parent;
        }
        return 0;
}
