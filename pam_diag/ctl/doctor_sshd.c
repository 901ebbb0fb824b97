#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/ctl/capture.h"
#include "pam_diag/ctl/doctor.h"
#include "pam_diag/ctl/sshdconf.h"

static const char *find_sshd(const struct doctor *doctor)
{
        static const char *const places[] = { "/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd",
                                              "/run/current-system/sw/bin/sshd" };

        if (doctor->sshd != NULL)
                return doctor->sshd;
        for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
                if (access(places[i], X_OK) == 0)
                        return places[i];
        return places[0];
}

/* All attributes that a Match can ask for, so that none is missing: the user logs in on this host, from this host. */
static int ask(const struct doctor *doctor, char *sshd, char **ret_text, int *ret_status)
{
        static char test[] = "-T";
        static char file[] = "-f";
        static char connection[] = "-C";
        cleanup_free char *config = strdup(doctor->sshd_config != NULL ? doctor->sshd_config : "");
        cleanup_free char *who = NULL;
        char *argv[] = { sshd, test, connection, NULL, NULL, NULL, NULL };

        if (config == NULL ||
            asprintf(&who, "user=%s,host=localhost,addr=127.0.0.1,laddr=127.0.0.1,lport=22", doctor->user) < 0)
                return -ENOMEM;
        argv[3] = who;
        if (doctor->sshd_config != NULL) {
                argv[4] = file;
                argv[5] = config;
        }
        return capture(argv, ret_text, ret_status);
}

static void check_value(struct doctor *doctor, const char *text, const char *keyword, const char *shown,
                        const char *wanted)
{
        cleanup_strv char **values = NULL;
        const char *value;

        if (sshdconf_values(text, keyword, &values) < 0) {
                doctor_say(doctor, REPORT_SKIP, "sshd: %s: %s", shown, strerror(ENOMEM));
                return;
        }
        value = values != NULL ? values[0] : "not known to this sshd";
        if (strcmp(value, wanted) == 0)
                doctor_say(doctor, REPORT_OK, "sshd: %s %s", shown, wanted);
        else
                doctor_say(doctor, REPORT_FAIL,
                           "sshd: %s is %s for user %s: write %s %s (pam_diag.conf.example in sshd_config.d has it)",
                           shown, value, doctor->user, shown, wanted);
}

static void check_values(struct doctor *doctor, const char *text)
{
        const struct {
                const char *keyword;
                const char *shown;
                const char *wanted;
        } wanted[] = {
                { "usepam", "UsePAM", "yes" },
                { "forcecommand", "ForceCommand", doctor->shell },
                { "disableforwarding", "DisableForwarding", "yes" },
                { "permituserrc", "PermitUserRC", "no" },
                { "permituserenvironment", "PermitUserEnvironment", "no" },
                { "permittunnel", "PermitTunnel", "no" },
        };

        for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
                check_value(doctor, text, wanted[i].keyword, wanted[i].shown, wanted[i].wanted);
}

/* From OpenSSH 10.0 on sshd can use another PAM service. */
static void check_service(struct doctor *doctor, const char *text)
{
        cleanup_strv char **values = NULL;

        if (sshdconf_values(text, "pamservicename", &values) == 0 && values != NULL &&
            strcmp(values[0], doctor->service) != 0)
                doctor_say(doctor, REPORT_FAIL,
                           "sshd uses PAM service %s, and %s was checked: diagctl doctor --service %s", values[0],
                           doctor->service, values[0]);
}

static void check_environment(struct doctor *doctor, const char *text)
{
        cleanup_strv char **patterns = NULL;

        (void)sshdconf_values(text, "acceptenv", &patterns);
        for (size_t i = 0; patterns != NULL && patterns[i] != NULL; i++) {
                const char *name = sshdconf_dangerous(patterns[i]);

                if (name != NULL) {
                        doctor_say(doctor, REPORT_WARN, "sshd: AcceptEnv %s lets a client set %s: write AcceptEnv none",
                                   patterns[i], name);
                        return;
                }
        }
        doctor_say(doctor, REPORT_OK, "sshd: AcceptEnv takes nothing dangerous");
}

static void check_keys(struct doctor *doctor, const char *text)
{
        const struct passwd *entry = getpwnam(doctor->user);
        cleanup_strv char **values = NULL;
        cleanup_free char *file = NULL;

        (void)sshdconf_values(text, "authorizedkeysfile", &values);
        if (entry == NULL || values == NULL)
                return;
        (void)sshdconf_keys_in_home(values[0], doctor->user, entry->pw_dir, &file);
        if (file != NULL)
                doctor_say(doctor, REPORT_WARN,
                           "sshd: AuthorizedKeysFile %s lies in the home of user %s: keep keys in "
                           "/etc/ssh/authorized_keys.d/%%u, owned by root",
                           file, doctor->user);
        else
                doctor_say(doctor, REPORT_OK, "sshd: AuthorizedKeysFile is outside of the user's home");
}

void doctor_check_sshd(struct doctor *doctor)
{
        cleanup_free char *sshd = strdup(find_sshd(doctor));
        cleanup_free char *text = NULL;
        int status = 0;
        int r = sshd == NULL ? -ENOMEM : ask(doctor, sshd, &text, &status);

        if (r < 0) {
                doctor_say(doctor, REPORT_FAIL, "sshd: %s: %s: name the program with --sshd", sshd != NULL ? sshd : "",
                           strerror(-r));
                return;
        }
        if (status != 0) {
                doctor_say(doctor, geteuid() == 0 ? REPORT_FAIL : REPORT_SKIP,
                           "sshd: %s -T ends with status %d: %.*s: correct its configuration", sshd, status,
                           (int)strcspn(text, "\r\n"), text);
                return;
        }
        check_values(doctor, text);
        check_service(doctor, text);
        check_environment(doctor, text);
        check_keys(doctor, text);
}
