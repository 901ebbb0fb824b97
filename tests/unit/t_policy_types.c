#include "pam_diag/policy/types.h"

#include "tests/unit/t_policy_fixture.h"

static struct type *parse(const char *text)
{
        cleanup_buf struct buf wrong = BUF_INIT(4096);
        struct type *type = NULL;

        ck_assert_msg(type_parse(text, &type, &wrong) == 0, "%s: %s", text, wrong.data);
        ck_assert_str_eq(type->text, text);
        return type;
}

static void parse_fails(const char *text, const char *expected)
{
        cleanup_buf struct buf wrong = BUF_INIT(4096);
        struct type *type = NULL;

        ck_assert_int_eq(type_parse(text, &type, &wrong), -EINVAL);
        ck_assert_ptr_null(type);
        ck_assert_msg(strstr(wrong.data, expected) != NULL, "%s: %s", text, wrong.data);
}

/* Values up to the first NULL fit, those up to the second do not. */
static void check(const char *text, const char *const *values)
{
        cleanup_type struct type *type = parse(text);
        int expected = 0;

        for (size_t i = 0; expected == 0 || values[i] != NULL; i++) {
                cleanup_buf struct buf wrong = BUF_INIT(4096);

                if (values[i] == NULL) {
                        expected = -EINVAL;
                        continue;
                }
                ck_assert_msg(type_check_one(type, values[i], &wrong) == expected, "%s: %s", text, values[i]);
                ck_assert_int_eq(wrong.length > 0, expected != 0);
        }
}
#define CHECK(text, ...) check(text, (const char *const[]){ __VA_ARGS__, NULL })

START_TEST(simple_kinds)
{
        CHECK("text", "", "a", "-x", "*", NULL);
        CHECK("one-of a bc", "a", "bc", NULL, "b", "", "abc", "a bc");
        CHECK("unit", "ssh.service", "a@b.service", "dev-sda\\x2d1.device", NULL, "", "-a", "a*", "/srv/x", "a b",
              "a/b", "a;b");
        CHECK("unit-glob", "ssh*", "[a-c]?.timer", NULL, "-*", "a/b", "");
        CHECK("duration", "10", "1.5s", "2min", NULL, "", "-1", "s", "1;2");
        CHECK("time", "1 hour ago", "2024-01-31 12:00:00", "@17", "-1h", NULL, "", "$(x)", "\"a\"", "a\nb");
        CHECK("user", "root", "a.b@c", "0", NULL, "", "-u", "+1", "a,b", "a b", "a/b");
        CHECK("users", "root", "root,daemon", NULL, "", "root,", ",root", "a,-b");
        CHECK("pid", "1", "4194304", NULL, "", "-1", "1,2", "1234567890");
        CHECK("pids", "1", "1,2", NULL, "", "1,", "1,x", "1 2");
        CHECK("path read", "/", "/a b", NULL, "", "a", "./a", "-a");
}
END_TEST

START_TEST(integers)
{
        CHECK("integer 0..10", "0", "10", "007", NULL, "11", "-1", "", "1x", "0x1", " 1", "+1", "99999999999999999999");
        CHECK("integer -5..5", "-5", "5", NULL, "-6", "6", "-", "--1");
}
END_TEST

START_TEST(matches_are_anchored)
{
        CHECK("match a|bc", "a", "bc", NULL, "ab", "xa", "abc", "bcx", "a\nx", "");
        CHECK("match [A-Z_]+=.*", "PID=1", "A=", NULL, "pid=1", "=1", "xA=1");
}
END_TEST

START_TEST(columns)
{
        CHECK("columns pid comm %cpu", "pid", "pid,comm", "-%cpu,+pid", "pid:10", "comm=", "pid=X,comm", "comm:20=NAME",
              NULL, "", "pid,", "env", "pid,env", "pid:x", "pid:", "pid:9999", "pi", "pidd", "--pid", "comm=X,env");
        CHECK("list a b", "a", "a,b", NULL, "", "a,c", "-a", "a=x", "a:1");
}
END_TEST

START_TEST(shape_comes_before_range)
{
        cleanup_type struct type *type = parse("integer 0..10 | one-of all");

        ck_assert(type_has_shape(type, "5"));
        ck_assert(type_has_shape(type, "20000"));
        ck_assert(type_has_shape(type, "-1"));
        ck_assert(type_has_shape(type, "all"));
        ck_assert(!type_has_shape(type, "alle"));
        ck_assert(!type_has_shape(type, "-u"));
        ck_assert(!type_has_shape(type, ""));
        ck_assert_ptr_nonnull(type->next);
        ck_assert_ptr_null(type->next->next);
}
END_TEST

START_TEST(messages)
{
        cleanup_type struct type *type = parse("integer 5..10");
        cleanup_buf struct buf wrong = BUF_INIT(100);

        ck_assert_int_eq(type_check_one(type, "11", &wrong), -EINVAL);
        ck_assert_str_eq(wrong.data, "is over 10");
        buf_clear(&wrong);
        ck_assert_int_eq(type_check_one(type, "1", &wrong), -EINVAL);
        ck_assert_str_eq(wrong.data, "is under 5");
}
END_TEST

START_TEST(bad_types)
{
        parse_fails("", "unknown type: (none)");
        parse_fails("string", "unknown type: string");
        parse_fails("path", "unknown type: path");
        parse_fails("path write", "unknown type: path write");
        parse_fails("textual", "unknown type");
        parse_fails("text x", "nothing may follow");
        parse_fails("integer", "its range");
        parse_fails("integer 5", "its range");
        parse_fails("integer 5..1", "its range");
        parse_fails("one-of", "its words");
        parse_fails("match", "regular expression is wrong");
        parse_fails("match (", "regular expression is wrong");
        parse_fails("text | nonsense", "unknown type: nonsense");
        parse_fails("text | ", "unknown type");
}
END_TEST

FIXTURE_MAIN("types", simple_kinds, integers, matches_are_anchored, columns, shape_comes_before_range, messages,
             bad_types)
