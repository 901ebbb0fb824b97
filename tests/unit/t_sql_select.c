/* sql/select.c: which rows fit which filter. */
#include "sql/select.h"

#include "tests/unit/select_help.h"

static char found[256];

static const char *list(int64_t *seqs, size_t count)
{
        size_t used = 0;

        found[0] = '\0';
        for (size_t i = 0; i < count; i++)
                used += (size_t)snprintf(found + used, sizeof(found) - used, "%s%" PRId64, i > 0 ? " " : "", seqs[i]);
        free(seqs);
        return found;
}

static const char *newest(struct auditdb *db, const struct select_filter *filter, size_t most)
{
        int64_t *seqs = NULL;
        size_t count = 0;
        int r = auditdb_select_newest(db, filter, most, &seqs, &count, &why);

        ck_assert_msg(r == 0, "%s", why.text);
        return list(seqs, count);
}

static const char *after(struct auditdb *db, const struct select_filter *filter, int64_t seq, size_t most)
{
        int64_t *seqs = NULL;
        size_t count = 0;
        int r = auditdb_select_after(db, filter, seq, most, &seqs, &count, &why);

        ck_assert_msg(r == 0, "%s", why.text);
        return list(seqs, count);
}

/* The same rows in whichever way they are looked for. */
static void must_find(struct auditdb *db, struct select_filter filter, const char *wanted)
{
        ck_assert_str_eq(newest(db, &filter, 100), wanted);
        ck_assert_str_eq(after(db, &filter, 0, 100), wanted);
        filter.since_us = 1;
        ck_assert_str_eq(newest(db, &filter, 100), wanted);
        ck_assert_str_eq(after(db, &filter, 0, 100), wanted);
}

START_TEST(without_a_filter_all)
{
        struct auditdb *db = must_fill();
        const struct select_filter none = { 0 };

        ck_assert_str_eq(newest(db, &none, 100), "1 2 3 4 5 6 7 8 9");
        ck_assert_str_eq(newest(db, &none, 3), "7 8 9");
        ck_assert_str_eq(after(db, &none, 6, 2), "7 8");
        ck_assert_str_eq(after(db, &none, 9, 2), "");
        auditdb_free(db);
}
END_TEST

START_TEST(by_time)
{
        struct auditdb *db = must_fill();

        ck_assert_str_eq(newest(db, &(struct select_filter){ .since_us = 7000 }, 100), "7 8 9");
        ck_assert_str_eq(newest(db, &(struct select_filter){ .until_us = 3000 }, 100), "1 2");
        ck_assert_str_eq(newest(db, &(struct select_filter){ .since_us = 3000, .until_us = 5000 }, 100), "3 4");
        ck_assert_str_eq(newest(db, &(struct select_filter){ .since_us = 1, .until_us = 6000 }, 2), "4 5");
        ck_assert_str_eq(after(db, &(struct select_filter){ .since_us = 3000, .until_us = 5000 }, 3, 100), "4");
        auditdb_free(db);
}
END_TEST

START_TEST(by_who)
{
        struct auditdb *db = must_fill();

        must_find(db, (struct select_filter){ .user = "diag" }, "1 3 5 6 8 9");
        must_find(db, (struct select_filter){ .user = "ven\"dor" }, "2 4 7");
        must_find(db, (struct select_filter){ .user = "dia" }, "");
        must_find(db, (struct select_filter){ .user = "forged" }, "");
        must_find(db, (struct select_filter){ .key = "SHA256:abc" }, "1 3 5 6 8 9");
        must_find(db, (struct select_filter){ .key = "agent" }, "1 3 5 6 8 9");
        must_find(db, (struct select_filter){ .key = "SHA256:abcd" }, "2 4 7");
        must_find(db, (struct select_filter){ .client = "2001:db8::7" }, "2 4 7");
        must_find(db, (struct select_filter){ .user = "diag", .client = "2001:db8::7" }, "");
        must_find(db, (struct select_filter){ .session = SESSION_B }, "2 4 7");
        must_find(db, (struct select_filter){ .session = SESSION_B, .user = "diag" }, "");
        auditdb_free(db);
}
END_TEST

START_TEST(by_verdict_and_rule)
{
        struct auditdb *db = must_fill();
        int64_t *seqs = NULL;
        size_t count = 0;

        must_find(db, (struct select_filter){ .verdict = "deny" }, "4 8");
        must_find(db, (struct select_filter){ .verdict = "allow" }, "3 6");
        must_find(db, (struct select_filter){ .verdict = "help" }, "7");
        ck_assert_int_eq(
                auditdb_select_newest(db, &(struct select_filter){ .verdict = "x' OR 1 --" }, 1, &seqs, &count, &why),
                -EINVAL);
        must_find(db, (struct select_filter){ .rule = "cat" }, "3");
        must_find(db, (struct select_filter){ .rule = "grep" }, "6");
        must_find(db, (struct select_filter){ .rule = "systemctl status" }, "6");
        must_find(db, (struct select_filter){ .rule = "systemctl" }, "");
        must_find(db, (struct select_filter){ .rule = "forged" }, "");
        auditdb_free(db);
}
END_TEST

START_TEST(by_path)
{
        struct auditdb *db = must_fill();

        must_find(db, (struct select_filter){ .path = "/etc/hosts" }, "3");
        must_find(db, (struct select_filter){ .path = "/etc/" }, "3");
        must_find(db, (struct select_filter){ .path = "/etc/host" }, "");
        must_find(db, (struct select_filter){ .path = "/srv/x" }, "4 6");
        must_find(db, (struct select_filter){ .path = "/srv" }, "4 6");
        must_find(db, (struct select_filter){ .path = "/srv/x/y" }, "4");
        must_find(db, (struct select_filter){ .path = "/" }, "3 4 6");
        must_find(db, (struct select_filter){ .path = "/caf\xe9" }, "4");
        must_find(db, (struct select_filter){ .path = "/caf" }, "");
        must_find(db, (struct select_filter){ .path = "/usr/bin/cat" }, ""); /* the program is no word */
        auditdb_free(db);
}
END_TEST

/* More sessions than are looked up one by one: the other way must find the same. */
START_TEST(many_sessions_of_one_user)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);
        cleanup_buf struct buf rec = BUF_INIT(AUDITDB_REC_MOST);

        for (int i = 1; i <= 1100; i++) {
                char session[REC_SESSION_LENGTH + 1];

                snprintf(session, sizeof(session), "%032x", i);
                put(db, &rec,
                    rec_put_open(&rec,
                                 &(struct rec_open){ .time_us = i, .session = session, .user = i == 1 ? "x" : "y" }));
        }
        ck_assert_str_eq(newest(db, &(struct select_filter){ .user = "y" }, 2), "1099 1100");
        ck_assert_str_eq(newest(db, &(struct select_filter){ .user = "x" }, 2), "1");
        auditdb_free(db);
}
END_TEST

int main(void)
{
        const TTest *const tests[] = { without_a_filter_all, by_time, by_who,
                                       by_verdict_and_rule,  by_path, many_sessions_of_one_user };

        return RUN_SUITE("sql_select", tests);
}
