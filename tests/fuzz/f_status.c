/* The reader of /proc/PID/status on any text. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/supervisor/caller.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        cleanup_free char *text = strndup(size == 0 ? "" : (const char *)data, size);
        struct caller caller = { .pid = -7 };
        int r;

        if (text == NULL)
                return 0;
        r = caller_parse(text, &caller);
        if (r != 0 && r != -EBADMSG)
                abort();
        if (r == 0 ? caller.pid <= 0 || caller.parent < 0 : caller.pid != -7)
                abort();
        /* A text that gives an answer has the line from which the ids come, at the beginning of a line. */
        if (r == 0 && strncmp(text, "Uid:", 4) != 0 && strstr(text, "\nUid:") == NULL)
                abort();
        return 0;
}
