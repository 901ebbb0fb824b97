#include "pam_diag/shell/watch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pam_diag/base/clock.h"
#include "pam_diag/base/fd.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/shell/reap.h"
#include "pam_diag/shell/relay.h"

enum {
        SLOT_SIGNALS,
        SLOT_CHANNEL,
        SLOT_OUT,
        SLOT_ERR = SLOT_OUT + 2,
        SLOTS = SLOT_ERR + 2,
};

enum { GRACE_MS = 2000, REST_MS = 5000, RETRY_MS = 20 };

struct watch {
        const struct plan *plan;
        struct watch_pipeline *pipeline;
        int signals;
        struct relay out;
        struct relay err;
        uint64_t before; /* bytes that the line's earlier pipelines have written */
        bool done; /* every stage has ended */
        bool children; /* some are left */
        bool ending;
        enum end_how how;
        int64_t started_us;
        int64_t kill_ms; /* monotonic: when a command that was asked to end is killed; 0: not asked */
        int64_t rest_ms; /* monotonic: when a client that does not read the rest is given up; 0: the command ended by itself */
};

/* From here on the command is to end; the first reason counts. */
static void watch_end(struct watch *watch, enum end_how how, int by_signal)
{
        if (!watch->ending)
                watch->how = how;
        watch->ending = true;
        if (watch->done)
                return;
        if (by_signal != SIGKILL && watch->kill_ms == 0) {
                watch->kill_ms = clock_monotonic_ms() + GRACE_MS;
                for (size_t i = 0; i < watch->pipeline->count; i++)
                        if (!watch->pipeline->stages[i].done)
                                (void)kill(-watch->pipeline->stages[i].pid, by_signal);
        } else {
                watch->kill_ms = clock_monotonic_ms();
        }
}

static uint64_t bytes_left(const struct watch *watch)
{
        uint64_t used = watch->before + watch->out.bytes + watch->err.bytes;

        if (watch->plan->output_most == 0)
                return UINT64_MAX;
        return used < watch->plan->output_most ? watch->plan->output_most - used : 0;
}

static void check_limits(struct watch *watch, const struct pollfd slots[SLOTS])
{
        int64_t elapsed_ms = clock_monotonic_us() / 1000 - watch->started_us / 1000;
        /* A pipe that has only ended shows POLLHUP alone. */
        bool more = ((slots[SLOT_OUT].revents | slots[SLOT_ERR].revents) & POLLIN) != 0;

        if (watch->out.broken || watch->err.broken)
                watch_end(watch, END_CLIENT_GONE, SIGKILL);
        if (watch->plan->timeout_ms != 0 && elapsed_ms >= (int64_t)watch->plan->timeout_ms && !watch->done)
                watch_end(watch, END_TIMEOUT, SIGKILL);
        /* Only output beyond the limit counts, not the command that ends exactly there. */
        if (bytes_left(watch) == 0 && more && !watch->done)
                watch_end(watch, END_OUTPUT_LIMIT, SIGKILL);
}

static void take_signals(struct watch *watch)
{
        struct signalfd_siginfo info;

        while (read(watch->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
                if (info.ssi_signo != SIGCHLD)
                        watch_end(watch, END_INTERRUPTED, info.ssi_signo == SIGHUP ? SIGKILL : (int)info.ssi_signo);
}

/* The supervisor speaks first only by going away, or by closing its direction when the session ends. */
static void check_channel(struct watch *watch, const struct pollfd *slot)
{
        if (slot->revents != 0)
                watch_end(watch, END_SESSION, SIGKILL);
}

static void collect(struct watch *watch)
{
        watch->children = reap_collect(watch->pipeline->stages, watch->pipeline->count);
        watch->done = true;
        for (size_t i = 0; i < watch->pipeline->count; i++)
                watch->done = watch->done && watch->pipeline->stages[i].done;
}

/* What the command leaves behind dies with it; pipes that such a process held open then end too. */
static void kill_what_is_due(struct watch *watch)
{
        int64_t now = clock_monotonic_ms();

        if (watch->ending && watch->rest_ms == 0)
                watch->rest_ms = now + REST_MS;
        if (watch->done || (watch->kill_ms != 0 && now >= watch->kill_ms))
                reap_kill_children(watch->pipeline->stages, watch->pipeline->count);
        collect(watch);
}

/* With the output limit reached, what is still in the pipe stays there. */
static bool is_flushed(const struct watch *watch, const struct relay *relay)
{
        return relay_is_done(relay) || (relay->left == 0 && bytes_left(watch) == 0);
}

/* A slow client gets all of what a command wrote that ended by itself; nobody waits for one that is gone. */
static bool is_over(const struct watch *watch)
{
        if (!watch->done || watch->children)
                return false;
        if (watch->how == END_SESSION || watch->how == END_CLIENT_GONE || watch->how == END_INTERRUPTED)
                return true;
        if (watch->rest_ms != 0 && clock_monotonic_ms() >= watch->rest_ms)
                return true;
        return is_flushed(watch, &watch->out) && is_flushed(watch, &watch->err);
}

static int64_t earlier(int64_t a, int64_t b)
{
        return a < b ? a : b;
}

static int next_wait_ms(const struct watch *watch)
{
        int64_t now = clock_monotonic_ms();
        int64_t until = INT64_MAX;

        /* Processes that were just killed take a moment, and what they leave behind is found by looking again. */
        if ((watch->done && watch->children) || (watch->kill_ms != 0 && now >= watch->kill_ms && watch->children))
                return RETRY_MS;
        if (watch->plan->timeout_ms != 0 && !watch->done)
                until = watch->started_us / 1000 + (int64_t)watch->plan->timeout_ms;
        if (watch->kill_ms != 0 && watch->children)
                until = earlier(until, watch->kill_ms);
        if (watch->rest_ms != 0)
                until = earlier(until, watch->rest_ms);
        if (until == INT64_MAX)
                return -1;
        return until <= now ? 0 : (int)earlier(until - now, INT32_MAX);
}

static int watch_once(struct watch *watch)
{
        struct pollfd slots[SLOTS] = {
                [SLOT_SIGNALS] = { .fd = watch->signals, .events = POLLIN },
                /* Once the session ends its end stays readable for ever. */
                [SLOT_CHANNEL] = { .fd = watch->ending ? -1 : CHANNEL_FD, .events = POLLIN },
        };

        relay_wait(&watch->out, slots + SLOT_OUT);
        relay_wait(&watch->err, slots + SLOT_ERR);
        if (poll(slots, SLOTS, next_wait_ms(watch)) < 0 && errno != EINTR)
                return -errno;
        take_signals(watch);
        check_channel(watch, &slots[SLOT_CHANNEL]);
        relay_move(&watch->out, slots + SLOT_OUT, bytes_left(watch));
        relay_move(&watch->err, slots + SLOT_ERR, bytes_left(watch));
        check_limits(watch, slots);
        kill_what_is_due(watch);
        return 0;
}

static uint64_t timeval_us(struct timeval time)
{
        return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec;
}

static void describe(const struct watch *watch, struct channel_end *end)
{
        const struct watch_pipeline *pipeline = watch->pipeline;
        int last = pipeline->stages[pipeline->count - 1].status;

        end->how = (uint32_t)watch->how;
        end->status = WIFEXITED(last) ? (uint32_t)WEXITSTATUS(last) : 0;
        end->signal = WIFSIGNALED(last) ? (uint32_t)WTERMSIG(last) : 0;
        end->duration_us = (uint64_t)(clock_monotonic_us() - watch->started_us);
        end->stdout_bytes += watch->out.bytes;
        end->stderr_bytes += watch->err.bytes;
        for (size_t i = 0; i < pipeline->count; i++) {
                const struct rusage *usage = &pipeline->stages[i].usage;

                end->user_us += timeval_us(usage->ru_utime);
                end->system_us += timeval_us(usage->ru_stime);
                if ((uint64_t)usage->ru_maxrss > end->max_rss_kb)
                        end->max_rss_kb = (uint64_t)usage->ru_maxrss;
        }
}

/* When waiting itself fails, nothing may be left running that nobody watches. */
static void kill_all(struct watch *watch)
{
        do {
                reap_kill_children(watch->pipeline->stages, watch->pipeline->count);
                (void)poll(NULL, 0, RETRY_MS);
                collect(watch);
        } while (watch->children);
}

int watch_run(const struct plan *plan, struct watch_pipeline *pipeline, int signals, int64_t started_us,
              struct channel_end *end)
{
        cleanup_free struct watch *watch = calloc(1, sizeof(*watch));
        int r = 0;

        if (watch == NULL)
                return -ENOMEM;
        watch->plan = plan;
        watch->pipeline = pipeline;
        watch->signals = signals;
        watch->children = true;
        watch->how = END_EXITED;
        watch->started_us = started_us;
        watch->before = end->stdout_bytes + end->stderr_bytes;
        watch->out.from = take_fd(&pipeline->out);
        watch->out.to = STDOUT_FILENO;
        watch->err.from = take_fd(&pipeline->err);
        watch->err.to = STDERR_FILENO;
        while (r == 0 && !is_over(watch))
                r = watch_once(watch);
        watch->out.from = fd_close(watch->out.from);
        watch->err.from = fd_close(watch->err.from);
        if (r < 0)
                kill_all(watch);
        describe(watch, end);
        return r;
}
