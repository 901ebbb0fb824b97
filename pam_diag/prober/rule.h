/* What the policy of a probing session has besides the host's own.
 *
 * Linked by: diag-prober.
 *
 * The two rules of diag-probe, and a key that has these two commands and nothing else. No ssh login is by that key: no key has such a
 * type. So the session runs diag-probe whatever the policy says of unknown keys, and no other command.
 */
#pragma once

#include "pam_diag/base/buf.h"

/* As sshd would put it into SSH_AUTH_INFO_0. */
#define RULE_AUTH_INFO "publickey diag-probe AAAACmRpYWctcHJvYmU="
#define RULE_FINGERPRINT "SHA256:evg/L3W/CnUSMgASGXArQ5WpY1y8vsjLNNaK2ioXrFk"
#define RULE_PLAIN "diag-probe"
#define RULE_GRANTED "diag-probe-granted"

/* Appends the sections, ready to stand behind a policy's text. Pure. `program`: where diag-probe is. */
void rule_put(struct buf *buf, const char *program);
