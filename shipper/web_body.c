#include "shipper/web_body.h"

/* Rows that stand one behind the other in the batch are sent as they stand there; in parts of a batch some may be missing. */
static bool are_neighbours(const struct web_rows *rows)
{
        for (size_t i = 1; i < rows->count; i++)
                if (rows->index[i] != rows->index[0] + i)
                        return false;
        return true;
}

static void copy_rows(const struct web_rows *rows, struct buf *body)
{
        for (size_t i = 0; i < rows->count; i++) {
                size_t length = 0;
                const char *bytes = batch_row(rows->batch, rows->index[i], &length);

                buf_put(body, bytes, length);
        }
}

int web_body_make(struct web *web, const struct web_rows *rows, const char **ret_body, size_t *ret_length)
{
        size_t last = 0;
        int r = 0;

        if (web->type->body == NULL && are_neighbours(rows)) {
                *ret_body = batch_row(rows->batch, rows->index[0], ret_length);
                *ret_length = (size_t)(batch_row(rows->batch, rows->index[rows->count - 1], &last) - *ret_body) + last;
                return 0;
        }
        buf_clear(&web->body);
        (void)buf_room(&web->body, rows->batch->bytes.length); /* at once, as in batch.c */
        if (web->type->body != NULL)
                r = web->type->body(web->context, rows, &web->body);
        else
                copy_rows(rows, &web->body);
        *ret_body = web->body.data;
        *ret_length = web->body.length;
        return r < 0 ? r : web->body.error;
}
