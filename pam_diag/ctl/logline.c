#include "pam_diag/ctl/logline.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/json.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/ctl/paint.h"
#include "pam_diag/ctl/show.h"
#include "pam_diag/ctl/stamp.h"

enum { SESSION_SHOWN = 8 };

#define TEXT(where)                                            \
        {                                                      \
                .name = "", .path = where, .type = EXPORT_TEXT \
        }
#define NUMBER(where, low)                                                      \
        {                                                                       \
                .name = "", .path = where, .type = EXPORT_INTEGER, .least = low \
        }

#define LIST(where)                                            \
        {                                                      \
                .name = "", .path = where, .type = EXPORT_LIST \
        }

enum {
        OPEN_USER,
        OPEN_CLIENT,
        OPEN_METHOD,
        OPEN_KEY_TYPE,
        OPEN_KEY,
        OPEN_KEY_NAME,
        OPEN_MISSING,
        OPEN_HOST,
        OPEN_BOOT,
        OPEN_POLICY,
        OPEN_VERSION,
        OPEN_COUNT
};
static const struct export_field open_fields[OPEN_COUNT] = {
        [OPEN_USER] = TEXT("$.user"),
        [OPEN_CLIENT] = TEXT("$.client"),
        [OPEN_METHOD] = TEXT("$.auth_method"),
        [OPEN_KEY_TYPE] = TEXT("$.key_type"),
        [OPEN_KEY] = TEXT("$.key"),
        [OPEN_KEY_NAME] = TEXT("$.key_name"),
        [OPEN_MISSING] = TEXT("$.missing[0]"),
        [OPEN_HOST] = TEXT("$.host"),
        [OPEN_BOOT] = TEXT("$.boot"),
        [OPEN_POLICY] = TEXT("$.policy"),
        [OPEN_VERSION] = TEXT("$.version"),
};

enum { EXEC_INVOCATION, EXEC_VERDICT, EXEC_LINE, EXEC_REASON, EXEC_HINT, EXEC_ARGV, EXEC_COUNT };
static const struct export_field exec_fields[EXEC_COUNT] = {
        [EXEC_INVOCATION] = NUMBER("$.invocation", 1),
        [EXEC_VERDICT] = TEXT("$.verdict"),
        [EXEC_LINE] = TEXT("$.line"),
        [EXEC_REASON] = TEXT("$.reason"),
        [EXEC_HINT] = TEXT("$.hint"),
        [EXEC_ARGV] = LIST("$.stages"),
};

/* Of the same shape, so that one function shows both. */
static const struct export_field child_fields[EXEC_COUNT] = {
        [EXEC_INVOCATION] = NUMBER("$.invocation", 1),
        [EXEC_VERDICT] = TEXT("$.verdict"),
        [EXEC_LINE] = TEXT("$.program"),
        [EXEC_REASON] = TEXT("$.reason"),
        [EXEC_HINT] = TEXT("$.hint"),
        [EXEC_ARGV] = LIST("$.argv"),
};
static const struct export_field monitor_fields[EXEC_COUNT] = {
        [EXEC_INVOCATION] = NUMBER("$.invocation", 1),
        [EXEC_VERDICT] = TEXT("$.verdict"),
        [EXEC_LINE] = TEXT("$.program"),
        [EXEC_REASON] = TEXT("$.reason"),
        [EXEC_HINT] = TEXT("$.hint"),
        [EXEC_ARGV] = LIST("$.argv"),
};

enum {
        EXIT_INVOCATION,
        EXIT_STATUS,
        EXIT_SIGNAL,
        EXIT_HOW,
        EXIT_DURATION,
        EXIT_REFUSED,
        EXIT_STDOUT,
        EXIT_STDERR,
        EXIT_CPU,
        EXIT_MEMORY,
        EXIT_STAGES,
        EXIT_COUNT
};
static const struct export_field exit_fields[EXIT_COUNT] = {
        [EXIT_INVOCATION] = NUMBER("$.invocation", 1),
        [EXIT_STATUS] = NUMBER("$.status", 0),
        [EXIT_SIGNAL] = NUMBER("$.signal", 1),
        [EXIT_HOW] = TEXT("$.how"),
        [EXIT_DURATION] = NUMBER("$.duration_us", 0),
        [EXIT_REFUSED] = NUMBER("$.refused_children", 1),
        [EXIT_STDOUT] = NUMBER("$.stdout_bytes", 0),
        [EXIT_STDERR] = NUMBER("$.stderr_bytes", 0),
        [EXIT_CPU] = NUMBER("$.user_us + $.system_us", 0),
        [EXIT_MEMORY] = NUMBER("$.max_rss_kb", 0),
        [EXIT_STAGES] = LIST("$.stage_status"),
};

enum { CLOSE_HOW, CLOSE_COMMANDS, CLOSE_DENIED, CLOSE_DURATION, CLOSE_BY, CLOSE_UID, CLOSE_COUNT };
static const struct export_field close_fields[CLOSE_COUNT] = {
        [CLOSE_HOW] = TEXT("$.how"),
        [CLOSE_COMMANDS] = NUMBER("$.commands", 0),
        [CLOSE_DENIED] = NUMBER("$.denied", 0),
        [CLOSE_DURATION] = NUMBER("$.duration_us", 0),
        [CLOSE_BY] = TEXT("$.by.name"),
        [CLOSE_UID] = NUMBER("$.by.uid", 0),
};

static const struct export_field context_fields[] = { TEXT("$.user") };

#define KIND(kind_name, list)                                                                \
        {                                                                                    \
                .kind = kind_name, .fields = list, .count = sizeof(list) / sizeof((list)[0]) \
        }
static const struct export_kind kinds[] = {
        KIND("open", open_fields),       KIND("exec", exec_fields), KIND("child", child_fields),
        KIND("monitor", monitor_fields), KIND("exit", exit_fields), KIND("close", close_fields),
};
const struct export_table logline_table = {
        .kinds = kinds,
        .count = sizeof(kinds) / sizeof(kinds[0]),
        .context = KIND("open", context_fields),
};

/* In records a byte that is not UTF-8 stands as a character of its own (base/json.h). */
static void put_value(struct buf *buf, const struct export_value *value,
                      void (*put)(struct buf *buf, const char *bytes, size_t length))
{
        cleanup_free char *bytes = NULL;

        if (!value->present) {
                buf_put_char(buf, '-');
                return;
        }
        bytes = malloc(value->length + 1);
        if (bytes == NULL) {
                buf->error = buf->error != 0 ? buf->error : -ENOMEM;
                return;
        }
        memcpy(bytes, value->text, value->length);
        put(buf, bytes, json_restore_bytes(bytes, value->length));
}

static void put_optional(struct buf *buf, const char *before, const struct export_value *value)
{
        if (!value->present)
                return;
        buf_put_text(buf, before);
        put_value(buf, value, show_put_text);
}

static void put_duration(struct buf *buf, const struct export_value *value)
{
        if (!value->present)
                return;
        buf_put_text(buf, ", ");
        stamp_put_length(buf, value->integer);
}

static void put_invocation(struct buf *buf, const struct export_value *value)
{
        if (value->present)
                buf_printf(buf, "#%" PRId64 " ", value->integer);
}

static void put_named(struct buf *buf, const struct export_value *name)
{
        if (!name->present)
                return;
        put_optional(buf, " (", name);
        buf_put_char(buf, ')');
}

static void put_open(struct buf *buf, const struct export_value *values)
{
        put_value(buf, &values[OPEN_USER], show_put);
        put_optional(buf, " from ", &values[OPEN_CLIENT]);
        put_optional(buf, ", ", &values[OPEN_METHOD]);
        put_optional(buf, " ", &values[OPEN_KEY_TYPE]);
        put_optional(buf, " ", &values[OPEN_KEY]);
        put_named(buf, &values[OPEN_KEY_NAME]);
        put_optional(buf, ", the kernel lacks ", &values[OPEN_MISSING]);
}

static void put_exec(struct buf *buf, const struct export_value *values)
{
        put_invocation(buf, &values[EXEC_INVOCATION]);
        if (values[EXEC_VERDICT].present) {
                put_value(buf, &values[EXEC_VERDICT], show_put);
                buf_put_char(buf, ' ');
        }
        put_value(buf, &values[EXEC_LINE], show_put_quoted);
        put_optional(buf, ": ", &values[EXEC_REASON]);
}

static void put_exit(struct buf *buf, const struct export_value *values)
{
        put_invocation(buf, &values[EXIT_INVOCATION]);
        if (values[EXIT_SIGNAL].present)
                buf_printf(buf, "signal %" PRId64, values[EXIT_SIGNAL].integer);
        else if (values[EXIT_STATUS].present)
                buf_printf(buf, "status %" PRId64, values[EXIT_STATUS].integer);
        else
                buf_put_text(buf, "no status");
        put_optional(buf, ", ", &values[EXIT_HOW]);
        put_duration(buf, &values[EXIT_DURATION]);
        if (values[EXIT_REFUSED].present)
                buf_printf(buf, ", %" PRId64 " programs refused", values[EXIT_REFUSED].integer);
}

static void put_close(struct buf *buf, const struct export_value *values)
{
        put_value(buf, &values[CLOSE_HOW], show_put);
        put_optional(buf, " by ", &values[CLOSE_BY]);
        if (values[CLOSE_UID].present)
                buf_printf(buf, " (uid %" PRId64 ")", values[CLOSE_UID].integer);
        buf_printf(buf, ", %" PRId64 " commands, %" PRId64 " denied", values[CLOSE_COMMANDS].integer,
                   values[CLOSE_DENIED].integer);
        put_duration(buf, &values[CLOSE_DURATION]);
}

/* What `detail` adds, on a line of its own. */
struct detail {
        const char *label;
        size_t value;
};

static const struct detail open_details[] = {
        { "host", OPEN_HOST },        { "boot", OPEN_BOOT }, { "policy", OPEN_POLICY },
        { "pam_diag", OPEN_VERSION }, { NULL, 0 },
};
static const struct detail exec_details[] = { { "hint", EXEC_HINT }, { "argv", EXEC_ARGV }, { NULL, 0 } };
static const struct detail exit_details[] = {
        { "stdout bytes", EXIT_STDOUT }, { "stderr bytes", EXIT_STDERR }, { "CPU us", EXIT_CPU },
        { "memory KiB", EXIT_MEMORY },   { "stages", EXIT_STAGES },       { NULL, 0 },
};
static const struct detail close_details[] = { { NULL, 0 } };

static const struct layout {
        const char *kind;
        size_t count;
        void (*put)(struct buf *buf, const struct export_value *values);
        const struct detail *details;
} layouts[] = {
        { "open", OPEN_COUNT, put_open, open_details },    { "exec", EXEC_COUNT, put_exec, exec_details },
        { "child", EXEC_COUNT, put_exec, exec_details },   { "exit", EXIT_COUNT, put_exit, exit_details },
        { "monitor", EXEC_COUNT, put_exec, exec_details }, { "close", CLOSE_COUNT, put_close, close_details },
};

static void put_details(struct buf *buf, const struct detail *detail, const struct export_value *values)
{
        const char *before = "\n    ";

        for (; detail->label != NULL; detail++) {
                const struct export_value *value = &values[detail->value];

                if (!value->present)
                        continue;
                buf_printf(buf, "%s%s ", before, detail->label);
                if (value->field->type == EXPORT_INTEGER)
                        buf_printf(buf, "%" PRId64, value->integer);
                else
                        put_value(buf, value, show_put_text);
                before = ", ";
        }
}

static bool has_text(const struct export_value *value, const char *text)
{
        return value->present && value->length == strlen(text) && memcmp(value->text, text, value->length) == 0;
}

static enum paint paint_of(const struct export_row *row, const struct layout *layout)
{
        if (layout->put == put_open)
                return PAINT_GOOD;
        if (layout->put == put_close)
                return PAINT_FAINT;
        if (layout->put == put_exec)
                return has_text(&row->values[EXEC_VERDICT], "deny") ? PAINT_BAD : PAINT_NONE;
        return has_text(&row->values[EXIT_HOW], "exited") && !row->values[EXIT_SIGNAL].present ? PAINT_FAINT
                                                                                               : PAINT_ODD;
}

/* A kind that this version does not know, or a row of another shape, is shown by its name alone. */
static const struct layout *find_layout(const struct export_row *row)
{
        for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
                if (strcmp(layouts[i].kind, row->kind) == 0 && row->value_count == layouts[i].count)
                        return &layouts[i];
        return NULL;
}

int logline_put(struct buf *buf, const struct export_row *row, const struct logline_style *style)
{
        const struct layout *layout = find_layout(row);
        enum paint paint = style->paint && layout != NULL ? paint_of(row, layout) : PAINT_NONE;

        buf_put_text(buf, paint_begin(paint));
        stamp_put(buf, row->time_us, style->local);
        buf_put_char(buf, ' ');
        show_put(buf, row->session, strnlen(row->session, SESSION_SHOWN));
        buf_put_char(buf, ' ');
        show_put(buf, row->kind, strlen(row->kind));
        if (layout != NULL) {
                buf_put_char(buf, ' ');
                layout->put(buf, row->values);
        }
        buf_put_text(buf, paint_end(paint));
        if (layout != NULL && style->detail)
                put_details(buf, layout->details, row->values);
        return buf->error;
}
