/* Secrets, by file.
 *
 * Linked by: diag-ship.
 *
 * A name without a slash is a credential of the unit (systemd.exec(5), LoadCredential=): it lies in $CREDENTIALS_DIRECTORY. Anything
 * else is an absolute path. The secret itself never stands in ship.conf, on a command line or in a message.
 */
#pragma once

#include "shipper/fault.h"

enum { CREDENTIAL_MOST = 64 * 1024 };

/* The path of it. The caller's to free. FAULT_CONFIG when it is a name and there is no $CREDENTIALS_DIRECTORY. */
int credential_path(const char *name, char **ret_path, struct fault *fault);

/* Its text, without the newline at its end: one line, no control characters, not empty. The caller's to free. */
int credential_read(const char *name, char **ret_text, struct fault *fault);
