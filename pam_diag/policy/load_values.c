#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/policy/load.h"
#include "pam_diag/policy/patterns.h"

bool load_once(struct load *load, char ***seen, const struct ini_item *item)
{
        if (strv_has(*seen, item->key, strlen(item->key))) {
                LOAD_ERROR(load, item, item->column, "%s is given twice", item->key);
                return false;
        }
        if (strv_append(seen, item->key) < 0) {
                LOAD_ERROR(load, item, item->column, "out of memory");
                return false;
        }
        return true;
}

int load_span(const struct ini_span *span, char ***strings)
{
        cleanup_free char *word = strndup(span->text, span->length);

        return word == NULL ? -ENOMEM : strv_append(strings, word);
}

int load_words(const struct ini_item *item, char ***strings)
{
        struct ini_span span;
        const char *at = NULL;
        int r = 0;

        while (r == 0 && ini_next_word(item, &at, &span))
                r = load_span(&span, strings);
        return r;
}

int load_text(const struct ini_item *item, char **ret_text)
{
        char *text = strdup(item->value);

        if (text == NULL)
                return -ENOMEM;
        free(*ret_text);
        *ret_text = text;
        return 0;
}

int load_patterns(struct load *load, const struct ini_item *item, char ***patterns)
{
        struct ini_span span;
        const char *at = NULL;

        while (ini_next_word(item, &at, &span)) {
                cleanup_free char *word = strndup(span.text, span.length);
                cleanup_free char *normal = NULL;
                int r = word == NULL ? -ENOMEM : pattern_normalise(word, &normal);

                if (r == -EINVAL)
                        LOAD_ERROR(load, item, span.column, "%s is not an absolute path without ..", word);
                else if (r < 0 || strv_append_once(patterns, normal) < 0)
                        return -ENOMEM;
        }
        return 0;
}

int load_type(struct load *load, const struct ini_item *item, const char *text, struct type **ret_type)
{
        cleanup_buf struct buf wrong = BUF_INIT(4096);
        int r = type_parse(text, &load->types, ret_type, &wrong);

        if (r == -EINVAL) {
                LOAD_ERROR(load, item, item->value_column + (unsigned)(text - item->value), "%s",
                           wrong.length > 0 ? wrong.data : "wrong type");
                return 0;
        }
        return r;
}

bool load_limit(struct load *load, const struct ini_item *item, struct limits *limits)
{
        const char *expected = "";

        if (limits_read(item->key, item->value, limits, &expected) == 0)
                return true;
        LOAD_ERROR(load, item, item->value_column, "%s: %s", item->key, expected);
        return false;
}

const char *load_colon(const struct ini_item *item, const char **ret_left)
{
        const char *end = item->value + strlen(item->value);
        struct ini_span span;
        const char *at = NULL;

        while (ini_next_word(item, &at, &span)) {
                if (span.length != 1 || span.text[0] != ':')
                        continue;
                *ret_left = span.text;
                return span.text + 1 + strspn(span.text + 1, " \t");
        }
        *ret_left = end;
        return end;
}

void *load_grow(void *array, size_t count, size_t size)
{
        char *larger = reallocarray(array, count + 1, size);

        if (larger != NULL)
                memset(larger + count * size, 0, size);
        return larger;
}
