/* Requests to one HTTP server, by libcurl.
 *
 * Linked by: diag-ship. Nothing else in the tree touches libcurl.
 *
 * Bounded in time and in what it keeps of a reply; no redirects, no proxy but the configured one, no .netrc, no cookies, no other
 * protocol than HTTP(S). TLS 1.2 at least, the peer and its name are always verified.
 */
#pragma once

#include <stdbool.h>

#include "pam_diag/base/buf.h"
#include "shipper/conf.h"
#include "shipper/conf_check.h"

enum { HTTP_REPLY_MOST = 4 * 1024 * 1024, HTTP_WHY_SIZE = 300 };

enum http_result {
        HTTP_REPLIED, /* there is a status, and the whole body */
        HTTP_LATER, /* refused, reset, too slow, cut off: whether the server has taken the body is not known */
        HTTP_CONFIG, /* will not get better by itself: a certificate, a URL, a file */
};

struct http_reply {
        enum http_result result;
        long status;
        char why[HTTP_WHY_SIZE]; /* of HTTP_LATER and HTTP_CONFIG, for a person */
        char retry_after[64];
        char date[64];
        char content_type[64];
        bool fresh; /* by a new connection */
        struct buf body; /* never NULL data once a request was made */
};

struct http;

/* What every URL of ours must be like: http(s)://HOST…, without a user in it; without TLS no credentials, unless the section says
 * `cleartext = yes` or the host is this one. Errors at their keys. */
void http_check(const struct sink_config *sink, struct conf_check *check);

/* `headers` ("Name: value", ended by NULL) go with every request, beside the credentials. Reads the credentials. */
int http_open(const struct sink_config *sink, const char *const *headers, struct http **ret_http, struct fault *fault);
void http_close(struct http *http); /* NULL-safe */

/* POSTs the body to the sink's URL with `query` (may be "") behind it. The reply is http's, good until the next request. */
const struct http_reply *http_post(struct http *http, const char *query, const char *body, size_t length);

/* GETs another path of the same server, without credentials' change; for asking whether it is still the same. */
const struct http_reply *http_get(struct http *http, const char *path);
