/* confine/layers.c */
#include "tests/unit/t_help.h"

#include <linux/seccomp.h>
#include <poll.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/confine/landlock.h"
#include "pam_diag/confine/layers.h"
#include "pam_diag/wire/message.h"

static void must_refuse(char *const *missing, char *const *accepted, const char *expected)
{
        cleanup_free char *names = NULL;

        ck_assert_int_eq(layers_refused(missing, accepted, &names), 0);
        ck_assert_pstr_eq(names, expected);
}

START_TEST(what_is_not_named_is_refused)
{
        char net[] = "landlock-net";
        char scope[] = "landlock-scope";
        char *both[] = { net, scope, NULL };
        char *reversed[] = { scope, net, NULL };
        char *one[] = { scope, NULL };
        char *none[] = { NULL };

        must_refuse(NULL, NULL, NULL);
        must_refuse(none, one, NULL);
        must_refuse(one, one, NULL);
        must_refuse(one, both, NULL);
        must_refuse(both, reversed, NULL);
        /* All of them at once: whoever has to name them in a policy is told once. */
        must_refuse(both, one, "landlock-net");
        must_refuse(reversed, none, "landlock-scope landlock-net");
        must_refuse(both, NULL, "landlock-net landlock-scope");
}
END_TEST

START_TEST(the_running_kernel_is_probed)
{
        cleanup_strv char **missing = NULL;
        int abi = landlock_abi();

        if (abi < 0) {
                ck_assert_int_eq(layers_probe(&missing), abi);
                ck_assert_ptr_null(missing);
                return;
        }
        ck_assert_int_eq(layers_probe(&missing), 0);
        ck_assert_uint_eq(strv_length(missing), (size_t)__builtin_popcount(landlock_lacks(abi)));
}
END_TEST

/* What layers_probe says, joined by blanks, goes back over the socket. */
static int probe_under_filter(int socket)
{
        scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
        cleanup_buf struct buf answer = BUF_INIT(1024);
        char **missing = NULL;
        int listener;

        no_new_privs();
        ck_assert_int_eq(seccomp_rule_add(context, SCMP_ACT_NOTIFY, SYS_landlock_create_ruleset, 0), 0);
        ck_assert_int_eq(seccomp_load(context), 0);
        listener = seccomp_notify_fd(context);
        ck_assert_int_eq(message_send(socket, 1, NULL, listener), 0);
        fd_close(listener);
        buf_printf(&answer, "%d", layers_probe(&missing));
        for (size_t i = 0; missing != NULL && missing[i] != NULL; i++)
                buf_printf(&answer, " %s", missing[i]);
        return message_send(socket, 2, &answer, -1) == 0 ? 0 : 1;
}

/* A kernel with another ABI: the system call of a real probe is answered here. */
static void must_say(int error, int64_t abi, const char *expected)
{
        struct seccomp_notif asked = { 0 };
        struct seccomp_notif_resp answer = { .error = -error, .val = abi };
        struct pollfd wait = { .events = POLLIN };
        cleanup_message struct message first = MESSAGE_INIT;
        cleanup_message struct message second = MESSAGE_INIT;
        int theirs, ours;
        pid_t pid;

        ck_assert_int_eq(message_pair(&theirs, &ours), 0);
        pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0)
                _exit(probe_under_filter(theirs));
        fd_close(theirs);
        ck_assert_int_eq(message_receive(ours, 10000, &first), 0);
        wait.fd = first.fds[0];
        ck_assert_int_eq(poll(&wait, 1, 10000), 1);
        ck_assert_int_eq(ioctl(first.fds[0], SECCOMP_IOCTL_NOTIF_RECV, &asked), 0);
        answer.id = asked.id;
        ck_assert_int_eq(ioctl(first.fds[0], SECCOMP_IOCTL_NOTIF_SEND, &answer), 0);
        ck_assert_int_eq(message_receive(ours, 10000, &second), 0);
        ck_assert_str_eq(second.body, expected);
        ck_assert_int_eq(wait_for(pid), 0);
        fd_close(ours);
}

START_TEST(older_kernels_lack_layers)
{
        must_say(0, 1, "0 landlock-truncate landlock-net landlock-ioctl landlock-scope");
        must_say(0, 2, "0 landlock-truncate landlock-net landlock-ioctl landlock-scope");
        must_say(0, 3, "0 landlock-net landlock-ioctl landlock-scope");
        must_say(0, 4, "0 landlock-ioctl landlock-scope");
        must_say(0, 5, "0 landlock-scope");
        must_say(0, 6, "0");
        must_say(0, 99, "0");
}
END_TEST

/* Landlock itself is no layer that could be missing. */
START_TEST(without_landlock_nothing_goes)
{
        must_say(ENOSYS, 0, "-38");
        must_say(EOPNOTSUPP, 0, "-95");
}
END_TEST

TEST_MAIN("confine/layers", NULL, NULL, what_is_not_named_is_refused, the_running_kernel_is_probed,
          older_kernels_lack_layers, without_landlock_nothing_goes)
