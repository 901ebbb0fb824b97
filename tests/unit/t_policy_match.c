#include "pam_diag/policy/match.h"

#include "tests/unit/t_policy_fixture.h"

#define TOOL                                                        \
        "[paths]\nallow = /var/log\n"                               \
        "[command tool]\nprogram = /bin/true\n"                     \
        "flag = -v --verbose\n"                                     \
        "flag = -q --quiet\n"                                       \
        "option = -n --lines : integer 0..100\n"                    \
        "option = -b[+] --boot[+] : integer -9..9 | one-of all\n"   \
        "option = --color[=WHEN] -C[=WHEN] : one-of always never\n" \
        "option = -f --file once : path read\n"                     \
        "option = -e --regexp : text\n"                             \
        "number = -n\n"                                             \
        "refuse = -x --exec --execute-all : it runs programs\n"     \
        "exclusive = -v -q\n"                                       \
        "operand = 1 unless -e : text\n"                            \
        "operand = 0..2 : path read\n"

static struct policy *policy;

static void begin(void)
{
        fixture_begin();
        policy = fixture_policy(TOOL);
}

static void end(void)
{
        policy_free(policy);
        fixture_end();
}

START_TEST(every_spelling_becomes_the_canonical_one)
{
        fixture_allow(policy, "tool p", "tool|p");
        fixture_allow(policy, "tool --verbose p", "tool|-v|p");
        fixture_allow(policy, "tool p -v", "tool|-v|p");
        fixture_allow(policy, "tool -n 5 p", "tool|-n|5|p");
        fixture_allow(policy, "tool -n5 p", "tool|-n|5|p");
        fixture_allow(policy, "tool -vn5 p", "tool|-v|-n|5|p");
        fixture_allow(policy, "tool -vn 5 p", "tool|-v|-n|5|p");
        fixture_allow(policy, "tool --lines=5 p", "tool|-n|5|p");
        fixture_allow(policy, "tool --lines 5 p", "tool|-n|5|p");
        fixture_allow(policy, "tool -50 p", "tool|-n|50|p");
        fixture_allow(policy, "'tool' \"-\"n5 'p'", "tool|-n|5|p");
}
END_TEST

START_TEST(optional_values)
{
        fixture_allow(policy, "tool -b p", "tool|-b|p");
        fixture_allow(policy, "tool -b -1 p", "tool|-b-1|p");
        fixture_allow(policy, "tool -b-1 p", "tool|-b-1|p");
        fixture_allow(policy, "tool --boot all p", "tool|-ball|p");
        fixture_allow(policy, "tool --boot=all p", "tool|-ball|p");
        fixture_allow(policy, "tool -b -v p", "tool|-b|-v|p");
        fixture_allow(policy, "tool --color p", "tool|--color|p");
        fixture_allow(policy, "tool --color always /var/log/x", "tool|--color|always|/var/log/x");
        fixture_allow(policy, "tool -Cnever p", "tool|--color=never|p");
        /* By shape first, by range afterwards. */
        fixture_deny(policy, "tool -b 20 p", CODE_VALUE, "-b: 20");
        fixture_deny(policy, "tool --boot= p", CODE_VALUE, "--boot: the value is empty");
}
END_TEST

START_TEST(what_is_no_option)
{
        fixture_deny(policy, "tool -z p", CODE_OPTION, "-z is not an option here (word 2)");
        fixture_deny(policy, "tool -vz p", CODE_OPTION, "-z is not an option here (word 2)");
        fixture_deny(policy, "tool -n5z p", CODE_VALUE, "5z is not a whole number");
        fixture_deny(policy, "tool --lin 5 p", CODE_OPTION, "--lin is not an option here (word 2)");
        fixture_deny(policy, "tool --lin=5 p", CODE_OPTION, "--lin is not an option here");
        fixture_deny(policy, "tool --verbose=1 p", CODE_OPTION, "--verbose takes no value");
        fixture_deny(policy, "tool -lines p", CODE_OPTION, "-l is not an option here");
        fixture_deny(policy, "tool p -n", CODE_OPTION, "-n needs a value (word 3)");
        fixture_deny(policy, "tool p --lines", CODE_OPTION, "--lines needs a value (word 3)");
        fixture_deny(policy, "tool --=x p", CODE_OPTION, "-- is not an option here");
        fixture_deny(policy, "tool --Verbose p", CODE_OPTION, "--Verbose is not an option");
}
END_TEST

START_TEST(an_abbreviation_is_answered_with_the_whole_name)
{
        struct decision *decision = fixture_decide(policy, "tool --lin 5");

        ck_assert_str_eq(decision->hint, "write: --lines");
        ck_assert_uint_eq(decision->word, 2);
        ck_assert_uint_eq(decision->position, 6);
        decision_free(decision);
}
END_TEST

START_TEST(refusals_come_first)
{
        fixture_deny(policy, "tool -x p", CODE_REFUSED, "-x: it runs programs (word 2)");
        fixture_deny(policy, "tool -vx p", CODE_REFUSED, "-x: it runs programs");
        fixture_deny(policy, "tool -vxp", CODE_REFUSED, "-x: it runs programs");
        fixture_deny(policy, "tool --exec=p", CODE_REFUSED, "--exec: it runs programs");
        fixture_deny(policy, "tool --exec p", CODE_REFUSED, "--exec: it runs programs");
        /* getopt_long(3) would take these for the refused ones. */
        fixture_deny(policy, "tool --exe p", CODE_REFUSED, "--exe: it runs programs");
        fixture_deny(policy, "tool --execute=p", CODE_REFUSED, "--execute: it runs programs");
}
END_TEST

START_TEST(values)
{
        fixture_deny(policy, "tool -n 101 p", CODE_VALUE, "-n: 101 is over 100 (word 3)");
        fixture_deny(policy, "tool -200 p", CODE_VALUE, "-n: 200 is over 100 (word 2)");
        fixture_deny(policy, "tool -n -v p", CODE_VALUE, "-n: -v is not a whole number");
        fixture_deny(policy, "tool -n '' p", CODE_VALUE, "an empty word is not");
        fixture_deny(policy, "tool --color=x p", CODE_VALUE, "x is not one of: always never");
        fixture_deny(policy, "tool -f x p", CODE_PATH, "-f: x is not an absolute path (word 3)");
        fixture_deny(policy, "tool -f/etc/shadow p", CODE_PATH, "-f: /etc/shadow is denied (word 2)");
        fixture_deny(policy, "tool -vf/etc/shadow p", CODE_PATH, "/etc/shadow is denied");
        fixture_deny(policy, "tool --file=/etc/shadow p", CODE_PATH, "/etc/shadow is denied");
        fixture_deny(policy, "tool --file /etc/passwd p", CODE_PATH, "/etc/passwd lies outside");
        fixture_allow(policy, "tool --file /var/log/x p", "tool|-f|/var/log/x|p");
        fixture_allow(policy, "tool -e -v", "tool|-e|-v");
        fixture_allow(policy, "tool -e --exec", "tool|-e|--exec");
}
END_TEST

START_TEST(operands)
{
        fixture_deny(policy, "tool", CODE_OPERAND, "tool needs 1 operand");
        fixture_allow(policy, "tool p /var/log/a /var/log/b", "tool|p|/var/log/a|/var/log/b");
        fixture_deny(policy, "tool p /var/log/a /var/log/b /var/log/c", CODE_OPERAND,
                     "tool takes at most 3 operands (word 5)");
        fixture_deny(policy, "tool p q", CODE_PATH, "q is not an absolute path (word 3)");
        fixture_deny(policy, "tool p /etc/shadow", CODE_PATH, "/etc/shadow is denied (word 3)");
        fixture_deny(policy, "tool p -", CODE_PATH, "- is not an absolute path");
        fixture_allow(policy, "tool -e p /var/log/a", "tool|-e|p|/var/log/a");
        fixture_allow(policy, "tool --regexp=p", "tool|-e|p");
        fixture_deny(policy, "tool -e p q", CODE_PATH, "q is not an absolute path");
        fixture_allow(policy, "tool -", "tool|--|-");
        fixture_allow(policy, "tool '*.[ch]'", "tool|*.[ch]");
        fixture_allow(policy, "tool *.c", "tool|*.c");
        fixture_deny(policy, "tool p /var/log/*", CODE_PATH, "patterns are not expanded");
        fixture_allow(policy, "tool p '/var/log/*'", "tool|p|/var/log/*");
}
END_TEST

START_TEST(dashes_end_options)
{
        fixture_allow(policy, "tool -- p", "tool|p");
        fixture_allow(policy, "tool -- -x", "tool|--|-x");
        fixture_allow(policy, "tool -v -- --exec /var/log/a", "tool|-v|--|--exec|/var/log/a");
        fixture_allow(policy, "tool -- --", "tool|--|--");
        fixture_deny(policy, "tool p -- -f/etc/shadow", CODE_PATH, "-f/etc/shadow is not an absolute path");
        fixture_deny(policy, "tool -n -- p", CODE_VALUE, "-n: -- is not a whole number");
}
END_TEST

START_TEST(groups)
{
        fixture_deny(policy, "tool -v -q p", CODE_OPTION, "-v and -q do not go together (word 3)");
        fixture_deny(policy, "tool -vq p", CODE_OPTION, "do not go together");
        fixture_allow(policy, "tool -vv p", "tool|-v|-v|p");
        fixture_deny(policy, "tool -f /var/log/a --file=/var/log/b p", CODE_OPTION, "--file can be given once");
}
END_TEST

/* What the profile adds: flags stay where they are, values give way to given ones, and the argv that runs runs as it is. */
START_TEST(additions)
{
        struct policy *own = fixture_policy(
                "[command tool]\nprogram = /bin/true\nprepend = -q -c 10 --wait=5\nflag = -q\n"
                "option = -c --count : integer 1..10\noption = --wait -w : integer 1..9\n"
                "operand = 0..2 : text\n");

        fixture_allow(own, "tool x", "tool|-q|-c|10|--wait=5|x");
        fixture_allow(own, "tool --count=3 x", "tool|-q|--wait=5|-c|3|x");
        fixture_allow(own, "tool -w 2 -qc3 x", "tool|-q|--wait=2|-c|3|x");
        fixture_allow(own, "tool -q -c 10 --wait=5 x", "tool|-q|-c|10|--wait=5|x");
        fixture_deny(own, "tool -c 11 x", CODE_VALUE, "-c: 11 is over 10");
        policy_free(own);
}
END_TEST

START_TEST(dashes_keep_an_operand_from_an_option)
{
        fixture_allow(policy, "tool -b -- 5", "tool|-b|--|5");
        fixture_allow(policy, "tool 5 -b", "tool|-b|--|5");
        fixture_allow(policy, "tool x -b", "tool|-b|x");
        fixture_allow(policy, "tool 5 -b -v", "tool|-b|-v|5");
}
END_TEST

START_TEST(implicit_paths)
{
        struct policy *own = fixture_policy("[paths]\nallow = /var/log\n[command last]\nprogram = /bin/true\n"
                                            "implicit = /var/log/wtmp\noperand = 0..1 : text\n[command du]\n"
                                            "program = /bin/true\nimplicit = .\n[command who]\nprogram = /bin/true\n"
                                            "implicit = /run/utmp\noperand = 0..1 : text\n");

        fixture_allow(own, "last", "last");
        fixture_allow(own, "du", "du");
        fixture_allow(own, "who x", "who|x");
        fixture_deny(own, "who", CODE_PATH, "without an operand who reads a file: /run/utmp lies outside");
        policy_free(own);
}
END_TEST

/* As echo(1) reads its words: what is not made of its flags is text, and so is all behind it. */
START_TEST(the_style_of_echo)
{
        struct policy *own = fixture_policy("[command say]\nprogram = /bin/true\nstyle = echo\nflag = -n\nflag = -e\n"
                                            "operand = 0..9 : text\n");

        fixture_allow(own, "say -ne a", "say|-n|-e|a");
        fixture_allow(own, "say '--- a ---' -n", "say|--- a ---|-n");
        fixture_allow(own, "say -nx -n", "say|-nx|-n");
        fixture_allow(own, "say -- -n", "say|--|-n");
        fixture_allow(own, "say - -e", "say|-|-e");
        fixture_allow(own, "say -n -- x", "say|-n|--|x");
        policy_free(own);
}
END_TEST

FIXTURE_RUN("match", begin, end, additions, dashes_keep_an_operand_from_an_option, implicit_paths,
            every_spelling_becomes_the_canonical_one, optional_values, what_is_no_option,
            an_abbreviation_is_answered_with_the_whole_name, refusals_come_first, values, operands, dashes_end_options,
            groups, the_style_of_echo)
