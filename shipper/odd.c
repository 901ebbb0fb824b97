#include "shipper/odd.h"

#include "shipper/text.h"
#include "sql/export.h"

enum { TEXT_MOST = 16 * 1024 * 1024 };

static void put_field(struct buf *buf, const struct odd_form *form, const char *name, const char *suffix,
                      const struct buf *value)
{
        buf_put_text(buf, form->open);
        buf_put_text(buf, name);
        buf_put_text(buf, suffix);
        buf_put_text(buf, form->middle);
        form->put(buf, value->data != NULL ? value->data : "", value->length);
        buf_put_text(buf, form->close);
}

int odd_put_text(struct buf *buf, const struct odd_form *form, const char *name, const char *text, size_t length)
{
        cleanup_buf struct buf value = BUF_INIT(TEXT_MOST);

        text_put_replaced(&value, text, length);
        if (value.error < 0)
                return value.error;
        put_field(buf, form, name, "", &value);
        buf_clear(&value);
        text_put_base64(&value, text, length);
        if (value.error < 0)
                return value.error;
        /* Letters, digits, `+`, `/` and `=`: no form escapes them. */
        put_field(buf, form, name, "_base64", &value);
        return 0;
}

struct items {
        struct buf *buf;
        const char *before;
        const char *after;
        bool any;
};

static int put_item(void *context, const char *text, size_t length)
{
        struct items *items = context;

        buf_put_text(items->buf, items->any ? "," : "");
        buf_put_text(items->buf, items->before);
        text_put_base64(items->buf, text, length);
        buf_put_text(items->buf, items->after);
        items->any = true;
        return 0;
}

int odd_put_items(struct buf *buf, const char *before, const char *after, const char *list, size_t length)
{
        struct items items = { .buf = buf, .before = before, .after = after };

        return export_each_item(list, length, put_item, &items);
}
