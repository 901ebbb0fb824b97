/* Bytes that anybody may have chosen, made safe for a terminal and for one line.
 *
 * Linked by: diagctl.
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

#include "pam_diag/base/buf.h"

enum { SHOW_MOST = 1024 * 1024, SHOW_PRINT_MOST = 4 * SHOW_MOST };

/* Appends the text; what a terminal would obey or hide, a line break and a backslash are written with a backslash: \n, \x1b,
 * \u202e. A byte that is no part of valid UTF-8 is \xNN. So different bytes give different texts. */
void show_put(struct buf *buf, const char *bytes, size_t length);

/* The same between quotation marks, which are escaped in it: where the text begins and ends cannot be forged. */
void show_put_quoted(struct buf *buf, const char *bytes, size_t length);

/* As show_put, but a backslash stays: for text of ours, in which others' bytes have been escaped already. */
void show_put_text(struct buf *buf, const char *text, size_t length);

/* As one word for a POSIX shell: bare, or in single quotes; with what show_put escapes in it, in $'…' (bash, ksh, zsh). */
void show_put_word(struct buf *buf, const char *word);

/* Prints text of one or more lines: as show_put_text, but line breaks stay. NULL prints nothing. */
void show_print(FILE *file, const char *text);
