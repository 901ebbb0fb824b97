#include "sql/rec.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "pam_diag/base/json.h"

static bool is_session(const char *text)
{
        return text != NULL && strlen(text) == REC_SESSION_LENGTH &&
               strspn(text, "0123456789abcdef") == REC_SESSION_LENGTH;
}

/* The order of these first keys is what schema.sql relies on. */
static int begin(struct buf *buf, const char *kind, int64_t time_us, const char *session)
{
        if (!is_session(session) || time_us <= 0)
                return -EINVAL;
        buf_printf(buf, "{\"v\":1,\"kind\":\"%s\",\"time\":%" PRId64 ",\"session\":\"%s\"", kind, time_us, session);
        return 0;
}

static int end(struct buf *buf)
{
        buf_put_char(buf, '}');
        return buf->error;
}

int rec_put_open(struct buf *buf, const struct rec_open *rec)
{
        int r = begin(buf, "open", rec->time_us, rec->session);

        if (r < 0)
                return r;
        json_member_text(buf, "user", rec->user);
        json_member_i64(buf, "uid", rec->uid);
        json_member_i64(buf, "gid", rec->gid);
        json_member_i64(buf, "auid", rec->auid);
        json_member_text(buf, "client", rec->client);
        json_member_text(buf, "service", rec->service);
        json_member_text(buf, "tty", rec->tty);
        json_member_text(buf, "auth_method", rec->auth_method);
        json_member_text(buf, "key_type", rec->key_type);
        json_member_text(buf, "key", rec->key);
        json_member_text(buf, "key_name", rec->key_name);
        json_member_text(buf, "policy", rec->policy);
        json_member_text(buf, "host", rec->host);
        json_member_text(buf, "boot", rec->boot);
        json_member_i64(buf, "boot_us", rec->boot_us);
        json_member_i64(buf, "monitor", rec->monitor);
        json_member_text(buf, "version", rec->version);
        json_member_strv(buf, "missing", rec->missing);
        json_member_text(buf, "limits", rec->limits);
        return end(buf);
}

static void put_stage(struct buf *buf, const struct rec_stage *stage, bool ran)
{
        buf_put_char(buf, '{');
        if (ran) {
                json_member_text(buf, "rule", stage->rule);
                json_member_text(buf, "program", stage->program);
                json_member_strv(buf, "argv", stage->argv);
        } else {
                json_member_strv(buf, "words", stage->words);
        }
        buf_put_char(buf, '}');
}

int rec_put_exec(struct buf *buf, const struct rec_exec *rec)
{
        bool ran;
        int r;

        if (rec->invocation < 1 || rec->verdict == NULL || (rec->line == NULL && rec->line_length > 0))
                return -EINVAL;
        r = begin(buf, "exec", rec->time_us, rec->session);
        if (r < 0)
                return r;
        ran = strcmp(rec->verdict, "allow") == 0;
        json_member_i64(buf, "invocation", rec->invocation);
        json_member_text(buf, "verdict", rec->verdict);
        json_key(buf, "line");
        json_put_bytes(buf, rec->line != NULL ? rec->line : "", rec->line_length);
        json_member_bool(buf, "tty", rec->tty);
        json_member_i64(buf, "client_port", rec->client_port);
        json_member_text(buf, "cwd", rec->cwd);
        json_member_text(buf, "code", rec->code);
        json_member_text(buf, "rule", rec->rule);
        json_member_text(buf, "reason", rec->reason);
        json_member_text(buf, "hint", rec->hint);
        json_member_i64(buf, "word", rec->word);
        json_member_i64(buf, "position", rec->position);
        json_key(buf, "stages");
        buf_put_char(buf, '[');
        for (size_t i = 0; i < rec->stage_count; i++) {
                if (i > 0)
                        buf_put_char(buf, ',');
                put_stage(buf, &rec->stages[i], ran);
        }
        buf_put_char(buf, ']');
        return end(buf);
}

int rec_put_child(struct buf *buf, const struct rec_child *rec)
{
        int r;

        if (rec->invocation < 0 || rec->verdict == NULL)
                return -EINVAL;
        r = begin(buf, "child", rec->time_us, rec->session);
        if (r < 0)
                return r;
        json_member_i64(buf, "invocation", rec->invocation);
        json_member_text(buf, "verdict", rec->verdict);
        json_member_i64(buf, "pid", rec->pid);
        json_member_i64(buf, "uid", rec->uid);
        json_member_text(buf, "program", rec->program);
        json_member_strv(buf, "argv", rec->argv);
        json_member_bool(buf, "truncated", rec->truncated);
        json_member_text(buf, "reason", rec->reason);
        return end(buf);
}

int rec_put_monitor(struct buf *buf, const struct rec_monitor *rec)
{
        int r = begin(buf, "monitor", rec->time_us, rec->session);

        if (r < 0)
                return r;
        json_member_i64(buf, "pid", rec->pid);
        json_member_text(buf, "program", rec->program);
        json_member_strv(buf, "argv", rec->argv);
        return end(buf);
}

int rec_put_exit(struct buf *buf, const struct rec_exit *rec)
{
        int r;

        if (rec->invocation < 1 || rec->how == NULL)
                return -EINVAL;
        r = begin(buf, "exit", rec->time_us, rec->session);
        if (r < 0)
                return r;
        json_member_i64(buf, "invocation", rec->invocation);
        json_member_i64(buf, "status", rec->status);
        json_member_i64(buf, "signal", rec->signal);
        json_member_text(buf, "how", rec->how);
        json_member_i64(buf, "duration_us", rec->duration_us);
        json_member_i64(buf, "user_us", rec->user_us);
        json_member_i64(buf, "system_us", rec->system_us);
        json_member_i64(buf, "max_rss_kb", rec->max_rss_kb);
        json_member_i64(buf, "stdout_bytes", rec->stdout_bytes);
        json_member_i64(buf, "stderr_bytes", rec->stderr_bytes);
        json_key(buf, "stage_status");
        buf_put_char(buf, '[');
        for (size_t i = 0; i < rec->stage_count; i++)
                buf_printf(buf, "%s%d", i > 0 ? "," : "", rec->stage_status[i]);
        buf_put_char(buf, ']');
        json_member_i64(buf, "refused_children", rec->refused_children);
        return end(buf);
}

static void put_operator(struct buf *buf, const struct rec_operator *by)
{
        json_key(buf, "by");
        if (by == NULL) {
                buf_put_text(buf, "null");
                return;
        }
        buf_put_char(buf, '{');
        json_member_i64(buf, "uid", by->uid);
        json_member_i64(buf, "auid", by->auid);
        json_member_text(buf, "name", by->name);
        buf_put_char(buf, '}');
}

int rec_put_close(struct buf *buf, const struct rec_close *rec)
{
        int r;

        if (rec->how == NULL)
                return -EINVAL;
        r = begin(buf, "close", rec->time_us, rec->session);
        if (r < 0)
                return r;
        json_member_text(buf, "how", rec->how);
        json_member_i64(buf, "commands", rec->commands);
        json_member_i64(buf, "denied", rec->denied);
        json_member_i64(buf, "duration_us", rec->duration_us);
        put_operator(buf, rec->by);
        json_member_i64(buf, "audit_lost", rec->audit_lost);
        return end(buf);
}

int rec_put_head(struct buf *buf, const struct rec_head *rec)
{
        int r;

        if (rec->seq < 0 || rec->hash == NULL || rec->reason == NULL)
                return -EINVAL;
        r = begin(buf, "head", rec->time_us, REC_NO_SESSION);
        if (r < 0)
                return r;
        json_member_text(buf, "host", rec->host);
        json_member_text(buf, "log", rec->log);
        json_member_i64(buf, "head", rec->seq);
        json_member_text(buf, "head_hash", rec->hash);
        json_member_text(buf, "reason", rec->reason);
        json_member_text(buf, "boot", rec->boot);
        json_member_i64(buf, "boot_us", rec->boot_us);
        json_member_text(buf, "verifier", rec->verifier);
        json_member_text(buf, "note", rec->note);
        return end(buf);
}

int rec_put_prune(struct buf *buf, const struct rec_prune *rec)
{
        int r;

        if (rec->first < 1 || rec->anchor_seq < rec->first || rec->anchor_hash == NULL || rec->reason == NULL)
                return -EINVAL;
        r = begin(buf, "prune", rec->time_us, REC_NO_SESSION);
        if (r < 0)
                return r;
        json_member_text(buf, "host", rec->host);
        json_member_i64(buf, "first", rec->first);
        json_member_i64(buf, "anchor", rec->anchor_seq);
        json_member_text(buf, "anchor_hash", rec->anchor_hash);
        json_member_text(buf, "anchor_mac", rec->anchor_mac);
        json_member_i64(buf, "oldest", rec->oldest_us);
        json_member_i64(buf, "newest", rec->newest_us);
        json_member_text(buf, "reason", rec->reason);
        json_member_strv(buf, "sinks", rec->sinks);
        json_member_i64(buf, "uid", rec->uid);
        json_member_i64(buf, "auid", rec->auid);
        return end(buf);
}
