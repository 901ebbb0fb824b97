#include "pam_diag/policy/types.h"

#include "tests/unit/t_policy_fixture.h"

static struct type *type;

static void begin(void)
{
        cleanup_buf struct buf wrong = BUF_INIT(4096);

        ck_assert_int_eq(type_parse("template .Names .State.Status . json upper", NULL, &type, &wrong), 0);
}

static void end(void)
{
        type_free(type);
        type = NULL;
}

static void fits(const char *value)
{
        cleanup_buf struct buf wrong = BUF_INIT(4096);

        ck_assert_msg(type_check_one(type, value, &wrong) == 0, "%s: %s", value, wrong.data);
}

static void fails(const char *value, const char *expected)
{
        cleanup_buf struct buf wrong = BUF_INIT(4096);

        ck_assert_msg(type_check_one(type, value, &wrong) == -EINVAL, "%s", value);
        ck_assert_msg(strstr(wrong.data, expected) != NULL, "%s: %s", value, wrong.data);
}

START_TEST(listed_fields)
{
        fits("{{.Names}}");
        fits("{{ .Names }}");
        fits("table {{.Names}}\\t{{.State.Status}} }} {");
        fits("{{json .Names}}");
        fits("{{.Names | json}}");
        fits("{{.Names|upper}}");
        fits("{{json .}}");
        fits("{{.}}");
}
END_TEST

START_TEST(anything_else)
{
        fails("", "holds no {{.Field}}");
        fails("json", "holds no {{.Field}}");
        fails("table", "holds no {{.Field}}");
        fails("{ {.Names}}", "holds no {{.Field}}");
        fails("{{.Config}}", "holds {{.Config}}; allowed are: {{.Names}} {{.State.Status}} {{.}} json upper");
        fails("{{.Names}}{{.Config.Env}}", "holds {{.Config.Env}}");
        fails("{{.State}}", "holds {{.State}}");
        fails("{{.Names.X}}", "holds");
        fails("{{json}}", "holds");
        fails("{{.Names .Names}}", "holds");
        fails("{{json upper}}", "holds");
        fails("{{json json .Names}}", "holds");
        fails("{{.Names | .Names}}", "holds");
        fails("{{.Names | json | upper}}", "holds");
        fails("{{| json}}", "holds");
        fails("{{}}", "holds");
        fails("{{ }}", "holds");
        fails("{{range .Names}}{{.}}{{end}}", "holds {{range .Names}}");
        fails("{{printf \"%s\" .Names}}", "holds");
        fails("{{- .Names -}}", "holds");
        fails("{{/* .Names */}}", "holds");
        fails("{{.Names", "has a {{ without }}");
        fails("{{.Names}}{{", "has a {{ without }}");
        fails("{{{.Names}}}", "holds");
        fails("{{$x := .}}", "holds");
}
END_TEST

FIXTURE_RUN("types_template", begin, end, listed_fields, anything_else)
