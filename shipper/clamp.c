#include "shipper/clamp.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/base/num.h"

/* FNV-1a, 64 bits. Two streams with one number would only share a clamp. */
uint64_t clamp_stream(const char *name, size_t length)
{
        uint64_t hash = UINT64_C(14695981039346656037);

        for (size_t i = 0; i < length; i++)
                hash = (hash ^ (unsigned char)name[i]) * UINT64_C(1099511628211);
        return hash;
}

static size_t find(const struct clamp *clamp, uint64_t stream)
{
        size_t i = 0;

        while (i < clamp->count && clamp->last[i].stream != stream)
                i++;
        return i;
}

int64_t clamp_now(const struct clamp *clamp, uint64_t stream)
{
        size_t i = find(clamp, stream);
        int64_t last = i < clamp->count ? clamp->last[i].time_ns : 0;

        return last > clamp->floor_ns ? last : clamp->floor_ns;
}

int64_t clamp_raise(struct clamp *clamp, uint64_t stream, int64_t time_ns)
{
        size_t at = find(clamp, stream);
        int64_t now = clamp_now(clamp, stream);

        if (time_ns < now)
                time_ns = now;
        /* A new one takes the place of the least recently used when there is no other. */
        if (at == clamp->count)
                at = clamp->count < CLAMP_STREAMS_MOST ? clamp->count++ : 0;
        memmove(&clamp->last[at], &clamp->last[at + 1], (clamp->count - at - 1) * sizeof(clamp->last[0]));
        clamp->last[clamp->count - 1].stream = stream;
        clamp->last[clamp->count - 1].time_ns = time_ns;
        return time_ns;
}

void clamp_print(const struct clamp *clamp, struct buf *buf)
{
        if (clamp->floor_ns == 0 && clamp->count == 0)
                return;
        buf_printf(buf, "floor=%" PRId64, clamp->floor_ns);
        for (size_t i = 0; i < clamp->count; i++)
                buf_printf(buf, " %" PRIu64 "=%" PRId64, clamp->last[i].stream, clamp->last[i].time_ns);
}

static int parse_pair(char *pair, struct clamp *clamp)
{
        char *value = strchr(pair, '=');
        size_t at = clamp->count;

        if (value == NULL || at == CLAMP_STREAMS_MOST)
                return -EBADMSG;
        *value++ = '\0';
        if (num_parse_u64(pair, 0, UINT64_MAX, &clamp->last[at].stream) < 0 ||
            num_parse_i64(value, 0, INT64_MAX, &clamp->last[at].time_ns) < 0 ||
            find(clamp, clamp->last[at].stream) != at)
                return -EBADMSG;
        clamp->count++;
        return 0;
}

int clamp_parse(const char *text, struct clamp *ret_clamp)
{
        struct clamp clamp = { 0 };
        cleanup_free char *copy = strdup(text);
        char *rest = copy;
        char *word;

        if (copy == NULL)
                return -ENOMEM;
        if (text[0] != '\0') {
                word = strsep(&rest, " ");
                if (strncmp(word, "floor=", 6) != 0 || num_parse_i64(word + 6, 0, INT64_MAX, &clamp.floor_ns) < 0)
                        return -EBADMSG;
        }
        while (text[0] != '\0' && (word = strsep(&rest, " ")) != NULL)
                if (parse_pair(word, &clamp) < 0)
                        return -EBADMSG;
        *ret_clamp = clamp;
        return 0;
}
