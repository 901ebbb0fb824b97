/* diag-shell and the supervisor: one invocation.
 *
 * Linked by: diag-supervisor, diag-shell.
 *
 *     diag-shell                     supervisor
 *     ask_run             ─────►     decides, commits the exec record
 *                         ◄─────     answer_plan       or answer_text (help)      or answer_refused
 *     ask_stage (sent by the stage's own process: its pid is the kernel's word)
 *     execve              ─ notified ─►  must be exactly that stage, once
 *     report_end          ─────►     commits the exit record
 *                         ◄─────     answer_ended
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pam_diag/base/buf.h"

/* The descriptor at which the supervisor injects the channel; sshd closes everything above 2 before it execs the shell. */
enum { CHANNEL_FD = 3 };

enum channel_type {
        CHANNEL_ASK_RUN = 0x200,
        CHANNEL_ANSWER_PLAN,
        CHANNEL_ANSWER_TEXT, /* body: text for stdout, exit status 0 */
        CHANNEL_ANSWER_REFUSED, /* body: exit status, text for stderr */
        CHANNEL_ASK_STAGE, /* body: index of the stage */
        CHANNEL_REPORT_END,
        CHANNEL_ANSWER_ENDED, /* body: 1 when the end is on record, else 0 */
};

enum { STATUS_TIMEOUT = 124, STATUS_OUTPUT_LIMIT = 125, STATUS_REFUSED = 126, STATUS_UNKNOWN = 127 };

struct channel_run {
        char *line; /* as received; any byte but NUL */
        size_t line_length;
        bool tty;
        uint32_t columns; /* width of the terminal, 0 when unknown */
        uint32_t client_port; /* from SSH_CONNECTION, 0 when unknown */
};

void channel_run_free(struct channel_run *run);
#define cleanup_channel_run __attribute__((cleanup(channel_run_free)))
void channel_run_pack(const struct channel_run *run, struct buf *buf);
int channel_run_unpack(const char *data, size_t length, struct channel_run *ret_run);

/* How a stage follows the one before it, and where its output goes. */
enum plan_link { PLAN_FIRST, PLAN_PIPE, PLAN_AND, PLAN_OR, PLAN_THEN, PLAN_LINK_COUNT };
enum { PLAN_OUT_NULL = 1 << 0, PLAN_ERR_NULL = 1 << 1, PLAN_ERR_OUT = 1 << 2, PLAN_REDIRECT_ALL = 7 };

/* What one process of a plan runs and may touch. */
struct plan_stage {
        uint32_t link; /* enum plan_link */
        uint32_t redirect; /* PLAN_* bits */
        uint64_t memory_most; /* bytes of address space; 0: none, as the next two */
        uint64_t cpu_s;
        uint64_t processes_most;
        uint32_t connects; /* 1: may connect its TCP sockets, which the supervisor makes */
        char *program;
        char **argv;
        char **reads; /* trees and files to read */
        char **lists; /* trees whose directories alone to read */
        char **executes; /* the target, its loader, its helpers */
};

enum { PLAN_STAGES_MOST = 16, PLAN_STRINGS_MOST = 8192 };

struct plan {
        uint64_t timeout_ms; /* 0: none */
        uint64_t output_most; /* bytes; 0: none */
        char **environment;
        char **denied; /* patterns of what must be masked wherever it exists by now */
        uint64_t mask_device; /* st_dev of a mask */
        char *filter; /* every stage's seccomp filter, as struct sock_filter */
        size_t filter_size; /* bytes */
        struct plan_stage *stages;
        size_t stage_count;
};

void plan_free(struct plan *plan);
#define cleanup_plan __attribute__((cleanup(plan_free)))
void plan_pack(const struct plan *plan, struct buf *buf);
int plan_unpack(const char *data, size_t length, struct plan *ret_plan);

enum end_how {
        END_EXITED, /* by itself, status or signal */
        END_TIMEOUT,
        END_OUTPUT_LIMIT,
        END_CLIENT_GONE, /* nobody reads any more */
        END_INTERRUPTED, /* a signal to diag-shell: the terminal's keys, a hang-up */
        END_SESSION, /* the supervisor ended the session */
        END_FAILED, /* the program could not be started */
        END_HOW_COUNT,
};

struct channel_end {
        uint32_t how; /* enum end_how */
        uint32_t status; /* exit status of the last stage that ran, when signal is 0 */
        uint32_t signal;
        uint64_t duration_us;
        uint64_t user_us;
        uint64_t system_us;
        uint64_t max_rss_kb;
        uint64_t stdout_bytes;
        uint64_t stderr_bytes;
        int32_t statuses[PLAN_STAGES_MOST]; /* of each stage, 128+n for a signal; END_NOT_RUN */
        uint32_t status_count;
};

enum { END_NOT_RUN = -1 };

void channel_end_pack(const struct channel_end *end, struct buf *buf);
int channel_end_unpack(const char *data, size_t length, struct channel_end *ret_end);

/* An exit status and a text. */
void channel_refusal_pack(uint32_t status, const char *text, struct buf *buf);
int channel_refusal_unpack(const char *data, size_t length, uint32_t *ret_status, char **ret_text);
