/* Events for the kernel's audit, as name=value text. Pure.
 *
 * Linked by: diag-supervisor.
 *
 * What a session can choose is encoded by libaudit (audit_encode_nv_string(3)): in quotation marks, or in hexadecimal when a byte of it could
 * end the field, so no text can add a field, a record, or another result. `seq` and `hash` name the row in the audit database.
 */
#pragma once

#include <stdint.h>

#include "pam_diag/base/buf.h"

struct kaudit_row {
        const char *session;
        int64_t invocation;
        int64_t seq;
        const unsigned char *hash; /* AUDITDB_HASH_SIZE bytes */
};

/* A command line and what was decided. Longer ones are cut, and say so: the kernel takes some 8 KiB. `rule` may be NULL. */
void kaudit_text_exec(struct buf *buf, const struct kaudit_row *row, const char *user, const char *verdict,
                      const char *rule, const char *line, size_t length);

/* How a command ended. */
void kaudit_text_exit(struct buf *buf, const struct kaudit_row *row, const char *how, int64_t status, int64_t signal);

/* The address if it is a number, as it has to be in audit's own fields, else NULL. */
const char *kaudit_address(const char *client);
