#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/ctl/doctor.h"
#include "pam_diag/policy/errors.h"
#include "pam_diag/policy/trust.h"

enum { WHY_MOST = 8192 };

/* Where libpam looks for a module that is named without a path; it depends on how libpam was built. The first that is there is taken. */
static char *find_module(const char *name)
{
        static const char *const patterns[] = {
                "/usr/lib/*/security",     "/lib/*/security",
                "/usr/lib64/security",     "/lib64/security",
                "/usr/lib/security",       "/lib/security",
                "/usr/local/lib/security", "/run/current-system/sw/lib/security",
        };
        char *path = NULL;

        if (name[0] == '/')
                return strdup(name);
        for (size_t i = 0; path == NULL && i < sizeof(patterns) / sizeof(patterns[0]); i++) {
                cleanup_free char *pattern = NULL;
                glob_t found = { 0 };

                if (asprintf(&pattern, "%s/%s", patterns[i], name) < 0)
                        return NULL;
                if (glob(pattern, GLOB_NOSORT, NULL, &found) == 0)
                        path = strdup(found.gl_pathv[0]);
                globfree(&found);
        }
        return path;
}

struct wanted {
        const char *what;
        mode_t must; /* bits that must be set */
        mode_t must_not;
        const char *mode; /* the right one */
};

static const struct wanted wanted_module = { "module", 0444, 0, "0644" };
static const struct wanted wanted_supervisor = { "supervisor", 0111, S_ISUID | S_ISGID, "0755" };
/* Readable, its process could be traced by every other one of the user (ptrace(2), PTRACE_MODE_*). */
static const struct wanted wanted_shell = { "shell", 0111, S_ISUID | S_ISGID | 0044, "0711" };

static void check_file(struct doctor *doctor, const struct wanted *wanted, const char *path)
{
        cleanup_buf struct buf why = BUF_INIT(WHY_MOST);
        cleanup_fd int fd = -1;
        struct stat st = { 0 };
        cleanup_trust_cache struct trust_cache *cache = trust_cache_new(POLICY_ROOT_ONLY);
        int r = cache == NULL ? -ENOMEM : trust_open(cache, path, TRUST_FILE, &fd, NULL, &why);

        if (r == 0 && fstat(fd, &st) < 0)
                r = -errno;
        if (r == -EACCES && geteuid() != 0)
                doctor_say(doctor, REPORT_SKIP, "%s %s: %s", wanted->what, path, strerror(EACCES));
        else if (r == -ENOENT)
                doctor_say(doctor, REPORT_FAIL, "%s %s is not there: install it, or correct the PAM rule", wanted->what,
                           path);
        else if (r < 0)
                doctor_say(doctor, REPORT_FAIL,
                           "%s %s: %s: it and its directories must be root's and writable by nobody else", wanted->what,
                           path, why.data != NULL ? why.data : strerror(-r));
        else if ((st.st_mode & wanted->must) != wanted->must || (st.st_mode & wanted->must_not) != 0)
                doctor_say(doctor, REPORT_FAIL, "%s %s has mode %04o: chmod %s %s", wanted->what, path,
                           (unsigned)(st.st_mode & 07777), wanted->mode, path);
        else
                doctor_say(doctor, REPORT_OK, "%s %s", wanted->what, path);
}

void doctor_check_files(struct doctor *doctor)
{
        cleanup_free char *module = doctor->rule != NULL ? find_module(doctor->rule->module) : NULL;

        if (module != NULL)
                check_file(doctor, &wanted_module, module);
        else if (doctor->rule != NULL)
                doctor_say(doctor, REPORT_FAIL,
                           "module %s is in no directory of PAM modules: install it, or name its path",
                           doctor->rule->module);
        check_file(doctor, &wanted_supervisor, doctor->supervisor);
        check_file(doctor, &wanted_shell, doctor->shell);
}

void doctor_check_policy(struct doctor *doctor)
{
        cleanup_policy_errors struct policy_errors errors = POLICY_ERRORS_INIT;
        int r = policy_load(doctor->policy_path, POLICY_ROOT_ONLY, &errors, &doctor->policy);
        const char *text = errors.text.data != NULL ? errors.text.data : doctor->policy_path;

        if (r == 0)
                doctor_say(doctor, REPORT_OK, "policy %s, %zu commands", doctor->policy_path,
                           policy_command_count(doctor->policy));
        else
                doctor_say(doctor, REPORT_FAIL,
                           "policy: %.*s: no session opens; correct it (%zu errors: diagctl policy check)",
                           (int)strcspn(text, "\n"), text, errors.count);
}
