/* shell/relay.c, between real pipes. */
#include "tests/unit/t_help.h"

#include "pam_diag/shell/relay.h"

enum { WAIT_MS = 10000 };

static struct relay *relay;
static int source = -1; /* what the command writes to */
static int sink = -1; /* what the client reads from */

static void relay_make(void)
{
        int from[2], to[2];

        ck_assert(signal(SIGPIPE, SIG_IGN) != SIG_ERR); /* as diag-shell does */
        ck_assert_int_eq(pipe2(from, O_CLOEXEC), 0);
        ck_assert_int_eq(pipe2(to, O_CLOEXEC), 0);
        relay = calloc(1, sizeof(*relay));
        ck_assert_ptr_nonnull(relay);
        relay->from = from[0];
        relay->to = to[1];
        source = from[1];
        sink = to[0];
        ck_assert_int_eq(relay_unblock(relay->to), 0);
}

static void relay_drop(void)
{
        fd_close(relay->from);
        fd_close(relay->to);
        free(relay);
        source = fd_close(source);
        sink = fd_close(sink);
}

/* One round of diag-shell's loop, without waiting when nothing is there. */
static void step(uint64_t most)
{
        struct pollfd slots[2];

        relay_wait(relay, slots);
        ck_assert_int_ge(poll(slots, 2, 0), 0);
        relay_move(relay, slots, most);
}

static char pattern_at(size_t i)
{
        return (char)(i * 31 + i / 251);
}

/* A command that writes `total` bytes and ends. */
static pid_t start_writer(size_t total)
{
        pid_t pid = fork();

        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
                char piece[1000];

                fd_close(relay->from);
                for (size_t at = 0; at < total; at += sizeof(piece)) {
                        size_t n = total - at < sizeof(piece) ? total - at : sizeof(piece);

                        for (size_t i = 0; i < n; i++)
                                piece[i] = pattern_at(at + i);
                        if (fd_write_all(source, piece, n) < 0)
                                _exit(1);
                }
                _exit(0);
        }
        source = fd_close(source);
        return pid;
}

/* Reads what has come; compares it. */
static size_t take(size_t at)
{
        char data[7777];
        ssize_t n = read(sink, data, sizeof(data));

        ck_assert_int_ge(n, 0);
        for (size_t i = 0; i < (size_t)n; i++)
                ck_assert_int_eq(data[i], pattern_at(at + i));
        return at + (size_t)n;
}

START_TEST(all_bytes_pass)
{
        enum { TOTAL = 1000003 };
        pid_t pid = start_writer(TOTAL);
        size_t got = 0;

        while (!relay_is_done(relay)) {
                struct pollfd slots[2];

                relay_wait(relay, slots);
                ck_assert_int_gt(poll(slots, 2, WAIT_MS), 0);
                relay_move(relay, slots, UINT64_MAX);
                while (got < relay->bytes - relay->left)
                        got = take(got);
        }
        relay->to = fd_close(relay->to);
        ck_assert_uint_eq(got, TOTAL);
        ck_assert_uint_eq(take(got), TOTAL);
        ck_assert_uint_eq(relay->bytes, TOTAL);
        ck_assert(!relay->broken);
        ck_assert_int_eq(relay->from, -1);
        ck_assert_int_eq(wait_for(pid), 0);
}
END_TEST

START_TEST(the_bound_is_kept)
{
        ck_assert_int_eq(write(source, "0123456789", 10), 10);
        step(0);
        ck_assert_uint_eq(relay->bytes, 0);
        step(4);
        ck_assert_uint_eq(relay->bytes, 4);
        step(1);
        ck_assert_uint_eq(relay->bytes, 5);
        step(100);
        ck_assert_uint_eq(relay->bytes, 10);
        step(100);
        ck_assert_uint_eq(relay->bytes, 10);
        ck_assert(!relay_is_done(relay));
        source = fd_close(source);
        step(100);
        ck_assert(relay_is_done(relay));
}
END_TEST

static size_t fill_sink(void)
{
        static const char zero[4096];
        size_t n = 0;
        ssize_t written;

        while ((written = write(relay->to, zero, sizeof(zero))) > 0)
                n += (size_t)written;
        ck_assert_int_eq(errno, EAGAIN);
        return n;
}

/* A client that does not read holds the command up; nothing is lost and nothing more is read meanwhile. */
START_TEST(a_slow_sink_loses_nothing)
{
        struct pollfd slots[2];
        char data[4096];
        size_t held = fill_sink();

        ck_assert_int_eq(write(source, "first", 5), 5);
        step(UINT64_MAX);
        ck_assert_uint_eq(relay->bytes, 5);
        ck_assert_uint_eq(relay->left, 5);
        ck_assert_int_eq(write(source, "second", 6), 6);
        step(UINT64_MAX);
        ck_assert_uint_eq(relay->bytes, 5);
        relay_wait(relay, slots);
        ck_assert_int_eq(slots[0].fd, -1);
        ck_assert_int_eq(slots[1].events, POLLOUT);
        /* The command has ended, but its last bytes are still here. */
        source = fd_close(source);
        ck_assert(!relay_is_done(relay));
        for (size_t got = 0; got < held; got += sizeof(data))
                ck_assert_int_eq(read(sink, data, sizeof(data)), (ssize_t)sizeof(data));
        while (!relay_is_done(relay))
                step(UINT64_MAX);
        ck_assert_int_eq(read(sink, data, sizeof(data)), 11);
        ck_assert_mem_eq(data, "firstsecond", 11);
        ck_assert_uint_eq(relay->bytes, 11);
}
END_TEST

START_TEST(a_broken_sink_ends_it)
{
        ck_assert_int_eq(write(source, "x", 1), 1);
        sink = fd_close(sink);
        step(UINT64_MAX);
        ck_assert(relay->broken);
        ck_assert(relay_is_done(relay));
}
END_TEST

/* A client that vanished is noticed though the command writes nothing. */
START_TEST(a_broken_sink_is_seen_in_silence)
{
        struct pollfd slots[2];

        step(UINT64_MAX);
        ck_assert(!relay_is_done(relay));
        sink = fd_close(sink);
        relay_wait(relay, slots);
        ck_assert_int_eq(slots[1].events, 0);
        ck_assert_int_eq(poll(slots, 2, WAIT_MS), 1);
        relay_move(relay, slots, UINT64_MAX);
        ck_assert(relay->broken);
        relay_wait(relay, slots);
        ck_assert_int_eq(slots[1].fd, -1);
}
END_TEST

START_TEST(a_command_without_output_ends)
{
        source = fd_close(source);
        step(UINT64_MAX);
        ck_assert(relay_is_done(relay));
        ck_assert_uint_eq(relay->bytes, 0);
        ck_assert_int_eq(relay->from, -1);
        step(UINT64_MAX);
        ck_assert(relay_is_done(relay));
}
END_TEST

START_TEST(only_a_descriptor_can_be_unblocked)
{
        int ends[2];

        ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
        ck_assert_int_eq(fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0);
        ck_assert_int_eq(relay_unblock(ends[1]), 0);
        ck_assert_int_eq(fcntl(ends[1], F_GETFL) & (O_NONBLOCK | O_ACCMODE), O_NONBLOCK | O_WRONLY);
        fd_close(ends[0]);
        fd_close(ends[1]);
        ck_assert_int_eq(relay_unblock(-1), -EBADF);
}
END_TEST

TEST_MAIN("shell/relay", relay_make, relay_drop, all_bytes_pass, the_bound_is_kept, a_slow_sink_loses_nothing,
          a_broken_sink_ends_it, a_broken_sink_is_seen_in_silence, a_command_without_output_ends,
          only_a_descriptor_can_be_unblocked)
