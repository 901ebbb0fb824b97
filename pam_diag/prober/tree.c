#include "pam_diag/prober/tree.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"

enum { FIELD_POINT = 4, FIELD_OPTIONS = 5, FIELD_OPTIONAL = 6, FIELDS_MOST = 64 };

static const char *const writable[] = { "/dev/pts", "/run/utmp", "/var/log/wtmp", "/var/log/lastlog" };

void tree_free(struct tree *tree)
{
        free(tree->place);
        *tree = (struct tree){ 0 };
}

static bool may_be_written(const char *point)
{
        for (size_t i = 0; i < sizeof(writable) / sizeof(writable[0]); i++)
                if (strcmp(point, writable[i]) == 0)
                        return true;
        return false;
}

static bool has_option(const char *options, const char *wanted)
{
        size_t n = strlen(wanted);

        while (strncmp(options, wanted, n) != 0 || (options[n] != ',' && options[n] != '\0')) {
                options = strchr(options, ',');
                if (options == NULL)
                        return false;
                options++;
        }
        return true;
}

/* Blanks in names are written as \040. */
static size_t split(char *line, char *fields[FIELDS_MOST])
{
        size_t count = 0;
        char *rest = NULL;

        for (char *field = strtok_r(line, " ", &rest); field != NULL && count < FIELDS_MOST;
             field = strtok_r(NULL, " ", &rest))
                fields[count++] = field;
        return count;
}

/* The optional fields end at "-"; "shared:" and "master:" are a tree that takes part in another one. */
static int fault_of(char *const *fields, size_t count, const char **ret_fault)
{
        size_t i = FIELD_OPTIONAL;

        *ret_fault = NULL;
        while (i < count && strcmp(fields[i], "-") != 0) {
                if (strncmp(fields[i], "shared:", 7) == 0 || strncmp(fields[i], "master:", 7) == 0)
                        *ret_fault = "not private";
                i++;
        }
        if (i >= count)
                return -EBADMSG;
        if (!has_option(fields[FIELD_OPTIONS], "nosuid"))
                *ret_fault = "not nosuid";
        if (!has_option(fields[FIELD_OPTIONS], "ro") && !may_be_written(fields[FIELD_POINT]))
                *ret_fault = "writable";
        return 0;
}

static int check_line(char *line, struct tree *tree)
{
        char *fields[FIELDS_MOST];
        size_t count = split(line, fields);
        const char *fault;
        int r = count <= FIELD_OPTIONAL ? -EBADMSG : fault_of(fields, count, &fault);

        if (r < 0)
                return r;
        tree->mounts++;
        if (fault == NULL || tree->place != NULL)
                return 0;
        tree->place = strdup(fields[FIELD_POINT]);
        tree->fault = fault;
        return tree->place == NULL ? -ENOMEM : 0;
}

int tree_check(const char *text, struct tree *ret_tree)
{
        cleanup_free char *copy = strdup(text);
        cleanup_tree struct tree tree = { 0 };
        char *rest = NULL;
        int r = copy == NULL ? -ENOMEM : 0;

        for (char *line = r < 0 ? NULL : strtok_r(copy, "\n", &rest); r == 0 && line != NULL;
             line = strtok_r(NULL, "\n", &rest))
                r = check_line(line, &tree);
        if (r == 0 && tree.mounts == 0)
                r = -EBADMSG;
        if (r < 0)
                return r;
        *ret_tree = tree;
        tree = (struct tree){ 0 };
        return 0;
}
