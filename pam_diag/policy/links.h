/* Hard links: a file that is denied under one name and asked for under another.
 *
 * Linked by: diag-supervisor, diagctl.
 *
 * For the message and the record: masks and Landlock go by place, so the kernel does not hold here. Who may make such a link is root or the
 * file's own owner, never a session.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include "pam_diag/policy/decide.h"

/* The denied files that have further names, collected when a file is asked for that has some. */
struct links {
        struct file_identity *files;
        size_t count;
        bool collected;
};

static inline void links_clear(struct links *links)
{
        free(links->files);
        *links = (struct links){ 0 };
}

/* Whether the file at the resolved location is one of those that the patterns keep back. 1, 0 or -ENOMEM. */
int links_are_denied(struct links *links, const struct path_resolver *resolver, char *const *patterns,
                     const char *resolved);

/* What path_resolver_live answers (decide.h), from the filesystem as this process sees it: what it may not list is not found. */
int links_identify(void *context, const char *path, struct file_identity *ret_identity);
int links_collect(void *context, char *const *patterns, size_t most, struct file_identity **ret_files,
                  size_t *ret_count);
