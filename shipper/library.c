#include "shipper/library.h"

#include <dlfcn.h>
#include <string.h>

#include "shipper/release.h"

static int fail(const char **ret_why)
{
        const char *why = dlerror();

        *ret_why = why != NULL ? why : "no reason given";
        return -1;
}

int library_load(const char *library, const struct library_function *functions, size_t count, void *ret_functions,
                 const char **ret_why)
{
        /* Safe: the name is a constant of the build, and ld.so looks for it where it found the libraries that this program was linked with, so
         * nobody new is trusted. RTLD_LAZY, as if it were linked: each library is bound as it asks for by itself. What we call is looked
         * up here, so that what is missing is missing before the first row goes out. */
        void *handle;

        release_read_only();
        handle = dlopen(library, RTLD_LAZY | RTLD_LOCAL);
        if (handle == NULL)
                return fail(ret_why);
        release_read_only();
        for (size_t i = 0; i < count; i++)
                if (dlsym(handle, functions[i].name) == NULL)
                        return fail(ret_why);
        for (size_t i = 0; i < count; i++) {
                void *function = dlsym(handle, functions[i].name);

                /* POSIX has a pointer to a function in the same bytes (dlsym(3p)). */
                memcpy((char *)ret_functions + functions[i].offset, &function, sizeof(function));
        }
        return 0;
}
