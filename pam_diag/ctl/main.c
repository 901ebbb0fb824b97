/* diagctl: the operator's tool.
 *
 * Runs as  the operator, mostly root: started by hand, outside of every session.
 * Trusts   its command line, the host's files. Not the text inside a record: a session chose it.
 * Never    changes a policy, a setting, or a record without a record of that (`key init`; `doctor --probe` starts diag-prober, whose session is
 *          on record like any other; `kill` ends a session, which its supervisor records); prints a byte of others that a terminal could obey.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "pam_diag/ctl/commands.h"
#include "pam_diag/ctl/show.h"

static const struct ctl_command commands[] = {
        {
                .name = "log",
                .arguments =
                        "[-n N] [-f] [--json] [--since WHEN] [--until WHEN] [--session ID] [--user NAME] [--key KEY]\n"
                        "                   [--client ADDRESS] [--verdict V] [--rule RULE] [--path PATH] [--db FILE]",
                .summary = "show the last records, or those that fit, and follow them",
                .help = "  -n N              how many rows, the newest, the oldest of them first (20; all with --since "
                        "or --session)\n"
                        "  -f                go on with what is recorded from now on\n"
                        "  --json            each as one JSON object: seq, time (UTC), hash and the stored record as "
                        "it is\n"
                        "  --since WHEN      24h, 7d, 2026-01-31, \"2026-01-31 12:00\" (local time) or @SECONDS\n"
                        "  --until WHEN      older than that\n"
                        "  --session ID      of one session: the beginning of its id\n"
                        "  --user NAME       of the sessions of that user\n"
                        "  --key KEY         of the sessions of that key: its name in the policy, or SHA256:…\n"
                        "  --client ADDRESS  of the sessions from there\n"
                        "  --verdict V       allow, deny or help\n"
                        "  --rule RULE       commands of that rule, in any stage\n"
                        "  --path PATH       commands with this path, or one below it, among their words\n"
                        "  --db FILE         the audit database (" PATH_DB ")\n",
                .run = log_run,
        },
        {
                .name = "sessions",
                .arguments = "[-n N] [--open] [--json] [--since WHEN] [--until WHEN] [--user NAME] [--key KEY]\n"
                             "                        [--client ADDRESS] [--db FILE]",
                .summary = "list sessions: who, from where, how many commands, how they ended",
                .help = "  -n N              how many, the newest, the oldest of them first (20; all with --since or "
                        "--open)\n"
                        "  --open            only those whose end is not on record\n"
                        "  --json            each as one JSON object, times in UTC\n"
                        "  --since, --until  when they were opened, as for log\n"
                        "  --user, --key, --client   whose, as for log\n"
                        "  --db FILE         the audit database (" PATH_DB ")\n"
                        "open: it goes on. lost: its end is not on record and it has no supervisor any more.\n",
                .run = sessions_run,
        },
        {
                .name = "show",
                .arguments = "[--json] [--db FILE] SESSION",
                .summary = "show everything of one session, in order",
                .help = "  --json     each record as one JSON object, as log does\n"
                        "  --db FILE  the audit database (" PATH_DB ")\n"
                        "SESSION is the beginning of its id, as long as no other session begins so.\n",
                .run = session_show_run,
        },
        {
                .name = "kill",
                .arguments = "[--db FILE] SESSION",
                .summary = "end every process of a session, on record (root)",
                .help = "  --db FILE  the audit database (" PATH_DB ")\n"
                        "SESSION is the beginning of its id, as long as no other session begins so.\n"
                        "Its close record says how=killed and who asked: uid, login uid, name.\n",
                .run = session_kill_run,
        },
        {
                .name = "verify",
                .arguments = "[--first-key FILE] [--heads FILE] [--json] [--db FILE]",
                .summary = "hold the records to their chain, the key and what was kept elsewhere",
                .help = "  --first-key FILE  what `key init` printed, kept off this host\n"
                        "  --heads FILE      signed heads as a log pipeline has kept them, in any form (text, JSON)\n"
                        "  --json            as one JSON object\n"
                        "  --db FILE         the audit database, or a snapshot (" PATH_DB ")\n"
                        "Lines begin with BROKEN or note; the last one sums up.\n"
                        "Exit status: 0 all fits, 1 something is broken or cannot be read, 2 wrong usage.\n",
                .run = verify_run,
        },
        {
                .name = "key init",
                .arguments = "[--again] [--db FILE]",
                .summary = "make the key of the records and print the first one, to be kept off the host",
                .help = "  --again    begin anew, when there are keys already\n"
                        "  --db FILE  the audit database (" PATH_DB ")\n"
                        "The key lies beside the database and moves on with every record. What is printed can never be "
                        "had "
                        "again.\n"
                        "Exit status: 0, 1 it could not be done.\n",
                .run = key_init_run,
        },
        {
                .name = "status",
                .arguments = "[--json] [--late-seconds N] [--db FILE] [--state DIR] [--ship-conf FILE]",
                .summary = "tell how the records are, for people and monitoring",
                .help = "  --json            as one JSON object\n"
                        "  --late-seconds N  how long a row may wait for a sink (3600)\n"
                        "  --db FILE         the audit database (" PATH_DB ")\n"
                        "  --state DIR       diag-ship's cursors (" PATH_SHIP_STATE ")\n"
                        "  --ship-conf FILE  its configuration (" PATH_SHIP_CONF ")\n"
                        "Exit status: 0 ok, 1 warning, 2 critical (no session opens, or soon none will), or wrong "
                        "usage.\n",
                .run = status_run,
        },
        {
                .name = "prune",
                .arguments = "[--keep AGE] [--size SIZE] [--no-sinks] [--ballast SIZE] [--db FILE] [--state DIR] "
                             "[--ship-conf "
                             "FILE]",
                .summary = "remove old records that every sink has acknowledged",
                .help = "  --keep AGE        rows that are older go: 90d, or a date\n"
                        "  --size SIZE       the oldest go until the others take no more: 512M, 2G\n"
                        "  --no-sinks        there is no sink, and so no copy\n"
                        "  --ballast SIZE    room that is kept for pruning on a full disk (16M; 0: none)\n"
                        "  --db FILE         the audit database (" PATH_DB ")\n"
                        "  --state DIR       diag-ship's cursors (" PATH_SHIP_STATE ")\n"
                        "  --ship-conf FILE  its configuration (" PATH_SHIP_CONF ")\n"
                        "Exit status: 0 what was to go is gone, 1 it is not, 2 wrong usage.\n",
                .run = prune_run,
        },
        {
                .name = "snapshot",
                .arguments = "[--group NAME] [--db FILE] FILE",
                .summary = "copy the records into a new file, for readers who are not root",
                .help = "  --group NAME  the group that may read it (mode 0640)\n"
                        "  --db FILE     the audit database (" PATH_DB ")\n"
                        "Exit status: 0, 1 it could not be done, 2 wrong usage.\n",
                .run = snapshot_run,
        },
        {
                .name = "policy check",
                .arguments = "[--policy FILE] [--any-owner] [--strict]",
                .summary = "tell every error of the policy, with its place, and what is hardly meant",
                .help = "  --policy FILE  the policy (" PATH_POLICY ")\n"
                        "  --any-owner    the files need not be root's: for trying out\n"
                        "  --strict       a warning is a failure too\n"
                        "No program is run. Exit status: 0 the policy is good, 1 it is not.\n",
                .run = policy_check_run,
        },
        {
                .name = "policy explain",
                .arguments = "[--policy FILE] [--key KEY] [--json] {-- COMMAND… | -0}",
                .summary = "tell what a session would make of a command line, and why",
                .help = "  --policy FILE  the policy (" PATH_POLICY "); its owner does not matter here\n"
                        "  --key KEY      as that key: name of its section, or SHA256:…\n"
                        "  --json         as one JSON object on one line\n"
                        "  -0             many lines, each ended by a NUL byte, from standard input\n"
                        "One argument is the whole line; several are joined by blanks, as ssh does. Nothing is run.\n"
                        "Exit status: 0 allowed, 126 denied, 2 no such policy or wrong usage; with -0: 0 every line "
                        "was answered.\n",
                .run = policy_explain_run,
        },
        {
                .name = "policy test",
                .arguments = "[--policy FILE] [--key KEY] FILE",
                .summary = "compare a file of expected verdicts with the policy's",
                .help = "  --policy FILE  the policy (" PATH_POLICY "); its owner does not matter here\n"
                        "  --key KEY      as that key: name of its section, or SHA256:…\n"
                        "Lines of FILE (- is standard input) are: allow, deny or deny:CODE, a tab, the command line, "
                        "and if you like a\n"
                        "tab and the rule. \\t \\n \\\\ \\xNN stand for bytes, lines that begin with # are comments. "
                        "The output is TAP.\n"
                        "Exit status: 0 all as expected, 1 not, 2 the file or the policy is wrong.\n",
                .run = policy_test_run,
        },
        {
                .name = "policy list",
                .arguments = "[--policy FILE] [--key KEY] [COMMAND [SUB-COMMAND…]]",
                .summary = "print what `help` says in a session",
                .help = "  --policy FILE  the policy (" PATH_POLICY "); its owner does not matter here\n"
                        "  --key KEY      for that key: name of its section, or SHA256:…\n"
                        "Exit status: 0, 1 no such command, 2 no such policy or wrong usage.\n",
                .run = policy_list_run,
        },
        {
                .name = "policy learn",
                .arguments = "[--policy FILE] [--db FILE] [--since WHEN] [-n N]",
                .summary = "print rules that denied command lines would have needed; apply nothing",
                .help = "  --policy FILE  the policy that judges them again (" PATH_POLICY ")\n"
                        "  --db FILE      the audit database (" PATH_DB ")\n"
                        "  --since WHEN   24h, 7d, 2026-01-31, \"2026-01-31 12:00\" (local time) or @SECONDS\n"
                        "  -n N           how many rows, the newest (100000)\n"
                        "Whoever asks writes these rows. Everything is printed as comments: read before you copy.\n"
                        "Exit status: 0, 1 the records cannot be read, 2 no such policy or wrong usage.\n",
                .run = policy_learn_run,
        },
        {
                .name = "doctor",
                .arguments = "[--user NAME] [--service NAME] [--sshd FILE] [--sshd-config FILE] [--probe]",
                .summary = "check this host's installation, one line for each check",
                .help = "  --user NAME         the diag user (diag)\n"
                        "  --service NAME      the PAM service (sshd)\n"
                        "  --sshd FILE         the sshd program\n"
                        "  --sshd-config FILE  its configuration (sshd's own default)\n"
                        "  --probe             also open a session, as sshd does, and try what it must refuse (root)\n"
                        "Lines begin with ok, warn, FAIL (with what to do), skip (with why; root sees all) or, for a "
                        "layer\n"
                        "that this host lacks and the policy does without, a dash.\n"
                        "Exit status: 0 nothing failed, 1 something did.\n",
                .run = doctor_run,
        },
};

enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

static void print_overview(FILE *file)
{
        fputs("usage: diagctl COMMAND [ARGUMENTS]\n\n", file);
        for (size_t i = 0; i < COMMAND_COUNT; i++)
                fprintf(file, "  %-16s %s\n", commands[i].name, commands[i].summary);
        fputs("  help COMMAND     tell more about one of them\n\n"
              "  --help, --version\n",
              file);
}

static void print_help(const struct ctl_command *command)
{
        printf("usage: diagctl %s %s\n%s.\n\n%s", command->name, command->arguments, command->summary, command->help);
}

/* How many leading words of argv are the command's name; 0 when it is another one. */
static int name_words(const struct ctl_command *command, int argc, char **argv)
{
        const char *rest = command->name;

        for (int i = 0; i < argc; i++) {
                size_t n = strcspn(rest, " ");

                if (strlen(argv[i]) != n || strncmp(argv[i], rest, n) != 0)
                        return 0;
                if (rest[n] == '\0')
                        return i + 1;
                rest += n + 1;
        }
        return 0;
}

static const struct ctl_command *find(int argc, char **argv, int *ret_words)
{
        for (size_t i = 0; i < COMMAND_COUNT; i++) {
                *ret_words = name_words(&commands[i], argc, argv);
                if (*ret_words > 0)
                        return &commands[i];
        }
        return NULL;
}

static int unknown(const char *word)
{
        fputs("diagctl: ", stderr);
        if (word == NULL) {
                fputs("which command?\n", stderr);
        } else {
                fputs("no such command: ", stderr);
                show_print(stderr, word);
                fputc('\n', stderr);
        }
        print_overview(stderr);
        return CTL_USAGE;
}

static int help(int argc, char **argv)
{
        const struct ctl_command *command;
        int words = 0;

        if (argc == 0) {
                print_overview(stdout);
                return CTL_GOOD;
        }
        command = find(argc, argv, &words);
        if (command == NULL || words != argc)
                return unknown(argv[0]);
        print_help(command);
        return CTL_GOOD;
}

static bool asks_help(int argc, char **argv)
{
        for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
                if (strcmp(argv[i], "--help") == 0)
                        return true;
        return false;
}

static int run(int argc, char **argv)
{
        const struct ctl_command *command;
        int words = 0;

        if (argc == 0)
                return unknown(NULL);
        if (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "help") == 0)
                return help(argc - 1, argv + 1);
        if (strcmp(argv[0], "--version") == 0) {
                printf("diagctl " PAM_DIAG_VERSION "\n");
                return CTL_GOOD;
        }
        command = find(argc, argv, &words);
        if (command == NULL)
                return unknown(argv[0]);
        if (asks_help(argc - words, argv + words)) {
                print_help(command);
                return CTL_GOOD;
        }
        return command->run(command, argc - words, argv + words);
}

int main(int argc, char **argv)
{
        int status = run(argc - 1, argv + 1);

        /* An answer that was not written in full is none. */
        if (fflush(stdout) != 0 || ferror(stdout) != 0) {
                fprintf(stderr, "diagctl: the output cannot be written\n");
                return status == CTL_GOOD ? CTL_FAILED : status;
        }
        return status;
}
