/* supervisor/group.c: what the module hands over is taken once, whole, in order, or not at all. */
#include "pam_diag/supervisor/group.h"

#include "pam_diag/wire/pack.h"
#include "tests/unit/t_help.h"

static struct session session;
static int fd;

static void set_up(void)
{
        session = (struct session){ .group_procs = -1, .home_procs = -1, .sshd_pidfd = -1 };
        fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
        ck_assert_int_ge(fd, 0);
}

static void tear_down(void)
{
        fd_close(fd);
        group_remove(&session);
}

static int take(uint32_t limited)
{
        cleanup_buf struct buf body = BUF_INIT(4096);

        pack_text(&body, "/none/pam_diag/1-00000000");
        pack_u32(&body, limited);
        return group_take(&session, body.data, body.length, &fd);
}

static void must_not_be_taken(int r)
{
        ck_assert_int_eq(r, -EBADMSG);
        ck_assert_int_ge(fd, 0); /* the caller's, still */
}

START_TEST(a_group_and_its_way_back)
{
        must_not_be_taken(group_take_home(&session, 0, &fd)); /* of which group? */
        must_not_be_taken(take(2));
        must_not_be_taken(group_take(&session, "x", 1, &fd));
        ck_assert_ptr_null(session.group);
        ck_assert_int_eq(take(1), 0);
        ck_assert_int_eq(fd, -1);
        ck_assert(session.group_limited && session.group_procs >= 0);
        must_not_be_taken((fd = open("/dev/null", O_WRONLY | O_CLOEXEC), take(1))); /* a second group */
        must_not_be_taken(group_take_home(&session, 1, &fd)); /* with a body */
        ck_assert_int_eq(group_take_home(&session, 0, &fd), 0);
        ck_assert_int_eq(fd, -1);
        ck_assert_int_eq(group_take_home(&session, 0, &fd), -EBADMSG); /* no descriptor */
        must_not_be_taken(
                (fd = open("/dev/null", O_WRONLY | O_CLOEXEC), group_take_home(&session, 0, &fd))); /* a second */
}
END_TEST

/* Without a group nothing is entered, and nothing is an error: the policy has accepted it. */
START_TEST(a_session_without_one)
{
        ck_assert_int_eq(group_enter(&session, getpid()), 0);
        ck_assert_int_eq(group_enter_sshd(&session, getpid()), 0);
        ck_assert_int_eq(session.sshd_pidfd, -1);
        group_kill(&session);
}
END_TEST

START_TEST(a_process_that_is_gone)
{
        pid_t pid = fork();

        if (pid == 0)
                _exit(0);
        ck_assert_int_gt(pid, 0);
        ck_assert_int_eq(wait_for(pid), 0);
        ck_assert_int_eq(take(0), 0);
        ck_assert_int_eq(group_enter_sshd(&session, pid), -ESRCH);
        ck_assert_int_eq(session.sshd_pidfd, -1);
}
END_TEST

TEST_MAIN("supervisor/group", set_up, tear_down, a_group_and_its_way_back, a_session_without_one,
          a_process_that_is_gone)
