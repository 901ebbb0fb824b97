#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config.h"
#include "pam_diag/base/fd.h"
#include "pam_diag/ctl/doctor.h"

#define BUS_SOCKET "/run/dbus/system_bus_socket"
#define POLKIT "org.freedesktop.PolicyKit1"
/* Everybody's by default, and what must not be the diag user's: to leave processes behind. */
#define LINGER "org.freedesktop.login1.set-self-linger"

enum { CALL_US = 5 * 1000 * 1000 };

enum answer { ANSWER_GIVEN, ANSWER_DENIED, ANSWER_NONE };

/* A process of the diag user, for as long as its ends are open. */
struct asker {
        pid_t pid;
        int end; /* owned; -1: none */
};

static void bus_free_at(sd_bus **bus)
{
        sd_bus_flush_close_unref(*bus);
}

/* A question that the bus answers to every user unless it is told otherwise (its own system.conf), and that a diag user has no need of: the rules that
 * this project ships deny it as they deny all that they do not name. */
static enum answer ask_bus(void)
{
        __attribute__((cleanup(bus_free_at))) sd_bus *bus = NULL;
        __attribute__((cleanup(sd_bus_error_free))) sd_bus_error error = SD_BUS_ERROR_NULL;

        if (sd_bus_open_system(&bus) < 0)
                return ANSWER_NONE;
        (void)sd_bus_set_method_call_timeout(bus, CALL_US);
        if (sd_bus_call_method(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                               "org.freedesktop.DBus.Introspectable", "Introspect", &error, NULL, NULL) >= 0)
                return ANSWER_GIVEN;
        return sd_bus_error_has_name(&error, SD_BUS_ERROR_ACCESS_DENIED) ? ANSWER_DENIED : ANSWER_NONE;
}

static void asker_run(const struct passwd *user, int end)
{
        unsigned char answer = ANSWER_NONE;
        char last;

        /* Safe: only to fewer rights, for good, in a process that does nothing else. */
        if (setgroups(0, NULL) == 0 && setresgid(user->pw_gid, user->pw_gid, user->pw_gid) == 0 &&
            setresuid(user->pw_uid, user->pw_uid, user->pw_uid) == 0)
                answer = (unsigned char)ask_bus();
        (void)send(end, &answer, sizeof(answer), MSG_NOSIGNAL);
        (void)!read(end, &last, sizeof(last)); /* until the other end is closed */
        _exit(0);
}

static int asker_start(const struct passwd *user, struct asker *ret_asker, enum answer *ret_answer)
{
        unsigned char answer = ANSWER_NONE;
        cleanup_fd int here = -1;
        int ends[2];
        pid_t pid;

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
                return -errno;
        here = ends[0];
        pid = fork();
        if (pid == 0) {
                here = fd_close(here);
                asker_run(user, ends[1]);
        }
        fd_close(ends[1]);
        if (pid < 0)
                return -EAGAIN;
        if (read(here, &answer, sizeof(answer)) != (ssize_t)sizeof(answer))
                answer = ANSWER_NONE;
        *ret_asker = (struct asker){ .pid = pid, .end = take_fd(&here) };
        *ret_answer = (enum answer)answer;
        return 0;
}

static void asker_end(struct asker *asker)
{
        asker->end = fd_close(asker->end);
        (void)waitpid(asker->pid, NULL, 0);
}

/* As root, which may ask about everybody's processes. */
static enum answer ask_polkit(const struct asker *asker, const struct passwd *user)
{
        __attribute__((cleanup(bus_free_at))) sd_bus *bus = NULL;
        __attribute__((cleanup(sd_bus_message_unrefp))) sd_bus_message *reply = NULL;
        int authorised = 0;

        if (sd_bus_open_system(&bus) < 0)
                return ANSWER_NONE;
        (void)sd_bus_set_method_call_timeout(bus, CALL_US);
        if (sd_bus_call_method(bus, POLKIT, "/org/freedesktop/PolicyKit1/Authority", POLKIT ".Authority",
                               "CheckAuthorization", NULL, &reply, "(sa{sv})sa{ss}us", "unix-process", 3, "pid", "u",
                               (uint32_t)asker->pid, "start-time", "t", (uint64_t)0, "uid", "i", (int32_t)user->pw_uid,
                               LINGER, 0, 0U, "") < 0 ||
            sd_bus_message_enter_container(reply, 'r', "bba{ss}") < 0 ||
            sd_bus_message_read(reply, "b", &authorised) < 0)
                return ANSWER_NONE;
        return authorised != 0 ? ANSWER_GIVEN : ANSWER_DENIED;
}

static void report(struct doctor *doctor, enum answer bus, enum answer polkit)
{
        if (bus == ANSWER_DENIED)
                doctor_say(doctor, REPORT_OK, "the system bus takes questions alone from user %s", doctor->user);
        else if (bus == ANSWER_GIVEN)
                doctor_say(doctor, REPORT_FAIL,
                           "the system bus takes everything from user %s, so a command may ask logind to end other "
                           "sessions: cp " PATH_DBUS_RULES ".example " PATH_DBUS_RULES " and systemctl reload dbus",
                           doctor->user);
        else
                doctor_say(doctor, REPORT_SKIP, "rules of the system bus: it does not answer");
        if (polkit == ANSWER_DENIED)
                doctor_say(doctor, REPORT_OK, "polkit authorises user %s for nothing", doctor->user);
        else if (polkit == ANSWER_GIVEN)
                doctor_say(doctor, REPORT_FAIL,
                           "polkit lets user %s keep processes after logout: cp " PATH_POLKIT_RULES
                           ".example " PATH_POLKIT_RULES,
                           doctor->user);
        else
                doctor_say(doctor, REPORT_OK, "no polkit that would authorise anybody");
}

void doctor_check_bus(struct doctor *doctor)
{
        const struct passwd *user = getpwnam(doctor->user);
        enum answer bus = ANSWER_NONE;
        struct asker asker = { .end = -1 };
        enum answer polkit;

        if (access(BUS_SOCKET, F_OK) < 0) {
                doctor_say(doctor, REPORT_OK, "no system bus: no service to ask over it");
                return;
        }
        if (user == NULL || user->pw_uid == 0 || geteuid() != 0) {
                doctor_say(doctor, REPORT_SKIP,
                           "rules of the system bus and polkit: only root can try them, as user %s", doctor->user);
                return;
        }
        if (asker_start(user, &asker, &bus) < 0) {
                doctor_say(doctor, REPORT_SKIP, "rules of the system bus and polkit: no process to try them with");
                return;
        }
        polkit = ask_polkit(&asker, user);
        asker_end(&asker);
        report(doctor, bus, polkit);
}
