/* Records: what is known at one moment, as one line of JSON.
 *
 * Linked by: diag-supervisor, diagctl (and diag-ship, which only reads them).
 *
 * Every record is one JSON object with a fixed order of keys, integers only, that begins
 * {"v":1,"kind":…,"time":…,"session":… and goes on with "invocation" and "verdict" where it has them. schema.sql
 * computes its columns from this beginning. Text may hold any bytes: base/json.h says how they are escaped, reversibly
 * and harmless on a terminal. Times are microseconds since 1970-01-01T00:00:00Z (CLOCK_REALTIME) and given by the
 * caller, durations microseconds. NULL text becomes null, a NULL array [].
 *
 * The builders append to `buf` and return 0, or -errno: -EINVAL when the session is not 32 lower-case hex digits or a
 * field without which a record means nothing is missing, else the buffer's failure (-EMSGSIZE, -ENOMEM). After a
 * failure the buffer's content is worth nothing.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pam_diag/base/buf.h"

enum { REC_SESSION_LENGTH = 32 };

/* Stands in records that belong to no session. */
#define REC_NO_SESSION "00000000000000000000000000000000"

/* A session has begun. */
struct rec_open {
        int64_t time_us;
        const char *session;
        const char *user;
        uint32_t uid;
        uint32_t gid;
        int64_t auid; /* login uid of the kernel's audit; -1: unset */
        const char *client; /* address of the peer */
        const char *service; /* of PAM, "sshd" */
        const char *tty; /* of PAM */
        const char *auth_method; /* "publickey" */
        const char *key_type; /* "ssh-ed25519" */
        const char *key; /* fingerprint, "SHA256:…" */
        const char *key_name; /* of its section in the policy */
        const char *policy; /* SHA-256 of the snapshot, hex */
        const char *host;
        const char *boot; /* id of the boot, /proc/sys/kernel/random/boot_id */
        int64_t boot_us; /* CLOCK_BOOTTIME */
        int64_t monitor; /* pid of sshd's monitor */
        const char *version; /* of pam_diag */
        char *const *missing; /* layers that the kernel lacks and the policy accepts */
        const char *
                limits; /* what bounds memory and processes: "cgroup", the session as a whole too, or "rlimits", each process alone */
};

/* One stage of a pipeline. Executed: rule, program, argv. Denied: words, as far as the line could be split. */
struct rec_stage {
        const char *rule;
        const char *program;
        char *const *argv;
        char *const *words;
};

/* A command line was received and decided. */
struct rec_exec {
        int64_t time_us;
        const char *session;
        int64_t invocation; /* from 1 */
        const char *verdict; /* "allow", "deny", "help" */
        const char *line; /* as received: any bytes */
        size_t line_length;
        bool tty;
        int64_t client_port; /* 0: not known */
        const char *cwd;
        const char *code; /* decide_code_name() */
        const char *rule;
        const char *reason;
        const char *hint;
        int64_t word; /* number of the offending word from 1; 0: none */
        int64_t position; /* byte in the line from 1; 0: none */
        const struct rec_stage *stages;
        size_t stage_count;
};

/* A process of the session wanted to execute a program by itself. */
struct rec_child {
        int64_t time_us;
        const char *session;
        int64_t invocation; /* 0: of none */
        const char *verdict; /* "allow", "deny" */
        int64_t pid;
        uint32_t uid;
        const char *program; /* as the process named it */
        char *const *argv; /* as seen; may be raced by its process */
        bool truncated; /* there was more of argv */
        const char *reason;
};

/* sshd's monitor, as root, has started a program (another module's helper). */
struct rec_monitor {
        int64_t time_us;
        const char *session;
        int64_t pid;
        const char *program;
        char *const *argv;
};

/* An invocation has ended. */
struct rec_exit {
        int64_t time_us;
        const char *session;
        int64_t invocation;
        int64_t status; /* exit status; -1: none */
        int64_t signal; /* 0: none */
        const char *how; /* "exited", "timeout", "output-limit", "killed", "lost", "failed" */
        int64_t duration_us;
        int64_t user_us;
        int64_t system_us;
        int64_t max_rss_kb;
        int64_t stdout_bytes;
        int64_t stderr_bytes;
        const int *stage_status; /* one for each stage */
        size_t stage_count;
        int64_t refused_children;
};

/* Who, outside of the session. */
struct rec_operator {
        uint32_t uid; /* by the kernel's word */
        int64_t auid; /* login uid; -1: unset */
        const char *name; /* of the login uid, or of the uid */
};

/* A session has ended. */
struct rec_close {
        int64_t time_us;
        const char *session;
        const char *how; /* "closed", "hang-up", "monitor-gone", "killed", "refused", … */
        const struct rec_operator *by; /* who had it killed; NULL: nobody */
        int64_t commands;
        int64_t denied;
        int64_t duration_us;
        int64_t audit_lost; /* events of which the kernel's audit could not be told */
};

/* Where the chain stood, for witnesses outside of this host. */
struct rec_head {
        int64_t time_us;
        const char *host; /* nodename, may be NULL; there is no session to take it from */
        const char *log; /* name of the chain: note.h */
        int64_t seq; /* of the row that the head is of */
        const char *hash; /* its hash, hex */
        const char *reason; /* "key", "rows", "time", "close" */
        const char *boot; /* as in rec_open */
        int64_t boot_us; /* CLOCK_BOOTTIME: tells time within a boot when the wall clock was set */
        const char *verifier; /* with reason "key": the public key of the notes from here on */
        const char *note; /* the same as signed note */
};

/* Rows were removed from the beginning. schema-2.sql reads "anchor" and what follows it. */
struct rec_prune {
        int64_t time_us;
        const char *host; /* as in rec_head */
        int64_t first; /* the removed rows: from here to the anchor */
        int64_t anchor_seq;
        const char *anchor_hash; /* hex */
        const char *anchor_mac; /* hex, or NULL */
        int64_t oldest_us; /* time of the first removed row */
        int64_t newest_us; /* and of the last */
        const char *reason; /* "age", "size" */
        char *const *sinks; /* that had acknowledged all of it */
        uint32_t uid; /* of whoever pruned */
        int64_t auid; /* login uid; -1: unset */
};

int rec_put_open(struct buf *buf, const struct rec_open *rec);
int rec_put_exec(struct buf *buf, const struct rec_exec *rec);
int rec_put_child(struct buf *buf, const struct rec_child *rec);
int rec_put_monitor(struct buf *buf, const struct rec_monitor *rec);
int rec_put_exit(struct buf *buf, const struct rec_exit *rec);
int rec_put_close(struct buf *buf, const struct rec_close *rec);
int rec_put_head(struct buf *buf, const struct rec_head *rec);
int rec_put_prune(struct buf *buf, const struct rec_prune *rec);
