#include "pam_diag/policy/program.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/policy/trust.h"

enum { SEARCHED_MOST = 8192 };

static const char *base_name(const char *path)
{
        const char *slash = strrchr(path, '/');

        return slash == NULL ? path : slash + 1;
}

static int bad_program(const char *path, const char *what, struct buf *why)
{
        buf_printf(why, "%s %s", path, what);
        return -EINVAL;
}

/* Opened, trusted, an executable ELF file that is no box of many programs. */
static int inspect(const char *path, struct trust_cache *cache, char **ret_program, char **ret_loader, struct buf *why)
{
        cleanup_free char *resolved = NULL;
        cleanup_buf struct buf what = BUF_INIT(256);
        cleanup_fd int fd = -1;
        struct stat st;
        int r = trust_open(cache, path, TRUST_FILE, &fd, &resolved, why);

        if (r < 0)
                return r;
        if (fstat(fd, &st) < 0 || (st.st_mode & 0111) == 0)
                r = bad_program(resolved, "is not executable", why);
        else if (strcmp(base_name(resolved), "busybox") == 0)
                r = bad_program(resolved, "is busybox, which runs its other programs without an exec", why);
        else
                r = elf_loader(fd, ret_loader, &what);
        if (r == -EINVAL && what.length > 0)
                buf_printf(why, "%s %s", resolved, what.data);
        if (r < 0)
                return r;
        *ret_program = take_ptr(&resolved);
        return 0;
}

/* Where each search directory leads, NULL for one that is not there: /bin/ls is /usr/bin/ls where /bin is a link. */
struct places {
        char **resolved;
        size_t count;
};

static void places_free(struct places *places)
{
        for (size_t i = 0; i < places->count; i++)
                free(places->resolved[i]);
        free(places->resolved);
}
#define cleanup_places __attribute__((cleanup(places_free)))

static int places_find(const struct policy *policy, struct places *places)
{
        places->count = strv_length(policy->search);
        places->resolved = calloc(places->count + 1, sizeof(char *));
        if (places->resolved == NULL)
                return -ENOMEM;
        for (size_t i = 0; i < places->count; i++)
                places->resolved[i] = realpath(policy->search[i], NULL);
        return 0;
}

/* Was the same directory looked into before? */
static bool is_earlier(const struct places *places, size_t index)
{
        for (size_t i = 0; i < index; i++)
                if (places->resolved[i] != NULL && strcmp(places->resolved[i], places->resolved[index]) == 0)
                        return true;
        return false;
}

/* Every search directory that is the same as the one in which the program was found gives it one more name. */
static int add_spellings(const struct policy *policy, const struct places *places, size_t found,
                         struct command *command)
{
        for (size_t i = 0; i < places->count; i++) {
                cleanup_buf struct buf path = BUF_INIT(SEARCHED_MOST);

                if (places->resolved[i] == NULL || places->resolved[found] == NULL ||
                    strcmp(places->resolved[i], places->resolved[found]) != 0)
                        continue;
                buf_printf(&path, "%s/%s", policy->search[i], command->name);
                if (path.error != 0 || strv_append(&command->spellings, path.data) < 0)
                        return -ENOMEM;
        }
        return 0;
}

static int search(const struct policy *policy, const struct places *places, struct trust_cache *cache,
                  struct command *command, struct buf *why)
{
        int r = -ENOENT;

        if (command->wanted != NULL) {
                r = inspect(command->wanted, cache, &command->program, &command->loader, why);
                return r < 0 ? r : strv_append(&command->spellings, command->wanted);
        }
        for (size_t i = 0; r == -ENOENT && policy->search[i] != NULL; i++) {
                cleanup_buf struct buf path = BUF_INIT(SEARCHED_MOST);

                if (places->resolved[i] == NULL || is_earlier(places, i))
                        continue;
                buf_clear(why);
                buf_printf(&path, "%s/%s", policy->search[i], command->name);
                if (path.error != 0)
                        return path.error;
                /* Anything but its absence ends the search, so that a later program never stands in for one that is wrong. */
                r = inspect(path.data, cache, &command->program, &command->loader, why);
                if (r == 0)
                        return add_spellings(policy, places, i, command);
        }
        return r;
}

/* Commands one behind the other that name the same program: looked at once. */
static int take_over(const struct command *before, struct command *command)
{
        command->program = strdup(before->program);
        command->loader = before->loader == NULL ? NULL : strdup(before->loader);
        if (command->program == NULL || (before->loader != NULL && command->loader == NULL))
                return -ENOMEM;
        return strv_append(&command->spellings, command->wanted);
}

static bool is_same_program(const struct command *before, const struct command *command)
{
        return before != NULL && before->program != NULL && before->wanted != NULL && command->wanted != NULL &&
               strcmp(before->wanted, command->wanted) == 0;
}

static int list_program(struct policy *policy, const char *program, const char *loader)
{
        int r = strv_append_once(&policy->programs, program);

        if (r == 0 && loader != NULL)
                r = strv_append_once(&policy->programs, loader);
        return r;
}

static int find_helpers(struct policy *policy, struct trust_cache *cache, struct command *command, char *const *helpers)
{
        for (size_t i = 0; helpers != NULL && helpers[i] != NULL; i++) {
                cleanup_buf struct buf why = BUF_INIT(8192);
                cleanup_free char *program = NULL;
                cleanup_free char *loader = NULL;
                int r = inspect(helpers[i], cache, &program, &loader, &why);

                if (r == -ENOMEM)
                        return r;
                if (r < 0)
                        continue; /* not on this host: then the program cannot start it either */
                r = strv_append_once(&command->helpers, program);
                if (r == 0 && loader != NULL)
                        r = strv_append_once(&command->helper_loaders, loader);
                if (r == 0)
                        r = list_program(policy, program, loader);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int find(struct policy *policy, const struct places *places, struct trust_cache *cache,
                const struct command *before, struct command *command)
{
        cleanup_buf struct buf why = BUF_INIT(8192);
        int r = is_same_program(before, command) ? take_over(before, command)
                                                 : search(policy, places, cache, command, &why);

        if (r == -ENOMEM)
                return r;
        if (r == -ENOENT) {
                buf_clear(&why);
                buf_put_text(&why, "is not installed here");
        }
        if (r < 0) {
                command->problem = strdup(why.data == NULL ? strerror(-r) : why.data);
                return command->problem == NULL ? -ENOMEM : 0;
        }
        r = list_program(policy, command->program, command->loader);
        if (r == 0)
                r = find_helpers(policy, cache, command, command->base.helpers);
        for (size_t i = 0; r == 0 && i < command->sub_count; i++)
                r = find_helpers(policy, cache, command, command->subs[i].helpers);
        return r;
}

int programs_find(struct policy *policy, struct trust_cache *cache)
{
        cleanup_places struct places places = { 0 };
        int r = places_find(policy, &places);

        for (size_t i = 0; r == 0 && i < policy->command_count; i++)
                r = find(policy, &places, cache, i > 0 ? policy->commands[i - 1] : NULL, policy->commands[i]);
        return r;
}
