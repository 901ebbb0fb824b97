#include "pam_diag/policy/match.h"

#include "tests/unit/t_policy_fixture.h"

#define POLICY                                                                                                     \
        "[paths]\nallow = /var/log\n"                                                                              \
        "[command word]\nprogram = /bin/true\nstyle = dashword\nflag = -br -brief --brief\nflag = -b\n"            \
        "option = -family -f : one-of a b\noption = -color[=] -c[=] : one-of always never\nrefuse = -batch : it "  \
        "reads\n"                                                                                                  \
        "operand = 0..2 : text\n"                                                                                  \
        "[command seek]\nprogram = /bin/true\nstyle = find\nflag = -print\nflag = -depth\noption = -name : text\n" \
        "option = -newer : path list\nrefuse = -exec -delete : it changes\noperators = ( ) ! -o -a -not\n"         \
        "operand = 0..2 : path list\nimplicit = .\n"                                                               \
        "[command files]\nprogram = /bin/true\nstyle = lsof\nflag = -n\nflag = +E\noption = -i[?] : inet\n"        \
        "option = +c : integer 0..99\noption = +L[?] : integer 0..9\noption = +D : path list\nrefuse = +r -r : "   \
        "endless\n"                                                                                                \
        "operand = 0..2 : path list\n"                                                                             \
        "[command ask]\nprogram = /bin/true\nstyle = dig\nprepend = -r\nflag = -r\nflag = -4\noption = @ : host\n" \
        "option = -t : one-of A MX\noption = -q : host\noption = -x : address\nflag = +[no]short\n"                \
        "option = +tries : integer 1..5\noption = +bufsize[=] : integer 0..9\nbare = -t -q\n"                      \
        "refuse = AXFR : a zone\nrefuse = +tls : keys\n"

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

START_TEST(whole_words)
{
        fixture_allow(policy, "word -br x", "word|-br|x");
        fixture_allow(policy, "word --brief", "word|-br");
        fixture_allow(policy, "word x -b -brief", "word|-b|-br|x");
        fixture_allow(policy, "word -f a", "word|-family|a");
        fixture_allow(policy, "word -c", "word|-color");
        fixture_allow(policy, "word -c=never", "word|-color=never");
        fixture_allow(policy, "word -color never", "word|-color|never");
        fixture_deny(policy, "word -bbr", CODE_OPTION, "-bbr is not an option here (word 2)");
        fixture_deny(policy, "word -brie", CODE_OPTION, "-brie is not an option here");
        fixture_deny(policy, "word -fa", CODE_OPTION, "-fa is not an option here");
        fixture_deny(policy, "word -f=a", CODE_OPTION, "-f=a is not an option here");
        fixture_deny(policy, "word -b=1", CODE_OPTION, "-b=1 is not an option here");
        fixture_deny(policy, "word -f", CODE_OPTION, "-f needs a value");
        fixture_deny(policy, "word -c=", CODE_VALUE, "the value is empty");
        fixture_deny(policy, "word -batch x", CODE_REFUSED, "-batch: it reads");
        fixture_deny(policy, "word -- -br", CODE_OPTION, "-- is not an option here");
        fixture_deny(policy, "word x -x", CODE_OPTION, "-x is not an option here");
        fixture_allow(policy, "word -", "word|-");
}
END_TEST

START_TEST(expressions)
{
        fixture_allow(policy, "seek", "seek");
        fixture_allow(policy, "seek -name x", "seek|-name|x");
        fixture_allow(policy, "seek /var/log -name x", "seek|/var/log|-name|x");
        fixture_allow(policy, "seek /var/log /var/log/a '(' -name x -o ! -name y ')' -print",
                      "seek|/var/log|/var/log/a|(|-name|x|-o|!|-name|y|)|-print");
        fixture_allow(policy, "seek /var/log -name -exec -not -depth", "seek|/var/log|-name|-exec|-not|-depth");
        fixture_allow(policy, "seek /var/log -name '('", "seek|/var/log|-name|(");
        fixture_deny(policy, "seek /var/log -exec rm ';'", CODE_REFUSED, "-exec: it changes (word 3)");
        fixture_deny(policy, "seek / -name --help -delete", CODE_REFUSED, "-delete: it changes (word 5)");
        fixture_deny(policy, "seek /var/log -name x -o -delete", CODE_REFUSED, "-delete");
        fixture_deny(policy, "seek /var/log -print /etc", CODE_OPERAND,
                     "/etc: what to start from stands before the first test (word 4)");
        fixture_deny(policy, "seek '(' /etc ')'", CODE_OPERAND, "before the first test (word 3)");
        fixture_deny(policy, "seek here -print", CODE_PATH, "here is not an absolute path");
        fixture_deny(policy, "seek /etc -print", CODE_PATH, "/etc lies outside");
        fixture_deny(policy, "seek /var/log -newer /etc/shadow", CODE_PATH, "-newer: /etc/shadow is denied");
        fixture_deny(policy, "seek /var/log -name", CODE_OPTION, "-name needs a value");
        fixture_deny(policy, "seek -- /var/log", CODE_OPTION, "-- is not an option");
        fixture_deny(policy, "seek /var/log -exe rm", CODE_OPTION, "-exe is not an option here");
        fixture_deny(policy, "seek /var/log -name=x", CODE_OPTION, "-name=x is not an option here");
}
END_TEST

START_TEST(next_word_unless_it_is_an_option)
{
        fixture_allow(policy, "files -i", "files|-i");
        fixture_allow(policy, "files -i:80", "files|-i:80");
        fixture_allow(policy, "files -i :80", "files|-i:80");
        fixture_allow(policy, "files -ni TCP:80 -n", "files|-n|-iTCP:80|-n");
        fixture_allow(policy, "files -i -n", "files|-i|-n");
        fixture_allow(policy, "files -i +E", "files|-i|+E");
        fixture_allow(policy, "files -i -- /var/log/x", "files|-i|--|/var/log/x");
        fixture_allow(policy, "files /var/log/x -i", "files|-i|--|/var/log/x");
        fixture_deny(policy, "files -i /var/log/x", CODE_VALUE, "-i: /var/log/x is not [46]");
        fixture_deny(policy, "files -i ''", CODE_VALUE, "-i: the value is empty");
        fixture_deny(policy, "files -i-n", CODE_VALUE, "-i: -n is not");
}
END_TEST

START_TEST(letters_with_a_plus)
{
        fixture_allow(policy, "files +c 15", "files|+c|15");
        fixture_allow(policy, "files +c15", "files|+c|15");
        fixture_allow(policy, "files +L1", "files|+L1");
        fixture_allow(policy, "files +L", "files|+L");
        fixture_allow(policy, "files +D /var/log", "files|+D|/var/log");
        fixture_deny(policy, "files +D/etc", CODE_PATH, "+D: /etc lies outside");
        fixture_deny(policy, "files +En", CODE_OPTION, "+E takes no value");
        fixture_deny(policy, "files +r5", CODE_REFUSED, "+r: endless");
        fixture_deny(policy, "files -nr", CODE_REFUSED, "-r: endless");
        fixture_deny(policy, "files +n", CODE_OPTION, "+n is not an option here");
        fixture_deny(policy, "files +c", CODE_OPTION, "+c needs a value");
        fixture_deny(policy, "files -- +D", CODE_PATH, "+D is not an absolute path");
}
END_TEST

START_TEST(queries)
{
        fixture_allow(policy, "ask example.org", "ask|-r|-q|example.org");
        fixture_allow(policy, "ask MX example.org +short @::1", "ask|-r|-t|MX|-q|example.org|+short|@::1");
        fixture_allow(policy, "ask example.org mx", "ask|-r|-q|example.org|-q|mx");
        fixture_allow(policy, "ask -4tMX -x 192.0.2.1 +noshort +tries=2 +bufsize",
                      "ask|-r|-4|-t|MX|-x|192.0.2.1|+noshort|+tries=2|+bufsize");
        fixture_allow(policy, "ask +bufsize=3 -r", "ask|-r|+bufsize=3");
        fixture_deny(policy, "ask +tries 2", CODE_OPTION, "+tries needs a value: +tries=…");
        fixture_deny(policy, "ask +short=1", CODE_OPTION, "+short takes no value");
        fixture_deny(policy, "ask +sho", CODE_OPTION, "+sho is not an option here");
        fixture_deny(policy, "ask +tls x", CODE_REFUSED, "+tls: keys");
        fixture_deny(policy, "ask +tls=x", CODE_REFUSED, "+tls: keys");
        fixture_deny(policy, "ask x AXFR", CODE_REFUSED, "AXFR: a zone (word 3)");
        fixture_deny(policy, "ask @", CODE_VALUE, "@: an empty word is not a host");
        fixture_deny(policy, "ask @-x", CODE_VALUE, "@: -x is not a host");
        fixture_deny(policy, "ask -x y", CODE_VALUE, "-x: y is not a whole IPv4");
        fixture_deny(policy, "ask 'a b'", CODE_VALUE, "-q: a b is not a host");
        fixture_deny(policy, "ask -- x", CODE_OPTION, "-- is not an option");
}
END_TEST

FIXTURE_RUN("match_dash", begin, end, whole_words, expressions, next_word_unless_it_is_an_option, letters_with_a_plus,
            queries)
