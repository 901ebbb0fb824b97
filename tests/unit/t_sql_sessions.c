/* sql/sessions.c: sessions, closed and not, and one by the beginning of its name. */
#include "sql/sessions.h"

#include "tests/unit/select_help.h"

static char seen[4096];

static const char *text(const char *value)
{
        return value != NULL ? value : "-";
}

static int see(void *context, const struct session_row *row)
{
        size_t used = strlen(seen);

        snprintf(seen + used, sizeof(seen) - used,
                 "%" PRId64 " %" PRId64 " %.3s %s %s %s %s %s %d %" PRId64 " %" PRId64 " %s %s %" PRId64 " %" PRId64
                 "\n",
                 row->seq, row->opened_us, row->session, text(row->user), text(row->client), text(row->key),
                 text(row->key_name), text(row->host), row->closed, row->closed_us, row->duration_us, text(row->how),
                 text(row->by), row->commands, row->denied);
        return *(int *)context;
}

#define ROW_A "1 1000 aaa diag 10.0.0.7 SHA256:abc agent web-02 1 9000 8000 killed alice 2 0\n"
#define ROW_B "2 2000 abb ven\"dor 2001:db8::7 SHA256:abcd - - 0 0 0 - - 0 1\n"

static void must_list(struct auditdb *db, struct select_filter filter, bool unclosed, size_t most, const char *wanted)
{
        int answer = 0;

        seen[0] = '\0';
        ck_assert_msg(auditdb_sessions(db, &filter, unclosed, most, see, &answer, &why) == 0, "%s", why.text);
        ck_assert_str_eq(seen, wanted);
}

START_TEST(closed_and_not)
{
        struct auditdb *db = must_fill();

        must_list(db, (struct select_filter){ 0 }, false, 10, ROW_A ROW_B);
        must_list(db, (struct select_filter){ 0 }, false, 1, ROW_B);
        must_list(db, (struct select_filter){ 0 }, true, 10, ROW_B);
        must_list(db, (struct select_filter){ .until_us = 2000 }, true, 10, "");
        must_list(db, (struct select_filter){ .since_us = 2000 }, false, 10, ROW_B);
        must_list(db, (struct select_filter){ .key = "agent" }, false, 10, ROW_A);
        must_list(db, (struct select_filter){ .user = "diag" }, true, 10, "");
        must_list(db, (struct select_filter){ .client = "2001:db8::7" }, false, 10, ROW_B);
        must_list(db, (struct select_filter){ .session = SESSION_A }, false, 10, ROW_A);
        auditdb_free(db);
}
END_TEST

START_TEST(a_caller_can_stop)
{
        struct auditdb *db = must_fill();
        int answer = 1;

        seen[0] = '\0';
        ck_assert_int_eq(auditdb_sessions(db, &(struct select_filter){ 0 }, false, 10, see, &answer, &why), 0);
        ck_assert_str_eq(seen, ROW_A);
        answer = -EPIPE;
        ck_assert_int_eq(auditdb_sessions(db, &(struct select_filter){ 0 }, false, 10, see, &answer, &why), -EPIPE);
        auditdb_free(db);
}
END_TEST

START_TEST(by_the_beginning_of_its_name)
{
        struct auditdb *db = must_fill();
        char session[33] = "untouched";

        ck_assert_int_eq(auditdb_find_session(db, "ab", session, &why), 0);
        ck_assert_str_eq(session, SESSION_B);
        ck_assert_int_eq(auditdb_find_session(db, SESSION_A, session, &why), 0);
        ck_assert_str_eq(session, SESSION_A);
        ck_assert_int_eq(auditdb_find_session(db, "a", session, &why), -ENOTUNIQ);
        ck_assert_ptr_nonnull(strstr(why.text, SESSION_A));
        ck_assert_ptr_nonnull(strstr(why.text, SESSION_B));
        ck_assert_int_eq(auditdb_find_session(db, "b", session, &why), -ENOENT);
        ck_assert_int_eq(auditdb_find_session(db, "", session, &why), -EINVAL);
        ck_assert_int_eq(auditdb_find_session(db, "A", session, &why), -EINVAL);
        ck_assert_int_eq(auditdb_find_session(db, "%", session, &why), -EINVAL);
        ck_assert_int_eq(auditdb_find_session(db, SESSION_A "a", session, &why), -EINVAL);
        ck_assert_str_eq(session, SESSION_A);
        auditdb_free(db);
}
END_TEST

int main(void)
{
        const TTest *const tests[] = { closed_and_not, a_caller_can_stop, by_the_beginning_of_its_name };

        return RUN_SUITE("sql_sessions", tests);
}
