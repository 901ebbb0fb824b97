#include "pam_diag/ctl/backlog.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/base/hex.h"
#include "pam_diag/base/num.h"
#include "pam_diag/policy/ini.h"
#include "sql/chain.h"

enum { CURSOR_MOST = 16 * 1024 };

void backlog_free(struct backlog *backlog)
{
        for (size_t i = 0; i < backlog->count; i++)
                free(backlog->sinks[i].name);
        free(backlog->sinks);
        *backlog = (struct backlog){ 0 };
}

static int why(struct auditdb_why *ret_why, int error, const char *path, const char *text)
{
        (void)snprintf(ret_why->text, sizeof(ret_why->text), "%.256s: %.200s", path, text);
        return error;
}

/* The sink of that name, a new one if need be; NULL when memory or the bound ends. */
static struct backlog_sink *find(struct backlog *backlog, const char *name)
{
        struct backlog_sink *sinks;
        char *copy;

        if (name == NULL)
                return NULL;
        for (size_t i = 0; i < backlog->count; i++)
                if (strcmp(backlog->sinks[i].name, name) == 0)
                        return &backlog->sinks[i];
        if (backlog->count == BACKLOG_SINKS_MOST)
                return NULL;
        sinks = reallocarray(backlog->sinks, backlog->count + 1, sizeof(*sinks));
        if (sinks == NULL)
                return NULL;
        backlog->sinks = sinks;
        copy = strdup(name);
        if (copy == NULL)
                return NULL;
        sinks[backlog->count] = (struct backlog_sink){ .name = copy };
        return &sinks[backlog->count++];
}

/* --- ship.conf: which sections there are; diag-ship judges what is in them ----------------------------------------- */

static int take_section(void *context, const struct ini_item *item)
{
        struct backlog_sink *sink;

        if (strcmp(item->words[0], "sink") != 0 || item->words[1] == NULL)
                return 0;
        sink = find(context, item->words[1]);
        if (sink == NULL)
                return -ENOMEM;
        sink->configured = true;
        return 0;
}

static int take_item(void *context, const struct ini_item *item)
{
        (void)context;
        (void)item;
        return 0;
}

static int read_config(const char *path, struct backlog *backlog, struct auditdb_why *ret_why)
{
        cleanup_policy_errors struct policy_errors errors = POLICY_ERRORS_INIT;
        const struct ini_handler handler = { .section = take_section, .item = take_item, .context = backlog };
        cleanup_free char *text = NULL;
        size_t length = 0;
        int r = fd_read_file(path, INI_FILE_MOST, &text, &length);

        if (r == -ENOENT)
                return 0;
        if (r == 0)
                r = ini_parse(path, text, length, &handler, &errors);
        if (r < 0)
                return why(ret_why, r, path, strerror(-r));
        return errors.count > 0 ? why(ret_why, -EINVAL, path, "it has errors: `diag-ship --check` tells them") : 0;
}

/* --- cursors: the form is that of shipper/cursor.c ---------------------------------------------------------------- */

/* Takes "<key> <value>\n" from *at: the value, NUL-terminated, the caller's. NULL when the line is another one. */
static char *take_line(const char **at, const char *key)
{
        size_t prefix = strlen(key);
        const char *end = strchr(*at, '\n');
        char *value;

        if (end == NULL || strncmp(*at, key, prefix) != 0 || (*at)[prefix] != ' ')
                return NULL;
        value = strndup(*at + prefix + 1, (size_t)(end - *at) - prefix - 1);
        if (value != NULL)
                *at = end + 1;
        return value;
}

/* The last line is a checksum over everything before it. */
static bool is_whole(const char *text, size_t length)
{
        static const char key[] = "check ";
        size_t line = sizeof(key) - 1 + 2 * (size_t)CHAIN_HASH_SIZE + 1;
        unsigned char hash[CHAIN_HASH_SIZE];
        unsigned char said[CHAIN_HASH_SIZE];
        size_t body;

        if (length < line || strlen(text) != length || text[length - 1] != '\n')
                return false;
        body = length - line;
        return strncmp(text + body, key, sizeof(key) - 1) == 0 &&
               hex_parse(text + body + sizeof(key) - 1, sizeof(said), said) == 0 &&
               chain_next(NULL, text, body, hash) == 0 && memcmp(hash, said, sizeof(hash)) == 0;
}

int backlog_parse(const char *text, size_t length, struct backlog_sink *ret_sink, char **ret_name)
{
        struct backlog_sink sink = { 0 };
        const char *at = text;

        if (!is_whole(text, length))
                return -EBADMSG;
        cleanup_free char *version = take_line(&at, "pam_diag cursor");
        cleanup_free char *name = take_line(&at, "sink");
        cleanup_free char *database = take_line(&at, "database");
        cleanup_free char *seq = take_line(&at, "seq");
        cleanup_free char *chain = take_line(&at, "chain");
        if (version == NULL || name == NULL || database == NULL || seq == NULL || chain == NULL ||
            strcmp(version, "1") != 0 || strlen(database) >= sizeof(sink.uuid) || strlen(name) > BACKLOG_NAME_MOST ||
            num_parse_i64(seq, 0, INT64_MAX, &sink.seq) < 0 || strlen(chain) != 2 * sizeof(sink.hash) ||
            hex_parse(chain, sizeof(sink.hash), sink.hash) < 0)
                return -EBADMSG;
        memcpy(sink.uuid, database, strlen(database) + 1);
        *ret_sink = sink;
        *ret_name = take_ptr(&name);
        return 0;
}

static int read_cursor(int directory, const char *name, struct backlog *backlog)
{
        cleanup_fd int fd = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        cleanup_free char *text = NULL;
        cleanup_free char *sink_name = NULL;
        struct backlog_sink read_sink = { 0 };
        struct backlog_sink *sink;
        struct stat info;
        size_t length = 0;
        int r;

        if (fd < 0 || fstat(fd, &info) < 0)
                return -errno;
        r = fd_read_all(fd, CURSOR_MOST, &text, &length);
        if (r == 0)
                r = backlog_parse(text, length, &read_sink, &sink_name);
        if (r < 0)
                return r;
        sink = find(backlog, sink_name);
        if (sink == NULL)
                return -ENOMEM;
        memcpy(sink->uuid, read_sink.uuid, sizeof(sink->uuid));
        memcpy(sink->hash, read_sink.hash, sizeof(sink->hash));
        sink->seq = read_sink.seq;
        sink->moved_us = (int64_t)info.st_mtim.tv_sec * 1000000 + info.st_mtim.tv_nsec / 1000;
        return 0;
}

static void directory_close_at(DIR **directory)
{
        if (*directory != NULL)
                (void)closedir(*directory);
}

static bool is_cursor(const char *name)
{
        const char *dot = strrchr(name, '.');

        return dot != NULL && dot != name && strcmp(dot, ".cursor") == 0;
}

static int read_state(const char *path, struct backlog *backlog, struct auditdb_why *ret_why)
{
        __attribute__((cleanup(directory_close_at))) DIR *directory = opendir(path);
        char place[512];

        if (directory == NULL)
                return errno == ENOENT ? 0 : why(ret_why, -errno, path, strerror(errno));
        for (;;) {
                const struct dirent *entry;
                int r;

                errno = 0;
                entry = readdir(directory);
                if (entry == NULL)
                        return errno != 0 ? why(ret_why, -errno, path, strerror(errno)) : 0;
                if (!is_cursor(entry->d_name))
                        continue;
                r = read_cursor(dirfd(directory), entry->d_name, backlog);
                if (r == 0 || r == -ENOENT)
                        continue;
                (void)snprintf(place, sizeof(place), "%.200s/%s", path, entry->d_name);
                return why(ret_why, r, place,
                           r == -EBADMSG ? "a damaged cursor; `diag-ship` tells more" : strerror(-r));
        }
}

int backlog_read(const char *config, const char *state, struct backlog *ret_backlog, struct auditdb_why *ret_why)
{
        cleanup_backlog struct backlog backlog = { 0 };
        int r = read_config(config, &backlog, ret_why);

        if (r == 0)
                r = read_state(state, &backlog, ret_why);
        if (r < 0)
                return r;
        *ret_backlog = backlog;
        backlog = (struct backlog){ 0 };
        return 0;
}

struct look {
        const struct backlog_sink *sink;
        int64_t oldest; /* seq of the first row that was seen */
        bool fits;
};

static int look_at_row(void *context, const struct auditdb_row *row)
{
        struct look *look = context;

        look->oldest = row->seq;
        look->fits = row->seq == look->sink->seq && memcmp(row->hash, look->sink->hash, AUDITDB_HASH_SIZE) == 0;
        return 1;
}

int backlog_seq(const struct backlog_sink *sink, struct auditdb *db, int64_t *ret_seq, struct auditdb_why *ret_why)
{
        struct look look = { .sink = sink };
        int r;

        *ret_seq = 0;
        if (sink->seq == 0 || strcmp(sink->uuid, auditdb_uuid(db)) != 0)
                return 0;
        r = auditdb_each(db, sink->seq - 1, 1, look_at_row, &look, ret_why);
        /* A row that has been pruned since was acknowledged then, too. */
        if (r == 0 && (look.fits || look.oldest > sink->seq))
                *ret_seq = sink->seq;
        return r;
}
