#include "shipper/libcurl.h"

#include <stdlib.h>

#include "shipper/library.h"

#define FUNCTION(name) LIBRARY_FUNCTION("curl_", struct libcurl, name)

static const struct library_function functions[] = {
        FUNCTION(global_init),  FUNCTION(global_cleanup), FUNCTION(easy_init),    FUNCTION(easy_cleanup),
        FUNCTION(easy_setopt),  FUNCTION(easy_perform),   FUNCTION(easy_getinfo), FUNCTION(easy_strerror),
        FUNCTION(slist_append), FUNCTION(slist_free_all),
};

int libcurl_load(const char *library, const char *name, struct libcurl *ret_libcurl, struct fault *fault)
{
        const char *why;

        /* Debian's libcurl brings GnuTLS along for LDAP and RTMP, which no sink speaks. It would set itself up as it is loaded, with its
         * PKCS #11 modules, which is most of a megabyte; a library that does use it sets it up by itself (gnutls_global_init(3)). */
        if (setenv("GNUTLS_NO_IMPLICIT_INIT", "1", 0) < 0)
                return fault_set(fault, FAULT_LATER, "out of memory");
        if (library_load(library, functions, sizeof(functions) / sizeof(functions[0]), ret_libcurl, &why) == 0)
                return 0;
        return fault_set(fault, FAULT_CONFIG, "%s: cannot load %s: %s; install libcurl, or remove this sink", name,
                         library, why);
}
