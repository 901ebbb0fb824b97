/* pam_diag.so in the real libpam: a service of the test's own, what is said to the user, a host of its own. */
#pragma once

#include "tests/unit/t_help.h"

#include <limits.h>
#include <sched.h>
#include <security/pam_appl.h>
#include <sys/mount.h>

#include "pam_diag/base/buf.h"
#include "pam_diag/confine/layers.h"
#include "sql/auditdb.h"

enum { AUDIT_UID = 64290, DIAG_UID = 64291, TEXT_SIZE = 1024 };

static char module_path[PATH_MAX]; /* of the tree that this test was built in */
static char supervisor_path[PATH_MAX];

/* What the conversation was told. */
struct talk {
        size_t messages;
        int style;
        char text[TEXT_SIZE];
};

struct login {
        pam_handle_t *pamh;
        struct talk talk;
};

static void find_built(const char *name, char path[PATH_MAX])
{
        char own[PATH_MAX];
        cleanup_free char *directory = NULL;
        ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);

        ck_assert_int_gt(n, 0);
        own[n] = '\0';
        *strrchr(own, '/') = '\0';
        ck_assert_int_lt(snprintf(path, PATH_MAX, "%s/../%s", own, name), PATH_MAX);
        directory = realpath(path, NULL);
        ck_assert_msg(directory != NULL, "%s is not built", path);
        strcpy(path, directory);
}

/* A policy must lie in directories that are root's alone. */
__attribute__((unused)) static void host_make(void)
{
        (void)umask(022);
        find_built("lib/security/pam_diag.so", module_path);
        find_built("libexec/pam_diag/diag-supervisor", supervisor_path);
        strcpy(home, geteuid() == 0 ? "/run/pam_diag-test.XXXXXX" : "/tmp/pam_diag-test.XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(home));
        ck_assert_int_eq(chmod(home, 0755), 0);
        make_directory(at_home("pam.d"));
}

static int converse(int count, const struct pam_message **messages, struct pam_response **ret_responses, void *data)
{
        struct talk *talk = data;
        struct pam_response *responses = calloc((size_t)count, sizeof(*responses));

        for (int i = 0; i < count; i++) {
                talk->messages++;
                talk->style = messages[i]->msg_style;
                (void)snprintf(talk->text, sizeof(talk->text), "%s", messages[i]->msg);
        }
        *ret_responses = responses;
        return responses == NULL ? PAM_BUF_ERR : PAM_SUCCESS;
}

/* A service with these lines for every facility, each `required`; "@" stands for the module's path. */
__attribute__((unused)) static void login_start(struct login *login, const char *user, const char *stack)
{
        static const char *const facilities[] = { "auth", "account", "session" };
        struct pam_conv conversation = { .conv = converse, .appdata_ptr = &login->talk };
        cleanup_buf struct buf text = BUF_INIT(64 * 1024);

        for (size_t i = 0; i < 3; i++)
                for (const char *line = stack; *line != '\0';) {
                        int n = (int)strcspn(line, "\n");

                        buf_printf(&text, "%s required ", facilities[i]);
                        if (*line == '@')
                                buf_printf(&text, "%s %.*s\n", module_path, n - 1, line + 1);
                        else
                                buf_printf(&text, "%.*s\n", n, line);
                        line += n + (line[n] == '\n');
                }
        make_file(at_home("pam.d/pam_diag-test"), text.data, 0644);
        *login = (struct login){ 0 };
        ck_assert_int_eq(pam_start_confdir("pam_diag-test", user, &conversation, at_home("pam.d"), &login->pamh),
                         PAM_SUCCESS);
}

__attribute__((unused)) static void login_end(struct login *login, int status)
{
        ck_assert_int_eq(pam_end(login->pamh, status), PAM_SUCCESS);
}

/* The one line that a refusal shows. */
__attribute__((unused)) static void must_be_told(const struct login *login, const char *what)
{
        ck_assert_msg(login->talk.messages == 1, "%zu messages, the last: %s", login->talk.messages, login->talk.text);
        ck_assert_int_eq(login->talk.style, PAM_ERROR_MSG);
        ck_assert_msg(strncmp(login->talk.text, "pam_diag: session refused: ", 27) == 0, "%s", login->talk.text);
        ck_assert_msg(strstr(login->talk.text, what) != NULL, "no \"%s\" in: %s", what, login->talk.text);
        ck_assert_ptr_null(strchr(login->talk.text, '\n'));
}

__attribute__((unused)) static int privileges_are_given_up(void)
{
        return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
}

__attribute__((unused)) static void must_refuse(const char *user, const char *stack, const char *what)
{
        struct login login;
        size_t before;

        login_start(&login, user, stack);
        before = count_fds();
        ck_assert_int_eq(pam_open_session(login.pamh, 0), PAM_SESSION_ERR);
        must_be_told(&login, what);
        ck_assert_uint_eq(count_fds(), before);
        ck_assert_int_eq(privileges_are_given_up(), 0);
        /* There is no session to close. */
        login.talk.messages = 0;
        (void)pam_close_session(login.pamh, 0);
        ck_assert_uint_eq(login.talk.messages, 0);
        login_end(&login, PAM_SESSION_ERR);
}

/* Short, and with what this kernel lacks accepted: that it lacks nothing which it has is the concern of tests/e2e/kernel.sh. */
static void make_policy(void)
{
        cleanup_buf struct buf text = BUF_INIT(4096);
        cleanup_strv char **missing = NULL;
        cleanup_free char *names = NULL;

        buf_put_text(&text, "[paths]\nallow = /usr /etc\nruntime = /usr /lib /lib64 /etc /proc\n"
                            "[command true]\nsummary = Succeed\n");
        ck_assert_int_eq(layers_probe(&missing), 0);
        ck_assert_int_eq(layers_refused(missing, NULL, &names), 0);
        if (names != NULL)
                buf_printf(&text, "[session]\naccept-missing = %s\n", names);
        make_file(at_home("policy.conf"), text.data, 0644);
}

/* The calling process, a child of the test, gets a host of its own: the users that a session needs are there. */
__attribute__((unused)) static void host_enter(bool with_audit_user)
{
        cleanup_buf struct buf users = BUF_INIT(4096);

        ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
        ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
        buf_printf(&users, "root:x:0:0::/root:/bin/sh\ndiag:x:%d:%d::/:/bin/sh\n", DIAG_UID, DIAG_UID);
        if (with_audit_user)
                buf_printf(&users, "diag-audit:x:%d:%d::/:/bin/sh\n", AUDIT_UID, AUDIT_UID);
        make_file(at_home("passwd"), users.data, 0644);
        ck_assert_int_eq(mount(at_home("passwd"), "/etc/passwd", NULL, MS_BIND, NULL), 0);
        make_directory(at_home("db"));
        ck_assert_int_eq(chown(at_home("db"), AUDIT_UID, AUDIT_UID), 0);
        ck_assert_int_eq(chmod(at_home("db"), 0700), 0);
        make_policy();
}

/* The module with all that it is told, on a line of the service. */
__attribute__((unused)) static const char *whole_stack(const char *more)
{
        static char stack[4 * PATH_MAX];

        ck_assert_int_lt(snprintf(stack, sizeof(stack),
                                  "@user=diag debug policy=%s/policy.conf db=%s/db/audit.db supervisor=%s "
                                  "shell=/usr/bin/true\n%s",
                                  home, home, supervisor_path, more),
                         (int)sizeof(stack));
        return stack;
}

static int add_kind(void *context, const struct auditdb_row *row)
{
        struct buf *kinds = context;
        const char *kind = memmem(row->rec, row->rec_length, "\"kind\":\"", 8);

        ck_assert_ptr_nonnull(kind);
        buf_printf(kinds, " %.*s", (int)strcspn(kind + 8, "\""), kind + 8);
        return 0;
}

/* The kinds of the rows in the database, each after a blank. */
__attribute__((unused)) static void must_have_rows(const char *expected)
{
        cleanup_buf struct buf kinds = BUF_INIT(64 * 1024);
        cleanup_auditdb struct auditdb *db = NULL;
        struct auditdb_why why = { "" };
        int64_t seq = 0;

        ck_assert_msg(auditdb_open(at_home("db/audit.db"), AUDITDB_READ, &db, &why) == 0, "%s", why.text);
        ck_assert_msg(auditdb_each(db, 0, 1000, add_kind, &kinds, &why) == 0, "%s", why.text);
        ck_assert_str_eq(kinds.data, expected);
        ck_assert_msg(auditdb_verify(db, &seq, &why) == 0, "%s", why.text);
}

/* Supervisors come to this process when their parent has ended: it waits until they have written all. */
__attribute__((unused)) static void run_host(int (*run)(void *context), void *context)
{
        ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
        ck_assert_int_eq(in_child(run, context), 0);
        while (waitpid(-1, NULL, 0) > 0)
                continue;
}
