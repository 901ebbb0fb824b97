#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "config.h"
#include "pam_diag/base/fd.h"
#include "pam_diag/base/mem.h"
#include "shipper/sinks/journal_confirm.h"
#include "shipper/sinks/journal_entry.h"
#include "shipper/sinks/sink.h"
#include "shipper/systemd.h"

/* The journal of this host, by its native protocol.
 *
 * A datagram that was taken is no acknowledgement: journald may be killed, or drop it by its rate limit. So every row
 * of a batch is read back from the journal before the cursor moves. As root, journald is first asked to write to disk;
 * the user of the auditor may not ask that, and then a power cut within journald's SyncIntervalSec (5 minutes) can take
 * rows out of the journal that the cursor has passed: they are still in the audit database. Reading back needs the
 * group systemd-journal (or adm). */
struct journald {
        struct systemd systemd;
        bool cannot_sync;
};

enum { SEND_TICKS_MOST = 15 };

static volatile sig_atomic_t ticks;

static void on_tick(int number)
{
        (void)number;
        ticks++;
}

/* The call that sends blocks while journald's queue is full, for ever when it is stopped. A signal each second takes it
 * out of that (EINTR). */
static int tick_every(time_t seconds)
{
        struct sigaction action = { .sa_handler = seconds > 0 ? on_tick : SIG_IGN };
        struct itimerval timer = { .it_interval.tv_sec = seconds, .it_value.tv_sec = seconds };

        ticks = 0;
        if (setitimer(ITIMER_REAL, &timer, NULL) < 0)
                return -errno;
        return sigaction(SIGALRM, &action, NULL) < 0 ? -errno : 0;
}

static void journald_check(const struct sink_config *config, struct conf_check *check)
{
        if (config->target[0] != '\0')
                conf_wrong(check, NULL, "nothing may follow the colon");
}

static int journald_format(struct buf *buf, struct auditdb *db, const struct export_row *row,
                           const struct sink_config *config)
{
        (void)config;
        return journal_entry_put(buf, db, row);
}

/* sd_journal_sendv(3) reports success when nobody listens: so look first. */
static int look_for_journald(struct fault *fault)
{
        static const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/run/systemd/journal/socket" };
        cleanup_fd int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
                return fault_set(fault, FAULT_LATER, "journald: cannot connect to %s: %s", address.sun_path,
                                 strerror(errno));
        return 0;
}

static int journald_open(const struct sink_config *config, void **ret_sink, struct fault *fault)
{
        cleanup_free struct journald *journald = calloc(1, sizeof(*journald));

        (void)config;
        if (journald == NULL)
                return fault_set(fault, FAULT_LATER, "out of memory");
        if (look_for_journald(fault) < 0 || systemd_load(LIBSYSTEMD, &journald->systemd, fault) < 0)
                return -1;
        *ret_sink = take_ptr(&journald);
        return 0;
}

static int send_row(const struct systemd *systemd, char *bytes, size_t length)
{
        struct iovec fields[JOURNAL_FIELDS_MOST];
        size_t count = journal_entry_fields(bytes, length, fields);
        int r;

        do
                r = systemd->journal_sendv(fields, (int)count);
        while (r == -EINTR && ticks < SEND_TICKS_MOST);
        return r;
}

static int send_rows(const struct systemd *systemd, const struct batch *batch)
{
        size_t begin = 0;
        int r = 0;

        for (size_t i = 0; i < batch->rows && r == 0; i++) {
                r = send_row(systemd, batch->bytes.data + begin, batch->ends[i] - begin);
                begin = batch->ends[i];
        }
        return r;
}

static int journald_send(void *sink, struct batch *batch, struct fault *fault)
{
        const struct journald *journald = sink;
        int r;

        /* Each batch anew: journald may have stopped since, and sendv would not say so. */
        if (look_for_journald(fault) < 0)
                return -1;
        r = tick_every(1);
        if (r == 0)
                r = send_rows(&journald->systemd, batch);
        (void)tick_every(0);
        if (r == -EINTR)
                return fault_set(fault, FAULT_LATER, "journald: takes no more records; is it stopped?");
        return r < 0 ? fault_set(fault, FAULT_LATER, "journald: cannot send: %s", strerror(-r)) : 0;
}

static int journald_confirm(void *sink, const struct batch *batch, struct fault *fault)
{
        struct journald *journald = sink;
        unsigned bound_ms = JOURNAL_SYNCED_MS;
        size_t missing = 0;
        int r = journald->cannot_sync ? -EACCES : journal_sync();

        if (r == -EACCES || r == -EPERM || r == -ENOENT)
                journald->cannot_sync = true;
        if (journald->cannot_sync)
                bound_ms = JOURNAL_BOUND_MS;
        else if (r < 0)
                return fault_set(fault, FAULT_LATER, "journald: cannot write to disk: %s", strerror(-r));
        r = journal_wait(&journald->systemd, batch, bound_ms, &missing);
        if (r == -ETIMEDOUT)
                return fault_set(
                        fault, FAULT_LATER,
                        "journald: %zu of %zu records are not in the journal after %u ms; look at its rate limit "
                        "(LogRateLimitIntervalSec=0 in the unit), and whether this user may read it (group "
                        "systemd-journal)",
                        missing, batch->rows, bound_ms);
        return r < 0 ? fault_set(fault, FAULT_LATER, "journald: cannot read the journal: %s", strerror(-r)) : 0;
}

static void journald_close(void *sink)
{
        free(sink);
}

const struct sink_type sink_journald = {
        .name = "journald",
        .usage = "journald:                the journal of this host",
        .check = journald_check,
        .open = journald_open,
        .format = journald_format,
        .send = journald_send,
        .confirm = journald_confirm,
        .close = journald_close,
};
