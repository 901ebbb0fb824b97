#include "pam_diag/ctl/kernelfacts.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "pam_diag/base/num.h"

enum { NUMBER_SIZE = 24, PART_MOST = 100000 };

/* The digits that `text` begins with; their end in *ret_end. */
static int leading_number(const char *text, uint64_t most, const char **ret_end, uint64_t *ret_value)
{
        size_t n = strspn(text, "0123456789");
        char digits[NUMBER_SIZE];

        if (n == 0 || n >= sizeof(digits))
                return -EINVAL;
        memcpy(digits, text, n);
        digits[n] = '\0';
        *ret_end = text + n;
        return num_parse_u64(digits, 0, most, ret_value);
}

int kernelfacts_release(const char *release, unsigned *ret_major, unsigned *ret_minor)
{
        const char *end = release;
        uint64_t major = 0;
        uint64_t minor = 0;

        if (leading_number(release, PART_MOST, &end, &major) < 0 || *end != '.' ||
            leading_number(end + 1, PART_MOST, &end, &minor) < 0)
                return -EINVAL;
        *ret_major = (unsigned)major;
        *ret_minor = (unsigned)minor;
        return 0;
}

/* The value of `name=` among options parted by commas; its length, or 0. */
static size_t option(const char *options, size_t length, const char *name, const char **ret_value)
{
        size_t n = strlen(name);

        for (size_t i = 0; i < length;) {
                size_t end = i;

                while (end < length && options[end] != ',')
                        end++;
                if (end - i > n && strncmp(options + i, name, n) == 0) {
                        *ret_value = options + i + n;
                        return end - i - n;
                }
                i = end + 1;
        }
        return 0;
}

static void take_options(const char *options, size_t length, struct hidepid *hidepid)
{
        const char *value = NULL;
        uint64_t gid = 0;
        size_t n = option(options, length, "hidepid=", &value);

        *hidepid = (struct hidepid){ .gid = -1 };
        (void)snprintf(hidepid->value, sizeof(hidepid->value), "%.*s", n > 0 ? (int)n : 1, n > 0 ? value : "0");
        hidepid->hides = strcmp(hidepid->value, "0") != 0 && strcmp(hidepid->value, "off") != 0;
        if (option(options, length, "gid=", &value) > 0 && leading_number(value, UINT32_MAX, &value, &gid) == 0)
                hidepid->gid = (long)gid;
}

int kernelfacts_hidepid(const char *mounts, struct hidepid *ret_hidepid)
{
        static const char wanted[] = " /proc proc ";
        int r = -ENOENT;

        for (const char *line = mounts; *line != '\0';) {
                size_t length = strcspn(line, "\n");
                size_t source = strcspn(line, " \n");

                /* The last one named lies on top. */
                if (strncmp(line + source, wanted, sizeof(wanted) - 1) == 0) {
                        const char *options = line + source + sizeof(wanted) - 1;

                        take_options(options, strcspn(options, " \n"), ret_hidepid);
                        r = 0;
                }
                line += length + (line[length] == '\n');
        }
        return r;
}
