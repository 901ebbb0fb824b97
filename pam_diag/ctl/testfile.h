/* Files of expected verdicts, for `diagctl policy test`.
 *
 * Linked by: diagctl.
 *
 *     # comment
 *     VERDICT <TAB> COMMAND [<TAB> RULE]
 *
 * VERDICT is allow, deny or deny:CODE. In COMMAND stand \t, \n, \\ and \xNN for bytes; no other backslash may. Empty lines
 * are skipped.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "pam_diag/policy/decide.h"
#include "pam_diag/policy/errors.h"

enum { TESTFILE_MOST = 64 * 1024 * 1024 };

struct testcase {
        unsigned line; /* where it stands, from 1 */
        bool allow;
        enum decide_code code; /* CODE_NONE: any */
        char *command; /* may hold any byte */
        size_t length;
        char *rule; /* NULL: any */
};

struct testfile {
        struct testcase *cases;
        size_t count;
        size_t room;
};

void testfile_free(struct testfile *file);
#define cleanup_testfile __attribute__((cleanup(testfile_free)))

/* Pure. 0 when the text was read to its end, whatever was wrong in it: the errors' count tells. -ENOMEM. `name` is for messages. */
int testfile_parse(const char *name, const char *data, size_t length, struct testfile *file,
                   struct policy_errors *errors);
