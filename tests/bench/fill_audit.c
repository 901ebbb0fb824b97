/* fill_audit DB ROWS DAYS: an audit database as a busy host would have it after so many days, with the real schema and the real chain, but many
 * rows to a commit. Always the same rows: the generator starts from a constant. The last day is 2026-06-30.
 *
 * A session has a handful of commands, one in twelve denied; some sessions have no end on record, and some commands none. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/num.h"
#include "sql/append.h"
#include "sql/auditdb.h"
#include "sql/rec.h"

enum { ROWS_A_COMMIT = 20000, COMMANDS_MOST = 24, KEYS = 12, CLIENTS = 40, DAYS_MOST = 10000 };
#define LAST_US INT64_C(1782864000000000) /* 2026-07-01T00:00:00Z */
#define DAY_US INT64_C(86400000000)

struct fill {
        struct auditdb *db;
        struct append append;
        struct buf buf;
        struct auditdb_why why;
        uint64_t random;
        int64_t rows;
        int64_t most;
        int64_t first_us;
        int64_t step_us;
        char session[REC_SESSION_LENGTH + 1];
};

/* xorshift64 (Marsaglia 2003). */
static uint64_t draw(struct fill *fill, uint64_t below)
{
        fill->random ^= fill->random << 13;
        fill->random ^= fill->random >> 7;
        fill->random ^= fill->random << 17;
        return fill->random % below;
}

static int64_t now(const struct fill *fill)
{
        return fill->first_us + fill->rows * fill->step_us;
}

static int commit_some(struct fill *fill)
{
        int r = append_end(&fill->append, 0, &fill->why);

        return r == 0 ? append_begin(fill->db, &fill->append, &fill->why) : r;
}

static int put(struct fill *fill, int built)
{
        int r = built == 0 ? append_put(&fill->append, fill->buf.data, fill->buf.length, &fill->why) : built;

        buf_clear(&fill->buf);
        fill->rows++;
        return r == 0 && fill->rows % ROWS_A_COMMIT == 0 ? commit_some(fill) : r;
}

static int put_open(struct fill *fill)
{
        uint64_t key = draw(fill, KEYS);
        char client[32], fingerprint[64], name[16];
        struct rec_open rec = { .time_us = now(fill),
                                .session = fill->session,
                                .user = draw(fill, 10) == 0 ? "vendor" : "diag",
                                .uid = 990,
                                .gid = 990,
                                .auid = 990,
                                .client = client,
                                .service = "sshd",
                                .tty = "ssh",
                                .auth_method = "publickey",
                                .key_type = "ssh-ed25519",
                                .key = fingerprint,
                                .key_name = key % 3 == 0 ? NULL : name,
                                .policy = "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4",
                                .host = "web-02",
                                .boot = "7b0d0d4c-4b6b-4f5a-9f60-000000000000",
                                .monitor = 1000 + (int64_t)draw(fill, 30000),
                                .version = "0.1.0" };

        (void)snprintf(client, sizeof(client), "192.0.2.%" PRIu64, draw(fill, CLIENTS));
        (void)snprintf(fingerprint, sizeof(fingerprint), "SHA256:%043" PRIu64, key);
        (void)snprintf(name, sizeof(name), "key-%" PRIu64, key);
        return put(fill, rec_put_open(&fill->buf, &rec));
}

static const char *const programs[][3] = {
        { "cat", "/usr/bin/cat", "/var/log/app/app.log." },
        { "tail", "/usr/bin/tail", "/var/log/nginx/access.log." },
        { "systemctl status", "/usr/bin/systemctl", "app-" },
        { "journalctl", "/usr/bin/journalctl", "--unit=app-" },
        { "ls", "/usr/bin/ls", "/srv/data/" },
        { "grep", "/usr/bin/grep", "--file=/srv/pattern/" },
        { "ss", "/usr/bin/ss", "--port=" },
        { "df", "/usr/bin/df", "/mnt/volume-" },
};
enum { PROGRAMS = sizeof(programs) / sizeof(programs[0]) };

static int put_exec(struct fill *fill, int64_t invocation, bool denied)
{
        const char *const *program = programs[draw(fill, PROGRAMS)];
        char line[160], word[96];
        char *argv[] = { (char *)(uintptr_t)program[0], word, NULL };
        struct rec_stage stage = { .rule = program[0], .program = program[1], .argv = argv, .words = argv };
        struct rec_exec rec = { .time_us = now(fill),
                                .session = fill->session,
                                .invocation = invocation,
                                .verdict = denied ? "deny" : "allow",
                                .line = line,
                                .client_port = 40000,
                                .cwd = "/run/pam_diag/empty",
                                .code = denied ? "path" : NULL,
                                .rule = denied && invocation % 2 == 0 ? NULL : program[0],
                                .reason = denied ? "/srv/secret/token is denied" : NULL,
                                .hint = denied ? "diagctl policy explain" : NULL,
                                .word = denied ? 2 : 0,
                                .stages = &stage,
                                .stage_count = 1 };

        (void)snprintf(word, sizeof(word), denied ? "/srv/secret/%s%" PRIu64 : "%s%" PRIu64, program[2],
                       draw(fill, 500));
        (void)snprintf(line, sizeof(line), "%s %s", program[0], word);
        rec.line_length = strlen(line);
        return put(fill, rec_put_exec(&fill->buf, &rec));
}

static int put_exit(struct fill *fill, int64_t invocation)
{
        static const int statuses[] = { 0 };
        struct rec_exit rec = { .time_us = now(fill),
                                .session = fill->session,
                                .invocation = invocation,
                                .how = "exited",
                                .duration_us = (int64_t)draw(fill, 20000) * (draw(fill, 50) == 0 ? 300 : 1),
                                .user_us = 700,
                                .system_us = 900,
                                .max_rss_kb = 2048,
                                .stdout_bytes = (int64_t)draw(fill, 100000),
                                .stage_status = statuses,
                                .stage_count = 1 };

        return put(fill, rec_put_exit(&fill->buf, &rec));
}

static int put_close(struct fill *fill, int64_t commands, int64_t denied)
{
        struct rec_close rec = { .time_us = now(fill),
                                 .session = fill->session,
                                 .how = "closed",
                                 .commands = commands,
                                 .denied = denied,
                                 .duration_us = 5000000 };

        return put(fill, rec_put_close(&fill->buf, &rec));
}

static int put_session(struct fill *fill)
{
        int64_t commands = 1 + (int64_t)draw(fill, COMMANDS_MOST);
        int64_t denials = 0;
        int r;

        (void)snprintf(fill->session, sizeof(fill->session), "%016" PRIx64 "%016" PRIx64, draw(fill, UINT64_MAX),
                       draw(fill, UINT64_MAX));
        r = put_open(fill);
        for (int64_t i = 1; r == 0 && i <= commands; i++) {
                bool denied = draw(fill, 12) == 0;

                denials += denied;
                r = put_exec(fill, i, denied);
                if (r == 0 && !denied && draw(fill, 2000) != 0)
                        r = put_exit(fill, i);
        }
        if (r == 0 && draw(fill, 300) != 0)
                r = put_close(fill, commands - denials, denials);
        return r;
}

static int fill_all(struct fill *fill, uint64_t rows, uint64_t days)
{
        int r;

        fill->most = (int64_t)rows;
        fill->step_us = (int64_t)days * DAY_US / fill->most;
        fill->first_us = LAST_US - (int64_t)days * DAY_US;
        r = append_begin(fill->db, &fill->append, &fill->why);
        while (r == 0 && fill->rows < fill->most)
                r = put_session(fill);
        return r == 0 ? append_end(&fill->append, 0, &fill->why) : r;
}

int main(int argc, char **argv)
{
        cleanup_auditdb struct auditdb *db = NULL;
        struct fill fill = { .buf = BUF_INIT(AUDITDB_REC_MOST), .random = 88172645463325252 };
        uint64_t rows = 0, days = 0;
        int r;

        if (argc != 4 || num_parse_u64(argv[2], 1, INT32_MAX, &rows) < 0 ||
            num_parse_u64(argv[3], 1, DAYS_MOST, &days) < 0) {
                fprintf(stderr, "usage: fill_audit DB ROWS DAYS\n");
                return 2;
        }
        r = auditdb_open(argv[1], AUDITDB_WRITE, &db, &fill.why);
        fill.db = db;
        if (r == 0)
                r = fill_all(&fill, rows, days);
        buf_free(&fill.buf);
        if (r < 0)
                fprintf(stderr, "fill_audit: %s\n", fill.why.text);
        else
                printf("%" PRId64 "\n", fill.rows);
        return r < 0;
}
