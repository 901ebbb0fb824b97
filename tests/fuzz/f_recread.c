/* A record as any bytes: what is read of it is text within its bounds, and the same when it is read as a whole and by its members. */
#include <errno.h>
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

static int take(struct members *members, struct members_texts *texts, const char *text, size_t length,
                struct export_value *values)
{
        struct recread read = recread_of(text, length);
        struct recread_beginning beginning;

        return recread_begin(&read, &beginning) ? members_take(members, texts, &read, values) : -1;
}

/* What was learned from another record changes nothing. */
static void check_learned(const char *text, size_t length, const struct export_value *values, int result)
{
        static const char other[] =
                "{\"v\":1,\"kind\":\"exec\",\"time\":5,\"session\":\"0123456789abcdef0123456789abcdef\","
                "\"invocation\":1,\"line\":\"x\",\"client_port\":2,\"stages\":[]}";
        struct export_value again[EXPORT_FIELDS_MOST];
        struct members_texts texts = { 0 };
        struct members members;

        expect(members_init(&members, &kind) == 0 && take(&members, &texts, other, sizeof(other) - 1, again) == 0);
        expect(take(&members, &texts, text, length, again) == result);
        for (size_t i = 0; result == 0 && i < kind.count; i++) {
                expect(again[i].present == values[i].present && again[i].integer == values[i].integer);
                expect(again[i].length == values[i].length);
                expect(again[i].length == 0 || memcmp(again[i].text, values[i].text, again[i].length) == 0);
        }
        members_texts_free(&texts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        cleanup_free char *text = malloc(size + 1);
        struct export_value values[EXPORT_FIELDS_MOST];
        struct recread whole = recread_of(text, size);
        struct members_texts texts = { 0 };
        struct recread_value value;
        struct members members;
        bool good;
        int r;

        expect(text != NULL && members_init(&members, &kind) == 0);
        memcpy(text, data, size);
        text[size] = '\0';
        good = recread_value(&whole, &value) && recread_at_end(&whole);
        r = take(&members, &texts, text, size, values);
        if (r == 0)
                check_values(values, size);
        expect(r != 0 || good);
        expect(r != -EBADMSG || !good);
        check_learned(text, size, values, r);
        members_texts_free(&texts);
        return 0;
}
