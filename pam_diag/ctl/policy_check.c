#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "pam_diag/base/fd.h"
#include "pam_diag/ctl/commands.h"
#include "pam_diag/ctl/policy_file.h"
#include "pam_diag/ctl/show.h"
#include "pam_diag/policy/ini.h"
#include "pam_diag/policy/lint.h"

enum { NAME_MOST = 8192 };

static int lint_file(const struct policy *policy, const char *path, struct policy_lints *lints)
{
        cleanup_free char *data = NULL;
        size_t length = 0;
        int r = fd_read_file(path, INI_FILE_MOST, &data, &length);

        return r < 0 ? r : lint_paths(policy, path, data, length, lints);
}

static int is_dropin(const struct dirent *entry)
{
        size_t n = strlen(entry->d_name);

        return entry->d_name[0] != '.' && n > 5 && strcmp(entry->d_name + n - 5, ".conf") == 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
        return strcmp((*a)->d_name, (*b)->d_name);
}

/* The same files in the same order as policy_load reads them. */
static int lint_dropins(const struct policy *policy, const char *path, struct policy_lints *lints)
{
        cleanup_buf struct buf directory = BUF_INIT(NAME_MOST);
        struct dirent **entries = NULL;
        int count;
        int r = 0;

        buf_put(&directory, path, (size_t)(strrchr(path, '/') - path));
        buf_put_text(&directory, "/policy.d");
        if (directory.error != 0)
                return directory.error;
        count = scandir(directory.data, &entries, is_dropin, by_bytes);
        if (count < 0)
                return errno == ENOENT ? 0 : -errno;
        for (int i = 0; i < count; i++) {
                cleanup_buf struct buf name = BUF_INIT(NAME_MOST);

                buf_printf(&name, "%s/%s", directory.data, entries[i]->d_name);
                if (r == 0)
                        r = name.error != 0 ? name.error : lint_file(policy, name.data, lints);
                free(entries[i]);
        }
        free(entries);
        return r;
}

static int lint(const struct policy *policy, const char *path, struct policy_lints *lints)
{
        int r = lint_commands(policy, lints);

        if (r == 0)
                r = lint_file(policy, path, lints);
        return r == 0 ? lint_dropins(policy, path, lints) : r;
}

static void put_count(size_t count, const char *what)
{
        if (count > 0)
                printf(", %zu %s%s", count, what, count > 1 ? "s" : "");
}

int policy_check_run(const struct ctl_command *command, int argc, char **argv)
{
        const char *file = PATH_POLICY;
        bool any_owner = false;
        bool strict = false;
        const struct ctl_option options[] = {
                { "--policy", CTL_TEXT, &file },
                { "--any-owner", CTL_FLAG, &any_owner },
                { "--strict", CTL_FLAG, &strict },
        };
        cleanup_policy_lints struct policy_lints lints = POLICY_LINTS_INIT;
        cleanup_policy struct policy *policy = NULL;
        cleanup_free char *path = NULL;
        int first = 0;
        int r = ctl_options(command, options, sizeof(options) / sizeof(options[0]), false, argc, argv, &first);

        if (r < 0)
                return CTL_USAGE;
        r = policy_file_load(file, any_owner ? POLICY_ANY_OWNER : POLICY_ROOT_ONLY, &policy, &path);
        if (r < 0)
                return CTL_FAILED;
        r = lint(policy, path, &lints);
        show_print(stderr, lints.warnings.text.data);
        show_print(stderr, lints.notes.text.data);
        if (r < 0) {
                fprintf(stderr, "diagctl policy check: cannot look closer: %s\n", strerror(-r));
                return CTL_FAILED;
        }
        show_print(stdout, path);
        printf(": good, %zu commands, sha256 %s", policy_command_count(policy), policy_sha256(policy));
        put_count(lints.warnings.count, "warning");
        put_count(lints.notes.count, "note");
        putchar('\n');
        return strict && lints.warnings.count > 0 ? CTL_FAILED : CTL_GOOD;
}
