/* The state directory: one run at a time, files that are replaced whole.
 *
 * Linked by: diag-ship.
 */
#pragma once

#include <stddef.h>

#include "shipper/fault.h"

/* Opens the directory, makes it (0700) when only it is missing, and takes its lock: a second run is FAULT_LATER. The
 * lock lives as long as *ret_lock is open. */
int store_open(const char *path, int *ret_directory, int *ret_lock, struct fault *fault);

/* Opens the directory for looking only. A directory that is not there yet is an empty one: *ret_directory is then -1. */
int store_look(const char *path, int *ret_directory, struct fault *fault);

/* Writes NAME.new, flushes it, renames it to NAME and flushes the directory. 0 or -errno; after an error the old file
 * is still there (or, when only the last flush failed, either). */
int store_replace(int directory, const char *name, const char *text, size_t length);

/* Puts a text where another one stands, without a flush: a power cut may leave the old text, the new one, or a damaged one; a killed process
 * does not. Where a longer text stands, or anything but a plain file, and for a text of more than a page, the file is replaced. 0 or -errno. */
enum { STORE_OVERWRITE_MOST = 4096 };
int store_overwrite(int directory, const char *name, const char *text, size_t length);
