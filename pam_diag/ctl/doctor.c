#include "pam_diag/ctl/doctor.h"

#include <stdarg.h>
#include <stdio.h>

#include "config.h"
#include "pam_diag/ctl/commands.h"
#include "pam_diag/ctl/show.h"

static const struct {
        void (*check)(struct doctor *doctor);
} checks[] = {
        { doctor_check_pam },      { doctor_check_files }, { doctor_check_users },  { doctor_check_policy },
        { doctor_check_database }, { doctor_check_sshd },  { doctor_check_kernel }, { doctor_check_bus },
};

void doctor_say(struct doctor *doctor, enum report report, const char *format, ...)
{
        static const char *const marks[] = {
                [REPORT_OK] = "ok  ",   [REPORT_WARN] = "warn",    [REPORT_FAIL] = "FAIL",
                [REPORT_SKIP] = "skip", [REPORT_LACKING] = "-   ",
        };
        cleanup_buf struct buf text = BUF_INIT(SHOW_MOST);
        cleanup_buf struct buf line = BUF_INIT(SHOW_MOST);
        va_list arguments;

        va_start(arguments, format);
        buf_vprintf(&text, format, arguments);
        va_end(arguments);
        if (text.data != NULL)
                show_put_text(&line, text.data, text.length);
        printf("%s %s\n", marks[report], line.error == 0 && line.data != NULL ? line.data : "(cannot be shown)");
        doctor->failed += report == REPORT_FAIL;
}

int doctor_run(const struct ctl_command *command, int argc, char **argv)
{
        struct doctor doctor = {
                .user = "diag",
                .service = "sshd",
                .policy_path = PATH_POLICY,
                .db = PATH_DB,
                .supervisor = PATH_SUPERVISOR,
                .shell = PATH_SHELL,
        };
        bool probe = false;
        const struct ctl_option options[] = {
                { "--user", CTL_TEXT, &doctor.user }, { "--service", CTL_TEXT, &doctor.service },
                { "--sshd", CTL_TEXT, &doctor.sshd }, { "--sshd-config", CTL_TEXT, &doctor.sshd_config },
                { "--probe", CTL_FLAG, &probe },
        };
        int first = 0;
        int r = ctl_options(command, options, sizeof(options) / sizeof(options[0]), false, argc, argv, &first);

        if (r < 0)
                return CTL_USAGE;
        for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
                checks[i].check(&doctor);
        if (probe)
                doctor_probe(&doctor);
        policy_free(doctor.policy);
        pamstack_free(&doctor.stack);
        return doctor.failed == 0 ? CTL_GOOD : CTL_FAILED;
}
