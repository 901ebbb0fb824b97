#include "pam_diag/ctl/paint.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool paint_wanted(int fd)
{
        const char *never = getenv("NO_COLOR");
        const char *terminal = getenv("TERM");

        return isatty(fd) == 1 && (never == NULL || never[0] == '\0') && terminal != NULL &&
               strcmp(terminal, "dumb") != 0;
}

const char *paint_begin(enum paint paint)
{
        static const char *const sequences[] = {
                [PAINT_NONE] = "",        [PAINT_GOOD] = "\033[32m", [PAINT_BAD] = "\033[31m",
                [PAINT_ODD] = "\033[33m", [PAINT_FAINT] = "\033[2m",
        };

        return sequences[paint];
}

const char *paint_end(enum paint paint)
{
        return paint == PAINT_NONE ? "" : "\033[0m";
}
