/* The reader: the only process with CAP_SYS_PTRACE, which is root in all but name.
 *
 * Linked by: diag-supervisor.
 *
 * It takes fixed requests from a pipe (so many bytes at an address of a process; the path of its executable) and answers with the
 * bytes. It parses nothing, allocates nothing, and its seccomp list holds seven calls. Sources: process_vm_readv(2),
 * proc(5) for /proc/PID/exe. A requester must check afterwards that the process was still the one meant (listener_is_valid).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct reader {
        int requests;
        int answers;
};

#define READER_INIT ((struct reader){ -1, -1 })

/* Forks the reader as uid and gid; called as root, before the caller drops. */
int reader_start(uid_t uid, gid_t gid, struct reader *ret_reader);
void reader_stop(struct reader *reader);
#define cleanup_reader __attribute__((cleanup(reader_stop)))

/* The text at an address of the process, malloc'ed. -E2BIG when it is longer than `most` bytes; -EFAULT for a bad address; -EPIPE when the
 * reader is gone or does not answer within its bound: it is given up then. */
int reader_text(struct reader *reader, pid_t pid, uint64_t address, size_t most, char **ret_text);

/* One pointer. */
int reader_pointer(struct reader *reader, pid_t pid, uint64_t address, uint64_t *ret_value);

/* An argument vector: at most `most_words` texts of `most_bytes` in all; what is over is left out and *ret_cut is set. */
int reader_argv(struct reader *reader, pid_t pid, uint64_t address, size_t most_words, size_t most_bytes,
                char ***ret_argv, int *ret_cut);

/* Where /proc/PID/exe points. */
int reader_exe(struct reader *reader, pid_t pid, char **ret_path);
