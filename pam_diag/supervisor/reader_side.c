/* The reader.
 *
 * Runs as  diag-audit with CAP_SYS_PTRACE, under a seccomp list of seven calls.
 * Trusts   the supervisor, whose requests have a fixed size and three numbers in them.
 * Never    parses what it reads, allocates, opens a file, or lives longer than its pipe.
 */
#include "pam_diag/supervisor/reader_side.h"

#include <errno.h>
#include <stddef.h>
#include <sys/uio.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/confine/reader_filter.h"

static char piece[READER_PIECE];

static int32_t read_memory(const struct reader_request *request)
{
        struct iovec here = { .iov_base = piece, .iov_len = request->length };
        struct iovec there = { .iov_base = (void *)(uintptr_t)request->address, .iov_len = request->length };
        ssize_t n = process_vm_readv(request->pid, &here, 1, &there, 1, 0);

        return n < 0 ? -errno : (int32_t)n;
}

/* "/proc/PID/exe" without printf: nothing here may allocate. */
static int32_t read_exe(const struct reader_request *request)
{
        char path[32] = "/proc/";
        char digits[12];
        size_t at = 6;
        size_t n = 0;
        ssize_t length;

        for (int32_t rest = request->pid; rest > 0; rest /= 10)
                digits[n++] = (char)('0' + rest % 10);
        while (n > 0)
                path[at++] = digits[--n];
        for (const char *c = "/exe"; *c != '\0'; c++)
                path[at++] = *c;
        length = readlink(path, piece, sizeof(piece));
        return length < 0 ? -errno : (int32_t)length;
}

static int32_t serve_one(const struct reader_request *request)
{
        if (request->pid <= 0 || request->length > READER_PIECE)
                return -EINVAL;
        switch (request->operation) {
        case READER_MEMORY:
                return read_memory(request);
        case READER_EXE:
                return read_exe(request);
        default:
                return -EINVAL;
        }
}

void reader_serve(void)
{
        struct reader_request request;

        if (reader_filter_install() < 0)
                _exit(1);
        /* A pipe gives such a small request whole or not at all (pipe(7), PIPE_BUF). */
        while (read(0, &request, sizeof(request)) == (ssize_t)sizeof(request)) {
                int32_t result = serve_one(&request);

                if (fd_write_all(1, &result, sizeof(result)) < 0 ||
                    (result > 0 && fd_write_all(1, piece, (size_t)result) < 0))
                        break;
        }
        _exit(0);
}
