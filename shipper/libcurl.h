/* libcurl, which only the sinks that speak HTTP need.
 *
 * Linked by: diag-ship.
 *
 * It is loaded when the first of them is opened: with the libraries that a distribution's libcurl brings along it takes five megabytes of
 * every run, and half of the time of one that finds nothing to send.
 */
#pragma once

/* Its macros check the types of values where the function is called by its own name. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include "shipper/fault.h"

struct libcurl {
        __typeof__(curl_global_init) *global_init;
        __typeof__(curl_global_cleanup) *global_cleanup;
        __typeof__(curl_easy_init) *easy_init;
        __typeof__(curl_easy_cleanup) *easy_cleanup;
        __typeof__(curl_easy_setopt) *easy_setopt;
        __typeof__(curl_easy_perform) *easy_perform;
        __typeof__(curl_easy_getinfo) *easy_getinfo;
        __typeof__(curl_easy_strerror) *easy_strerror;
        __typeof__(curl_slist_append) *slist_append;
        __typeof__(curl_slist_free_all) *slist_free_all;
};

/* `library`: LIBCURL of config.h. `name`: of the sink that needs it. 0, or -1 with *fault. */
int libcurl_load(const char *library, const char *name, struct libcurl *ret_libcurl, struct fault *fault);
