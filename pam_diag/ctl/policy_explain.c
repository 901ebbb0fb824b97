#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/ctl/commands.h"
#include "pam_diag/ctl/explain.h"
#include "pam_diag/ctl/lines.h"
#include "pam_diag/ctl/policy_file.h"
#include "pam_diag/policy/resolve.h"

/* A line that is too long is the decision's to refuse. */
enum { LINE_MOST = 2 * DECIDE_LINE_MOST, OUTPUT_SIZE = 64 * 1024 };

struct explain {
        struct policy *policy;
        const char *key; /* NULL: nobody in particular */
        struct policy_login login; /* with `key` */
        bool json;
        bool many; /* lines from standard input */
        struct buf text; /* its memory is used again for each answer */
};

static void explain_clear(struct explain *explain)
{
        policy_free(explain->policy);
        buf_free(&explain->text);
}
#define cleanup_explain __attribute__((cleanup(explain_clear)))

/* One word is the whole line; several are joined as ssh(1) joins them. */
static void join(struct buf *line, int argc, char **argv)
{
        for (int i = 0; i < argc; i++) {
                if (i > 0)
                        buf_put_char(line, ' ');
                buf_put_text(line, argv[i]);
        }
}

static int answer(struct explain *explain, const char *line, size_t length, enum verdict *ret_verdict)
{
        cleanup_decision struct decision *decision = NULL;
        int r = policy_decide(explain->policy, explain->key != NULL ? &explain->login : NULL, line, length,
                              &path_resolver_live, &decision);

        if (r < 0)
                return r;
        buf_clear(&explain->text);
        if (explain->json)
                explain_put_json(&explain->text, decision);
        else
                explain_put_text(&explain->text, decision);
        if (explain->text.error != 0)
                return explain->text.error;
        if (fwrite(explain->text.data, 1, explain->text.length, stdout) != explain->text.length)
                return -EIO;
        *ret_verdict = decision->verdict;
        return 0;
}

static int answer_line(void *context, const char *line, size_t length)
{
        struct explain *explain = context;
        enum verdict verdict;
        int r = answer(explain, line, length, &verdict);

        /* Answers for a person may hold empty lines, so they end as the questions do. */
        if (r == 0 && !explain->json && fputc('\0', stdout) == EOF)
                r = -EIO;
        return r;
}

/* Whoever waits for an answer before it writes the next line gets it. */
static int flush_answers(void *context)
{
        (void)context;
        return fflush(stdout) == 0 ? 0 : -EIO;
}

static int explain_many(struct explain *explain)
{
        static char output[OUTPUT_SIZE];
        const struct lines lines = {
                .line = answer_line, .wait = flush_answers, .context = explain, .most = DECIDE_LINE_MOST
        };
        int r;

        (void)setvbuf(stdout, output, _IOFBF, sizeof(output));
        r = lines_read(STDIN_FILENO, &lines);
        if (r == 0)
                return CTL_GOOD;
        fprintf(stderr, "diagctl policy explain: not every line could be answered: %s\n", strerror(-r));
        return CTL_FAILED;
}

static int explain_one(struct explain *explain, int argc, char **argv)
{
        cleanup_buf struct buf line = BUF_INIT(LINE_MOST);
        enum verdict verdict = VERDICT_DENY;
        int r;

        join(&line, argc, argv);
        /* Words that do not fit any more come behind more than a line may have: what is there is refused for that. */
        r = line.error == -ENOMEM ? -ENOMEM
                                  : answer(explain, line.data != NULL ? line.data : "", line.length, &verdict);
        if (r == 0)
                return verdict == VERDICT_DENY ? CTL_DENIED : CTL_GOOD;
        fprintf(stderr, "diagctl policy explain: the line cannot be judged: %s\n", strerror(-r));
        return CTL_USAGE;
}

int policy_explain_run(const struct ctl_command *command, int argc, char **argv)
{
        cleanup_explain struct explain explain = { .text = BUF_INIT(EXPLAIN_MOST) };
        const char *file = PATH_POLICY;
        const struct ctl_option options[] = {
                { "--policy", CTL_TEXT, &file },
                { "--key", CTL_TEXT, &explain.key },
                { "--json", CTL_FLAG, &explain.json },
                { "-0", CTL_FLAG, &explain.many },
        };
        cleanup_free char *path = NULL;
        int first = 0;
        int r = ctl_options(command, options, sizeof(options) / sizeof(options[0]), true, argc, argv, &first);

        if (r < 0)
                return CTL_USAGE;
        if (explain.many && first < argc)
                return ctl_usage_error(command, "-0 reads the command lines from standard input; %s is one too many",
                                       argv[first]);
        if (!explain.many && first == argc)
                return ctl_usage_error(command, "which command line?");
        r = policy_file_load(file, POLICY_ANY_OWNER, &explain.policy, &path);
        if (r == 0 && explain.key != NULL)
                r = policy_file_login(explain.policy, explain.key, &explain.login);
        if (r < 0)
                return CTL_USAGE;
        return explain.many ? explain_many(&explain) : explain_one(&explain, argc - first, argv + first);
}
