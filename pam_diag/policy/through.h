/* Commands whose files go through another command first (`through`): `zgrep PATTERN FILE` runs `zcat FILE | zgrep PATTERN`.
 *
 * Linked by: diag-supervisor, diagctl.
 *
 * Such tools are shell scripts elsewhere. Here the command itself is a program that reads its standard input, and the other command gets
 * the files, judged by its own rule once more.
 */
#pragma once

#include "pam_diag/policy/match.h"

/* Takes the files off the match, which has been checked, and makes of them a command line for the other command. *ret_words are the caller's
 * (words_free). 0 or -ENOMEM. */
int through_take(struct match *match, struct words *ret_words);

/* Puts `made` before stage `at`, as the beginning of its pipe. On success *made is the decision's. -E2BIG: there are too many stages. */
int through_insert(struct decision *decision, size_t at, struct stage *made);
