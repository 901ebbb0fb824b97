/* Races against whoever looks before the kernel does. Each waits for files that the test makes, so that it is the test that says what happens
 * when. */
#include "tests/confine/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"

enum { PAGE = 4096, WORD = 8 };

static char operand[] = "/etc/hostname";

/* Two paths in one place of shared memory: what they differ in is one aligned word, so that no reader ever sees half of each. */
struct shared_path {
        char *text;
        uint64_t *word;
        uint64_t first;
        uint64_t second;
};

static uint64_t word_of(const char *tail)
{
        char bytes[WORD] = "";
        uint64_t word;

        if (strlen(tail) >= sizeof(bytes))
                exit(2);
        strcpy(bytes, tail);
        memcpy(&word, bytes, sizeof(word));
        return word;
}

static struct shared_path share(const char *first, const char *second)
{
        char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        struct shared_path path = { 0 };
        size_t common = 0;

        if (page == MAP_FAILED || strlen(first) >= PAGE - 2 * WORD)
                exit(2);
        while (first[common] != '\0' && first[common] == second[common])
                common++;
        path.text = page + (WORD - common % WORD) % WORD;
        strcpy(path.text, first);
        path.word = (uint64_t *)(void *)(path.text + common);
        path.first = word_of(first + common);
        path.second = word_of(second + common);
        __atomic_store_n(path.word, path.first, __ATOMIC_SEQ_CST);
        return path;
}

static void wait_for(const char *path)
{
        int fd;

        do {
                (void)usleep(1000);
                fd = open(path, O_RDONLY | O_CLOEXEC);
        } while (fd < 0);
        fd_close(fd);
}

static void say_now(const char *word)
{
        (void)puts(word);
        (void)fflush(stdout);
}

/* In a process of its own, which ends here when the program does not start. */
static pid_t exec_shared(const struct shared_path *path)
{
        char *const argv[] = { path->text, operand, NULL };
        char *const none[] = { NULL };
        pid_t pid = fork();

        if (pid != 0)
                return pid;
        execve(path->text, argv, none);
        (void)printf("exec: %s\n", strerrorname_np(errno));
        (void)fflush(stdout);
        _exit(99);
}

/* arguments: FIRST SECOND START SWAP. Asks for the program FIRST once START is there; makes it SECOND once SWAP is. */
static int try_exec_swap(char **arguments)
{
        struct shared_path path = share(arguments[0], arguments[1]);
        int status = 0;

        say_now("waiting");
        wait_for(arguments[2]);
        if (exec_shared(&path) < 0)
                return -errno;
        wait_for(arguments[3]);
        __atomic_store_n(path.word, path.second, __ATOMIC_SEQ_CST);
        say_now("swapped");
        (void)wait(&status);
        (void)printf("status %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
        return 0;
}

/* arguments: FIRST SECOND TIMES. Asks again and again, while another process makes the one the other as fast as it can. */
static int try_exec_flip(char **arguments)
{
        struct shared_path path = share(arguments[0], arguments[1]);
        unsigned times = port_of(arguments[2]);
        pid_t flipper = fork();

        while (flipper == 0) {
                __atomic_store_n(path.word, path.second, __ATOMIC_SEQ_CST);
                __atomic_store_n(path.word, path.first, __ATOMIC_SEQ_CST);
        }
        for (unsigned i = 0; i < times; i++)
                if (exec_shared(&path) < 0 || wait(NULL) < 0)
                        return -errno;
        (void)kill(flipper, SIGKILL);
        return 0;
}

/* Opens the file until that works, and says what it gets instead whenever that is something new. */
static int try_read_later(char **arguments)
{
        char data[PAGE];
        int last = 0;
        ssize_t n;
        int fd;

        say_now("waiting");
        while ((fd = open(arguments[0], O_RDONLY | O_CLOEXEC)) < 0) {
                if (errno != last)
                        say_now(strerrorname_np(errno));
                last = errno;
                (void)usleep(1000);
        }
        n = read(fd, data, sizeof(data));
        if (n < 0)
                return -errno;
        (void)fwrite(data, 1, (size_t)n, stdout);
        return 0;
}

/* Keeps every writer of a lock file waiting (fcntl(2)). */
static int try_hold(char **arguments)
{
        struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
        int fd = open(arguments[0], O_RDWR | O_CLOEXEC);

        if (fd < 0 || fcntl(fd, F_OFD_SETLKW, &whole) < 0)
                return -errno;
        say_now("holding");
        (void)pause();
        return 0;
}

const struct attempt probe_races[] = {
        { "exec-swap", 4, try_exec_swap },
        { "exec-flip", 3, try_exec_flip },
        { "read-later", 1, try_read_later },
        { "hold", 1, try_hold },
        { NULL, 0, NULL },
};
