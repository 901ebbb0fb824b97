#include "pam_diag/policy/denial.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/buf.h"
#include "pam_diag/base/json.h"
#include "pam_diag/base/mem.h"

enum { FORMATTED_MOST = 256 * 1024, SHOWN_MOST = 480 };

/* What a terminal would obey or hide: controls, separators of lines, marks that turn the direction of writing, no-width. */
static bool is_plain(uint32_t code)
{
        return code >= 0x20 && !(code >= 0x7f && code < 0xa0) && code != 0x061c &&
               !(code >= 0x200b && code <= 0x200f) && !(code >= 0x2028 && code <= 0x202e) &&
               !(code >= 0x2060 && code <= 0x206f) && code != 0xfeff && code < 0xe0000;
}

static char *printable(const char *text, size_t length)
{
        struct buf out = BUF_INIT((size_t)4 * SHOWN_MOST);

        for (size_t i = 0; i < length && i < SHOWN_MOST;) {
                uint32_t code = 0;
                size_t n = json_utf8_next(text + i, length - i, &code);

                if (n > 0 && is_plain(code)) {
                        buf_put(&out, text + i, n);
                        i += n;
                        continue;
                }
                buf_printf(&out, "\\x%02x", (unsigned)(unsigned char)text[i]);
                i++;
        }
        if (length > SHOWN_MOST)
                buf_put_text(&out, "…");
        if (out.error != 0 || out.data == NULL) {
                buf_free(&out);
                return out.error == 0 ? strdup("") : NULL;
        }
        return out.data;
}

__attribute__((format(printf, 1, 0))) static char *format_line(const char *format, va_list arguments)
{
        cleanup_buf struct buf line = BUF_INIT(FORMATTED_MOST);

        buf_vprintf(&line, format, arguments);
        return line.error != 0 ? NULL : printable(line.data, line.length);
}

int deny(struct decision *decision, enum decide_code code, unsigned word, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        free(decision->reason);
        decision->reason = format_line(format, arguments);
        va_end(arguments);
        if (decision->reason == NULL)
                return -ENOMEM;
        decision->verdict = VERDICT_DENY;
        decision->code = code;
        decision->word = word;
        return -EACCES;
}

int deny_hint(struct decision *decision, const char *format, ...)
{
        va_list arguments;

        if (decision->hint != NULL)
                return 0;
        va_start(arguments, format);
        decision->hint = format_line(format, arguments);
        va_end(arguments);
        return decision->hint == NULL ? -ENOMEM : 0;
}
