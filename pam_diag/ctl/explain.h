/* A decision as text.
 *
 * Linked by: diagctl.
 */
#pragma once

#include "pam_diag/base/buf.h"
#include "pam_diag/policy/decide.h"

/* A thousand paths of full length, that a glob may become, in each of 16 stages; a bound, not a size. */
enum { EXPLAIN_MOST = 256 * 1024 * 1024 };

/* Lines `name:  value`, for a person; what has no value has no line. Failures stay in the buffer. */
void explain_put_text(struct buf *buf, const struct decision *decision);

/* One JSON object on one line, every member always there; explain_json.c.
 *   verdict   "allow" or "deny"
 *   help      true when the built-in help answers, with `text`; nothing runs then
 *   code, rule, reason, hint    strings or null
 *   word, position              from 1, or null: the word of its stage, the byte of the line
 *   stages    one list for each stage: its words as received, each in base64; empty when the line could not be split
 *   run       the same for what would be executed; empty unless allowed
 *   plan      one object for each stage that would run: link ("", "|", "&&", "||", ";": to the stage before), redirect, rule,
 *             program, helpers, network, reads, lists, timeout_ms, output_most, memory_most, cpu_s,
 *             processes_most (0: none)
 * Words are in base64 (RFC 4648) because they may hold any byte. */
void explain_put_json(struct buf *buf, const struct decision *decision);

/* "|", "&&", "||", ";"; "" for LINK_FIRST. */
const char *explain_link(enum stage_link link);

/* The names of REDIRECT_* and NETWORK_* bits. */
void explain_put_redirects(struct buf *buf, unsigned redirect, const char *between, const char *around);
void explain_put_networks(struct buf *buf, unsigned network, const char *between, const char *around);
