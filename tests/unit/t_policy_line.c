#include "pam_diag/policy/line.h"

#include "tests/unit/t_policy_fixture.h"

static const char *const link_names[] = {
        [LINK_FIRST] = "", [LINK_PIPE] = "|", [LINK_AND] = "&&", [LINK_OR] = "||", [LINK_THEN] = ";",
};

/* Each stage as LINK<words>REDIRECT. */
static void groups(const char *text, const char *expected)
{
        cleanup_line struct line line = { 0 };
        struct words_error error = { 0 };
        cleanup_buf struct buf out = BUF_INIT(4096);

        ck_assert_msg(line_split(text, strlen(text), &line, &error) == 0, "%s: %s", text, error.reason.data);
        for (size_t i = 0; i < line.count; i++) {
                buf_put_text(&out, link_names[line.stages[i].link]);
                for (size_t k = 0; k < line.stages[i].words.count; k++)
                        buf_printf(&out, "<%s>", line.stages[i].words.list[k].text);
                if (line.stages[i].redirect != 0)
                        buf_printf(&out, "%u", line.stages[i].redirect);
        }
        ck_assert_str_eq(out.data == NULL ? "" : out.data, expected);
        buf_free(&error.reason);
}

static void fails(const char *text, unsigned position, const char *reason)
{
        cleanup_line struct line line = { 0 };
        struct words_error error = { 0 };

        ck_assert_int_eq(line_split(text, strlen(text), &line, &error), -EINVAL);
        ck_assert_msg(error.position == position, "%s: %u", text, error.position);
        ck_assert_msg(strstr(error.reason.data, reason) != NULL, "%s: %s", text, error.reason.data);
        buf_free(&error.reason);
}

START_TEST(stages_and_links)
{
        groups("", "");
        groups("a b", "<a><b>");
        groups("a|b c|d", "<a>|<b><c>|<d>");
        groups("a && b || c; d", "<a>&&<b>||<c>;<d>");
        groups("a;", "<a>");
        groups("a '|' b", "<a><|><b>");
}
END_TEST

START_TEST(redirections_from_left_to_right)
{
        groups("a 2>&1", "<a>4");
        groups("a >/dev/null 2>&1", "<a>3");
        groups("a 2>&1 >/dev/null", "<a>5");
        groups("a 2>/dev/null 2>&1", "<a>4");
        groups("a 2>&1 2>/dev/null", "<a>2");
        groups("2>/dev/null a b", "<a><b>2");
        groups("a 2>/dev/null b >/dev/null c", "<a><b><c>3");
        groups("a 2>/dev/null | b |& c", "<a>2|<b>4|<c>");
        groups("a &>/dev/null", "<a>3");
}
END_TEST

START_TEST(empty_commands)
{
        fails("| a", 1, "before |");
        fails("a |", 3, "behind |");
        fails("a &&", 3, "behind &&");
        fails("a | | b", 5, "before |");
        fails("a ; ; b", 5, "before ;");
        fails(";", 1, "before ;");
        fails(">/dev/null", 1, "before >/dev/null");
        fails("a | 2>&1 | b", 5, "before 2>&1");
}
END_TEST

START_TEST(too_many)
{
        cleanup_buf struct buf text = BUF_INIT(4096);

        for (int i = 0; i < DECIDE_STAGES_MOST; i++)
                buf_put_text(&text, i == 0 ? "a" : "|a");
        groups(text.data, "<a>|<a>|<a>|<a>|<a>|<a>|<a>|<a>|<a>|<a>|<a>|<a>|<a>|<a>|<a>|<a>");
        buf_put_text(&text, "|a");
        fails(text.data, 33, "more than 16 commands");
}
END_TEST

FIXTURE_MAIN("line", stages_and_links, redirections_from_left_to_right, empty_commands, too_many)
