#include "pam_diag/confine/overlay.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "pam_diag/base/mem.h"

/* One name, up to a sign of `ends` without a backslash before it; *at moves to that sign. */
static int take_name(const char **at, const char *ends, char ***layers)
{
        cleanup_free char *name = strdup(*at);
        size_t n = 0;

        if (name == NULL)
                return -ENOMEM;
        while (**at != '\0' && strchr(ends, **at) == NULL) {
                if (**at == '\\' && (*at)[1] != '\0')
                        (*at)++;
                name[n++] = *(*at)++;
        }
        name[n] = '\0';
        return name[0] == '/' ? strv_append_once(layers, name) : 0;
}

static int take_list(const char **at, char ***layers)
{
        int r = take_name(at, ":,", layers);

        while (r == 0 && **at == ':') {
                (*at)++;
                r = take_name(at, ":,", layers);
        }
        return r;
}

static bool skip_key(const char **at, const char *key)
{
        size_t n = strlen(key);

        if (strncmp(*at, key, n) != 0)
                return false;
        *at += n;
        return true;
}

static int take_option(const char **at, char ***layers)
{
        if (skip_key(at, "lowerdir="))
                return take_list(at, layers);
        if (skip_key(at, "upperdir=") || skip_key(at, "lowerdir+=") || skip_key(at, "datadir+="))
                return take_name(at, ",", layers);
        while (**at != '\0' && **at != ',')
                *at += (*at)[0] == '\\' && (*at)[1] != '\0' ? 2 : 1;
        return 0;
}

int overlay_layers(const char *options, char ***layers)
{
        const char *at = options;
        int r = 0;

        while (r == 0 && *at != '\0') {
                r = take_option(&at, layers);
                if (*at == ',')
                        at++;
        }
        return r;
}
