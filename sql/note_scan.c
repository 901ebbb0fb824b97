#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

#include "pam_diag/base/num.h"
#include "sql/note_check.h"

/* What is left of the bytes. */
struct rest {
        const char *at;
        const char *end;
};

static bool take_text(struct rest *rest, const char *text)
{
        size_t n = strlen(text);

        if ((size_t)(rest->end - rest->at) < n || memcmp(rest->at, text, n) != 0)
                return false;
        rest->at += n;
        return true;
}

/* Backslashes, as many as there are; how many. */
static size_t take_backslashes(struct rest *rest)
{
        size_t n = 0;

        for (; rest->at < rest->end && *rest->at == '\\'; rest->at++)
                n++;
        return n;
}

static bool take_line_end(struct rest *rest)
{
        if (take_text(rest, "\n"))
                return true;
        return take_backslashes(rest) > 0 && (take_text(rest, "n") || take_text(rest, "u000a"));
}

/* The dash that begins a signature's line; other writers of JSON escape it. */
static bool take_dash(struct rest *rest)
{
        if (take_text(rest, "\u2014 "))
                return true;
        return take_backslashes(rest) > 0 && take_text(rest, "u2014 ");
}

static size_t span(const struct rest *rest, const char *set)
{
        size_t n = 0;

        while (rest->at + n < rest->end && rest->at[n] != '\0' && strchr(set, rest->at[n]) != NULL)
                n++;
        return n;
}

static bool take_number(struct rest *rest, int64_t *ret_number)
{
        char text[24];
        size_t n = span(rest, "0123456789");

        /* One way to write it: the signature is over a text that is made again from the number. */
        if (n == 0 || n >= sizeof(text) || (n > 1 && rest->at[0] == '0'))
                return false;
        memcpy(text, rest->at, n);
        text[n] = '\0';
        rest->at += n;
        return num_parse_i64(text, 0, INT64_MAX, ret_number) == 0;
}

/* base64 with `size` bytes in it; JSON may write its slashes \/. */
static bool take_base64(struct rest *rest, unsigned char *ret_bytes, size_t size)
{
        static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
        size_t length = (size + 2) / 3 * 4;
        unsigned char text[128] = { 0 };
        unsigned char bytes[128];
        unsigned char again[128];
        size_t n = 0;

        while (n < length && rest->at < rest->end) {
                if (rest->at[0] == '\\' && take_backslashes(rest) > 0 && (rest->at == rest->end || *rest->at != '/'))
                        return false;
                if (rest->at == rest->end || *rest->at == '\0' || strchr(set, *rest->at) == NULL)
                        return false;
                text[n++] = (unsigned char)*rest->at++;
        }
        if (n != length || EVP_DecodeBlock(bytes, text, (int)length) != (int)(length / 4 * 3))
                return false;
        /* One way to write it: the bits that the padding leaves over are zeros. */
        (void)EVP_EncodeBlock(again, bytes, (int)size);
        if (memcmp(text, again, length) != 0)
                return false;
        memcpy(ret_bytes, bytes, size);
        return true;
}

static bool take_note(struct rest *rest, const char *name, struct note_found *found)
{
        unsigned char blob[NOTE_ID_SIZE + NOTE_SIGNATURE_SIZE];

        if (!take_text(rest, name) || !take_line_end(rest) || !take_number(rest, &found->note.seq) ||
            !take_line_end(rest) || !take_base64(rest, found->note.hash, sizeof(found->note.hash)) ||
            !take_line_end(rest) || !take_text(rest, "time ") || !take_number(rest, &found->note.time_us) ||
            !take_line_end(rest) || !take_line_end(rest) || !take_dash(rest) || !take_text(rest, name) ||
            !take_text(rest, " ") || !take_base64(rest, blob, sizeof(blob)))
                return false;
        memcpy(found->id, blob, NOTE_ID_SIZE);
        memcpy(found->signature, blob + NOTE_ID_SIZE, NOTE_SIGNATURE_SIZE);
        memcpy(found->note.name, name, strlen(name) + 1);
        return true;
}

int note_scan(const char *bytes, size_t length, const char *name,
              int (*found)(void *context, const struct note_found *found), void *context)
{
        struct rest rest = { .at = bytes, .end = bytes + length };

        if (strlen(name) >= NOTE_NAME_SIZE)
                return -EINVAL;
        while (rest.at < rest.end) {
                const char *at = memmem(rest.at, (size_t)(rest.end - rest.at), name, strlen(name));
                struct note_found one = { 0 };
                int r;

                if (at == NULL)
                        return 0;
                rest.at = at;
                if (!take_note(&rest, name, &one)) {
                        rest.at = at + 1;
                        continue;
                }
                r = found(context, &one);
                if (r != 0)
                        return r;
        }
        return 0;
}
