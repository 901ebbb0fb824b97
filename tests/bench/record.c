#include "tests/bench/record.h"

#include <errno.h>
#include <unistd.h>

#include "pam_diag/base/clock.h"
#include "pam_diag/base/fd.h"
#include "sql/rec.h"

int record_make(struct buf *buf, int64_t number)
{
        static const char line[] = "journalctl --no-pager --unit=invidious.service --lines=50";
        char program[] = "journalctl", pager[] = "--no-pager", unit[] = "--unit=invidious.service",
             lines[] = "--lines=50";
        char *argv[] = { program, pager, unit, lines, NULL };
        struct rec_stage stage = { .rule = "journalctl", .program = "/usr/bin/journalctl", .argv = argv };

        buf_clear(buf);
        return rec_put_exec(buf, &(struct rec_exec){ .time_us = clock_real_us(),
                                                     .session = "0123456789abcdef0123456789abcdef",
                                                     .invocation = number,
                                                     .verdict = "allow",
                                                     .line = line,
                                                     .line_length = sizeof(line) - 1,
                                                     .client_port = 40000,
                                                     .cwd = "/run/pam_diag/empty",
                                                     .rule = "journalctl",
                                                     .stages = &stage,
                                                     .stage_count = 1 });
}

int record_floor(int fd, const struct buf *record)
{
        int r = fd_write_all(fd, record->data, record->length);

        return r == 0 && fdatasync(fd) < 0 ? -errno : r;
}
