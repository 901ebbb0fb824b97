/* The sinks that ship.conf names.
 *
 * Linked by: diag-ship.
 *
 * Read by the policy's own reader (policy/ini.h): unknown keys, keys that a type does not take and values that mean nothing are
 * errors with file:line:column; all are reported, and any of them refuses the whole file. ship.conf(5) is the reference.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pam_diag/policy/errors.h"
#include "shipper/fault.h"

struct sink_type; /* sinks/sink.h */

enum {
        CONF_SINKS_MOST = 16,
        CONF_NAME_MOST = 64,
        CONF_BATCH_ROWS = 2000,
        CONF_BATCH_ROWS_MOST = 100000,
        CONF_BATCH_BYTES = 1024 * 1024,
};

/* The common keys, as bits: a type says which of them it takes. batch-bytes, batch-rows and retry are taken by all. */
enum {
        SINK_URL = 1 << 0,
        SINK_PATH = 1 << 1,
        SINK_LABEL = 1 << 2,
        SINK_TENANT = 1 << 3,
        SINK_LOGIN = 1 << 4, /* user, password, token */
        SINK_CA = 1 << 5,
        SINK_CLIENT = 1 << 6, /* certificate, key */
        SINK_TIMEOUT = 1 << 7,
        SINK_SETTLE = 1 << 8,
        SINK_GZIP = 1 << 9,
        SINK_PROXY = 1 << 10,
        SINK_CLEARTEXT = 1 << 11,
        SINK_OLDEST = 1 << 12,
        SINK_LINE = 1 << 13,
        SINK_COMMON = 1 << 14,
};

/* Owned by struct ship_config. Strings that were not given are NULL, but for the target. */
struct sink_config {
        char *name; /* names the cursor; of an ad-hoc sink, its spec */
        const struct sink_type *type;
        char *target; /* the URL or the path, or what follows the colon of a spec; "" when there is none */
        char **labels; /* "name=value" */
        char **options; /* "key=value", the keys that are the type's own */
        char *tenant;
        char *user;
        char *password; /* names of credentials (credential.h) */
        char *token;
        char *private_key;
        char *certificate; /* absolute paths */
        char *ca;
        char *proxy;
        uint64_t timeout_ms; /* of one request or reply */
        uint64_t retry_ms; /* in all, without progress, of one run */
        uint64_t settle_ms; /* between the acknowledgement and the durable cursor */
        uint64_t oldest_ms; /* how far back the sink takes rows; 0: any */
        uint64_t batch_bytes;
        uint64_t batch_rows;
        uint64_t line_bytes; /* the longest line that the sink takes; 0: any */
        bool gzip;
        bool cleartext; /* credentials may travel without TLS */
};

struct ship_config {
        struct sink_config *sinks[CONF_SINKS_MOST];
        size_t count;
};

void conf_free(struct ship_config *config);
#define cleanup_conf __attribute__((cleanup(conf_free)))

/* Reads the text of a ship.conf; `file` is a name for messages. `types` NULL: only the names of the sinks are wanted, for a program
 * without sinks; nothing else is judged then. 0 when errors->count did not grow; -EINVAL, -ENOMEM. Pure. */
int conf_parse(const char *file, const char *text, size_t length, const struct sink_type *const *types,
               size_t type_count, struct policy_errors *errors, struct ship_config *ret_config);

/* The same from a file that root owns and nobody else may write (policy/trust.h). -ENOENT when there is none, and then no error is
 * added. */
int conf_load(const char *path, const struct sink_type *const *types, size_t type_count, struct policy_errors *errors,
              struct ship_config *ret_config);

/* Adds the sink of an ad-hoc "type:target". */
int conf_add_spec(struct ship_config *config, const char *spec, const struct sink_type *const *types, size_t type_count,
                  struct fault *fault);

const struct sink_config *conf_find(const struct ship_config *config, const char *name);

/* The value of a key of the type's own, the last when it was given more than once; NULL when it was not. */
const char *conf_option(const struct sink_config *sink, const char *key);
