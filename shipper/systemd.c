#include "shipper/systemd.h"

#include "shipper/library.h"

#define FUNCTION(name) LIBRARY_FUNCTION("sd_", struct systemd, name)

static const struct library_function functions[] = {
        FUNCTION(journal_sendv),     FUNCTION(journal_open),      FUNCTION(journal_close),
        FUNCTION(journal_add_match), FUNCTION(journal_seek_tail), FUNCTION(journal_previous),
        FUNCTION(journal_get_data),  FUNCTION(journal_wait),
};

int systemd_load(const char *library, struct systemd *ret_systemd, struct fault *fault)
{
        const char *why;

        if (library_load(library, functions, sizeof(functions) / sizeof(functions[0]), ret_systemd, &why) == 0)
                return 0;
        return fault_set(fault, FAULT_CONFIG, "journald: cannot load %s: %s; install libsystemd, or remove this sink",
                         library, why);
}
