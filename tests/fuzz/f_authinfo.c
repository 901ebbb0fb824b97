/* The reader of SSH_AUTH_INFO_0 on any text: it describes, so it never fails. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/supervisor/authinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(int truth)
{
        if (!truth)
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        cleanup_free char *text = strndup(size == 0 ? "" : (const char *)data, size);
        cleanup_authinfo struct authinfo info = { 0 };

        if (text == NULL)
                return 0;
        expect(authinfo_parse(text, &info) == 0);
        expect(info.method == NULL || *info.method != '\0');
        expect(info.key_type == NULL || (info.method != NULL && *info.key_type != '\0'));
        expect(info.fingerprint == NULL || (info.key_type != NULL && strlen(info.fingerprint) == 50 &&
                                            strncmp(info.fingerprint, "SHA256:", 7) == 0));
        expect(info.method == NULL || strpbrk(info.method, " \n") == NULL);
        expect(info.key_type == NULL || strpbrk(info.key_type, " \n") == NULL);
        return 0;
}
