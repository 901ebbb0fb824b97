/* What a verification is given by others: a log pipeline's text with heads somewhere in it, the file of first keys, and a slot of the
 * key file. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "sql/firstkey.h"
#include "sql/keyslot.h"
#include "sql/note_check.h"

#define UUID "d2d74791-4e58-426a-882d-99949b019125"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever is found can be written again and is found again, the same. */
static int again(void *context, const struct note_found *found)
{
        const struct note *before = context;

        if (memcmp(&found->note, before, sizeof(*before)) != 0)
                abort();
        return 1;
}

static int found(void *context, const struct note_found *one)
{
        char text[NOTE_TEXT_MOST];
        size_t n = note_put_body(&one->note, text);
        struct note note = one->note;

        (void)context;
        strcpy(text + n, "\n\u2014 pam_diag/" UUID " ");
        n = strlen(text);
        memset(text + n, 'A', 91);
        text[n + 91] = '=';
        if (note_scan(text, n + 92, "pam_diag/" UUID, again, &note) != 1)
                abort();
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        cleanup_free char *text = strndup((const char *)data, size);
        struct firstkeys keys = { .key_count = 0 };
        unsigned char bytes[KEYSLOT_SIZE] = { 0 };
        struct keyslot slot;
        size_t line = 0;

        if (note_scan((const char *)data, size, "pam_diag/" UUID, found, NULL) < 0)
                abort();
        if (firstkeys_parse(text, UUID, &keys, &line) < 0 && line == 0)
                abort();
        memcpy(bytes, data, size < sizeof(bytes) ? size : sizeof(bytes));
        if (keyslot_parse(bytes, &slot) == 0 && slot.seq < 1)
                abort();
        return 0;
}
