#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "shipper/append.h"
#include "shipper/line.h"
#include "shipper/sinks/sink.h"

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

static int open_path(struct jsonl *jsonl, struct fault *fault)
{
        const char *doing = NULL;
        int r;

        jsonl->own = true;
        r = append_open(AT_FDCWD, jsonl->name, 0640, &jsonl->fd, &doing);
        if (r == -ENOSPC || r == -EIO || r == -ENXIO)
                return fail(jsonl, doing, -r, fault);
        return r < 0 ? fault_set(fault, FAULT_CONFIG, "jsonl:%s: %s: %s", jsonl->name, doing, strerror(-r)) : 0;
}

static int jsonl_open(const struct sink_config *config, void **ret_sink, struct fault *fault)
{
        struct jsonl *jsonl = calloc(1, sizeof(*jsonl));

        if (jsonl == NULL)
                return fault_set(fault, FAULT_LATER, "out of memory");
        jsonl->name = config->target;
        jsonl->fd = strcmp(config->target, "-") == 0 ? STDOUT_FILENO : -1;
        if (jsonl->fd < 0 && open_path(jsonl, fault) < 0) {
                jsonl_close(jsonl);
                return -1;
        }
        *ret_sink = jsonl;
        return 0;
}

static int jsonl_format(struct buf *buf, struct auditdb *db, const struct export_row *row,
                        const struct sink_config *config)
{
        return line_put(buf, db, row, config->line_bytes);
}

/* A file that was rotated away in the midst of a run is not written to any more: it may be compressed by now. */
static int follow_rotation(struct jsonl *jsonl, struct fault *fault)
{
        struct stat open;
        struct stat named;

        if (!jsonl->own)
                return 0;
        if (fstat(jsonl->fd, &open) < 0)
                return fail(jsonl, "cannot look at it", errno, fault);
        if (stat(jsonl->name, &named) == 0 && named.st_dev == open.st_dev && named.st_ino == open.st_ino)
                return 0;
        jsonl->fd = fd_close(jsonl->fd);
        return open_path(jsonl, fault);
}

static int jsonl_send(void *sink, struct batch *batch, struct fault *fault)
{
        struct jsonl *jsonl = sink;
        int r;

        if (follow_rotation(jsonl, fault) < 0)
                return -1;
        r = fd_write_all(jsonl->fd, batch->bytes.data, batch->bytes.length);
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
        .keys = SINK_PATH | SINK_LINE,
        .check = jsonl_check,
        .open = jsonl_open,
        .format = jsonl_format,
        .send = jsonl_send,
        .confirm = jsonl_confirm,
        .close = jsonl_close,
};
