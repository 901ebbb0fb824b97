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

#define TEXT(field, where)                                            \
        {                                                             \
                .name = (field), .path = (where), .type = EXPORT_TEXT \
        }
#define LIST(field, where)                                            \
        {                                                             \
                .name = (field), .path = (where), .type = EXPORT_LIST \
        }
#define NUMBER(field, where, low)                                                        \
        {                                                                                \
                .name = (field), .path = (where), .type = EXPORT_INTEGER, .least = (low) \
        }

static const struct export_field session_fields[] = {
        TEXT("host.name", "$.host"),
        TEXT("user.name", "$.user"),
        TEXT("client.address", "$.client"),
        TEXT("diag.ssh.key.fingerprint", "$.key"),
        TEXT("diag.ssh.key.name", "$.key_name"),
};

static const struct export_field open_fields[] = {
        TEXT("diag.service", "$.service"),       TEXT("diag.ssh.auth.method", "$.auth_method"),
        TEXT("diag.ssh.key.type", "$.key_type"), TEXT("diag.policy", "$.policy"),
        TEXT("diag.version", "$.version"),       LIST("diag.missing", "$.missing"),
};

static const struct export_field exec_fields[] = {
        NUMBER("diag.invocation", "$.invocation", 0),
        NUMBER("client.port", "$.client_port", 1),
        TEXT("diag.verdict", "$.verdict"),
        TEXT("diag.code", "$.code"),
        TEXT("diag.reason", "$.reason"),
        TEXT("security_rule.name", "$.rule"),
        TEXT("process.command_line", "$.line"),
        TEXT("process.executable.path", "$.stages[0].program"),
        LIST("process.command_args", "$.stages[0].argv"),
        LIST("diag.words", "$.stages[0].words"),
        TEXT("process.working_directory", "$.cwd"),
};

static const struct export_field child_fields[] = {
        NUMBER("diag.invocation", "$.invocation", 0),
        TEXT("diag.verdict", "$.verdict"),
        TEXT("diag.reason", "$.reason"),
        NUMBER("process.pid", "$.pid", 0),
        TEXT("process.executable.path", "$.program"),
        LIST("process.command_args", "$.argv"),
};

static const struct export_field monitor_fields[] = {
        NUMBER("process.pid", "$.pid", 0),
        TEXT("process.executable.path", "$.program"),
        LIST("process.command_args", "$.argv"),
};

static const struct export_field exit_fields[] = {
        NUMBER("diag.invocation", "$.invocation", 0),
        TEXT("diag.exit.how", "$.how"),
        NUMBER("process.exit.code", "$.status", 0),
        NUMBER("diag.exit.signal", "$.signal", 1),
        NUMBER("diag.duration_us", "$.duration_us", 0),
        NUMBER("diag.output_bytes", "$.stdout_bytes + $.stderr_bytes", 0),
        NUMBER("diag.refused_children", "$.refused_children", 0),
};

static const struct export_field close_fields[] = {
        TEXT("diag.close.how", "$.how"),
        TEXT("diag.close.by", "$.by.name"),
        NUMBER("diag.audit_lost", "$.audit_lost", 1),
        NUMBER("diag.commands", "$.commands", 0),
        NUMBER("diag.denied", "$.denied", 0),
        NUMBER("diag.duration_us", "$.duration_us", 0),
};

static const struct export_field head_fields[] = {
        TEXT("host.name", "$.host"),          TEXT("diag.head.log", "$.log"),
        NUMBER("diag.head.seq", "$.head", 0), TEXT("diag.head.hash", "$.head_hash"),
        TEXT("diag.reason", "$.reason"),      TEXT("diag.head.verifier", "$.verifier"),
        TEXT("diag.head.note", "$.note"),
};

static const struct export_field prune_fields[] = {
        TEXT("host.name", "$.host"),
        NUMBER("diag.prune.first", "$.first", 0),
        NUMBER("diag.prune.anchor", "$.anchor", 0),
        TEXT("diag.prune.hash", "$.anchor_hash"),
        TEXT("diag.reason", "$.reason"),
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

static const struct export_value *find(const struct export_value *values, size_t count, const char *name)
{
        for (size_t i = 0; i < count; i++)
                if (values[i].present && strcmp(values[i].field->name, name) == 0)
                        return &values[i];
        return NULL;
}

const struct export_value *fields_find(const struct export_row *row, const char *name)
{
        const struct export_value *value = find(row->values, row->value_count, name);

        return value != NULL ? value : find(row->context, row->context_count, name);
}
