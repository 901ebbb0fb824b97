#include "pam_diag/policy/help.h"

#include <errno.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/policy/keys.h"

enum { HELP_MOST = 256 * 1024 };

static int take_text(struct buf *text, char **ret_text)
{
        if (text->error != 0)
                return text->error;
        *ret_text = take_ptr(&text->data);
        *text = BUF_INIT(HELP_MOST);
        return 0;
}

static void put_summary(struct buf *text, const struct command *command)
{
        buf_printf(text, "  %-14s %s", command->name, command->base.summary == NULL ? "" : command->base.summary);
        if (command->problem != NULL)
                buf_put_text(text, " (cannot run on this host)");
        buf_put_char(text, '\n');
}

static void put_trees(struct buf *text, const struct policy *policy)
{
        buf_put_text(text, "Readable paths:");
        for (size_t i = 0; policy->allow != NULL && policy->allow[i] != NULL; i++)
                buf_printf(text, " %s", policy->allow[i]);
        buf_put_text(text, policy->allow == NULL ? " none\n" : "\n");
}

int help_list(const struct policy *policy, const struct key *key, char **ret_text)
{
        cleanup_buf struct buf text = BUF_INIT(HELP_MOST);

        buf_put_text(&text, "These commands may run here; nothing can be changed, and everything is recorded.\n");
        for (size_t i = 0; i < policy->command_count; i++)
                if (key_has_command(key, policy->commands[i]->name))
                        put_summary(&text, policy->commands[i]);
        put_trees(&text, policy);
        buf_put_text(&text, "`help COMMAND` shows its options. Quotes, pipes, && and ; work as in a shell; see the "
                            "refusals for what does not.\n");
        return take_text(&text, ret_text);
}

static void put_names(struct buf *text, char *const *names)
{
        for (size_t i = 0; names != NULL && names[i] != NULL; i++)
                buf_printf(text, "%s%s", i > 0 ? ", " : "", names[i]);
}

static void put_type(struct buf *text, const struct type *type, bool maybe)
{
        buf_printf(text, maybe ? " [%s]" : " %s", type->text);
}

static void put_keyword(struct buf *text, const struct option *option)
{
        if (option->type != NULL) {
                buf_put_text(text, " :");
                put_type(text, option->type, option->maybe);
        }
        for (size_t i = 0; i < option->step_count; i++) {
                buf_put_text(text, " then");
                put_type(text, option->steps[i].type, option->steps[i].maybe);
        }
}

static void put_option(struct buf *text, const struct option *option)
{
        buf_put_text(text, "  ");
        put_names(text, option->names);
        if (option->keyword)
                put_keyword(text, option);
        else if (option->arity == ARITY_REQUIRED)
                buf_printf(text, " : %s", option->type->text);
        else if (option->arity != ARITY_FLAG)
                buf_printf(text, " [: %s]", option->type->text);
        buf_put_text(text, option->once ? " (once)\n" : "\n");
}

static void put_operand(struct buf *text, const struct operand *operand)
{
        if (operand->low == operand->high)
                buf_printf(text, "  %u operand%s : %s", operand->low, operand->low == 1 ? "" : "s",
                           operand->type->text);
        else
                buf_printf(text, "  %u to %u operands : %s", operand->low, operand->high, operand->type->text);
        if (operand->unless != NULL) {
                buf_put_text(text, " (not with ");
                put_names(text, operand->unless);
                buf_put_char(text, ')');
        }
        buf_put_char(text, '\n');
}

static void put_refusals(struct buf *text, const struct rule *rule)
{
        for (size_t i = 0; i < rule->refusal_count; i++) {
                buf_put_text(text, "  refused: ");
                put_names(text, rule->refusals[i].names);
                buf_printf(text, " : %s\n", rule->refusals[i].reason);
        }
}

static void put_words(struct buf *text, const char *what, char *const *words)
{
        if (words == NULL)
                return;
        buf_printf(text, "  %s:", what);
        for (size_t i = 0; words[i] != NULL; i++)
                buf_printf(text, " %s", words[i]);
        buf_put_char(text, '\n');
}

static void put_groups(struct buf *text, const struct rule *rule)
{
        put_words(text, "between them", rule->operators);
        put_words(text, "an unmarked word stands for", rule->bare);
        for (size_t i = 0; rule->require != NULL && rule->require[i] != NULL; i++) {
                put_words(text, "needed, one of", rule->require[i]);
                if (*rule->require_reasons[i] != '\0')
                        buf_printf(text, "    else: %s\n", rule->require_reasons[i]);
        }
        for (size_t i = 0; rule->exclusive != NULL && rule->exclusive[i] != NULL; i++)
                put_words(text, "only one of", rule->exclusive[i]);
        put_words(text, "always added", rule->prepend);
        put_words(text, "always added", rule->append);
        for (size_t i = 0; i < rule->implied_count; i++) {
                buf_printf(text, "  added with %s", rule->implied[i].option);
                for (size_t k = 0; rule->implied[i].values[k] != NULL; k++)
                        buf_printf(text, "%s %s", k > 0 ? "," : "", rule->implied[i].values[k]);
                buf_put_char(text, ':');
                for (size_t k = 0; rule->implied[i].words[k] != NULL; k++)
                        buf_printf(text, " %s", rule->implied[i].words[k]);
                buf_put_char(text, '\n');
        }
        if (rule->may_stop_short)
                buf_put_text(text, "  its last word may be left out\n");
        if (rule->number != NULL)
                buf_printf(text, "  -50 stands for %s 50\n", rule->number);
}

static void put_rule(struct buf *text, const struct rule *rule)
{
        buf_printf(text, "%s: %s\n", rule->name, rule->summary == NULL ? "" : rule->summary);
        for (size_t i = 0; i < rule->option_count; i++)
                put_option(text, rule->options[i]);
        for (size_t i = 0; i < rule->letters_count; i++)
                buf_printf(text, "  letters without a dash: %s%s%s\n", rule->letters[i].letters,
                           rule->letters[i].type != NULL ? " : " : "",
                           rule->letters[i].type != NULL ? rule->letters[i].type->text : "");
        for (size_t i = 0; i < rule->operand_count; i++)
                put_operand(text, &rule->operands[i]);
        put_groups(text, rule);
        put_refusals(text, rule);
        if (rule->hint != NULL)
                buf_printf(text, "  %s\n", rule->hint);
}

static void put_command(struct buf *text, const struct command *command)
{
        if (command->problem != NULL)
                buf_printf(text, "%s cannot run on this host: %s\n", command->name, command->problem);
        put_rule(text, &command->base);
        if (command->sub_count > 0 && command->dispatch == DISPATCH_STOP && command->base.option_count > 0)
                buf_put_text(text, "  These options stand before the sub-command.\n");
        if (command->verb != NULL)
                buf_printf(text, "  Without a sub-command: %s\n", command->verb);
        for (size_t i = 0; i < command->sub_count; i++)
                buf_printf(text, "  %-28s %s\n", command->subs[i].name,
                           command->subs[i].summary == NULL ? "" : command->subs[i].summary);
}

/* How many of the words are those of the sub-command. */
static size_t fitting(const struct rule *rule, char *const *words)
{
        size_t n = 0;

        while (words[n] != NULL && rule->verbs[n] != NULL && strv_has(rule->verbs[n], words[n], strlen(words[n])))
                n++;
        return n;
}

int help_command(const struct command *command, char *const *words, char **ret_text)
{
        cleanup_buf struct buf text = BUF_INIT(HELP_MOST);
        size_t most = 0;

        for (size_t i = 0; words != NULL && i < command->sub_count; i++) {
                size_t n = fitting(&command->subs[i], words);

                most = n > most ? n : most;
        }
        if (most == 0) {
                if (words != NULL && words[0] != NULL && words[0][0] != '-' && command->sub_count > 0)
                        return -ENOENT;
                put_command(&text, command);
                return take_text(&text, ret_text);
        }
        for (size_t i = 0; i < command->sub_count; i++)
                if (fitting(&command->subs[i], words) == most)
                        put_rule(&text, &command->subs[i]);
        return take_text(&text, ret_text);
}

/* Commands that have no rule here, or whose profile is not in force: names between blanks. */
static const struct {
        const char *names;
        const char *hint;
} instead[] = {
        { " awk gawk mawk ",
          "columns: | tr -s ' ' | cut -d' ' -f2,4, or ask for them: ps -eo pid,comm, df --output=…" },
        { " sed ", "grep PATTERN, head -n 20, tail -n +20, tr, cut; nothing is edited here" },
        { " xargs parallel ", "name the files: commands take many operands and patterns, grep -r a directory" },
        { " perl python python3 ruby node php lua ",
          "use grep, cut, sort, uniq, jq; there is no script language here" },
        { " egrep fgrep rgrep ", "grep -E PATTERN, grep -F TEXT, grep -r PATTERN DIRECTORY" },
        { " man info apropos whatis ", "help COMMAND shows what may be written here" },
        { " printenv export set unset ", "environments may hold secrets: systemctl show -p ActiveState,MainPID UNIT" },
        { " watch ", "ask again, or count: vmstat 1 5, ss -s; sleep 5; ss -s" },
        { " less more most view vi vim nano emacs ", "use cat, head or tail; output is not paged" },
        { " sudo su doas pkexec run0 ", "leave it out: nothing gains rights here" },
        { " sh bash dash zsh fish ash busybox env nohup exec eval command time timeout ssh ",
          "write the command itself; there is no shell here" },
        { " service ", "systemctl status UNIT" },
        { " systemd-run systemd-cat busctl at crontab ", "nothing can be started outside of this session" },
        { " top htop btop ", "ps aux --sort=-%cpu" },
        { " vmstat iostat sar ", "free, uptime, cat /proc/meminfo, cat /proc/loadavg" },
        { " dmesg ", "journalctl -k" },
        { " netstat ", "ss -tulpn" },
        { " cd pushd pwd ", "name paths in full; the working directory is empty" },
        { " echo printf true false : ", "nothing needs it here: give the command itself" },
        { " kill pkill killall rm mv cp mkdir touch chmod chown ln tee dd mount umount reboot shutdown halt "
          "poweroff ",
          "this session changes nothing" },
        { " curl wget nc ncat socat telnet ", "no connections are made from here" },
        { " find ", "ls, or grep -r PATTERN DIRECTORY" },
        { " zcat gzip tar ", "packed logs: journalctl --since … --until …" },
        { " zegrep zfgrep bzgrep xzgrep zstdgrep ",
          "it is a script; zcat FILE | grep PATTERN, or bzcat, xzcat, zstdcat" },
        { " zless zmore bzless bzmore xzless xzmore zstdless ", "zcat FILE | tail -n 100; output is not paged" },
        { " which whence type hash ", "whereis -b NAME, or ls -l /usr/bin/NAME" },
        { " lastb ", "a name there may be a password typed too early: journalctl -t sshd -g Failed" },
        { " lastlog ", "lslogins -u, or last" },
        { " nft iptables ip6tables iptables-save ip6tables-save iptables-legacy ",
          "the kernel shows its rules to root alone: ss -tulpn, cat /etc/nftables.conf" },
        { " firewall-cmd ufw ", "it is a script: systemctl status firewalld ufw, journalctl -k -g BLOCK" },
        { " conntrack ", "cat /proc/sys/net/netfilter/nf_conntrack_count, or ss -tan" },
        { " wg ", "it needs root: ip -d link show type wireguard, networkctl status NAME" },
        { " smartctl nvme hdparm ", "it needs root: journalctl -k -g 'I/O error', lsblk -o NAME,MODEL,SIZE,STATE" },
        { " zpool zfs ", "cat /proc/spl/kstat/zfs/POOL/state, df -h -t zfs, findmnt -t zfs" },
        { " pmap pwdx ", "the kernel tells it to a process's owner alone: cat /proc/PID/status" },
        { " slabtop ", "the kernel tells it to root alone: grep -E 'Slab|SRecl|SUnrecl' /proc/meminfo" },
        { " docker podman docker-compose podman-compose ",
          "an engine's socket is root's: systemctl status docker podman, journalctl CONTAINER_NAME=NAME" },
        { " crictl ctr nerdctl kubectl ",
          "the runtime's socket is root's: systemctl status containerd kubelet, journalctl -u kubelet" },
        { " ntpq ntpdc ", "chronyc sources, or timedatectl timesync-status" },
        { " mailq postqueue ", "it must gain a group, and nothing gains rights here: journalctl -t postfix/qmgr" },
        { " nix nix-channel nixos-rebuild ",
          "cat /etc/os-release, ls -l /nix/var/nix/profiles, nix-store -q --references /run/current-system" },
        { " debsums ", "dpkg --verify PACKAGE" },
};

const char *help_instead(const char *name)
{
        size_t n = strlen(name);

        for (size_t i = 0; i < sizeof(instead) / sizeof(instead[0]); i++)
                for (const char *at = strstr(instead[i].names, name); n > 0 && at != NULL; at = strstr(at + 1, name))
                        if (at > instead[i].names && at[-1] == ' ' && at[n] == ' ')
                                return instead[i].hint;
        return NULL;
}
