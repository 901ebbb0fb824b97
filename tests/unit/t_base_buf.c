#include "pam_diag/base/buf.h"

#include "tests/unit/t_policy_fixture.h"

START_TEST(grows_and_ends_with_nul)
{
        cleanup_buf struct buf buf = BUF_INIT(100000);

        for (unsigned i = 0; i < 10000; i++) {
                buf_put_char(&buf, 'x');
                ck_assert_uint_eq(buf.length, i + 1);
                ck_assert_int_eq(buf.data[buf.length], '\0');
        }
        buf_put(&buf, "a\0b", 3);
        ck_assert_int_eq(memcmp(buf.data + 10000, "a\0b", 4), 0);
        ck_assert_int_eq(buf.error, 0);
}
END_TEST

START_TEST(remembers_its_first_failure)
{
        cleanup_buf struct buf buf = BUF_INIT(4);
        volatile size_t endless = SIZE_MAX; /* not known to the compiler, which would refuse it */

        buf_put_text(&buf, "abc");
        buf_put_text(&buf, "de");
        ck_assert_int_eq(buf.error, -EMSGSIZE);
        ck_assert_str_eq(buf.data, "abc");
        buf_put_text(&buf, "f");
        buf_printf(&buf, "%d", 1);
        ck_assert_str_eq(buf.data, "abc");
        buf_clear(&buf);
        ck_assert_int_eq(buf.error, 0);
        buf_put_text(&buf, "wxyz");
        ck_assert_int_eq(buf.error, 0);
        ck_assert_str_eq(buf.data, "wxyz");
        buf_put(&buf, "", 0);
        ck_assert_int_eq(buf.error, 0);
        buf_put(&buf, "q", endless);
        ck_assert_int_eq(buf.error, -EMSGSIZE);
}
END_TEST

/* Room is what may be written at once, and no memory is taken beyond `most`. */
START_TEST(gives_room)
{
        cleanup_buf struct buf buf = BUF_INIT(300);
        char *room = buf_room(&buf, 260);

        ck_assert_ptr_nonnull(room);
        ck_assert_uint_eq(buf.length, 0);
        memset(room, 'x', 260);
        buf_took(&buf, 2);
        ck_assert_str_eq(buf.data, "xx");
        ck_assert_ptr_nonnull(buf_room(&buf, 298));
        ck_assert_uint_le(buf.size, 301);
        ck_assert_ptr_null(buf_room(&buf, 299));
        ck_assert_int_eq(buf.error, -EMSGSIZE);
        ck_assert_ptr_null(buf_room(&buf, 1));
        ck_assert_str_eq(buf.data, "xx");
}
END_TEST

START_TEST(formats)
{
        cleanup_buf struct buf buf = BUF_INIT(1000);

        buf_printf(&buf, "%s=%d;", "a", 5);
        buf_printf(&buf, "%0300d", 7);
        ck_assert_uint_eq(buf.length, 304);
        ck_assert_int_eq(memcmp(buf.data, "a=5;000", 7), 0);
        ck_assert_int_eq(buf.data[303], '7');
        buf_printf(&buf, "%01000d", 7);
        ck_assert_int_eq(buf.error, -EMSGSIZE);
        ck_assert_uint_eq(buf.length, 304);
        ck_assert_uint_eq(strlen(buf.data), 304);
}
END_TEST

/* Around the end of the memory that is there, where what is formatted has to be formatted once more. */
START_TEST(formats_at_the_end_of_its_memory)
{
        for (int n = 250; n < 262; n++) {
                cleanup_buf struct buf buf = BUF_INIT(1000);

                buf_put_text(&buf, "a");
                buf_printf(&buf, "%0*d", n, 7);
                ck_assert_int_eq(buf.error, 0);
                ck_assert_uint_eq(buf.length, (size_t)n + 1);
                ck_assert_uint_eq(strlen(buf.data), (size_t)n + 1);
                ck_assert_int_eq(buf.data[n], '7');
        }
}
END_TEST

START_TEST(freed_can_be_used_again)
{
        struct buf buf = BUF_INIT(10);

        buf_put_text(&buf, "abc");
        buf_free(&buf);
        ck_assert_ptr_null(buf.data);
        ck_assert_uint_eq(buf.most, 10);
        buf_put_text(&buf, "d");
        ck_assert_str_eq(buf.data, "d");
        buf_free(&buf);
}
END_TEST

FIXTURE_MAIN("buf", grows_and_ends_with_nul, remembers_its_first_failure, gives_room, formats,
             formats_at_the_end_of_its_memory, freed_can_be_used_again)
