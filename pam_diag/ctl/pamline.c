#include "pam_diag/ctl/pamline.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "pam_diag/base/buf.h"
#include "pam_diag/base/mem.h"

enum { LINE_MOST = 1024 * 1024, CONTROL = 1 };

static const char blanks[] = " \t\r\n";

/* Appends one line of the file; true when the rule goes on in the next. A comment ends the rule, a backslash within it is nothing; an
 * empty line or a whole line of comment is passed over, also between a line and its continuation. */
static bool gather(struct buf *rule, const char *line, size_t length)
{
        const char *comment;

        while (length > 0 && strchr(blanks, *line) != NULL) {
                line++;
                length--;
        }
        if (length == 0 || *line == '#')
                return true;
        comment = memchr(line, '#', length);
        if (comment != NULL) {
                buf_put(rule, line, (size_t)(comment - line));
                return false;
        }
        while (length > 0 && strchr(blanks, line[length - 1]) != NULL)
                length--;
        if (line[length - 1] != '\\') {
                buf_put(rule, line, length);
                return false;
        }
        buf_put(rule, line, length - 1);
        buf_put_char(rule, ' ');
        return true;
}

/* The word in brackets that begins at `at`; "\]" is a bracket that does not end it. */
static size_t put_bracketed(struct buf *word, const char *at, bool keep)
{
        size_t i = 1;

        if (keep)
                buf_put_char(word, '[');
        for (; at[i] != '\0' && at[i] != ']'; i++) {
                if (at[i] == '\\' && at[i + 1] == ']')
                        i++;
                buf_put_char(word, at[i]);
        }
        if (keep)
                buf_put_char(word, ']');
        return at[i] == ']' ? i + 1 : i;
}

static int split(const char *rule, char ***ret_words)
{
        cleanup_strv char **words = NULL;

        for (rule += strspn(rule, blanks); *rule != '\0'; rule += strspn(rule, blanks)) {
                cleanup_buf struct buf word = BUF_INIT(LINE_MOST);
                size_t n = strcspn(rule, blanks);
                int r;

                if (*rule == '[')
                        n = put_bracketed(&word, rule, strv_length(words) == CONTROL);
                else
                        buf_put(&word, rule, n);
                r = word.error != 0 ? -ENOMEM : strv_append(&words, word.data != NULL ? word.data : "");
                if (r < 0)
                        return r;
                rule += n;
        }
        *ret_words = take_ptr(&words);
        return 0;
}

int pamline_next(const char **rest, unsigned *line, char ***ret_words, unsigned *ret_line)
{
        cleanup_buf struct buf rule = BUF_INIT(LINE_MOST);
        bool more = true;

        while (more && **rest != '\0') {
                size_t n = strcspn(*rest, "\n");

                (*line)++;
                more = gather(&rule, *rest, n);
                if (rule.length > 0 && *ret_line == 0)
                        *ret_line = *line;
                *rest += n + ((*rest)[n] == '\n');
        }
        if (rule.error != 0)
                return -ENOMEM;
        return rule.length == 0 ? 0 : split(rule.data, ret_words);
}
