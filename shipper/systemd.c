#include "shipper/systemd.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#define FUNCTION(name)                                      \
        {                                                   \
                "sd_" #name, offsetof(struct systemd, name) \
        }

static const struct {
        const char *name;
        size_t offset;
} functions[] = {
        FUNCTION(journal_sendv),     FUNCTION(journal_open),      FUNCTION(journal_close),
        FUNCTION(journal_add_match), FUNCTION(journal_seek_tail), FUNCTION(journal_previous),
        FUNCTION(journal_get_data),  FUNCTION(journal_wait),
};

static int cannot_load(const char *library, struct fault *fault)
{
        const char *why = dlerror();

        return fault_set(fault, FAULT_CONFIG, "journald: cannot load %s: %s; install libsystemd, or remove this sink",
                         library, why != NULL ? why : "no reason given");
}

int systemd_load(const char *library, struct systemd *ret_systemd, struct fault *fault)
{
        struct systemd systemd = { 0 };
        /* Safe: the name is a constant of the build, and ld.so looks for it where it found the libraries that this program was linked with, so
         * nobody new is trusted. RTLD_NOW: what is missing is missing before the first row goes out. */
        void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);

        if (handle == NULL)
                return cannot_load(library, fault);
        for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
                void *function = dlsym(handle, functions[i].name);

                if (function == NULL) {
                        int r = cannot_load(library, fault);

                        (void)dlclose(handle);
                        return r;
                }
                /* POSIX has a pointer to a function in the same bytes (dlsym(3p)). */
                memcpy((char *)&systemd + functions[i].offset, &function, sizeof(function));
        }
        *ret_systemd = systemd;
        return 0;
}
