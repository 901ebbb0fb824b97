#include "pam_diag/confine/mountinfo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/base/num.h"
#include "pam_diag/confine/overlay.h"

enum { MOUNTINFO_MOST = 64 * 1024 * 1024 };

void mountinfo_free(struct mountinfo *info)
{
        for (size_t i = 0; i < info->count; i++)
                strv_free(info->entries[i].layers);
        free(info->entries);
        free(info->text);
        *info = (struct mountinfo){ 0 };
}

/* "\040" and its like become the character again (blank, tab, newline, backslash, '#'). */
static void unescape(char *text)
{
        char *out = strchrnul(text, '\\');

        for (const char *in = out; *in != '\0'; in++) {
                if (in[0] == '\\' && in[1] >= '0' && in[1] <= '3' && in[2] >= '0' && in[2] <= '7' && in[3] >= '0' &&
                    in[3] <= '7') {
                        *out++ = (char)((in[1] - '0') * 64 + (in[2] - '0') * 8 + (in[3] - '0'));
                        in += 3;
                } else {
                        *out++ = *in;
                }
        }
        *out = '\0';
}

/* Behind the separator " - ": the type of the filesystem, its source, its options. */
static int parse_layers(const char *line, const char *end, struct mountinfo_entry *entry)
{
        static const char type[] = " - overlay ";
        const char *at = memmem(line, (size_t)(end - line), type, sizeof(type) - 1);
        const char *options = at == NULL ? NULL
                                         : memchr(at + sizeof(type) - 1, ' ', (size_t)(end - at) - (sizeof(type) - 1));
        cleanup_free char *text = options == NULL ? NULL : strndup(options + 1, (size_t)(end - options) - 1);

        if (options == NULL)
                return 0;
        if (text == NULL)
                return -ENOMEM;
        unescape(text);
        return overlay_layers(text, &entry->layers);
}

/* "major:minor". */
static int parse_device(char *text, uint64_t *ret_device)
{
        char *colon = strchr(text, ':');
        uint64_t major, minor;

        if (colon == NULL)
                return -EBADMSG;
        *colon = '\0';
        if (num_parse_u64(text, 0, UINT32_MAX, &major) < 0 || num_parse_u64(colon + 1, 0, UINT32_MAX, &minor) < 0)
                return -EBADMSG;
        *ret_device = major << 32 | minor;
        return 0;
}

/* Fields 1, 3, 4 and 5 of one line: id, device, root, mount point; the layers of an overlay. */
static int parse_line(char *line, struct mountinfo_entry *entry)
{
        char *fields[5];
        char *end = line + strlen(line);
        char *at = line;

        for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
                char *blank = strchr(at, ' ');

                if (blank == NULL)
                        return -EBADMSG;
                *blank = '\0';
                fields[i] = at;
                at = blank + 1;
        }
        if (num_parse_u64(fields[0], 0, UINT64_MAX, &entry->id) < 0 || parse_device(fields[2], &entry->device) < 0)
                return -EBADMSG;
        unescape(fields[3]);
        unescape(fields[4]);
        entry->root = fields[3];
        entry->point = fields[4];
        return parse_layers(at, end, entry);
}

static size_t count_lines(const char *text)
{
        size_t n = 1;

        for (text = strchr(text, '\n'); text != NULL; text = strchr(text + 1, '\n'))
                n++;
        return n;
}

/* The entries point into the text, which is theirs from here on. */
static int parse(char *text, struct mountinfo *ret_info)
{
        cleanup_mountinfo struct mountinfo info = { .text = text };

        info.entries = calloc(count_lines(text), sizeof(*info.entries));
        if (info.entries == NULL)
                return -ENOMEM;
        while (*text != '\0') {
                struct mountinfo_entry *entry = &info.entries[info.count++];
                char *end = strchrnul(text, '\n');
                char *next = *end == '\0' ? end : end + 1;
                int r;

                *end = '\0';
                r = parse_line(text, entry);
                if (r < 0)
                        return r;
                if (entry->layers != NULL) {
                        entry->next_overlay = info.overlays;
                        info.overlays = entry;
                }
                text = next;
        }
        *ret_info = info;
        info = (struct mountinfo){ 0 };
        return 0;
}

int mountinfo_parse(const char *text, struct mountinfo *ret_info)
{
        char *copy = strdup(text);

        return copy == NULL ? -ENOMEM : parse(copy, ret_info);
}

int mountinfo_load(struct mountinfo *ret_info)
{
        char *text = NULL;
        size_t length;
        int r = fd_read_file("/proc/self/mountinfo", MOUNTINFO_MOST, &text, &length);

        return r < 0 ? r : parse(text, ret_info);
}

const char *mountinfo_below(const char *tree, const char *path)
{
        size_t n = strcmp(tree, "/") == 0 ? 0 : strlen(tree);

        if (strncmp(tree, path, n) != 0 || (path[n] != '/' && path[n] != '\0'))
                return NULL;
        return strcmp(path + n, "/") == 0 ? "" : path + n;
}

const struct mountinfo_entry *mountinfo_find(const struct mountinfo *info, uint64_t id)
{
        for (size_t i = 0; i < info->count; i++)
                if (info->entries[i].id == id)
                        return &info->entries[i];
        return NULL;
}

bool mountinfo_same_filesystem(const struct mountinfo *info, uint64_t a, uint64_t b)
{
        const struct mountinfo_entry *one = mountinfo_find(info, a);
        const struct mountinfo_entry *other = mountinfo_find(info, b);

        return one != NULL && other != NULL && one->device == other->device;
}

static int append_joined(char ***aliases, const char *tree, const char *rest, const char *except)
{
        cleanup_free char *path = NULL;

        if (asprintf(&path, "%s%s", strcmp(tree, "/") == 0 && *rest != '\0' ? "" : tree, rest) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        return strcmp(path, except) == 0 ? 0 : strv_append_once(aliases, path);
}

int mountinfo_path_inside(const struct mountinfo_entry *own, const char *path, char **ret_inside)
{
        const char *root = strcmp(own->root, "/") == 0 ? "" : own->root;
        const char *rest = mountinfo_below(own->point, path);
        char *inside;

        if (rest == NULL)
                return -EBADMSG;
        if (asprintf(&inside, "%s%s", root, rest) < 0)
                return -ENOMEM;
        *ret_inside = inside;
        return 0;
}

/* The next one after `entry`, or the first, which shows the filesystem of `own` and is not that mount itself. */
static const struct mountinfo_entry *next_of_same(const struct mountinfo *info, const struct mountinfo_entry *own,
                                                  const struct mountinfo_entry *entry)
{
        const struct mountinfo_entry *end = info->entries + info->count;

        for (entry = entry == NULL ? info->entries : entry + 1; entry < end; entry++)
                if (entry->device == own->device && entry != own)
                        return entry;
        return NULL;
}

int mountinfo_aliases(const struct mountinfo *info, const struct mountinfo_entry *own, const char *path,
                      char ***aliases, char ***parts)
{
        const struct mountinfo_entry *entry;
        cleanup_free char *inside = NULL;
        int r = 0;

        if (own == NULL)
                return 0;
        if (mountinfo_below(own->point, path) == NULL)
                return -EBADMSG;
        entry = next_of_same(info, own, NULL);
        if (entry != NULL)
                r = mountinfo_path_inside(own, path, &inside);
        for (; r == 0 && entry != NULL; entry = next_of_same(info, own, entry)) {
                const char *rest = mountinfo_below(entry->root, *inside == '\0' ? "/" : inside);

                if (rest != NULL)
                        r = append_joined(aliases, entry->point, rest, path);
                else if (mountinfo_below(inside, entry->root) != NULL)
                        r = append_joined(parts, entry->point, "", path);
        }
        return r;
}
