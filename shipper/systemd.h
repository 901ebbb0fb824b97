/* libsystemd, which only the sink that writes to this host's journal needs.
 *
 * Linked by: diag-ship.
 *
 * It is loaded when that sink is opened: with what it brings along it takes 0.7 MB of every run, and sets up libraries that nobody else here
 * uses. It stays loaded until the process ends.
 */
#pragma once

/* Where this program's lines stand is nothing for the journal. */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "shipper/fault.h"

struct systemd {
        __typeof__(sd_journal_sendv) *journal_sendv;
        __typeof__(sd_journal_open) *journal_open;
        __typeof__(sd_journal_close) *journal_close;
        __typeof__(sd_journal_add_match) *journal_add_match;
        __typeof__(sd_journal_seek_tail) *journal_seek_tail;
        __typeof__(sd_journal_previous) *journal_previous;
        __typeof__(sd_journal_get_data) *journal_get_data;
        __typeof__(sd_journal_wait) *journal_wait;
};

/* `library`: LIBSYSTEMD of config.h. 0, or -1 with *fault. */
int systemd_load(const char *library, struct systemd *ret_systemd, struct fault *fault);
