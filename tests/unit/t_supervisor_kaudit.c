/* supervisor/kaudit.c: a teller that answers, hangs, lies or dies; the supervisor never waits for it but where it is told to. The real one, with
 * the kernel's audit behind it, is in tests/e2e/kaudit.sh. */
#include "pam_diag/supervisor/kaudit.h"

#include <check.h>
#include <signal.h>
#include <sys/socket.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/supervisor/kaudit_side.h"
#include "tests/unit/sql_help.h"

static int teller; /* the other end */
static struct kaudit kaudit;

static void begin(bool required)
{
        int ends[2];

        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
        kaudit = KAUDIT_INIT;
        kaudit.socket = ends[0];
        kaudit.required = required;
        teller = ends[1];
}

static void end(void)
{
        kaudit_stop(&kaudit);
        teller = fd_close(teller);
}

static void tell(void)
{
        cleanup_buf struct buf text = BUF_INIT(100);

        buf_put_text(&text, "op=x");
        kaudit_tell(&kaudit, KAUDIT_EXEC, true, "192.0.2.1", &text);
}

static void answer(uint32_t id, int32_t result)
{
        struct kaudit_answer one = { .id = id, .result = result };

        ck_assert_int_eq(send(teller, &one, sizeof(one), 0), sizeof(one));
}

START_TEST(what_is_handed_over)
{
        struct kaudit_request request;

        begin(false);
        tell();
        ck_assert_int_gt(recv(teller, &request, sizeof(request), 0), 0);
        ck_assert_uint_eq(request.id, 1);
        ck_assert_int_eq(request.operation, KAUDIT_SEND);
        ck_assert_int_eq(request.success, 1);
        ck_assert_int_eq(request.is_exit, 0);
        ck_assert_str_eq(request.address, "192.0.2.1");
        ck_assert_str_eq(request.text, "op=x");
        answer(1, 0);
        ck_assert_uint_eq(kaudit_settle(&kaudit), 0);
        end();
}
END_TEST

/* A thousand of them and no answer: each call comes back, and what did not get through is counted. */
START_TEST(a_teller_that_hangs)
{
        begin(false);
        for (int i = 0; i < 1000; i++)
                tell();
        ck_assert_uint_eq(kaudit_settle(&kaudit), 1000);
        end();
}
END_TEST

START_TEST(a_teller_that_is_late)
{
        begin(false);
        for (int i = 0; i < 3; i++)
                tell();
        answer(1, 0);
        answer(2, -EPERM);
        ck_assert_uint_eq(kaudit_settle(&kaudit), 2);
        end();
}
END_TEST

START_TEST(a_teller_that_dies)
{
        begin(false);
        tell();
        teller = fd_close(teller);
        tell();
        tell();
        ck_assert_uint_eq(kaudit_settle(&kaudit), 3);
        end();
}
END_TEST

START_TEST(a_teller_that_lies)
{
        begin(true);
        tell();
        answer(2, 0);
        ck_assert_int_eq(kaudit_confirm(&kaudit), -EPIPE);
        ck_assert_uint_eq(kaudit_settle(&kaudit), 1);
        end();
}
END_TEST

START_TEST(a_text_that_failed)
{
        struct buf text = BUF_INIT(2);

        begin(true);
        buf_put_text(&text, "too long");
        kaudit_tell(&kaudit, KAUDIT_EXEC, true, NULL, &text);
        ck_assert_int_eq(kaudit_confirm(&kaudit), -ENOBUFS);
        ck_assert_uint_eq(kaudit_settle(&kaudit), 1);
        buf_free(&text);
        end();
}
END_TEST

START_TEST(when_it_is_required)
{
        begin(true);
        tell();
        answer(1, 0);
        ck_assert_int_eq(kaudit_confirm(&kaudit), 0);
        tell();
        answer(2, -ESRCH);
        ck_assert_int_eq(kaudit_confirm(&kaudit), -ESRCH);
        tell();
        ck_assert_int_eq(kaudit_confirm(&kaudit), -ETIMEDOUT);
        teller = fd_close(teller);
        tell();
        ck_assert_int_eq(kaudit_confirm(&kaudit), -EPIPE);
        tell();
        ck_assert_int_eq(kaudit_confirm(&kaudit), -EPIPE);
        end();
}
END_TEST

/* The good answer to an earlier event must not stand for one that was never handed over. */
START_TEST(an_earlier_answer_says_nothing)
{
        begin(true);
        for (int i = 0; i < 64; i++)
                tell();
        tell();
        for (uint32_t i = 1; i <= 64; i++)
                answer(i, 0);
        ck_assert_int_eq(kaudit_confirm(&kaudit), -ENOBUFS);
        end();
}
END_TEST

START_TEST(nobody_wants_to_know)
{
        begin(false);
        ck_assert_int_eq(kaudit_begin(&kaudit, POLICY_AUDIT_NO), 0);
        tell();
        ck_assert_int_eq(kaudit_confirm(&kaudit), 0);
        ck_assert_uint_eq(kaudit_settle(&kaudit), 0);
        end();
        begin(false);
        answer(1, -ECONNREFUSED); /* no audit in this kernel */
        ck_assert_int_eq(kaudit_begin(&kaudit, POLICY_AUDIT_YES), 0);
        tell();
        ck_assert_uint_eq(kaudit_settle(&kaudit), 0);
        end();
}
END_TEST

START_TEST(the_beginning)
{
        struct kaudit_request request;

        begin(false);
        answer(1, -ESRCH);
        ck_assert_int_eq(kaudit_begin(&kaudit, POLICY_AUDIT_YES), 0);
        ck_assert_int_gt(recv(teller, &request, sizeof(request), 0), 0);
        ck_assert_int_eq(request.operation, KAUDIT_BEGIN);
        ck_assert_uint_eq(kaudit_settle(&kaudit), 0);
        end();
        begin(false);
        answer(1, -ESRCH);
        ck_assert_int_eq(kaudit_begin(&kaudit, POLICY_AUDIT_REQUIRED), -ESRCH);
        ck_assert_int_gt(recv(teller, &request, sizeof(request), 0), 0);
        ck_assert_int_eq(request.operation, KAUDIT_BEGIN_REQUIRED);
        end();
        kaudit = KAUDIT_INIT;
        ck_assert_int_eq(kaudit_begin(&kaudit, POLICY_AUDIT_REQUIRED), -EPIPE);
}
END_TEST

/* The real process: whatever this kernel's audit is, it answers, and leaves with its socket. */
START_TEST(the_real_teller)
{
        if (getuid() != 0) {
                fprintf(stderr, "SKIP the_real_teller: needs root\n");
                return;
        }
        ck_assert_int_eq(kaudit_start(65534, 65534, &kaudit), 0);
        ck_assert_int_eq(kaudit_begin(&kaudit, POLICY_AUDIT_YES), 0);
        ck_assert_uint_eq(kaudit.answered, 1);
        if (kaudit.socket < 0)
                fprintf(stderr, "SKIP the_real_teller: this kernel has no audit for us\n");
        tell();
        ck_assert_uint_eq(kaudit_settle(&kaudit), 0);
        kaudit_stop(&kaudit);
        ck_assert_int_gt(waitpid(-1, NULL, 0), 0);
}
END_TEST

int main(void)
{
        const TTest *const tests[] = {
                what_is_handed_over,  a_teller_that_hangs, a_teller_that_is_late, a_teller_that_dies,
                a_teller_that_lies,   a_text_that_failed,  when_it_is_required,   an_earlier_answer_says_nothing,
                nobody_wants_to_know, the_beginning,       the_real_teller
        };

        return RUN_SUITE("supervisor_kaudit", tests);
}
