/* Memory with one owner.
 *
 * Linked by: every process and the module.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

static inline void free_at(void *pointer)
{
        free(*(void **)pointer);
}
#define cleanup_free __attribute__((cleanup(free_at)))

/* Moves a pointer out of its variable; the variable is NULL afterwards. */
#define take_ptr(variable)                                     \
        __extension__({                                        \
                __typeof__(variable) take_at_ = (variable);    \
                __typeof__(*take_at_) take_value_ = *take_at_; \
                *take_at_ = NULL;                              \
                take_value_;                                   \
        })

/* An array of strings that ends with NULL. */
void strv_free(char **strings);
size_t strv_length(char *const *strings);

/* Is the text, of that length, one of them? `strings` may be NULL. */
bool strv_has(char *const *strings, const char *text, size_t length);

static inline void strv_free_at(char ***strings)
{
        strv_free(*strings);
}
#define cleanup_strv __attribute__((cleanup(strv_free_at)))

/* Appends a copy of text. -ENOMEM leaves the array as it was. *strings may be NULL at first. */
int strv_append(char ***strings, const char *text);
/* The same, and nothing is done when the text is there already. */
int strv_append_once(char ***strings, const char *text);
