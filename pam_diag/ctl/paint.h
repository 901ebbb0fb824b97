/* Colours, for a terminal and nothing else.
 *
 * Linked by: diagctl.
 */
#pragma once

#include <stdbool.h>

/* True when the descriptor is a terminal that is asked to show colours: NO_COLOR is unset or empty (no-color.org) and TERM is not dumb. */
bool paint_wanted(int fd);

/* The sequences (ECMA-48, SGR) that begin and end a colour; constants, so nothing of a record can be in them. */
enum paint { PAINT_NONE, PAINT_GOOD, PAINT_BAD, PAINT_ODD, PAINT_FAINT };
const char *paint_begin(enum paint paint);
const char *paint_end(enum paint paint);
