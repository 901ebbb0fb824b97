#include "pam_diag/shell/say.h"

#include <unistd.h>

#include "pam_diag/base/buf.h"
#include "pam_diag/base/fd.h"
#include "pam_diag/base/json.h"

enum { TEXT_MOST = 64 * 1024 };

static void put_safe(struct buf *out, const struct buf *text)
{
        for (size_t i = 0; i < text->length;) {
                uint32_t code = 0;
                size_t n = json_utf8_next(text->data + i, text->length - i, &code);

                if (n == 0 || json_is_unsafe(code)) {
                        buf_printf(out, "\\x%02x", (unsigned)(unsigned char)text->data[i]);
                        n = 1;
                } else {
                        buf_put(out, text->data + i, n);
                }
                i += n;
        }
}

void say(const char *format, ...)
{
        cleanup_buf struct buf text = BUF_INIT(TEXT_MOST);
        cleanup_buf struct buf out = BUF_INIT((size_t)5 * TEXT_MOST);
        va_list arguments;

        va_start(arguments, format);
        buf_vprintf(&text, format, arguments);
        va_end(arguments);
        buf_put_text(&out, "diag-shell: ");
        put_safe(&out, &text);
        buf_put_char(&out, '\n');
        /* There is no other place to complain to. */
        if (out.error == 0)
                (void)fd_write_all(STDERR_FILENO, out.data, out.length);
}
