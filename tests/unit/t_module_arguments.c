/* module/arguments.c */
#include "tests/unit/t_help.h"

#include "config.h"
#include "pam_diag/module/arguments.h"

static struct arguments parse(const char *first, const char *second, const char *third)
{
        const char *argv[] = { first, second, third };
        struct arguments arguments;
        int argc = first == NULL ? 0 : second == NULL ? 1 : third == NULL ? 2 : 3;

        arguments_parse(argc, argv, &arguments);
        return arguments;
}

START_TEST(without_arguments_the_installed_paths_hold)
{
        struct arguments arguments = parse(NULL, NULL, NULL);

        ck_assert_uint_eq(arguments.user_count, 1);
        ck_assert_str_eq(arguments.users[0], "diag");
        ck_assert_uint_eq(arguments.group_count, 0);
        ck_assert_str_eq(arguments.policy, PATH_POLICY);
        ck_assert_str_eq(arguments.db, PATH_DB);
        ck_assert_str_eq(arguments.supervisor, PATH_SUPERVISOR);
        ck_assert_str_eq(arguments.shell, PATH_SHELL);
        ck_assert(!arguments.debug);
        ck_assert_ptr_null(arguments.wrong);
}
END_TEST

START_TEST(paths_and_flags_are_taken)
{
        struct arguments arguments = parse("policy=/p", "db=/d=e", "debug");

        ck_assert_str_eq(arguments.policy, "/p");
        ck_assert_str_eq(arguments.db, "/d=e");
        ck_assert(arguments.debug);
        ck_assert_ptr_null(arguments.wrong);
        arguments = parse("supervisor=/s", "shell=/sh", "shell=/last");
        ck_assert_str_eq(arguments.supervisor, "/s");
        ck_assert_str_eq(arguments.shell, "/last");
        ck_assert_str_eq(arguments.policy, PATH_POLICY);
}
END_TEST

START_TEST(users_are_named)
{
        struct arguments arguments = parse("user=agent", "user=vendor", NULL);

        ck_assert_uint_eq(arguments.user_count, 2);
        ck_assert(arguments_name_user(&arguments, "agent"));
        ck_assert(arguments_name_user(&arguments, "vendor"));
        ck_assert(!arguments_name_user(&arguments, "diag"));
        ck_assert(!arguments_name_user(&arguments, "agen"));
        ck_assert(!arguments_name_user(&arguments, "agent2"));
        ck_assert(!arguments_name_user(&arguments, ""));
}
END_TEST

/* With group= alone the usual name is not a diag user: who is, is what stands there. */
START_TEST(a_group_takes_the_place_of_the_usual_user)
{
        struct arguments arguments = parse("group=oncall", NULL, NULL);

        ck_assert_uint_eq(arguments.user_count, 0);
        ck_assert_uint_eq(arguments.group_count, 1);
        ck_assert_str_eq(arguments.groups[0], "oncall");
        ck_assert(!arguments_name_user(&arguments, "diag"));
}
END_TEST

START_TEST(wrong_arguments_are_named)
{
        static const char *const wrong[] = { "users=x",    "user",   "user=",   "group=",  "policy=", "policy=relative",
                                             "db=x",       "=",      "",        "debug=1", "Debug",   "shell=./sh",
                                             "supervisor", "policy", "-user=x", "user =x" };

        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
                struct arguments arguments = parse("user=agent", wrong[i], "debug");

                ck_assert_msg(arguments.wrong == wrong[i], "\"%s\"", wrong[i]);
                /* Who is to be refused is still known, and so is the rest. */
                ck_assert(arguments_name_user(&arguments, "agent"));
                ck_assert(arguments.debug);
                ck_assert_str_eq(arguments.policy, PATH_POLICY);
        }
}
END_TEST

START_TEST(the_first_wrong_one_counts)
{
        struct arguments arguments = parse("one", "two", "user=x");

        ck_assert_str_eq(arguments.wrong, "one");
        /* Without a good name the usual user is the one that is refused. */
        arguments = parse("user=", NULL, NULL);
        ck_assert_str_eq(arguments.wrong, "user=");
        ck_assert(arguments_name_user(&arguments, "diag"));
}
END_TEST

START_TEST(names_have_a_bound)
{
        const char *argv[ARGUMENTS_NAMES_MOST + 1];
        struct arguments arguments;

        for (size_t i = 0; i < ARGUMENTS_NAMES_MOST; i++)
                argv[i] = "user=x";
        argv[ARGUMENTS_NAMES_MOST] = "user=last";
        arguments_parse(ARGUMENTS_NAMES_MOST, argv, &arguments);
        ck_assert_ptr_null(arguments.wrong);
        arguments_parse(ARGUMENTS_NAMES_MOST + 1, argv, &arguments);
        ck_assert_str_eq(arguments.wrong, "user=last");
        ck_assert_uint_eq(arguments.user_count, ARGUMENTS_NAMES_MOST);
}
END_TEST

TEST_MAIN("module/arguments", NULL, NULL, without_arguments_the_installed_paths_hold, paths_and_flags_are_taken,
          users_are_named, a_group_takes_the_place_of_the_usual_user, wrong_arguments_are_named,
          the_first_wrong_one_counts, names_have_a_bound)
