/* ctl/filter.c: the words of the command line, as a filter. */
#include "pam_diag/ctl/filter.h"

#include "tests/unit/select_help.h"

static const struct ctl_command command = { .name = "log", .arguments = "" };

static int read_words(struct filter_words words, struct filter *ret_filter)
{
        return filter_read(&command, &words, ret_filter);
}

START_TEST(good_words)
{
        struct filter filter = { 0 };

        ck_assert_int_eq(read_words((struct filter_words){ .since = "@1700000000",
                                                           .until = "@1700000001",
                                                           .user = "diag",
                                                           .key = "agent",
                                                           .client = "::1",
                                                           .verdict = "deny",
                                                           .rule = "cat",
                                                           .path = "/etc" },
                                    &filter),
                         CTL_GOOD);
        ck_assert_int_eq(filter.select.since_us, 1700000000000000);
        ck_assert_int_eq(filter.select.until_us, 1700000001000000);
        ck_assert_str_eq(filter.select.user, "diag");
        ck_assert_str_eq(filter.select.key, "agent");
        ck_assert_str_eq(filter.select.client, "::1");
        ck_assert_str_eq(filter.select.verdict, "deny");
        ck_assert_str_eq(filter.select.rule, "cat");
        ck_assert_str_eq(filter.select.path, "/etc");
        ck_assert_ptr_null(filter.select.session);
}
END_TEST

START_TEST(bad_words_change_nothing)
{
        struct filter filter = { .select = { .user = "before" } };

        ck_assert_int_eq(read_words((struct filter_words){ .since = "tomorrow" }, &filter), CTL_USAGE);
        ck_assert_int_eq(read_words((struct filter_words){ .until = "" }, &filter), CTL_USAGE);
        ck_assert_int_eq(read_words((struct filter_words){ .verdict = "denied" }, &filter), CTL_USAGE);
        ck_assert_int_eq(read_words((struct filter_words){ .path = "etc" }, &filter), CTL_USAGE);
        ck_assert_str_eq(filter.select.user, "before");
}
END_TEST

START_TEST(a_session_is_found)
{
        struct auditdb *db = must_fill();
        struct filter filter = { 0 };

        ck_assert_int_eq(filter_find_session(db, &(struct filter_words){ 0 }, &filter, &why), 0);
        ck_assert_ptr_null(filter.select.session);
        ck_assert_int_eq(filter_find_session(db, &(struct filter_words){ .session = "a" }, &filter, &why), -ENOTUNIQ);
        ck_assert_ptr_null(filter.select.session);
        ck_assert_int_eq(filter_find_session(db, &(struct filter_words){ .session = "ab" }, &filter, &why), 0);
        ck_assert_str_eq(filter.select.session, SESSION_B);
        auditdb_free(db);
}
END_TEST

int main(void)
{
        const TTest *const tests[] = { good_words, bad_words_change_nothing, a_session_is_found };

        return RUN_SUITE("ctl_filter", tests);
}
