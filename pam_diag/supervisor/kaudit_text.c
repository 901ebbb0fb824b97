#include "pam_diag/supervisor/kaudit_text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <libaudit.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "sql/auditdb.h"

enum { LINE_MOST = 3000, WORD_MOST = 200 };

static void put_field(struct buf *buf, const char *name, const char *value, size_t length)
{
        cleanup_free char *field = NULL;

        /* A length of 0 means to libaudit: up to the NUL. */
        field = audit_encode_nv_string(name, length == 0 ? "" : value, (unsigned)length);
        if (field == NULL) {
                buf->error = buf->error != 0 ? buf->error : -ENOMEM;
                return;
        }
        buf_put_char(buf, ' ');
        buf_put_text(buf, field);
}

static void put_row(struct buf *buf, const char *operation, const struct kaudit_row *row)
{
        buf_printf(buf, "op=%s session=%s invocation=%" PRId64 " seq=%" PRId64 " hash=", operation, row->session,
                   row->invocation, row->seq);
        for (size_t i = 0; i < AUDITDB_HASH_SIZE; i++)
                buf_printf(buf, "%02x", row->hash[i]);
}

void kaudit_text_exec(struct buf *buf, const struct kaudit_row *row, const char *user, const char *verdict,
                      const char *rule, const char *line, size_t length)
{
        put_row(buf, "diag-exec", row);
        buf_printf(buf, " verdict=%s", verdict);
        put_field(buf, "acct", user, strnlen(user, WORD_MOST));
        if (rule != NULL)
                put_field(buf, "rule", rule, strnlen(rule, WORD_MOST));
        if (length > LINE_MOST)
                buf_printf(buf, " length=%zu", length);
        put_field(buf, "cmd", line, length > LINE_MOST ? LINE_MOST : length);
}

void kaudit_text_exit(struct buf *buf, const struct kaudit_row *row, const char *how, int64_t status, int64_t signal)
{
        put_row(buf, "diag-exit", row);
        buf_printf(buf, " how=%s status=%" PRId64 " signal=%" PRId64, how, status, signal);
}

const char *kaudit_address(const char *client)
{
        unsigned char bytes[sizeof(struct in6_addr)];

        if (client != NULL && (inet_pton(AF_INET, client, bytes) == 1 || inet_pton(AF_INET6, client, bytes) == 1))
                return client;
        return NULL;
}
