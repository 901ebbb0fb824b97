/* One clear line for the person or agent at the other end.
 *
 * Linked by: diag-shell.
 */
#pragma once

/* Writes "diag-shell: " and the text to stderr as one line. Bytes that a terminal might obey are shown as \xNN: parts of the text come from the
 * command line. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
