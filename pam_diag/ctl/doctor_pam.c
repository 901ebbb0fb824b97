#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config.h"
#include "pam_diag/base/fd.h"
#include "pam_diag/ctl/doctor.h"

enum { SERVICE_MOST = 1024 * 1024, GROUPS_MOST = 65536 };

static const char module[] = "pam_diag.so";

/* The service's files, in the order of pam.d(5). */
static int read_file(void *context, const char *name, char **ret_text, char **ret_path)
{
        static const char *const directories[] = { PATH_PAM_SERVICES, "/usr/lib/pam.d" };
        int r = -ENOENT;

        (void)context;
        for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]) && r == -ENOENT; i++) {
                cleanup_free char *path = NULL;
                size_t length = 0;

                if (name[0] == '/' ? (path = strdup(name)) == NULL : asprintf(&path, "%s/%s", directories[i], name) < 0)
                        return -ENOMEM;
                r = fd_read_file(path, SERVICE_MOST, ret_text, &length);
                if (r == 0)
                        *ret_path = take_ptr(&path);
        }
        return r;
}

static bool is_member(const char *user, const char *group)
{
        const struct passwd *entry = getpwnam(user);
        const struct group *wanted;
        gid_t primary = entry != NULL ? entry->pw_gid : (gid_t)-1;
        cleanup_free gid_t *groups = malloc(GROUPS_MOST * sizeof(*groups));
        int count = GROUPS_MOST;

        if (entry == NULL || groups == NULL || getgrouplist(user, primary, groups, &count) < 0)
                return false;
        wanted = getgrnam(group);
        for (int i = 0; wanted != NULL && i < count; i++)
                if (groups[i] == wanted->gr_gid)
                        return true;
        return false;
}

static const char *value_of(const char *argument, const char *name)
{
        size_t n = strlen(name);

        return strncmp(argument, name, n) == 0 && argument[n] == '=' ? argument + n + 1 : NULL;
}

/* As the module decides it: by user= and group=, and "diag" when neither is given. */
static bool covers(const struct pam_rule *rule, const char *user)
{
        bool named = false;

        for (size_t i = 0; rule->arguments != NULL && rule->arguments[i] != NULL; i++) {
                const char *name = value_of(rule->arguments[i], "user");
                const char *group = value_of(rule->arguments[i], "group");

                named = named || name != NULL || group != NULL;
                if ((name != NULL && strcmp(name, user) == 0) || (group != NULL && is_member(user, group)))
                        return true;
        }
        return !named && strcmp(user, "diag") == 0;
}

static void take_arguments(struct doctor *doctor)
{
        const struct {
                const char *name;
                const char **path;
        } paths[] = {
                { "policy", &doctor->policy_path },
                { "db", &doctor->db },
                { "supervisor", &doctor->supervisor },
                { "shell", &doctor->shell },
        };

        for (char **argument = doctor->rule->arguments; argument != NULL && *argument != NULL; argument++) {
                bool known = strcmp(*argument, "debug") == 0 || value_of(*argument, "user") != NULL ||
                             value_of(*argument, "group") != NULL;

                for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
                        const char *value = value_of(*argument, paths[i].name);

                        if (value == NULL || value[0] != '/')
                                continue;
                        *paths[i].path = value;
                        known = true;
                }
                if (!known)
                        doctor_say(doctor, REPORT_FAIL,
                                   "%s:%u: the module refuses every session for its argument %s: "
                                   "remove or correct it (a path is absolute)",
                                   doctor->rule->file, doctor->rule->line, *argument);
        }
}

static const struct pam_rule *find_rule(const struct doctor *doctor)
{
        const struct pam_rule *found = NULL;

        for (size_t i = 0; i < doctor->stack.count; i++) {
                const struct pam_rule *rule = &doctor->stack.rules[i];

                if (!pam_rule_is(rule, module))
                        continue;
                if (covers(rule, doctor->user))
                        return rule;
                if (found == NULL)
                        found = rule;
        }
        return found;
}

static void check_control(struct doctor *doctor)
{
        const struct pam_rule *rule = doctor->rule;
        const struct pam_rule *bypass = pamstack_bypass(&doctor->stack, (size_t)(rule - doctor->stack.rules));

        if (strcasecmp(rule->control, "required") == 0)
                doctor_say(doctor, REPORT_OK, "its control is required");
        else if (strcasecmp(rule->control, "requisite") == 0)
                doctor_say(doctor, REPORT_WARN, "%s:%u: its control is requisite: write required", rule->file,
                           rule->line);
        else
                doctor_say(doctor, REPORT_FAIL,
                           "%s:%u: its control is %s, so a session goes on that could not be confined: write required",
                           rule->file, rule->line, rule->control);
        if (bypass != NULL)
                doctor_say(
                        doctor, REPORT_FAIL,
                        "%s:%u: %s %s can end the stack before pam_diag.so is asked: make it optional or required, or "
                        "move it into a substack",
                        bypass->file, bypass->line, bypass->control, bypass->module);
        else
                doctor_say(doctor, REPORT_OK, "no rule before it passes it by");
}

static void check_place(struct doctor *doctor)
{
        size_t last = doctor->stack.count - 1;
        const struct pam_rule *behind = &doctor->stack.rules[last];

        if (behind == doctor->rule)
                doctor_say(doctor, REPORT_OK, "it is the last session rule");
        else
                doctor_say(doctor, REPORT_WARN,
                           "%s:%u: %zu session rules stand behind it, the last is %s: move pam_diag.so to the end",
                           doctor->rule->file, doctor->rule->line, (size_t)(behind - doctor->rule), behind->module);
}

static void check_mounting(struct doctor *doctor)
{
        static const char *const names[] = { "pam_mount.so", "pam_namespace.so" };

        for (size_t i = 0; i < doctor->stack.count; i++)
                for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++)
                        if (pam_rule_is(&doctor->stack.rules[i], names[k]))
                                doctor_say(
                                        doctor, REPORT_WARN,
                                        "%s:%u: %s cannot undo its mounts when a diag session closes (Landlock): keep "
                                        "it away from user %s",
                                        doctor->stack.rules[i].file, doctor->stack.rules[i].line, names[k],
                                        doctor->user);
}

static void check_rule(struct doctor *doctor)
{
        const struct pam_rule *rule = doctor->rule;

        if (covers(rule, doctor->user))
                doctor_say(doctor, REPORT_OK, "%s:%u: pam_diag.so for user %s", rule->file, rule->line, doctor->user);
        else
                doctor_say(doctor, REPORT_FAIL, "%s:%u: pam_diag.so does not cover user %s: add user=%s", rule->file,
                           rule->line, doctor->user, doctor->user);
        if (rule->quiet)
                doctor_say(doctor, REPORT_WARN, "%s:%u: -session keeps a missing module out of the log: write session",
                           rule->file, rule->line);
        check_control(doctor);
        check_place(doctor);
        check_mounting(doctor);
}

void doctor_check_pam(struct doctor *doctor)
{
        int r = pamstack_load(doctor->service, read_file, NULL, &doctor->stack);

        if (r < 0) {
                doctor_say(doctor, REPORT_FAIL, "PAM service %s: %s: give the right one with --service",
                           doctor->service, strerror(-r));
                return;
        }
        if (doctor->stack.problem != NULL)
                doctor_say(doctor, REPORT_FAIL, "%s: correct it, libpam refuses such a service", doctor->stack.problem);
        doctor->rule = find_rule(doctor);
        if (doctor->rule == NULL) {
                doctor_say(
                        doctor, REPORT_FAIL,
                        "PAM service %s has no session rule for pam_diag.so: add the line of pam_diag.example at the "
                        "end of " PATH_PAM_SERVICES "/%s",
                        doctor->service, doctor->service);
                return;
        }
        take_arguments(doctor);
        check_rule(doctor);
}
