/* Has the journal stored what was sent to it?
 *
 * Linked by: diag-ship.
 */
#pragma once

#include <stdbool.h>

#include "shipper/batch.h"
#include "shipper/systemd.h"

/* The time in which journald must have stored a batch; when it says that all is on disk, the rest of it is only for a
 * file that has just been rotated. */
enum { JOURNAL_BOUND_MS = 15000, JOURNAL_SYNCED_MS = 2000 };

/* Asks journald to write everything to disk (varlink io.systemd.Journal.Synchronize, systemd 246 and later; its socket
 * is open to root only). 0, -EACCES or -ENOENT when it cannot be asked, -ETIMEDOUT, or another error. */
int journal_sync(void);

/* Reads the journal backwards for every row of the batch (DIAG_DB, DIAG_SEQ), and waits for those that are missing, for
 * `bound_ms` at most. 0; -ETIMEDOUT when some did not come, *ret_missing says how many; -errno when the journal cannot
 * be read. */
int journal_wait(const struct systemd *systemd, const struct batch *batch, unsigned bound_ms, size_t *ret_missing);
