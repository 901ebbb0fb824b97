/* Why a run stops, and with which exit status.
 *
 * Linked by: diag-ship.
 */
#pragma once

#include <stdarg.h>
#include <stdio.h>

/* The numbers are those of sysexits.h(3head). */
enum fault_status {
        FAULT_NONE = 0, /* everything that was committed is acknowledged */
        FAULT_USAGE = 64, /* the command line is wrong */
        FAULT_DATA = 65, /* the database or a cursor is not what it was: somebody must look */
        FAULT_LATER = 75, /* nothing is lost: the next run goes on where this one stopped */
        FAULT_CONFIG = 78, /* paths, permissions: will not get better by itself */
};

struct fault {
        enum fault_status status;
        char text[768]; /* one line for a person */
};

/* Fills in *fault and returns -1, for `return fault_set(…)`. */
__attribute__((format(printf, 3, 4))) static inline int fault_set(struct fault *fault, enum fault_status status,
                                                                  const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        (void)vsnprintf(fault->text, sizeof(fault->text), format, arguments);
        va_end(arguments);
        fault->status = status;
        return -1;
}
