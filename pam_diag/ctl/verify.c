#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "pam_diag/base/fd.h"
#include "pam_diag/base/hex.h"
#include "pam_diag/base/json.h"
#include "pam_diag/ctl/commands.h"
#include "pam_diag/ctl/show.h"
#include "sql/verify.h"

enum {
        KEYS_FILE_MOST = 1024 * 1024,
        HEADS_FILE_MOST = 1024 * 1024 * 1024,
        FINDINGS_MOST = 100,
        JSON_MOST = 1024 * 1024
};

struct report {
        const char *path;
        bool json;
        size_t shown;
        size_t hidden; /* there is an end to how many one wants to read */
        struct buf findings; /* JSON */
};

static void found(void *context, const struct verify_finding *finding)
{
        struct report *report = context;
        bool broken = finding->kind < VERIFY_BROKEN_COUNT;

        if (report->shown == FINDINGS_MOST) {
                report->hidden++;
                return;
        }
        report->shown++;
        if (!report->json) {
                fputs(broken ? "BROKEN " : "note   ", stdout);
                show_print(stdout, finding->text);
                fputc('\n', stdout);
                return;
        }
        if (report->findings.length > 0)
                buf_put_char(&report->findings, ',');
        buf_put_char(&report->findings, '{');
        json_member_text(&report->findings, "kind", verify_kind_name(finding->kind));
        json_member_bool(&report->findings, "broken", broken);
        json_member_i64(&report->findings, "first", finding->first);
        json_member_i64(&report->findings, "last", finding->last);
        json_member_text(&report->findings, "text", finding->text);
        buf_put_char(&report->findings, '}');
}

static void print_result(const struct report *report, const struct verify_result *result, const char *uuid)
{
        char hash[2 * AUDITDB_HASH_SIZE + 1];

        hex_print(result->hash, sizeof(result->hash), hash);
        if (!report->json) {
                if (report->hidden > 0)
                        printf("and %zu more\n", report->hidden);
                printf("%s %" PRIu64 " rows, %" PRId64 " to %" PRId64 ", %" PRIu64 " macs and %" PRIu64
                       " kept heads held to; head %s\n",
                       result->broken == 0 ? "ok    " : "BROKEN", result->rows, result->anchor + 1, result->last,
                       result->macs, result->heads, hash);
                return;
        }
        printf("{\"ok\":%s,\"database\":\"%s\",\"anchor\":%" PRId64 ",\"last\":%" PRId64
               ",\"head\":\"%s\",\"rows\":%" PRIu64 ",\"macs\":%" PRIu64 ",\"heads\":%" PRIu64 ",\"broken\":%" PRIu64
               ",\"hidden\":%zu,\"findings\":[",
               result->broken == 0 ? "true" : "false", uuid, result->anchor, result->last, hash, result->rows,
               result->macs, result->heads, result->broken, report->hidden);
        fputs(report->findings.data != NULL ? report->findings.data : "", stdout);
        puts("]}");
}

static int read_witness(const struct ctl_command *command, const char *path, size_t most, char **ret_text,
                        size_t *ret_length)
{
        int r = fd_read_file(path, most, ret_text, ret_length);

        if (r < 0)
                (void)ctl_usage_error(command, "cannot read %s: %s", path, strerror(-r));
        return r;
}

static int read_keys(const struct ctl_command *command, const char *path, const char *uuid, struct firstkeys *keys)
{
        cleanup_free char *text = NULL;
        size_t length = 0;
        size_t line = 0;
        int r = read_witness(command, path, KEYS_FILE_MOST, &text, &length);

        if (r < 0)
                return r;
        r = firstkeys_parse(text, uuid, keys, &line);
        if (r < 0)
                (void)ctl_usage_error(command, "%s:%zu: no first-key or verifier line, or mistyped", path, line);
        else if (keys->key_count == 0 && keys->verifier_count == 0)
                (void)ctl_usage_error(command, "%s: no key of the database %s in it", path, uuid);
        return r < 0 ? r : keys->key_count == 0 && keys->verifier_count == 0 ? -ENOENT : 0;
}

static int verify(const struct ctl_command *command, struct auditdb *db, const char *keys_path, const char *heads_path,
                  struct report *report)
{
        struct firstkeys keys = { .key_count = 0 };
        cleanup_free char *heads = NULL;
        struct verify_witnesses witnesses = { 0 };
        struct verify_result result = { 0 };
        struct auditdb_why why = { "" };
        int r;

        if (keys_path != NULL) {
                if (read_keys(command, keys_path, auditdb_uuid(db), &keys) < 0)
                        return CTL_USAGE;
                witnesses.keys = &keys;
        }
        if (heads_path != NULL) {
                if (read_witness(command, heads_path, HEADS_FILE_MOST, &heads, &witnesses.heads_length) < 0)
                        return CTL_USAGE;
                witnesses.heads = heads;
        }
        r = auditdb_verify_with(db, &witnesses, found, report, &result, &why);
        if (r < 0) {
                (void)ctl_why(command, why.text);
                return r == -ENOKEY ? CTL_USAGE : CTL_FAILED;
        }
        print_result(report, &result, auditdb_uuid(db));
        return result.broken == 0 ? CTL_GOOD : CTL_FAILED;
}

int verify_run(const struct ctl_command *command, int argc, char **argv)
{
        struct report report = { .path = PATH_DB, .findings = BUF_INIT(JSON_MOST) };
        const char *keys = NULL;
        const char *heads = NULL;
        const struct ctl_option options[] = {
                { "--first-key", CTL_TEXT, &keys },
                { "--heads", CTL_TEXT, &heads },
                { "--json", CTL_FLAG, &report.json },
                { "--db", CTL_TEXT, &report.path },
        };
        cleanup_auditdb struct auditdb *db = NULL;
        struct auditdb_why why = { "" };
        int first = 0;
        int r = ctl_options(command, options, sizeof(options) / sizeof(options[0]), false, argc, argv, &first);

        if (r < 0)
                return CTL_USAGE;
        r = auditdb_open(report.path, AUDITDB_READ_ANY, &db, &why);
        if (r < 0)
                return ctl_why(command, why.text);
        r = verify(command, db, keys, heads, &report);
        buf_free(&report.findings);
        return r;
}
