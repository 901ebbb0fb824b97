/* What the tests of sql/ and shipper/ share: a directory of their own, rows, and a file system of a given size. */
#pragma once

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sql/auditdb.h"
#include "sql/rec.h"

#define SESSION "0123456789abcdef0123456789abcdef"

static char home[64];
static char db_path[128];
static struct auditdb_why why;

/* Each test runs in a process of its own (Check forks), so the names are its own too. */
__attribute__((unused)) static void setup(void)
{
        snprintf(home, sizeof(home), "/tmp/pam_diag-test.XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(home));
        snprintf(db_path, sizeof(db_path), "%s/audit.db", home);
        why.text[0] = '\0';
}

__attribute__((unused)) static void teardown(void)
{
        char name[512];
        DIR *directory = opendir(home);

        (void)umount2(home, MNT_DETACH);
        for (struct dirent *entry; directory != NULL && (entry = readdir(directory)) != NULL;) {
                snprintf(name, sizeof(name), "%s/%s", home, entry->d_name);
                (void)unlink(name);
        }
        if (directory != NULL)
                closedir(directory);
        (void)rmdir(home);
}

__attribute__((unused)) static struct auditdb *must_open(enum auditdb_mode mode)
{
        struct auditdb *db = NULL;
        int r = auditdb_open(db_path, mode, &db, &why);

        ck_assert_msg(r == 0, "auditdb_open: %d %s", r, why.text);
        return db;
}

/* The error must come with a line that names the file and `word`. */
__attribute__((unused)) static void must_refuse(enum auditdb_mode mode, int error, const char *word)
{
        struct auditdb *db = NULL;
        int r = auditdb_open(db_path, mode, &db, &why);

        ck_assert_msg(r == error, "auditdb_open: %d instead of %d: %s", r, error, why.text);
        ck_assert_ptr_null(db);
        ck_assert_msg(strstr(why.text, db_path) != NULL && strstr(why.text, word) != NULL, "%s", why.text);
        ck_assert_msg(strchr(why.text, '\n') == NULL, "%s", why.text);
}

__attribute__((unused)) static int append_line(struct auditdb *db, int64_t invocation, const char *line, size_t length,
                                               int64_t *ret_seq)
{
        char *argv[] = { (char[]){ "cat" }, (char[]){ "/etc/hosts" }, NULL };
        struct rec_stage stage = { .rule = "cat", .program = "/usr/bin/cat", .argv = argv };
        struct rec_exec rec = {
                .time_us = 1700000000000000 + invocation,
                .session = SESSION,
                .invocation = invocation,
                .verdict = "allow",
                .line = line,
                .line_length = length,
                .rule = "cat",
                .stages = &stage,
                .stage_count = 1,
        };
        struct buf buf = BUF_INIT(AUDITDB_REC_MOST);
        int r = rec_put_exec(&buf, &rec);

        if (r == 0)
                r = auditdb_append(db, buf.data, buf.length, ret_seq, &why);
        buf_free(&buf);
        return r;
}

__attribute__((unused)) static void must_append(struct auditdb *db, int64_t invocation)
{
        int r = append_line(db, invocation, "cat /etc/hosts", 14, NULL);

        ck_assert_msg(r == 0, "auditdb_append: %d %s", r, why.text);
}

__attribute__((unused)) static int64_t must_verify(struct auditdb *db)
{
        int64_t seq = -1;
        int r = auditdb_verify(db, &seq, &why);

        ck_assert_msg(r == 0, "auditdb_verify: %d at %lld: %s", r, (long long)seq, why.text);
        return seq;
}

/* Runs the stock sqlite3 shell on the database; its output, both streams, and its status. */
__attribute__((unused)) static int shell(const char *sql, char *output, size_t size)
{
        int ends[2];
        size_t used = 0;
        int status = -1;
        pid_t pid;

        ck_assert_int_eq(pipe(ends), 0);
        pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
                (void)dup2(ends[1], 1);
                (void)dup2(ends[1], 2);
                (void)close(ends[0]);
                (void)close(ends[1]);
                execlp("sqlite3", "sqlite3", "-batch", db_path, sql, (char *)NULL);
                _exit(127);
        }
        (void)close(ends[1]);
        for (ssize_t n; used < size - 1 && (n = read(ends[0], output + used, size - 1 - used)) > 0;)
                used += (size_t)n;
        output[used] = '\0';
        (void)close(ends[0]);
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

__attribute__((unused)) static void must_shell(const char *sql, const char *expected)
{
        char output[8192];
        int status = shell(sql, output, sizeof(output));

        ck_assert_msg(status == 0, "%s: status %d: %s", sql, status, output);
        if (expected != NULL)
                ck_assert_str_eq(output, expected);
}

/* A file system of `size` in place of the test's directory. False, and a line that says so, where mounting is not
 * possible (not root): the test is then skipped, visibly. */
__attribute__((unused)) static bool mount_tmpfs(const char *options, const char *test)
{
        if (unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
            mount("tmpfs", home, "tmpfs", 0, options) == 0)
                return true;
        fprintf(stderr, "SKIP %s: cannot mount a tmpfs here: %s\n", test, strerror(errno));
        return false;
}

__attribute__((unused)) static int run_suite(const char *name, const TTest *const *tests, size_t count)
{
        Suite *suite = suite_create(name);
        TCase *tcase = tcase_create(name);
        SRunner *runner;
        int failed;

        tcase_add_checked_fixture(tcase, setup, teardown);
        tcase_set_timeout(tcase, 120);
        for (size_t i = 0; i < count; i++)
                tcase_add_test(tcase, tests[i]);
        suite_add_tcase(suite, tcase);
        runner = srunner_create(suite);
        srunner_run_all(runner, CK_ENV);
        failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#define RUN_SUITE(name, tests) run_suite(name, tests, sizeof(tests) / sizeof((tests)[0]))
