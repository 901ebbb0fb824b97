/* sql/firstkey.c: the file that is kept off the host. */
#include "sql/firstkey.h"

#include "tests/unit/sql_help.h"

#define UUID "d2d74791-4e58-426a-882d-99949b019125"
#define VERIFIER "verifier pam_diag/" UUID "+5c4e44f8+ASL72miw8XK7Z4UmrXvNuduZQ2Dw/Je5qZmkbFHO6vOa"

static const char *line_of(int64_t seq, unsigned char byte)
{
        static char lines[4][256];
        static unsigned next;
        struct firstkey key = { .uuid = UUID, .seq = seq };
        struct buf text = BUF_INIT(1024);
        char *line = lines[next++ % 4];

        memset(key.key, byte, sizeof(key.key));
        ck_assert_int_eq(firstkey_put(&text, &key), 0);
        snprintf(line, sizeof(lines[0]), "%s", text.data);
        buf_free(&text);
        return line;
}

START_TEST(lines_come_back_in_order)
{
        struct firstkeys keys = { .key_count = 0 };
        char text[2048];
        size_t line = 0;

        snprintf(text, sizeof(text), "# kept\n\n  %s%s%s%s" VERIFIER, line_of(300, 3), line_of(2, 1), line_of(40, 2),
                 line_of(2, 1));
        ck_assert_msg(firstkeys_parse(text, UUID, &keys, &line) == 0, "line %zu of %s", line, text);
        ck_assert(keys.key_count == 3 && keys.verifier_count == 1);
        ck_assert_ptr_null(firstkeys_find(&keys, 1));
        ck_assert_int_eq(firstkeys_find(&keys, 2)->key[0], 1);
        ck_assert_int_eq(firstkeys_find(&keys, 39)->key[0], 1);
        ck_assert_int_eq(firstkeys_find(&keys, 40)->key[0], 2);
        ck_assert_int_eq(firstkeys_find(&keys, 1000)->key[0], 3);
}
END_TEST

START_TEST(other_databases_are_passed_over)
{
        struct firstkeys keys = { .key_count = 0 };
        char text[1024];
        size_t line = 0;

        snprintf(text, sizeof(text), "%s" VERIFIER "\n", line_of(2, 1));
        ck_assert_int_eq(firstkeys_parse(text, "00000000-4e58-426a-882d-99949b019125", &keys, &line), 0);
        ck_assert(keys.key_count == 0 && keys.verifier_count == 0);
}
END_TEST

START_TEST(a_mistyped_key_is_said)
{
        const char *good = line_of(231, 0xa5);

        for (size_t i = 0; good[i] != '\n'; i++) {
                struct firstkeys keys = { .key_count = 0 };
                char text[256];
                size_t line = 0;

                strcpy(text, good);
                text[i] = text[i] == '1' ? '2' : '1';
                ck_assert_msg(firstkeys_parse(text, UUID, &keys, &line) == -EINVAL && line == 1, "byte %zu: %s", i,
                              text);
        }
}
END_TEST

START_TEST(what_is_no_line)
{
        static const char *const wrong[] = { "first-key", "verifier",    "verifier x",
                                             "x",         VERIFIER " x", "first-key " UUID " 0 00 00" };

        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
                struct firstkeys keys = { .key_count = 0 };
                char text[1024];
                size_t line = 0;

                snprintf(text, sizeof(text), "#\n%s\n", wrong[i]);
                ck_assert_msg(firstkeys_parse(text, UUID, &keys, &line) == -EINVAL, "%s", wrong[i]);
                ck_assert_uint_eq(line, 2);
        }
}
END_TEST

START_TEST(two_keys_of_one_row_are_none)
{
        struct firstkeys keys = { .key_count = 0 };
        char text[1024];
        size_t line = 0;

        snprintf(text, sizeof(text), "%s%s", line_of(2, 1), line_of(2, 3));
        ck_assert_int_eq(firstkeys_parse(text, UUID, &keys, &line), -EINVAL);
        for (int64_t i = 1; i <= FIRSTKEYS_MOST; i++)
                ck_assert_int_eq(firstkeys_parse(line_of(100 + i, 3), UUID, &keys, &line),
                                 i < FIRSTKEYS_MOST ? 0 : -E2BIG);
}
END_TEST

int main(void)
{
        const TTest *const tests[] = { lines_come_back_in_order, other_databases_are_passed_over,
                                       a_mistyped_key_is_said, what_is_no_line, two_keys_of_one_row_are_none };

        return RUN_SUITE("sql/firstkey", tests);
}
