#include <stdio.h>

#include "config.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/ctl/commands.h"
#include "pam_diag/ctl/policy_file.h"
#include "pam_diag/ctl/show.h"

/* Not an error: one policy serves many hosts, and not each has every program. */
static void note_problems(const struct policy *policy)
{
        for (size_t i = 0; i < policy_command_count(policy); i++) {
                const char *problem = policy_command_problem(policy, i);

                if (problem == NULL)
                        continue;
                fprintf(stderr, "note: %s cannot run here: ", policy_command_name(policy, i));
                show_print(stderr, problem);
                fputc('\n', stderr);
        }
}

int policy_check_run(const struct ctl_command *command, int argc, char **argv)
{
        const char *file = PATH_POLICY;
        bool any_owner = false;
        const struct ctl_option options[] = {
                { "--policy", CTL_TEXT, &file },
                { "--any-owner", CTL_FLAG, &any_owner },
        };
        cleanup_policy struct policy *policy = NULL;
        cleanup_free char *path = NULL;
        int first = 0;
        int r = ctl_options(command, options, sizeof(options) / sizeof(options[0]), false, argc, argv, &first);

        if (r < 0)
                return CTL_USAGE;
        r = policy_file_load(file, any_owner ? POLICY_ANY_OWNER : POLICY_ROOT_ONLY, &policy, &path);
        if (r < 0)
                return CTL_FAILED;
        note_problems(policy);
        show_print(stdout, path);
        printf(": good, %zu commands, sha256 %s\n", policy_command_count(policy), policy_sha256(policy));
        return CTL_GOOD;
}
