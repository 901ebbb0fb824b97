#include "pam_diag/base/mem.h"

#include <errno.h>
#include <string.h>

void strv_free(char **strings)
{
        if (strings == NULL)
                return;
        for (size_t i = 0; strings[i] != NULL; i++)
                free(strings[i]);
        free(strings);
}

size_t strv_length(char *const *strings)
{
        size_t n = 0;

        while (strings != NULL && strings[n] != NULL)
                n++;
        return n;
}

int strv_append(char ***strings, const char *text)
{
        size_t n = strv_length(*strings);
        char **larger = *strings;
        char *copy = strdup(text);

        if (copy == NULL)
                return -ENOMEM;
        /* The array grows at powers of two, so that its room follows from its length alone. */
        if (larger == NULL || (n + 1 >= 4 && ((n + 1) & n) == 0)) {
                size_t room = n + 1 < 4 ? 4 : 2 * (n + 1);

                larger = reallocarray(*strings, room, sizeof(*larger));
                if (larger == NULL) {
                        free(copy);
                        return -ENOMEM;
                }
                *strings = larger;
        }
        larger[n] = copy;
        larger[n + 1] = NULL;
        return 0;
}

int strv_append_once(char ***strings, const char *text)
{
        for (size_t i = 0; *strings != NULL && (*strings)[i] != NULL; i++)
                if (strcmp((*strings)[i], text) == 0)
                        return 0;
        return strv_append(strings, text);
}

bool strv_has(char *const *strings, const char *text, size_t length)
{
        for (size_t i = 0; strings != NULL && strings[i] != NULL; i++) {
                const char *string = strings[i];
                size_t same = 0;

                /* Names differ in their first bytes, behind a dash or two: a call would cost more than the bytes. */
                while (same < length && string[same] == text[same] && string[same] != '\0')
                        same++;
                if (same == length && string[same] == '\0')
                        return true;
        }
        return false;
}
