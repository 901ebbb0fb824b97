/* Where a stream goes, as text: SCHEME://HOST[:PORT] or SCHEME:/PATH. Pure.
 *
 * Linked by: diag-ship.
 */
#pragma once

#include "shipper/stream.h"

struct stream_scheme {
        const char *name; /* "tls" */
        enum stream_kind kind;
        bool tls;
        const char *port; /* when none is given; NULL: one must be given */
};

struct stream_url {
        const struct stream_scheme *scheme;
        char host[256]; /* without brackets */
        char port[6];
        char path[108]; /* unix(7), sun_path */
};

/* `schemes` ends with one whose name is NULL. NULL, or what was expected instead, for a person. */
const char *stream_url_parse(const char *text, const struct stream_scheme *schemes, struct stream_url *ret_url);
