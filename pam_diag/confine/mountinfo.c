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
        for (size_t i = 0; i < info->count; i++) {
                free(info->entries[i].device);
                free(info->entries[i].root);
                free(info->entries[i].point);
                strv_free(info->entries[i].layers);
        }
        free(info->entries);
        *info = (struct mountinfo){ 0 };
}

/* "\040" and its like become the character again (blank, tab, newline, backslash, '#'). */
static void unescape(char *text)
{
        char *out = text;

        for (const char *in = text; *in != '\0'; in++) {
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

/* Fields 1, 3, 4 and 5 of one line: id, device, root, mount point; the layers of an overlay. */
static int parse_line(const char *line, size_t length, struct mountinfo_entry *entry)
{
        cleanup_free char *id = NULL;
        char **fields[] = { &id, NULL, &entry->device, &entry->root, &entry->point };
        const char *end = line + length;

        for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
                const char *blank = memchr(line, ' ', (size_t)(end - line));

                if (blank == NULL)
                        return -EBADMSG;
                if (fields[i] != NULL) {
                        *fields[i] = strndup(line, (size_t)(blank - line));
                        if (*fields[i] == NULL)
                                return -ENOMEM;
                        unescape(*fields[i]);
                }
                line = blank + 1;
        }
        if (id == NULL || num_parse_u64(id, 0, UINT64_MAX, &entry->id) < 0)
                return -EBADMSG;
        return parse_layers(line, end, entry);
}

static size_t count_lines(const char *text)
{
        size_t n = 0;

        for (; *text != '\0'; text++)
                n += *text == '\n';
        return n + 1;
}

int mountinfo_parse(const char *text, struct mountinfo *ret_info)
{
        cleanup_mountinfo struct mountinfo info = { 0 };

        info.entries = calloc(count_lines(text), sizeof(*info.entries));
        if (info.entries == NULL)
                return -ENOMEM;
        while (*text != '\0') {
                const char *end = strchrnul(text, '\n');
                int r = parse_line(text, (size_t)(end - text), &info.entries[info.count++]);

                if (r < 0)
                        return r;
                text = *end == '\0' ? end : end + 1;
        }
        *ret_info = info;
        info = (struct mountinfo){ 0 };
        return 0;
}

int mountinfo_load(struct mountinfo *ret_info)
{
        cleanup_free char *text = NULL;
        size_t length;
        int r = fd_read_file("/proc/self/mountinfo", MOUNTINFO_MOST, &text, &length);

        return r < 0 ? r : mountinfo_parse(text, ret_info);
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

        return one != NULL && other != NULL && strcmp(one->device, other->device) == 0;
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

int mountinfo_aliases(const struct mountinfo *info, uint64_t id, const char *path, char ***aliases, char ***parts)
{
        const struct mountinfo_entry *own = mountinfo_find(info, id);
        cleanup_free char *inside = NULL;
        int r = own == NULL ? 0 : mountinfo_path_inside(own, path, &inside);

        for (size_t i = 0; r == 0 && own != NULL && i < info->count; i++) {
                const struct mountinfo_entry *entry = &info->entries[i];
                const char *rest;

                if (strcmp(entry->device, own->device) != 0)
                        continue;
                rest = mountinfo_below(entry->root, *inside == '\0' ? "/" : inside);
                if (rest != NULL)
                        r = append_joined(aliases, entry->point, rest, path);
                else if (mountinfo_below(inside, entry->root) != NULL)
                        r = append_joined(parts, entry->point, "", path);
        }
        return r;
}
