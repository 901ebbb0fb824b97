/* supervisor/reader.c and reader_side.c: a real reader with its one capability. */
#include "tests/unit/t_help.h"

#include <grp.h>
#include <sys/mman.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/base/num.h"
#include "pam_diag/supervisor/caller.h"
#include "pam_diag/supervisor/reader.h"

enum { NOBODY = 65534, PAGE = 4096 };

/* A process like a command of a diag user, not dumpable. It is forked from here: its addresses are known. */
static pid_t target;
static int target_end = -1;
static struct reader reader = { -1, -1 };
static char *pages; /* two mapped ones and a hole behind them */

static void map_pages(void)
{
        const gid_t groups[] = { 4, 24 };

        ck_assert(signal(SIGPIPE, SIG_IGN) != SIG_ERR); /* as the supervisor does */
        if (geteuid() == 0)
                ck_assert_int_eq(setgroups(2, groups), 0); /* which the reader must lose */
        pages = mmap(NULL, 3 * (size_t)PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        ck_assert_ptr_ne(pages, MAP_FAILED);
        ck_assert_int_eq(munmap(pages + 2 * (size_t)PAGE, PAGE), 0);
        memset(pages, 'p', 2 * (size_t)PAGE);
}

/* What the test has put into its memory by now is what the target has in its own. */
static void start_both(void)
{
        int ends[2];
        char x;

        ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
        target = fork();
        ck_assert_int_ge(target, 0);
        if (target == 0) {
                fd_close(ends[1]);
                (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
                _exit(read(ends[0], &x, 1) == 0 ? 0 : 1);
        }
        fd_close(ends[0]);
        target_end = ends[1];
        ck_assert_int_eq(reader_start(NOBODY, NOBODY, &reader), 0);
        memset(pages, 'x', 2 * (size_t)PAGE); /* only the target's copy is right from here on */
}

static void stop_both(void)
{
        reader_stop(&reader);
        target_end = fd_close(target_end);
        while (waitpid(-1, NULL, 0) > 0)
                continue;
}

static uint64_t address_of(const void *pointer)
{
        return (uint64_t)(uintptr_t)pointer;
}

static void must_read(const void *at, size_t most, const char *expected)
{
        cleanup_free char *text = NULL;
        int r = reader_text(&reader, target, address_of(at), most, &text);

        ck_assert_msg(r == 0, "%s", strerror(-r));
        ck_assert_str_eq(text, expected);
}

static int read_error(uint64_t address, size_t most)
{
        char *text = NULL;
        int r = reader_text(&reader, target, address, most, &text);

        ck_assert_ptr_null(text);
        return r;
}

START_TEST(texts_are_read)
{
        static const char empty[] = "";
        char across[] = "across the pages";

        if (!is_root("texts_are_read"))
                return;
        strcpy(pages + 8, "/usr/bin/cat");
        strcpy(pages + PAGE - 5, across);
        start_both();
        must_read(pages + 8, 4096, "/usr/bin/cat");
        must_read(pages + 8, 12, "/usr/bin/cat");
        must_read(pages + PAGE - 5, 4096, across);
        must_read(empty, 0, "");
        ck_assert_int_eq(read_error(address_of(pages + 8), 11), -E2BIG);
        ck_assert_int_eq(read_error(address_of(pages + 8), 0), -E2BIG);
        /* The reader goes on after each of them. */
        must_read(pages + 8, 4096, "/usr/bin/cat");
}
END_TEST

/* A text may end with the last byte that is mapped, and one that does not end there is no text. */
START_TEST(texts_end_with_the_mapping)
{
        char *last = pages + 2 * (size_t)PAGE;

        if (!is_root("texts_end_with_the_mapping"))
                return;
        strcpy(last - 5, "last");
        start_both();
        must_read(last - 5, 4096, "last");
        must_read(last - 1, 4096, "");
        ck_assert_int_eq(read_error(address_of(last), 4096), -EFAULT);
        stop_both();
        memset(pages, 'p', 2 * (size_t)PAGE);
        start_both();
        ck_assert_int_eq(read_error(address_of(last - 5), 4096), -EFAULT);
        ck_assert_int_eq(read_error(address_of(pages), SIZE_MAX / 2), -EFAULT);
        ck_assert_int_eq(read_error(address_of(pages), PAGE), -E2BIG);
}
END_TEST

START_TEST(bad_addresses_are_told)
{
        uint64_t value = 4711;

        if (!is_root("bad_addresses_are_told"))
                return;
        start_both();
        ck_assert_int_eq(read_error(0, 4096), -EFAULT);
        ck_assert_int_eq(read_error(1, 4096), -EFAULT);
        ck_assert_int_eq(read_error(UINT64_MAX, 4096), -EFAULT);
        ck_assert_int_eq(read_error(0xffff800000000000ULL, 4096), -EFAULT);
        ck_assert_int_eq(reader_pointer(&reader, target, 8, &value), -EFAULT);
        /* Half a pointer is none. */
        ck_assert_int_eq(reader_pointer(&reader, target, address_of(pages + 2 * (size_t)PAGE - 4), &value), -EFAULT);
        ck_assert_uint_eq(value, 4711);
}
END_TEST

START_TEST(pointers_are_read)
{
        const uint64_t expected = 0x0123456789abcdefULL;
        uint64_t value = 0;

        if (!is_root("pointers_are_read"))
                return;
        memcpy(pages + 3, &expected, sizeof(expected));
        start_both();
        ck_assert_int_eq(reader_pointer(&reader, target, address_of(pages + 3), &value), 0);
        ck_assert_uint_eq(value, expected);
}
END_TEST

static const char *const words[] = { "cat", "", "/etc/hosts", NULL };

static void must_have_argv(size_t most_words, size_t most_bytes, size_t expected, int expected_cut)
{
        cleanup_strv char **argv = NULL;
        int cut = -1;

        ck_assert_int_eq(reader_argv(&reader, target, address_of(words), most_words, most_bytes, &argv, &cut), 0);
        ck_assert_int_eq(cut, expected_cut);
        ck_assert_uint_eq(strv_length(argv), expected);
        for (size_t i = 0; i < expected; i++)
                ck_assert_str_eq(argv[i], words[i]);
}

START_TEST(argument_vectors_are_read)
{
        if (!is_root("argument_vectors_are_read"))
                return;
        start_both();
        must_have_argv(64, 4096, 3, 0);
        must_have_argv(3, 13, 3, 0);
        must_have_argv(2, 4096, 2, 1);
        must_have_argv(0, 4096, 0, 1);
        must_have_argv(64, 12, 2, 1);
        must_have_argv(64, 2, 0, 1);
}
END_TEST

START_TEST(odd_argument_vectors)
{
        static const char *const none[] = { NULL };
        uint64_t bad[2] = { 16, 0 };
        char **argv = NULL;
        int cut = -1;

        if (!is_root("odd_argument_vectors"))
                return;
        memcpy(pages, bad, sizeof(bad));
        start_both();
        /* execve(2) takes NULL for an empty vector. */
        ck_assert_int_eq(reader_argv(&reader, target, 0, 64, 4096, &argv, &cut), 0);
        ck_assert_uint_eq(strv_length(argv), 0);
        ck_assert_int_eq(cut, 0);
        ck_assert_int_eq(reader_argv(&reader, target, address_of(none), 64, 4096, &argv, &cut), 0);
        ck_assert_uint_eq(strv_length(argv), 0);
        ck_assert_int_eq(reader_argv(&reader, target, address_of(pages), 64, 4096, &argv, &cut), -EFAULT);
        ck_assert_int_eq(reader_argv(&reader, target, 8, 64, 4096, &argv, &cut), -EFAULT);
        ck_assert_ptr_null(argv);
}
END_TEST

/* Words in five pages, and among the pointers one that lies across the end of a page. */
START_TEST(vectors_spread_over_pages)
{
        enum { WORDS = 12, SPREAD = 5 };
        char *room = mmap(NULL, 8 * (size_t)PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        char *pointers = room + 6 * (size_t)PAGE - 5 * sizeof(uint64_t) - 3;
        uint64_t end = 0;
        char **argv = NULL;
        int cut = -1;

        if (!is_root("vectors_spread_over_pages"))
                return;
        ck_assert_ptr_ne(room, MAP_FAILED);
        for (size_t i = 0; i < WORDS; i++) {
                char *word = room + i % SPREAD * (size_t)PAGE + i * 64;
                uint64_t at = address_of(word);

                (void)snprintf(word, 64, "word %zu", i);
                memcpy(pointers + i * sizeof(at), &at, sizeof(at));
        }
        memcpy(pointers + WORDS * sizeof(end), &end, sizeof(end));
        start_both();
        ck_assert_int_eq(reader_argv(&reader, target, address_of(pointers), 64, 4096, &argv, &cut), 0);
        ck_assert_uint_eq(strv_length(argv), WORDS);
        for (size_t i = 0; i < WORDS; i++) {
                char expected[32];

                (void)snprintf(expected, sizeof(expected), "word %zu", i);
                ck_assert_str_eq(argv[i], expected);
        }
        strv_free(argv);
        ck_assert_int_eq(munmap(room, 8 * (size_t)PAGE), 0);
        stop_both();
}
END_TEST

START_TEST(executables_are_named)
{
        cleanup_free char *path = NULL;
        cleanup_free char *own = realpath("/proc/self/exe", NULL);
        char *none = NULL;

        if (!is_root("executables_are_named"))
                return;
        start_both();
        ck_assert_int_eq(reader_exe(&reader, target, &path), 0);
        ck_assert_str_eq(path, own);
        ck_assert_int_eq(reader_exe(&reader, INT32_MAX, &none), -ENOENT);
        ck_assert_int_eq(reader_exe(&reader, 0, &none), -EINVAL);
        ck_assert_int_eq(reader_exe(&reader, -1, &none), -EINVAL);
        ck_assert_ptr_null(none);
}
END_TEST

START_TEST(a_process_that_is_gone_is_told)
{
        if (!is_root("a_process_that_is_gone_is_told"))
                return;
        start_both();
        target_end = fd_close(target_end);
        ck_assert_int_eq(wait_for(target), 0);
        ck_assert_int_eq(read_error(address_of(words), 4096), -ESRCH);
}
END_TEST

/* The reader is the child of this process that is not the target. */
static pid_t find_reader(void)
{
        DIR *proc = opendir("/proc");
        pid_t found = 0;

        for (struct dirent *entry; (entry = readdir(proc)) != NULL;) {
                struct caller caller;
                uint64_t pid;

                if (num_parse_u64(entry->d_name, 1, INT32_MAX, &pid) == 0 && (pid_t)pid != target &&
                    caller_load((pid_t)pid, &caller) == 0 && caller.parent == getpid())
                        found = (pid_t)pid;
        }
        closedir(proc);
        return found;
}

START_TEST(a_reader_that_was_killed_is_missed)
{
        pid_t pid;

        if (!is_root("a_reader_that_was_killed_is_missed"))
                return;
        strcpy(pages, "text");
        start_both();
        must_read(pages, 4096, "text");
        pid = find_reader();
        ck_assert_int_gt(pid, 0);
        ck_assert_int_eq(kill(pid, SIGKILL), 0);
        ck_assert_int_eq(wait_for(pid), -SIGKILL);
        ck_assert_int_eq(read_error(address_of(pages), 4096), -EPIPE);
        /* It is given up: nothing is asked any more. */
        ck_assert_int_eq(reader.requests, -1);
        ck_assert_int_eq(reader.answers, -1);
        ck_assert_int_eq(read_error(address_of(pages), 4096), -EPIPE);
}
END_TEST

/* One capability, no root, its own descriptors only. */
START_TEST(the_reader_is_little)
{
        cleanup_free char *status = NULL;
        struct caller caller;
        char path[64];
        size_t length;
        pid_t pid;

        if (!is_root("the_reader_is_little"))
                return;
        start_both();
        must_read(words[0], 4096, "cat");
        pid = find_reader();
        ck_assert_int_eq(caller_load(pid, &caller), 0);
        ck_assert(caller_is_uid(&caller, NOBODY));
        (void)snprintf(path, sizeof(path), "/proc/%d/status", pid);
        ck_assert_int_eq(fd_read_file(path, 64 * 1024, &status, &length), 0);
        ck_assert_ptr_nonnull(strstr(status, "\nCapPrm:\t0000000000080000\n"));
        ck_assert_ptr_nonnull(strstr(status, "\nCapBnd:\t0000000000000000\n"));
        ck_assert_ptr_nonnull(strstr(status, "\nNoNewPrivs:\t1\n"));
        ck_assert_ptr_nonnull(strstr(status, "\nSeccomp:\t2\n"));
        ck_assert_ptr_nonnull(strstr(status, "\nGroups:\t \n"));
}
END_TEST

/* With its pipe the reader ends too. */
START_TEST(the_reader_ends_with_its_pipe)
{
        pid_t pid;

        if (!is_root("the_reader_ends_with_its_pipe"))
                return;
        start_both();
        must_read(words[0], 4096, "cat");
        pid = find_reader();
        reader_stop(&reader);
        /* A sanitizer's _exit makes calls that the reader may not make. */
#ifdef __SANITIZE_ADDRESS__
        ck_assert_int_eq(wait_for(pid), -SIGSYS);
#else
        ck_assert_int_eq(wait_for(pid), 0);
#endif
        reader_stop(&reader);
}
END_TEST

TEST_MAIN("supervisor/reader", map_pages, stop_both, texts_are_read, texts_end_with_the_mapping, bad_addresses_are_told,
          pointers_are_read, argument_vectors_are_read, odd_argument_vectors, vectors_spread_over_pages,
          executables_are_named, a_process_that_is_gone_is_told, a_reader_that_was_killed_is_missed,
          the_reader_is_little, the_reader_ends_with_its_pipe)
