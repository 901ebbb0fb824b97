/* The parsers of sinks' replies on any bytes: the first byte chooses one. What they give is text, within its bounds. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "shipper/clamp.h"
#include "shipper/jsonread.h"
#include "shipper/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(int truth)
{
        if (!truth)
                abort();
}

static int on_item(void *context, size_t index, const struct reply_item *item)
{
        size_t *count = context;

        expect(index == (*count)++ && item->status >= 100 && item->status <= 599);
        expect(strlen(item->why) < REPLY_WHY_SIZE && strlen(item->id) < sizeof(item->id));
        for (const char *c = item->why; *c != '\0'; c++)
                expect((unsigned char)*c >= 0x20 && (unsigned char)*c < 0x7f);
        return index == 1000 ? -1 : 0;
}

static void try_dates(const char *text)
{
        int64_t seconds = 0;
        uint64_t ms = 0;

        if (reply_date(text, &seconds) == 0)
                expect(seconds >= 0 && strlen(text) == 29);
        if (reply_retry_after(text, "", 1700000000, &ms) == 0)
                expect(ms <= 1000 * (uint64_t)REPLY_WAIT_MOST_S);
        if (reply_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", text, 0, &ms) == 0)
                expect(ms <= 1000 * (uint64_t)REPLY_WAIT_MOST_S);
}

static void try_bodies(const char *text, size_t length)
{
        char why[REPLY_WHY_SIZE] = "";
        struct jsonread json = jsonread_of(text, length);
        int64_t number = 0;
        size_t count = 0;
        bool whole;

        if (reply_otlp(text, length, &number, why) == 0)
                expect(number >= 0 && strlen(why) < sizeof(why));
        (void)reply_bulk(text, length, on_item, &count);
        whole = jsonread_skip(&json);
        expect(whole != json.wrong && json.at <= json.end);
        if (reply_loki_oldest(text, length, &number) == 0)
                expect(number >= 0);
}

/* What is taken is written in the same bytes again, or in fewer: leading zeros. */
static void try_clamp(const char *text)
{
        cleanup_buf struct buf printed = BUF_INIT(65536);
        struct clamp clamp = { 0 };
        struct clamp again = { 0 };

        if (clamp_parse(text, &clamp) != 0)
                return;
        clamp_print(&clamp, &printed);
        expect(clamp_parse(printed.data != NULL ? printed.data : "", &again) == 0);
        expect(again.count == clamp.count && again.floor_ns == clamp.floor_ns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        cleanup_free char *text = NULL;

        if (size == 0)
                return 0;
        text = malloc(size);
        expect(text != NULL);
        memcpy(text, data + 1, size - 1);
        text[size - 1] = '\0';
        if (data[0] == 'd')
                try_dates(text);
        else if (data[0] == 'c')
                try_clamp(text);
        else
                try_bodies(text, size - 1);
        return 0;
}
