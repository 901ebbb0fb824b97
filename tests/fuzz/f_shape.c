/* The words of a denied line, as the records have them, into a shape: any bytes, any number. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/ctl/shape.c" /* the target is linked with the shared rooms alone, and this one file of diagctl's */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Words are separated by line breaks; the same words in the shape of a shape give the same text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        cleanup_free char *copy = strndup((const char *)data, size);
        cleanup_strv char **words = NULL;
        cleanup_shape struct shape shape = { 0 };
        cleanup_shape struct shape joined = { 0 };
        cleanup_buf struct buf one = BUF_INIT(16 * 1024 * 1024);
        cleanup_buf struct buf two = BUF_INIT(16 * 1024 * 1024);
        char *at = copy;

        for (char *word; (word = strsep(&at, "\n")) != NULL;)
                if (strv_append(&words, word) < 0)
                        abort();
        if (shape_take(words, &shape) < 0 || shape_take((char *[]){ words[0], NULL }, &joined) < 0 ||
            shape_join(&joined, &shape) < 0)
                abort();
        shape_put(&one, &shape);
        shape_put(&two, &joined);
        if (one.error != 0 || two.error != 0 || one.length != two.length || memcmp(one.data, two.data, one.length) != 0)
                abort();
        return 0;
}
