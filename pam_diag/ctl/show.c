#include "pam_diag/ctl/show.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "pam_diag/base/json.h"

/* Besides what a terminal obeys: characters of no width and tags, with which two different lines look the same, and the private use
 * characters that stand for bytes in records. */
static bool is_plain(uint32_t code)
{
        return !json_is_unsafe(code) && !(code >= 0x200b && code <= 0x200f) && !(code >= 0x2060 && code <= 0x206f) &&
               !(code >= 0xfe00 && code <= 0xfe0f) && code != 0xad && code < 0xe0000;
}

static void put_escaped(struct buf *buf, const char *bytes, size_t n, uint32_t code)
{
        static const char letters[] = "\a\b\t\n\v\f\r";
        static const char names[] = "abtnvfr";
        const char *letter = n == 1 && code != 0 ? strchr(letters, (int)code) : NULL;

        if (letter != NULL)
                buf_printf(buf, "\\%c", names[letter - letters]);
        else if (n == 0 || code < 0x80)
                buf_printf(buf, "\\x%02x", (unsigned)(unsigned char)bytes[0]);
        else
                buf_printf(buf, code > 0xffff ? "\\U%08" PRIx32 : "\\u%04" PRIx32, code);
}

/* `also`: characters that get a backslash; `stay`: characters that are let through. */
static void put(struct buf *buf, const char *bytes, size_t length, const char *also, const char *stay)
{
        for (size_t i = 0; i < length;) {
                uint32_t code = 0;
                size_t n = json_utf8_next(bytes + i, length - i, &code);
                bool ascii = n == 1 && code != 0;

                if (n > 0 && (is_plain(code) || (ascii && strchr(stay, (int)code) != NULL))) {
                        if (ascii && strchr(also, (int)code) != NULL)
                                buf_put_char(buf, '\\');
                        buf_put(buf, bytes + i, n);
                } else {
                        put_escaped(buf, bytes + i, n, code);
                }
                i += n == 0 ? 1 : n;
        }
}

void show_put(struct buf *buf, const char *bytes, size_t length)
{
        put(buf, bytes, length, "\\", "");
}

void show_put_text(struct buf *buf, const char *text, size_t length)
{
        put(buf, text, length, "", "");
}

void show_put_quoted(struct buf *buf, const char *bytes, size_t length)
{
        buf_put_char(buf, '"');
        put(buf, bytes, length, "\\\"", "");
        buf_put_char(buf, '"');
}

static bool is_printable(const char *word)
{
        size_t length = strlen(word);

        for (size_t i = 0; i < length;) {
                uint32_t code = 0;
                size_t n = json_utf8_next(word + i, length - i, &code);

                if (n == 0 || !is_plain(code))
                        return false;
                i += n;
        }
        return true;
}

void show_put_word(struct buf *buf, const char *word)
{
        static const char bare[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,+@%^";

        if (word[0] != '\0' && strspn(word, bare) == strlen(word)) {
                buf_put_text(buf, word);
                return;
        }
        if (!is_printable(word)) {
                buf_put_text(buf, "$'");
                put(buf, word, strlen(word), "\\'", "");
                buf_put_char(buf, '\'');
                return;
        }
        buf_put_char(buf, '\'');
        for (; *word != '\0'; word++) {
                if (*word == '\'')
                        buf_put_text(buf, "'\\'");
                buf_put_char(buf, *word);
        }
        buf_put_char(buf, '\'');
}

void show_print(FILE *file, const char *text)
{
        cleanup_buf struct buf safe = BUF_INIT(SHOW_PRINT_MOST);

        if (text == NULL)
                return;
        put(&safe, text, strlen(text), "", "\n");
        if (safe.error != 0)
                fputs("(too long to show)", file);
        else if (safe.data != NULL)
                fputs(safe.data, file);
}
