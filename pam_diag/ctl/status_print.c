#include "pam_diag/ctl/status_print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "pam_diag/base/json.h"
#include "pam_diag/ctl/bytes.h"
#include "pam_diag/ctl/show.h"
#include "pam_diag/ctl/stamp.h"

enum { JSON_MOST = 1024 * 1024, TIME_MOST = 64 };

static const char *const levels[] = {
        [STATUS_OK] = "ok", [STATUS_WARNING] = "warning", [STATUS_CRITICAL] = "critical"
};

static const char *const keys[] = {
        [STATUS_KEY_NONE] = "none",     [STATUS_KEY_GOOD] = "good", [STATUS_KEY_BEHIND] = "behind",
        [STATUS_KEY_AHEAD] = "ahead",   [STATUS_KEY_GONE] = "gone", [STATUS_KEY_WRONG] = "wrong",
        [STATUS_KEY_UNSEEN] = "unseen",
};

void status_report_clear(struct status_report *report)
{
        backlog_free(&report->backlog);
        status_clear(&report->status);
}

static void print_time(int64_t us, bool local)
{
        cleanup_buf struct buf text = BUF_INIT(TIME_MOST);

        if (us == 0) {
                fputs("never", stdout);
                return;
        }
        stamp_put(&text, us, local);
        fputs(text.error == 0 ? text.data : "?", stdout);
}

static int64_t rows_behind(const struct status *status, int64_t seq)
{
        return status->last - (seq > status->anchor ? seq : status->anchor);
}

/* Of the newest session: what is in force on this host today. */
static void print_layers(const char *missing)
{
        fputs("layers    ", stdout);
        if (missing == NULL) {
                puts("no session yet");
        } else if (strcmp(missing, "[]") == 0) {
                puts("all, in the newest session");
        } else {
                fputs("all but ", stdout);
                show_print(stdout, missing);
                puts(", in the newest session");
        }
}

static void print_span(const struct status *status, bool local)
{
        fputs("time      ", stdout);
        print_time(status->oldest_us, local);
        fputs(" to ", stdout);
        print_time(status->newest_us, local);
        putchar('\n');
}

static void print_head(const struct status *status, bool local)
{
        if (status->head_seq < 0) {
                puts("head      none");
                return;
        }
        printf("head      of row %" PRId64 ", ", status->head_seq);
        print_time(status->head_us, local);
        putchar('\n');
}

static void print_facts(const struct status_report *report, bool local)
{
        const struct status *status = &report->status;
        char used[BYTES_TEXT_SIZE];
        char bytes[BYTES_TEXT_SIZE];
        char room[BYTES_TEXT_SIZE];

        bytes_print(status->used, used);
        bytes_print(status->bytes, bytes);
        bytes_print(report->room, room);
        printf("rows      %" PRId64 ", %" PRId64 " to %" PRId64 "\n", status->last - status->anchor, status->anchor + 1,
               status->last);
        print_span(status, local);
        printf("size      %s in rows, %s on disk, %s free\n", used, bytes, room);
        printf("key       %s", keys[status->key]);
        if (status->key_seq > 0)
                printf(", at row %" PRId64, status->key_seq);
        putchar('\n');
        print_head(status, local);
        printf("sessions  %" PRId64 " open\n", status->open_sessions);
        print_layers(status->missing);
}

static void print_sink(const struct status *status, const struct backlog_sink *sink, bool local)
{
        fputs("sink      ", stdout);
        show_print(stdout, sink->name);
        printf(": %" PRId64 " rows behind, last export ", rows_behind(status, sink->seq));
        print_time(sink->moved_us, local);
        puts(sink->configured ? "" : ", not in ship.conf");
}

void status_print(const struct status_report *report, bool read, bool local)
{
        if (read)
                print_facts(report, local);
        for (size_t i = 0; read && i < report->backlog.count; i++)
                print_sink(&report->status, &report->backlog.sinks[i], local);
        for (size_t i = 0; i < report->count; i++) {
                printf("%-9s ", levels[report->problems[i].level]);
                show_print(stdout, report->problems[i].text);
                putchar('\n');
        }
        if (report->count == 0)
                puts("ok");
}

static void put_facts(struct buf *json, const struct status_report *report)
{
        const struct status *status = &report->status;

        json_member_i64(json, "anchor", status->anchor);
        json_member_i64(json, "last", status->last);
        json_member_i64(json, "rows", status->last - status->anchor);
        json_member_i64(json, "oldest", status->oldest_us);
        json_member_i64(json, "newest", status->newest_us);
        json_member_i64(json, "used_bytes", (int64_t)status->used);
        json_member_i64(json, "file_bytes", (int64_t)status->bytes);
        json_member_i64(json, "free_bytes", (int64_t)report->room);
        json_member_text(json, "key", keys[status->key]);
        json_member_i64(json, "key_row", status->key_seq);
        json_member_i64(json, "head", status->head_seq);
        json_member_i64(json, "head_time", status->head_us);
        json_member_i64(json, "open_sessions", status->open_sessions);
        json_key(json, "missing_layers");
        buf_put_text(json, status->missing != NULL ? status->missing : "[]");
        json_key(json, "sinks");
        buf_put_char(json, '[');
        for (size_t i = 0; i < report->backlog.count; i++) {
                const struct backlog_sink *sink = &report->backlog.sinks[i];

                buf_put_text(json, i > 0 ? ",{" : "{");
                json_member_text(json, "name", sink->name);
                json_member_bool(json, "configured", sink->configured);
                json_member_i64(json, "acknowledged", sink->seq);
                json_member_i64(json, "backlog", rows_behind(status, sink->seq));
                json_member_i64(json, "last_export", sink->moved_us);
                buf_put_char(json, '}');
        }
        buf_put_char(json, ']');
}

void status_print_json(const struct status_report *report, const char *uuid)
{
        cleanup_buf struct buf json = BUF_INIT(JSON_MOST);

        buf_put_char(&json, '{');
        json_member_text(&json, "status", levels[report->level]);
        json_member_text(&json, "database", uuid);
        if (uuid != NULL)
                put_facts(&json, report);
        json_key(&json, "problems");
        buf_put_char(&json, '[');
        for (size_t i = 0; i < report->count; i++) {
                buf_put_text(&json, i > 0 ? ",{" : "{");
                json_member_text(&json, "level", levels[report->problems[i].level]);
                json_member_text(&json, "text", report->problems[i].text);
                buf_put_char(&json, '}');
        }
        buf_put_text(&json, "]}");
        puts(json.error < 0 ? "{}" : json.data);
}
