#include "pam_diag/policy/paths.h"

#include "pam_diag/policy/resolve.h"

#include "tests/unit/t_policy_fixture.h"

/* A policy for the fixture with these trees, each below it. */
static struct policy *trees(const char *allow, const char *deny)
{
        char text[1000];

        ck_assert_int_lt(snprintf(text, sizeof(text), "[paths]\nallow = %s%s\ndeny = %s%s\n", fixture_dir, allow,
                                  fixture_dir, deny),
                         (int)sizeof(text));
        return fixture_policy(text);
}

static int judge_with(const struct policy *policy, const struct path_resolver *resolver, const char *path,
                      struct buf *wrong)
{
        cleanup_buf struct buf hint = BUF_INIT(8192);
        const struct path_question question = { policy, resolver, path, PATH_READ, NULL };
        bool listed = false;
        int r = path_judge(&question, wrong, &hint, &listed);

        ck_assert_int_eq(wrong->length > 0, r != 0);
        return r == -EPERM ? -EACCES : r;
}

static int judge(const struct policy *policy, const char *name)
{
        cleanup_buf struct buf wrong = BUF_INIT(8192);

        return judge_with(policy, &path_resolver_live, fixture_path(name), &wrong);
}

static void link_to(const char *target, const char *name)
{
        ck_assert_int_eq(symlink(target, fixture_path(name)), 0);
}

START_TEST(deny_wins_over_allow_by_every_spelling)
{
        struct policy *policy;

        fixture_mkdir("t");
        fixture_mkdir("secret");
        fixture_write("secret/token", "x");
        link_to("../secret", "t/d");
        link_to("..", "t/up");
        link_to("/proc/self/root", "t/r");
        link_to("../secret/later", "t/dangling");
        policy = trees("", "/secret");
        ck_assert_int_eq(judge(policy, "t/ok"), 0);
        ck_assert_int_eq(judge(policy, "secretive"), 0);
        ck_assert_int_eq(judge(policy, "secret"), -EACCES);
        ck_assert_int_eq(judge(policy, "secret/token"), -EACCES);
        ck_assert_int_eq(judge(policy, "secret//./token"), -EACCES);
        ck_assert_int_eq(judge(policy, "t/../secret/token"), -EACCES);
        ck_assert_int_eq(judge(policy, "t/d/token"), -EACCES);
        ck_assert_int_eq(judge(policy, "t/d/../secret/token"), -EACCES);
        ck_assert_int_eq(judge(policy, "t/up/secret/token"), -EACCES);
        ck_assert_int_eq(judge(policy, "t/up/t/d/token"), -EACCES);
        ck_assert_int_eq(judge(policy, "t/dangling"), -EACCES);
        ck_assert_int_eq(judge(policy, "t/r/etc/passwd"), -EACCES);
        policy_free(policy);
}
END_TEST

START_TEST(both_ends_must_be_allowed)
{
        struct policy *policy;

        fixture_mkdir("in");
        fixture_mkdir("out");
        fixture_write("in/f", "x");
        fixture_write("out/f", "x");
        link_to("../out/f", "in/leaves");
        link_to("../in/f", "out/enters");
        policy = trees("/in", "/none");
        ck_assert_int_eq(judge(policy, "in/f"), 0);
        ck_assert_int_eq(judge(policy, "in/not-there"), 0);
        ck_assert_int_eq(judge(policy, "in"), 0);
        ck_assert_int_eq(judge(policy, "in/leaves"), -EACCES);
        ck_assert_int_eq(judge(policy, "out/enters"), -EACCES);
        ck_assert_int_eq(judge(policy, "in/../out/f"), -EACCES);
        ck_assert_int_eq(judge(policy, "in/none/../../out/f"), -EACCES);
        ck_assert_int_eq(judge(policy, ""), -EACCES);
        policy_free(policy);
}
END_TEST

START_TEST(a_deny_follows_the_links_on_its_own_way)
{
        struct policy *policy;

        fixture_mkdir("real");
        fixture_mkdir("real/keys");
        fixture_mkdir("etc");
        fixture_write("real/id_key", "x");
        link_to("real", "alias");
        link_to("../real/id_key", "etc/host_a_key");
        policy = trees("", "/alias/keys");
        ck_assert_int_eq(judge(policy, "real/keys/a"), -EACCES);
        ck_assert_int_eq(judge(policy, "alias/keys/a"), -EACCES);
        ck_assert_int_eq(judge(policy, "real/id_key"), 0);
        policy_free(policy);
        policy = trees("", "/alias/*eys");
        ck_assert_int_eq(judge(policy, "real/keys/a"), -EACCES);
        policy_free(policy);
        policy = trees("", "/etc/host_*_key");
        ck_assert_int_eq(judge(policy, "etc/host_a_key"), -EACCES);
        ck_assert_int_eq(judge(policy, "real/id_key"), -EACCES);
        policy_free(policy);
}
END_TEST

START_TEST(says_why)
{
        struct policy *policy = trees("/in", "/in/secret");
        cleanup_buf struct buf wrong = BUF_INIT(8192);
        cleanup_buf struct buf hint = BUF_INIT(8192);
        struct path_question question = { policy, &fixture_resolver, "x/y", PATH_READ, NULL };
        bool listed = false;

        ck_assert_int_eq(path_judge(&question, &wrong, &hint, &listed), -EACCES);
        ck_assert_str_eq(wrong.data, "x/y is not an absolute path");
        ck_assert_ptr_nonnull(strstr(hint.data, fixture_path("in")));
        buf_clear(&wrong);
        question.path = "/etc/passwd";
        ck_assert_int_eq(path_judge(&question, &wrong, &hint, &listed), -EACCES);
        ck_assert_str_eq(wrong.data, "/etc/passwd lies outside of the readable trees");
        buf_clear(&wrong);
        question.path = "/root/x/";
        ck_assert_int_eq(path_judge(&question, &wrong, &hint, &listed), -EPERM);
        ck_assert_str_eq(wrong.data, "/root/x is denied");
        policy_free(policy);
}
END_TEST

START_TEST(what_may_be_listed_is_not_read)
{
        struct policy *policy;
        cleanup_buf struct buf wrong = BUF_INIT(8192);
        cleanup_buf struct buf hint = BUF_INIT(8192);
        struct path_question question = { .resolver = &fixture_resolver, .path = "/srv/x", .wish = PATH_LIST };
        bool listed = false;

        policy = fixture_policy("[paths]\nallow = /var/log\nlist = /\ndeny = /srv/secret\n");
        question.policy = policy;
        ck_assert_int_eq(path_judge(&question, &wrong, &hint, &listed), 0);
        ck_assert(listed);
        question.path = "/";
        ck_assert_int_eq(path_judge(&question, &wrong, &hint, &listed), 0);
        ck_assert(listed);
        question.path = "/var/log/x";
        ck_assert_int_eq(path_judge(&question, &wrong, &hint, &listed), 0);
        ck_assert(!listed);
        question.path = "/srv/secret/x";
        ck_assert_int_eq(path_judge(&question, &wrong, &hint, &listed), -EPERM);
        buf_clear(&wrong);
        question = (struct path_question){ policy, &fixture_resolver, "/srv/x", PATH_READ, NULL };
        ck_assert_int_eq(path_judge(&question, &wrong, &hint, &listed), -EACCES);
        ck_assert_str_eq(wrong.data, "/srv/x lies outside of the readable trees: it may be listed, not read");
        policy_free(policy);
}
END_TEST

/* Names of files that do not exist are left to the tool, but not what other languages read as `..` or `/`. */
START_TEST(encoded_names)
{
        static const char *const bad[] = {
                "..%2fsecret", "%2e%2e",     "..\\..\\secret", "....",       "..x",          "a/..b", "0x2E0x2e/x",
                "%u002e/x",    "a/\xc0\xae", "\xef\xbc\x8e",   "&#46;&#46;", "x\\u002e/etc", "a\tb",  NULL
        };
        static const char *const good[] = { "a.b..c", "x-1.log", "there%", "there\\x2d", "a b", "~x", NULL };
        struct policy *policy;

        fixture_mkdir("t");
        fixture_mkdir("t/a");
        fixture_write("t/there%", "x");
        fixture_write("t/there\\x2d", "x");
        policy = trees("/t", "/none");
        for (size_t i = 0; bad[i] != NULL; i++) {
                char name[64];

                ck_assert_int_lt(snprintf(name, sizeof(name), "t/%s", bad[i]), (int)sizeof(name));
                ck_assert_msg(judge(policy, name) == -EACCES, "%s", bad[i]);
        }
        for (size_t i = 0; good[i] != NULL; i++) {
                char name[64];

                ck_assert_int_lt(snprintf(name, sizeof(name), "t/%s", good[i]), (int)sizeof(name));
                ck_assert_msg(judge(policy, name) == 0, "%s", good[i]);
        }
        policy_free(policy);
}
END_TEST

/* A file under a name that no deny knows, in an allowed tree. */
static int judge_link(const struct policy *policy, const struct path_resolver *resolver, const char *name,
                      struct links *links, struct buf *wrong)
{
        cleanup_buf struct buf hint = BUF_INIT(8192);
        const struct path_question question = { policy, resolver, fixture_path(name), PATH_LIST, links };
        bool listed = false;

        buf_clear(wrong);
        return path_judge(&question, wrong, &hint, &listed);
}

static void hard_link(const char *old, const char *new)
{
        char from[512];

        strcpy(from, fixture_path(old));
        ck_assert_int_eq(link(from, fixture_path(new)), 0);
}

START_TEST(hard_links_to_denied_files)
{
        cleanup_buf struct buf wrong = BUF_INIT(8192);
        struct links links = { 0 };
        struct policy *policy;

        fixture_mkdir("t");
        fixture_mkdir("secret");
        fixture_mkdir("secret/deep");
        fixture_write("secret/token", "x");
        fixture_write("secret/deep/token", "x");
        fixture_write("t/plain", "x");
        hard_link("secret/token", "t/link");
        hard_link("secret/deep/token", "t/deep");
        hard_link("t/plain", "t/other");
        link_to("link", "t/way");
        policy = trees("", "/secret");
        ck_assert_int_eq(judge_link(policy, &path_resolver_live, "t/plain", &links, &wrong), 0);
        ck_assert_int_eq(judge_link(policy, &path_resolver_live, "t/link", &links, &wrong), -EPERM);
        ck_assert_ptr_nonnull(strstr(wrong.data, "t/link is denied: it is a hard link to a denied file"));
        ck_assert_ptr_null(strstr(wrong.data, "token"));
        ck_assert_int_eq(judge_link(policy, &path_resolver_live, "t/way", &links, &wrong), -EPERM);
        ck_assert_int_eq(judge_link(policy, &path_resolver_live, "t/way", NULL, &wrong), 0);
        /* Deeper than the denied directory itself nobody looks. */
        ck_assert_int_eq(judge_link(policy, &path_resolver_live, "t/deep", &links, &wrong), 0);
        links_clear(&links);
        policy_free(policy);
        policy = trees("", "/secret/t*n");
        ck_assert_int_eq(judge_link(policy, &path_resolver_live, "t/link", &links, &wrong), -EPERM);
        links_clear(&links);
        policy_free(policy);
}
END_TEST

static unsigned collected;

static int identify_all(void *context, const char *path, struct file_identity *ret_identity)
{
        (void)context;
        *ret_identity = (struct file_identity){ 7, strlen(path) };
        return 0;
}

/* Denied is what has this number; one look for all paths of a command. */
static int collect_one(void *context, char *const *patterns, size_t most, struct file_identity **ret_files,
                       size_t *ret_count)
{
        ck_assert(strv_has(patterns, "/root", 5));
        ck_assert_uint_eq(most, 10000);
        *ret_files = malloc(sizeof(**ret_files));
        **ret_files = (struct file_identity){ 7, *(const uint64_t *)context };
        *ret_count = 1;
        collected++;
        return 0;
}

START_TEST(hard_links_are_asked_of_the_resolver)
{
        uint64_t number = strlen(fixture_path("abc"));
        const struct path_resolver resolver = {
                .resolve = fixture_resolve, .identify = identify_all, .collect = collect_one, .context = &number
        };
        struct policy *policy = trees("", "/none");
        cleanup_buf struct buf wrong = BUF_INIT(8192);
        struct links links = { 0 };

        ck_assert_int_eq(judge_link(policy, &resolver, "abcd", &links, &wrong), 0);
        ck_assert_int_eq(judge_link(policy, &resolver, "abc", &links, &wrong), -EPERM);
        ck_assert_int_eq(judge_link(policy, &resolver, "xyz", &links, &wrong), -EPERM);
        ck_assert_uint_eq(collected, 1);
        links_clear(&links);
        policy_free(policy);
}
END_TEST

START_TEST(looks_for_hard_links_are_bounded)
{
        struct file_identity *files = NULL;
        char *patterns[] = { NULL, NULL };
        size_t count = 0;

        fixture_mkdir("many");
        for (unsigned i = 0; i < 20; i++) {
                char name[32];
                char other[32];

                ck_assert_int_lt(snprintf(name, sizeof(name), "many/%u", i), (int)sizeof(name));
                ck_assert_int_lt(snprintf(other, sizeof(other), "l%u", i), (int)sizeof(other));
                fixture_write(name, "x");
                hard_link(name, other);
        }
        patterns[0] = strdup(fixture_path("many"));
        ck_assert_int_eq(links_collect(NULL, patterns, 11, &files, &count), 0);
        ck_assert_uint_eq(count, 10); /* the directory itself is one of the looks */
        free(files);
        ck_assert_int_eq(links_collect(NULL, patterns, 10000, &files, &count), 0);
        ck_assert_uint_eq(count, 20);
        free(files);
        free(patterns[0]);
}
END_TEST

START_TEST(too_long)
{
        struct policy *policy = fixture_policy("[paths]\nallow = /\n");
        char path[5000];
        cleanup_buf struct buf wrong = BUF_INIT(8192);

        memset(path, 'a', sizeof(path) - 1);
        path[0] = '/';
        path[sizeof(path) - 1] = '\0';
        ck_assert_int_eq(judge_with(policy, &fixture_resolver, path, &wrong), -EACCES);
        policy_free(policy);
}
END_TEST

FIXTURE_MAIN_DIR("paths", deny_wins_over_allow_by_every_spelling, both_ends_must_be_allowed,
                 a_deny_follows_the_links_on_its_own_way, what_may_be_listed_is_not_read, encoded_names, says_why,
                 hard_links_to_denied_files, hard_links_are_asked_of_the_resolver, looks_for_hard_links_are_bounded,
                 too_long)
