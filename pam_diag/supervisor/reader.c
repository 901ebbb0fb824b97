#include "pam_diag/supervisor/reader.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <signal.h>
#include <unistd.h>

#include "pam_diag/base/buf.h"
#include "pam_diag/base/fd.h"
#include "pam_diag/supervisor/drop.h"
#include "pam_diag/supervisor/reader_side.h"

enum { ANSWER_TIMEOUT_MS = 5000, POINTER_SIZE = 8 };

/* The child keeps root for as long as it takes to drop it, and has read nothing by then. */
static __attribute__((noreturn)) void become_reader(uid_t uid, gid_t gid, int requests, int answers)
{
        if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || dup2(requests, 0) < 0 || dup2(answers, 1) < 0 ||
            close_range(2, ~0U, 0) < 0 || drop_to(uid, gid, &(cap_value_t){ CAP_SYS_PTRACE }, 1) < 0)
                _exit(1);
        reader_serve();
}

int reader_start(uid_t uid, gid_t gid, struct reader *ret_reader)
{
        cleanup_fd int ask_read = -1;
        cleanup_fd int ask_write = -1;
        cleanup_fd int answer_read = -1;
        cleanup_fd int answer_write = -1;
        pid_t pid;
        int r = fd_pipe(&ask_read, &ask_write);

        if (r == 0)
                r = fd_pipe(&answer_read, &answer_write);
        if (r < 0)
                return r;
        pid = fork();
        if (pid < 0)
                return -errno;
        if (pid == 0)
                become_reader(uid, gid, ask_read, answer_write);
        ret_reader->requests = take_fd(&ask_write);
        ret_reader->answers = take_fd(&answer_read);
        return 0;
}

void reader_stop(struct reader *reader)
{
        reader->requests = fd_close(reader->requests);
        reader->answers = fd_close(reader->answers);
}

static int read_whole(int fd, void *data, size_t length)
{
        char *next = data;

        while (length > 0) {
                struct pollfd wait = { .fd = fd, .events = POLLIN };
                ssize_t n;

                if (poll(&wait, 1, ANSWER_TIMEOUT_MS) <= 0)
                        return -EPIPE;
                n = read(fd, next, length);
                if (n <= 0)
                        return -EPIPE;
                next += n;
                length -= (size_t)n;
        }
        return 0;
}

/* *ret_length bytes come to `data`, which has room for request->length. */
static int ask(struct reader *reader, const struct reader_request *request, void *data, size_t *ret_length)
{
        int32_t result = 0;
        int r;

        if (reader->requests < 0)
                return -EPIPE;
        r = fd_write_all(reader->requests, request, sizeof(*request));
        if (r == 0)
                r = read_whole(reader->answers, &result, sizeof(result));
        if (r == 0 && result > 0)
                r = (uint32_t)result > request->length ? -EPIPE : read_whole(reader->answers, data, (size_t)result);
        if (r < 0) {
                /* An answer that comes late must never be taken for the next one. */
                reader_stop(reader);
                return -EPIPE;
        }
        if (result < 0)
                return result;
        *ret_length = (size_t)result;
        return 0;
}

/* One piece that ends with its page at the latest: a text may end just before memory that is not mapped. */
static int read_piece(struct reader *reader, pid_t pid, uint64_t address, char piece[READER_PIECE], size_t *ret_length)
{
        struct reader_request request = {
                .operation = READER_MEMORY,
                .pid = pid,
                .address = address,
                .length = (uint32_t)(READER_PIECE - address % READER_PIECE),
        };

        return ask(reader, &request, piece, ret_length);
}

int reader_text(struct reader *reader, pid_t pid, uint64_t address, size_t most, char **ret_text)
{
        cleanup_buf struct buf text = BUF_INIT(most);
        char piece[READER_PIECE];

        for (;;) {
                size_t length = 0;
                const char *end;
                int r = read_piece(reader, pid, address, piece, &length);

                if (r < 0)
                        return r;
                if (length == 0)
                        return -EFAULT;
                end = memchr(piece, '\0', length);
                buf_put(&text, piece, end == NULL ? length : (size_t)(end - piece));
                if (text.error != 0)
                        return text.error == -EMSGSIZE ? -E2BIG : text.error;
                if (end != NULL)
                        break;
                address += length;
        }
        *ret_text = take_ptr(&text.data);
        text.size = 0;
        return 0;
}

int reader_pointer(struct reader *reader, pid_t pid, uint64_t address, uint64_t *ret_value)
{
        struct reader_request request = {
                .operation = READER_MEMORY, .pid = pid, .address = address, .length = POINTER_SIZE
        };
        uint64_t value = 0;
        size_t length = 0;
        int r = ask(reader, &request, &value, &length);

        if (r < 0)
                return r;
        if (length != POINTER_SIZE)
                return -EFAULT;
        *ret_value = value;
        return 0;
}

static int append_within(char ***argv, const char *word, size_t *most_bytes)
{
        *most_bytes -= strlen(word);
        return strv_append(argv, word);
}

int reader_argv(struct reader *reader, pid_t pid, uint64_t address, size_t most_words, size_t most_bytes,
                char ***ret_argv, int *ret_cut)
{
        cleanup_strv char **argv = NULL;
        bool cut = false;

        for (size_t i = 0; address != 0; i++) {
                cleanup_free char *word = NULL;
                uint64_t at = 0;
                int r = reader_pointer(reader, pid, address + i * POINTER_SIZE, &at);

                if (r < 0)
                        return r;
                if (at == 0)
                        break;
                if (i == most_words) {
                        cut = true;
                        break;
                }
                r = reader_text(reader, pid, at, most_bytes, &word);
                if (r == -E2BIG) {
                        cut = true;
                        break;
                }
                if (r == 0)
                        r = append_within(&argv, word, &most_bytes);
                if (r < 0)
                        return r;
        }
        *ret_argv = take_ptr(&argv);
        *ret_cut = cut;
        return 0;
}

int reader_exe(struct reader *reader, pid_t pid, char **ret_path)
{
        struct reader_request request = { .operation = READER_EXE, .pid = pid, .length = READER_PIECE };
        char piece[READER_PIECE + 1];
        size_t length = 0;
        int r = ask(reader, &request, piece, &length);

        if (r < 0)
                return r;
        piece[length] = '\0';
        *ret_path = strdup(piece);
        return *ret_path == NULL ? -ENOMEM : 0;
}
