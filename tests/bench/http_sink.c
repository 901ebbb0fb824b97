/* http_sink PORT [REPLY]: takes everything that is posted or put to it on 127.0.0.1, one connection after the other, and answers 204 (or
 * REPLY). On SIGTERM it says how many requests and bytes there were. For measuring only: it understands just enough of HTTP/1.1. */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/base/num.h"

enum { ROOM = 256 * 1024 };

static unsigned long long requests;
static unsigned long long bytes;
static volatile sig_atomic_t ended;

static void on_end(int number)
{
        (void)number;
        ended = 1;
}

struct peer {
        int fd;
        char data[ROOM + 1];
        size_t used;
};

/* More bytes behind those that are there; false at the end. */
static bool more(struct peer *peer)
{
        ssize_t n;

        if (peer->used == ROOM)
                return false;
        n = recv(peer->fd, peer->data + peer->used, ROOM - peer->used, 0);
        if (n <= 0)
                return false;
        peer->used += (size_t)n;
        peer->data[peer->used] = '\0';
        return true;
}

static void drop(struct peer *peer, size_t n)
{
        memmove(peer->data, peer->data + n, peer->used - n);
        peer->used -= n;
        peer->data[peer->used] = '\0';
}

static bool take_body(struct peer *peer, size_t length)
{
        while (length > 0) {
                size_t n = peer->used < length ? peer->used : length;

                bytes += n;
                length -= n;
                drop(peer, n);
                if (length > 0 && !more(peer))
                        return false;
        }
        return true;
}

/* curl -T - sends chunks. */
static bool take_chunks(struct peer *peer)
{
        for (;;) {
                char *end;
                unsigned long size;

                while (strstr(peer->data, "\r\n") == NULL)
                        if (!more(peer))
                                return false;
                size = strtoul(peer->data, &end, 16);
                drop(peer, (size_t)(strstr(peer->data, "\r\n") - peer->data) + 2);
                if (!take_body(peer, size))
                        return false;
                while (peer->used < 2)
                        if (!more(peer))
                                return false;
                drop(peer, 2);
                if (size == 0)
                        return true;
        }
}

static bool take_request(struct peer *peer, const char *reply)
{
        const char *length;
        char *end;
        bool chunked;
        unsigned long size;

        while ((end = strstr(peer->data, "\r\n\r\n")) == NULL)
                if (!more(peer))
                        return false;
        *end = '\0';
        length = strcasestr(peer->data, "\r\nContent-Length:");
        chunked = strcasestr(peer->data, "\r\nTransfer-Encoding: chunked") != NULL;
        size = length != NULL ? strtoul(length + 17, NULL, 10) : 0;
        if (strcasestr(peer->data, "\r\nExpect: 100-continue") != NULL &&
            fd_write_all(peer->fd, "HTTP/1.1 100 Continue\r\n\r\n", 25) < 0)
                return false;
        drop(peer, (size_t)(end - peer->data) + 4);
        if (chunked ? !take_chunks(peer) : !take_body(peer, size))
                return false;
        requests++;
        return fd_write_all(peer->fd, reply, strlen(reply)) == 0;
}

static int listen_on(uint16_t port)
{
        struct sockaddr_in address = { .sin_family = AF_INET,
                                       .sin_port = htons(port),
                                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int one = 1;

        if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
            bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 16) < 0) {
                perror("http_sink");
                exit(1);
        }
        return fd;
}

int main(int argc, char **argv)
{
        static struct peer peer;
        const struct sigaction action = { .sa_handler = on_end };
        const char *reply = argc > 2 ? argv[2] : "HTTP/1.1 204 No Content\r\n\r\n";
        uint64_t port = 0;
        int listening;

        if (argc < 2 || num_parse_u64(argv[1], 1, UINT16_MAX, &port) < 0) {
                fprintf(stderr, "usage: http_sink PORT [REPLY]\n");
                return 2;
        }
        (void)sigaction(SIGTERM, &action, NULL);
        (void)signal(SIGPIPE, SIG_IGN);
        listening = listen_on((uint16_t)port);
        while (!ended) {
                peer.fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
                peer.used = 0;
                peer.data[0] = '\0';
                while (!ended && peer.fd >= 0 && take_request(&peer, reply))
                        continue;
                peer.fd = fd_close(peer.fd);
        }
        printf("%llu requests, %llu bytes\n", requests, bytes);
        return 0;
}
