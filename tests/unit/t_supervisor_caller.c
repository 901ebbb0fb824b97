/* supervisor/caller.c */
#include "tests/unit/t_help.h"

#include <pthread.h>

#include "pam_diag/supervisor/caller.h"

#define STATUS(uid)                                                                                 \
        "Name:\tcat\nUmask:\t0022\nState:\tR (running)\nTgid:\t77\nNgid:\t0\nPid:\t78\nPPid:\t12\n" \
        "TracerPid:\t0\n" uid "Gid:\t7\t7\t7\t7\nThreads:\t3\nSigQ:\t0/1\n"
#define UID "Uid:\t1000\t1001\t1002\t1003\n"

START_TEST(a_status_is_read)
{
        struct caller caller;

        ck_assert_int_eq(caller_parse(STATUS(UID), &caller), 0);
        ck_assert_int_eq(caller.pid, 77);
        ck_assert_int_eq(caller.parent, 12);
        ck_assert_uint_eq(caller.uids[0], 1000);
        ck_assert_uint_eq(caller.uids[1], 1001);
        ck_assert_uint_eq(caller.uids[2], 1002);
        ck_assert_uint_eq(caller.uids[3], 1003);
        ck_assert_uint_eq(caller.threads, 3);
}
END_TEST

START_TEST(this_process_is_read)
{
        struct caller caller;

        ck_assert_int_eq(caller_load(getpid(), &caller), 0);
        ck_assert_int_eq(caller.pid, getpid());
        ck_assert_int_eq(caller.parent, getppid());
        ck_assert(caller_is_uid(&caller, getuid()));
        ck_assert(!caller_is_uid(&caller, getuid() + 1));
        ck_assert_uint_eq(caller.threads, 1);
}
END_TEST

START_TEST(one_id_that_differs_is_enough)
{
        for (size_t i = 0; i < 4; i++) {
                struct caller caller = { .uids = { 7, 7, 7, 7 } };

                ck_assert(caller_is_uid(&caller, 7));
                caller.uids[i] = 0;
                ck_assert(!caller_is_uid(&caller, 7));
                ck_assert(!caller_is_uid(&caller, 0));
        }
}
END_TEST

static int look_at_self(void *context)
{
        const char *name = context;
        struct caller caller;

        ck_assert_int_eq(prctl(PR_SET_NAME, name, 0, 0, 0), 0);
        ck_assert_int_eq(setresuid(65534, 65534, 65534), 0);
        ck_assert_int_eq(caller_load(getpid(), &caller), 0);
        ck_assert_int_eq(caller.pid, getpid());
        ck_assert_int_eq(caller.parent, getppid());
        return caller_is_uid(&caller, 65534) ? 0 : 1;
}

/* A process chooses its own name: no name may stand for another line. */
START_TEST(names_imitate_nothing)
{
        static char names[][32] = { "\nUid:\t0\t0\t0\t0", "\nTgid:\t1",      "x\nPPid:\t1\nUid:", "Uid:\t0 0 0 0",
                                    "\n\nThreads:\t1",    "\\nUid: 0 0 0 0", "\r\nUid: 0",        "" };

        if (!is_root("names_imitate_nothing"))
                return;
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                ck_assert_msg(in_child(look_at_self, names[i]) == 0, "%s", names[i]);
}
END_TEST

START_TEST(names_are_passed_over)
{
        static const char *const names[] = { "Name:\tUid:\t0\t0\t0\t0\n",    "Name:\tx Uid:\t0\t0\t0\t0\n",
                                             "Name:\t\\nUid:\t0\t0\t0\t0\n", " Uid:\t0\t0\t0\t0\n",
                                             "UidX:\t0\t0\t0\t0\n",          "Name:\r\tUid:\t0\t0\t0\t0\n" };

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                struct caller caller;
                char text[1024];

                (void)snprintf(text, sizeof(text), "%s%s", names[i], STATUS(UID));
                ck_assert_int_eq(caller_parse(text, &caller), 0);
                ck_assert_uint_eq(caller.uids[0], 1000);
        }
}
END_TEST

START_TEST(malformed_texts_are_refused)
{
        static const char *const bad[] = {
                "",
                "\n",
                "Uid:",
                "Tgid:\t1\nPPid:\t1\nThreads:\t1\n",
                STATUS(""),
                STATUS("Uid:\n"),
                STATUS("Uid:\t1\t2\t3\n"),
                STATUS("Uid:\t1\t2\t3\n4\n"),
                STATUS("Uid:\t1\t2\t3\t\n"),
                STATUS("Uid:\t-1\t2\t3\t4\n"),
                STATUS("Uid:\t+1\t2\t3\t4\n"),
                STATUS("Uid:\t0x1\t2\t3\t4\n"),
                STATUS("Uid:\t1,2\t2\t3\t4\n"),
                STATUS("Uid:\t4294967296\t2\t3\t4\n"),
                STATUS("Uid:\t18446744073709551616\t2\t3\t4\n"),
                STATUS("Uid:\t000000000000000000000000000000\t2\t3\t4\n"),
                "Tgid:\t0\nPPid:\t1\nThreads:\t1\n" UID,
                "Tgid:\t2147483648\nPPid:\t1\nThreads:\t1\n" UID,
                "Tgid:\t1\nPPid:\t2147483648\nThreads:\t1\n" UID,
                "Tgid:\t1\nPPid:\t1\nThreads:\n" UID,
                "Tgid:\nPPid:\t1\nThreads:\t1\n" UID,
                "PPid:\t1\nThreads:\t1\n" UID,
                "Tgid:\t1\nThreads:\t1\n" UID,
                "Tgid:\t1\nPPid:\t1\n" UID,
                "Tgid:\t1\nPPid:\tx\nThreads:\t1\n" UID,
                "tgid:\t1\nPPid:\t1\nThreads:\t1\n" UID,
        };

        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                struct caller caller = { .pid = 4711 };

                ck_assert_msg(caller_parse(bad[i], &caller) == -EBADMSG, "%zu: %s", i, bad[i]);
                ck_assert_int_eq(caller.pid, 4711);
        }
}
END_TEST

/* Cut anywhere before its last needed line it is no status. */
START_TEST(cut_texts_are_refused)
{
        const char *whole = STATUS(UID);
        size_t needed = (size_t)(strstr(whole, "Threads:\t3") - whole) + strlen("Threads:\t3");

        for (size_t n = 0; n < strlen(whole); n++) {
                struct caller caller;
                char *cut = strndup(whole, n);

                ck_assert_msg((caller_parse(cut, &caller) == 0) == (n >= needed), "cut after %zu", n);
                free(cut);
        }
}
END_TEST

START_TEST(the_first_line_counts)
{
        struct caller caller;

        ck_assert_int_eq(caller_parse(STATUS(UID "Uid:\t0\t0\t0\t0\n"), &caller), 0);
        ck_assert_uint_eq(caller.uids[0], 1000);
}
END_TEST

static void *do_nothing(void *context)
{
        int *ends = context;
        char x;

        return read(ends[0], &x, 1) == 0 ? NULL : ends;
}

START_TEST(threads_are_counted)
{
        struct caller caller;
        pthread_t thread;
        int ends[2];

        ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
        ck_assert_int_eq(pthread_create(&thread, NULL, do_nothing, ends), 0);
        ck_assert_int_eq(caller_load(getpid(), &caller), 0);
        ck_assert_uint_eq(caller.threads, 2);
        fd_close(ends[1]);
        ck_assert_int_eq(pthread_join(thread, NULL), 0);
        fd_close(ends[0]);
}
END_TEST

START_TEST(nobody_is_not_there)
{
        struct caller caller = { .pid = 4711 };
        pid_t pid = fork();

        if (pid == 0)
                _exit(0);
        ck_assert_int_eq(wait_for(pid), 0);
        ck_assert_int_eq(caller_load(pid, &caller), -ENOENT);
        ck_assert_int_eq(caller.pid, 4711);
}
END_TEST

struct wanted {
        pid_t pid;
        size_t asked;
};

static bool is_wanted(void *context, pid_t pid)
{
        struct wanted *wanted = context;

        wanted->asked++;
        return pid == wanted->pid;
}

static int find_ancestors(void *context)
{
        struct wanted wanted = *(struct wanted *)context;
        struct caller self, init = { .pid = 1 };

        ck_assert_int_eq(caller_load(getpid(), &self), 0);
        ck_assert_int_eq(caller_ancestor(&self, is_wanted, &wanted), wanted.pid);
        ck_assert_uint_eq(wanted.asked, 2); /* itself and its parent */
        wanted = (struct wanted){ .pid = getpid() };
        ck_assert_int_eq(caller_ancestor(&self, is_wanted, &wanted), getpid());
        wanted = (struct wanted){ .pid = -1 };
        ck_assert_int_eq(caller_ancestor(&self, is_wanted, &wanted), 0);
        ck_assert_uint_ge(wanted.asked, 2);
        /* init is nobody's ancestor here. */
        wanted = (struct wanted){ .pid = 1 };
        ck_assert_int_eq(caller_ancestor(&init, is_wanted, &wanted), 0);
        ck_assert_uint_eq(wanted.asked, 0);
        return 0;
}

START_TEST(ancestors_are_found)
{
        struct wanted wanted = { .pid = getpid() };

        ck_assert_int_eq(in_child(find_ancestors, &wanted), 0);
}
END_TEST

TEST_MAIN("supervisor/caller", NULL, NULL, a_status_is_read, this_process_is_read, one_id_that_differs_is_enough,
          names_imitate_nothing, names_are_passed_over, malformed_texts_are_refused, cut_texts_are_refused,
          the_first_line_counts, threads_are_counted, nobody_is_not_there, ancestors_are_found)
