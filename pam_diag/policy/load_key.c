#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/base/num.h"
#include "pam_diag/policy/engine.h"
#include "pam_diag/policy/keys.h"
#include "pam_diag/policy/load.h"

enum { RATE_MOST = 6000, CONCURRENCY_MOST = 256, NAME_MOST = 64, FINGERPRINT_LENGTH = 43 };

void key_free(struct key *key)
{
        if (key == NULL)
                return;
        free(key->name);
        strv_free(key->fingerprints);
        strv_free(key->commands);
        free(key->command_lines);
        free(key->engine);
        free(key->file);
        free(key);
}

/* The name is part of a file's name (diag-supervisor's quota). */
static bool is_name(const char *name)
{
        return *name != '\0' && *name != '.' && strlen(name) <= NAME_MOST &&
               name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@+-")] == '\0';
}

int load_key_section(struct load *load, const struct ini_item *item)
{
        struct policy *policy = load->policy;
        const char *name = item->words[1];
        struct key **larger;
        struct key *key;

        strv_free(load->seen);
        load->seen = NULL;
        if (name == NULL || item->words[2] != NULL || !is_name(name)) {
                LOAD_ERROR(load, item, item->column, "expected [key NAME]: letters, digits and . _ @ + -, at most %d",
                           NAME_MOST);
                return 0;
        }
        for (size_t i = 0; i < policy->key_count; i++)
                if (strcmp(policy->keys[i]->name, name) == 0) {
                        LOAD_ERROR(load, item, item->column, "[key %s] is defined twice, first at %s:%u", name,
                                   policy->keys[i]->file, policy->keys[i]->line);
                        return 0;
                }
        larger = load_grow(policy->keys, policy->key_count, sizeof(struct key *));
        if (larger == NULL)
                return -ENOMEM;
        policy->keys = larger;
        key = calloc(1, sizeof(*key));
        if (key == NULL)
                return -ENOMEM;
        larger[policy->key_count++] = key;
        key->name = strdup(name);
        key->file = strdup(item->file);
        key->line = item->line;
        load->key = key;
        load->section = SECTION_KEY;
        return key->name == NULL || key->file == NULL ? -ENOMEM : 0;
}

static bool is_fingerprint(const char *text)
{
        static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

        return strncmp(text, "SHA256:", 7) == 0 && strlen(text + 7) == FINGERPRINT_LENGTH &&
               strspn(text + 7, alphabet) == FINGERPRINT_LENGTH;
}

static int add_fingerprint(struct load *load, const struct ini_item *item, const struct ini_span *span)
{
        cleanup_free char *word = strndup(span->text, span->length);
        const struct key *other;

        if (word == NULL)
                return -ENOMEM;
        other = key_find(load->policy, word);
        if (!is_fingerprint(word))
                LOAD_ERROR(load, item, span->column,
                           "%s is no fingerprint as `ssh-keygen -lf KEY.pub` prints it (SHA256:…)", word);
        else if (other != NULL)
                LOAD_ERROR(load, item, span->column, "%s belongs to [key %s] already", word, other->name);
        else
                return strv_append(&load->key->fingerprints, word);
        return 0;
}

static int add_fingerprints(struct load *load, const struct ini_item *item)
{
        struct ini_span span;
        const char *at = NULL;
        int r = 0;

        while (r == 0 && ini_next_word(item, &at, &span))
                r = add_fingerprint(load, item, &span);
        return r;
}

static int add_command(struct load *load, const struct ini_item *item, const char *name)
{
        struct key *key = load->key;
        size_t count = strv_length(key->commands);
        unsigned *lines = load_grow(key->command_lines, count, sizeof(*lines));

        if (lines == NULL)
                return -ENOMEM;
        key->command_lines = lines;
        lines[count] = item->line;
        return strv_append(&key->commands, name);
}

static int add_commands(struct load *load, const struct ini_item *item)
{
        struct ini_span span;
        const char *at = NULL;
        int r = 0;

        while (r == 0 && ini_next_word(item, &at, &span)) {
                cleanup_free char *word = strndup(span.text, span.length);

                r = word == NULL ? -ENOMEM : add_command(load, item, word);
        }
        return r;
}

/* One command with the words of its sub-command, one blank between them as in a rule's name. */
static int add_one_command(struct load *load, const struct ini_item *item)
{
        cleanup_buf struct buf name = BUF_INIT(INI_LINE_MOST);
        struct ini_span span;
        const char *at = NULL;

        while (ini_next_word(item, &at, &span)) {
                if (name.length > 0)
                        buf_put_char(&name, ' ');
                buf_put(&name, span.text, span.length);
        }
        return name.error != 0 ? name.error : add_command(load, item, name.data);
}

static int set_number(struct load *load, const struct ini_item *item, unsigned most, unsigned *ret_number)
{
        uint64_t number;

        if (num_parse_u64(item->value, 1, most, &number) < 0)
                LOAD_ERROR(load, item, item->value_column, "%s: expected a number from 1 to %u", item->key, most);
        else
                *ret_number = (unsigned)number;
        return 0;
}

static int set_expiry(struct load *load, const struct ini_item *item)
{
        load->key->has_expiry = true;
        if (key_parse_time(item->value, &load->key->expires_s) < 0)
                LOAD_ERROR(load, item, item->value_column,
                           "expires: expected a day (2026-12-31, from 00:00 UTC on) or a minute (2026-12-31T18:30Z)");
        return 0;
}

static int set_engine(struct load *load, const struct ini_item *item)
{
        if (!engine_is_known(item->value)) {
                LOAD_ERROR(load, item, item->value_column, "engine: expected one of %s", engine_names);
                return 0;
        }
        load->key->engine = strdup(item->value);
        return load->key->engine == NULL ? -ENOMEM : 0;
}

int load_key_item(struct load *load, const struct ini_item *item)
{
        if (item->value[0] == '\0') {
                LOAD_ERROR(load, item, item->value_column, "%s has no value", item->key);
                return 0;
        }
        if (strcmp(item->key, "fingerprint") == 0)
                return add_fingerprints(load, item);
        if (strcmp(item->key, "commands") == 0)
                return add_commands(load, item);
        if (strcmp(item->key, "command") == 0)
                return add_one_command(load, item);
        if (!load_once(load, &load->seen, item))
                return 0;
        if (strcmp(item->key, "expires") == 0)
                return set_expiry(load, item);
        if (strcmp(item->key, "rate") == 0)
                return set_number(load, item, RATE_MOST, &load->key->rate);
        if (strcmp(item->key, "concurrency") == 0)
                return set_number(load, item, CONCURRENCY_MOST, &load->key->concurrency);
        if (strcmp(item->key, "engine") == 0)
                return set_engine(load, item);
        LOAD_ERROR(load, item, item->column,
                   "unknown key %s in [key %s]; known: fingerprint commands command expires rate concurrency engine",
                   item->key, load->key->name);
        return 0;
}

static bool is_rule(const struct policy *policy, const char *name)
{
        if (policy_command(policy, name) != NULL)
                return true;
        for (size_t i = 0; i < policy->rule_count; i++)
                if (strcmp(policy->rules[i]->name, name) == 0)
                        return true;
        return false;
}

void load_keys_finish(struct load *load)
{
        for (size_t i = 0; i < load->policy->key_count; i++) {
                const struct key *key = load->policy->keys[i];

                if (key->fingerprints == NULL)
                        policy_error(load->errors, key->file, key->line, 0, "[key %s] has no fingerprint", key->name);
                for (size_t k = 0; key->commands != NULL && key->commands[k] != NULL; k++)
                        if (!is_rule(load->policy, key->commands[k]))
                                policy_error(load->errors, key->file, key->command_lines[k], 0,
                                             "[key %s]: there is no command %s in this policy", key->name,
                                             key->commands[k]);
        }
}
