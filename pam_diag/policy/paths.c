#include "pam_diag/policy/paths.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/base/wild.h"
#include "pam_diag/policy/patterns.h"
#include "pam_diag/policy/resolve.h"

enum { TREES_SHOWN = 8 };

static const char denied_hint[] = "the policy keeps this path from every command";

void path_put_hint(const struct policy *policy, struct buf *hint)
{
        buf_put_text(hint, "write an absolute path; readable:");
        for (size_t i = 0; policy->allow != NULL && policy->allow[i] != NULL && i < TREES_SHOWN; i++)
                buf_printf(hint, " %s", policy->allow[i]);
        if (strv_length(policy->allow) > TREES_SHOWN)
                buf_put_text(hint, " …");
        if (policy->allow == NULL)
                buf_put_text(hint, " nothing");
}

static const char *find_deny(const struct policy *policy, const char *path)
{
        const char *pattern = patterns_find(policy->deny, path);

        return pattern != NULL ? pattern : patterns_find(policy->deny_resolved, path);
}

static bool is_allowed(const struct policy *policy, const char *place, enum path_wish wish)
{
        return patterns_cover(policy->allow, place) || (wish == PATH_LIST && patterns_cover(policy->list, place));
}

/* `written` is the path by its text alone; `place` is that, or where it leads. */
static int judge_place(const struct path_question *question, const char *place, const char *written, struct buf *wrong,
                       struct buf *hint)
{
        const struct policy *policy = question->policy;
        bool denied = find_deny(policy, place) != NULL;

        if (!denied && is_allowed(policy, place, question->wish))
                return 0;
        if (denied)
                buf_printf(wrong, "%s is denied", written);
        else if (question->wish == PATH_READ && is_allowed(policy, place, PATH_LIST))
                buf_printf(wrong, "%s lies outside of the readable trees: it may be listed, not read", written);
        else
                buf_printf(wrong, "%s lies outside of the readable trees", written);
        if (strcmp(place, written) != 0)
                buf_printf(wrong, " (it leads to %s)", place);
        if (denied)
                buf_put_text(hint, denied_hint);
        else
                path_put_hint(policy, hint);
        return denied ? -EPERM : -EACCES;
}

/* What is not there is left to the tool to report, as long as its name is one that a file would have. Text that stands for `..` or `/` in
 * some other language (URLs, C, UTF-8 written too long) means an attempt to go somewhere else. */
static bool is_encoded(const char *missing)
{
        static const char *const codes[] = { "0x2e", "0x2f", "0x5c", "u002e", "u002f", "u005c", "&#", NULL };

        if (strstr(missing, "/..") != NULL || strncmp(missing, "..", 2) == 0 || strpbrk(missing, "%\\") != NULL)
                return true;
        for (const char *const *code = codes; *code != NULL; code++)
                if (strcasestr(missing, *code) != NULL)
                        return true;
        for (; *missing != '\0'; missing++)
                if (*missing < ' ' || *missing > '~')
                        return true;
        return false;
}

static int resolve(const struct path_question *question, char **ret_resolved, struct buf *wrong)
{
        const struct path_resolver *resolver = question->resolver;
        cleanup_free char *resolved = NULL;
        const char *path = question->path;
        size_t known = 0;
        int r = resolver->resolve(resolver->context, path, &resolved, &known);

        if (r == 0 && is_encoded(resolved + known)) {
                buf_printf(wrong, "%s does not exist, and reads like an encoded path", path);
                return -EACCES;
        }
        if (r == 0)
                *ret_resolved = take_ptr(&resolved);
        switch (r) {
        case 0:
        case -ENOMEM:
                return r;
        case -ELOOP:
                buf_printf(wrong, "%s: too many links", path);
                break;
        case -EXDEV:
                buf_printf(wrong, "%s leads through a link of /proc into a process", path);
                break;
        case -EINVAL:
                buf_printf(wrong, "%s: .. after a part that cannot be seen", path);
                break;
        default:
                buf_printf(wrong, "%s: %s", path, strerror(-r));
        }
        return -EACCES;
}

/* The same file under a name that is not denied. The denied name is not told. */
static int judge_links(const struct path_question *question, const char *resolved, const char *written,
                       struct buf *wrong, struct buf *hint)
{
        int r = question->links == NULL
                        ? 0
                        : links_are_denied(question->links, question->resolver, question->policy->deny, resolved);

        if (r <= 0)
                return r;
        buf_printf(wrong, "%s is denied: it is a hard link to a denied file", written);
        buf_put_text(hint, denied_hint);
        return -EPERM;
}

int path_judge(const struct path_question *question, struct buf *wrong, struct buf *hint, bool *ret_listed)
{
        const char *path = question->path;
        cleanup_free char *written = NULL;
        cleanup_free char *resolved = NULL;
        int r;

        if (path[0] != '/') {
                buf_printf(wrong, "%s is not an absolute path", *path == '\0' ? "an empty word" : path);
                path_put_hint(question->policy, hint);
                return -EACCES;
        }
        if (strlen(path) >= PATH_MAX) {
                buf_put_text(wrong, "the path is too long");
                return -EACCES;
        }
        r = path_normalise(path, &written);
        if (r < 0)
                return r;
        r = judge_place(question, written, written, wrong, hint);
        if (r == 0)
                r = resolve(question, &resolved, wrong);
        if (r == 0)
                r = judge_place(question, resolved, written, wrong, hint);
        if (r == 0)
                r = judge_links(question, resolved, written, wrong, hint);
        if (r == 0)
                *ret_listed = !is_allowed(question->policy, resolved, PATH_READ);
        return r;
}

/* --- where denied paths lead -------------------------------------------------------------------------------------- */

static int deny_place(struct policy *policy, const char *from, const char *rest)
{
        cleanup_free char *resolved = NULL;
        cleanup_buf struct buf pattern = BUF_INIT((size_t)2 * PATH_MAX);
        size_t known = 0;
        int r = path_resolver_live.resolve(path_resolver_live.context, from, &resolved, &known);

        if (r < 0)
                return r == -ENOMEM ? r : 0;
        if (strcmp(resolved, from) == 0 || !wild_is_plain(resolved))
                return 0;
        buf_printf(&pattern, "%s%s%s", resolved, *rest != '\0' ? "/" : "", rest);
        return pattern.error != 0 ? 0 : strv_append_once(&policy->deny_resolved, pattern.data);
}

/* The directory above the first component with a glob character, resolved, with the rest of the pattern. */
static int deny_prefix(struct policy *policy, const char *pattern)
{
        cleanup_free char *copy = strdup(pattern);
        char *glob = copy == NULL ? NULL : copy + strcspn(copy, "*?[\\");

        if (copy == NULL)
                return -ENOMEM;
        if (*glob == '\0')
                return deny_place(policy, copy, "");
        while (glob > copy && *glob != '/')
                glob--;
        if (glob == copy)
                return 0;
        *glob = '\0';
        return deny_place(policy, copy, glob + 1);
}

/* What the pattern matches now, where that is a link. */
static int deny_matches(struct policy *policy, const char *pattern)
{
        cleanup_strv char **found = NULL;
        int r;

        /* The kernel's own trees hold no links that matter here, and are slow to list. */
        if (strncmp(pattern, "/proc/", 6) == 0 || strncmp(pattern, "/sys/", 5) == 0 || wild_is_plain(pattern))
                return 0;
        r = wild_matches(pattern, &found);
        for (size_t i = 0; r == 0 && found != NULL && found[i] != NULL; i++)
                r = deny_place(policy, found[i], "");
        return r;
}

int paths_resolve_denies(struct policy *policy)
{
        int r = 0;

        for (size_t i = 0; r == 0 && policy->deny != NULL && policy->deny[i] != NULL; i++) {
                r = deny_prefix(policy, policy->deny[i]);
                if (r == 0)
                        r = deny_matches(policy, policy->deny[i]);
        }
        return r;
}
