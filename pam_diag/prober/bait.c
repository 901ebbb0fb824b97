#include "pam_diag/prober/bait.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { SEGMENT_SIZE = 4096 };

static int make_terminal(struct bait *bait)
{
        bait->terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (bait->terminal < 0)
                return -errno;
        return -ptsname_r(bait->terminal, bait->terminal_name, sizeof(bait->terminal_name));
}

/* Removed at once, it stays as long as this process is attached to it, and can be found by its number until then (shmctl(2)). */
static int make_segment(struct bait *bait)
{
        bait->segment = shmget(IPC_PRIVATE, SEGMENT_SIZE, IPC_CREAT | 0666);
        if (bait->segment < 0)
                return -errno;
        if ((intptr_t)shmat(bait->segment, NULL, 0) == -1 || shmctl(bait->segment, IPC_RMID, NULL) < 0) {
                int error = errno;

                (void)shmctl(bait->segment, IPC_RMID, NULL);
                return -error;
        }
        return 0;
}

/* A name of the kernel's own choice (unix(7), autobind). */
static int make_listener(struct bait *bait)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        socklen_t length = sizeof(address.sun_family);

        bait->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (bait->listener < 0 || bind(bait->listener, (struct sockaddr *)&address, length) < 0 ||
            listen(bait->listener, 1) < 0)
                return -errno;
        length = sizeof(address);
        if (getsockname(bait->listener, (struct sockaddr *)&address, &length) < 0)
                return -errno;
        length -= (socklen_t)offsetof(struct sockaddr_un, sun_path) + 1;
        if (length >= sizeof(bait->socket_name))
                return -E2BIG;
        memcpy(bait->socket_name, address.sun_path + 1, length);
        bait->socket_name[length] = '\0';
        return 0;
}

int bait_make(struct bait *bait, const char **ret_where)
{
        int r;

        *ret_where = "a terminal";
        r = make_terminal(bait);
        if (r < 0)
                return r;
        *ret_where = "a shared memory segment";
        r = make_segment(bait);
        if (r < 0)
                return r;
        *ret_where = "an abstract unix socket";
        return make_listener(bait);
}
