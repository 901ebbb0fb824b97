/* supervisor/kaudit_text.c: what a session chooses stays in its field. */
#include "pam_diag/supervisor/kaudit_text.h"

#include <check.h>
#include <string.h>

#include "tests/unit/sql_help.h"

static unsigned char hash[AUDITDB_HASH_SIZE] = { 0xab, 0x01 };
static const struct kaudit_row row = { .session = SESSION, .invocation = 2, .seq = 17, .hash = hash };

#define ROW                                         \
        " session=" SESSION " invocation=2 seq=17 " \
        "hash=ab01000000000000000000000000000000000000000000000000000000000000"

static void must_be(const char *user, const char *rule, const char *line, size_t length, const char *wanted)
{
        cleanup_buf struct buf buf = BUF_INIT(65536);

        kaudit_text_exec(&buf, &row, user, "deny", rule, line, length);
        ck_assert_int_eq(buf.error, 0);
        ck_assert_str_eq(buf.data, wanted);
}

START_TEST(plain_words)
{
        must_be("diag", "cat", "cat", 3, "op=diag-exec" ROW " verdict=deny acct=\"diag\" rule=\"cat\" cmd=\"cat\"");
        must_be("diag", NULL, "", 0, "op=diag-exec" ROW " verdict=deny acct=\"diag\" cmd=\"\"");
}
END_TEST

/* Hexadecimal is what has a blank, a quotation mark or a control in it. */
START_TEST(nothing_gets_out_of_its_field)
{
        must_be("diag", NULL, "a b", 3, "op=diag-exec" ROW " verdict=deny acct=\"diag\" cmd=612062");
        must_be("diag", NULL, "x\" res=success", 14,
                "op=diag-exec" ROW " verdict=deny acct=\"diag\" cmd=7822207265733D73756363657373");
        must_be("diag", NULL, "a\nb\0c", 5, "op=diag-exec" ROW " verdict=deny acct=\"diag\" cmd=610A620063");
        must_be("a b", "c d", "\xff", 1, "op=diag-exec" ROW " verdict=deny acct=612062 rule=632064 cmd=FF");
}
END_TEST

START_TEST(a_long_line_is_cut_and_says_so)
{
        cleanup_buf struct buf buf = BUF_INIT(65536);
        static char line[100000];

        memset(line, ' ', sizeof(line));
        kaudit_text_exec(&buf, &row, "diag", "allow", NULL, line, sizeof(line));
        ck_assert_int_eq(buf.error, 0);
        ck_assert_uint_lt(buf.length, 7000);
        ck_assert_ptr_nonnull(strstr(buf.data, " length=100000 cmd=2020"));
        ck_assert_uint_eq(strlen(strstr(buf.data, "cmd=")), 4 + 2 * 3000);
}
END_TEST

START_TEST(an_end)
{
        cleanup_buf struct buf buf = BUF_INIT(65536);

        kaudit_text_exit(&buf, &row, "exited", 1, 0);
        ck_assert_str_eq(buf.data, "op=diag-exit" ROW " how=exited status=1 signal=0");
}
END_TEST

START_TEST(addresses)
{
        ck_assert_str_eq(kaudit_address("192.0.2.1"), "192.0.2.1");
        ck_assert_str_eq(kaudit_address("2001:db8::1"), "2001:db8::1");
        ck_assert_ptr_null(kaudit_address("host.example res=success"));
        ck_assert_ptr_null(kaudit_address("host.example"));
        ck_assert_ptr_null(kaudit_address(""));
        ck_assert_ptr_null(kaudit_address(NULL));
}
END_TEST

int main(void)
{
        const TTest *const tests[] = { plain_words, nothing_gets_out_of_its_field, a_long_line_is_cut_and_says_so,
                                       an_end, addresses };

        return RUN_SUITE("supervisor_kaudit_text", tests);
}
