#include "tests/unit/t_policy_fixture.h"

#define A "[command a]\nprogram = /bin/true\n"

START_TEST(additions)
{
        fixture_wrong(A "prepend = -x\n", "policy.conf:1: a: prepend: -x is not the first name of an option here");
        fixture_wrong(A "flag = -x --ex\nprepend = --ex\n", "a: prepend: --ex is not the first name");
        fixture_wrong(A "option = -n : integer 1..5\nprepend = -n\n", "a: prepend: -n has not the value");
        fixture_wrong(A "option = -n : integer 1..5\nprepend = -n x\n", "a: prepend: -n has not the value");
        fixture_wrong(A "option = --num : integer 1..5\nprepend = --num 5\n", "a: prepend: --num has not the value");
        fixture_wrong(A "option = -n : text\nflag = -v\nprepend = -n 5 -v\n",
                      "the flag -v stands before options with a value");
        fixture_wrong(A "flag = -v\nprepend = -v=1\n", "a: prepend: -v=1 is not the first name");
        fixture_wrong(A "flag = --v\nprepend = --v=1\n", "a: prepend: --v has not the value that it takes");
        fixture_wrong(A "flag = -v\nappend = -v\n", "a: append belongs to sub-commands; use prepend");
        fixture_wrong(A "option = -n : text\nprepend = -n 5\n[command a b]\n", "a b: prepend holds flags only");
        fixture_wrong(A "dispatch = stop\nprepend = -v\n[command a b]\nflag = -v\n",
                      "a b: prepend: -v is not the first name");
        fixture_wrong(A "style = find\nflag = -v\nprepend = -v\n", "nothing can be added in the style of find");
        fixture_wrong(A "option = -n : text\nprepend = -n 5\nbsd = aux\n", "prepend holds flags only, beside letters");
}
END_TEST

START_TEST(shadows)
{
        fixture_wrong(A "refuse = -n : no\n[command a b]\nflag = -n\n", "a b: -n is refused by [command a]");
        fixture_wrong(A "option = -b[+] : integer -9..9\nflag = -4\n", "a: -b would take -4 for its value");
        fixture_wrong(A "option = -b[+] : text\n", "a: -b would take -b for its value");
        policy_free(fixture_policy(A "dispatch = stop\nrefuse = -n : no\n[command a b]\nflag = -n\n"));
}
END_TEST

START_TEST(words_beside_sub_commands)
{
        fixture_wrong(A "[command a b]\nword = x\n", "a b: word, bare and operators need dispatch = stop");
        fixture_wrong(A "dispatch = stop\nword = x\n[command a b]\n",
                      "a: word, bare and operators belong to its sub-commands");
        fixture_wrong(A "dispatch = stop\noperators = !\n[command a b]\n", "belong to its sub-commands");
        fixture_wrong(A "verb = c\n[command a b]\n", "a: verb = c is no sub-command");
        fixture_wrong(A "operand = 1 : text\n[command a b]\n", "a: operands belong to its sub-commands");
}
END_TEST

START_TEST(the_argv_that_runs_is_a_fixed_point)
{
        struct policy *policy = fixture_policy(
                A "dispatch = stop\nprepend = --remote -c 5\nflag = --remote\noption = -c : integer 1..9\n"
                  "[command a show]\nappend = --once\nflag = --once -o\noption = -n : integer 0..9\n");

        fixture_allow(policy, "a show", "a|--remote|-c|5|show|--once");
        fixture_allow(policy, "a --remote -c 5 show --once", "a|--remote|-c|5|show|--once");
        fixture_allow(policy, "a -c 7 show -n 1 -o", "a|--remote|-c|7|show|--once|-n|1");
        policy_free(policy);
}
END_TEST

FIXTURE_MAIN_DIR("load_check", additions, shadows, words_beside_sub_commands, the_argv_that_runs_is_a_fixed_point)
