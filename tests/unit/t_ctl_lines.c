/* ctl/lines.c: lines that end with NUL, of any length, from a pipe. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pam_diag/base/buf.h"
#include "pam_diag/base/fd.h"
#include "pam_diag/ctl/lines.h"

enum { MOST = 1000 };

static struct buf got;
static size_t waits;
static int stop_at;
static int given;

static int take_line(void *context, const char *line, size_t length)
{
        ck_assert_ptr_eq(context, &got);
        buf_printf(&got, "%zu:", length);
        buf_put(&got, line, length < 20 ? length : 20);
        buf_put_char(&got, '|');
        return ++given == stop_at ? -ECANCELED : 0;
}

static int take_wait(void *context)
{
        (void)context;
        waits++;
        return 0;
}

static int read_bytes(const char *bytes, size_t length)
{
        const struct lines lines = { .line = take_line, .wait = take_wait, .context = &got, .most = MOST };
        cleanup_fd int fd = memfd_create("lines", MFD_CLOEXEC);

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(fd_write_all(fd, bytes, length), 0);
        ck_assert_int_eq((int)lseek(fd, 0, SEEK_SET), 0);
        got = BUF_INIT(1024 * 1024);
        return lines_read(fd, &lines);
}

static void gives(const char *bytes, size_t length, const char *wanted)
{
        ck_assert_int_eq(read_bytes(bytes, length), 0);
        ck_assert_str_eq(got.data == NULL ? "" : got.data, wanted);
        buf_free(&got);
}

#define GIVES(text, wanted) gives(text, sizeof(text) - 1, wanted)

START_TEST(each_line_and_the_last_one)
{
        GIVES("", "");
        GIVES("\0", "0:|");
        GIVES("a\0bc\0", "1:a|2:bc|");
        GIVES("a\0\0bc", "1:a|0:|2:bc|");
        GIVES("a\nb\xff\0", "4:a\nb\xff|");
}
END_TEST

START_TEST(a_long_line_is_cut_and_the_next_is_whole)
{
        static char bytes[300000];
        size_t at = 0;

        memset(bytes, 'x', sizeof(bytes));
        bytes[MOST] = '\0'; /* just fits */
        at = MOST + 1;
        bytes[at + MOST + 1] = '\0'; /* one too long */
        at += MOST + 2;
        bytes[at + 200000] = '\0'; /* over several reads */
        at += 200001;
        memcpy(bytes + at, "next", 5);
        gives(bytes, at + 5, "1000:xxxxxxxxxxxxxxxxxxxx|1001:xxxxxxxxxxxxxxxxxxxx|1001:xxxxxxxxxxxxxxxxxxxx|4:next|");
        ck_assert_uint_gt(waits, 3);
}
END_TEST

START_TEST(a_failure_ends_it)
{
        stop_at = 2;
        ck_assert_int_eq(read_bytes("a\0b\0c\0", 6), -ECANCELED);
        ck_assert_int_eq(given, 2);
        buf_free(&got);
}
END_TEST

START_TEST(what_cannot_be_read)
{
        const struct lines lines = { .line = take_line, .wait = take_wait, .context = &got, .most = MOST };
        cleanup_fd int directory = open("/", O_RDONLY | O_CLOEXEC);

        ck_assert_int_eq(lines_read(directory, &lines), -EISDIR);
        ck_assert_int_eq(given, 0);
}
END_TEST

/* Whoever waits for an answer gets the chance to: everything that came is given out before the reader reads again. */
START_TEST(before_it_waits_all_is_given)
{
        const struct lines lines = { .line = take_line, .wait = take_wait, .context = &got, .most = MOST };
        int ends[2];

        got = BUF_INIT(1024);
        ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
        ck_assert_int_eq(fd_write_all(ends[1], "a\0b\0half", 8), 0);
        (void)fd_close(ends[1]);
        ck_assert_int_eq(lines_read(ends[0], &lines), 0);
        ck_assert_str_eq(got.data, "1:a|1:b|4:half|");
        ck_assert_uint_eq(waits, 2);
        (void)fd_close(ends[0]);
        buf_free(&got);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("ctl_lines");
        TCase *tcase = tcase_create("lines");
        SRunner *runner = srunner_create(suite);
        int failed;

        suite_add_tcase(suite, tcase);
        tcase_add_test(tcase, each_line_and_the_last_one);
        tcase_add_test(tcase, a_long_line_is_cut_and_the_next_is_whole);
        tcase_add_test(tcase, a_failure_ends_it);
        tcase_add_test(tcase, what_cannot_be_read);
        tcase_add_test(tcase, before_it_waits_all_is_given);
        srunner_run_all(runner, CK_ENV);
        failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed == 0 ? 0 : 1;
}
