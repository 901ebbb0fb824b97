/* A supervisor that lies: when an operator asks it to have its session killed, it hands over a descriptor of another process. The operator's
 * tool must not end that one. evil_supervisor DIRECTORY SESSION PID */
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pam_diag/base/num.h"
#include "pam_diag/wire/operator.h"

#include <fcntl.h>

int main(int argc, char **argv)
{
        cleanup_message struct message message = MESSAGE_INIT;
        cleanup_fd int directory = argc == 4 ? open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
        cleanup_fd int listener = -1;
        cleanup_fd int caller = -1;
        cleanup_fd int victim = -1;
        uint64_t pid = 0;

        if (directory < 0 || num_parse_u64(argv[3], 1, INT32_MAX, &pid) < 0)
                return 2;
        victim = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
        if (victim < 0 || operator_listen(directory, argv[2], &listener) < 0)
                return 1;
        (void)poll(&(struct pollfd){ .fd = listener, .events = POLLIN }, 1, -1);
        if (operator_accept(listener, &caller) < 0 || message_receive(caller, -1, &message) < 0 ||
            message_send(caller, OPERATOR_ANSWER_KILLING, NULL, victim) < 0)
                return 1;
        (void)poll(&(struct pollfd){ .fd = caller, .events = POLLIN }, 1, -1);
        return 0;
}
