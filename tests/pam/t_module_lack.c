/* pam_diag.so on a host that lacks a layer: no session, and a record of that. */
#include "tests/pam/t_module.h"

#include <seccomp.h>

#include "pam_diag/wire/control.h"
#include "pam_diag/wire/message.h"

enum { REFUSALS = 20 }; /* the module and the supervisor are at work at once: who is first differs */

/* Programs of which there is one everywhere: the supervisor is at them when the module has failed already. */
static void make_long_policy(void)
{
        static const char *const names[] = {
                "arch",     "base64", "basename", "cat",    "cksum",    "comm",     "cut",     "date",    "dd",
                "df",       "dir",    "dirname",  "du",     "echo",     "expand",   "expr",    "factor",  "false",
                "fmt",      "fold",   "groups",   "head",   "hostid",   "id",       "join",    "logname", "ls",
                "md5sum",   "nl",     "nproc",    "numfmt", "od",       "paste",    "pathchk", "pinky",   "pr",
                "printenv", "printf", "ptx",      "pwd",    "readlink", "realpath", "seq",     "sha1sum", "sha256sum",
                "shuf",     "sleep",  "sort",     "stat",   "sum",      "sync",     "tac",     "tail",    "test",
                "tr",       "true",   "tsort",    "tty",    "uname",    "unexpand", "uniq",    "users",   "vdir",
                "wc",       "who",    "whoami",   "yes"
        };
        cleanup_buf struct buf text = BUF_INIT(64 * 1024);

        buf_put_text(&text, "[paths]\nallow = /usr\n");
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                buf_printf(&text, "[command %s]\nsummary = Do it\n", names[i]);
        make_file(at_home("policy.conf"), text.data, 0644);
}

/* What a host may lack, and what its user is told. */
struct lack {
        void (*take)(void);
        const char *told;
};

static void take_groups(void)
{
        ck_assert_int_eq(mount("none", "/sys/fs/cgroup", "tmpfs", 0, NULL), 0);
}

/* As where it is off at boot, for the supervisor too. */
static void take_landlock(void)
{
        scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

        ck_assert_int_eq(seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0), 0);
        ck_assert_int_eq(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EOPNOTSUPP), SCMP_SYS(landlock_create_ruleset), 0), 0);
        ck_assert_int_eq(seccomp_load(filter), 0);
        seccomp_release(filter);
}

static int refuse_one(void *context)
{
        must_refuse("diag", whole_stack(""), ((const struct lack *)context)->told);
        return 0;
}

static int refuse_unconfined(void *context)
{
        struct lack *lack = context;

        host_enter(true);
        make_long_policy();
        lack->take();
        for (int i = 0; i < REFUSALS; i++)
                ck_assert_int_eq(in_child(refuse_one, lack), 0);
        return 0;
}

static void must_record_refusals(struct lack lack)
{
        cleanup_buf struct buf rows = BUF_INIT(4096);

        run_host(refuse_unconfined, &lack);
        for (int i = 0; i < REFUSALS; i++)
                buf_put_text(&rows, " open close");
        must_have_rows(rows.data);
}

START_TEST(without_groups_no_session)
{
        if (is_root("without_groups_no_session"))
                must_record_refusals((struct lack){ take_groups, "cgroup-kill" });
}
END_TEST

START_TEST(without_landlock_no_session)
{
        if (is_root("without_landlock_no_session"))
                must_record_refusals((struct lack){ take_landlock, "Landlock, which this kernel does not have" });
}
END_TEST

/* This program, started by the module in the supervisor's place: it says that it is ready, as root. */
__attribute__((constructor)) static void answer_as_root(int argc, char **argv)
{
        cleanup_message struct message message = MESSAGE_INIT;

        if (argc != 1 || strcmp(argv[0], "diag-supervisor") != 0)
                return;
        (void)message_receive(CONTROL_FD, -1, &message);
        (void)message_send_plain(CONTROL_FD, CONTROL_ANSWER_READY);
        _exit(0);
}

static int refuse_root(void *context)
{
        ssize_t n = readlink("/proc/self/exe", supervisor_path, sizeof(supervisor_path) - 1);

        ck_assert_int_gt(n, 0);
        supervisor_path[n] = '\0';
        host_enter(true);
        return refuse_one(context);
}

START_TEST(a_supervisor_that_is_still_root_is_refused)
{
        if (is_root("a_supervisor_that_is_still_root_is_refused"))
                run_host(refuse_root, &(struct lack){ NULL, "the supervisor's user" });
}
END_TEST

TEST_MAIN("pam/module_lack", host_make, home_remove, without_groups_no_session, without_landlock_no_session,
          a_supervisor_that_is_still_root_is_refused)
