/* OpenTelemetry's names for what is the same in every row (opentelemetry.io/docs/specs/otel/logs/data-model). Frozen.
 *
 * Linked by: diag-ship.
 */
#pragma once

#define OTEL_SERVICE "pam_diag"
#define OTEL_SCHEMA_URL "https://opentelemetry.io/schemas/1.27.0"

enum { OTEL_SEVERITY_INFO = 9, OTEL_SEVERITY_WARN = 13 };
