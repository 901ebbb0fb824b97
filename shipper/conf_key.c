#include "shipper/conf_key.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/base/num.h"
#include "pam_diag/policy/measure.h"

enum value { TEXT, LABEL, CREDENTIAL, FILE_PATH, DURATION, BYTES, ROWS, SWITCH };

static const struct key {
        const char *name;
        unsigned bit;
        enum value value;
        size_t offset;
        uint64_t least; /* of a duration (ms) or a number of bytes */
        uint64_t most;
} keys[] = {
        { "url", SINK_URL, TEXT, offsetof(struct sink_config, target), 0, 0 },
        { "path", SINK_PATH, FILE_PATH, offsetof(struct sink_config, target), 0, 0 },
        { "label", SINK_LABEL, LABEL, offsetof(struct sink_config, labels), 0, 0 },
        { "tenant", SINK_TENANT, TEXT, offsetof(struct sink_config, tenant), 0, 0 },
        { "user", SINK_LOGIN, TEXT, offsetof(struct sink_config, user), 0, 0 },
        { "password", SINK_LOGIN, CREDENTIAL, offsetof(struct sink_config, password), 0, 0 },
        { "token", SINK_LOGIN, CREDENTIAL, offsetof(struct sink_config, token), 0, 0 },
        { "ca", SINK_CA, FILE_PATH, offsetof(struct sink_config, ca), 0, 0 },
        { "certificate", SINK_CLIENT, FILE_PATH, offsetof(struct sink_config, certificate), 0, 0 },
        { "key", SINK_CLIENT, CREDENTIAL, offsetof(struct sink_config, private_key), 0, 0 },
        { "proxy", SINK_PROXY, TEXT, offsetof(struct sink_config, proxy), 0, 0 },
        { "timeout", SINK_TIMEOUT, DURATION, offsetof(struct sink_config, timeout_ms), 100, 600000 },
        { "retry", SINK_COMMON, DURATION, offsetof(struct sink_config, retry_ms), 0, 3600000 },
        { "settle", SINK_SETTLE, DURATION, offsetof(struct sink_config, settle_ms), 0, 600000 },
        { "oldest", SINK_OLDEST, DURATION, offsetof(struct sink_config, oldest_ms), 0, 7 * 86400000ULL },
        { "batch-bytes", SINK_COMMON, BYTES, offsetof(struct sink_config, batch_bytes), 4096, 16 << 20 },
        { "batch-rows", SINK_COMMON, ROWS, offsetof(struct sink_config, batch_rows), 1, CONF_BATCH_ROWS_MOST },
        { "line-bytes", SINK_LINE, BYTES, offsetof(struct sink_config, line_bytes), 0, 16 << 20 },
        { "gzip", SINK_GZIP, SWITCH, offsetof(struct sink_config, gzip), 0, 0 },
        { "cleartext", SINK_CLEARTEXT, SWITCH, offsetof(struct sink_config, cleartext), 0, 0 },
};
enum { KEYS = sizeof(keys) / sizeof(keys[0]) };
_Static_assert(sizeof(keys) / sizeof(keys[0]) <= (size_t)CONF_KEYS_MOST, "room for each key");

int conf_key_find(const char *key)
{
        for (int i = 0; i < KEYS; i++)
                if (strcmp(keys[i].name, key) == 0)
                        return i;
        return -1;
}

unsigned conf_key_bit(int number)
{
        return keys[number].bit;
}

bool conf_key_repeats(int number)
{
        return keys[number].value == LABEL;
}

/* A label's name is an identifier in every sink: Loki's is the strictest ([a-zA-Z_][a-zA-Z0-9_]*). */
static bool is_label(const char *text)
{
        size_t n = 0;

        while ((text[n] >= 'a' && text[n] <= 'z') || (text[n] >= 'A' && text[n] <= 'Z') || text[n] == '_' ||
               (n > 0 && text[n] >= '0' && text[n] <= '9'))
                n++;
        return n > 0 && n <= CONF_NAME_MOST && text[n] == '=' && text[n + 1] != '\0';
}

static bool is_credential(const char *text)
{
        if (text[0] == '/')
                return text[1] != '\0';
        return text[0] != '\0' && text[0] != '.' && strchr(text, '/') == NULL;
}

static int read_text(const struct key *key, const char *value, char **at, const char **ret_expected)
{
        *ret_expected = "expected a text";
        if (key->value == FILE_PATH && value[0] != '/') {
                *ret_expected = "expected a path that begins with /";
                return -EINVAL;
        }
        if (key->value == CREDENTIAL && !is_credential(value)) {
                *ret_expected = "expected the name of a credential or a path that begins with /";
                return -EINVAL;
        }
        if (value[0] == '\0')
                return -EINVAL;
        free(*at);
        *at = strdup(value);
        return *at == NULL ? -ENOMEM : 0;
}

static int read_number(const struct key *key, const char *value, uint64_t *at, const char **ret_expected)
{
        uint64_t number = 0;
        int r;

        if (key->value == DURATION) {
                *ret_expected = "expected a time span such as 500ms, 30s, 5m, within the bounds of ship.conf(5)";
                r = measure_duration_ms(value, &number);
        } else if (key->value == BYTES) {
                *ret_expected = "expected a number of bytes such as 65536, 64k, 1M, within the bounds of ship.conf(5)";
                r = measure_bytes(value, &number);
        } else {
                *ret_expected = "expected a number of rows from 1 to 100000";
                r = num_parse_u64(value, 1, CONF_BATCH_ROWS_MOST, &number);
        }
        if (r < 0 || number < key->least || number > key->most)
                return -EINVAL;
        *at = number;
        return 0;
}

static int read_switch(const char *value, bool *at, const char **ret_expected)
{
        *ret_expected = "expected yes or no";
        if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
                return -EINVAL;
        *at = value[0] == 'y';
        return 0;
}

int conf_key_read(int number, const char *value, struct sink_config *sink, const char **ret_expected)
{
        const struct key *key = &keys[number];
        void *at = (char *)sink + key->offset;

        switch (key->value) {
        case SWITCH:
                return read_switch(value, at, ret_expected);
        case DURATION:
        case BYTES:
        case ROWS:
                return read_number(key, value, at, ret_expected);
        case LABEL:
                *ret_expected = "expected NAME=VALUE, the name of letters, digits and _";
                return is_label(value) ? strv_append(at, value) : -EINVAL;
        case TEXT:
        case CREDENTIAL:
        case FILE_PATH:
                break;
        }
        return read_text(key, value, at, ret_expected);
}
