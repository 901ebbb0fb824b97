/* pam_diag.so through the real libpam, with the real supervisor. */
#include "tests/pam/t_module.h"

#include <dlfcn.h>
#include <security/pam_modules.h>
#include <sys/socket.h>

static void must_open(const char *user, const char *stack, int expected)
{
        struct login login;
        int r;

        login_start(&login, user, stack);
        r = pam_open_session(login.pamh, 0);
        ck_assert_msg(r == expected, "%d instead of %d: %s", r, expected, login.talk.text);
        ck_assert_uint_eq(login.talk.messages, 0);
        ck_assert_int_eq(pam_close_session(login.pamh, 0), expected);
        login_end(&login, r);
}

/* The module alone decides nothing, so libpam refuses; beside another module it is as if it were not there. Nothing that
 * is wrong with its arguments matters to them. */
START_TEST(other_users_are_ignored)
{
        static const char *const arguments[] = { "@", "@user=diag", "@user=diag bogus", "@group=no-such-group",
                                                 "@user=diag supervisor=/none policy=/none db=/none shell=/none" };
        size_t before = count_fds();

        for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++) {
                char stack[256];

                must_open("root", arguments[i], PAM_PERM_DENIED);
                (void)snprintf(stack, sizeof(stack), "%s\npam_permit.so\n", arguments[i]);
                must_open("root", stack, PAM_SUCCESS);
        }
        ck_assert_int_eq(privileges_are_given_up(), 0);
        ck_assert_uint_eq(count_fds(), before);
}
END_TEST

typedef int service_function(pam_handle_t *pamh, int flags, int argc, const char **argv);

/* ISO C has no cast from an object's pointer to a function's. */
static service_function *function_of(void *library, const char *name)
{
        void *symbol = dlsym(library, name);
        service_function *function;

        ck_assert_msg(symbol != NULL, "%s", name);
        memcpy(&function, &symbol, sizeof(function));
        return function;
}

START_TEST(it_has_no_say_on_who_logs_in)
{
        static const char *const names[] = { "pam_sm_authenticate", "pam_sm_setcred", "pam_sm_acct_mgmt" };
        const char *argv[] = { "user=root" };
        void *library = dlopen(module_path, RTLD_NOW | RTLD_LOCAL);
        struct login login;

        ck_assert_msg(library != NULL, "%s", dlerror());
        for (size_t i = 0; i < 3; i++)
                ck_assert_int_eq(function_of(library, names[i])(NULL, 0, 1, argv), PAM_IGNORE);
        ck_assert_ptr_null(dlsym(library, "session_open"));
        ck_assert_ptr_null(dlsym(library, "message_send"));
        ck_assert_int_eq(dlclose(library), 0);
        login_start(&login, "root", "@user=root\npam_permit.so\n");
        ck_assert_int_eq(pam_authenticate(login.pamh, 0), PAM_SUCCESS);
        ck_assert_int_eq(pam_acct_mgmt(login.pamh, 0), PAM_SUCCESS);
        ck_assert_int_eq(pam_setcred(login.pamh, PAM_ESTABLISH_CRED), PAM_SUCCESS);
        ck_assert_uint_eq(login.talk.messages, 0);
        login_end(&login, PAM_SUCCESS);
}
END_TEST

/* A refusal before anything is confined: one line, the calling process as it was. */
START_TEST(wrong_arguments_refuse_diag_users)
{
        must_refuse("diag", "@bogus\npam_permit.so\n", "argument");
        must_refuse("nobody", "@user=nobody policy=relative\npam_permit.so\n", "argument");
        must_refuse("nobody", "@user=nobody user=\npam_permit.so\n", "argument");
        must_open("root", "@user=nobody user=\npam_permit.so\n", PAM_SUCCESS);
}
END_TEST

START_TEST(some_users_cannot_be_diag_users)
{
        must_refuse("no-such-user", "@user=no-such-user\npam_permit.so\n", "no such user");
        must_refuse("root", "@user=root\npam_permit.so\n", "uid 0");
}
END_TEST

/* group= names diag users too; here the group of nobody. */
START_TEST(groups_name_diag_users)
{
        must_refuse("nobody", "@group=nogroup supervisor=/none\npam_permit.so\n", "/none");
        must_open("root", "@group=nogroup supervisor=/none\npam_permit.so\n", PAM_SUCCESS);
}
END_TEST

START_TEST(without_a_supervisor_no_session)
{
        char stack[512];

        must_refuse("nobody", "@user=nobody supervisor=/none\npam_permit.so\n", "/none: No such file");
        must_refuse("nobody", "@user=nobody supervisor=/usr/bin/false\npam_permit.so\n", "ended early: /usr/bin/false");
        must_refuse("nobody", "@user=nobody supervisor=/etc/passwd\npam_permit.so\n", "/etc/passwd: Permission denied");
        /* It can be executed as far as access(2) knows, and then it cannot. */
        make_file(at_home("no-program"), "no program", 0755);
        ck_assert_int_eq(chmod(at_home("no-program"), 0755), 0);
        (void)snprintf(stack, sizeof(stack), "@user=nobody supervisor=%s\npam_permit.so\n", at_home("no-program"));
        must_refuse("nobody", stack, "ended early");
}
END_TEST

static int refuse_on_host(void *context)
{
        (void)context;
        host_enter(true);
        must_open("root", whole_stack("pam_permit.so\n"), PAM_SUCCESS);
        make_file(at_home("policy.conf"), "[paths]\nallow = /usr\nbogus = 1\n", 0644);
        must_refuse("diag", whole_stack("pam_permit.so\n"), "policy.conf:3:");
        ck_assert_int_eq(unlink(at_home("policy.conf")), 0);
        must_refuse("diag", whole_stack("pam_permit.so\n"), "policy.conf");
        make_file(at_home("policy.conf"), "[command true]\nsummary = Succeed\n", 0644);
        ck_assert_int_eq(rmdir(at_home("db")), 0);
        must_refuse("diag", whole_stack("pam_permit.so\n"), "db/audit.db");
        /* Not even root makes the supervisor use a directory that it could not use as the user it runs as. */
        make_directory(at_home("db"));
        must_refuse("diag", whole_stack("pam_permit.so\n"), "db");
        return 0;
}

START_TEST(what_the_supervisor_refuses_is_told)
{
        if (is_root("what_the_supervisor_refuses_is_told"))
                ck_assert_int_eq(in_child(refuse_on_host, NULL), 0);
}
END_TEST

static int refuse_without_audit_user(void *context)
{
        (void)context;
        host_enter(false);
        must_refuse("diag", whole_stack("pam_permit.so\n"), "diag-audit is missing");
        return 0;
}

START_TEST(without_its_user_no_session)
{
        if (is_root("without_its_user_no_session"))
                ck_assert_int_eq(in_child(refuse_without_audit_user, NULL), 0);
}
END_TEST

struct attempt {
        const char *path;
        uid_t uid;
};

static int execute(void *context)
{
        const struct attempt *attempt = context;
        char name[] = "program";
        char *const argv[] = { name, NULL };
        char *const none[] = { NULL };

        if (attempt->uid != 0 && (setresgid(attempt->uid, attempt->uid, attempt->uid) < 0 ||
                                  setresuid(attempt->uid, attempt->uid, attempt->uid) < 0))
                return 100;
        execve(attempt->path, argv, none);
        return errno;
}

static int exec_by(uid_t uid, const char *path)
{
        return in_child(execute, &(struct attempt){ path, uid });
}

/* The calling process is confined now, for good. */
static void must_be_confined(size_t fds_before)
{
        cleanup_free char *status = NULL;
        size_t length;

        ck_assert_int_eq(privileges_are_given_up(), 1);
        ck_assert_int_eq(fd_read_file("/proc/self/status", 64 * 1024, &status, &length), 0);
        ck_assert_ptr_nonnull(strstr(status, "\nSeccomp:\t2\n"));
        ck_assert_uint_eq(count_fds(), fds_before + 1); /* the control socket alone */
        ck_assert_int_eq(try_open("/etc/new", O_WRONLY | O_CREAT), -EROFS);
        /* The records are hidden whatever the policy says. */
        ck_assert_int_ne(try_open(at_home("db/audit.db"), O_RDONLY), 0);
        /* Outside of what the policy names nothing can be read: Landlock. */
        ck_assert_int_eq(try_open("/", O_RDONLY | O_DIRECTORY), -EACCES);
        ck_assert_int_eq(try_open("/usr/bin/true", O_RDONLY), 0);
}

static int open_log(void *context)
{
        (void)context;
        return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) < 0 ? errno : 0;
}

static int whole_session(void *context)
{
        struct login login;
        size_t before;
        int r;

        (void)context;
        host_enter(true);
        login_start(&login, "diag", whole_stack(""));
        before = count_fds();
        r = pam_open_session(login.pamh, 0);
        ck_assert_msg(r == PAM_SUCCESS, "%d: %s", r, login.talk.text);
        ck_assert_uint_eq(login.talk.messages, 0);
        must_be_confined(before);
        /* sshd's own helpers run and are on record; its user's programs do not. */
        ck_assert_int_eq(exec_by(0, "/usr/bin/true"), 0);
        ck_assert_int_eq(exec_by(DIAG_UID, "/usr/bin/true"), EACCES);
        /* A program that no rule names is executed by nobody, whatever the supervisor says: Landlock. */
        ck_assert_int_eq(exec_by(0, "/usr/bin/env"), EACCES);
        ck_assert_int_eq(pam_close_session(login.pamh, 0), PAM_SUCCESS);
        /* Nothing starts any more and nothing is put on record, but libpam itself can still report to syslog and to the audit. */
        ck_assert_int_eq(exec_by(DIAG_UID, "/usr/bin/true"), EACCES);
        ck_assert_int_eq(exec_by(0, "/usr/bin/true"), EACCES);
        ck_assert_int_eq(in_child(open_log, NULL), 0);
        login_end(&login, PAM_SUCCESS);
        ck_assert_uint_eq(count_fds(), before);
        return 0;
}

START_TEST(a_session_is_opened_and_closed)
{
        if (!is_root("a_session_is_opened_and_closed"))
                return;
        run_host(whole_session, NULL);
        must_have_rows(" open monitor child monitor close");
}
END_TEST

static int close_in_fork(void *context)
{
        struct login *login = context;

        return pam_close_session(login->pamh, 0) == PAM_SUCCESS ? 0 : 1;
}

/* sshd's children have the handle too: what they do with it does not end the session. */
static int close_elsewhere(void *context)
{
        struct login login;

        (void)context;
        host_enter(true);
        login_start(&login, "diag", whole_stack(""));
        ck_assert_int_eq(pam_open_session(login.pamh, 0), PAM_SUCCESS);
        ck_assert_int_eq(in_child(close_in_fork, &login), 0);
        ck_assert_int_eq(exec_by(DIAG_UID, "/usr/bin/true"), EACCES);
        ck_assert_int_eq(pam_close_session(login.pamh, 0), PAM_SUCCESS);
        /* A second time there is nobody to confirm it. */
        ck_assert_int_eq(pam_close_session(login.pamh, 0), PAM_SESSION_ERR);
        login_end(&login, PAM_SUCCESS);
        return 0;
}

START_TEST(only_the_opener_closes)
{
        if (!is_root("only_the_opener_closes"))
                return;
        run_host(close_elsewhere, NULL);
        must_have_rows(" open child close");
}
END_TEST

static int die_open(void *context)
{
        struct login login;

        (void)context;
        host_enter(true);
        login_start(&login, "diag", whole_stack(""));
        ck_assert_int_eq(pam_open_session(login.pamh, 0), PAM_SUCCESS);
        return 0;
}

START_TEST(a_monitor_that_dies_ends_its_session)
{
        if (!is_root("a_monitor_that_dies_ends_its_session"))
                return;
        run_host(die_open, NULL);
        must_have_rows(" open close");
}
END_TEST

static int open_twice(void *context)
{
        cleanup_free char *once = NULL;
        struct login login;

        (void)context;
        host_enter(true);
        once = strdup(whole_stack(""));
        login_start(&login, "diag", whole_stack(once));
        ck_assert_int_eq(pam_open_session(login.pamh, 0), PAM_SESSION_ERR);
        must_be_told(&login, "twice");
        (void)pam_close_session(login.pamh, 0);
        login_end(&login, PAM_SUCCESS);
        return 0;
}

START_TEST(it_stands_once_in_a_stack)
{
        if (!is_root("it_stands_once_in_a_stack"))
                return;
        run_host(open_twice, NULL);
        must_have_rows(" open close");
}
END_TEST

TEST_MAIN("pam/module", host_make, home_remove, other_users_are_ignored, it_has_no_say_on_who_logs_in,
          wrong_arguments_refuse_diag_users, some_users_cannot_be_diag_users, groups_name_diag_users,
          without_a_supervisor_no_session, what_the_supervisor_refuses_is_told, without_its_user_no_session,
          a_session_is_opened_and_closed, only_the_opener_closes, a_monitor_that_dies_ends_its_session,
          it_stands_once_in_a_stack)
