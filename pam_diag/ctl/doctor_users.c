#include <errno.h>
#include <pwd.h>
#include <shadow.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/ctl/doctor.h"
#include "sql/auditdb.h"

static void check_password(struct doctor *doctor)
{
        const struct spwd *entry;

        errno = 0;
        entry = getspnam(doctor->user);
        if (entry == NULL && geteuid() != 0)
                doctor_say(doctor, REPORT_SKIP, "password of user %s: only root can read it", doctor->user);
        else if (entry == NULL)
                doctor_say(doctor, REPORT_SKIP, "password of user %s: no entry in the shadow database", doctor->user);
        else if (entry->sp_pwdp[0] == '!' || entry->sp_pwdp[0] == '*')
                doctor_say(doctor, REPORT_OK, "user %s has no password", doctor->user);
        else
                doctor_say(doctor, REPORT_FAIL, "user %s can log in with a password: usermod -p '*' %s", doctor->user,
                           doctor->user);
}

static void check_diag_user(struct doctor *doctor)
{
        const struct passwd *entry = getpwnam(doctor->user);

        if (entry == NULL) {
                doctor_say(doctor, REPORT_FAIL, "user %s does not exist: useradd --system --shell %s %s", doctor->user,
                           doctor->shell, doctor->user);
                return;
        }
        if (entry->pw_uid == 0)
                doctor_say(doctor, REPORT_FAIL, "user %s is root (uid 0): give it a uid of its own", doctor->user);
        else
                doctor_say(doctor, REPORT_OK, "user %s, uid %u", doctor->user, (unsigned)entry->pw_uid);
        if (strcmp(entry->pw_shell, doctor->shell) == 0)
                doctor_say(doctor, REPORT_OK, "its login shell is %s", doctor->shell);
        else
                doctor_say(doctor, REPORT_FAIL, "user %s has the login shell %s: usermod --shell %s %s", doctor->user,
                           entry->pw_shell[0] != '\0' ? entry->pw_shell : "/bin/sh", doctor->shell, doctor->user);
        check_password(doctor);
}

void doctor_check_users(struct doctor *doctor)
{
        const struct passwd *entry = getpwnam(AUDIT_USER);

        if (entry == NULL)
                doctor_say(doctor, REPORT_FAIL,
                           "user " AUDIT_USER
                           " does not exist: useradd --system --shell /usr/sbin/nologin " AUDIT_USER);
        else if (entry->pw_uid == 0)
                doctor_say(doctor, REPORT_FAIL, "user " AUDIT_USER " is root (uid 0): give it a uid of its own");
        else
                doctor_say(doctor, REPORT_OK, "user " AUDIT_USER ", uid %u", (unsigned)entry->pw_uid);
        check_diag_user(doctor);
}

/* Whoever can open its -shm file can block every writer, and a blocked writer blocks logins: nobody else gets in. */
static void check_directory(struct doctor *doctor, const char *directory, uid_t owner)
{
        struct stat st;

        if (lstat(directory, &st) < 0)
                doctor_say(doctor, errno == EACCES && geteuid() != 0 ? REPORT_SKIP : REPORT_FAIL,
                           "directory of the records %s: %s: install -d -m 0700 -o " AUDIT_USER " %s", directory,
                           strerror(errno), directory);
        else if (!S_ISDIR(st.st_mode))
                doctor_say(doctor, REPORT_FAIL, "directory of the records %s is none: put a directory there",
                           directory);
        else if (st.st_uid != owner)
                doctor_say(doctor, REPORT_FAIL,
                           "directory of the records %s belongs to uid %u: chown " AUDIT_USER ": %s", directory,
                           (unsigned)st.st_uid, directory);
        else if ((st.st_mode & 07777) != 0700)
                doctor_say(doctor, REPORT_FAIL, "directory of the records %s has mode %04o: chmod 0700 %s", directory,
                           (unsigned)(st.st_mode & 07777), directory);
        else
                doctor_say(doctor, REPORT_OK, "directory of the records %s", directory);
}

static void check_content(struct doctor *doctor, uid_t owner)
{
        cleanup_auditdb struct auditdb *db = NULL;
        struct auditdb_why why = { "" };
        struct stat st;
        int r;

        if (geteuid() != 0 && geteuid() != owner) {
                doctor_say(doctor, REPORT_SKIP, "audit database %s: only root can read it", doctor->db);
                return;
        }
        if (lstat(doctor->db, &st) < 0 && errno == ENOENT) {
                doctor_say(doctor, REPORT_SKIP, "audit database %s: the first session makes it", doctor->db);
                return;
        }
        r = auditdb_open(doctor->db, AUDITDB_READ, &db, &why);
        if (r < 0)
                doctor_say(doctor, REPORT_FAIL, "%s", why.text);
        else if (st.st_uid != owner)
                doctor_say(doctor, REPORT_FAIL, "audit database %s belongs to uid %u: chown " AUDIT_USER ": %s*",
                           doctor->db, (unsigned)st.st_uid, doctor->db);
        else
                doctor_say(doctor, REPORT_OK, "audit database %s", doctor->db);
}

void doctor_check_database(struct doctor *doctor)
{
        const struct passwd *entry = getpwnam(AUDIT_USER);
        cleanup_free char *directory = strdup(doctor->db);
        char *slash = directory != NULL ? strrchr(directory, '/') : NULL;

        if (entry == NULL || slash == NULL) {
                doctor_say(doctor, REPORT_SKIP, "audit database %s: it has no owner without user " AUDIT_USER,
                           doctor->db);
                return;
        }
        slash[slash == directory] = '\0';
        check_directory(doctor, directory, entry->pw_uid);
        check_content(doctor, entry->pw_uid);
}
