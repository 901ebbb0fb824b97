/* wire/control.c */
#include "tests/unit/t_help.h"

#include "pam_diag/base/mem.h"
#include "pam_diag/wire/control.h"
#include "pam_diag/wire/message.h"

static char some_text[][16] = { "diag",        "sshd",    "192.0.2.7", "ssh", "publickey a b\n",
                                "/etc/policy", "/var/db", "/bin/sh" };

static const struct control_open full = {
        .user = some_text[0],
        .uid = 997,
        .gid = 0xfffffffe,
        .service = some_text[1],
        .client = some_text[2],
        .tty = some_text[3],
        .auth_info = some_text[4],
        .policy = some_text[5],
        .db = some_text[6],
        .shell = some_text[7],
};

static void must_be_equal(const struct control_open *a, const struct control_open *b)
{
        ck_assert_str_eq(a->user, b->user);
        ck_assert_uint_eq(a->uid, b->uid);
        ck_assert_uint_eq(a->gid, b->gid);
        ck_assert_str_eq(a->service, b->service);
        ck_assert_pstr_eq(a->client, b->client);
        ck_assert_pstr_eq(a->tty, b->tty);
        ck_assert_pstr_eq(a->auth_info, b->auth_info);
        ck_assert_str_eq(a->policy, b->policy);
        ck_assert_str_eq(a->db, b->db);
        ck_assert_str_eq(a->shell, b->shell);
}

static int there_and_back(const struct control_open *open, struct control_open *ret_open)
{
        cleanup_buf struct buf buf = BUF_INIT(4096);

        control_open_pack(open, &buf);
        ck_assert_int_eq(buf.error, 0);
        return control_open_unpack(buf.data, buf.length, ret_open);
}

START_TEST(every_field_comes_back)
{
        struct control_open open = { 0 };

        ck_assert_int_eq(there_and_back(&full, &open), 0);
        must_be_equal(&open, &full);
        control_open_free(&open);
        ck_assert_ptr_null(open.user);
}
END_TEST

START_TEST(some_texts_may_be_missing)
{
        struct control_open sparse = full;
        cleanup_control_open struct control_open open = { 0 };

        sparse.client = NULL;
        sparse.tty = NULL;
        sparse.auth_info = NULL;
        ck_assert_int_eq(there_and_back(&sparse, &open), 0);
        must_be_equal(&open, &sparse);
}
END_TEST

START_TEST(the_others_may_not)
{
        for (int i = 0; i < 5; i++) {
                struct control_open sparse = full;
                struct control_open open = { .uid = 4711 };
                char **needed[] = { &sparse.user, &sparse.service, &sparse.policy, &sparse.db, &sparse.shell };

                *needed[i] = NULL;
                ck_assert_msg(there_and_back(&sparse, &open) == -EBADMSG, "text %d", i);
                ck_assert_uint_eq(open.uid, 4711);
                ck_assert_ptr_null(open.user);
        }
}
END_TEST

/* Every copy has exactly the cut length, so that a sanitizer sees a look past it. */
START_TEST(every_cut_open_is_bad)
{
        cleanup_buf struct buf buf = BUF_INIT(4096);

        control_open_pack(&full, &buf);
        for (size_t n = 0; n < buf.length; n++) {
                char *cut = malloc(n + (n == 0));
                struct control_open open = { 0 };

                memcpy(cut, buf.data, n);
                ck_assert_msg(control_open_unpack(cut, n, &open) == -EBADMSG, "cut after %zu", n);
                free(cut);
        }
        buf_put_char(&buf, 'x');
        ck_assert_int_eq(control_open_unpack(buf.data, buf.length, &(struct control_open){ 0 }), -EBADMSG);
}
END_TEST

/* Any byte of a text made NUL: two readers of such a text would not see the same one. */
START_TEST(texts_hold_no_nul)
{
        cleanup_buf struct buf buf = BUF_INIT(4096);
        char *at;

        control_open_pack(&full, &buf);
        for (size_t i = 0; i < sizeof(some_text) / sizeof(some_text[0]); i++) {
                struct control_open open = { 0 };
                char kept;

                at = memmem(buf.data, buf.length, some_text[i], strlen(some_text[i]));
                ck_assert_ptr_nonnull(at);
                kept = at[1];
                at[1] = '\0';
                ck_assert_msg(control_open_unpack(buf.data, buf.length, &open) == -EBADMSG, "%s", some_text[i]);
                at[1] = kept;
        }
}
END_TEST

static size_t send_and_collect(char *const *strings, enum control_list which, struct control_lists *lists)
{
        cleanup_fd int from = -1;
        cleanup_fd int to = -1;
        size_t messages = 0;
        pid_t pid;

        ck_assert_int_eq(message_pair(&from, &to), 0);
        pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0)
                _exit(control_list_send(from, which, strings) == 0 ? 0 : 1);
        from = fd_close(from);
        for (;; messages++) {
                cleanup_message struct message message = MESSAGE_INIT;
                int r = message_receive(to, 10000, &message);

                if (r == -ECONNRESET)
                        break;
                ck_assert_int_eq(r, 0);
                ck_assert_uint_eq(message.type, CONTROL_ANSWER_LIST);
                ck_assert_int_eq(control_list_unpack(message.body, message.length, lists), 0);
        }
        ck_assert_int_eq(wait_for(pid), 0);
        return messages;
}

START_TEST(long_lists_come_in_parts)
{
        cleanup_control_lists struct control_lists lists = { 0 };
        cleanup_strv char **sent = NULL;
        char text[512];

        memset(text, 'x', sizeof(text));
        text[sizeof(text) - 1] = '\0';
        for (int i = 0; i < 1000; i++) {
                text[snprintf(text, sizeof(text), "/%d", i)] = '/';
                ck_assert_int_eq(strv_append(&sent, text), 0);
        }
        ck_assert_uint_ge(send_and_collect(sent, CONTROL_LIST_READ, &lists), 500 * 1000 / MESSAGE_BODY_MOST + 1);
        ck_assert_uint_eq(strv_length(lists.lists[CONTROL_LIST_READ]), 1000);
        for (int i = 0; i < 1000; i++)
                ck_assert_str_eq(lists.lists[CONTROL_LIST_READ][i], sent[i]);
        ck_assert_ptr_null(lists.lists[CONTROL_LIST_DENY]);
        ck_assert_uint_eq(send_and_collect(sent, CONTROL_LIST_DENY, &lists) > 1, 1);
        ck_assert_uint_eq(strv_length(lists.lists[CONTROL_LIST_DENY]), 1000);
}
END_TEST

START_TEST(parts_end_at_their_bound)
{
        cleanup_control_lists struct control_lists lists = { 0 };
        static char exact[CONTROL_LIST_PART - sizeof(uint32_t) + 1];
        char *strings[] = { exact, (char[]){ "after" }, (char[]){ "" }, NULL };

        memset(exact, 'y', sizeof(exact) - 1);
        ck_assert_uint_eq(send_and_collect(strings, CONTROL_LIST_ACCEPT, &lists), 2);
        ck_assert_uint_eq(strv_length(lists.lists[CONTROL_LIST_ACCEPT]), 3);
        ck_assert_str_eq(lists.lists[CONTROL_LIST_ACCEPT][0], exact);
        ck_assert_str_eq(lists.lists[CONTROL_LIST_ACCEPT][1], "after");
        ck_assert_str_eq(lists.lists[CONTROL_LIST_ACCEPT][2], "");
        /* The same without what comes after: no empty part follows. */
        strings[1] = NULL;
        ck_assert_uint_eq(send_and_collect(strings, CONTROL_LIST_LIMITS, &lists), 1);
}
END_TEST

START_TEST(empty_lists_are_not_sent)
{
        cleanup_control_lists struct control_lists lists = { 0 };
        char *none[] = { NULL };

        ck_assert_uint_eq(send_and_collect(none, CONTROL_LIST_DENY, &lists), 0);
        ck_assert_uint_eq(send_and_collect(NULL, CONTROL_LIST_DENY, &lists), 0);
        ck_assert_ptr_null(lists.lists[CONTROL_LIST_DENY]);
}
END_TEST

static void pack_list(struct buf *buf, uint32_t which, uint32_t count, size_t texts)
{
        pack_u32(buf, which);
        pack_u32(buf, count);
        for (size_t i = 0; i < texts; i++)
                pack_text(buf, "entry");
}

START_TEST(bad_lists_change_nothing)
{
        cleanup_control_lists struct control_lists lists = { 0 };
        const struct {
                uint32_t which, count;
                size_t texts;
        } bad[] = { { CONTROL_LIST_COUNT, 1, 1 }, { UINT32_MAX, 1, 1 }, { 0, 3, 2 }, { 0, 1, 2 },
                    { 0, UINT32_MAX, 2 },         { 0, 0x40000001, 2 }, { 0, 2, 0 } };

        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                cleanup_buf struct buf buf = BUF_INIT(4096);

                pack_list(&buf, bad[i].which, bad[i].count, bad[i].texts);
                ck_assert_msg(control_list_unpack(buf.data, buf.length, &lists) == -EBADMSG, "%zu", i);
                for (size_t k = 0; k < CONTROL_LIST_COUNT; k++)
                        ck_assert_ptr_null(lists.lists[k]);
        }
}
END_TEST

START_TEST(every_cut_list_is_bad)
{
        cleanup_control_lists struct control_lists lists = { 0 };
        cleanup_buf struct buf buf = BUF_INIT(4096);

        pack_list(&buf, CONTROL_LIST_READ, 3, 3);
        for (size_t n = 0; n < buf.length; n++) {
                char *cut = malloc(n + (n == 0));

                memcpy(cut, buf.data, n);
                ck_assert_msg(control_list_unpack(cut, n, &lists) == -EBADMSG, "cut after %zu", n);
                free(cut);
        }
        ck_assert_ptr_null(lists.lists[CONTROL_LIST_READ]);
}
END_TEST

START_TEST(lists_have_a_bound)
{
        cleanup_control_lists struct control_lists lists = { 0 };
        cleanup_buf struct buf most = BUF_INIT(1024 * 1024);
        cleanup_buf struct buf one = BUF_INIT(64);

        pack_list(&most, CONTROL_LIST_READ, CONTROL_LIST_MOST, CONTROL_LIST_MOST);
        pack_list(&one, CONTROL_LIST_READ, 1, 1);
        ck_assert_int_eq(control_list_unpack(most.data, most.length, &lists), 0);
        ck_assert_int_eq(control_list_unpack(one.data, one.length, &lists), -E2BIG);
        ck_assert_uint_eq(strv_length(lists.lists[CONTROL_LIST_READ]), CONTROL_LIST_MOST);
        /* An empty part is no harm. */
        buf_clear(&one);
        pack_list(&one, CONTROL_LIST_READ, 0, 0);
        ck_assert_int_eq(control_list_unpack(one.data, one.length, &lists), 0);
}
END_TEST

START_TEST(a_peer_that_is_gone_is_told)
{
        char *strings[] = { (char[]){ "a" }, NULL };
        int from, to;

        ck_assert_int_eq(message_pair(&from, &to), 0);
        fd_close(to);
        ck_assert_int_eq(control_list_send(from, CONTROL_LIST_DENY, strings), -EPIPE);
        fd_close(from);
}
END_TEST

TEST_MAIN("wire/control", NULL, NULL, every_field_comes_back, some_texts_may_be_missing, the_others_may_not,
          every_cut_open_is_bad, texts_hold_no_nul, long_lists_come_in_parts, parts_end_at_their_bound,
          empty_lists_are_not_sent, bad_lists_change_nothing, every_cut_list_is_bad, lists_have_a_bound,
          a_peer_that_is_gone_is_told)
