/* sql/mac.c: known answers, from Python's hmac. */
#include "sql/mac.h"

#include "pam_diag/base/hex.h"
#include "tests/unit/sql_help.h"

START_TEST(known_answers)
{
        unsigned char key[MAC_KEY_SIZE];
        unsigned char hash[AUDITDB_HASH_SIZE];
        unsigned char mac[AUDITDB_MAC_SIZE];
        char text[2 * AUDITDB_MAC_SIZE + 1];

        for (unsigned char i = 0; i < 32; i++) {
                key[i] = i;
                hash[i] = (unsigned char)(100 + i);
        }
        ck_assert_int_eq(mac_make(key, hash, mac), 0);
        hex_print(mac, sizeof(mac), text);
        ck_assert_str_eq(text, "1cb9dbd028774bae7ba8e2fd9890a3d6836fb24774fc337a7d56ee8f7436d62e");
        ck_assert_int_eq(mac_step(key), 0);
        hex_print(key, sizeof(key), text);
        ck_assert_str_eq(text, "6b1a2eb9867a733eb5b7b5d91c2b21abbbf0b5d8123f6a0982cef071eca158eb");
}
END_TEST

int main(void)
{
        const TTest *const tests[] = { known_answers };

        return RUN_SUITE("sql/mac", tests);
}
