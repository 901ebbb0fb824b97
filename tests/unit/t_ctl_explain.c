/* ctl/explain.c, explain_json.c: a decision as text and as JSON. */
#include "pam_diag/ctl/explain.h"

#include "tests/unit/t_policy_fixture.h"

#define POLICY                                                                                                        \
        "[paths]\nallow = /etc\n[command true]\nsummary = Does nothing\nprogram = /bin/true\nflag = --p\nflag = -v\n" \
        "option = -n : integer 0..9\noperand = 0..3 : path read\noperand = 0..9 : match x.*\nprepend = --p\n"         \
        "network = unix netlink loopback\ntimeout = 7s\noutput-limit = 1k\n"

static void json_is(const char *line, size_t length, const char *wanted)
{
        struct policy *policy = fixture_policy(POLICY);
        cleanup_decision struct decision *decision = NULL;
        cleanup_buf struct buf text = BUF_INIT(EXPLAIN_MOST);

        ck_assert_int_eq(policy_decide(policy, NULL, line, length, &fixture_resolver, &decision), 0);
        explain_put_json(&text, decision);
        ck_assert_int_eq(text.error, 0);
        ck_assert_msg(strstr(text.data, wanted) != NULL, "%s: %s", line, text.data);
        ck_assert_ptr_eq(strchr(text.data, '\n'), text.data + text.length - 1);
        policy_free(policy);
}

#define JSON_IS(line, wanted) json_is(line, sizeof(line) - 1, wanted)

START_TEST(allowed)
{
        JSON_IS("true -n5 /etc/hosts", "{\"verdict\":\"allow\",\"help\":false,\"code\":null,\"rule\":\"true\","
                                       "\"reason\":null,\"hint\":null,\"word\":null,"
                                       "\"position\":null,\"text\":null,\"stages\":[[\"dHJ1ZQ==\",\"LW41\","
                                       "\"L2V0Yy9ob3N0cw==\"]],\"run\":[[\"dHJ1ZQ==\","
                                       "\"LS1w\",\"LW4=\",\"NQ==\",");
        JSON_IS("true", "\"network\":[\"unix\",\"netlink\",\"loopback\"],\"timeout_ms\":7000,\"output_most\":1024,"
                        "\"memory_most\":4294967296,\"cpu_s\":60,\"processes_most\":256}]}\n");
        JSON_IS("true", "\"helpers\":[]");
}
END_TEST

START_TEST(pipelines)
{
        JSON_IS("true | true -v 2>&1", "\"stages\":[[\"dHJ1ZQ==\"],[\"dHJ1ZQ==\",\"LXY=\"]],\"run\":[[\"dHJ1ZQ==\","
                                       "\"LS1w\"],[\"dHJ1ZQ==\",\"LS1w\","
                                       "\"LXY=\"]],\"plan\":[{\"link\":\"\",\"redirect\":[],\"rule\":");
        JSON_IS("true | true -v 2>&1", "{\"link\":\"|\",\"redirect\":[\"2>&1\"],\"rule\":\"true\"");
        JSON_IS("true && true; true || true", "{\"link\":\"&&\"");
        JSON_IS("true && true; true || true", "{\"link\":\";\"");
        JSON_IS("true && true; true || true", "{\"link\":\"||\"");
        JSON_IS("true 2>/dev/null >/dev/null", "\"redirect\":[\"2>/dev/null\",\">/dev/null\"]");
        JSON_IS("true | false", "\"code\":\"command\"");
        JSON_IS("true | false", "\"word\":1,\"position\":8,");
        JSON_IS("true | false", "\"stages\":[[\"dHJ1ZQ==\"],[\"ZmFsc2U=\"]],\"run\":[],\"plan\":[]}");
}
END_TEST

START_TEST(denied)
{
        JSON_IS("true -Q",
                "{\"verdict\":\"deny\",\"help\":false,\"code\":\"option\",\"rule\":\"true\",\"reason\":\"-Q ");
        JSON_IS("true -Q",
                "\"word\":2,\"position\":6,\"text\":null,\"stages\":[[\"dHJ1ZQ==\",\"LVE=\"]],\"run\":[],\"plan\":[]}");
        JSON_IS("true '", "\"code\":\"syntax\"");
        JSON_IS("true '", "\"word\":null,\"position\":6,\"text\":null,\"stages\":[],\"run\":[],\"plan\":[]}");
        JSON_IS("a=b true", "\"code\":\"syntax\"");
        JSON_IS("a=b true", "\"stages\":[[\"YT1i\",\"dHJ1ZQ==\"]]");
        JSON_IS("\xff\xfe ''", "\"stages\":[[\"//4=\",\"\"]]");
        JSON_IS("", "\"verdict\":\"allow\",\"help\":true,\"code\":null");
        JSON_IS("help", "\"run\":[],\"plan\":[]}");
}
END_TEST

/* A word that is longer than one piece of the encoder is still one base64 text. */
START_TEST(long_words_are_one_base64)
{
        enum { WORD = 99999 };
        struct policy *policy = fixture_policy(POLICY);
        cleanup_decision struct decision *decision = NULL;
        cleanup_buf struct buf text = BUF_INIT(EXPLAIN_MOST);
        static char line[5 + WORD];
        const char *word;

        memset(line, 'x', sizeof(line));
        memcpy(line, "true ", 5);
        ck_assert_int_eq(policy_decide(policy, NULL, line, sizeof(line), &fixture_resolver, &decision), 0);
        explain_put_json(&text, decision);
        word = strstr(text.data, "[\"dHJ1ZQ==\",\"");
        ck_assert_ptr_nonnull(word);
        word += strlen("[\"dHJ1ZQ==\",\"");
        for (size_t i = 0; i < WORD / 3; i++, word += 4)
                ck_assert_mem_eq(word, "eHh4", 4);
        ck_assert_int_eq(*word, '"');
        policy_free(policy);
}
END_TEST

START_TEST(for_a_person)
{
        struct policy *policy = fixture_policy(POLICY);
        struct decision *decision = fixture_decide(policy, "true -v /etc/a /etc/b /etc/c 'x \x1b'");
        cleanup_buf struct buf text = BUF_INIT(EXPLAIN_MOST);

        explain_put_text(&text, decision);
        ck_assert_ptr_nonnull(strstr(text.data, "verdict:  allow\nrule:     true\n"));
        ck_assert_ptr_nonnull(strstr(text.data, "argv:     true --p -v /etc/a /etc/b /etc/c $'x \\x1b'\n"));
        ck_assert_ptr_nonnull(
                strstr(text.data, "network:  unix netlink loopback\ntimeout:  7000 ms\noutput:   1024 bytes\n"));
        decision_free(decision);
        policy_free(policy);
}
END_TEST

FIXTURE_MAIN_DIR("ctl_explain", allowed, pipelines, denied, long_words_are_one_base64, for_a_person)
