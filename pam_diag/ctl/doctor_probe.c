#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/confine/layers.h"
#include "pam_diag/ctl/capture.h"
#include "pam_diag/ctl/doctor.h"
#include "pam_diag/ctl/probing.h"
#include "pam_diag/policy/patterns.h"
#include "sql/auditdb.h"

enum { GONE_MS = 2000, GONE_STEP_MS = 20, ROWS_MOST = 1000000 };

/* --- The records ------------------------------------------------------------------------------------------------- */

struct rows {
        int64_t before; /* the last row before the session */
        int64_t last;
        bool command; /* a row says that diag-probe was allowed */
        bool no_group; /* the session's first row says that it has no control group */
};

static bool row_has(const struct auditdb_row *row, const char *text)
{
        return memmem(row->rec, row->rec_length, text, strlen(text)) != NULL;
}

/* What somebody else has chosen cannot look like this: in a string a quotation mark is escaped. */
static int see_row(void *context, const struct auditdb_row *row)
{
        struct rows *rows = context;

        rows->last = row->seq;
        if (row_has(row, "\"kind\":\"exec\"") && row_has(row, "\"line\":\"diag-probe;"))
                rows->command = true;
        if (row_has(row, "\"kind\":\"open\"") && row_has(row, "\"cgroup-kill\""))
                rows->no_group = true;
        return 0;
}

/* Before the first session there is no database. */
static void mark_rows(const struct doctor *doctor, struct rows *rows)
{
        cleanup_auditdb struct auditdb *db = NULL;
        struct auditdb_why why;

        if (auditdb_open(doctor->db, AUDITDB_READ, &db, &why) == 0)
                (void)auditdb_last(db, 1, see_row, rows, &why);
        *rows = (struct rows){ .before = rows->last, .last = rows->last };
}

static int read_rows(const struct doctor *doctor, struct rows *rows, struct auditdb_why *ret_why)
{
        cleanup_auditdb struct auditdb *db = NULL;
        int r = auditdb_open(doctor->db, AUDITDB_READ, &db, ret_why);

        return r < 0 ? r : auditdb_each(db, rows->before, ROWS_MOST, see_row, rows, ret_why);
}

static void say_rows(struct doctor *doctor, const struct rows *rows)
{
        if (!rows->command)
                doctor_say(doctor, REPORT_FAIL, "records: there is no row of this session's command");
        else
                doctor_say(doctor, REPORT_OK,
                           "records: like any session, this one and what it was refused are on record, rows %lld to "
                           "%lld: diagctl log -n %lld",
                           (long long)rows->before + 1, (long long)rows->last, (long long)(rows->last - rows->before));
}

/* --- The findings ------------------------------------------------------------------------------------------------ */

struct probe {
        struct doctor *doctor;
        struct probing_host host;
        char **missing; /* layers that are not there */
        char **said; /* layers of which there was a line */
};

/* A process that the command has left behind, and that has left its session, its group and its streams. */
static void check_left(struct probe *probe, int pid)
{
        int waited = 0;

        while (kill(pid, 0) == 0 && waited < GONE_MS) {
                (void)poll(NULL, 0, GONE_STEP_MS);
                waited += GONE_STEP_MS;
        }
        if (waited < GONE_MS)
                doctor_say(probe->doctor, REPORT_OK, "%s: a process that its command left behind is gone",
                           probing_label(FINDING_LEFT));
        else
                doctor_say(probe->doctor, REPORT_FAIL,
                           "%s: process %d, which its command left behind, is still there and should be gone",
                           probing_label(FINDING_LEFT), pid);
}

static void take_finding(struct probe *probe, const struct finding *finding)
{
        const char *layer = finding->kind == FINDING_PID ? FINDING_LEFT : finding->layer;
        const char *text = "";
        enum report report;

        (void)strv_append_once(&probe->said, layer);
        if (finding->kind == FINDING_PID) {
                check_left(probe, finding->pid);
                return;
        }
        report = probing_judge(finding, &probe->host, &text);
        doctor_say(probe->doctor, report, "%s: %s", probing_label(layer), text);
}

/* What is no finding is a message of diag-shell or of the kernel's loader: nothing of the kind should be there. */
static void take_output(struct probe *probe, char *text)
{
        char *rest = NULL;

        for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
                struct finding finding;

                if (finding_parse(line, &finding) == 0)
                        take_finding(probe, &finding);
                else
                        doctor_say(probe->doctor, REPORT_FAIL, "probe: %s", line);
        }
}

static void check_whole(struct probe *probe)
{
        for (size_t i = 0; i < probing_layer_count(); i++) {
                const char *layer = probing_layer(i);

                if (!strv_has(probe->said, layer, strlen(layer)))
                        doctor_say(probe->doctor, REPORT_FAIL, "%s: not probed: the probe ended before that",
                                   probing_label(layer));
        }
}

/* --- Running it -------------------------------------------------------------------------------------------------- */

static int make_argv(const struct doctor *doctor, char ***argv)
{
        const char *const first[] = { PATH_PROBER, doctor->service, doctor->user, doctor->policy_path };
        char *const *deny = policy_deny(doctor->policy);
        cleanup_free char *directory = strdup(doctor->db);
        char *slash = directory == NULL ? NULL : strrchr(directory, '/');
        int r = slash == NULL ? -ENOMEM : 0;

        for (size_t i = 0; r == 0 && i < sizeof(first) / sizeof(first[0]); i++)
                r = strv_append(argv, first[i]);
        for (size_t i = 0; r == 0 && deny[i] != NULL; i++)
                r = strv_append(argv, deny[i]);
        if (r < 0 || slash == directory)
                return r;
        *slash = '\0';
        return strv_append(argv, directory);
}

/* What the session itself has found missing is in its first row. */
static void set_missing(struct probe *probe, const struct rows *rows)
{
        (void)layers_probe(&probe->missing);
        if (rows->no_group)
                (void)strv_append(&probe->missing, "cgroup-kill");
        probe->host.missing = probe->missing;
}

static void run(struct probe *probe)
{
        cleanup_strv char **argv = NULL;
        cleanup_free char *text = NULL;
        struct auditdb_why why = { "" };
        struct rows rows = { 0 };
        int status = 0;
        int r = make_argv(probe->doctor, &argv);

        mark_rows(probe->doctor, &rows);
        if (r == 0)
                r = capture(argv, &text, &status);
        if (r < 0) {
                doctor_say(probe->doctor, REPORT_FAIL, "probe: " PATH_PROBER ": %s", strerror(-r));
                return;
        }
        r = read_rows(probe->doctor, &rows, &why);
        set_missing(probe, &rows);
        take_output(probe, text);
        if (status != 0)
                doctor_say(probe->doctor, REPORT_FAIL, "probe: " PATH_PROBER " ended with status %d", status);
        check_whole(probe);
        if (r < 0)
                doctor_say(probe->doctor, REPORT_FAIL, "records: %s", why.text);
        else
                say_rows(probe->doctor, &rows);
}

static bool is_readable(const struct policy *policy, const char *path)
{
        return patterns_cover(policy_allow(policy), path) || patterns_cover(policy_runtime(policy), path);
}

void doctor_probe(struct doctor *doctor)
{
        struct probe probe = { .doctor = doctor };

        if (geteuid() != 0) {
                doctor_say(doctor, REPORT_FAIL, "probe: a session can be opened by root only: run it as root");
                return;
        }
        if (doctor->rule == NULL || doctor->policy == NULL) {
                doctor_say(doctor, REPORT_FAIL, "probe: no session can be opened: correct what failed above");
                return;
        }
        probe.host = (struct probing_host){
                .accepted = policy_accept_missing(doctor->policy),
                .root_is_readable = is_readable(doctor->policy, "/"),
                .proc_is_hidden = !is_readable(doctor->policy, "/proc/self/cgroup"),
        };
        run(&probe);
        strv_free(probe.missing);
        strv_free(probe.said);
}
