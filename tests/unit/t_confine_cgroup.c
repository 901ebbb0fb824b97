/* confine/cgroup.c, confine/cgroup_path.c: the group of a process, and a real group where the host has them. */
#include "tests/unit/t_help.h"

#include <sys/xattr.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/confine/cgroup.h"
#include "pam_diag/confine/cgroup_path.h"

static const struct cgroup_limits unlimited;
static const struct cgroup_limits small = { .memory_most = UINT64_C(64) << 20, .processes_most = 6 };

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
        r = cgroup_make(name, 65534, &unlimited, &group);
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
                r = cgroup_make(name, 65534, &unlimited, &theirs);
                if (r < 0)
                        return 0; /* none can be made on this host */
                sweeper = fork();
                if (sweeper == 0) {
                        (void)usleep(50000);
                        _exit(removed == 1 && rmdir(theirs.path) < 0);
                }
                theirs.procs = fd_close(theirs.procs); /* the sweeper alone holds it */
                cgroup_free(&group);
                ck_assert_int_eq(cgroup_make(name, 65534, &unlimited, &group), 0);
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

static void enter(const struct cgroup *group)
{
        ck_assert_int_eq(write(group->procs, "0", 1), 1);
}

/* Touches so many MiB and stays. */
static pid_t eat(size_t mib, int ready)
{
        pid_t pid = fork();

        if (pid == 0) {
                char *memory = malloc(mib << 20);

                if (memory != NULL)
                        memset(memory, 'x', mib << 20);
                if (memory == NULL || write(ready, "x", 1) != 1)
                        _exit(1);
                (void)pause();
                _exit(memory[0] == 'y');
        }
        return pid;
}

/* True when this host gives controllers to the groups that are made here. */
static bool has_controllers(const struct cgroup *group, const char *test)
{
        if (!group->limited)
                (void)fprintf(stderr, "SKIP %s: no group with the memory and pids controllers can be made here\n",
                              test);
        return group->limited;
}

/* Three processes of 24 MiB each are not together in 64. */
static int eat_together(void *context)
{
        cleanup_cgroup struct cgroup group = CGROUP_INIT;
        unsigned killed = 0;
        char name[32], byte;
        int ready[2], status;

        (void)context;
        (void)snprintf(name, sizeof(name), "test-%d-eat", getpid());
        if (cgroup_make(name, 65534, &small, &group) < 0 || !has_controllers(&group, "memory_of_all_together"))
                return 0;
        ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
        ck_assert_int_eq(setpgid(0, 0), 0);
        enter(&group);
        for (unsigned i = 0; i < 3; i++)
                ck_assert_int_gt(eat(24, ready[1]), 0);
        ck_assert_int_gt(wait(&status), 0);
        killed += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
        ck_assert_uint_eq(killed, 1);
        /* The two others fit, and are let live. */
        ck_assert_int_eq(read(ready[0], &byte, 1), 1);
        (void)signal(SIGUSR1, SIG_IGN);
        (void)kill(0, SIGUSR1);
        while (wait(&status) > 0)
                ck_assert_int_eq(WTERMSIG(status), SIGUSR1);
        return 0;
}

START_TEST(memory_of_all_together)
{
        if (is_root("memory_of_all_together"))
                ck_assert_int_eq(in_child(eat_together, NULL), 0);
}
END_TEST

/* Root has no RLIMIT_NPROC: what ends this is the group. */
static int fork_together(void *context)
{
        cleanup_cgroup struct cgroup group = CGROUP_INIT;
        unsigned made = 0;
        pid_t pid;
        char name[32];

        (void)context;
        (void)snprintf(name, sizeof(name), "test-%d-fork", getpid());
        if (cgroup_make(name, 65534, &small, &group) < 0 || !has_controllers(&group, "processes_of_all_together"))
                return 0;
        ck_assert_int_eq(setpgid(0, 0), 0);
        enter(&group);
        do {
                pid = fork();
                if (pid == 0) {
                        (void)pause();
                        _exit(0);
                }
        } while (pid > 0 && ++made < 100);
        ck_assert_int_eq(errno, EAGAIN);
        ck_assert_uint_eq(made, small.processes_most - 1);
        (void)signal(SIGUSR1, SIG_IGN);
        (void)kill(0, SIGUSR1);
        while (wait(NULL) > 0)
                ;
        return 0;
}

START_TEST(processes_of_all_together)
{
        if (is_root("processes_of_all_together"))
                ck_assert_int_eq(in_child(fork_together, NULL), 0);
}
END_TEST

/* As systemd leaves a unit that has Delegate= and DelegateSubgroup=main: the unit's group is empty and marked, its processes are in main. */
static int make_delegated(void *context)
{
        cleanup_cgroup struct cgroup first = CGROUP_INIT;
        char unit[256], main_group[300], procs[320], name[32];
        cleanup_fd int fd = -1;

        (void)context;
        (void)snprintf(name, sizeof(name), "test-%d-unit", getpid());
        if (cgroup_make(name, 65534, &small, &first) < 0 || !has_controllers(&first, "a_unit_that_is_delegated"))
                return 0;
        (void)snprintf(unit, sizeof(unit), "%s", first.path);
        (void)snprintf(main_group, sizeof(main_group), "%s/main", unit);
        (void)snprintf(procs, sizeof(procs), "%s/cgroup.procs", main_group);
        ck_assert_int_eq(mkdir(main_group, 0755), 0);
        fd = open(procs, O_WRONLY | O_CLOEXEC);
        ck_assert_int_eq(write(fd, "0", 1), 1);
        for (int marked = 0; marked < 2; marked++) {
                cleanup_cgroup struct cgroup group = CGROUP_INIT;
                char expected[400];

                if (marked)
                        ck_assert_int_eq(setxattr(unit, "user.delegate", "1", 1, 0), 0);
                ck_assert_int_eq(cgroup_make("a", 65534, &small, &group), 0);
                (void)snprintf(expected, sizeof(expected), "%s/pam_diag/a", marked ? unit : main_group);
                ck_assert_str_eq(group.path, expected);
                ck_assert_int_eq(group.limited, marked);
        }
        return 0;
}

START_TEST(a_unit_that_is_delegated)
{
        if (is_root("a_unit_that_is_delegated"))
                ck_assert_int_eq(in_child(make_delegated, NULL), 0);
}
END_TEST

TEST_MAIN("confine/cgroup", NULL, NULL, the_line_of_version_2, a_group_is_made, a_group_that_is_swept,
          memory_of_all_together, processes_of_all_together, a_unit_that_is_delegated)
