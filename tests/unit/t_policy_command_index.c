#include "pam_diag/policy/load.h"

#include "tests/unit/t_policy_fixture.h"

enum { COMMANDS = 3000 };

START_TEST(every_command_is_found_again)
{
        static struct command commands[COMMANDS];
        static char names[COMMANDS][16];
        struct command_index index = { 0 };

        ck_assert_ptr_null(command_index_find(&index, "c0"));
        for (int i = 0; i < COMMANDS; i++) {
                (void)snprintf(names[i], sizeof(names[i]), "c%d", i);
                commands[i].name = names[i];
                ck_assert_int_eq(command_index_put(&index, &commands[i]), 0);
        }
        for (int i = 0; i < COMMANDS; i++)
                ck_assert_ptr_eq(command_index_find(&index, names[i]), &commands[i]);
        ck_assert_ptr_null(command_index_find(&index, "c3000"));
        ck_assert_ptr_null(command_index_find(&index, ""));
        ck_assert_uint_ge(index.room, (size_t)2 * COMMANDS);
        command_index_clear(&index);
        ck_assert_ptr_null(command_index_find(&index, "c0"));
}
END_TEST

START_TEST(in_a_policy)
{
        cleanup_buf struct buf text = BUF_INIT(1 << 20);
        struct policy *policy;
        size_t length;

        for (int i = 0; i < 500; i++)
                buf_printf(&text, "[command c%d]\nprogram = /bin/true\n", i);
        length = text.length;
        policy = fixture_policy(text.data);
        ck_assert_uint_eq(policy_command_count(policy), 500);
        fixture_allow(policy, "c0", "c0");
        fixture_allow(policy, "c499", "c499");
        policy_free(policy);
        buf_put_text(&text, "[command c250]\n");
        ck_assert_uint_gt(text.length, length);
        fixture_wrong(text.data, "policy.conf:1001:1: [command c250] is defined twice, first at");
}
END_TEST

FIXTURE_MAIN_DIR("command_index", every_command_is_found_again, in_a_policy)
