#include "sql/firstkey.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <string.h>

#include "pam_diag/base/hex.h"
#include "pam_diag/base/num.h"
#include "sql/chain.h"

enum { CHECK_BYTES = 4, LINE_MOST = 512, WORDS_MOST = 8 };

static int put_check(struct buf *buf, size_t from)
{
        unsigned char hash[CHAIN_HASH_SIZE];
        char text[2 * CHECK_BYTES + 1];
        int r = buf->error < 0 ? buf->error : chain_next(NULL, buf->data + from, buf->length - from, hash);

        if (r < 0)
                return r;
        hex_print(hash, CHECK_BYTES, text);
        buf_printf(buf, " %s\n", text);
        return buf->error;
}

int firstkey_put(struct buf *buf, const struct firstkey *key)
{
        char text[2 * MAC_KEY_SIZE + 1];
        size_t from = buf->length;

        hex_print(key->key, MAC_KEY_SIZE, text);
        buf_printf(buf, "first-key %s %" PRId64 " %s", key->uuid, key->seq, text);
        OPENSSL_cleanse(text, sizeof(text));
        return put_check(buf, from);
}

/* The line's words, parted by blanks; returns how many, WORDS_MOST at most. */
static size_t split(char *line, char *words[WORDS_MOST])
{
        size_t n = 0;

        for (char *at = line; n < WORDS_MOST; n++) {
                at += strspn(at, " \t\r");
                if (*at == '\0')
                        break;
                words[n] = at;
                at += strcspn(at, " \t\r");
                if (*at != '\0')
                        *at++ = '\0';
        }
        return n;
}

static int parse_key(char *const *words, struct firstkey *ret_key)
{
        cleanup_buf struct buf again = BUF_INIT(LINE_MOST);
        struct firstkey key = { .seq = 0 };
        int r;

        if (strlen(words[1]) != AUDITDB_UUID_SIZE - 1 || num_parse_i64(words[2], 1, INT64_MAX, &key.seq) < 0 ||
            strlen(words[3]) != 2 * (size_t)MAC_KEY_SIZE || hex_parse(words[3], MAC_KEY_SIZE, key.key) < 0 ||
            strlen(words[4]) != 2 * (size_t)CHECK_BYTES)
                return -EINVAL;
        memcpy(key.uuid, words[1], AUDITDB_UUID_SIZE);
        r = firstkey_put(&again, &key);
        if (r < 0)
                return r;
        if (strncmp(again.data + again.length - 2 * (size_t)CHECK_BYTES - 1, words[4], 2 * (size_t)CHECK_BYTES) != 0)
                return -EINVAL;
        *ret_key = key;
        return 0;
}

static int add_key(struct firstkeys *keys, const struct firstkey *key)
{
        size_t at = 0;

        while (at < keys->key_count && keys->keys[at].seq < key->seq)
                at++;
        if (at < keys->key_count && keys->keys[at].seq == key->seq)
                return memcmp(keys->keys[at].key, key->key, sizeof(key->key)) == 0 ? 0 : -EINVAL;
        if (keys->key_count == FIRSTKEYS_MOST)
                return -E2BIG;
        memmove(&keys->keys[at + 1], &keys->keys[at], (keys->key_count - at) * sizeof(*key));
        keys->keys[at] = *key;
        keys->key_count++;
        return 0;
}

static int parse_line(char *line, const char *uuid, struct firstkeys *keys)
{
        char name[NOTE_NAME_SIZE];
        char *words[WORDS_MOST];
        struct note_verifier verifier;
        struct firstkey key;
        size_t n = split(line, words);
        int r;

        if (n == 0 || words[0][0] == '#')
                return 0;
        if (n == 5 && strcmp(words[0], "first-key") == 0) {
                r = parse_key(words, &key);
                if (r == 0 && strcmp(key.uuid, uuid) == 0)
                        r = add_key(keys, &key);
                return r;
        }
        if (n != 2 || strcmp(words[0], "verifier") != 0)
                return -EINVAL;
        r = note_parse_verifier(words[1], &verifier);
        note_name(uuid, name);
        if (r < 0 || strcmp(verifier.name, name) != 0)
                return r;
        if (keys->verifier_count == FIRSTKEYS_MOST)
                return -E2BIG;
        keys->verifiers[keys->verifier_count++] = verifier;
        return 0;
}

int firstkeys_parse(const char *text, const char *uuid, struct firstkeys *keys, size_t *ret_line)
{
        size_t number = 1;

        for (const char *at = text; *at != '\0'; number++) {
                size_t n = strcspn(at, "\n");
                char line[LINE_MOST];
                int r = -EINVAL;

                if (n < sizeof(line)) {
                        memcpy(line, at, n);
                        line[n] = '\0';
                        r = parse_line(line, uuid, keys);
                }
                if (r < 0) {
                        *ret_line = number;
                        return r;
                }
                at += n + (at[n] == '\n');
        }
        return 0;
}

const struct firstkey *firstkeys_find(const struct firstkeys *keys, int64_t seq)
{
        const struct firstkey *found = NULL;

        for (size_t i = 0; i < keys->key_count && keys->keys[i].seq <= seq; i++)
                found = &keys->keys[i];
        return found;
}
