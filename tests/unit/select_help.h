/* Two sessions in a real database, for the tests that choose among rows:
 *
 *   seq  time      session  what
 *   1    1000      A        open: diag, 10.0.0.7, key SHA256:abc (agent)
 *   2    2000      B        open: ven"dor, 2001:db8::7, key SHA256:abcd
 *   3    3000      A        exec 1 allow: cat /etc/hosts (rule cat)
 *   4    4000      B        exec 1 deny: rm -rf /srv/x/y (words)
 *   5    5000      A        exit 1
 *   6    6000      A        exec 2 allow: a pipeline of "systemctl status" and grep --file=/srv/x
 *   7    7000      B        exec 2 help
 *   8    8000      A        child deny /bin/sh
 *   9    9000      A        close: killed by alice
 */
#pragma once

#include "tests/unit/sql_help.h"

#define SESSION_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SESSION_B "abbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static void put(struct auditdb *db, struct buf *rec, int r)
{
        ck_assert_int_eq(r, 0);
        ck_assert_msg(auditdb_append(db, rec->data, rec->length, NULL, &why) == 0, "%s", why.text);
        buf_clear(rec);
}

static void fill_opens(struct auditdb *db, struct buf *rec)
{
        put(db, rec,
            rec_put_open(rec, &(struct rec_open){ .time_us = 1000,
                                                  .session = SESSION_A,
                                                  .user = "diag",
                                                  .client = "10.0.0.7",
                                                  .key = "SHA256:abc",
                                                  .key_name = "agent",
                                                  .host = "web-02" }));
        put(db, rec,
            rec_put_open(rec, &(struct rec_open){ .time_us = 2000,
                                                  .session = SESSION_B,
                                                  .user = "ven\"dor",
                                                  .client = "2001:db8::7",
                                                  .key = "SHA256:abcd" }));
}

static void fill_exec(struct auditdb *db, struct buf *rec, int64_t time_us, const char *session, int64_t invocation,
                      const char *verdict, struct rec_stage *stages, size_t count)
{
        put(db, rec,
            rec_put_exec(rec, &(struct rec_exec){ .time_us = time_us,
                                                  .session = session,
                                                  .invocation = invocation,
                                                  .verdict = verdict,
                                                  .line = "\"rule\":\"forged\" \"user\":\"forged\"",
                                                  .line_length = 31,
                                                  .rule = stages == NULL ? NULL : stages[0].rule,
                                                  .stages = stages,
                                                  .stage_count = count }));
}

static void fill_execs(struct auditdb *db, struct buf *rec)
{
        char *cat[] = { (char[]){ "cat" }, (char[]){ "/etc/hosts" }, NULL };
        char *rm[] = { (char[]){ "rm" }, (char[]){ "-rf" }, (char[]){ "/srv/x/y" }, (char[]){ "/caf\xe9" }, NULL };
        char *status[] = { (char[]){ "systemctl" }, (char[]){ "status" }, NULL };
        char *grep[] = { (char[]){ "grep" }, (char[]){ "--file=/srv/x" }, NULL };
        struct rec_stage one = { .rule = "cat", .program = "/usr/bin/cat", .argv = cat };
        struct rec_stage words = { .words = rm };
        struct rec_stage two[] = { { .rule = "systemctl status", .program = "/usr/bin/systemctl", .argv = status },
                                   { .rule = "grep", .program = "/usr/bin/grep", .argv = grep } };

        fill_exec(db, rec, 3000, SESSION_A, 1, "allow", &one, 1);
        fill_exec(db, rec, 4000, SESSION_B, 1, "deny", &words, 1);
        put(db, rec,
            rec_put_exit(rec, &(struct rec_exit){
                                      .time_us = 5000, .session = SESSION_A, .invocation = 1, .how = "exited" }));
        fill_exec(db, rec, 6000, SESSION_A, 2, "allow", two, 2);
        fill_exec(db, rec, 7000, SESSION_B, 2, "help", NULL, 0);
}

static struct auditdb *must_fill(void)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);
        cleanup_buf struct buf rec = BUF_INIT(AUDITDB_REC_MOST);

        fill_opens(db, &rec);
        fill_execs(db, &rec);
        put(db, &rec,
            rec_put_child(&rec, &(struct rec_child){ .time_us = 8000,
                                                     .session = SESSION_A,
                                                     .invocation = 2,
                                                     .verdict = "deny",
                                                     .program = "/bin/sh" }));
        put(db, &rec,
            rec_put_close(&rec,
                          &(struct rec_close){ .time_us = 9000,
                                               .session = SESSION_A,
                                               .how = "killed",
                                               .by = &(struct rec_operator){ .uid = 0, .auid = 1000, .name = "alice" },
                                               .commands = 2,
                                               .denied = 0,
                                               .duration_us = 8000 }));
        return db;
}
