/* What a request to an HTTP server carries.
 *
 * Linked by: diag-ship.
 */
#pragma once

#include "shipper/web.h"

/* The body for some rows: good until the next one is made, or the batch is filled again. 0 or -errno. */
int web_body_make(struct web *web, const struct web_rows *rows, const char **ret_body, size_t *ret_length);
