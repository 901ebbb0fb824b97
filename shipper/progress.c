#include "shipper/progress.h"

#include <inttypes.h>
#include <stdio.h>

#include "pam_diag/base/clock.h"

enum { SHOW_US = 200000 };

static int take_seq(void *context, const struct auditdb_row *row)
{
        *(int64_t *)context = row->seq;
        return 0;
}

void progress_start(struct progress *progress, const char *name, struct auditdb *db)
{
        struct auditdb_why why;

        *progress = (struct progress){ .name = name, .start_us = clock_monotonic_us() };
        /* Only for the estimate; what is wrong with the database is told by who needs its rows. */
        (void)auditdb_last(db, 1, take_seq, &progress->last_seq, &why);
}

void progress_show(struct progress *progress, uint64_t rows, int64_t seq)
{
        int64_t now = clock_monotonic_us();
        int64_t passed = now - progress->start_us;
        uint64_t rate;

        if (progress->any && now - progress->shown_us < SHOW_US)
                return;
        progress->any = true;
        progress->shown_us = now;
        rate = passed > 0 ? rows * 1000000 / (uint64_t)passed : 0;
        fprintf(stderr, "\rdiag-ship: %s: %" PRIu64 " rows, %" PRIu64 "/s", progress->name, rows, rate);
        if (rate > 0 && progress->last_seq > seq)
                fprintf(stderr, ", %" PRIu64 " s left", (uint64_t)(progress->last_seq - seq) / rate + 1);
        fprintf(stderr, "\033[K");
}

void progress_end(struct progress *progress)
{
        if (progress->any)
                fputc('\n', stderr);
}
