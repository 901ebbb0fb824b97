/* decide ROUNDS [POLICY]: command lines judged in a second of processor time with 50, 500 and 5,000 commands, short lines and lines of 64 KiB, all of them in
 * turn; and how long the policies take to load, POLICY too. Root: a policy must lie in directories that are root's alone. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pam_diag/base/buf.h"
#include "pam_diag/base/fd.h"
#include "pam_diag/base/num.h"
#include "pam_diag/policy/decide.h"
#include "pam_diag/policy/errors.h"
#include "pam_diag/policy/resolve.h"
#include "tests/bench/sample.h"

enum { SIZES = 3, ROUNDS_MOST = 100000, SHORT_LINES = 4000, LONG_LINES = 40, LONG_LINE = 64 * 1024 };
enum { FEWEST = 50, COMMANDS_A_FILE = 500, PATH_SIZE = 160, TEXT_MOST = 1 << 20, LINES_MOST = 8 << 20 };

struct size {
        unsigned commands;
        char name[32];
        char path[PATH_SIZE];
        struct policy *policy;
};

static int write_file(const char *path, const struct buf *text)
{
        cleanup_fd int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

        if (fd < 0)
                return -errno;
        return text->error != 0 ? text->error : fd_write_all(fd, text->data, text->length);
}

static void put_command(struct buf *text, unsigned number)
{
        buf_printf(text,
                   "[command c%u]\nsummary = One of many\nprogram = /usr/bin/true\nflag = -l --full\n"
                   "option = -u --unit : unit\noption = -n --lines : integer 0..10000\n"
                   "refuse = --rotate --flush : it changes the journal\noperand = 0..1000 : text\n",
                   number);
}

/* A directory of the size's own, with as many files as it takes: one may have 1 MiB. */
static int write_policy(const char *directory, struct size *size)
{
        cleanup_buf struct buf text = BUF_INIT(TEXT_MOST);
        char path[PATH_SIZE];
        int r;

        (void)snprintf(path, sizeof(path), "%s/%u", directory, size->commands);
        if (mkdir(path, 0755) < 0)
                return -errno;
        (void)snprintf(size->path, sizeof(size->path), "%s/%u/policy.conf", directory, size->commands);
        (void)snprintf(path, sizeof(path), "%s/%u/policy.d", directory, size->commands);
        if (mkdir(path, 0755) < 0)
                return -errno;
        buf_put_text(&text, "[paths]\nallow = /etc\ndeny = /etc/ssl/private\n");
        r = write_file(size->path, &text);
        for (unsigned i = 0; r == 0 && i < size->commands; i += COMMANDS_A_FILE) {
                buf_clear(&text);
                for (unsigned n = i; n < size->commands && n < i + COMMANDS_A_FILE; n++)
                        put_command(&text, n);
                (void)snprintf(path, sizeof(path), "%s/%u/policy.d/%05u.conf", directory, size->commands, i);
                r = write_file(path, &text);
        }
        return r;
}

static int load(const char *path, const char *name, bool counts, struct policy **ret_policy)
{
        cleanup_policy_errors struct policy_errors errors = POLICY_ERRORS_INIT;
        int64_t start = sample_now();
        int r = policy_load(path, POLICY_ROOT_ONLY, &errors, ret_policy);

        if (r < 0)
                (void)fprintf(stderr, "decide: %s: %s\n", path, errors.text.data == NULL ? "" : errors.text.data);
        else if (counts)
                sample_put("policy load", name, sample_now() - start);
        return r;
}

/* One of four is refused, each by another part of the grammar. */
static void put_short(struct buf *line, unsigned command, unsigned i)
{
        static const char *const tails[] = { "-u ssh.service --lines=50 -l", "--lines 20 one two",
                                             "-l 'three four' --unit=a.service", "--rotate" };

        buf_printf(line, "c%u %s", command, tails[i % 4]);
}

static void put_long(struct buf *line, unsigned command, unsigned i)
{
        buf_printf(line, "c%u -u ssh.service", command);
        while (line->error == 0 && line->length < LONG_LINE)
                buf_printf(line, " '%080u'", i);
}

/* The same lines for every size show what a decision costs with that many commands in the policy. Lines that name all of
 * a policy's commands in turn show the machine's caches besides: each command's grammar is cold then. */
static const struct kind {
        const char *figure;
        unsigned lines;
        unsigned names; /* how many commands the lines name; 0: all */
        bool refuses;
        void (*put)(struct buf *line, unsigned command, unsigned i);
} kinds[] = {
        { "decisions, short lines", SHORT_LINES, FEWEST, true, put_short },
        { "decisions, short lines of all commands", SHORT_LINES, 0, true, put_short },
        { "decisions, lines of 64 KiB", LONG_LINES, FEWEST, false, put_long },
};

/* The number of the command that line `i` names: few names are spread over the whole policy. */
static unsigned command_of(const struct kind *kind, unsigned commands, unsigned i)
{
        unsigned names = kind->names == 0 ? commands : kind->names;

        return i * 7919U % names * (commands / names);
}

/* All lines of a kind in one buffer, one after the other; `ends` says where each ends. */
static int make_lines(const struct kind *kind, unsigned commands, struct buf *lines, size_t *ends)
{
        for (unsigned i = 0; i < kind->lines; i++) {
                cleanup_buf struct buf line = BUF_INIT(LINES_MOST);

                kind->put(&line, command_of(kind, commands, i), i);
                if (line.error != 0)
                        return line.error;
                buf_put(lines, line.data, line.length);
                ends[i] = lines->length;
        }
        return lines->error;
}

static int judge_all(const struct size *size, const struct kind *kind, const struct buf *lines, const size_t *ends)
{
        int r = 0;

        for (unsigned i = 0; r == 0 && i < kind->lines; i++) {
                cleanup_decision struct decision *decision = NULL;
                size_t start = i == 0 ? 0 : ends[i - 1];

                r = policy_decide(size->policy, NULL, lines->data + start, ends[i] - start, &path_resolver_live,
                                  &decision);
                if (r == 0 && (decision->verdict == VERDICT_ALLOW) == (kind->refuses && i % 4 == 3))
                        r = -EPROTO;
        }
        return r;
}

/* By processor time: a busy machine says nothing about a decision. */
static int judge(const struct size *size, const struct kind *kind, bool counts)
{
        cleanup_buf struct buf lines = BUF_INIT(LINES_MOST);
        size_t ends[SHORT_LINES];
        int r = make_lines(kind, size->commands, &lines, ends);
        int64_t start = sample_processor_now();

        if (r == 0)
                r = judge_all(size, kind, &lines, ends);
        if (r == 0 && counts)
                sample_put_value(kind->figure, size->name, kind->lines * 1e9 / (double)(sample_processor_now() - start),
                                 "lines/s");
        return r;
}

static int round_of(struct size sizes[SIZES], const char *shipped, bool counts)
{
        int r = 0;

        for (size_t kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++)
                for (size_t i = 0; r == 0 && i < SIZES; i++)
                        r = judge(&sizes[i], &kinds[kind], counts);
        for (size_t i = 0; r == 0 && i < SIZES; i++) {
                cleanup_policy struct policy *again = NULL;

                r = load(sizes[i].path, sizes[i].name, counts, &again);
        }
        if (r == 0 && shipped != NULL) {
                cleanup_policy struct policy *again = NULL;

                r = load(shipped, "shipped", counts, &again);
        }
        return r;
}

static int prepare(const char *directory, struct size sizes[SIZES])
{
        int r = 0;

        for (size_t i = 0; r == 0 && i < SIZES; i++) {
                (void)snprintf(sizes[i].name, sizeof(sizes[i].name), "%u commands", sizes[i].commands);
                r = write_policy(directory, &sizes[i]);
                if (r == 0)
                        r = load(sizes[i].path, sizes[i].name, false, &sizes[i].policy);
        }
        return r;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
        (void)st;
        (void)type;
        (void)ftw;
        return remove(path);
}

int main(int argc, char **argv)
{
        struct size sizes[SIZES] = { { .commands = FEWEST }, { .commands = 500 }, { .commands = 5000 } };
        char directory[] = "/run/pam_diag-bench.XXXXXX";
        uint64_t rounds;
        int r;

        if (argc < 2 || argc > 3 || num_parse_u64(argv[1], 1, ROUNDS_MOST, &rounds) < 0) {
                (void)fprintf(stderr, "usage: decide ROUNDS [POLICY]\n");
                return 2;
        }
        if (mkdtemp(directory) == NULL || chmod(directory, 0755) < 0) {
                (void)fprintf(stderr, "decide: %s: %s\n", directory, strerror(errno));
                return 1;
        }
        r = prepare(directory, sizes);
        for (uint64_t round = 0; r == 0 && round <= rounds; round++)
                r = round_of(sizes, argc > 2 ? argv[2] : NULL, round > 0);
        for (size_t i = 0; i < SIZES; i++)
                policy_free(sizes[i].policy);
        (void)nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
        if (r < 0)
                (void)fprintf(stderr, "decide: %s\n", strerror(-r));
        return r < 0;
}
