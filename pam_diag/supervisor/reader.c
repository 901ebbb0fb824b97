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

/* Two pages of a process that waits in its call. Words and the pointers to them mostly lie side by side, and each question costs two switches of
 * process. Good for one text or one vector only: what lies there changes once the caller is answered. */
struct window {
        uint64_t address; /* of its page */
        size_t length; /* 0: nothing */
        char bytes[READER_PIECE];
};

enum { WINDOWS = 2 };

struct windows {
        struct window all[WINDOWS];
        size_t oldest;
};

static int fill(struct reader *reader, pid_t pid, uint64_t page, struct window *window)
{
        struct reader_request request = {
                .operation = READER_MEMORY, .pid = pid, .address = page, .length = READER_PIECE
        };
        size_t length = 0;
        int r;

        window->length = 0;
        r = ask(reader, &request, window->bytes, &length);
        /* A page is there as a whole or not at all. */
        if (r == 0 && length != READER_PIECE)
                r = -EFAULT;
        if (r < 0)
                return r;
        window->address = page;
        window->length = length;
        return 0;
}

/* The bytes from `address` to the end of its page. */
static int look(struct reader *reader, pid_t pid, struct windows *windows, uint64_t address, const char **ret_bytes,
                size_t *ret_length)
{
        uint64_t page = address - address % READER_PIECE;
        size_t i = 0;

        while (i < WINDOWS && (windows->all[i].length == 0 || windows->all[i].address != page))
                i++;
        if (i == WINDOWS) {
                int r;

                i = windows->oldest;
                r = fill(reader, pid, page, &windows->all[i]);
                if (r < 0)
                        return r;
        }
        windows->oldest = (i + 1) % WINDOWS;
        *ret_bytes = windows->all[i].bytes + (address - page);
        *ret_length = READER_PIECE - (size_t)(address - page);
        return 0;
}

static int look_text(struct reader *reader, pid_t pid, struct windows *windows, uint64_t address, size_t most,
                     char **ret_text)
{
        cleanup_buf struct buf text = BUF_INIT(most);
        const char *end = NULL;

        while (end == NULL) {
                const char *bytes;
                size_t length;
                int r = look(reader, pid, windows, address, &bytes, &length);

                if (r < 0)
                        return r;
                end = memchr(bytes, '\0', length);
                buf_put(&text, bytes, end == NULL ? length : (size_t)(end - bytes));
                if (text.error != 0)
                        return text.error == -EMSGSIZE ? -E2BIG : text.error;
                address += length;
        }
        *ret_text = take_ptr(&text.data);
        text.size = 0;
        return 0;
}

int reader_text(struct reader *reader, pid_t pid, uint64_t address, size_t most, char **ret_text)
{
        struct windows windows = { .oldest = 0 };

        return look_text(reader, pid, &windows, address, most, ret_text);
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

static int look_pointer(struct reader *reader, pid_t pid, struct windows *windows, uint64_t address,
                        uint64_t *ret_value)
{
        const char *bytes;
        size_t length;
        int r;

        /* Nothing makes a caller keep its pointers aligned. */
        if (address % READER_PIECE > READER_PIECE - POINTER_SIZE)
                return reader_pointer(reader, pid, address, ret_value);
        r = look(reader, pid, windows, address, &bytes, &length);
        if (r == 0)
                memcpy(ret_value, bytes, POINTER_SIZE);
        return r;
}

static int append_within(char ***argv, const char *word, size_t *most_bytes)
{
        *most_bytes -= strlen(word);
        return strv_append(argv, word);
}

int reader_argv(struct reader *reader, pid_t pid, uint64_t address, size_t most_words, size_t most_bytes,
                char ***ret_argv, int *ret_cut)
{
        struct windows windows = { .oldest = 0 };
        cleanup_strv char **argv = NULL;
        bool cut = false;

        for (size_t i = 0; address != 0; i++) {
                cleanup_free char *word = NULL;
                uint64_t at = 0;
                int r = look_pointer(reader, pid, &windows, address + i * POINTER_SIZE, &at);

                if (r < 0)
                        return r;
                if (at == 0)
                        break;
                if (i == most_words) {
                        cut = true;
                        break;
                }
                r = look_text(reader, pid, &windows, at, most_bytes, &word);
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
