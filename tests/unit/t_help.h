/* What the tests of wire/, confine/, module/, supervisor/ and shell/ share: processes, descriptors, a directory. */
#pragma once

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"

/* Descriptors that this process has open. */
__attribute__((unused)) static size_t count_fds(void)
{
        DIR *directory = opendir("/proc/self/fd");
        size_t n = 0;

        ck_assert_ptr_nonnull(directory);
        while (readdir(directory) != NULL)
                n++;
        closedir(directory);
        return n - 3; /* ".", ".." and the directory itself */
}

/* Waits for a child: its exit status, or minus the signal that killed it. */
__attribute__((unused)) static int wait_for(pid_t pid)
{
        int status = 0;

        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/* Runs a function in a process of its own. A failed check in there is reported like any other. */
__attribute__((unused)) static int in_child(int (*run)(void *context), void *context)
{
        pid_t pid = fork();

        ck_assert_int_ge(pid, 0);
        if (pid == 0)
                _exit(run(context));
        return wait_for(pid);
}

__attribute__((unused)) static void no_new_privs(void)
{
        ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
}

/* False, and a line that says so, where the test needs root: it is then skipped, visibly. */
__attribute__((unused)) static bool is_root(const char *test)
{
        if (geteuid() == 0)
                return true;
        (void)fprintf(stderr, "SKIP %s: needs root\n", test);
        return false;
}

static char home[64];
static char path_text[512];

__attribute__((unused)) static void home_make(void)
{
        (void)umask(022);
        strcpy(home, "/tmp/pam_diag-test.XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(home));
        ck_assert_int_eq(chmod(home, 0755), 0);
}

static int home_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
        (void)st;
        (void)type;
        (void)ftw;
        (void)remove(path);
        return 0;
}

__attribute__((unused)) static void home_remove(void)
{
        (void)nftw(home, home_remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* A path in the test's own directory; good until the next call. */
__attribute__((unused)) static const char *at_home(const char *name)
{
        ck_assert_int_lt(snprintf(path_text, sizeof(path_text), "%s/%s", home, name), (int)sizeof(path_text));
        return path_text;
}

__attribute__((unused)) static void make_directory(const char *path)
{
        ck_assert_msg(mkdir(path, 0755) == 0, "%s: %s", path, strerror(errno));
}

__attribute__((unused)) static void make_file(const char *path, const char *text, mode_t mode)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

        ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
        ck_assert_int_eq(fd_write_all(fd, text, strlen(text)), 0);
        fd_close(fd);
}

/* What opening the path gives: 0 or -errno. */
__attribute__((unused)) static int try_open(const char *path, int flags)
{
        int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK, 0600);

        if (fd < 0)
                return -errno;
        fd_close(fd);
        return 0;
}

#define TEST_MAIN(suite_name, set_up, tear_down, ...)                         \
        int main(void)                                                        \
        {                                                                     \
                const TTest *const tests[] = { __VA_ARGS__ };                 \
                Suite *suite = suite_create(suite_name);                      \
                TCase *tcase = tcase_create(suite_name);                      \
                SRunner *runner = srunner_create(suite);                      \
                int failed;                                                   \
                                                                              \
                tcase_set_timeout(tcase, 60);                                 \
                tcase_add_checked_fixture(tcase, set_up, tear_down);          \
                for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) \
                        tcase_add_test(tcase, tests[i]);                      \
                suite_add_tcase(suite, tcase);                                \
                srunner_run_all(runner, CK_ENV);                              \
                failed = srunner_ntests_failed(runner);                       \
                srunner_free(runner);                                         \
                return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;             \
        }
