#include "pam_diag/shell/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/base/wild.h"
#include "pam_diag/confine/bpf_load.h"
#include "pam_diag/confine/landlock.h"
#include "pam_diag/confine/mounts.h"
#include "pam_diag/wire/message.h"

enum step {
        STEP_FORK,
        STEP_PARENT,
        STEP_STREAMS,
        STEP_LIMITS,
        STEP_DIRECTORY,
        STEP_MASKS,
        STEP_LANDLOCK,
        STEP_ANNOUNCE,
        STEP_FILTER,
        STEP_EXEC,
};

static const char *const step_names[] = {
        [STEP_FORK] = "start a process",
        [STEP_PARENT] = "tie the command's life to the session",
        [STEP_STREAMS] = "set up the command's streams",
        [STEP_LIMITS] = "set the command's limits",
        [STEP_DIRECTORY] = "enter the empty directory",
        [STEP_MASKS] = "go on: a denied path has appeared since the session was opened (connect again)",
        [STEP_LANDLOCK] = "put the command's Landlock domain in force",
        [STEP_ANNOUNCE] = "announce the command to the supervisor",
        [STEP_FILTER] = "put the command's seccomp filter and memory limit in force",
        [STEP_EXEC] = "execute the command",
};

struct failure {
        enum step step;
        int error;
};

/* The new process, up to its exec. Nothing in it is the user's yet. */

static int tie_to_parent(pid_t parent)
{
        sigset_t none;

        /* SIGKILL when diag-shell dies, whatever kills it; the check closes the gap before this call. */
        if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
                return -errno;
        if (getppid() != parent)
                return -ESRCH;
        /* A session of its own: no controlling terminal, so /dev/tty and its keys are out of reach, and one group to signal. */
        if (setsid() < 0)
                return -errno;
        sigemptyset(&none);
        (void)signal(SIGPIPE, SIG_DFL);
        return sigprocmask(SIG_SETMASK, &none, NULL) < 0 ? -errno : 0;
}

/* ERR_OUT is where stdout goes before it is redirected itself: `2>&1 >/dev/null |`. Stdin without a pipe is always empty. */
static int set_streams(const struct plan_stage *stage, struct stage_streams streams)
{
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        int out = (stage->redirect & PLAN_OUT_NULL) != 0 ? null : streams.out;
        int err = (stage->redirect & PLAN_ERR_NULL) != 0  ? null
                  : (stage->redirect & PLAN_ERR_OUT) != 0 ? streams.out
                                                          : streams.err;

        if (null < 0 || dup2(streams.in < 0 ? null : streams.in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
            dup2(err, STDERR_FILENO) < 0 || close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
                return -errno;
        return 0;
}

/* A higher limit than the one that is inherited is no limit of ours to set. */
static int set_limit(__rlimit_resource_t what, rlim_t most)
{
        struct rlimit limit;

        if (getrlimit(what, &limit) < 0)
                return -errno;
        if (most >= limit.rlim_max)
                most = limit.rlim_max;
        limit = (struct rlimit){ .rlim_cur = most, .rlim_max = most };
        return setrlimit(what, &limit) < 0 ? -errno : 0;
}

/* Diagnosis waits for the host's own work: behind everybody else for the processor and the disk. Raising both back needs a capability.
 * ioprio_set(2): 1 is IOPRIO_WHO_PROCESS, class 2 is best effort, 7 its last place. */
static int set_priority(void)
{
        enum { WHO_PROCESS = 1, CLASS_SHIFT = 13, BEST_EFFORT = 2, LAST = 7, NICE = 10 };

        if (setpriority(PRIO_PROCESS, 0, NICE) < 0 && errno != EACCES)
                return -errno;
        if (syscall(SYS_ioprio_set, WHO_PROCESS, 0, BEST_EFFORT << CLASS_SHIFT | LAST) < 0 && errno != ENOSYS)
                return -errno;
        return 0;
}

static int set_limits(const struct plan_stage *stage)
{
        const struct {
                __rlimit_resource_t what;
                rlim_t most;
        } limits[] = {
                { RLIMIT_CORE, 0 }, /* a core dump would be written by the kernel, past every domain */
                { RLIMIT_FSIZE, 0 }, /* no regular file grows, wherever it lies; pipes are not files */
                { RLIMIT_NOFILE, 1024 },
                { RLIMIT_MEMLOCK, 65536 },
                { RLIMIT_MSGQUEUE, 0 },
                { RLIMIT_CPU, stage->cpu_s == 0 ? RLIM_INFINITY : stage->cpu_s },
                { RLIMIT_NPROC, stage->processes_most == 0 ? RLIM_INFINITY : stage->processes_most },
        };
        int r = set_priority();

        for (size_t i = 0; r == 0 && i < sizeof(limits) / sizeof(limits[0]); i++)
                r = set_limit(limits[i].what, limits[i].most);
        return r;
}

/* The last steps before the exec: after them nothing may be allocated any more, and nothing is called that a stage has no use for. */
static int set_filter(const struct plan *plan, const struct plan_stage *stage)
{
        int r = bpf_load(plan->filter, plan->filter_size, 0);

        return r < 0 ? r : set_limit(RLIMIT_AS, stage->memory_most == 0 ? RLIM_INFINITY : stage->memory_most);
}

/* Masks are made when the session opens, on what exists then. What matches a deny pattern by now and is no mask came later: it is
 * not in sight of a command that starts after it. (A place that this user cannot even look up is no danger.) */
static int check_place(const char *path, dev_t masks)
{
        struct stat status;

        return stat(path, &status) == 0 && status.st_dev != masks ? -ESTALE : 0;
}

static int check_pattern(const char *pattern, dev_t masks)
{
        cleanup_strv char **found = NULL;
        int r;

        if (wild_is_plain(pattern))
                return check_place(pattern, masks);
        r = wild_matches(pattern, &found);
        for (size_t i = 0; r == 0 && found != NULL && found[i] != NULL; i++)
                r = check_place(found[i], masks);
        return r;
}

static int check_masks(const struct plan *plan)
{
        int r = 0;

        for (size_t i = 0; r == 0 && plan->denied[i] != NULL; i++)
                if (strncmp(plan->denied[i], "/proc/", 6) != 0)
                        r = check_pattern(plan->denied[i], (dev_t)plan->mask_device);
        return r;
}

static int enter_domain(const struct plan_stage *stage)
{
        cleanup_landlock struct landlock *domain = NULL;
        cleanup_free char *where = NULL;
        int r = landlock_new(stage->connects != 0 ? LANDLOCK_LEAVES_CONNECT : 0, &domain);

        for (size_t i = 0; r == 0 && stage->reads[i] != NULL; i++)
                r = landlock_allow_pattern(domain, stage->reads[i], LANDLOCK_READ, &where);
        for (size_t i = 0; r == 0 && stage->lists[i] != NULL; i++)
                r = landlock_allow_pattern(domain, stage->lists[i], LANDLOCK_LIST, &where);
        for (size_t i = 0; r == 0 && stage->executes[i] != NULL; i++)
                r = landlock_allow(domain, stage->executes[i], LANDLOCK_EXECUTE);
        if (r == 0)
                r = landlock_allow(domain, MOUNTS_EMPTY_DIR, LANDLOCK_READ);
        if (r == 0)
                r = landlock_allow(domain, "/dev/null", LANDLOCK_WRITE);
        return r < 0 ? r : landlock_restrict(domain);
}

static int announce(uint32_t index)
{
        cleanup_buf struct buf body = BUF_INIT(sizeof(index));

        pack_u32(&body, index);
        return message_send(CHANNEL_FD, CHANNEL_ASK_STAGE, &body, -1);
}

static struct failure prepare(const struct plan *plan, uint32_t index, pid_t parent, struct stage_streams streams)
{
        const struct plan_stage *stage = &plan->stages[index];
        int r = tie_to_parent(parent);

        if (r < 0)
                return (struct failure){ STEP_PARENT, r };
        r = set_streams(stage, streams);
        if (r < 0)
                return (struct failure){ STEP_STREAMS, r };
        r = set_limits(stage);
        if (r < 0)
                return (struct failure){ STEP_LIMITS, r };
        if (chdir(MOUNTS_EMPTY_DIR) < 0)
                return (struct failure){ STEP_DIRECTORY, -errno };
        r = check_masks(plan);
        if (r < 0)
                return (struct failure){ STEP_MASKS, r };
        r = enter_domain(stage);
        if (r < 0)
                return (struct failure){ STEP_LANDLOCK, r };
        r = announce(index);
        if (r < 0)
                return (struct failure){ STEP_ANNOUNCE, r };
        r = set_filter(plan, stage);
        if (r < 0)
                return (struct failure){ STEP_FILTER, r };
        execve(stage->program, stage->argv, plan->environment);
        return (struct failure){ STEP_EXEC, -errno };
}

/* The other side. */

int stage_start(const struct plan *plan, uint32_t index, struct stage_streams streams, pid_t *ret_pid,
                const char **ret_step)
{
        cleanup_fd int fail_read = -1, fail_write = -1;
        struct failure failure = { STEP_FORK, 0 };
        pid_t parent = getpid();
        pid_t pid;
        ssize_t n;
        int r = fd_pipe(&fail_read, &fail_write);

        *ret_step = step_names[STEP_FORK];
        if (r < 0)
                return r;
        pid = fork();
        if (pid < 0)
                return -errno;
        if (pid == 0) {
                failure = prepare(plan, index, parent, streams);
                (void)fd_write_all(fail_write, &failure, sizeof(failure));
                _exit(STATUS_REFUSED);
        }
        fail_write = fd_close(fail_write);
        do
                n = read(fail_read, &failure, sizeof(failure));
        while (n < 0 && errno == EINTR);
        if (n == (ssize_t)sizeof(failure)) {
                *ret_step = step_names[failure.step];
                return failure.error;
        }
        *ret_pid = pid;
        return 0;
}
