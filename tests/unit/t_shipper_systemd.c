/* shipper/systemd.c: the functions of the library, or one line that says what to do. */
#include "tests/unit/t_help.h"

#include "config.h"
#include "shipper/systemd.h"

START_TEST(its_functions_are_there)
{
        struct systemd systemd = { 0 };
        struct fault fault = { 0 };
        sd_journal *journal = NULL;

        ck_assert_msg(systemd_load(LIBSYSTEMD, &systemd, &fault) == 0, "%s", fault.text);
        ck_assert(systemd.journal_sendv != NULL && systemd.journal_wait != NULL);
        ck_assert_int_eq(systemd.journal_open(&journal, -1), -EINVAL); /* no such flags */
        systemd.journal_close(NULL);
}
END_TEST

static void must_fail(const char *library, const char *what)
{
        struct systemd systemd = { 0 };
        struct fault fault = { 0 };

        ck_assert_int_lt(systemd_load(library, &systemd, &fault), 0);
        ck_assert_int_eq(fault.status, FAULT_CONFIG);
        ck_assert_msg(strstr(fault.text, library) != NULL && strstr(fault.text, what) != NULL, "%s", fault.text);
        ck_assert(systemd.journal_sendv == NULL && systemd.journal_wait == NULL);
}

START_TEST(without_it_nothing_is_loaded)
{
        must_fail("libnone-of-ours.so.0", "No such file");
        must_fail("libc.so.6", "sd_journal_sendv"); /* another library of that name */
}
END_TEST

TEST_MAIN("shipper/systemd", NULL, NULL, its_functions_are_there, without_it_nothing_is_loaded)
