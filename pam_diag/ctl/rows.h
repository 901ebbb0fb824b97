/* Rows of the audit database on standard output.
 *
 * Linked by: diagctl.
 */
#pragma once

#include "pam_diag/ctl/logline.h"

struct rows_style {
        struct logline_style line;
        bool json; /* each as one JSON object instead: seq, time, hash and the stored record as it is */
};

/* For standard output: local times and colours on a terminal. */
struct rows_style rows_style_here(bool json, bool detail);

/* Prints these rows, in this order. 0, or the error of reading with *ret_why. */
int rows_print(struct auditdb *db, const struct rows_style *style, const int64_t *seqs, size_t count,
               struct auditdb_why *ret_why);
