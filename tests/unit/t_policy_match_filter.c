#include "pam_diag/policy/match.h"

#include "tests/unit/t_policy_fixture.h"

#define POLICY                                                                                                \
        "[command show]\nprogram = /bin/true\nstyle = dashword\nword = dev|d : interface\nword = up down\n"   \
        "word = via : maybe one-of inet inet6 then address\nword = to from : prefix\nbare = to dev\n"         \
        "refuse = set s : it changes\nexclusive = up down\n"                                                  \
        "[command filter]\nprogram = /bin/true\nlex = joined ( ) ! != & && | || = == < <=\nflag = -t\n"       \
        "option = -f --family : one-of inet inet6\noperators = ( ) ! && || and or\nrefuse = -K : it closes\n" \
        "word = state : one-of established listening\nword = dst : maybe one-of = == != then endpoint\n"      \
        "word = dport : maybe one-of = == != <= then endpoint | integer 0..65535\nword = bound\n"             \
        "[command nft]\nprogram = /bin/true\ndispatch = stop\nlex = joined ; { }\nflag = -n\n"                \
        "[command nft list ruleset]\n[command nft list table]\noperand = 1..2 : match [a-z]+\n"

static struct policy *policy;

static void begin(void)
{
        fixture_begin();
        policy = fixture_policy(POLICY);
}

static void end(void)
{
        policy_free(policy);
        fixture_end();
}

START_TEST(keywords)
{
        fixture_allow(policy, "show", "show");
        fixture_allow(policy, "show d eth0 up", "show|dev|eth0|up");
        fixture_allow(policy, "show up dev up", "show|up|dev|up");
        fixture_allow(policy, "show via inet 10.0.0.1", "show|via|inet|10.0.0.1");
        fixture_allow(policy, "show via 10.0.0.1 down", "show|via|10.0.0.1|down");
        fixture_allow(policy, "show to 10.0.0.0/8 from ::/0", "show|to|10.0.0.0/8|from|::/0");
        fixture_deny(policy, "show dev", CODE_OPTION, "dev needs a value (word 2)");
        fixture_deny(policy, "show via inet", CODE_OPTION, "via needs a value (word 3)");
        fixture_deny(policy, "show via up", CODE_VALUE, "via: up is not a whole IPv4");
        fixture_deny(policy, "show via inet 10.0.0", CODE_VALUE, "via: 10.0.0 is not a whole IPv4");
        fixture_deny(policy, "show dev -x", CODE_VALUE, "dev: -x is not an interface");
        fixture_deny(policy, "show dev dev dev", CODE_OPTION, "dev needs a value");
        fixture_deny(policy, "show up down", CODE_OPTION, "up and down do not go together");
}
END_TEST

START_TEST(unmarked_values)
{
        fixture_allow(policy, "show eth0", "show|dev|eth0");
        fixture_allow(policy, "show 10.0.0.0/8", "show|to|10.0.0.0/8");
        fixture_allow(policy, "show de", "show|dev|de");
        fixture_allow(policy, "show eth0 up", "show|dev|eth0|up");
        fixture_deny(policy, "show a/b", CODE_VALUE, "dev: a/b is not an interface's name");
        fixture_deny(policy, "show s", CODE_REFUSED, "s: it changes (word 2)");
        fixture_deny(policy, "show eth0 set", CODE_REFUSED, "set: it changes (word 3)");
        fixture_deny(policy, "show --", CODE_OPTION, "-- is not an option here");
}
END_TEST

START_TEST(joined_words_are_split_anew)
{
        fixture_allow(policy, "filter dst 10.0.0.1", "filter|dst|10.0.0.1");
        fixture_allow(policy, "filter 'dst=10.0.0.1'", "filter|dst|=|10.0.0.1");
        fixture_allow(policy, "filter 'dst == 10.0.0.1'", "filter|dst|==|10.0.0.1");
        fixture_allow(policy, "filter -t state established '( dport = :22 || dport<=:80 )'",
                      "filter|-t|state|established|(|dport|=|:22||||dport|<=|:80|)");
        fixture_allow(policy, "filter '!(bound)' -t", "filter|!|(|bound|)|-t");
        fixture_allow(policy, "filter '  bound  '", "filter|bound");
        fixture_allow(policy, "filter dport 22 -f inet", "filter|dport|22|-f|inet");
        fixture_allow(policy, "filter -- 'bound and' bound", "filter|bound|and|bound");
}
END_TEST

START_TEST(nothing_slips_through_a_word)
{
        fixture_deny(policy, "filter 'bound -K'", CODE_OPERAND, "-K inside of a word (word 2)");
        fixture_deny(policy, "filter -K", CODE_REFUSED, "-K: it closes");
        fixture_deny(policy, "filter 'dst 10.0.0.1; bound'", CODE_VALUE, "dst: 10.0.0.1; is not address");
        fixture_deny(policy, "filter 'bound;'", CODE_OPERAND, "takes no operand: bound;");
        fixture_deny(policy, "filter ''", CODE_OPERAND, "takes no operand");
        fixture_deny(policy, "filter 'dst evil.example'", CODE_VALUE, "evil.example is not address");
        fixture_deny(policy, "filter dst '= 10.0.0.1 x'", CODE_OPERAND, "takes no operand: x");
        fixture_deny(policy, "filter -f 'inet bound'", CODE_OPTION, "-f needs a value");
        fixture_deny(policy, "filter dst", CODE_OPTION, "dst needs a value");
        fixture_deny(policy, "filter '=' 1", CODE_OPERAND, "takes no operand: =");
        fixture_deny(policy, "filter dport !=", CODE_OPTION, "dport needs a value");
        fixture_deny(policy, "filter dport '!' 22", CODE_VALUE, "dport: ! is not");
}
END_TEST

START_TEST(sub_commands_inside_a_word)
{
        fixture_allow(policy, "nft list ruleset", "nft|list|ruleset");
        fixture_allow(policy, "nft 'list ruleset'", "nft|list|ruleset");
        fixture_allow(policy, "nft -n 'list table' filter", "nft|-n|list|table|filter");
        fixture_deny(policy, "nft 'list ruleset; flush ruleset'", CODE_OPERAND, "nft list ruleset takes no operand: ;");
        fixture_deny(policy, "nft 'list table x; include'", CODE_OPERAND, "takes at most 2 operands");
        fixture_deny(policy, "nft list table 'x;'", CODE_OPERAND, "; has not the form");
        fixture_deny(policy, "nft 'flush ruleset'", CODE_OPERAND, "flush is no sub-command");
        fixture_deny(policy, "nft list ruleset -n", CODE_OPTION, "-n is not an option here (word 4)");
}
END_TEST

START_TEST(pieces_are_bounded)
{
        char line[8192] = "filter '";
        size_t at = strlen(line);

        for (size_t i = 0; i < 1100; i++)
                line[at++] = '!';
        line[at++] = '\'';
        line[at] = '\0';
        fixture_deny(policy, line, CODE_LIMIT, "more than 1024 words");
}
END_TEST

FIXTURE_RUN("match_filter", begin, end, keywords, unmarked_values, joined_words_are_split_anew,
            nothing_slips_through_a_word, sub_commands_inside_a_word, pieces_are_bounded)
