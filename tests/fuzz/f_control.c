/* What the supervisor takes from the module, and the module from the supervisor, in any bytes. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/wire/control.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(int truth)
{
        if (!truth)
                abort();
}

/* What was read packs to the same bytes again: nothing was passed over. */
static void try_open(const char *data, size_t size)
{
        cleanup_control_open struct control_open open = { 0 };
        cleanup_buf struct buf again = BUF_INIT(2 * size + 64);
        int r = control_open_unpack(data, size, &open);

        expect(r == 0 || r == -EBADMSG);
        if (r < 0) {
                expect(open.user == NULL);
                return;
        }
        expect(open.user != NULL && open.service != NULL && open.policy != NULL && open.db != NULL &&
               open.shell != NULL);
        control_open_pack(&open, &again);
        expect(again.error == 0 && again.length == size && memcmp(again.data, data, size) == 0);
}

static void try_list(const char *data, size_t size)
{
        cleanup_control_lists struct control_lists lists = { 0 };
        size_t texts = 0;
        int r = control_list_unpack(data, size, &lists);

        expect(r == 0 || r == -EBADMSG);
        for (size_t i = 0; i < CONTROL_LIST_COUNT; i++)
                texts += strv_length(lists.lists[i]);
        expect(r == 0 ? texts <= size / sizeof(uint32_t) : texts == 0);
        /* The same once more is appended. */
        if (r == 0 && texts <= CONTROL_LIST_MOST / 2) {
                size_t twice = 0;

                expect(control_list_unpack(data, size, &lists) == 0);
                for (size_t i = 0; i < CONTROL_LIST_COUNT; i++)
                        twice += strv_length(lists.lists[i]);
                expect(twice == 2 * texts);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        /* An empty input has no address. */
        const char *bytes = size == 0 ? "" : (const char *)data;

        try_open(bytes, size);
        try_list(bytes, size);
        return 0;
}
