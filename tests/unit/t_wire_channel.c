/* wire/channel.c */
#include "tests/unit/t_help.h"

#include "pam_diag/base/mem.h"
#include "pam_diag/wire/channel.h"
#include "pam_diag/wire/pack.h"

typedef int unpack_kind(const char *data, size_t length);

static int run_unpack(const char *data, size_t length)
{
        cleanup_channel_run struct channel_run run = { 0 };

        return channel_run_unpack(data, length, &run);
}

static int plan_unpack_once(const char *data, size_t length)
{
        cleanup_plan struct plan plan = { 0 };

        return plan_unpack(data, length, &plan);
}

static int end_unpack(const char *data, size_t length)
{
        struct channel_end end;

        return channel_end_unpack(data, length, &end);
}

static int refusal_unpack(const char *data, size_t length)
{
        cleanup_free char *text = NULL;
        uint32_t status;

        return channel_refusal_unpack(data, length, &status, &text);
}

/* Good as a whole; bad, and without a leak, when cut anywhere or with a byte too many. */
static void must_be_whole(struct buf *buf, unpack_kind *unpack)
{
        ck_assert_int_eq(buf->error, 0);
        ck_assert_int_eq(unpack(buf->data, buf->length), 0);
        for (size_t n = 0; n < buf->length; n++) {
                char *cut = malloc(n + (n == 0));

                memcpy(cut, buf->data, n);
                ck_assert_msg(unpack(cut, n) == -EBADMSG, "cut after %zu", n);
                free(cut);
        }
        buf_put_char(buf, '\0');
        ck_assert_int_eq(unpack(buf->data, buf->length), -EBADMSG);
}

START_TEST(a_run_comes_back)
{
        char line[] = "cat 'a\\\xff\n' | b";
        struct channel_run sent = {
                .line = line, .line_length = sizeof(line) - 1, .tty = true, .columns = 211, .client_port = 65535
        };
        cleanup_channel_run struct channel_run got = { 0 };
        cleanup_buf struct buf buf = BUF_INIT(4096);

        channel_run_pack(&sent, &buf);
        ck_assert_int_eq(channel_run_unpack(buf.data, buf.length, &got), 0);
        ck_assert_str_eq(got.line, line);
        ck_assert_uint_eq(got.line_length, sent.line_length);
        ck_assert(got.tty);
        ck_assert_uint_eq(got.columns, 211);
        ck_assert_uint_eq(got.client_port, 65535);
        must_be_whole(&buf, run_unpack);
}
END_TEST

START_TEST(an_empty_line_comes_back)
{
        char line[] = "";
        struct channel_run sent = { .line = line };
        cleanup_channel_run struct channel_run got = { .line_length = 9 };
        cleanup_buf struct buf buf = BUF_INIT(4096);

        channel_run_pack(&sent, &buf);
        ck_assert_int_eq(channel_run_unpack(buf.data, buf.length, &got), 0);
        ck_assert_str_eq(got.line, "");
        ck_assert_uint_eq(got.line_length, 0);
        ck_assert(!got.tty);
}
END_TEST

/* A NUL cannot come out of an exec's argument; one that is sent all the same keeps its place, so that the decision
 * can name it and be on record. */
START_TEST(a_nul_keeps_its_place)
{
        char line[] = "cat\0/etc/shadow";
        struct channel_run sent = { .line = line, .line_length = sizeof(line) - 1 };
        cleanup_channel_run struct channel_run got = { 0 };
        cleanup_buf struct buf buf = BUF_INIT(4096);

        channel_run_pack(&sent, &buf);
        ck_assert_int_eq(channel_run_unpack(buf.data, buf.length, &got), 0);
        ck_assert_uint_eq(got.line_length, sizeof(line) - 1);
        ck_assert_mem_eq(got.line, line, sizeof(line));
}
END_TEST

static char *words[][4] = {
        { (char[]){ "cat" }, (char[]){ "" }, (char[]){ "/etc/hosts" }, NULL },
        { (char[]){ "/usr" }, NULL },
        { NULL },
};

static char filter[] = { 0, 1, 0, 'x', '\xff', 0, 0, 7 };

static struct plan some_plan(struct plan_stage stages[2])
{
        stages[0] = (struct plan_stage){
                .program = words[0][2], .argv = words[0], .reads = words[1], .lists = words[0], .executes = words[2]
        };
        stages[1] = (struct plan_stage){
                .link = PLAN_PIPE,
                .redirect = PLAN_OUT_NULL | PLAN_ERR_OUT,
                .memory_most = 1ULL << 33,
                .cpu_s = 60,
                .processes_most = 7,
                .connects = 1,
                .program = words[0][0],
                .argv = words[1],
                .reads = words[2],
                .lists = words[1],
                .executes = words[0],
        };
        return (struct plan){ .timeout_ms = UINT64_MAX,
                              .output_most = 1ULL << 40,
                              .environment = words[1],
                              .denied = words[0],
                              .mask_device = UINT64_MAX - 1,
                              .filter = filter,
                              .filter_size = sizeof(filter),
                              .stages = stages,
                              .stage_count = 2 };
}

static void must_be_strv(char *const *got, char *const *sent)
{
        ck_assert_ptr_nonnull(got);
        ck_assert_uint_eq(strv_length(got), strv_length(sent));
        for (size_t i = 0; sent[i] != NULL; i++)
                ck_assert_str_eq(got[i], sent[i]);
}

START_TEST(a_plan_comes_back)
{
        struct plan_stage stages[2];
        struct plan sent = some_plan(stages);
        struct plan got = { 0 };
        cleanup_buf struct buf buf = BUF_INIT(4096);

        plan_pack(&sent, &buf);
        ck_assert_int_eq(plan_unpack(buf.data, buf.length, &got), 0);
        ck_assert_uint_eq(got.timeout_ms, UINT64_MAX);
        ck_assert_uint_eq(got.output_most, 1ULL << 40);
        must_be_strv(got.environment, sent.environment);
        must_be_strv(got.denied, sent.denied);
        ck_assert_uint_eq(got.mask_device, UINT64_MAX - 1);
        ck_assert_uint_eq(got.filter_size, sizeof(filter));
        ck_assert_mem_eq(got.filter, filter, sizeof(filter));
        ck_assert_uint_eq(got.stage_count, 2);
        for (size_t i = 0; i < 2; i++) {
                ck_assert_uint_eq(got.stages[i].link, stages[i].link);
                ck_assert_uint_eq(got.stages[i].redirect, stages[i].redirect);
                ck_assert_str_eq(got.stages[i].program, stages[i].program);
                must_be_strv(got.stages[i].argv, stages[i].argv);
                ck_assert_uint_eq(got.stages[i].memory_most, stages[i].memory_most);
                ck_assert_uint_eq(got.stages[i].cpu_s, stages[i].cpu_s);
                ck_assert_uint_eq(got.stages[i].processes_most, stages[i].processes_most);
                ck_assert_uint_eq(got.stages[i].connects, stages[i].connects);
                must_be_strv(got.stages[i].reads, stages[i].reads);
                must_be_strv(got.stages[i].lists, stages[i].lists);
                must_be_strv(got.stages[i].executes, stages[i].executes);
        }
        plan_free(&got);
        ck_assert_ptr_null(got.stages);
        must_be_whole(&buf, plan_unpack_once);
}
END_TEST

static void plan_must_be_bad(const struct plan *plan)
{
        cleanup_buf struct buf buf = BUF_INIT(64 * 1024);

        plan_pack(plan, &buf);
        ck_assert_int_eq(plan_unpack_once(buf.data, buf.length), -EBADMSG);
}

/* A plan without a program or without argv[0] cannot be run, and nobody shall try. */
START_TEST(plans_must_make_sense)
{
        struct plan_stage stages[PLAN_STAGES_MOST + 1];
        struct plan plan = some_plan(stages);

        plan.stage_count = 0;
        plan_must_be_bad(&plan);
        plan = some_plan(stages);
        stages[1].argv = words[2];
        plan_must_be_bad(&plan);
        plan = some_plan(stages);
        stages[0].program = NULL;
        plan_must_be_bad(&plan);
        plan = some_plan(stages);
        stages[0].link = PLAN_AND;
        plan_must_be_bad(&plan);
        plan = some_plan(stages);
        stages[1].link = PLAN_LINK_COUNT;
        plan_must_be_bad(&plan);
        plan = some_plan(stages);
        stages[1].redirect = PLAN_REDIRECT_ALL + 1;
        plan_must_be_bad(&plan);
        for (size_t i = 0; i <= PLAN_STAGES_MOST; i++)
                stages[i] = (struct plan_stage){
                        .program = words[0][0], .argv = words[0], .reads = words[1], .executes = words[1]
                };
        plan = (struct plan){ .environment = words[2], .stages = stages, .stage_count = PLAN_STAGES_MOST + 1 };
        plan_must_be_bad(&plan);
}
END_TEST

START_TEST(counts_of_a_plan_must_be_true)
{
        const uint32_t counts[] = { 3, 16, 17, 0x10000000, UINT32_MAX };
        struct plan_stage stages[2];
        struct plan plan = some_plan(stages);

        for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
                cleanup_buf struct buf buf = BUF_INIT(4096);
                cleanup_buf struct buf before = BUF_INIT(4096);

                plan_pack(&plan, &buf);
                pack_strv(&before, plan.environment);
                pack_strv(&before, plan.denied);
                /* The number of stages follows three numbers and two lists. */
                memcpy(buf.data + 24 + before.length, &counts[i], sizeof(counts[i]));
                ck_assert_int_eq(plan_unpack_once(buf.data, buf.length), -EBADMSG);
        }
}
END_TEST

static const struct channel_end some_end = {
        .how = END_FAILED,
        .status = 255,
        .signal = 64,
        .duration_us = 1ULL << 50,
        .user_us = 2,
        .system_us = 3,
        .max_rss_kb = 4,
        .stdout_bytes = UINT64_MAX,
        .stderr_bytes = 6,
        .statuses = { 0, END_NOT_RUN, 139 },
        .status_count = 3,
};

START_TEST(an_end_comes_back)
{
        cleanup_buf struct buf buf = BUF_INIT(4096);
        struct channel_end got = { 0 };

        channel_end_pack(&some_end, &buf);
        ck_assert_int_eq(channel_end_unpack(buf.data, buf.length, &got), 0);
        ck_assert_uint_eq(got.how, some_end.how);
        ck_assert_uint_eq(got.status, some_end.status);
        ck_assert_uint_eq(got.signal, some_end.signal);
        ck_assert_uint_eq(got.duration_us, some_end.duration_us);
        ck_assert_uint_eq(got.user_us, some_end.user_us);
        ck_assert_uint_eq(got.system_us, some_end.system_us);
        ck_assert_uint_eq(got.max_rss_kb, some_end.max_rss_kb);
        ck_assert_uint_eq(got.stdout_bytes, some_end.stdout_bytes);
        ck_assert_uint_eq(got.stderr_bytes, some_end.stderr_bytes);
        ck_assert_uint_eq(got.status_count, 3);
        ck_assert_int_eq(got.statuses[1], END_NOT_RUN);
        ck_assert_int_eq(got.statuses[2], 139);
        must_be_whole(&buf, end_unpack);
}
END_TEST

START_TEST(ends_must_make_sense)
{
        struct channel_end bad[4] = { some_end, some_end, some_end, some_end };

        bad[0].how = END_HOW_COUNT;
        bad[1].status = 256;
        bad[2].signal = 65;
        bad[3].status_count = PLAN_STAGES_MOST + 1;
        for (size_t i = 0; i < 4; i++) {
                cleanup_buf struct buf buf = BUF_INIT(4096);
                struct channel_end got = { .user_us = 4711 };

                channel_end_pack(&bad[i], &buf);
                ck_assert_int_eq(channel_end_unpack(buf.data, buf.length, &got), -EBADMSG);
                ck_assert_uint_eq(got.user_us, 4711);
        }
}
END_TEST

START_TEST(a_refusal_comes_back)
{
        cleanup_buf struct buf buf = BUF_INIT(4096);
        cleanup_free char *text = NULL;
        uint32_t status = 0;

        channel_refusal_pack(STATUS_UNKNOWN, "cat: not \"allowed\"\n", &buf);
        ck_assert_int_eq(channel_refusal_unpack(buf.data, buf.length, &status, &text), 0);
        ck_assert_uint_eq(status, 127);
        ck_assert_str_eq(text, "cat: not \"allowed\"\n");
        must_be_whole(&buf, refusal_unpack);
}
END_TEST

static void refusal_must_be_bad(uint32_t status, const char *text, size_t length)
{
        cleanup_buf struct buf buf = BUF_INIT(4096);

        pack_u32(&buf, status);
        if (text == NULL)
                pack_text(&buf, NULL);
        else
                pack_bytes(&buf, text, length);
        ck_assert_int_eq(refusal_unpack(buf.data, buf.length), -EBADMSG);
}

START_TEST(refusals_must_make_sense)
{
        refusal_must_be_bad(126, NULL, 0);
        refusal_must_be_bad(256, "text", 4);
        refusal_must_be_bad(126, "te\0xt", 5);
}
END_TEST

TEST_MAIN("wire/channel", NULL, NULL, a_run_comes_back, an_empty_line_comes_back, a_nul_keeps_its_place,
          a_plan_comes_back, plans_must_make_sense, counts_of_a_plan_must_be_true, an_end_comes_back,
          ends_must_make_sense, a_refusal_comes_back, refusals_must_make_sense)
