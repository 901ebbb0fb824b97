#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/base/wild.h"
#include "pam_diag/policy/ini.h"
#include "pam_diag/policy/lint.h"
#include "pam_diag/policy/patterns.h"
#include "pam_diag/policy/snapshot.h"

struct paths {
        const struct policy *policy;
        struct policy_lints *lints;
        bool here; /* in [paths] */
        struct buf idle; /* denies of this line that have no effect on this host */
        char **seen; /* denies so far */
};

static bool has_glob(const char *text)
{
        return !wild_is_plain(text);
}

static bool part_fits(const char *a, const char *b)
{
        if (has_glob(a) && has_glob(b))
                return true; /* they may well have a name in common */
        return has_glob(a) ? fnmatch(a, b, 0) == 0 : has_glob(b) ? fnmatch(b, a, 0) == 0 : strcmp(a, b) == 0;
}

/* Cuts the next component off; NULL at the end. */
static char *next_part(char **at)
{
        char *part;

        do
                part = strsep(at, "/");
        while (part != NULL && *part == '\0');
        return part;
}

/* Can a path be in both trees? *ret: one lies in the other, as far as their texts tell. */
static int overlap(const char *one, const char *other, bool *ret)
{
        cleanup_free char *a = strdup(one);
        cleanup_free char *b = strdup(other);
        char *at_a = a;
        char *at_b = b;

        if (a == NULL || b == NULL)
                return -ENOMEM;
        for (;;) {
                const char *part_a = next_part(&at_a);
                const char *part_b = part_a == NULL ? NULL : next_part(&at_b);

                if (part_a == NULL || part_b == NULL) {
                        *ret = true;
                        return 0;
                }
                if (!part_fits(part_a, part_b)) {
                        *ret = false;
                        return 0;
                }
        }
}

/* Is every path of `inner` one of `outer`, as far as the texts tell? */
static bool contains(const char *outer, const char *inner)
{
        size_t n = strlen(outer);

        if (strcmp(outer, "/") == 0)
                return true;
        if (strncmp(outer, inner, n) == 0 && (inner[n] == '/' || inner[n] == '\0'))
                return true;
        if (has_glob(inner))
                return false;
        return fnmatch(outer, inner, FNM_PATHNAME | FNM_LEADING_DIR) == 0;
}

static const char *containing(char *const *patterns, const char *pattern, bool itself)
{
        for (size_t i = 0; patterns != NULL && patterns[i] != NULL; i++)
                if ((itself || strcmp(patterns[i], pattern) != 0) && contains(patterns[i], pattern))
                        return patterns[i];
        return NULL;
}

static bool exists(const char *pattern)
{
        glob_t found = { 0 };
        int r = glob(pattern, GLOB_NOSORT, NULL, &found);

        globfree(&found);
        return r != GLOB_NOMATCH;
}

static int is_reachable(const struct policy *policy, const char *pattern, bool *ret)
{
        bool both = exists(pattern);
        int r = 0;

        for (size_t i = 0; r == 0 && !both && policy->allow != NULL && policy->allow[i] != NULL; i++)
                r = overlap(policy->allow[i], pattern, &both);
        *ret = both;
        return r;
}

static int lint_deny(struct paths *paths, const struct ini_item *item, unsigned column, const char *pattern)
{
        const char *outer = containing(paths->policy->deny, pattern, false);
        bool reachable = true;
        int r = 0;

        if (strv_length(paths->seen) > 0 && strv_has(paths->seen, pattern, strlen(pattern)))
                policy_error(&paths->lints->warnings, item->file, item->line, column,
                             "warning: deny %s stands here for the second time", pattern);
        else if (outer != NULL)
                policy_error(&paths->lints->warnings, item->file, item->line, column,
                             "warning: deny %s has no effect: it lies inside of the deny %s", pattern, outer);
        else
                r = is_reachable(paths->policy, pattern, &reachable);
        if (!reachable)
                buf_printf(&paths->idle, " %s", pattern);
        return r < 0 ? r : strv_append(&paths->seen, pattern);
}

static int lint_allow(struct paths *paths, const struct ini_item *item, unsigned column, const char *pattern)
{
        const char *outer = containing(paths->policy->deny, pattern, true);

        if (outer != NULL)
                policy_error(&paths->lints->warnings, item->file, item->line, column,
                             "warning: allow %s has no effect: all of it is denied by %s", pattern, outer);
        return 0;
}

/* One note for a line, since a policy names many places that only some of its hosts have. */
static int tell_idle(struct paths *paths, const struct ini_item *item)
{
        int error = paths->idle.error;

        if (paths->idle.length > 0)
                policy_error(
                        &paths->lints->notes, item->file, item->line, item->value_column,
                        "note: deny has no effect here, where nothing is there and no allowed tree could hold it:%s",
                        paths->idle.data);
        buf_clear(&paths->idle);
        return error == -ENOMEM ? -ENOMEM : 0;
}

static int on_section(void *context, const struct ini_item *item)
{
        struct paths *paths = context;

        paths->here = strcmp(item->words[0], "paths") == 0;
        return 0;
}

static int on_item(void *context, const struct ini_item *item)
{
        struct paths *paths = context;
        bool deny = strcmp(item->key, "deny") == 0;
        struct ini_span span;
        const char *at = NULL;
        int r = 0;

        if (!paths->here || (!deny && strcmp(item->key, "allow") != 0))
                return 0;
        while (r == 0 && ini_next_word(item, &at, &span)) {
                cleanup_free char *word = strndup(span.text, span.length);
                cleanup_free char *pattern = NULL;

                r = word == NULL ? -ENOMEM : pattern_normalise(word, &pattern);
                if (r == 0)
                        r = deny ? lint_deny(paths, item, span.column, pattern)
                                 : lint_allow(paths, item, span.column, pattern);
                r = r == -EINVAL ? 0 : r; /* an error of the policy, which loading it tells */
        }
        return r < 0 ? r : tell_idle(paths, item);
}

int lint_paths(const struct policy *policy, const char *file, const char *data, size_t length,
               struct policy_lints *lints)
{
        cleanup_policy_errors struct policy_errors errors = POLICY_ERRORS_INIT;
        struct paths paths = { .policy = policy, .lints = lints, .idle = BUF_INIT(INI_LINE_MOST) };
        const struct ini_handler handler = { .section = on_section, .item = on_item, .context = &paths };
        int r = ini_parse(file, data, length, &handler, &errors);

        strv_free(paths.seen);
        buf_free(&paths.idle);
        return r;
}
