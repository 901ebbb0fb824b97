#include "pam_diag/policy/match.h"

#include "tests/unit/t_policy_fixture.h"

#define FAMILY                                                                                      \
        "[command ctl]\nprogram = /bin/true\nprepend = --no-pager\n"                                \
        "flag = --no-pager\nflag = -l --full\nverb = list\n"                                        \
        "refuse = restart stop : it changes something\n"                                            \
        "refuse = -H --host : it connects\n"                                                        \
        "timeout = 9s\nnetwork = unix\noutput-limit = 64k\n"                                        \
        "[command ctl status|st]\n"                                                                 \
        "option = -n --lines : integer 0..9\nflag = -a\noperand = 0..2 : unit-glob\ntimeout = 3s\n" \
        "[command ctl list]\nflag = -r\nflag = --all\nrefuse = -n : not here\nappend = --all\n"     \
        "[command ctl list deep|dp]\nflag = -d\n"                                                   \
        "[command ctl show]\noption = -p : list A B\nrequire = -p\noperand = 1 : unit\nnetwork = none\n"

#define STOP                                                                         \
        "[command ip]\nprogram = /bin/true\ndispatch = stop\nflag = -s\nflag = -6\n" \
        "[command ip link|l show|s]\nflag = -x\noperand = 0..1 : match [a-z0-9]+\n"  \
        "[command ip route]\noption = -s : text\n"

START_TEST(sub_commands)
{
        struct policy *policy = fixture_policy(FAMILY);

        ck_assert_uint_eq(policy_command_count(policy), 4);
        ck_assert_str_eq(policy_command_name(policy, 1), "ctl list deep");
        fixture_allow(policy, "ctl status ssh", "ctl|--no-pager|status|ssh");
        fixture_allow(policy, "ctl st ssh", "ctl|--no-pager|status|ssh");
        policy_free(policy);
}
END_TEST

START_TEST(options_stand_anywhere)
{
        struct policy *policy = fixture_policy(FAMILY);

        fixture_allow(policy, "ctl -n 5 status ssh -l", "ctl|--no-pager|status|-n|5|-l|ssh");
        fixture_allow(policy, "ctl --no-pager status", "ctl|--no-pager|status");
        fixture_allow(policy, "ctl", "ctl|--no-pager|list|--all");
        fixture_allow(policy, "ctl -l -r", "ctl|--no-pager|list|--all|-l|-r");
        fixture_allow(policy, "ctl list", "ctl|--no-pager|list|--all");
        fixture_allow(policy, "ctl --all list -r", "ctl|--no-pager|list|--all|-r");
        fixture_allow(policy, "ctl list dp -d", "ctl|--no-pager|list|deep|-d");
        fixture_allow(policy, "ctl show -p A,B x", "ctl|--no-pager|show|-p|A,B|x");
        fixture_allow(policy, "ctl -- status ssh", "ctl|--no-pager|status|ssh");
        policy_free(policy);
}
END_TEST

START_TEST(what_does_not_go_together)
{
        struct policy *policy = fixture_policy(FAMILY);

        fixture_deny(policy, "ctl restart ssh", CODE_REFUSED, "restart: it changes something (word 2)");
        fixture_deny(policy, "ctl -l restart ssh", CODE_REFUSED, "(word 3)");
        fixture_deny(policy, "ctl stat ssh", CODE_OPERAND, "stat is no sub-command that may run here");
        fixture_deny(policy, "ctl ssh status", CODE_OPERAND, "ssh is no sub-command");
        fixture_deny(policy, "ctl status -r", CODE_OPTION, "-r does not go with ctl status");
        fixture_deny(policy, "ctl -r status", CODE_OPTION, "-r does not go with ctl status");
        fixture_deny(policy, "ctl list -n 5", CODE_REFUSED, "-n: not here");
        fixture_deny(policy, "ctl -Hx status", CODE_REFUSED, "-H: it connects");
        fixture_deny(policy, "ctl status a b c", CODE_OPERAND, "at most 2 operands");
        fixture_deny(policy, "ctl status /x", CODE_OPERAND, "/x is not a unit's name or pattern");
        fixture_deny(policy, "ctl status -- -x", CODE_OPERAND, "-x is not a unit's name");
        fixture_deny(policy, "ctl list ssh", CODE_OPERAND, "takes no operand: ssh");
        fixture_deny(policy, "ctl show x", CODE_OPTION, "ctl show needs -p here");
        fixture_deny(policy, "ctl show -p C x", CODE_VALUE, "C, which is not one of: A B");
        policy_free(policy);
}
END_TEST

START_TEST(limits_are_inherited)
{
        struct policy *policy = fixture_policy("[session]\ntimeout = 7s\noutput-limit = 1k\n" FAMILY
                                               "[command other]\nprogram = /bin/true\n");
        struct decision *status = fixture_decide(policy, "ctl status");
        struct decision *show = fixture_decide(policy, "ctl show -p A x");
        struct decision *other = fixture_decide(policy, "other");

        ck_assert_uint_eq(status->stages[0].limits.timeout_ms, 3000);
        ck_assert_uint_eq(status->stages[0].limits.output_most, 65536);
        ck_assert_uint_eq(status->stages[0].network, NETWORK_UNIX);
        ck_assert_str_eq(status->stages[0].rule, "ctl status");
        ck_assert_uint_eq(show->stages[0].limits.timeout_ms, 9000);
        ck_assert_uint_eq(show->stages[0].network, 0);
        ck_assert_uint_eq(other->stages[0].limits.timeout_ms, 7000);
        ck_assert_uint_eq(other->stages[0].limits.output_most, 1024);
        decision_free(status);
        decision_free(show);
        decision_free(other);
        policy_free(policy);
}
END_TEST

START_TEST(dispatch_stop)
{
        struct policy *policy = fixture_policy(STOP);

        fixture_allow(policy, "ip -s l s eth0", "ip|-s|link|show|eth0");
        fixture_allow(policy, "ip -6 link show -x", "ip|-6|link|show|-x");
        fixture_allow(policy, "ip -s route -s x", "ip|-s|route|-s|x");
        policy_free(policy);
}
END_TEST

START_TEST(dispatch_stop_denies)
{
        struct policy *policy = fixture_policy(STOP);

        fixture_deny(policy, "ip -x link show", CODE_OPTION, "-x is not an option here");
        fixture_deny(policy, "ip link", CODE_OPERAND, "link is no sub-command that may run here");
        fixture_deny(policy, "ip link set eth0 down", CODE_OPERAND,
                     "link set is no sub-command that may run here (word 3)");
        fixture_deny(policy, "ip li show", CODE_OPERAND, "li is no sub-command");
        fixture_deny(policy, "ip", CODE_OPERAND, "ip needs a sub-command");
        policy_free(policy);
}
END_TEST

START_TEST(bsd_letters)
{
        struct policy *policy = fixture_policy(
                "[command ps]\nprogram = /bin/true\nflag = -A -e\nflag = -x\noption = --format -o : columns pid args\n"
                "bsd = auxw\nbsd = p : pids\nrefuse = e : it prints environments\noperand = 0..3 : pids\n");

        fixture_allow(policy, "ps aux", "ps|aux");
        fixture_allow(policy, "ps au x ww", "ps|auxw");
        fixture_allow(policy, "ps -e", "ps|-A");
        fixture_allow(policy, "ps ax -o pid,args", "ps|ax|--format=pid,args");
        fixture_allow(policy, "ps ap 1,2", "ps|a|p|1,2");
        fixture_allow(policy, "ps ap1", "ps|a|p|1");
        fixture_allow(policy, "ps 1 2", "ps|1|2");
        fixture_deny(policy, "ps auxe", CODE_REFUSED, "e: it prints environments");
        fixture_deny(policy, "ps e", CODE_REFUSED, "e: it prints environments");
        fixture_deny(policy, "ps auq", CODE_OPTION, "q of auq is not an option here");
        fixture_deny(policy, "ps ap", CODE_OPTION, "p needs a value");
        fixture_deny(policy, "ps ap x", CODE_VALUE, "x is not a list of process ids");
        fixture_deny(policy, "ps -A ux", CODE_OPTION, "-A does not go with ux");
        fixture_deny(policy, "ps -o pid,env", CODE_VALUE, "env, which is not one of");
        fixture_deny(policy, "ps -- e", CODE_OPERAND, "e is not a list of process ids");
        policy_free(policy);
}
END_TEST

START_TEST(what_is_required)
{
        struct policy *policy = fixture_policy(
                "[command ctl]\nprogram = /bin/true\n[command ctl show]\noption = -p : text\n"
                "option = -P : text\nflag = -v\nrequire = -p -P : it prints secrets\n"
                "require = -v\nhint = ctl show -p X -v\n");
        struct decision *decision = fixture_decide(policy, "ctl show -v");

        ck_assert_str_eq(decision->hint, "ctl show -p X -v");
        decision_free(decision);
        fixture_deny(policy, "ctl show -v", CODE_REFUSED, "ctl show without -p: it prints secrets");
        fixture_deny(policy, "ctl show -P x", CODE_OPTION, "ctl show needs -v here");
        fixture_allow(policy, "ctl show -vP x", "ctl|show|-v|-P|x");
        policy_free(policy);
        fixture_wrong("[command a]\nrequire = -x : why\n", "policy.conf:2:11: -x is no option of a");
        fixture_wrong("[command a]\nrequire = : why\n", "policy.conf:2:11: require needs options");
}
END_TEST

/* The last word may be left out where the profile says so, and a refusal answers what stands in its place. */
START_TEST(a_last_word_left_out)
{
        struct policy *policy = fixture_policy(
                "[command ip]\nprogram = /bin/true\ndispatch = stop\nstyle = dashword\nflag = -s\n"
                "refuse = netns : elsewhere\n"
                "[command ip link|l show|list]\nverb = list\nword = up\nrefuse = set s : it changes the link\n"
                "[command ip link|l watch]\noperand = 0..1 : text\n[command ip mon]\nword = all\n");

        fixture_allow(policy, "ip link", "ip|link|show");
        fixture_allow(policy, "ip -s l", "ip|-s|link|show");
        fixture_allow(policy, "ip l list up", "ip|link|show|up");
        fixture_allow(policy, "ip l watch x", "ip|link|watch|x");
        fixture_allow(policy, "ip mon all", "ip|mon|all");
        fixture_deny(policy, "ip l s", CODE_REFUSED, "s: it changes the link (word 3)");
        fixture_deny(policy, "ip link set x down", CODE_REFUSED, "set: it changes the link (word 3)");
        fixture_deny(policy, "ip link up", CODE_OPERAND, "link up is no sub-command");
        fixture_deny(policy, "ip link show set", CODE_REFUSED, "set: it changes the link (word 4)");
        fixture_deny(policy, "ip netns exec x", CODE_REFUSED, "netns: elsewhere (word 2)");
        fixture_deny(policy, "ip lin", CODE_OPERAND, "lin is no sub-command");
        fixture_deny(policy, "ip mon -s", CODE_OPTION, "-s is not an option here (word 3)");
        fixture_deny(policy, "ip mon alle", CODE_OPERAND, "ip mon takes no operand: alle");
        policy_free(policy);
}
END_TEST

FIXTURE_MAIN_DIR("match_words", what_is_required, a_last_word_left_out, sub_commands, options_stand_anywhere,
                 what_does_not_go_together, limits_are_inherited, dispatch_stop, dispatch_stop_denies, bsd_letters)
