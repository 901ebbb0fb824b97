#include "pam_diag/policy/types.h"

#include "tests/unit/t_policy_fixture.h"

static struct type *parse(const char *text)
{
        cleanup_buf struct buf wrong = BUF_INIT(4096);
        struct type *type = NULL;

        ck_assert_msg(type_parse(text, NULL, &type, &wrong) == 0, "%s: %s", text, wrong.data);
        ck_assert_str_eq(type->text, text);
        return type;
}

static void parse_fails(const char *text, const char *expected)
{
        cleanup_buf struct buf wrong = BUF_INIT(4096);
        struct type *type = NULL;

        ck_assert_int_eq(type_parse(text, NULL, &type, &wrong), -EINVAL);
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
        CHECK("group", "adm", "4", NULL, "", "-g", "a,b", "a b");
        CHECK("size", "0", "4096", "10k", "5M", "1GiB", "2KB", NULL, "", "k", "-1", "1kb", "1 k", "1kk", "1i", "1iB",
              "1.5M", "9999999999999999999999");
        CHECK("container", "web-1", "0a1b2c", "a.b_c", NULL, "", "-a", ".a", "a/b", "a:b", "a b");
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
        CHECK("list a b", "a", "a,b", "a,b,", NULL, "", ",", "a,,b", ",a", "a,c", "-a", "a=x", "a:1");
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

static struct type *parse_with(const char *text, const struct type_names *names)
{
        cleanup_buf struct buf wrong = BUF_INIT(4096);
        struct type *type = NULL;
        int r = type_parse(text, names, &type, &wrong);

        ck_assert_int_eq(r, type == NULL ? -EINVAL : 0);
        return type;
}

START_TEST(names_stand_for_what_was_before)
{
        char a[] = "a", b[] = "b", c[] = "c", many[] = "many";
        char one[] = "one-of x", two[] = "a | one-of y", three[] = "c", sixteen[300] = "one-of z";
        struct type_name list[] = { { a, one }, { b, two }, { c, three }, { many, sixteen } };
        const struct type_names names = { .list = list, .count = 4 };
        cleanup_type struct type *type = parse_with("integer 0..1 | b", &names);
        cleanup_type struct type *big = NULL;
        char text[80] = "many";

        ck_assert_str_eq(type->text, "integer 0..1 | one-of x | one-of y");
        ck_assert(type_has_shape(type, "x") && type_has_shape(type, "y") && type_has_shape(type, "1"));
        ck_assert(!type_has_shape(type, "z"));
        ck_assert_ptr_null(parse_with("c", &names)); /* itself is not there yet */
        ck_assert_ptr_null(parse_with("bb", &names));
        for (int i = 0; i < 15; i++)
                strcat(sixteen, " | one-of z");
        for (int i = 0; i < 3; i++)
                strcat(text, " | many");
        big = parse_with(text, &names);
        ck_assert_ptr_nonnull(big);
        strcat(text, " | a");
        ck_assert_ptr_null(parse_with(text, &names)); /* 65 alternatives */
        ck_assert(type_is_kind("path") && type_is_kind("host") && !type_is_kind("pat") && !type_is_kind("hosts"));
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
        parse_fails("template", "its words");
        parse_fails("host x", "nothing may follow");
        parse_fails("match a++", "character 3: a repetition of nothing, or of a repetition");
        parse_fails("match [a+*]*+", "character 7: a repetition");
        type_free(parse("match \\+\\*+[+*+]a*"));
        type_free(parse("match []+*+]+"));
        parse_fails("match (", "regular expression is wrong");
        parse_fails("text | nonsense", "unknown type: nonsense");
        parse_fails("text | ", "unknown type");
}
END_TEST

FIXTURE_MAIN("types", simple_kinds, integers, matches_are_anchored, columns, shape_comes_before_range,
             names_stand_for_what_was_before, messages, bad_types)
