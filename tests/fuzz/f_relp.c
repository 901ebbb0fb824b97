/* What a receiver of RELP sends, in any bytes. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "shipper/sinks/relp_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(int truth)
{
        if (!truth)
                abort();
}

/* A frame that was read is written in the same bytes again, or more briefly: leading zeros and a blank before no data go. */
static void must_be_same(const struct relp_frame *frame, const char *bytes, size_t used)
{
        cleanup_buf struct buf again = BUF_INIT(used + 1);
        struct relp_frame second;
        size_t second_used = 0;

        relp_frame_put(&again, frame->number, frame->command, frame->data, frame->length);
        expect(again.error == 0 && again.length <= used && frame->data >= bytes &&
               frame->data + frame->length < bytes + used);
        expect(relp_frame_parse(again.data, again.length, &second, &second_used) == 0 && second_used == again.length);
        expect(second.number == frame->number && second.length == frame->length &&
               memcmp(second.data, frame->data, frame->length) == 0 && strcmp(second.command, frame->command) == 0);
}

/* Whatever a beginning is called, more bytes behind it do not make a bad one good, nor a good one another. */
static void must_agree(const char *bytes, size_t used, const struct relp_frame *whole)
{
        struct relp_frame frame;
        size_t n = 0;

        for (size_t i = used > 80 ? used - 80 : 0; i < used; i++)
                expect(relp_frame_parse(bytes, i, &frame, &n) == -EAGAIN);
        expect(whole->length <= RELP_REPLY_MOST);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        cleanup_free char *copy = malloc(size + 1); /* exactly as long as it is, so that one byte beyond is seen */
        char text[RELP_TEXT_SIZE];
        size_t at = 0;

        if (copy == NULL)
                return 0;
        memcpy(copy, data, size);
        while (at < size) {
                struct relp_frame frame;
                unsigned code = 0;
                size_t used = 0;
                int r = relp_frame_parse(copy + at, size - at, &frame, &used);

                expect(r == 0 || r == -EAGAIN || r == -EBADMSG);
                if (r < 0)
                        break;
                expect(used > 0 && used <= size - at);
                must_be_same(&frame, copy + at, used);
                must_agree(copy + at, used, &frame);
                if (relp_reply_parse(frame.data, frame.length, &code, text) == 0)
                        expect(code <= 999 && strlen(text) < RELP_TEXT_SIZE);
                (void)relp_offers_suffice(frame.data, frame.length);
                at += used;
        }
        return 0;
}
