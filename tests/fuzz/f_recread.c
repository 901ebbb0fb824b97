/* A record as any bytes: what is read of it is text within its bounds, and the same when it is read as a whole and by its members. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "sql/members.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct export_field fields[] = {
        { .path = "$.line", .type = EXPORT_TEXT },
        { .path = "$.stages[0].program", .type = EXPORT_TEXT },
        { .path = "$.stages[0].argv", .type = EXPORT_LIST },
        { .path = "$.invocation + $.client_port", .type = EXPORT_INTEGER },
};
static const struct export_kind kind = { "exec", fields, sizeof(fields) / sizeof(fields[0]) };

static void expect(int truth)
{
        if (!truth)
                abort();
}

static int on_item(void *context, const char *text, size_t length)
{
        expect(memchr(text, '\0', length) == NULL && text[length] == '\0');
        (void)context;
        return 0;
}

static void check_values(const struct export_value *values, size_t length)
{
        for (size_t i = 0; i < kind.count; i++) {
                if (!values[i].present || values[i].field->type == EXPORT_INTEGER)
                        continue;
                expect(values[i].length < length && strlen(values[i].text) == values[i].length);
                if (values[i].field->type == EXPORT_LIST)
                        expect(export_each_item(values[i].text, values[i].length, on_item, NULL) == 0);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        cleanup_free char *text = malloc(size + 1);
        struct export_value values[EXPORT_FIELDS_MOST];
        struct recread whole = recread_of(text, size);
        struct recread parts = recread_of(text, size);
        struct recread_beginning beginning;
        struct recread_value value;
        struct members members;
        bool good;

        expect(text != NULL && members_init(&members, &kind) == 0);
        memcpy(text, data, size);
        text[size] = '\0';
        good = recread_value(&whole, &value) && recread_at_end(&whole);
        if (recread_begin(&parts, &beginning)) {
                expect((members_take(&members, &parts, values) == 0) == good);
                if (good)
                        check_values(values, size);
        }
        members_free(&members);
        return 0;
}
