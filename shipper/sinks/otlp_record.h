/* One row as an OTLP LogRecord.
 *
 * Linked by: diag-ship.
 */
#pragma once

#include "pam_diag/base/buf.h"
#include "sql/export.h"

/* Appends the JSON object (opentelemetry.io/docs/specs/otlp, JSON Protobuf encoding): keys in lowerCamelCase, 64-bit integers as
 * strings, enums as numbers. A record longer than `most` bytes is written short, as line.h says. 0 or -errno. */
int otlp_record_put(struct buf *buf, struct auditdb *db, const struct export_row *row, size_t most);

/* `{"key":NAME,"value":{"stringValue":TEXT}}` */
void otlp_put_string(struct buf *buf, const char *name, size_t name_length, const char *text, size_t length);
