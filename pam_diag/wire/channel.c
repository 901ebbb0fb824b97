#include "pam_diag/wire/channel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/wire/pack.h"

void channel_run_free(struct channel_run *run)
{
        free(run->line);
        *run = (struct channel_run){ 0 };
}

void channel_run_pack(const struct channel_run *run, struct buf *buf)
{
        pack_bytes(buf, run->line, run->line_length);
        pack_u32(buf, run->tty);
        pack_u32(buf, run->columns);
        pack_u32(buf, run->client_port);
}

int channel_run_unpack(const char *data, size_t length, struct channel_run *ret_run)
{
        struct unpack unpack = UNPACK_INIT(data, length);
        cleanup_channel_run struct channel_run run = { 0 };

        run.line = unpack_bytes(&unpack, &run.line_length);
        run.tty = unpack_u32(&unpack) != 0;
        run.columns = unpack_u32(&unpack);
        run.client_port = unpack_u32(&unpack);
        if (!unpack_done(&unpack))
                return -EBADMSG;
        *ret_run = run;
        run = (struct channel_run){ 0 };
        return 0;
}

void plan_free(struct plan *plan)
{
        for (size_t i = 0; i < plan->stage_count; i++) {
                free(plan->stages[i].program);
                strv_free(plan->stages[i].argv);
                strv_free(plan->stages[i].reads);
                strv_free(plan->stages[i].lists);
                strv_free(plan->stages[i].executes);
        }
        free(plan->stages);
        strv_free(plan->environment);
        strv_free(plan->denied);
        free(plan->filter);
        *plan = (struct plan){ 0 };
}

void plan_pack(const struct plan *plan, struct buf *buf)
{
        pack_u64(buf, plan->timeout_ms);
        pack_u64(buf, plan->output_most);
        pack_strv(buf, plan->environment);
        pack_strv(buf, plan->denied);
        pack_u64(buf, plan->mask_device);
        pack_bytes(buf, plan->filter, plan->filter_size);
        pack_u32(buf, (uint32_t)plan->stage_count);
        for (size_t i = 0; i < plan->stage_count; i++) {
                pack_u32(buf, plan->stages[i].link);
                pack_u32(buf, plan->stages[i].redirect);
                pack_u64(buf, plan->stages[i].memory_most);
                pack_u64(buf, plan->stages[i].cpu_s);
                pack_u64(buf, plan->stages[i].processes_most);
                pack_u32(buf, plan->stages[i].connects);
                pack_text(buf, plan->stages[i].program);
                pack_strv(buf, plan->stages[i].argv);
                pack_strv(buf, plan->stages[i].reads);
                pack_strv(buf, plan->stages[i].lists);
                pack_strv(buf, plan->stages[i].executes);
        }
}

static bool unpack_stage(struct unpack *unpack, struct plan_stage *stage)
{
        stage->link = unpack_u32(unpack);
        stage->redirect = unpack_u32(unpack);
        stage->memory_most = unpack_u64(unpack);
        stage->cpu_s = unpack_u64(unpack);
        stage->processes_most = unpack_u64(unpack);
        stage->connects = unpack_u32(unpack);
        stage->program = unpack_text(unpack);
        stage->argv = unpack_strv(unpack, PLAN_STRINGS_MOST);
        stage->reads = unpack_strv(unpack, PLAN_STRINGS_MOST);
        stage->lists = unpack_strv(unpack, PLAN_STRINGS_MOST);
        stage->executes = unpack_strv(unpack, PLAN_STRINGS_MOST);
        return !unpack->failed && stage->link < PLAN_LINK_COUNT &&
               (stage->redirect & ~(uint32_t)PLAN_REDIRECT_ALL) == 0 && stage->connects <= 1 &&
               stage->program != NULL && stage->argv[0] != NULL;
}

int plan_unpack(const char *data, size_t length, struct plan *ret_plan)
{
        struct unpack unpack = UNPACK_INIT(data, length);
        cleanup_plan struct plan plan = { 0 };
        uint32_t count;

        plan.timeout_ms = unpack_u64(&unpack);
        plan.output_most = unpack_u64(&unpack);
        plan.environment = unpack_strv(&unpack, PLAN_STRINGS_MOST);
        plan.denied = unpack_strv(&unpack, PLAN_STRINGS_MOST);
        plan.mask_device = unpack_u64(&unpack);
        plan.filter = unpack_bytes(&unpack, &plan.filter_size);
        count = unpack_u32(&unpack);
        if (unpack.failed || count == 0 || count > PLAN_STAGES_MOST)
                return -EBADMSG;
        plan.stages = calloc(count, sizeof(*plan.stages));
        if (plan.stages == NULL)
                return -ENOMEM;
        for (plan.stage_count = 0; plan.stage_count < count; plan.stage_count++)
                if (!unpack_stage(&unpack, &plan.stages[plan.stage_count])) {
                        plan.stage_count++; /* what was read of it is freed as well */
                        return -EBADMSG;
                }
        if (!unpack_done(&unpack) || plan.stages[0].link != PLAN_FIRST)
                return -EBADMSG;
        *ret_plan = plan;
        plan = (struct plan){ 0 };
        return 0;
}

void channel_end_pack(const struct channel_end *end, struct buf *buf)
{
        pack_u32(buf, end->how);
        pack_u32(buf, end->status);
        pack_u32(buf, end->signal);
        pack_u64(buf, end->duration_us);
        pack_u64(buf, end->user_us);
        pack_u64(buf, end->system_us);
        pack_u64(buf, end->max_rss_kb);
        pack_u64(buf, end->stdout_bytes);
        pack_u64(buf, end->stderr_bytes);
        pack_u32(buf, end->status_count);
        for (uint32_t i = 0; i < end->status_count && i < PLAN_STAGES_MOST; i++)
                pack_u32(buf, (uint32_t)end->statuses[i]);
}

int channel_end_unpack(const char *data, size_t length, struct channel_end *ret_end)
{
        struct unpack unpack = UNPACK_INIT(data, length);
        struct channel_end end = { 0 };

        end.how = unpack_u32(&unpack);
        end.status = unpack_u32(&unpack);
        end.signal = unpack_u32(&unpack);
        end.duration_us = unpack_u64(&unpack);
        end.user_us = unpack_u64(&unpack);
        end.system_us = unpack_u64(&unpack);
        end.max_rss_kb = unpack_u64(&unpack);
        end.stdout_bytes = unpack_u64(&unpack);
        end.stderr_bytes = unpack_u64(&unpack);
        end.status_count = unpack_u32(&unpack);
        for (uint32_t i = 0; i < end.status_count && i < PLAN_STAGES_MOST; i++)
                end.statuses[i] = (int32_t)unpack_u32(&unpack);
        if (!unpack_done(&unpack) || end.status_count > PLAN_STAGES_MOST || end.how >= END_HOW_COUNT ||
            end.status > 255 || end.signal > 64)
                return -EBADMSG;
        *ret_end = end;
        return 0;
}

void channel_refusal_pack(uint32_t status, const char *text, struct buf *buf)
{
        pack_u32(buf, status);
        pack_text(buf, text);
}

int channel_refusal_unpack(const char *data, size_t length, uint32_t *ret_status, char **ret_text)
{
        struct unpack unpack = UNPACK_INIT(data, length);
        uint32_t status = unpack_u32(&unpack);
        cleanup_free char *text = unpack_text(&unpack);

        if (!unpack_done(&unpack) || text == NULL || status > 255)
                return -EBADMSG;
        *ret_status = status;
        *ret_text = take_ptr(&text);
        return 0;
}
