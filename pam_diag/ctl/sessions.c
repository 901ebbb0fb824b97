#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "pam_diag/base/fd.h"
#include "pam_diag/base/json.h"
#include "pam_diag/ctl/commands.h"
#include "pam_diag/ctl/filter.h"
#include "pam_diag/ctl/paint.h"
#include "pam_diag/ctl/show.h"
#include "pam_diag/ctl/stamp.h"
#include "pam_diag/wire/operator.h"
#include "sql/sessions.h"

enum { SESSIONS_ROWS = 20, LINE_MOST = 64 * 1024, SESSION_SHOWN = 8 };

struct sessions {
        bool local;
        bool paint;
        bool json;
        uid_t owner; /* of supervisors */
};

enum state { STATE_CLOSED, STATE_OPEN, STATE_LOST, STATE_UNKNOWN };
static const char *const state_names[] = { "closed", "open", "lost", "unknown" };

/* Without a close record a session is open for as long as its supervisor answers; the record of one whose supervisor was killed, or whose
 * host lost its power, never comes. */
static enum state state_of(const struct sessions *sessions, const struct session_row *row)
{
        cleanup_fd int socket = -1;
        int r;

        if (row->closed)
                return STATE_CLOSED;
        r = operator_connect(PATH_RUN, row->session, sessions->owner, &socket);
        if (r == 0)
                return STATE_OPEN;
        return r == -ENOENT || r == -ECONNREFUSED ? STATE_LOST : STATE_UNKNOWN;
}

/* Bytes that were not UTF-8 are such bytes again, and shown as \xNN. */
static void put_text(struct buf *buf, const char *text)
{
        cleanup_free char *bytes = strdup(text == NULL ? "-" : text);

        if (bytes == NULL)
                buf->error = buf->error != 0 ? buf->error : -ENOMEM;
        else
                show_put(buf, bytes, json_restore_bytes(bytes, strlen(bytes)));
}

static void put_end(struct buf *buf, const struct session_row *row, enum state state)
{
        if (!row->closed) {
                buf_put_text(buf, state_names[state]);
                return;
        }
        put_text(buf, row->how);
        if (row->by != NULL) {
                buf_put_text(buf, " by ");
                put_text(buf, row->by);
        }
        buf_put_text(buf, " after ");
        stamp_put_length(buf, row->duration_us);
}

static void put_line(struct buf *buf, const struct sessions *sessions, const struct session_row *row, enum state state)
{
        static const enum paint paints[] = { PAINT_FAINT, PAINT_GOOD, PAINT_ODD, PAINT_ODD };
        enum paint paint = sessions->paint ? paints[state] : PAINT_NONE;

        buf_put_text(buf, paint_begin(paint));
        stamp_put(buf, row->opened_us, sessions->local);
        buf_put_char(buf, ' ');
        show_put(buf, row->session, strnlen(row->session, SESSION_SHOWN));
        buf_put_char(buf, ' ');
        put_text(buf, row->user);
        buf_put_text(buf, " from ");
        put_text(buf, row->client);
        buf_put_text(buf, ", key ");
        put_text(buf, row->key_name != NULL ? row->key_name : row->key);
        buf_printf(buf, ", %" PRId64 " commands, %" PRId64 " denied, ", row->commands, row->denied);
        put_end(buf, row, state);
        buf_put_text(buf, paint_end(paint));
}

/* Taken from a record and put into another text: what stood for bytes there stands for them here. */
static void member_text(struct buf *buf, const char *name, const char *text)
{
        cleanup_free char *bytes = NULL;

        json_key(buf, name);
        if (text == NULL) {
                buf_put_text(buf, "null");
                return;
        }
        bytes = strdup(text);
        if (bytes == NULL)
                buf->error = buf->error != 0 ? buf->error : -ENOMEM;
        else
                json_put_bytes(buf, bytes, json_restore_bytes(bytes, strlen(bytes)));
}

static void member_time(struct buf *buf, const char *name, bool known, int64_t time_us)
{
        json_key(buf, name);
        if (!known) {
                buf_put_text(buf, "null");
                return;
        }
        buf_put_char(buf, '"');
        stamp_put(buf, time_us, false);
        buf_put_char(buf, '"');
}

static void put_json(struct buf *buf, const struct session_row *row, enum state state)
{
        buf_put_char(buf, '{');
        member_text(buf, "session", row->session);
        member_text(buf, "state", state_names[state]);
        member_time(buf, "opened", true, row->opened_us);
        member_time(buf, "closed", row->closed, row->closed_us);
        member_text(buf, "how", row->how);
        member_text(buf, "by", row->by);
        member_text(buf, "user", row->user);
        member_text(buf, "client", row->client);
        member_text(buf, "key", row->key);
        member_text(buf, "key_name", row->key_name);
        member_text(buf, "host", row->host);
        json_member_i64(buf, "commands", row->commands);
        json_member_i64(buf, "denied", row->denied);
        if (row->closed)
                json_member_i64(buf, "duration_us", row->duration_us);
        buf_put_char(buf, '}');
}

static int print_row(void *context, const struct session_row *row)
{
        cleanup_buf struct buf line = BUF_INIT(LINE_MOST);
        const struct sessions *sessions = context;
        enum state state = state_of(sessions, row);

        if (sessions->json)
                put_json(&line, row, state);
        else
                put_line(&line, sessions, row, state);
        if (line.error != 0)
                printf("the session of row %" PRId64 " is too long to show\n", row->seq);
        else
                puts(line.data);
        return 0;
}

int sessions_run(const struct ctl_command *command, int argc, char **argv)
{
        struct sessions sessions = { .local = isatty(STDOUT_FILENO) == 1, .paint = paint_wanted(STDOUT_FILENO) };
        const char *path = PATH_DB;
        size_t most = 0;
        bool unclosed = false;
        struct filter_words words = { 0 };
        const struct ctl_option options[] = {
                { "-n", CTL_COUNT, &most },
                { "--open", CTL_FLAG, &unclosed },
                { "--json", CTL_FLAG, &sessions.json },
                { "--db", CTL_TEXT, &path },
                { "--since", CTL_TEXT, &words.since },
                { "--until", CTL_TEXT, &words.until },
                { "--user", CTL_TEXT, &words.user },
                { "--key", CTL_TEXT, &words.key },
                { "--client", CTL_TEXT, &words.client },
        };
        cleanup_auditdb struct auditdb *db = NULL;
        const struct passwd *owner = getpwnam(AUDIT_USER);
        struct auditdb_why why = { "" };
        struct filter filter;
        int first = 0;
        int r;

        if (ctl_options(command, options, sizeof(options) / sizeof(options[0]), false, argc, argv, &first) < 0 ||
            filter_read(command, &words, &filter) != CTL_GOOD)
                return CTL_USAGE;
        sessions.owner = owner == NULL ? 0 : owner->pw_uid;
        if (most == 0)
                most = words.since != NULL || unclosed ? SIZE_MAX : SESSIONS_ROWS;
        r = auditdb_open(path, AUDITDB_READ, &db, &why);
        if (r == 0)
                r = auditdb_sessions(db, &filter.select, unclosed, most, print_row, &sessions, &why);
        return r == 0 ? CTL_GOOD : ctl_why(command, why.text);
}
