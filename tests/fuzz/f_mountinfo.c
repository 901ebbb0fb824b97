/* The reader of /proc/PID/mountinfo on any text, and where a path of it can be seen. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/confine/mountinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(int truth)
{
        if (!truth)
                abort();
}

static void look_up(const struct mountinfo *info, uint64_t id, const char *path)
{
        cleanup_strv char **aliases = NULL;
        cleanup_strv char **parts = NULL;
        int r = mountinfo_aliases(info, mountinfo_find(info, id), path, &aliases, &parts);

        expect(r == 0 || r == -EBADMSG);
        expect(r == 0 || (aliases == NULL && parts == NULL));
        expect(strv_length(aliases) + strv_length(parts) <= info->count);
        for (size_t i = 0; aliases != NULL && aliases[i] != NULL; i++)
                expect(strcmp(aliases[i], path) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        cleanup_free char *text = strndup(size == 0 ? "" : (const char *)data, size);
        cleanup_mountinfo struct mountinfo info = { 0 };
        int r;

        if (text == NULL)
                return 0;
        r = mountinfo_parse(text, &info);
        expect(r == 0 || r == -EBADMSG);
        for (size_t i = 0; i < info.count && i < 64; i++) {
                uint64_t id = info.entries[i].id;

                look_up(&info, id, info.entries[i].point);
                look_up(&info, id, "/srv/secret");
                look_up(&info, id, "/");
                expect(mountinfo_same_filesystem(&info, id, id));
        }
        return 0;
}
