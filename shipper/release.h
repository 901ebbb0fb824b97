/* Memory of libraries, given back.
 *
 * Linked by: diag-ship.
 *
 * Source: dl_iterate_phdr(3); madvise(2), MADV_DONTNEED on a private mapping of a file.
 */
#pragma once

/* Takes the code and the constants of every loaded object out of this process's memory; what is used again comes back from the files, mostly without
 * reading from the disk. Of what libcurl and all that Debian's brings along take once they are loaded, more than a third was used by their loading
 * alone: symbols, relocations, set-up. */
void release_read_only(void);
