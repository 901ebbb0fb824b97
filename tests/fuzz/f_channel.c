/* What diag-shell and the supervisor take from each other, in any bytes. The first byte chooses the kind. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/wire/channel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(int truth)
{
        if (!truth)
                abort();
}

/* A message that was read packs to the same bytes again: nothing was passed over. */
static void must_be_same(const struct buf *again, const char *data, size_t size)
{
        expect(again->error == 0 && again->length == size && memcmp(again->data, data, size) == 0);
}

static int try_run(const char *data, size_t size)
{
        cleanup_channel_run struct channel_run run = { 0 };
        int r = channel_run_unpack(data, size, &run);

        expect(r < 0 || (run.line != NULL && run.line_length < size && run.line[run.line_length] == '\0'));
        return r;
}

static int try_plan(const char *data, size_t size)
{
        cleanup_plan struct plan plan = { 0 };
        cleanup_buf struct buf again = BUF_INIT(2 * size + 64);
        int r = plan_unpack(data, size, &plan);

        if (r < 0)
                return r;
        expect(plan.stage_count > 0 && plan.stage_count <= PLAN_STAGES_MOST && plan.environment != NULL);
        for (size_t i = 0; i < plan.stage_count; i++)
                expect(plan.stages[i].program != NULL && plan.stages[i].argv[0] != NULL &&
                       plan.stages[i].reads != NULL && plan.stages[i].executes != NULL);
        plan_pack(&plan, &again);
        must_be_same(&again, data, size);
        return 0;
}

static int try_end(const char *data, size_t size)
{
        cleanup_buf struct buf again = BUF_INIT(2 * size + 64);
        struct channel_end end;
        int r = channel_end_unpack(data, size, &end);

        if (r < 0)
                return r;
        expect(end.how < END_HOW_COUNT && end.status <= 255 && end.signal <= 64);
        channel_end_pack(&end, &again);
        must_be_same(&again, data, size);
        return 0;
}

static int try_refusal(const char *data, size_t size)
{
        cleanup_buf struct buf again = BUF_INIT(2 * size + 64);
        cleanup_free char *text = NULL;
        uint32_t status;
        int r = channel_refusal_unpack(data, size, &status, &text);

        if (r < 0)
                return r;
        expect(status <= 255 && text != NULL);
        channel_refusal_pack(status, text, &again);
        must_be_same(&again, data, size);
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static int (*const kinds[])(const char *data, size_t size) = { try_run, try_plan, try_end, try_refusal };
        int r;

        if (size == 0)
                return 0;
        r = kinds[data[0] % 4]((const char *)data + 1, size - 1);
        expect(r == 0 || r == -EBADMSG);
        return 0;
}
