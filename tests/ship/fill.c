/* fill DB ROWS [SECONDS [BYTES]]: appends rows as a supervisor would, one commit each. Every tenth line is denied, some hold bytes
 * that are no text, some an escape sequence. A session has a hundred rows. Their times begin SECONDS later (or earlier) than usual;
 * a line has BYTES bytes, of all values, when that is given. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/num.h"
#include "sql/auditdb.h"
#include "sql/rec.h"

enum { SESSION_ROWS = 100 };

static int put_open(struct buf *buf, int64_t time_us, const char *session)
{
        struct rec_open rec = {
                .time_us = time_us,
                .session = session,
                .user = "diag",
                .uid = 990,
                .gid = 990,
                .auid = -1,
                .client = "2001:db8::17",
                .service = "sshd",
                .auth_method = "publickey",
                .key_type = "ssh-ed25519",
                .key = "SHA256:0123456789abcdefghijklmnopqrstuvwxyzABCDEFG",
                .host = "web-02",
                .boot = "7b0d0d4c-4b6b-4f5a-9f60-000000000000",
                .monitor = 4711,
                .version = "0.1.0",
        };

        return rec_put_open(buf, &rec);
}

static char *long_line; /* or NULL */
static char *long_word; /* the same without NUL, as no word can have one */
static size_t long_length;

static int make_long_line(size_t length)
{
        long_line = malloc(length + 1);
        long_word = malloc(length + 1);
        if (long_line == NULL || long_word == NULL)
                return -1;
        for (size_t i = 0; i < length; i++) {
                long_line[i] = (char)(i * 7);
                long_word[i] = long_line[i] != '\0' ? long_line[i] : '\xff';
        }
        long_line[length] = long_word[length] = '\0';
        long_length = length;
        return 0;
}

static int put_exec(struct buf *buf, int64_t time_us, const char *session, int64_t number)
{
        static const char odd[] = "cat /tmp/caf\xe9 \x1b[2J\n";
        char line[64];
        char *argv[] = { (char[]){ "cat" }, line + 4, NULL };
        struct rec_stage stage = { .rule = "cat", .program = "/usr/bin/cat", .argv = argv, .words = argv };
        struct rec_exec rec = {
                .time_us = time_us,
                .session = session,
                .invocation = number,
                .verdict = number % 10 == 0 ? "deny" : "allow",
                .line = line,
                .client_port = 40000,
                .cwd = "/",
                .rule = "cat",
                .code = number % 10 == 0 ? "path" : NULL,
                .reason = number % 10 == 0 ? "/etc/shadow is denied" : NULL,
                .stages = &stage,
                .stage_count = 1,
        };

        if (number % 7 == 0)
                memcpy(line, odd, sizeof(odd));
        else
                (void)snprintf(line, sizeof(line), "cat /var/log/syslog.%" PRId64, number);
        rec.line_length = strlen(line);
        if (long_line != NULL) {
                rec.line = long_line;
                rec.line_length = long_length;
                argv[1] = long_word;
        }
        return rec_put_exec(buf, &rec);
}

static int put_exit(struct buf *buf, int64_t time_us, const char *session, int64_t number)
{
        static const int statuses[] = { 0 };
        struct rec_exit rec = {
                .time_us = time_us,
                .session = session,
                .invocation = number,
                .how = "exited",
                .duration_us = 1500,
                .stdout_bytes = 4096,
                .stage_status = statuses,
                .stage_count = 1,
        };

        return rec_put_exit(buf, &rec);
}

static int put_child(struct buf *buf, int64_t time_us, const char *session)
{
        char *argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, (char[]){ "\xff\x01" }, NULL };
        struct rec_child rec = { .time_us = time_us,
                                 .session = session,
                                 .invocation = 48,
                                 .verdict = "deny",
                                 .pid = 4712,
                                 .program = "/bin/sh",
                                 .argv = argv,
                                 .reason = "not started by the supervisor" };

        return rec_put_child(buf, &rec);
}

static int put_monitor(struct buf *buf, int64_t time_us, const char *session)
{
        char *argv[] = { (char[]){ "helper" }, NULL };
        struct rec_monitor rec = {
                .time_us = time_us, .session = session, .pid = 4713, .program = "/usr/lib/helper", .argv = argv
        };

        return rec_put_monitor(buf, &rec);
}

static int put_close(struct buf *buf, int64_t time_us, const char *session)
{
        struct rec_close rec = { .time_us = time_us,
                                 .session = session,
                                 .how = "closed",
                                 .commands = 48,
                                 .denied = 4,
                                 .duration_us = 99000 };

        return rec_put_close(buf, &rec);
}

static int put_head(struct buf *buf, int64_t time_us)
{
        struct rec_head rec = { .time_us = time_us,
                                .log = "pam_diag/x",
                                .seq = 17,
                                .hash = "00ff",
                                .reason = "rows",
                                .boot = "7b0d0d4c-4b6b-4f5a-9f60-000000000000",
                                .note = "pam_diag/x\n17\n" };

        return rec_put_head(buf, &rec);
}

static int put_row(struct buf *buf, int64_t i, int64_t shift_s)
{
        int64_t time_us = INT64_C(1700000000000000) + shift_s * 1000000 + i * 1000;
        int64_t within = i % SESSION_ROWS;
        char session[REC_SESSION_LENGTH + 1];

        (void)snprintf(session, sizeof(session), "%032" PRIx64, i / SESSION_ROWS + 1);
        if (within == 0)
                return put_open(buf, time_us, session);
        if (within == SESSION_ROWS - 4)
                return put_head(buf, time_us);
        if (within == SESSION_ROWS - 3)
                return put_child(buf, time_us, session);
        if (within == SESSION_ROWS - 2)
                return put_monitor(buf, time_us, session);
        if (within == SESSION_ROWS - 1)
                return put_close(buf, time_us, session);
        if (within % 2 == 1)
                return put_exec(buf, time_us, session, (within + 1) / 2);
        return put_exit(buf, time_us, session, within / 2);
}

int main(int argc, char **argv)
{
        cleanup_auditdb struct auditdb *db = NULL;
        cleanup_buf struct buf buf = BUF_INIT(AUDITDB_REC_MOST);
        struct auditdb_why why = { "" };
        uint64_t rows = 0;
        uint64_t bytes = 0;
        int64_t shift_s = 0;
        int64_t seq = 0;

        if (argc < 3 || argc > 5 || num_parse_u64(argv[2], 0, INT32_MAX, &rows) < 0 ||
            (argc > 3 && num_parse_i64(argv[3], -INT32_MAX, INT32_MAX, &shift_s) < 0) ||
            (argc > 4 && (num_parse_u64(argv[4], 1, AUDITDB_REC_MOST, &bytes) < 0 || make_long_line(bytes) < 0))) {
                fprintf(stderr, "usage: fill DB ROWS [SECONDS [BYTES]]\n");
                return 2;
        }
        if (auditdb_open(argv[1], AUDITDB_WRITE, &db, &why) < 0) {
                fprintf(stderr, "fill: %s\n", why.text);
                return 1;
        }
        for (uint64_t i = 0; i < rows; i++) {
                buf_clear(&buf);
                if (put_row(&buf, (int64_t)i, shift_s) < 0 ||
                    auditdb_append(db, buf.data, buf.length, &seq, &why) < 0) {
                        fprintf(stderr, "fill: row %" PRIu64 ": %s\n", i + 1, why.text);
                        return 1;
                }
        }
        printf("%" PRId64 "\n", seq);
        return 0;
}
