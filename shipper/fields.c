#include "shipper/fields.h"

#include <string.h>

/* Names are OpenTelemetry's where it has one (semantic conventions, 2024), else `diag.…`. They and their order are
 * frozen: a line that is sent again must have the same bytes.
 *
 *   every row   log.record.uid (<database>:<seq>), time, eventName (diag.<kind>), session.id, of the session's open
 *               record host.name, user.name, client.address, diag.ssh.key.fingerprint and .name; at the end diag.chain (hash of
 *               the row) and diag.rec (the stored record, byte for byte)
 *   open        service, login and policy
 *   exec        the line as received, the first stage's argv as executed (the words as split when denied), the verdict
 *   child       a program that a process of the session wanted to execute
 *   monitor     a program that sshd's monitor started
 *   exit        status, signal, duration, output
 *   close       how, duration, numbers
 *   head        where the chain stood, as a signed note: the log server is its witness
 *   prune       which rows were removed from the database, and why
 *
 * A member that is null or missing has no field. Bytes that are not UTF-8 are U+FFFD in the text, and then a second
 * field, the name with `_base64`, gives the original bytes. */

#define FIELD(field, number, where, kind, low)                                                                      \
        {                                                                                                           \
                .name = (field), .name_length = sizeof(field) - 1, .id = (number), .path = (where), .type = (kind), \
                .least = (low)                                                                                      \
        }
#define TEXT(field, where) FIELD(field, FIELD_NONE, where, EXPORT_TEXT, 0)
#define LIST(field, where) FIELD(field, FIELD_NONE, where, EXPORT_LIST, 0)
#define NUMBER(field, where, low) FIELD(field, FIELD_NONE, where, EXPORT_INTEGER, low)
/* The same, found by an id. */
#define TEXT_ID(field, id, where) FIELD(field, id, where, EXPORT_TEXT, 0)
#define NUMBER_ID(field, id, where, low) FIELD(field, id, where, EXPORT_INTEGER, low)

static const struct export_field session_fields[] = {
        TEXT_ID("host.name", FIELD_HOST, "$.host"),
        TEXT_ID("user.name", FIELD_USER, "$.user"),
        TEXT_ID("client.address", FIELD_CLIENT, "$.client"),
        TEXT_ID("diag.ssh.key.fingerprint", FIELD_KEY, "$.key"),
        TEXT("diag.ssh.key.name", "$.key_name"),
};

static const struct export_field open_fields[] = {
        TEXT("diag.service", "$.service"),       TEXT("diag.ssh.auth.method", "$.auth_method"),
        TEXT("diag.ssh.key.type", "$.key_type"), TEXT("diag.policy", "$.policy"),
        TEXT("diag.version", "$.version"),       LIST("diag.missing", "$.missing"),
        TEXT("diag.limits", "$.limits"),
};

static const struct export_field exec_fields[] = {
        NUMBER_ID("diag.invocation", FIELD_INVOCATION, "$.invocation", 0),
        NUMBER("client.port", "$.client_port", 1),
        TEXT_ID("diag.verdict", FIELD_VERDICT, "$.verdict"),
        TEXT_ID("diag.code", FIELD_CODE, "$.code"),
        TEXT_ID("diag.reason", FIELD_REASON, "$.reason"),
        TEXT_ID("security_rule.name", FIELD_RULE, "$.rule"),
        TEXT_ID("process.command_line", FIELD_LINE, "$.line"),
        TEXT_ID("process.executable.path", FIELD_PROGRAM, "$.stages[0].program"),
        LIST("process.command_args", "$.stages[0].argv"),
        LIST("diag.words", "$.stages[0].words"),
        TEXT("process.working_directory", "$.cwd"),
};

static const struct export_field child_fields[] = {
        NUMBER_ID("diag.invocation", FIELD_INVOCATION, "$.invocation", 0),
        TEXT_ID("diag.verdict", FIELD_VERDICT, "$.verdict"),
        TEXT_ID("diag.reason", FIELD_REASON, "$.reason"),
        NUMBER("process.pid", "$.pid", 0),
        TEXT_ID("process.executable.path", FIELD_PROGRAM, "$.program"),
        LIST("process.command_args", "$.argv"),
};

static const struct export_field monitor_fields[] = {
        NUMBER("process.pid", "$.pid", 0),
        TEXT_ID("process.executable.path", FIELD_PROGRAM, "$.program"),
        LIST("process.command_args", "$.argv"),
};

static const struct export_field exit_fields[] = {
        NUMBER_ID("diag.invocation", FIELD_INVOCATION, "$.invocation", 0),
        TEXT_ID("diag.exit.how", FIELD_EXIT_HOW, "$.how"),
        NUMBER_ID("process.exit.code", FIELD_EXIT_STATUS, "$.status", 0),
        NUMBER_ID("diag.exit.signal", FIELD_EXIT_SIGNAL, "$.signal", 1),
        NUMBER("diag.duration_us", "$.duration_us", 0),
        NUMBER("diag.output_bytes", "$.stdout_bytes + $.stderr_bytes", 0),
        NUMBER("diag.refused_children", "$.refused_children", 0),
};

static const struct export_field close_fields[] = {
        TEXT_ID("diag.close.how", FIELD_CLOSE_HOW, "$.how"),
        TEXT("diag.close.by", "$.by.name"),
        NUMBER("diag.audit_lost", "$.audit_lost", 1),
        NUMBER("diag.commands", "$.commands", 0),
        NUMBER("diag.denied", "$.denied", 0),
        NUMBER("diag.duration_us", "$.duration_us", 0),
};

static const struct export_field head_fields[] = {
        TEXT_ID("host.name", FIELD_HOST, "$.host"),
        TEXT("diag.head.log", "$.log"),
        NUMBER_ID("diag.head.seq", FIELD_HEAD_SEQ, "$.head", 0),
        TEXT("diag.head.hash", "$.head_hash"),
        TEXT_ID("diag.reason", FIELD_REASON, "$.reason"),
        TEXT("diag.head.verifier", "$.verifier"),
        TEXT("diag.head.note", "$.note"),
};

static const struct export_field prune_fields[] = {
        TEXT_ID("host.name", FIELD_HOST, "$.host"),
        NUMBER_ID("diag.prune.first", FIELD_PRUNE_FIRST, "$.first", 0),
        NUMBER_ID("diag.prune.anchor", FIELD_PRUNE_ANCHOR, "$.anchor", 0),
        TEXT("diag.prune.hash", "$.anchor_hash"),
        TEXT_ID("diag.reason", FIELD_REASON, "$.reason"),
        LIST("diag.prune.sinks", "$.sinks"),
};

#define KIND(name, list)                                     \
        {                                                    \
                name, list, sizeof(list) / sizeof((list)[0]) \
        }

static const struct export_kind kinds[] = {
        KIND("open", open_fields),       KIND("exec", exec_fields),   KIND("child", child_fields),
        KIND("monitor", monitor_fields), KIND("exit", exit_fields),   KIND("close", close_fields),
        KIND("head", head_fields),       KIND("prune", prune_fields),
};

const struct export_table fields_table = {
        .kinds = kinds,
        .count = sizeof(kinds) / sizeof(kinds[0]),
        .context = KIND("open", session_fields),
};

static const struct export_value *find(const struct export_value *values, size_t count, enum field_id id)
{
        for (size_t i = 0; i < count; i++)
                if (values[i].field->id == id && values[i].present)
                        return &values[i];
        return NULL;
}

const struct export_value *fields_find(const struct export_row *row, enum field_id id)
{
        const struct export_value *value = find(row->values, row->value_count, id);

        return value != NULL ? value : find(row->context, row->context_count, id);
}

/* The later ones yield to the earlier. */
static void keep_all(const struct export_value *values, size_t count, struct fields_found *found)
{
        for (size_t i = count; i-- > 0;)
                if (values[i].present)
                        found->of[values[i].field->id] = &values[i];
}

void fields_find_all(const struct export_row *row, struct fields_found *ret_found)
{
        *ret_found = (struct fields_found){ 0 };
        keep_all(row->context, row->context_count, ret_found);
        keep_all(row->values, row->value_count, ret_found);
}
