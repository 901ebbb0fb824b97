#include "pam_diag/prober/rule.h"

#define LIMITS                  \
        "timeout = 60s\n"       \
        "output-limit = 256k\n" \
        "memory-limit = 1G\n"   \
        "cpu-limit = 30s\n"     \
        "process-limit = 1024\n"

void rule_put(struct buf *buf, const char *program)
{
        buf_printf(buf,
                   "\n\n[command " RULE_PLAIN "]\n"
                   "summary = Try what a command must not be able to do\n"
                   "program = %s\n"
                   "network = none\n" LIMITS "\n[command " RULE_GRANTED "]\n"
                   "summary = Try what a command with sockets must not be able to do\n"
                   "program = %s\n"
                   "network = unix loopback\n"
                   "operand = 1 : text\n" LIMITS "\n[key " RULE_PLAIN "]\n"
                   "fingerprint = " RULE_FINGERPRINT "\n"
                   "commands = " RULE_PLAIN " " RULE_GRANTED "\n",
                   program, program);
}
