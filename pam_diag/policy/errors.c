#include "pam_diag/policy/errors.h"

#include <stdarg.h>

void policy_errors_free(struct policy_errors *errors)
{
        buf_free(&errors->text);
        errors->count = 0;
}

void policy_error(struct policy_errors *errors, const char *file, unsigned line, unsigned column, const char *format,
                  ...)
{
        struct buf *text = &errors->text;
        size_t before = text->length;
        va_list arguments;

        errors->count++;
        buf_put_text(text, file);
        if (line > 0)
                buf_printf(text, ":%u", line);
        if (line > 0 && column > 0)
                buf_printf(text, ":%u", column);
        buf_put_text(text, ": ");
        va_start(arguments, format);
        buf_vprintf(text, format, arguments);
        va_end(arguments);
        buf_put_char(text, '\n');
        /* A half-written line would read as a whole one: what does not fit is only counted. */
        if (text->error != 0 && text->data != NULL) {
                text->length = before;
                text->data[before] = '\0';
        }
}
