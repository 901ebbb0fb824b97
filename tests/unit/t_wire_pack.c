/* wire/pack.c */
#include "tests/unit/t_help.h"

#include "pam_diag/base/mem.h"
#include "pam_diag/wire/pack.h"

static void every_kind(struct buf *buf)
{
        char *strings[] = { (char[]){ "one" }, (char[]){ "" }, (char[]){ "three" }, NULL };

        pack_u32(buf, 0xfedcba98);
        pack_u64(buf, 0x0123456789abcdefULL);
        pack_bytes(buf, "a\0b", 3);
        pack_text(buf, "text");
        pack_text(buf, "");
        pack_text(buf, NULL);
        pack_strv(buf, strings);
        pack_strv(buf, NULL);
        ck_assert_int_eq(buf->error, 0);
}

/* Reads what every_kind wrote; the caller asks unpack_done. Frees all of it. */
static bool read_every_kind(struct unpack *unpack, bool compare)
{
        size_t length = 77;
        uint32_t small = unpack_u32(unpack);
        uint64_t large = unpack_u64(unpack);
        cleanup_free char *bytes = unpack_bytes(unpack, &length);
        cleanup_free char *text = unpack_text(unpack);
        cleanup_free char *empty = unpack_text(unpack);
        cleanup_free char *none = unpack_text(unpack);
        cleanup_strv char **strings = unpack_strv(unpack, 3);
        cleanup_strv char **no_strings = unpack_strv(unpack, 0);

        ck_assert_ptr_null(none);
        if (compare) {
                ck_assert_uint_eq(small, 0xfedcba98);
                ck_assert_uint_eq(large, 0x0123456789abcdefULL);
                ck_assert_uint_eq(length, 3);
                ck_assert_mem_eq(bytes, "a\0b", 4);
                ck_assert_str_eq(text, "text");
                ck_assert_str_eq(empty, "");
                ck_assert_uint_eq(strv_length(strings), 3);
                ck_assert_str_eq(strings[0], "one");
                ck_assert_str_eq(strings[1], "");
                ck_assert_str_eq(strings[2], "three");
                ck_assert_ptr_nonnull(no_strings);
                ck_assert_ptr_null(no_strings[0]);
        }
        return unpack_done(unpack);
}

START_TEST(all_kinds_come_back)
{
        cleanup_buf struct buf buf = BUF_INIT(4096);
        struct unpack unpack;

        every_kind(&buf);
        unpack = UNPACK_INIT(buf.data, buf.length);
        ck_assert(read_every_kind(&unpack, true));
}
END_TEST

/* The bytes need no alignment. */
START_TEST(bytes_may_lie_anywhere)
{
        cleanup_buf struct buf buf = BUF_INIT(4096);
        struct unpack unpack;

        buf_put_char(&buf, 'x');
        every_kind(&buf);
        unpack = UNPACK_INIT(buf.data + 1, buf.length - 1);
        ck_assert(read_every_kind(&unpack, true));
}
END_TEST

/* The copy has exactly the cut length: a sanitizer sees a reader that looks past it. */
START_TEST(every_cut_is_a_failure)
{
        cleanup_buf struct buf buf = BUF_INIT(4096);

        every_kind(&buf);
        for (size_t n = 0; n < buf.length; n++) {
                char *cut = malloc(n + (n == 0));
                struct unpack unpack = UNPACK_INIT(cut, n);

                ck_assert_ptr_nonnull(cut);
                memcpy(cut, buf.data, n);
                ck_assert_msg(!read_every_kind(&unpack, false), "cut after %zu bytes", n);
                free(cut);
        }
}
END_TEST

START_TEST(what_is_left_over_is_a_failure)
{
        cleanup_buf struct buf buf = BUF_INIT(4096);
        struct unpack unpack;

        every_kind(&buf);
        buf_put_char(&buf, '\0');
        unpack = UNPACK_INIT(buf.data, buf.length);
        ck_assert(!read_every_kind(&unpack, true));
        ck_assert(!unpack.failed);
}
END_TEST

START_TEST(a_failure_stays)
{
        char bytes[12] = { 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0 };
        struct unpack unpack = UNPACK_INIT(bytes, 3);

        ck_assert_uint_eq(unpack_u32(&unpack), 0);
        ck_assert(unpack.failed);
        unpack.left = sizeof(bytes);
        ck_assert_uint_eq(unpack_u32(&unpack), 0);
        ck_assert_uint_eq(unpack_u64(&unpack), 0);
        ck_assert_ptr_null(unpack_text(&unpack));
        ck_assert_ptr_null(unpack_strv(&unpack, 9));
        ck_assert(!unpack_done(&unpack));
}
END_TEST

static void text_must_fail(uint32_t length, const char *text, size_t given)
{
        cleanup_buf struct buf buf = BUF_INIT(4096);
        struct unpack unpack;

        pack_u32(&buf, length);
        buf_put(&buf, text, given);
        unpack = UNPACK_INIT(buf.data, buf.length);
        ck_assert_ptr_null(unpack_text(&unpack));
        ck_assert(unpack.failed);
}

START_TEST(texts_are_whole_and_without_nul)
{
        text_must_fail(3, "a\0b", 3);
        text_must_fail(1, "", 1);
        text_must_fail(4, "abc", 3);
        text_must_fail(UINT32_MAX - 1, "abc", 3);
        text_must_fail(0x80000000, "abc", 3);
}
END_TEST

START_TEST(lengths_of_bytes_must_be_true)
{
        cleanup_buf struct buf buf = BUF_INIT(64);
        struct unpack unpack;
        size_t length = 5;

        pack_u32(&buf, UINT32_MAX);
        buf_put(&buf, "abc", 3);
        unpack = UNPACK_INIT(buf.data, buf.length);
        ck_assert_ptr_null(unpack_bytes(&unpack, &length));
        ck_assert(unpack.failed);
        ck_assert_uint_eq(length, 5);
}
END_TEST

static void strv_must_fail(uint32_t count, size_t texts, size_t most)
{
        cleanup_buf struct buf buf = BUF_INIT(4096);
        struct unpack unpack;

        pack_u32(&buf, count);
        for (size_t i = 0; i < texts; i++)
                pack_text(&buf, "text");
        unpack = UNPACK_INIT(buf.data, buf.length);
        ck_assert_ptr_null(unpack_strv(&unpack, most));
        ck_assert_msg(!unpack_done(&unpack), "count %u of %zu texts, at most %zu", count, texts, most);
}

START_TEST(counts_must_be_true)
{
        strv_must_fail(UINT32_MAX, 2, SIZE_MAX);
        strv_must_fail(0x40000000, 2, SIZE_MAX);
        strv_must_fail(5, 2, SIZE_MAX); /* five lengths do not fit into what is left */
        strv_must_fail(3, 2, SIZE_MAX); /* they would fit, the texts do not */
        strv_must_fail(3, 3, 2);
        strv_must_fail(1, 0, 1);
}
END_TEST

START_TEST(arrays_hold_no_null)
{
        cleanup_buf struct buf buf = BUF_INIT(4096);
        struct unpack unpack;

        pack_u32(&buf, 3);
        pack_text(&buf, "one");
        pack_text(&buf, NULL);
        pack_text(&buf, "three");
        unpack = UNPACK_INIT(buf.data, buf.length);
        ck_assert_ptr_null(unpack_strv(&unpack, 3));
        ck_assert(unpack.failed);
}
END_TEST

TEST_MAIN("wire/pack", NULL, NULL, all_kinds_come_back, bytes_may_lie_anywhere, every_cut_is_a_failure,
          what_is_left_over_is_a_failure, a_failure_stays, texts_are_whole_and_without_nul,
          lengths_of_bytes_must_be_true, counts_must_be_true, arrays_hold_no_null)
