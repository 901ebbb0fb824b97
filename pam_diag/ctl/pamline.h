/* One rule of a PAM service file, cut into its words.
 *
 * Linked by: diagctl.
 */
#pragma once

/* Takes the next rule off *rest, over as many lines as end in a backslash. *line counts the lines read so far; *ret_line (0 at first) is the one
 * that the rule begins in. *ret_words is NULL when there is no rule left. A word in brackets may hold blanks; the second word (the
 * control) keeps its brackets, arguments lose them. 0 or -ENOMEM. */
int pamline_next(const char **rest, unsigned *line, char ***ret_words, unsigned *ret_line);
