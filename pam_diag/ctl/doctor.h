/* The checks of `diagctl doctor`.
 *
 * Linked by: diagctl.
 */
#pragma once

#include "pam_diag/ctl/pamstack.h"
#include "pam_diag/policy/policy.h"

enum report {
        REPORT_OK,
        REPORT_WARN,
        REPORT_FAIL,
        REPORT_SKIP,
        REPORT_LACKING, /* is not here, and need not be */
};

struct doctor {
        const char *user;
        const char *service;
        const char *sshd; /* NULL: where it usually is */
        const char *sshd_config; /* NULL: sshd's own default */
        struct pamstack stack;
        const struct pam_rule *rule; /* pam_diag's, of `stack`; NULL: none */
        /* The module's arguments, or what it uses without them. */
        const char *policy_path;
        const char *db;
        const char *supervisor;
        const char *shell;
        struct policy *policy; /* NULL until it was loaded */
        size_t failed;
};

/* One line on stdout, whatever is in it made safe. A FAIL says what is wrong and behind a colon what to do. */
void doctor_say(struct doctor *doctor, enum report report, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

void doctor_check_pam(struct doctor *doctor); /* first: finds the rule and its arguments */
void doctor_check_files(struct doctor *doctor);
void doctor_check_policy(struct doctor *doctor);
void doctor_check_users(struct doctor *doctor);
void doctor_check_database(struct doctor *doctor);
void doctor_check_sshd(struct doctor *doctor);
void doctor_check_kernel(struct doctor *doctor); /* after the policy, which may accept what the kernel lacks */
void doctor_check_bus(struct doctor *doctor); /* as the diag user, for a moment */
void doctor_probe(struct doctor *doctor); /* after all of them: opens a session and tries */
