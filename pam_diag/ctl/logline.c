#include "pam_diag/ctl/logline.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pam_diag/base/json.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/ctl/show.h"

enum { SESSION_SHOWN = 8, US_PER_S = 1000000 };

#define TEXT(where)                                            \
        {                                                      \
                .name = "", .path = where, .type = EXPORT_TEXT \
        }
#define NUMBER(where, low)                                                      \
        {                                                                       \
                .name = "", .path = where, .type = EXPORT_INTEGER, .least = low \
        }

enum { OPEN_USER, OPEN_CLIENT, OPEN_METHOD, OPEN_KEY_TYPE, OPEN_KEY, OPEN_MISSING, OPEN_COUNT };
static const struct export_field open_fields[OPEN_COUNT] = {
        [OPEN_USER] = TEXT("$.user"),         [OPEN_CLIENT] = TEXT("$.client"), [OPEN_METHOD] = TEXT("$.auth_method"),
        [OPEN_KEY_TYPE] = TEXT("$.key_type"), [OPEN_KEY] = TEXT("$.key"),       [OPEN_MISSING] = TEXT("$.missing[0]"),
};

enum { EXEC_INVOCATION, EXEC_VERDICT, EXEC_LINE, EXEC_REASON, EXEC_COUNT };
static const struct export_field exec_fields[EXEC_COUNT] = {
        [EXEC_INVOCATION] = NUMBER("$.invocation", 1),
        [EXEC_VERDICT] = TEXT("$.verdict"),
        [EXEC_LINE] = TEXT("$.line"),
        [EXEC_REASON] = TEXT("$.reason"),
};

/* Of the same shape, so that one function shows both. */
static const struct export_field child_fields[EXEC_COUNT] = {
        [EXEC_INVOCATION] = NUMBER("$.invocation", 1),
        [EXEC_VERDICT] = TEXT("$.verdict"),
        [EXEC_LINE] = TEXT("$.program"),
        [EXEC_REASON] = TEXT("$.reason"),
};
static const struct export_field monitor_fields[EXEC_COUNT] = {
        [EXEC_INVOCATION] = NUMBER("$.invocation", 1),
        [EXEC_VERDICT] = TEXT("$.verdict"),
        [EXEC_LINE] = TEXT("$.program"),
        [EXEC_REASON] = TEXT("$.reason"),
};

enum { EXIT_INVOCATION, EXIT_STATUS, EXIT_SIGNAL, EXIT_HOW, EXIT_DURATION, EXIT_REFUSED, EXIT_COUNT };
static const struct export_field exit_fields[EXIT_COUNT] = {
        [EXIT_INVOCATION] = NUMBER("$.invocation", 1), [EXIT_STATUS] = NUMBER("$.status", 0),
        [EXIT_SIGNAL] = NUMBER("$.signal", 1),         [EXIT_HOW] = TEXT("$.how"),
        [EXIT_DURATION] = NUMBER("$.duration_us", 0),  [EXIT_REFUSED] = NUMBER("$.refused_children", 1),
};

enum { CLOSE_HOW, CLOSE_COMMANDS, CLOSE_DENIED, CLOSE_DURATION, CLOSE_COUNT };
static const struct export_field close_fields[CLOSE_COUNT] = {
        [CLOSE_HOW] = TEXT("$.how"),
        [CLOSE_COMMANDS] = NUMBER("$.commands", 0),
        [CLOSE_DENIED] = NUMBER("$.denied", 0),
        [CLOSE_DURATION] = NUMBER("$.duration_us", 0),
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
        int64_t us = value->integer;

        if (!value->present)
                return;
        if (us < US_PER_S)
                buf_printf(buf, ", %" PRId64 ".%03" PRId64 " ms", us / 1000, us % 1000);
        else
                buf_printf(buf, ", %" PRId64 ".%03" PRId64 " s", us / US_PER_S, us % US_PER_S / 1000);
}

static void put_invocation(struct buf *buf, const struct export_value *value)
{
        if (value->present)
                buf_printf(buf, "#%" PRId64 " ", value->integer);
}

static void put_open(struct buf *buf, const struct export_value *values)
{
        put_value(buf, &values[OPEN_USER], show_put);
        put_optional(buf, " from ", &values[OPEN_CLIENT]);
        put_optional(buf, ", ", &values[OPEN_METHOD]);
        put_optional(buf, " ", &values[OPEN_KEY_TYPE]);
        put_optional(buf, " ", &values[OPEN_KEY]);
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
        buf_printf(buf, ", %" PRId64 " commands, %" PRId64 " denied", values[CLOSE_COMMANDS].integer,
                   values[CLOSE_DENIED].integer);
        put_duration(buf, &values[CLOSE_DURATION]);
}

static const struct {
        const char *kind;
        size_t count;
        void (*put)(struct buf *buf, const struct export_value *values);
} texts[] = {
        { "open", OPEN_COUNT, put_open }, { "exec", EXEC_COUNT, put_exec },    { "child", EXEC_COUNT, put_exec },
        { "exit", EXIT_COUNT, put_exit }, { "monitor", EXEC_COUNT, put_exec }, { "close", CLOSE_COUNT, put_close },
};

static void put_time(struct buf *buf, int64_t time_us, bool local)
{
        time_t seconds = (time_t)(time_us / US_PER_S);
        struct tm parts;
        char text[64];

        if ((local ? localtime_r(&seconds, &parts) : gmtime_r(&seconds, &parts)) == NULL ||
            strftime(text, sizeof(text), local ? "%Y-%m-%d %H:%M:%S" : "%Y-%m-%dT%H:%M:%S", &parts) == 0)
                buf_printf(buf, "%" PRId64 "us", time_us);
        else if (local)
                buf_printf(buf, "%s.%03" PRId64, text, time_us % US_PER_S / 1000);
        else
                buf_printf(buf, "%s.%06" PRId64 "Z", text, time_us % US_PER_S);
}

int logline_put(struct buf *buf, const struct export_row *row, bool local)
{
        put_time(buf, row->time_us, local);
        buf_put_char(buf, ' ');
        show_put(buf, row->session, strnlen(row->session, SESSION_SHOWN));
        buf_put_char(buf, ' ');
        show_put(buf, row->kind, strlen(row->kind));
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
                if (strcmp(texts[i].kind, row->kind) == 0 && row->value_count == texts[i].count) {
                        buf_put_char(buf, ' ');
                        texts[i].put(buf, row->values);
                }
        return buf->error;
}
