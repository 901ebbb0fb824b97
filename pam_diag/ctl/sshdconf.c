#include "pam_diag/ctl/sshdconf.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "pam_diag/base/buf.h"
#include "pam_diag/base/mem.h"

enum { FILE_MOST = 8192 };

int sshdconf_values(const char *text, const char *keyword, char ***ret_values)
{
        cleanup_strv char **values = NULL;
        size_t n = strlen(keyword);

        for (const char *line = text; *line != '\0';) {
                size_t length = strcspn(line, "\n");

                if (length > n && strncmp(line, keyword, n) == 0 && line[n] == ' ') {
                        cleanup_free char *value = strndup(line + n + 1, length - n - 1);
                        int r = value == NULL ? -ENOMEM : strv_append(&values, value);

                        if (r < 0)
                                return r;
                }
                line += length + (line[length] == '\n');
        }
        *ret_values = take_ptr(&values);
        return 0;
}

const char *sshdconf_dangerous(const char *pattern)
{
        static const char *const names[] = {
                "LD_PRELOAD",    "LD_LIBRARY_PATH",
                "LD_AUDIT",      "GLIBC_TUNABLES",
                "GCONV_PATH",    "PATH",
                "IFS",           "HOME",
                "SHELL",         "BASH_ENV",
                "ENV",           "PYTHONPATH",
                "PERL5LIB",      "PAGER",
                "LESSOPEN",      "EDITOR",
                "SYSTEMD_PAGER", "MALLOC_CHECK_",
        };

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                if (fnmatch(pattern, names[i], FNM_NOESCAPE) == 0)
                        return names[i];
        return NULL;
}

/* %u, %h and %% as sshd expands them; other tokens stay. */
static void expand(struct buf *out, const char *file, size_t length, const char *user, const char *home,
                   size_t home_length)
{
        if (file[0] != '/' && strncmp(file, "%h", 2) != 0) {
                buf_put(out, home, home_length);
                buf_put_char(out, '/');
        }
        for (size_t i = 0; i < length; i++) {
                char token = file[i] == '%' && i + 1 < length ? file[i + 1] : '\0';

                if (token == 'u')
                        buf_put_text(out, user);
                else if (token == 'h')
                        buf_put(out, home, home_length);
                else
                        buf_put_char(out, file[i]);
                i += token == 'u' || token == 'h' || token == '%';
        }
}

int sshdconf_keys_in_home(const char *value, const char *user, const char *home, char **ret_file)
{
        size_t n = strlen(home);

        while (n > 0 && home[n - 1] == '/')
                n--;
        for (const char *at = value + strspn(value, " "); *at != '\0'; at += strspn(at, " ")) {
                cleanup_buf struct buf file = BUF_INIT(FILE_MOST);
                size_t length = strcspn(at, " ");

                expand(&file, at, length, user, home, n);
                if (file.error != 0)
                        return -ENOMEM;
                if (!(length == 4 && strncmp(at, "none", 4) == 0) && n > 0 && strncmp(file.data, home, n) == 0 &&
                    file.data[n] == '/') {
                        *ret_file = take_ptr(&file.data);
                        return 0;
                }
                at += length;
        }
        return 0;
}
