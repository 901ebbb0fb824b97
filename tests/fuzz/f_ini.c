/* The policy reader on any bytes: every item lies inside of its line, and every error has its place. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/policy/ini.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
        unsigned line;
        size_t items;
};

static void expect(int truth)
{
        if (!truth)
                abort();
}

static int on_section(void *context, const struct ini_item *item)
{
        struct seen *seen = context;

        expect(item->line > seen->line && item->column > 0 && item->words[0] != NULL);
        seen->line = item->line;
        return 0;
}

static int on_item(void *context, const struct ini_item *item)
{
        struct seen *seen = context;
        struct ini_span span;
        const char *at = NULL;

        expect(item->line > seen->line && item->value_column > item->column && *item->key != '\0');
        while (ini_next_word(item, &at, &span))
                expect(span.length > 0 && span.column >= item->value_column);
        seen->line = item->line;
        seen->items++;
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        cleanup_policy_errors struct policy_errors errors = POLICY_ERRORS_INIT;
        struct seen seen = { 0 };
        const struct ini_handler handler = { .section = on_section, .item = on_item, .context = &seen };
        int r = ini_parse("f", (const char *)data, size, &handler, &errors);

        expect(r == 0);
        if (memchr(data == NULL ? (const uint8_t *)"" : data, '\0', size) != NULL)
                expect(errors.count > 0);
        return 0;
}
