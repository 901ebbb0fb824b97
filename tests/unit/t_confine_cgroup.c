/* confine/cgroup.c: the group of a process, and a real group where the host has them. */
#include "tests/unit/t_help.h"

#include "pam_diag/base/mem.h"
#include "pam_diag/confine/cgroup.h"

static void must_parse(const char *text, const char *expected)
{
        cleanup_free char *path = NULL;

        ck_assert_int_eq(cgroup_parse(text, &path), 0);
        ck_assert_str_eq(path, expected);
}

START_TEST(the_line_of_version_2)
{
        cleanup_free char *path = NULL;

        must_parse("0::/\n", "/");
        must_parse("0::/system.slice/ssh.service\n", "/system.slice/ssh.service");
        must_parse("4:memory:/a\n1:name=systemd:/b\n0::/user.slice/session-3.scope", "/user.slice/session-3.scope");
        must_parse("0::/a b:c\n", "/a b:c");
        ck_assert_int_eq(cgroup_parse("", &path), -ENOENT);
        ck_assert_int_eq(cgroup_parse("4:memory:/a\n10::/x\n", &path), -ENOENT);
        ck_assert_int_eq(cgroup_parse("0::/../outside\n", &path), -ENOENT);
        ck_assert_int_eq(cgroup_parse("0::relative\n", &path), -ENOENT);
        ck_assert_ptr_null(path);
}
END_TEST

/* A child enters by the descriptor, its own child is born there, and one write ends both. */
static int make_and_kill(void *context)
{
        cleanup_cgroup struct cgroup group = CGROUP_INIT;
        cleanup_free char *kill_path = NULL;
        char name[32], text[16];
        int started[2];
        int r, n, status;
        pid_t child;
        char ready;

        (void)context;
        (void)snprintf(name, sizeof(name), "test-%d", getpid());
        r = cgroup_make(name, 65534, &group);
        if (r < 0) {
                (void)fprintf(stderr, "SKIP a_group_is_made: no version 2 group can be made here: %s\n", strerror(-r));
                return 0;
        }
        ck_assert_int_eq(pipe2(started, O_CLOEXEC), 0);
        child = fork();
        if (child == 0) {
                if (read(started[0], &ready, 1) != 1)
                        _exit(1);
                if (fork() == 0)
                        (void)setsid();
                for (;;)
                        pause();
        }
        n = snprintf(text, sizeof(text), "%d", child);
        ck_assert_int_eq(write(group.procs, text, (size_t)n), n);
        ck_assert_int_eq(write(started[1], "x", 1), 1);
        ck_assert_int_gt(asprintf(&kill_path, "%s/cgroup.kill", group.path), 0);
        /* As its owner, who is nobody else. */
        ck_assert_int_eq(seteuid(65534), 0);
        r = open(kill_path, O_WRONLY | O_CLOEXEC);
        ck_assert_int_ge(r, 0);
        ck_assert_int_eq(write(r, "1", 1), 1);
        fd_close(r);
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert_int_eq(WTERMSIG(status), SIGKILL);
        for (unsigned i = 0; i < 200 && rmdir(group.path) < 0; i++)
                (void)usleep(10000);
        ck_assert_int_eq(access(group.path, F_OK), -1);
        return 0;
}

START_TEST(a_group_is_made)
{
        if (is_root("a_group_is_made"))
                ck_assert_int_eq(in_child(make_and_kill, NULL), 0);
}
END_TEST

/* Another session that is sweeping holds the new group for a moment, and may have removed it by then. */
static int make_held(void *context)
{
        cleanup_cgroup struct cgroup group = CGROUP_INIT;
        char name[48];
        int r;

        (void)context;
        for (int removed = 0; removed < 2; removed++) {
                cleanup_cgroup struct cgroup theirs = CGROUP_INIT;
                pid_t sweeper;

                (void)snprintf(name, sizeof(name), "test-%d-held", getpid());
                r = cgroup_make(name, 65534, &theirs);
                if (r < 0)
                        return 0; /* none can be made on this host */
                sweeper = fork();
                if (sweeper == 0) {
                        (void)usleep(50000);
                        _exit(removed == 1 && rmdir(theirs.path) < 0);
                }
                theirs.procs = fd_close(theirs.procs); /* the sweeper alone holds it */
                cgroup_free(&group);
                ck_assert_int_eq(cgroup_make(name, 65534, &group), 0);
                ck_assert_int_eq(wait_for(sweeper), 0);
                ck_assert_int_eq(access(group.path, F_OK), 0);
                ck_assert_int_eq(rmdir(group.path), 0);
        }
        return 0;
}

START_TEST(a_group_that_is_swept)
{
        if (is_root("a_group_that_is_swept"))
                ck_assert_int_eq(in_child(make_held, NULL), 0);
}
END_TEST

TEST_MAIN("confine/cgroup", NULL, NULL, the_line_of_version_2, a_group_is_made, a_group_that_is_swept)
