/* base/hex.c */
#include "pam_diag/base/hex.h"

#include "tests/unit/sql_help.h"

START_TEST(there_and_back)
{
        unsigned char all[256];
        unsigned char back[256];
        char text[513];

        for (int i = 0; i < 256; i++)
                all[i] = (unsigned char)i;
        hex_print(all, sizeof(all), text);
        ck_assert_int_eq(strncmp(text, "000102", 6), 0);
        ck_assert_str_eq(text + 506, "fdfeff");
        ck_assert_int_eq(hex_parse(text, sizeof(back), back), 0);
        ck_assert_int_eq(memcmp(all, back, sizeof(all)), 0);
}
END_TEST

START_TEST(nothing_else)
{
        static const char *const wrong[] = { "", "0", "00", "000", "00FF", "0g00", "00 0", "-100", "+100" };
        unsigned char bytes[2] = { 7, 7 };

        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
                ck_assert_msg(hex_parse(wrong[i], 2, bytes) == -EINVAL, "%s", wrong[i]);
        ck_assert_int_eq(bytes[0], 7);
        ck_assert_int_eq(hex_parse("00ffx", 2, bytes), 0);
        ck_assert_int_eq(bytes[1], 255);
}
END_TEST

int main(void)
{
        const TTest *const tests[] = { there_and_back, nothing_else };

        return RUN_SUITE("base/hex", tests);
}
