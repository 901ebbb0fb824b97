#include "shipper/credential.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/fd.h"

int credential_path(const char *name, char **ret_path, struct fault *fault)
{
        const char *directory = secure_getenv("CREDENTIALS_DIRECTORY");
        char *path = NULL;

        if (name[0] == '/') {
                path = strdup(name);
        } else if (directory == NULL || directory[0] != '/') {
                return fault_set(
                        fault, FAULT_CONFIG,
                        "credential %s: $CREDENTIALS_DIRECTORY is not set; add LoadCredential=%s:/… to the unit, "
                        "or name an absolute path",
                        name, name);
        } else if (asprintf(&path, "%s/%s", directory, name) < 0) {
                path = NULL;
        }
        if (path == NULL)
                return fault_set(fault, FAULT_LATER, "out of memory");
        *ret_path = path;
        return 0;
}

int credential_read(const char *name, char **ret_text, struct fault *fault)
{
        cleanup_free char *path = NULL;
        cleanup_free char *text = NULL;
        size_t length = 0;
        int r;

        if (credential_path(name, &path, fault) < 0)
                return -1;
        r = fd_read_file(path, CREDENTIAL_MOST, &text, &length);
        if (r < 0)
                return fault_set(fault, FAULT_CONFIG, "credential %s: cannot read %s: %s", name, path, strerror(-r));
        if (length > 0 && text[length - 1] == '\n')
                text[--length] = '\0';
        for (size_t i = 0; i < length; i++)
                if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
                        return fault_set(fault, FAULT_CONFIG, "credential %s: %s is not one line of text", name, path);
        if (length == 0)
                return fault_set(fault, FAULT_CONFIG, "credential %s: %s is empty", name, path);
        *ret_text = take_ptr(&text);
        return 0;
}
