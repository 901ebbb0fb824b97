/* Files that only ever grow, in whole lines.
 *
 * Linked by: diag-ship.
 *
 * A crash or a full disk may leave a line without its end. What is in the file is never taken back: such a line is ended by a newline
 * when the file is next opened, and then stands alone.
 */
#pragma once

/* Opens for appending, makes it with `mode`, ends a torn last line, flushes the directory. `at` and `name` as for openat(2). 0 or
 * -errno (-ENXIO: a FIFO that nobody reads), with what was being done in *ret_doing. */
int append_open(int at, const char *name, unsigned mode, int *ret_fd, const char **ret_doing);
