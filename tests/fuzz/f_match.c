/* The grammar on any words: the first byte chooses the command, the rest are its words, each ended by a NUL or a line end. Whatever is given,
 * what is allowed holds nothing that its rule refuses, and is allowed and the same when it is given again. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/policy/decide.h"
#include "pam_diag/policy/errors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WORDS_MOST = 200, INPUT_MOST = 4096 };

static const char text[] =
        "[paths]\nallow = /log\ndeny = /log/secret\n[hosts]\nallow = *.in 10.0.0.0/8\n"
        "[command ip]\nprogram = /bin/true\nstyle = dashword\ndispatch = stop\nflag = -s -stats\n"
        "option = -f -family : one-of inet inet6\noption = -c[=] -color[=] : one-of always never\nrefuse = -batch -n "
        "netns : no\n"
        "[command ip link|l show|list]\nverb = show\nword = dev|d : interface\nword = up\nword = to : prefix\nbare = "
        "to dev\n"
        "word = via : maybe one-of inet inet6 then address\nrefuse = set s : no\n"
        "[command ip mon]\nword = all\noperand = 0..2 : text\nimplicit = .\n"
        "[command ss]\nprogram = /bin/true\nlex = joined ( ) ! != & && | || = == < <=\nflag = -t --tcp\n"
        "option = -A --query : list a b\noperators = ( ) ! && || and or\nrefuse = -K --kill : no\nword = state : "
        "one-of x y\n"
        "word = dst : maybe one-of = != then endpoint\nword = dport sport : maybe one-of = == != <= then endpoint | "
        "integer 0..99\n"
        "[command find]\nprogram = /bin/true\nstyle = find\nflag = -print\nflag = -ls\noption = -name : text\n"
        "option = -newer : path list\noption = -type : one-of f d\nrefuse = -exec -delete : no\noperators = ( ) ! -o "
        "-a -not\n"
        "operand = 0..5 : path list\nimplicit = .\n"
        "[command lsof]\nprogram = /bin/true\nstyle = lsof\nprepend = -n\nflag = -n\nflag = -P\nflag = +E\noption = "
        "-i[?] : inet\n"
        "option = +L[?] : integer 0..9\noption = +c : integer 0..9\noption = +D : path list\noption = -p : "
        "pids\nrefuse = -k +r : no\n"
        "operand = 0..5 : path list\n"
        "[command dig]\nprogram = /bin/true\nstyle = dig\nprepend = -r\nflag = -r\nflag = -4\noption = @ : host\n"
        "option = -t : one-of A MX\noption = -q : host\noption = -x : address\nbare = -t -q\nflag = +[no]short\n"
        "option = +tries +time : integer 1..5\noption = +buf[=] : integer 0..9\nrefuse = -f +tls AXFR : no\n"
        "[command ping]\nprogram = /bin/true\nprepend = -c 10 -w 9\noption = -c --count : integer 1..10\noption = -w : "
        "integer 1..9\n"
        "flag = -n\nrefuse = -f : no\noperand = 1..2 : host\n"
        "[command docker]\nprogram = /bin/true\ndispatch = stop\nflag = -v\nrefuse = -H run : no\n"
        "[command docker ps]\nflag = -a --all\noption = --format -F : template .A .B json | one-of table\n"
        "option = -n[+] --last[+] : integer -1..9\n"
        "[command docker image ls|list]\nappend = -q --max=3\nflag = -q --quiet\noption = --max : integer 0..5\nrefuse "
        "= rm : no\n"
        "operand = 0..2 : container\n"
        "[command tail]\nprogram = /bin/true\nstyle = getopt-stop\nflag = -f\noption = -n[+] --lines[+] : integer "
        "0..100\nnumber = -n\n"
        "operand = 0..5 : text\n"
        "[command nft]\nprogram = /bin/true\ndispatch = stop\nlex = joined ; {\nflag = -n\n[command nft list table]\n"
        "operand = 1..2 : match [a-z]+\n"
        "[command say]\nprogram = /bin/true\nstyle = echo\nflag = -n\nflag = -e\noperand = 0..9 : text\n"
        "[command jc]\nprogram = /bin/true\noption = -o --output : one-of a b\noption = --fields : list X Y\nflag = "
        "-q\nflag = --quiet\n"
        "imply = -o b : --quiet --fields=X\noption = -n[+] : integer 0..9\noperand = 0..3 : text\n";

static const char *const names[] = { "ip", "ss", "find", "lsof", "dig", "ping", "docker", "tail", "nft", "say", "jc" };

/* What must not run, as an argument of its own. */
static const char *const refused[] = { "-batch", "netns", "set",  "-K",  "--kill", "-exec", "-delete", "-k",
                                       "+r",     "+tls",  "AXFR", "run", "rm",     ";",     NULL };

static void expect(int truth)
{
        if (!truth)
                abort();
}

static struct policy *load(void)
{
        cleanup_policy_errors struct policy_errors errors = POLICY_ERRORS_INIT;
        char path[] = "/tmp/pam_diag-fuzz-XXXXXX";
        struct policy *policy = NULL;
        cleanup_fd int fd = mkstemp(path);

        expect(fd >= 0 && fd_write_all(fd, text, sizeof(text) - 1) == 0);
        if (policy_load(path, POLICY_ANY_OWNER, &errors, &policy) < 0) {
                (void)fprintf(stderr, "%s", errors.text.data);
                abort();
        }
        (void)unlink(path);
        return policy;
}

static int resolve(void *context, const char *path, char **ret_resolved, size_t *ret_known)
{
        (void)context;
        *ret_known = strlen(path);
        *ret_resolved = strdup(path);
        return *ret_resolved == NULL ? -ENOMEM : 0;
}

static const struct path_resolver resolver = { .resolve = resolve };

static void quote(struct buf *line, const char *word)
{
        buf_put_char(line, '\'');
        for (; *word != '\0'; word++) {
                if (*word == '\'')
                        buf_put_text(line, "'\\''");
                else
                        buf_put_char(line, *word);
        }
        buf_put_text(line, "' ");
}

static struct decision *decide(const struct policy *policy, char *const *words)
{
        cleanup_buf struct buf line = BUF_INIT((size_t)16 * DECIDE_LINE_MOST);
        struct decision *decision = NULL;

        for (size_t i = 0; words[i] != NULL; i++)
                quote(&line, words[i]);
        expect(line.error == 0);
        expect(policy_decide(policy, NULL, line.data, line.length, &resolver, &decision) == 0);
        return decision;
}

/* A word that takes any text may be followed by anything. */
static bool takes_text(const char *word)
{
        return strcmp(word, "-name") == 0;
}

static void check_argv(char *const *argv)
{
        bool any_operand = strcmp(argv[0], "tail") == 0 || strcmp(argv[0], "ip") == 0 || strcmp(argv[0], "say") == 0 ||
                           strcmp(argv[0], "jc") == 0;

        for (size_t i = 1; argv[i] != NULL && !any_operand; i++)
                for (size_t k = 0; refused[k] != NULL; k++)
                        expect(strcmp(argv[i], refused[k]) != 0 || takes_text(argv[i - 1]) || argv[i][0] == 'A' ||
                               strcmp(argv[0], "dig") == 0 || strcmp(argv[0], "docker") == 0 ||
                               /* A table may have any name; what ends a statement may not be there. */
                               (strcmp(argv[0], "nft") == 0 && strcmp(refused[k], ";") != 0));
        if (strcmp(argv[0], "ip") == 0)
                for (size_t i = 1; argv[i] != NULL && argv[i][0] == '-'; i++)
                        expect(strcmp(argv[i], "-batch") != 0 && strcmp(argv[i], "-n") != 0);
        for (size_t i = 1; argv[i] != NULL; i++)
                expect(strncmp(argv[i], "/log/secret/", 12) != 0 || any_operand || takes_text(argv[i - 1]));
}

static void check_again(const struct policy *policy, char *const *argv)
{
        cleanup_decision struct decision *again = decide(policy, argv);

        if (again->code == CODE_LIMIT)
                return;
        if (again->verdict != VERDICT_ALLOW)
                (void)fprintf(stderr, "%s\n", again->reason);
        expect(again->verdict == VERDICT_ALLOW);
        for (size_t i = 0; argv[i] != NULL || again->stages[0].argv[i] != NULL; i++) {
                expect(argv[i] != NULL && again->stages[0].argv[i] != NULL);
                expect(strcmp(argv[i], again->stages[0].argv[i]) == 0);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static struct policy *policy;
        cleanup_decision struct decision *decision = NULL;
        char copy[INPUT_MOST + 1];
        char name[16];
        char *words[WORDS_MOST + 2] = { name };
        size_t count = 1;

        if (size == 0 || size > INPUT_MOST)
                return 0;
        if (policy == NULL)
                policy = load();
        (void)snprintf(name, sizeof(name), "%s", names[data[0] % (sizeof(names) / sizeof(names[0]))]);
        memcpy(copy, data + 1, size - 1);
        copy[size - 1] = '\0';
        for (size_t i = 0; i + 1 < size; i++)
                if (copy[i] == '\n')
                        copy[i] = '\0';
        for (size_t at = 0; at + 1 < size && count <= WORDS_MOST; at += strlen(copy + at) + 1)
                words[count++] = copy + at;
        decision = decide(policy, words);
        if (decision->verdict == VERDICT_DENY)
                expect(decision->reason != NULL && decision->code != CODE_NONE && decision->stages[0].argv == NULL);
        if (decision->verdict == VERDICT_ALLOW) {
                check_argv(decision->stages[0].argv);
                check_again(policy, decision->stages[0].argv);
        }
        return 0;
}
