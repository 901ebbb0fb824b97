#include "pam_diag/ctl/policy_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pam_diag/base/clock.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/ctl/show.h"
#include "pam_diag/policy/errors.h"

static int make_absolute(const char *path, char **ret_path)
{
        cleanup_free char *here = NULL;
        char *whole = NULL;

        if (path[0] == '/') {
                whole = strdup(path);
        } else {
                here = getcwd(NULL, 0);
                if (here == NULL)
                        return -errno;
                if (asprintf(&whole, "%s/%s", here, path) < 0)
                        whole = NULL;
        }
        if (whole == NULL)
                return -ENOMEM;
        *ret_path = whole;
        return 0;
}

int policy_file_load(const char *path, enum policy_trust trust, struct policy **ret_policy, char **ret_path)
{
        cleanup_policy_errors struct policy_errors errors = POLICY_ERRORS_INIT;
        int r = make_absolute(path, ret_path);

        if (r == 0)
                r = policy_load(*ret_path, trust, &errors, ret_policy);
        if (r == 0)
                return 0;
        show_print(stderr, errors.text.data);
        if (errors.text.length == 0) {
                show_print(stderr, path);
                fprintf(stderr, ": %s\n", strerror(-r));
        }
        if (errors.count > 1)
                fprintf(stderr, "%zu errors\n", errors.count);
        return r;
}

int policy_file_login(const struct policy *policy, const char *key, struct policy_login *ret_login)
{
        const char *fingerprint = strncmp(key, "SHA256:", 7) == 0 ? key : policy_key_fingerprint(policy, key);

        if (fingerprint == NULL) {
                fputs("there is no [key ", stderr);
                show_print(stderr, key);
                fputs("] in the policy\n", stderr);
                return -ENOENT;
        }
        *ret_login = (struct policy_login){ .fingerprint = fingerprint, .time_s = clock_real_us() / 1000000 };
        return 0;
}
