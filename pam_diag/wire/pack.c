#include "pam_diag/wire/pack.h"

#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"

#define NO_TEXT UINT32_MAX

void pack_u32(struct buf *buf, uint32_t value)
{
        buf_put(buf, &value, sizeof(value));
}

void pack_u64(struct buf *buf, uint64_t value)
{
        buf_put(buf, &value, sizeof(value));
}

void pack_bytes(struct buf *buf, const void *data, size_t length)
{
        pack_u32(buf, (uint32_t)length);
        buf_put(buf, data, length);
}

void pack_text(struct buf *buf, const char *text)
{
        if (text == NULL)
                pack_u32(buf, NO_TEXT);
        else
                pack_bytes(buf, text, strlen(text));
}

void pack_strv(struct buf *buf, char *const *strings)
{
        size_t n = strv_length(strings);

        pack_u32(buf, (uint32_t)n);
        for (size_t i = 0; i < n; i++)
                pack_text(buf, strings[i]);
}

static const char *take(struct unpack *unpack, size_t length)
{
        const char *at = unpack->at;

        if (unpack->failed || unpack->left < length) {
                unpack->failed = true;
                return NULL;
        }
        unpack->at += length;
        unpack->left -= length;
        return at;
}

uint32_t unpack_u32(struct unpack *unpack)
{
        const char *at = take(unpack, sizeof(uint32_t));
        uint32_t value = 0;

        if (at != NULL)
                memcpy(&value, at, sizeof(value));
        return value;
}

uint64_t unpack_u64(struct unpack *unpack)
{
        const char *at = take(unpack, sizeof(uint64_t));
        uint64_t value = 0;

        if (at != NULL)
                memcpy(&value, at, sizeof(value));
        return value;
}

static char *copy_bytes(struct unpack *unpack, size_t length)
{
        const char *at = take(unpack, length);
        char *copy;

        if (at == NULL)
                return NULL;
        copy = malloc(length + 1);
        if (copy == NULL) {
                unpack->failed = true;
                return NULL;
        }
        memcpy(copy, at, length);
        copy[length] = '\0';
        return copy;
}

char *unpack_bytes(struct unpack *unpack, size_t *ret_length)
{
        uint32_t length = unpack_u32(unpack);
        char *copy = copy_bytes(unpack, length);

        if (copy != NULL)
                *ret_length = length;
        return copy;
}

char *unpack_text(struct unpack *unpack)
{
        uint32_t length = unpack_u32(unpack);
        cleanup_free char *copy = NULL;

        if (length == NO_TEXT)
                return NULL;
        copy = copy_bytes(unpack, length);
        if (copy != NULL && strlen(copy) != length)
                unpack->failed = true;
        return unpack->failed ? NULL : take_ptr(&copy);
}

char **unpack_strv(struct unpack *unpack, size_t most)
{
        uint32_t n = unpack_u32(unpack);
        cleanup_strv char **strings = NULL;

        /* Each text has its length in front: a count that cannot be true is not allocated. */
        if (n > most || n > unpack->left / sizeof(uint32_t))
                unpack->failed = true;
        if (unpack->failed)
                return NULL;
        strings = calloc((size_t)n + 1, sizeof(*strings));
        if (strings == NULL) {
                unpack->failed = true;
                return NULL;
        }
        for (uint32_t i = 0; i < n; i++) {
                strings[i] = unpack_text(unpack);
                if (strings[i] == NULL)
                        unpack->failed = true;
                if (unpack->failed)
                        return NULL;
        }
        return take_ptr(&strings);
}

bool unpack_done(const struct unpack *unpack)
{
        return !unpack->failed && unpack->left == 0;
}
