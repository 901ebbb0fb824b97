/* supervisor/door.c: sockets that nobody has open are swept, and none that somebody has or is about to have. */
#include "pam_diag/supervisor/door.h"

#include <signal.h>
#include <sys/mman.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/wire/operator.h"
#include "tests/unit/sql_help.h"

#define OTHER "fedcba9876543210fedcba9876543210"

static bool is_there(int directory, const char *name)
{
        return faccessat(directory, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

START_TEST(what_was_left_is_swept)
{
        cleanup_fd int directory = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        cleanup_fd int used = -1;
        cleanup_fd int plain = -1;
        int left = -1;

        ck_assert_int_eq(operator_listen(directory, SESSION, &used), 0);
        ck_assert_int_eq(operator_listen(directory, OTHER, &left), 0);
        ck_assert_int_eq(close(left), 0);
        plain = openat(directory, "plain", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        ck_assert_int_ge(plain, 0);
        door_sweep(directory);
        ck_assert(is_there(directory, SESSION) && is_there(directory, "plain") && !is_there(directory, OTHER));
        /* A draft, as a supervisor leaves it that is killed before its socket has a name. */
        ck_assert_int_eq(operator_listen(directory, OTHER, &left), 0);
        ck_assert_int_eq(renameat(directory, OTHER, directory, "." OTHER), 0);
        door_sweep(directory);
        ck_assert(is_there(directory, "." OTHER));
        ck_assert_int_eq(close(left), 0);
        door_sweep(directory);
        ck_assert(is_there(directory, SESSION) && !is_there(directory, "." OTHER));
        door_sweep(-1); /* nothing happens */
}
END_TEST

/* A session's name, and what it is called before it listens: never the same twice. */
struct name {
        char draft[1 + OPERATOR_SESSION_LENGTH + 1];
};

static struct name name_of(unsigned number)
{
        struct name name;

        snprintf(name.draft, sizeof(name.draft), ".%032x", number);
        return name;
}

static void must_open_and_close(int directory, const struct name *name)
{
        cleanup_fd int socket = -1;
        cleanup_fd int client = -1;

        ck_assert_int_eq(operator_listen(directory, name->draft + 1, &socket), 0);
        ck_assert_int_eq(operator_connect(home, name->draft + 1, getuid(), &client), 0);
        operator_unlisten(directory, name->draft + 1);
        ck_assert(!is_there(directory, name->draft) && !is_there(directory, name->draft + 1));
}

static void end_child(pid_t child)
{
        ck_assert_int_eq(kill(child, SIGKILL), 0);
        ck_assert_int_eq(waitpid(child, NULL, 0), child);
}

/* Sessions open and end, as fast as they can, while others sweep: each finds its own name listening until it removes it. */
START_TEST(opening_while_others_sweep)
{
        enum { SWEEPERS = 3, ROUNDS = 2000 };
        cleanup_fd int directory = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        pid_t sweepers[SWEEPERS];

        for (int i = 0; i < SWEEPERS; i++) {
                sweepers[i] = fork();
                ck_assert_int_ge(sweepers[i], 0);
                while (sweepers[i] == 0)
                        door_sweep(directory);
        }
        for (unsigned i = 0; i < ROUNDS; i++) {
                struct name name = name_of(i);

                must_open_and_close(directory, &name);
        }
        for (int i = 0; i < SWEEPERS; i++)
                end_child(sweepers[i]);
}
END_TEST

/* The moment in which a socket that is being bound seems to be nobody's is too short to be met. So all that are being made are removed
 * here, each a few times. */
static _Atomic unsigned *taken;
static _Atomic unsigned *now;

static __attribute__((noreturn)) void take_away(int directory)
{
        enum { TIMES = 3 };

        for (unsigned last = 0, times = 0;;) {
                unsigned number = *now;
                struct name name = name_of(number);

                times = number == last ? times : 0;
                last = number;
                if (times < TIMES && unlinkat(directory, name.draft, 0) == 0) {
                        times++;
                        ++*taken;
                }
        }
}

START_TEST(opening_while_it_is_taken_away)
{
        enum { ROUNDS = 200000, OFTEN = 20 };
        cleanup_fd int directory = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        pid_t taker;

        taken = mmap(NULL, 2 * sizeof(*taken), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        ck_assert_ptr_ne(taken, MAP_FAILED);
        now = taken + 1;
        taker = fork();
        ck_assert_int_ge(taker, 0);
        if (taker == 0)
                take_away(directory);
        for (unsigned i = 1; *taken < OFTEN; i++) {
                struct name name = name_of(i);

                ck_assert_uint_lt(i, ROUNDS);
                *now = i;
                must_open_and_close(directory, &name);
        }
        end_child(taker);
}
END_TEST

int main(void)
{
        const TTest *const tests[] = { what_was_left_is_swept, opening_while_others_sweep,
                                       opening_while_it_is_taken_away };

        return RUN_SUITE("supervisor_door", tests);
}
