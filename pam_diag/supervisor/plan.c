#include "pam_diag/supervisor/plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/confine/mounts.h"
#include "pam_diag/confine/made.h"

/* All of a stage's environment. Nothing of the client's goes in: LD_*, PAGER, LESSOPEN, BASH_ENV and their like start
 * programs or load code. C.UTF-8 keeps messages the same on every host and names readable. */
static const char *const constants[] = {
        "PATH=/usr/local/bin:/usr/bin:/bin:/run/current-system/sw/bin",
        "LANG=C.UTF-8",
        "LC_ALL=C.UTF-8",
        ("HOME=" MOUNTS_EMPTY_DIR),
        "TERM=dumb",
        "PAGER=cat",
        "SYSTEMD_PAGER=cat",
        "SYSTEMD_PAGERSECURE=1",
        "SYSTEMD_COLORS=0",
        "SYSTEMD_URLIFY=0",
};

enum { COLUMNS_MOST = 10000 };

static int append_all(char ***strings, char *const *more)
{
        int r = 0;

        for (size_t i = 0; r == 0 && more != NULL && more[i] != NULL; i++)
                r = strv_append_once(strings, more[i]);
        return r;
}

static int environment_make(const struct session *session, const struct channel_run *run, char ***environment)
{
        cleanup_free char *user = NULL;
        char columns[32];
        int r = 0;

        for (size_t i = 0; r == 0 && i < sizeof(constants) / sizeof(constants[0]); i++)
                r = strv_append(environment, constants[i]);
        if (r == 0 && asprintf(&user, "USER=%s", session->open.user) < 0) {
                user = NULL;
                r = -ENOMEM;
        }
        if (r == 0)
                r = strv_append(environment, user);
        if (r == 0 && run->columns > 0 && run->columns <= COLUMNS_MOST) {
                (void)snprintf(columns, sizeof(columns), "COLUMNS=%u", run->columns);
                r = strv_append(environment, columns);
        }
        return r;
}

static uint32_t link_of(enum stage_link link)
{
        static const uint32_t links[] = {
                [LINK_FIRST] = PLAN_FIRST, [LINK_PIPE] = PLAN_PIPE, [LINK_AND] = PLAN_AND,
                [LINK_OR] = PLAN_OR,       [LINK_THEN] = PLAN_THEN,
        };

        return links[link];
}

static int stage_make(const struct session *session, const struct stage *from, struct plan_stage *to)
{
        int r = 0;

        to->link = link_of(from->link);
        to->redirect = ((from->redirect & REDIRECT_OUT_NULL) != 0 ? (uint32_t)PLAN_OUT_NULL : 0) |
                       ((from->redirect & REDIRECT_ERR_NULL) != 0 ? (uint32_t)PLAN_ERR_NULL : 0) |
                       ((from->redirect & REDIRECT_ERR_OUT) != 0 ? (uint32_t)PLAN_ERR_OUT : 0);
        to->memory_most = from->limits.memory_most;
        to->cpu_s = from->limits.cpu_s;
        to->processes_most = from->limits.processes_most;
        to->connects = (from->network & NETWORK_LOOPBACK) != 0 ? 1 : 0;
        to->program = strdup(from->program);
        if (to->program == NULL)
                return -ENOMEM;
        for (size_t i = 0; r == 0 && from->argv[i] != NULL; i++)
                r = strv_append(&to->argv, from->argv[i]);
        if (r == 0)
                r = append_all(&to->reads, session->reads);
        if (r == 0)
                r = append_all(&to->reads, from->reads);
        if (r == 0 && from->lists)
                r = append_all(&to->lists, policy_list(session->policy));
        if (r == 0)
                r = strv_append(&to->executes, from->program);
        if (r == 0 && from->loader != NULL)
                r = strv_append(&to->executes, from->loader);
        if (r == 0)
                r = append_all(&to->executes, from->helpers);
        return r == 0 ? append_all(&to->executes, from->helper_loaders) : r;
}

/* 0 stands for none. Output is bounded by the tightest of the stages; time by the most patient one, since it runs for the whole line
 * and a filter must not cut off the command that it reads from. */
static uint64_t tighter(uint64_t a, uint64_t b)
{
        return a == 0 || (b != 0 && b < a) ? b : a;
}

static uint64_t longer(uint64_t a, uint64_t b)
{
        return a == 0 || b == 0 ? 0 : a > b ? a : b;
}

static int filter_put(struct plan *plan)
{
        plan->filter = malloc(made_stage_size);
        if (plan->filter == NULL)
                return -ENOMEM;
        memcpy(plan->filter, made_stage, made_stage_size);
        plan->filter_size = made_stage_size;
        return 0;
}

int plan_make(struct session *session, const struct decision *decision, const struct channel_run *run,
              struct plan *ret_plan)
{
        cleanup_plan struct plan plan = { 0 };
        int r = environment_make(session, run, &plan.environment);

        plan.mask_device = session->mask_device;
        if (r == 0)
                r = filter_put(&plan);
        if (r == 0)
                r = append_all(&plan.denied, session->masked);
        if (r == 0) {
                plan.stages = calloc(decision->stage_count, sizeof(*plan.stages));
                r = plan.stages == NULL ? -ENOMEM : 0;
        }
        for (size_t i = 0; r == 0 && i < decision->stage_count; i++) {
                plan.stage_count++;
                r = stage_make(session, &decision->stages[i], &plan.stages[i]);
                plan.timeout_ms = i == 0 ? decision->stages[i].limits.timeout_ms
                                         : longer(plan.timeout_ms, decision->stages[i].limits.timeout_ms);
                plan.output_most = tighter(plan.output_most, decision->stages[i].limits.output_most);
        }
        if (r < 0)
                return r;
        *ret_plan = plan;
        plan = (struct plan){ 0 };
        return 0;
}
