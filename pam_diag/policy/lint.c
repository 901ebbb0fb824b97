#include "pam_diag/policy/lint.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "pam_diag/policy/snapshot.h"

#define SHELL "is a shell: whoever may run it chooses what it does"
#define INTERPRETER "is an interpreter: whoever may run it writes the program that runs"
#define SCRIPT "has a language of its own, which writes files and starts programs"
#define STARTER "starts the program that its command line names"
#define ESCAPE "starts a shell or an editor when it is told to"
#define WRITER "writes files"
#define RIGHTS "changes who or where a program runs"
#define TRACER "looks into other processes and changes them"
#define REMOTE "starts helper programs and reaches other hosts"

/* Patterns of names, between blanks; fnmatch(3). */
static const struct {
        const char *patterns;
        const char *danger;
} dangers[] = {
        { "sh bash rbash dash zsh fish ash csh tcsh elvish nu *ksh ksh93 pwsh", SHELL },
        { "python* pypy* perl perl5* ruby ruby[0-9]* irb node nodejs deno bun lua lua[0-9]* luajit php php[0-9]* "
          "tclsh* wish expect guile "
          "guile-* gforth ocaml ghci runghc java jshell erl elixir iex R Rscript octave julia bc dc make gmake cmake "
          "ninja m4 sqlite3 "
          "psql mysql mariadb",
          INTERPRETER },
        { "awk gawk mawk nawk original-awk sed gsed ed ex", SCRIPT },
        { "xargs env nice ionice nohup timeout stdbuf setsid watch parallel time taskset chrt flock script setarch "
          "linux32 linux64 "
          "run-parts start-stop-daemon ld.so ld-linux* ld-musl* busybox toybox dpkg-deb rlwrap unbuffer",
          STARTER },
        { "less lesskey more most pg man info vi vim vim.* nvim view ex rvim nano pico emacs emacs-* joe mc git gitk "
          "hg svn "
          "ftp pager",
          ESCAPE },
        { "tee dd cp mv install rsync sponge split csplit tar gtar zip unzip cpio ar wget", WRITER },
        { "sudo sudoedit su doas pkexec run0 runuser setpriv chroot unshare nsenter capsh newgrp sg systemd-run "
          "systemd-nspawn machinectl "
          "bwrap firejail proot fakeroot",
          RIGHTS },
        { "strace ltrace gdb gdb-* lldb lldb-* perf bpftrace bpftool trace-cmd reptyr criu", TRACER },
        { "ssh scp sftp mosh telnet nc ncat netcat nc.* socat rsh rlogin", REMOTE },
};

/* Options with which a harmless program starts others or writes, whatever program has them. */
static const struct {
        const char *names;
        const char *danger;
} option_dangers[] = {
        { " -exec -execdir -ok -okdir --exec --exec-batch --rsh --to-command --checkpoint-action "
          "--use-compress-program "
          "--compress-program --pre --pager --preprocessor --shell --rcfile --init-file ",
          "starts programs" },
        { " -delete -fprint -fprint0 -fprintf -fls --output-file --in-place --remove-source-files ",
          "writes or removes files" },
};

void policy_lints_free(struct policy_lints *lints)
{
        policy_errors_free(&lints->warnings);
        policy_errors_free(&lints->notes);
}

static const char *base_name(const char *path)
{
        const char *slash = strrchr(path, '/');

        return slash == NULL ? path : slash + 1;
}

static bool is_one_of(const char *name, const char *patterns)
{
        for (const char *at = patterns; *at != '\0';) {
                char pattern[32];
                size_t n = strcspn(at, " ");

                if (n < sizeof(pattern)) {
                        memcpy(pattern, at, n);
                        pattern[n] = '\0';
                        if (fnmatch(pattern, name, 0) == 0)
                                return true;
                }
                at += n;
                at += strspn(at, " ");
        }
        return false;
}

const char *lint_danger(const char *name)
{
        for (size_t i = 0; i < sizeof(dangers) / sizeof(dangers[0]); i++)
                if (is_one_of(base_name(name), dangers[i].patterns))
                        return dangers[i].danger;
        return NULL;
}

#define WARN(lints, rule, ...) policy_error(&(lints)->warnings, (rule)->file, (rule)->line, 0, "warning: " __VA_ARGS__)

static void lint_name(const struct command *command, struct policy_lints *lints)
{
        const char *danger = lint_danger(command->name);
        const char *program = command->program;

        if (danger == NULL && program != NULL && (danger = lint_danger(program)) != NULL)
                WARN(lints, &command->base, "%s runs %s, which %s", command->name, program, danger);
        else if (danger != NULL)
                WARN(lints, &command->base, "%s %s", command->name, danger);
}

static void lint_helpers(const struct rule *rule, struct policy_lints *lints)
{
        for (size_t i = 0; rule->helpers != NULL && rule->helpers[i] != NULL; i++) {
                const char *danger = lint_danger(rule->helpers[i]);

                if (danger != NULL)
                        WARN(lints, rule, "%s: its helper %s %s", rule->name, rule->helpers[i], danger);
        }
}

static bool is_listed(const char *list, const char *name)
{
        size_t n = strlen(name);

        for (const char *at = strstr(list, name); at != NULL; at = strstr(at + 1, name))
                if (at > list && at[-1] == ' ' && at[n] == ' ')
                        return true;
        return false;
}

static void lint_dangerous_options(const struct rule *rule, struct policy_lints *lints)
{
        for (size_t i = rule->borrowed; i < rule->option_count; i++)
                for (size_t k = 0; rule->options[i]->names[k] != NULL; k++)
                        for (size_t d = 0; d < sizeof(option_dangers) / sizeof(option_dangers[0]); d++)
                                if (is_listed(option_dangers[d].names, rule->options[i]->names[k]))
                                        WARN(lints, rule, "%s: %s %s", rule->name, rule->options[i]->names[k],
                                             option_dangers[d].danger);
}

/* --- what never ends by itself ------------------------------------------------------------------------------------ */

static const char *endless_option(const struct rule *rule)
{
        static const char follow[] = " --follow --watch --monitor --poll --follow-new --continuous ";

        for (size_t i = 0; i < rule->option_count; i++)
                for (size_t k = 0; rule->options[i]->names[k] != NULL; k++)
                        if (is_listed(follow, rule->options[i]->names[k]))
                                return rule->options[i]->names[k];
        return NULL;
}

static void lint_endless(const struct rule *rule, struct policy_lints *lints)
{
        static const char *const commands[] = { "ping",         "top",           "watch",           "vmstat",
                                                "iostat",       "mpstat",        "pidstat",         "ip monitor",
                                                "tcpdump",      "docker events", "docker stats",    "podman events",
                                                "podman stats", "nft monitor",   "udevadm monitor", "busctl monitor",
                                                "conntrack -E" };
        const char *option = endless_option(rule);

        if (rule->limits.timeout_ms != 0)
                return;
        if (option != NULL)
                WARN(lints, rule, "%s: with %s it never ends by itself, and timeout = 0 sets no limit", rule->name,
                     option);
        for (size_t i = 0; option == NULL && i < sizeof(commands) / sizeof(commands[0]); i++)
                if (strcmp(commands[i], rule->name) == 0)
                        WARN(lints, rule, "%s never ends by itself, and timeout = 0 sets no limit", rule->name);
}

/* --- one command -------------------------------------------------------------------------------------------------- */

static void lint_rule(const struct rule *rule, struct policy_lints *lints)
{
        if (rule->summary == NULL)
                WARN(lints, rule, "%s has no summary: help says nothing about it", rule->name);
        lint_helpers(rule, lints);
        lint_dangerous_options(rule, lints);
        lint_endless(rule, lints);
}

static int lint_command(const struct command *command, struct policy_lints *lints)
{
        if (command->problem != NULL)
                WARN(lints, &command->base, "%s cannot run here: %s", command->name, command->problem);
        if (command->base.source == NULL)
                WARN(lints, &command->base, "%s has no source: which manual page was its grammar read from?",
                     command->name);
        lint_name(command, lints);
        lint_rule(&command->base, lints);
        for (size_t i = 0; i < command->sub_count; i++)
                lint_rule(&command->subs[i], lints);
        return command->program == NULL ? 0 : lint_options(command, lints);
}

int lint_commands(const struct policy *policy, struct policy_lints *lints)
{
        int r = 0;

        for (size_t i = 0; r == 0 && i < policy->command_count; i++)
                r = lint_command(policy->commands[i], lints);
        return r;
}

bool lint_has_option(const struct policy *policy, const char *rule, const char *option)
{
        for (size_t i = 0; i < policy->command_count; i++) {
                const struct command *command = policy->commands[i];

                if (strcmp(command->base.name, rule) == 0 && rule_option(&command->base, option) != NULL)
                        return true;
                for (size_t k = 0; k < command->sub_count; k++)
                        if (strcmp(command->subs[k].name, rule) == 0 && rule_option(&command->subs[k], option) != NULL)
                                return true;
        }
        return false;
}
