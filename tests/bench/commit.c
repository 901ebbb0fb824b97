/* commit DIRECTORY WRITERS SLICES MILLISECONDS PAUSE: so many processes commit records to one database, each as a session's supervisor does, and
 * in turn with that the same processes append to one file and flush it, without a lock. A slice of one and a slice of the other, each of that
 * length, over and over. PAUSE milliseconds lie between a process's commits; 0: none. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/base/num.h"
#include "sql/auditdb.h"
#include "tests/bench/record.h"
#include "tests/bench/sample.h"

enum { WRITERS_MOST = 64, SLICES_MOST = 1000, SLICE_MS_MOST = 60000, SAMPLES_MOST = 60000, PATH_SIZE = 512 };

/* Of one writer in one slice; in shared memory. */
struct tally {
        int error;
        size_t count;
        int64_t ns[SAMPLES_MOST];
};

struct plan {
        char database[PATH_SIZE];
        char file[PATH_SIZE];
        unsigned writers;
        int64_t slice_ns;
        int64_t pause_ns;
        struct tally *tallies;
        char figure[64];
};

static void rest(int64_t ns)
{
        struct timespec pause = { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };

        (void)nanosleep(&pause, NULL);
}

/* `db` NULL: the floor. */
static int write_on(const struct plan *plan, struct auditdb *db, int fd, int64_t end, struct tally *tally)
{
        cleanup_buf struct buf record = BUF_INIT(AUDITDB_REC_MOST);

        while (sample_now() < end && tally->count < SAMPLES_MOST) {
                struct auditdb_why why = { "" };
                int64_t start;
                int r = record_make(&record, 1 + (int64_t)tally->count);

                start = sample_now();
                if (r == 0)
                        r = db == NULL ? record_floor(fd, &record)
                                       : auditdb_append(db, record.data, record.length, NULL, &why);
                if (r < 0) {
                        (void)fprintf(stderr, "commit: %s %s\n", strerror(-r), why.text);
                        return r;
                }
                tally->ns[tally->count++] = sample_now() - start;
                if (plan->pause_ns > 0)
                        rest(plan->pause_ns);
        }
        return 0;
}

/* `gate` is readable, with its end, once every writer is ready. */
static int writer(const struct plan *plan, bool floor, unsigned number, int gate)
{
        cleanup_auditdb struct auditdb *db = NULL;
        cleanup_fd int fd = open(plan->file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        struct auditdb_why why = { "" };
        int r = fd < 0 ? -errno : 0;
        char byte;

        if (r == 0 && !floor)
                r = auditdb_open(plan->database, AUDITDB_WRITE, &db, &why);
        if (r < 0) {
                (void)fprintf(stderr, "commit: %s %s\n", strerror(-r), why.text);
                return r;
        }
        if (read(gate, &byte, 1) != 0)
                return -EPROTO;
        /* Writers that pause do not all begin at once. */
        rest(plan->pause_ns * number / plan->writers);
        return write_on(plan, db, fd, sample_now() + plan->slice_ns, &plan->tallies[number]);
}

static int start(const struct plan *plan, bool floor, pid_t pids[WRITERS_MOST])
{
        int ready, gate;
        int r = fd_pipe(&ready, &gate);

        for (unsigned i = 0; r == 0 && i < plan->writers; i++) {
                plan->tallies[i].count = 0;
                pids[i] = fork();
                if (pids[i] == 0) {
                        (void)fd_close(gate);
                        _exit(writer(plan, floor, i, ready) < 0);
                }
                r = pids[i] < 0 ? -errno : 0;
        }
        /* Long enough for each to have opened the database. */
        rest(50000000 + 5000000 * (int64_t)plan->writers);
        (void)fd_close(ready);
        (void)fd_close(gate);
        return r;
}

static int slice(const struct plan *plan, bool floor, bool counts)
{
        const char *side = floor ? "append and fdatasync" : "audit database";
        char rate[80];
        pid_t pids[WRITERS_MOST];
        size_t commits = 0;
        int r = start(plan, floor, pids);

        for (unsigned i = 0; i < plan->writers; i++) {
                int status;

                if (pids[i] > 0 && (waitpid(pids[i], &status, 0) < 0 || status != 0))
                        r = -EPROTO;
        }
        for (unsigned i = 0; r == 0 && counts && i < plan->writers; i++) {
                commits += plan->tallies[i].count;
                for (size_t n = 0; n < plan->tallies[i].count; n++)
                        sample_put(plan->figure, side, plan->tallies[i].ns[n]);
        }
        (void)snprintf(rate, sizeof(rate), "%s, rate", plan->figure);
        if (r == 0 && counts)
                sample_put_value(rate, side, (double)commits * 1e9 / (double)plan->slice_ns, "commits/s");
        return r;
}

static int parse(char **argv, struct plan *plan, uint64_t *ret_slices)
{
        uint64_t writers, milliseconds, pause;

        if (num_parse_u64(argv[2], 1, WRITERS_MOST, &writers) < 0 ||
            num_parse_u64(argv[3], 1, SLICES_MOST, ret_slices) < 0 ||
            num_parse_u64(argv[4], 1, SLICE_MS_MOST, &milliseconds) < 0 ||
            num_parse_u64(argv[5], 0, SLICE_MS_MOST, &pause) < 0)
                return -EINVAL;
        plan->writers = (unsigned)writers;
        plan->slice_ns = (int64_t)milliseconds * 1000000;
        plan->pause_ns = (int64_t)pause * 1000000;
        (void)snprintf(plan->database, sizeof(plan->database), "%s/audit.db", argv[1]);
        (void)snprintf(plan->file, sizeof(plan->file), "%s/floor", argv[1]);
        if (pause == 0)
                (void)snprintf(plan->figure, sizeof(plan->figure), "commit, %u writers without pause", plan->writers);
        else
                (void)snprintf(plan->figure, sizeof(plan->figure), "commit, %u writers at %u a second", plan->writers,
                               (unsigned)(1000 / pause));
        return 0;
}

int main(int argc, char **argv)
{
        struct plan plan = { 0 };
        uint64_t slices;

        if (argc != 6 || parse(argv, &plan, &slices) < 0) {
                (void)fprintf(stderr, "usage: commit DIRECTORY WRITERS SLICES MILLISECONDS PAUSE\n");
                return 2;
        }
        plan.tallies = mmap(NULL, plan.writers * sizeof(*plan.tallies), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (plan.tallies == MAP_FAILED)
                return 1;
        for (uint64_t i = 0; i <= slices; i++)
                if (slice(&plan, true, i > 0) < 0 || slice(&plan, false, i > 0) < 0)
                        return 1;
        return 0;
}
