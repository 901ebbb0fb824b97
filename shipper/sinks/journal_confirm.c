#include "shipper/sinks/journal_confirm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/base/num.h"

enum { REPLY_MOST = 4096 };

static int ask(int fd, char *reply, size_t size)
{
        static const char call[] = "{\"method\":\"io.systemd.Journal.Synchronize\"}"; /* its NUL ends the message */
        size_t used = 0;
        int r = fd_write_all(fd, call, sizeof(call));

        if (r < 0)
                return r;
        while (used < size) {
                ssize_t n = recv(fd, reply + used, size - used, 0);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return errno == EAGAIN ? -ETIMEDOUT : -errno;
                if (n == 0)
                        return -ECONNRESET;
                used += (size_t)n;
                if (reply[used - 1] == '\0')
                        return 0;
        }
        return -EMSGSIZE;
}

int journal_sync(void)
{
        static const struct sockaddr_un address = { .sun_family = AF_UNIX,
                                                    .sun_path = "/run/systemd/journal/io.systemd.journal" };
        struct timeval bound = { .tv_sec = JOURNAL_BOUND_MS / 1000 };
        cleanup_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        char reply[REPLY_MOST];
        int r;

        if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof(bound)) < 0 ||
            setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &bound, sizeof(bound)) < 0)
                return -errno;
        if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
                return errno == ECONNREFUSED ? -ENOENT : -errno;
        r = ask(fd, reply, sizeof(reply));
        if (r < 0)
                return r;
        return strstr(reply, "\"error\"") == NULL ? 0 : -EIO;
}

static uint64_t clock_ms(void)
{
        struct timespec now;

        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* The journal while a batch is looked for. */
struct reader {
        const struct systemd *systemd;
        sd_journal *journal;
};

static void reader_close(struct reader *reader)
{
        if (reader->journal != NULL)
                reader->systemd->journal_close(reader->journal);
        reader->journal = NULL;
}

/* "DIAG_SEQ=123" of the current entry; 0 when there is none. */
static int64_t entry_seq(const struct reader *reader)
{
        const void *data = NULL;
        size_t length = 0;
        char text[32];
        int64_t seq = 0;

        if (reader->systemd->journal_get_data(reader->journal, "DIAG_SEQ", &data, &length) < 0)
                return 0;
        if (length <= strlen("DIAG_SEQ=") || length - strlen("DIAG_SEQ=") >= sizeof(text))
                return 0;
        length -= strlen("DIAG_SEQ=");
        memcpy(text, (const char *)data + strlen("DIAG_SEQ="), length);
        text[length] = '\0';
        return num_parse_i64(text, 1, INT64_MAX, &seq) < 0 ? 0 : seq;
}

/* Backwards from the newest entry, until every row has been seen or rows come that were sent before this batch. */
static int count_missing(const struct reader *reader, const struct batch *batch, size_t *ret_missing)
{
        cleanup_free bool *seen = calloc(batch->rows, sizeof(*seen));
        size_t missing = batch->rows;
        int r;

        if (seen == NULL)
                return -ENOMEM;
        r = reader->systemd->journal_seek_tail(reader->journal);
        if (r < 0)
                return r;
        while (missing > 0) {
                int64_t seq;

                r = reader->systemd->journal_previous(reader->journal);
                if (r < 0)
                        return r;
                if (r == 0)
                        break;
                seq = entry_seq(reader);
                if (seq < batch->first_seq)
                        break;
                if (seq > batch->last_seq || seen[seq - batch->first_seq])
                        continue;
                seen[seq - batch->first_seq] = true;
                missing--;
        }
        *ret_missing = missing;
        return 0;
}

static int open_journal(const struct batch *batch, struct reader *reader)
{
        char match[64];
        int n;
        int r;

        r = reader->systemd->journal_open(&reader->journal, SD_JOURNAL_LOCAL_ONLY);
        if (r < 0)
                return r;
        n = snprintf(match, sizeof(match), "DIAG_DB=%s", auditdb_uuid(batch->db));
        return reader->systemd->journal_add_match(reader->journal, match, (size_t)n);
}

int journal_wait(const struct systemd *systemd, const struct batch *batch, unsigned bound_ms, size_t *ret_missing)
{
        __attribute__((cleanup(reader_close))) struct reader reader = { .systemd = systemd };
        uint64_t start = clock_ms();
        int r;

        r = open_journal(batch, &reader);
        if (r < 0)
                return r;
        for (;;) {
                uint64_t passed;

                r = count_missing(&reader, batch, ret_missing);
                if (r < 0 || *ret_missing == 0)
                        return r;
                passed = clock_ms() - start;
                if (passed >= bound_ms)
                        return -ETIMEDOUT;
                r = systemd->journal_wait(reader.journal, 50000);
                if (r < 0)
                        return r;
        }
}
