#include "tests/unit/t_policy_fixture.h"

START_TEST(named_types)
{
        struct policy *policy = fixture_policy("[types]\nsmall = integer 0..9\nboth = small | one-of all\n[command a]\n"
                                               "program = /bin/true\noption = -n : both\noption = -m : text\n");

        fixture_allow(policy, "a -n 9", "a|-n|9");
        fixture_allow(policy, "a -n all", "a|-n|all");
        fixture_deny(policy, "a -n 10", CODE_VALUE, "10 is not one of");
        policy_free(policy);
        fixture_wrong("[types]\nhost = text\n", "policy.conf:2:1: the type host is there already");
        fixture_wrong("[types]\npath = text\n", "the type path is there already");
        fixture_wrong("[types]\na = text\na = text\n", "policy.conf:3:1: the type a is there already");
        fixture_wrong("[types]\na = b\nb = text\n", "policy.conf:2:5: unknown type: b");
        fixture_wrong("[types]\na = a\n", "unknown type: a");
        fixture_wrong("[types x]\n", "unknown section [types …]");
        fixture_wrong("[command a]\noption = -n : later\n[types]\nlater = text\n",
                      "policy.conf:2:15: unknown type: later");
}
END_TEST

START_TEST(types_of_a_profile_are_its_own)
{
        char text[600];

        fixture_mkdir("commands");
        ck_assert_int_lt(snprintf(text, sizeof(text),
                                  "[session]\nprofiles = %s\ncommands = a b\n[types]\nall = one-of x\n",
                                  fixture_path("commands")),
                         (int)sizeof(text));
        fixture_write("commands/a.conf",
                      "[types]\nmine = all | one-of y\n[command a]\nprogram = /bin/true\noperand = 1 : mine\n");
        fixture_write("commands/b.conf",
                      "[types]\nmine = one-of z\n[command b]\nprogram = /bin/true\noperand = 1 : mine\n");
        fixture_write("policy.conf", text);
        {
                struct policy *policy = fixture_load();

                fixture_allow(policy, "a x", "a|x");
                fixture_allow(policy, "b z", "b|z");
                fixture_deny(policy, "b y", CODE_OPERAND, "y is not one of: z");
                policy_free(policy);
        }
        fixture_write("commands/b.conf", "[command b]\noperand = 1 : mine\n");
        fixture_wrong(text, "b.conf:2:15: unknown type: mine");
        fixture_write("commands/b.conf", "[types]\nall = text\n[command b]\n");
        fixture_wrong(text, "b.conf:2:1: the type all is there already");
}
END_TEST

#define A "[command a]\nprogram = /bin/true\n"

START_TEST(keywords)
{
        fixture_wrong(A "word = : text\n", "policy.conf:3:8: word needs its keywords");
        fixture_wrong(A "word = x :\n", "policy.conf:3:8: word: behind the colon");
        fixture_wrong(A "word = -x\n", "policy.conf:3:8: -x is no keyword");
        fixture_wrong(A "word = a +b\n", "policy.conf:3:10: +b is no keyword");
        fixture_wrong(A "word = a||b\n", "policy.conf:3:10: nothing is no keyword");
        fixture_wrong(A "word = a|\n", "nothing is no keyword");
        fixture_wrong(A "word = a b|a\n", "policy.conf:3:12: a is an option of a already");
        fixture_wrong(A "refuse = x : no\nword = x\n", "policy.conf:4:8: x is refused by a already");
        fixture_wrong(A "word = x : nonsense\n", "policy.conf:3:12: unknown type: nonsense");
        fixture_wrong(A "word = x : text then nonsense\n", "policy.conf:3:22: unknown type: nonsense");
        fixture_wrong(A "word = x : text then maybe nonsense then text\n", "policy.conf:3:28: unknown type: nonsense");
        fixture_wrong(A "word = x : maybe text\n", "policy.conf:3:12: maybe: another value has to follow");
        fixture_wrong(A "word = x : text then maybe text\n", "maybe: another value has to follow");
        fixture_wrong(A "word = x : then text\n", "unknown type: then text");
}
END_TEST

START_TEST(the_rest)
{
        fixture_wrong(A "operators = ( -o (\n", "policy.conf:3:18: ( is an operator of a already");
        fixture_wrong(A "flag = -o\noperators = -o\n", "policy.conf:4:13: -o is an option of a already");
        fixture_wrong(A "operators = -o\nflag = -o\n", "policy.conf:4:8: -o is an operator of a already");
        fixture_wrong(A "bare = dev\n", "policy.conf:3:8: bare names options or keywords");
        fixture_wrong(A "flag = -v\nbare = -v\n", "bare names options or keywords");
        fixture_wrong(A "word = x : text then text\nbare = x\n", "bare names options or keywords");
        fixture_wrong(A "lex = split\n", "policy.conf:3:7: expected: joined");
        fixture_wrong(A "lex = joined ( -\n", "policy.conf:3:16: a mark does not begin");
        fixture_wrong(A "implicit = log\n", "policy.conf:3:12: implicit holds absolute paths");
        fixture_wrong(A "flag = -x\nstyle = dashword\n", "policy.conf:4:1: style stands before the options");
        fixture_wrong(A "flag = -xy\n", "-xy is not an option's name");
        fixture_wrong(A "flag = +x\n", "+x is not an option's name");
        fixture_wrong(A "style = lsof\nflag = +xy\n", "+xy is not an option's name");
        fixture_wrong(A "style = dig\nflag = +[no]a b\n", "b is not an option's name");
        fixture_wrong(A "style = dig\nflag = +[no]short\nflag = +noshort\n", "+noshort is an option of a already");
        fixture_wrong(A "style = getopt\noption = @ : text\n", "@ is not an option's name");
        fixture_wrong(A "[command a b]\nverb = b\n", "verb names the last of the words of a b");
        fixture_wrong(A "[command a b c]\nverb = b\n", "verb names the last of the words of a b c");
        fixture_wrong(A "[command a b]\nlex = joined\n", "lex belongs to [command a]");
}
END_TEST

START_TEST(what_an_option_implies)
{
        static const char tool[] =
                "[command tool]\nprogram = /bin/true\noption = -o --output : one-of a b c\noption = --fields : text\n"
                "flag = --quiet\noption = -n[+] : integer 0..9\noperand = 0..3 : text\nimply = -o b c : --quiet "
                "--fields=X,Y\n";
        struct policy *policy = fixture_policy(tool);

        fixture_allow(policy, "tool -o a", "tool|-o|a");
        fixture_allow(policy, "tool --output=b x", "tool|-o|b|--quiet|--fields=X,Y|x");
        fixture_allow(policy, "tool -oc --fields Z -- -x", "tool|-o|c|--fields=Z|--quiet|--|-x");
        fixture_allow(policy, "tool --fields=Z", "tool|--fields=Z");
        /* Between an option whose value may be missing and the operands implied words stand as well as `--`. */
        fixture_allow(policy, "tool 5 -n", "tool|-n|--|5");
        fixture_allow(policy, "tool -ob 5 -n", "tool|-o|b|-n|--quiet|--fields=X,Y|5");
        policy_free(policy);
#define TOOL                                                                                                        \
        "[command tool]\nprogram = /bin/true\noption = -o : one-of a b\nflag = --quiet -q\noption = --n : integer " \
        "0..3\n"
        fixture_wrong(TOOL "imply = -o b\n", "expected imply = OPTION VALUE");
        fixture_wrong(TOOL "imply = -o : --quiet\n", "expected imply = OPTION VALUE");
        fixture_wrong(TOOL "imply = -z b : --quiet\n", "tool: imply: -z is no option with a value here");
        fixture_wrong(TOOL "imply = --quiet b : --n=1\n", "tool: imply: --quiet is no option with a value here");
        fixture_wrong(TOOL "imply = -o b : -q\n", "tool: imply: -q is not --NAME or --NAME=VALUE");
        fixture_wrong(TOOL "imply = -o b : --none\n", "tool: imply: --none is not the first name of an option here");
        fixture_wrong(TOOL "imply = --n x : --quiet\n", "tool: imply: x is no value of --n");
        fixture_wrong(TOOL "imply = -o b : --n=x\n", "has not the value that it takes");
}
END_TEST

FIXTURE_MAIN_DIR("load_words", named_types, types_of_a_profile_are_its_own, keywords, the_rest, what_an_option_implies)
