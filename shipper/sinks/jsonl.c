#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "shipper/line.h"
#include "shipper/sinks/sink.h"
#include "sql/owner.h"

/* JSON lines, to a file or to stdout.
 *
 * A file is opened by its path in each run, so that a rotated one is simply followed by a new one, and is flushed
 * (fsync(2)) before the cursor moves. A crash or a full disk may leave a line without its end. What is in the file is
 * never taken back: such a line is ended by a newline when the file is next opened, and its batch is sent again, whole.
 * So a reader finds a broken line (which it drops, as it is no JSON), or a whole one twice (the same bytes).
 *
 * stdout acknowledges nothing when it is a pipe: there the reader must be trusted to have taken what write(2) gave it.
 * */
struct jsonl {
        int fd;
        bool own;
        const char *name;
};

static void jsonl_check(const struct sink_config *config, struct conf_check *check)
{
        if (strcmp(config->target, "-") != 0 && config->target[0] != '/')
                conf_wrong(check, "path", "expected `-` for standard output or a path that begins with `/`");
}

static void jsonl_close(void *sink)
{
        struct jsonl *jsonl = sink;

        if (jsonl == NULL)
                return;
        if (jsonl->own)
                jsonl->fd = fd_close(jsonl->fd);
        free(jsonl);
}

static int fail(const struct jsonl *jsonl, const char *doing, int error, struct fault *fault)
{
        return fault_set(fault, FAULT_LATER, "jsonl:%s: %s: %s", jsonl->name, doing, strerror(error));
}

static int read_last_byte(const struct jsonl *jsonl, off_t size, char *ret_last, struct fault *fault)
{
        cleanup_fd int fd = open(jsonl->name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

        if (fd < 0)
                return fault_set(fault, FAULT_CONFIG, "jsonl:%s: cannot read its last byte: %s", jsonl->name,
                                 strerror(errno));
        if (pread(fd, ret_last, 1, size - 1) != 1)
                return fail(jsonl, "cannot read its last byte", EIO, fault);
        return 0;
}

static int end_torn_line(const struct jsonl *jsonl, struct fault *fault)
{
        struct stat info;
        char last = '\n';
        int r;

        if (fstat(jsonl->fd, &info) < 0)
                return fail(jsonl, "cannot look at it", errno, fault);
        if (!S_ISREG(info.st_mode) || info.st_size == 0)
                return 0;
        if (read_last_byte(jsonl, info.st_size, &last, fault) < 0)
                return -1;
        if (last == '\n')
                return 0;
        r = fd_write_all(jsonl->fd, "\n", 1);
        return r < 0 ? fail(jsonl, "cannot end its torn last line", -r, fault) : 0;
}

static int open_path(struct jsonl *jsonl, struct fault *fault)
{
        int r;

        jsonl->own = true;
        /* O_NONBLOCK only for the open: a FIFO without a reader is an error (ENXIO) and not a wait. */
        jsonl->fd = open(jsonl->name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
        if (jsonl->fd < 0)
                return fault_set(fault, errno == ENOSPC || errno == EIO || errno == ENXIO ? FAULT_LATER : FAULT_CONFIG,
                                 "jsonl:%s: cannot open it: %s", jsonl->name, strerror(errno));
        if (fcntl(jsonl->fd, F_SETFL, O_APPEND) < 0)
                return fail(jsonl, "cannot set it up", errno, fault);
        if (end_torn_line(jsonl, fault) < 0)
                return -1;
        r = owner_sync_directory(jsonl->name);
        return r < 0 ? fail(jsonl, "cannot flush its directory", -r, fault) : 0;
}

static int jsonl_open(const struct sink_config *config, void **ret_sink, struct fault *fault)
{
        struct jsonl *jsonl = calloc(1, sizeof(*jsonl));

        if (jsonl == NULL)
                return fault_set(fault, FAULT_LATER, "out of memory");
        jsonl->name = config->target;
        jsonl->fd = STDOUT_FILENO;
        if (strcmp(config->target, "-") != 0 && open_path(jsonl, fault) < 0) {
                jsonl_close(jsonl);
                return -1;
        }
        *ret_sink = jsonl;
        return 0;
}

static int jsonl_format(struct buf *buf, struct auditdb *db, const struct export_row *row,
                        const struct sink_config *config)
{
        (void)config;
        return line_put(buf, db, row);
}

static int jsonl_send(void *sink, struct batch *batch, struct fault *fault)
{
        const struct jsonl *jsonl = sink;
        int r = fd_write_all(jsonl->fd, batch->bytes.data, batch->bytes.length);

        return r < 0 ? fail(jsonl, "cannot write", -r, fault) : 0;
}

static int jsonl_confirm(void *sink, const struct batch *batch, struct fault *fault)
{
        const struct jsonl *jsonl = sink;

        (void)batch;
        if (fsync(jsonl->fd) == 0)
                return 0;
        /* A pipe, a socket or a terminal cannot be flushed (fsync(2)). */
        if (errno == EINVAL || errno == EROFS || errno == ENOTSUP)
                return 0;
        return fail(jsonl, "cannot flush it", errno, fault);
}

const struct sink_type sink_jsonl = {
        .name = "jsonl",
        .usage = "jsonl:- or jsonl:/FILE   JSON lines to standard output, or appended to a file",
        .keys = SINK_PATH,
        .check = jsonl_check,
        .open = jsonl_open,
        .format = jsonl_format,
        .send = jsonl_send,
        .confirm = jsonl_confirm,
        .close = jsonl_close,
};
