/* wire/message.c, over real socket pairs. */
#include "tests/unit/t_help.h"

#include <sys/socket.h>

#include "pam_diag/wire/message.h"

static int plain = -1;
static int credentials = -1;

static void pair_make(void)
{
        ck_assert_int_eq(message_pair(&plain, &credentials), 0);
}

static void pair_close(void)
{
        plain = fd_close(plain);
        credentials = fd_close(credentials);
}

/* Sends bytes and descriptors as they are, around message_send. */
static void send_raw(int socket, const void *data, size_t length, size_t fds)
{
        union {
                char room[CMSG_SPACE(16 * sizeof(int))];
                struct cmsghdr align;
        } control = { 0 };
        char copy[1] = { 0 };
        struct iovec part = { .iov_base = copy, .iov_len = 0 };
        struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };

        memcpy(&part.iov_base, &data, sizeof(data));
        part.iov_len = length;
        if (fds > 0) {
                struct cmsghdr *rights;

                header.msg_control = control.room;
                header.msg_controllen = CMSG_SPACE(fds * sizeof(int));
                rights = CMSG_FIRSTHDR(&header);
                rights->cmsg_level = SOL_SOCKET;
                rights->cmsg_type = SCM_RIGHTS;
                rights->cmsg_len = CMSG_LEN(fds * sizeof(int));
                for (size_t i = 0; i < fds; i++)
                        memcpy(CMSG_DATA(rights) + i * sizeof(int), &socket, sizeof(int));
        }
        ck_assert_int_eq(sendmsg(socket, &header, MSG_NOSIGNAL), (ssize_t)length);
}

START_TEST(a_body_comes_whole)
{
        cleanup_message struct message message = MESSAGE_INIT;
        cleanup_buf struct buf body = BUF_INIT(64);

        buf_put(&body, "a\0b", 3);
        ck_assert_int_eq(message_send(credentials, 0x7000001, &body, -1), 0);
        ck_assert_int_eq(message_receive(plain, 0, &message), 0);
        ck_assert_uint_eq(message.type, 0x7000001);
        ck_assert_uint_eq(message.length, 3);
        ck_assert_mem_eq(message.body, "a\0b", 4);
        ck_assert_int_eq(message.fds[0], -1);
        ck_assert_int_eq(message.fds[1], -1);
        /* The plain end is told nothing about the sender. */
        ck_assert_int_eq(message.pid, 0);
        ck_assert_uint_eq(message.uid, (uid_t)-1);
}
END_TEST

START_TEST(a_message_may_have_no_body)
{
        cleanup_message struct message message = MESSAGE_INIT;

        ck_assert_int_eq(message_send_plain(plain, 5), 0);
        ck_assert_int_eq(message_receive(credentials, 0, &message), 0);
        ck_assert_uint_eq(message.type, 5);
        ck_assert_uint_eq(message.length, 0);
        ck_assert_str_eq(message.body, "");
}
END_TEST

static int send_as_other(void *context)
{
        (void)context;
        if (geteuid() == 0)
                ck_assert_int_eq(setresuid(65534, 65534, 65534), 0);
        return message_send_plain(plain, 1) == 0 ? 0 : 1;
}

/* Each message has its own sender, whoever opened the pair. */
START_TEST(credentials_are_the_senders)
{
        cleanup_message struct message message = MESSAGE_INIT;
        cleanup_message struct message own = MESSAGE_INIT;
        pid_t pid = fork();

        ck_assert_int_ge(pid, 0);
        if (pid == 0)
                _exit(send_as_other(NULL));
        ck_assert_int_eq(message_receive(credentials, 10000, &message), 0);
        ck_assert_int_eq(wait_for(pid), 0);
        ck_assert_int_eq(message.pid, pid);
        ck_assert_uint_eq(message.uid, geteuid() == 0 ? 65534 : geteuid());
        ck_assert_int_eq(message_send_plain(plain, 2), 0);
        ck_assert_int_eq(message_receive(credentials, 0, &own), 0);
        ck_assert_int_eq(own.pid, getpid());
        ck_assert_uint_eq(own.uid, getuid());
}
END_TEST

START_TEST(a_descriptor_passes)
{
        struct message message = MESSAGE_INIT;
        size_t before = count_fds();
        struct stat sent, got;
        int ends[2];

        ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
        ck_assert_int_eq(fstat(ends[0], &sent), 0);
        ck_assert_int_eq(message_send(plain, 1, NULL, ends[0]), 0);
        fd_close(ends[0]);
        fd_close(ends[1]);
        ck_assert_int_eq(message_receive(credentials, 0, &message), 0);
        ck_assert_int_ge(message.fds[0], 0);
        ck_assert_int_eq(message.fds[1], -1);
        ck_assert_int_eq(fstat(message.fds[0], &got), 0);
        ck_assert_uint_eq(sent.st_ino, got.st_ino);
        ck_assert_int_eq(fcntl(message.fds[0], F_GETFD), FD_CLOEXEC);
        ck_assert_int_eq(message.pid, getpid());
        message_free(&message);
        ck_assert_int_eq(message.fds[0], -1);
        ck_assert_uint_eq(count_fds(), before);
}
END_TEST

static void must_be_bad(int from, int to, const void *data, size_t length, size_t fds)
{
        struct message message = MESSAGE_INIT;
        size_t before = count_fds();

        send_raw(from, data, length, fds);
        ck_assert_msg(message_receive(to, 0, &message) == -EBADMSG, "%zu bytes, %zu descriptors", length, fds);
        ck_assert_ptr_null(message.body);
        ck_assert_int_eq(message.fds[0], -1);
        ck_assert_msg(count_fds() == before, "%zu bytes, %zu descriptors: leaked", length, fds);
}

/* What is bad is taken from the queue and gone; the next message is read as if nothing had been. */
static void must_go_on(int from, int to)
{
        cleanup_message struct message message = MESSAGE_INIT;

        ck_assert_int_eq(message_send_plain(from, 9), 0);
        ck_assert_int_eq(message_receive(to, 0, &message), 0);
        ck_assert_uint_eq(message.type, 9);
}

START_TEST(bad_messages_leave_nothing_open)
{
        static const char large[sizeof(uint32_t) + MESSAGE_BODY_MOST + 1];
        const int ends[2] = { plain, credentials };

        for (size_t i = 0; i < 2; i++) {
                int from = ends[i];
                int to = ends[1 - i];

                must_be_bad(from, to, "abc", 3, 0);
                must_be_bad(from, to, "abc", 3, 2);
                must_be_bad(from, to, "x", 1, 1);
                must_be_bad(from, to, large, sizeof(large), 0);
                must_be_bad(from, to, large, sizeof(large), 2);
                must_be_bad(from, to, "type", 4, 3);
                must_be_bad(from, to, "type", 4, 4);
                must_be_bad(from, to, "type and body", 13, 16);
                must_go_on(from, to);
        }
}
END_TEST

/* It has a sender like any other message and must not pass for the end of the connection. */
START_TEST(an_empty_packet_is_bad)
{
        must_be_bad(plain, credentials, "", 0, 0);
        must_be_bad(plain, credentials, "", 0, 2);
        must_go_on(plain, credentials);
}
END_TEST

START_TEST(the_largest_body_passes)
{
        cleanup_message struct message message = MESSAGE_INIT;
        cleanup_buf struct buf body = BUF_INIT(SIZE_MAX / 2);

        for (size_t i = 0; i < MESSAGE_BODY_MOST; i++)
                buf_put_char(&body, (char)('a' + i % 26));
        ck_assert_int_eq(message_send(plain, 1, &body, -1), 0);
        ck_assert_int_eq(message_receive(credentials, 0, &message), 0);
        ck_assert_uint_eq(message.length, MESSAGE_BODY_MOST);
        ck_assert_int_eq(memcmp(message.body, body.data, body.length), 0);
        buf_put_char(&body, 'x');
        ck_assert_int_eq(message_send(plain, 1, &body, -1), -EMSGSIZE);
}
END_TEST

START_TEST(a_buffer_that_failed_is_not_sent)
{
        struct message message = MESSAGE_INIT;
        cleanup_buf struct buf body = BUF_INIT(2);

        buf_put_text(&body, "ab");
        buf_put_text(&body, "c");
        ck_assert_int_eq(message_send(plain, 1, &body, -1), -EMSGSIZE);
        ck_assert_int_eq(message_receive(credentials, 0, &message), -EAGAIN);
}
END_TEST

START_TEST(waiting_has_an_end)
{
        struct message message = { .type = 77 };

        ck_assert_int_eq(message_receive(plain, 0, &message), -EAGAIN);
        ck_assert_int_eq(message_receive(plain, 30, &message), -ETIMEDOUT);
        ck_assert_uint_eq(message.type, 77); /* untouched on failure */
}
END_TEST

START_TEST(the_other_end_can_ask_for_credentials)
{
        struct message message = MESSAGE_INIT;

        ck_assert_int_eq(message_send_plain(credentials, 1), 0);
        ck_assert_int_eq(message_receive(plain, 0, &message), 0);
        ck_assert_uint_eq(message.uid, (uid_t)-1);
        message_free(&message);
        ck_assert_int_eq(message_ask_credentials(plain), 0);
        ck_assert_int_eq(message_send_plain(credentials, 1), 0);
        ck_assert_int_eq(message_receive(plain, 0, &message), 0);
        ck_assert_int_eq(message.pid, getpid());
        ck_assert_uint_eq(message.uid, getuid());
        message_free(&message);
        credentials = fd_close(credentials);
        ck_assert_int_eq(message_receive(plain, 0, &message), -ECONNRESET);
        ck_assert_int_lt(message_ask_credentials(-1), 0);
}
END_TEST

START_TEST(a_peer_that_is_gone_is_noticed)
{
        struct message message = MESSAGE_INIT;
        int again_plain, again;

        /* No signal is raised: this process would not survive it. */
        ck_assert(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
        plain = fd_close(plain);
        ck_assert_int_eq(message_send_plain(credentials, 1), -EPIPE);
        ck_assert_int_eq(message_receive(credentials, -1, &message), -ECONNRESET);
        ck_assert_int_eq(message_pair(&again_plain, &again), 0);
        fd_close(again);
        ck_assert_int_eq(message_receive(again_plain, 0, &message), -ECONNRESET);
        fd_close(again_plain);
}
END_TEST

/* What was sent before the end is not lost. */
START_TEST(the_last_message_still_comes)
{
        struct message message = MESSAGE_INIT;

        ck_assert_int_eq(message_send_plain(plain, 3), 0);
        plain = fd_close(plain);
        ck_assert_int_eq(message_receive(credentials, -1, &message), 0);
        ck_assert_uint_eq(message.type, 3);
        message_free(&message);
        ck_assert_int_eq(message_receive(credentials, -1, &message), -ECONNRESET);
}
END_TEST

START_TEST(pairs_are_closed_on_exec)
{
        ck_assert_int_eq(fcntl(plain, F_GETFD), FD_CLOEXEC);
        ck_assert_int_eq(fcntl(credentials, F_GETFD), FD_CLOEXEC);
}
END_TEST

START_TEST(no_socket_no_message)
{
        struct message message = MESSAGE_INIT;

        ck_assert_int_eq(message_send_plain(-1, 1), -EBADF);
        ck_assert_int_eq(message_receive(-1, -1, &message), -EBADF);
}
END_TEST

TEST_MAIN("wire/message", pair_make, pair_close, a_body_comes_whole, a_message_may_have_no_body,
          credentials_are_the_senders, the_other_end_can_ask_for_credentials, a_descriptor_passes,
          bad_messages_leave_nothing_open, an_empty_packet_is_bad, the_largest_body_passes,
          a_buffer_that_failed_is_not_sent, waiting_has_an_end, a_peer_that_is_gone_is_noticed,
          the_last_message_still_comes, pairs_are_closed_on_exec, no_socket_no_message)
