/* ctl/learn*.c: what denied lines would have needed, as a text that changes nothing by itself. */
#include "pam_diag/ctl/learn.h"

#include "tests/unit/t_policy_fixture.h"

#define POLICY                                                                                                      \
        "[paths]\nallow = /etc\ndeny = /etc/secret\n[command true]\nsummary = S\nprogram = /bin/true\n"             \
        "flag = -a --all\noption = -n : integer 0..9\nrefuse = --force : it changes things\noperand = 0..9 : path " \
        "read\n"

static const struct policy *policy;
static struct learn learn;

static void begin(void)
{
        fixture_begin();
        policy = fixture_policy(POLICY);
        learn = (struct learn){ .policy = policy, .resolver = &fixture_resolver };
}

static void take_as(const char *line, int64_t time_us, const char *client)
{
        const struct listing_denied row = { .seq = 1,
                                            .time_us = time_us,
                                            .session = "s",
                                            .line = line,
                                            .line_length = strlen(line),
                                            .user = "diag",
                                            .key = "SHA256:abc",
                                            .client = client };

        ck_assert_int_eq(learn_take(&learn, &row), 0);
}

static void take(const char *line)
{
        take_as(line, INT64_C(1700000000000000), "10.0.0.7");
}

static char *text(void)
{
        struct buf buf = BUF_INIT(LEARN_TEXT_MOST);

        learn_put(&buf, &learn);
        ck_assert_int_eq(buf.error, 0);
        /* Nothing but comments and empty lines. */
        for (const char *line = buf.data; line != NULL && *line != '\0'; line = strchr(line, '\n') + 1)
                ck_assert_msg(*line == '#' || *line == '\n', "%s", line);
        return buf.data;
}

static void says(const char *wanted)
{
        cleanup_free char *all = text();

        ck_assert_msg(strstr(all, wanted) != NULL, "wanted \"%s\" in: %s", wanted, all);
}

static void does_not_say(const char *unwanted)
{
        cleanup_free char *all = text();

        ck_assert_msg(strstr(all, unwanted) == NULL, "unwanted \"%s\" in: %s", unwanted, all);
}

START_TEST(a_command_without_a_rule)
{
        take("lsblk -f");
        take("lsblk -f");
        take_as("lsblk --output=NAME /dev/sda 5", INT64_C(1700000001000000), "10.0.0.8");
        take("docker ps");
        says("# --- lsblk: no rule\n#   2 times, last 2023-11-14T22:13:20Z: lsblk -f\n#     as \"lsblk -f\"\n"
             "#     by diag with SHA256:abc from 10.0.0.7\n#   once, last 2023-11-14T22:13:21Z: lsblk --output=TEXT "
             "PATH NUMBER\n");
        says("#     by diag with SHA256:abc from 10.0.0.8\n");
        says("#[command lsblk]\n#summary = ?\n#source = lsblk(1), version ?\n#option = --output : text\n#flag = -f\n"
             "#operand = 0..2 : path read | integer 0..999999999\n");
        says("#[command docker]\n");
        says("#operand = 0..1 : one-of ps\n");
        says("# 4 denied command lines, of which the present policy allows 0 by now.\n");
        says("Whoever may log in chooses what stands in these rows");
        ck_assert_uint_eq(learn.count, 3);
}
END_TEST

START_TEST(no_rule_for_what_runs_anything)
{
        take("python3 -c x");
        take("sudo cat /etc/shadow");
        take("'we ird' x");
        take("help nothing");
        says("# No rule is proposed: python3 is an interpreter");
        says("# No rule is proposed: sudo ");
        says("# No rule is proposed: that is not the name of a command.");
        does_not_say("#[command");
}
END_TEST

START_TEST(an_option_that_a_rule_lacks)
{
        take("true --lines=5");
        take("true -q");
        take("true -aq");
        take("true -n");
        take("true --force");
        says("#   in [command true], if it only looks:\n#option = --lines : integer 0..999999999\n");
        says("#flag = -q\n");
        says("#   no rule is proposed: the profile refuses it by intent\n");
        does_not_say("#flag = -n\n");
        does_not_say("#option = -n");
        does_not_say("#flag = --force");
        does_not_say("#[command");
}
END_TEST

START_TEST(pipelines)
{
        take("true /etc | frobnicate -x 2>/dev/null");
        take("true /etc; true -a && true --zap");
        take("true /etc || true -a /srv/log");
        says("# --- frobnicate: no rule\n#   once, last 2023-11-14T22:13:20Z: frobnicate -x\n");
        says("#[command frobnicate]\n#summary = ?\n#source = frobnicate(1), version ?\n#flag = -x\n\n");
        says("#   in [command true], if it only looks:\n#flag = --zap\n");
        says("#allow = /srv/log\n");
        ck_assert_uint_eq(learn.count, 3);
}
END_TEST

START_TEST(paths)
{
        take("true /srv/app/log");
        take("true /etc/secret/x");
        take("true /srv/../root/x");
        take("true '/srv/a b'");
        take("true relative");
        says("#   in [paths], if it holds no secret now nor later:\n#allow = /srv/app/log\n");
        says("#   no rule is proposed: the policy denies that path\n");
        does_not_say("#allow = /etc");
        does_not_say("#allow = /root");
        does_not_say("#allow = /srv/a b");
        does_not_say("#allow = relative");
}
END_TEST

START_TEST(lines_that_no_rule_mends)
{
        take("true 'x");
        take("true  'xy");
        take("true /etc");
        says("# --- the line itself\n#   2 times");
        says("the present policy allows 1 by now");
        ck_assert_uint_eq(learn.count, 1);
}
END_TEST

/* What a session writes into its line can neither end the comment nor move a cursor. */
START_TEST(hostile_lines)
{
        take("x\xf4\x8f\xb8\x9b '\n[command sh]\n'");
        take("'\n[session]\ncommands = sh' -\x1b[2J");
        take("true '--x\n=5'");
        take("true '/srv\nallow = /'");
        take("\xe2\x80\xae");
        take("");
        take("'[command x]'");
        does_not_say("\x1b");
        does_not_say("\n[");
        does_not_say("\nallow");
        does_not_say("\ncommands");
        does_not_say("#[command");
        does_not_say("#allow");
}
END_TEST

START_TEST(memory_is_bounded)
{
        char line[64];

        for (int i = 0; i < 2 * LEARN_GROUPS_MOST; i++) {
                snprintf(line, sizeof(line), "command-%d", i);
                take_as(line, 1000000, line);
                take_as("lsblk", 1000000, line);
        }
        ck_assert_uint_eq(learn.count, LEARN_GROUPS_MOST);
        ck_assert_uint_eq(learn.left_out, LEARN_GROUPS_MOST + 1);
        says("1001 rows more were left out");
        says("#     and 1995 rows by others\n");
}
END_TEST

/* What is proposed can be loaded once it is taken out of its comments. */
START_TEST(proposals_are_good_profile_text)
{
        cleanup_buf struct buf policy_text = BUF_INIT(1024 * 1024);
        cleanup_free char *all = NULL;
        struct policy *proposed;

        take("uname -a -r --all --kernel=5 -n5 -o=/x x.service /etc 7 ps");
        take("uname images Big");
        all = text();
        buf_put_text(&policy_text, POLICY);
        for (char *line = all; *line != '\0'; line += strcspn(line, "\n") + 1)
                if (line[0] == '#' && line[1] != ' ' && line[1] != '\n') {
                        buf_put(&policy_text, line + 1, strcspn(line, "\n") - 1);
                        buf_put_char(&policy_text, '\n');
                }
        ck_assert_ptr_nonnull(strstr(policy_text.data, "[command uname]"));
        proposed = fixture_policy(policy_text.data);
        fixture_allow(proposed, "uname -r x.service images", "uname|-r|x.service|images");
        policy_free(proposed);
}
END_TEST

FIXTURE_RUN("ctl_learn", begin, fixture_end, a_command_without_a_rule, no_rule_for_what_runs_anything,
            an_option_that_a_rule_lacks, pipelines, paths, lines_that_no_rule_mends, hostile_lines, memory_is_bounded,
            proposals_are_good_profile_text)
