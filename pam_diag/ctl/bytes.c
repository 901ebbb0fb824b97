#include "pam_diag/ctl/bytes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "pam_diag/base/num.h"

static const char units[] = "KMGT";

int bytes_parse(const char *text, uint64_t *ret_bytes)
{
        char digits[24];
        size_t n = strspn(text, "0123456789");
        const char *unit = text[n] != '\0' ? strchr(units, text[n]) : NULL;
        unsigned shift = unit != NULL ? 10 * (unsigned)(unit - units + 1) : 0;
        uint64_t number = 0;
        int r;

        if (n == 0 || n >= sizeof(digits) || (text[n] != '\0' && (unit == NULL || text[n + 1] != '\0')))
                return -EINVAL;
        memcpy(digits, text, n);
        digits[n] = '\0';
        r = num_parse_u64(digits, 0, (uint64_t)INT64_MAX >> shift, &number);
        if (r == 0)
                *ret_bytes = number << shift;
        return r;
}

void bytes_print(uint64_t bytes, char ret_text[BYTES_TEXT_SIZE])
{
        double number = (double)bytes;
        size_t unit = 0;

        for (; number >= 1024 && unit < sizeof(units) - 1; unit++)
                number /= 1024;
        if (unit == 0)
                (void)snprintf(ret_text, BYTES_TEXT_SIZE, "%" PRIu64 " bytes", bytes);
        else
                (void)snprintf(ret_text, BYTES_TEXT_SIZE, "%.1f %ciB", number, units[unit - 1]);
}
