/* base/plain.c: every byte, at every place, in texts of every short length. */
#include "pam_diag/base/plain.h"

#include "tests/unit/sql_help.h"

static bool is_plain(int c)
{
        return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

START_TEST(the_first_odd_byte_ends_it)
{
        char text[40];

        for (size_t length = 0; length <= sizeof(text); length++)
                for (size_t at = 0; at < length; at++)
                        for (int c = 0; c < 256; c++) {
                                memset(text, c & 1 ? ' ' : '~', sizeof(text));
                                text[at] = (char)c;
                                ck_assert_uint_eq(plain_length(text, length), is_plain(c) ? length : at);
                        }
}
END_TEST

/* What a subtraction carries into the next byte must not make it look odd, nor hide it. */
START_TEST(neighbours_do_not_matter)
{
        char text[8];

        for (int c = 0; c < 256; c++)
                for (int d = 0; d < 256; d++) {
                        memset(text, 'a', sizeof(text));
                        text[3] = (char)c;
                        text[4] = (char)d;
                        ck_assert_uint_eq(plain_length(text, 8), !is_plain(c) ? 3 : !is_plain(d) ? 4 : 8);
                }
}
END_TEST

int main(void)
{
        const TTest *const tests[] = { the_first_odd_byte_ends_it, neighbours_do_not_matter };

        return RUN_SUITE("base/plain", tests);
}
