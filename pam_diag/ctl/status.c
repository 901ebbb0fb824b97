#include "sql/status.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "config.h"
#include "pam_diag/base/clock.h"
#include "pam_diag/base/fd.h"
#include "pam_diag/base/json.h"
#include "pam_diag/ctl/backlog.h"
#include "pam_diag/ctl/commands.h"
#include "pam_diag/ctl/show.h"
#include "pam_diag/ctl/status_print.h"

enum { SECOND_US = 1000000, LATE_US_DEFAULT = 3600 };

static const uint64_t room_least = UINT64_C(16) * 1024 * 1024;

/* One more thing that is not as it should be; `level` is the exit status that it asks for. */
static void add(struct status_report *report, int level, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void add(struct status_report *report, int level, const char *format, ...)
{
        va_list arguments;

        if (level > report->level)
                report->level = level;
        if (report->count == STATUS_PROBLEMS_MOST)
                return;
        report->problems[report->count].level = level;
        va_start(arguments, format);
        (void)vsnprintf(report->problems[report->count].text, sizeof(report->problems[0].text), format, arguments);
        va_end(arguments);
        report->count++;
}

static void judge_key(struct status_report *report)
{
        const struct status *status = &report->status;

        switch (status->key) {
        case STATUS_KEY_NONE:
                add(report, STATUS_WARNING,
                    "there is no key: who has root can rewrite the records unseen; `diagctl key init`");
                break;
        case STATUS_KEY_AHEAD:
                add(report, STATUS_CRITICAL,
                    "rows %" PRId64 " to %" PRId64
                    " are missing, the key file has seen them: no session opens; `diagctl verify`",
                    status->last + 1, status->key_seq - 1);
                break;
        case STATUS_KEY_GONE:
                add(report, STATUS_CRITICAL,
                    "the key file is gone: no session opens; put it back or `diagctl key init --again`");
                break;
        case STATUS_KEY_WRONG:
                add(report, STATUS_CRITICAL,
                    "the key file is not the one of this database: no session opens; `diagctl verify`");
                break;
        case STATUS_KEY_GOOD:
        case STATUS_KEY_BEHIND:
        case STATUS_KEY_UNSEEN:
                break;
        }
}

static void judge_room(struct status_report *report, const char *path)
{
        struct statvfs room;

        if (statvfs(path, &room) < 0)
                return;
        report->room = (uint64_t)room.f_bavail * room.f_frsize;
        if (report->room < room_least)
                add(report, STATUS_CRITICAL,
                    "the disk is nearly full: when no row can be written no session opens; free space or `diagctl "
                    "prune`");
}

static int judge_sinks(struct status_report *report, struct auditdb *db, int64_t late_us, struct auditdb_why *why)
{
        for (size_t i = 0; i < report->backlog.count; i++) {
                struct backlog_sink *sink = &report->backlog.sinks[i];
                int64_t waiting_us = 0;
                int64_t seq = 0;
                int r = backlog_seq(sink, db, &seq, why);

                if (r == 0)
                        r = auditdb_time_after(db, seq, &waiting_us, why);
                if (r < 0)
                        return r;
                sink->seq = seq;
                if (waiting_us > 0 && report->now_us - waiting_us > late_us)
                        add(report, STATUS_WARNING, "sink %s: row %" PRId64 " waits since %" PRId64 " s", sink->name,
                            (seq > report->status.anchor ? seq : report->status.anchor) + 1,
                            (report->now_us - waiting_us) / SECOND_US);
        }
        if (report->backlog.count == 0)
                add(report, STATUS_WARNING, "there is no sink: the records are on this host alone; ship.conf(5)");
        return 0;
}

static int look(struct status_report *report, struct auditdb *db, const char *path, int64_t late_us,
                struct auditdb_why *why)
{
        cleanup_free char *boot = NULL;
        size_t length = 0;
        int r = fd_read_file("/proc/sys/kernel/random/boot_id", 64, &boot, &length);

        if (r == 0)
                boot[strcspn(boot, "\n")] = '\0';
        r = auditdb_status(db, r == 0 ? boot : "", &report->status, why);
        if (r < 0)
                return r;
        judge_key(report);
        judge_room(report, path);
        if (report->status.missing != NULL && strcmp(report->status.missing, "[]") != 0)
                add(report, STATUS_WARNING, "the newest session did without layers of confinement: %s",
                    report->status.missing);
        return judge_sinks(report, db, late_us, why);
}

int status_run(const struct ctl_command *command, int argc, char **argv)
{
        __attribute__((cleanup(status_report_clear))) struct status_report report = { .now_us = clock_real_us() };
        const char *path = PATH_DB;
        const char *state = PATH_SHIP_STATE;
        const char *config = PATH_SHIP_CONF;
        size_t late = LATE_US_DEFAULT;
        bool json = false;
        const struct ctl_option options[] = {
                { "--db", CTL_TEXT, &path },          { "--state", CTL_TEXT, &state },
                { "--ship-conf", CTL_TEXT, &config }, { "--late-seconds", CTL_COUNT, &late },
                { "--json", CTL_FLAG, &json },
        };
        cleanup_auditdb struct auditdb *db = NULL;
        struct auditdb_why why = { "" };
        int first = 0;
        int r = ctl_options(command, options, sizeof(options) / sizeof(options[0]), false, argc, argv, &first);

        if (r < 0)
                return CTL_USAGE;
        r = auditdb_open(path, AUDITDB_READ, &db, &why);
        if (r == 0 && backlog_read(config, state, &report.backlog, &why) < 0)
                add(&report, STATUS_WARNING, "%s", why.text);
        if (r == 0)
                r = look(&report, db, path, (int64_t)late * SECOND_US, &why);
        if (r < 0)
                add(&report, STATUS_CRITICAL, "%s", why.text);
        if (json)
                status_print_json(&report, r == 0 ? auditdb_uuid(db) : NULL);
        else
                status_print(&report, r == 0, isatty(STDOUT_FILENO) == 1);
        return report.level;
}
