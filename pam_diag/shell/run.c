#include "pam_diag/shell/run.h"

#include <errno.h>
#include <poll.h>
#include <sys/wait.h>

#include "pam_diag/base/clock.h"
#include "pam_diag/base/fd.h"
#include "pam_diag/shell/stage.h"
#include "pam_diag/shell/watch.h"

enum { SIGNAL_BASE = 128, RETRY_MS = 20 };

struct line_run {
        const struct plan *plan;
        int signals;
        int64_t started_us;
        int last; /* status of the last pipeline that ran, as a shell gives it */
        struct channel_end *end;
        const char *step;
        const char *program;
};

static int status_of(int status)
{
        return WIFSIGNALED(status) ? SIGNAL_BASE + WTERMSIG(status) : WEXITSTATUS(status);
}

/* What has been started of a pipeline that cannot be started whole. */
static void kill_started(struct watch_pipeline *pipeline)
{
        do {
                reap_kill_children(pipeline->stages, pipeline->count);
                (void)poll(NULL, 0, RETRY_MS);
        } while (reap_collect(pipeline->stages, pipeline->count));
}

/* One stage: reads from *in, and leaves in *in what the next one reads. The ends that are this stage's alone are closed here, so that a
 * pipe ends when its stage does. */
static int start_stage(struct line_run *run, size_t index, bool last, int *in, int out, int err, pid_t *ret_pid)
{
        cleanup_fd int next_read = -1;
        cleanup_fd int next_write = -1;
        struct stage_streams streams = { .in = *in, .out = out, .err = err };
        int r = last ? 0 : fd_pipe(&next_read, &next_write);

        run->step = "make a pipe";
        run->program = run->plan->stages[index].program;
        if (r < 0)
                return r;
        if (!last)
                streams.out = next_write;
        r = stage_start(run->plan, (uint32_t)index, streams, ret_pid, &run->step);
        fd_close(*in);
        *in = take_fd(&next_read);
        return r;
}

static int start_pipeline(struct line_run *run, size_t from, size_t to, struct watch_pipeline *pipeline)
{
        cleanup_fd int in = -1;
        cleanup_fd int out_write = -1;
        cleanup_fd int err_write = -1;
        int r = fd_pipe(&pipeline->out, &out_write);

        run->step = "make a pipe";
        run->program = run->plan->stages[from].program;
        if (r == 0)
                r = fd_pipe(&pipeline->err, &err_write);
        for (size_t i = from; r == 0 && i < to; i++) {
                pid_t pid = 0;

                r = start_stage(run, i, i + 1 == to, &in, out_write, err_write, &pid);
                if (r == 0)
                        pipeline->stages[pipeline->count++].pid = pid;
        }
        return r;
}

static int run_pipeline(struct line_run *run, size_t from, size_t to)
{
        struct watch_pipeline pipeline = { .out = -1, .err = -1 };
        int r = start_pipeline(run, from, to, &pipeline);

        if (r < 0) {
                kill_started(&pipeline);
                pipeline.out = fd_close(pipeline.out);
                pipeline.err = fd_close(pipeline.err);
                return r;
        }
        run->step = "watch over the command";
        r = watch_run(run->plan, &pipeline, run->signals, run->started_us, run->end);
        for (size_t i = 0; i < pipeline.count; i++)
                run->end->statuses[from + i] = status_of(pipeline.stages[i].status);
        run->last = status_of(pipeline.stages[pipeline.count - 1].status);
        return r;
}

static bool is_due(const struct line_run *run, uint32_t link)
{
        switch ((enum plan_link)link) {
        case PLAN_AND:
                return run->last == 0;
        case PLAN_OR:
                return run->last != 0;
        default:
                return true;
        }
}

int run_plan(const struct plan *plan, int signals, struct channel_end *ret_end, const char **ret_step,
             const char **ret_program)
{
        struct channel_end end = { .how = END_EXITED, .status_count = (uint32_t)plan->stage_count };
        struct line_run run = { .plan = plan, .signals = signals, .started_us = clock_monotonic_us(), .end = &end };
        size_t to;
        int r = 0;

        for (size_t i = 0; i < plan->stage_count; i++)
                end.statuses[i] = END_NOT_RUN;
        for (size_t from = 0; r == 0 && from < plan->stage_count && end.how == END_EXITED; from = to) {
                to = from + 1;
                while (to < plan->stage_count && plan->stages[to].link == PLAN_PIPE)
                        to++;
                if (is_due(&run, plan->stages[from].link))
                        r = run_pipeline(&run, from, to);
        }
        if (r < 0) {
                end.how = END_FAILED;
                end.status = STATUS_REFUSED;
                end.signal = 0;
                *ret_step = run.step;
                *ret_program = run.program;
        }
        *ret_end = end;
        return r;
}
