// id: G02
// tries: to reach listeners of the host on its loopback addresses
// stops: [filter-socket, net-namespace]
// expect: [AC]

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static int odd;

static void reach(int type, const char *host, int port) {
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    int old = inet_pton(AF_INET, host, &v4.sin_addr) == 1;
    if (!old)
        inet_pton(AF_INET6, host, &v6.sin6_addr);
    struct sockaddr *to = old ? (void *)&v4 : (void *)&v6;
    socklen_t length = old ? sizeof v4 : sizeof v6;
    int s = socket(old ? AF_INET : AF_INET6, type, 0);
    if (s < 0) {
        if (errno != EAFNOSUPPORT) {
            odd = 1;
            printf("socket: %m\n");
        }
        return;
    }
    odd = 1;
    printf("there is a socket for %s\n", host);
    // A datagram counts when the answer to it is not an error, and a second one finds out.
    if (type == SOCK_DGRAM ? connect(s, to, length) == 0 && send(s, "x", 1, 0) == 1 && (usleep(20000), 1) &&
                                 send(s, "y", 1, 0) == 1
                           : connect(s, to, length) == 0)
        fprintf(stderr, "BREACH: %s port %d answers\n", host, port);
    close(s);
    if (type == SOCK_STREAM && (s = socket(old ? AF_INET : AF_INET6, type, 0)) >= 0) {
        if (sendto(s, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, to, length) == 1)
            fprintf(stderr, "BREACH: %s port %d answers a fast open\n", host, port);
        close(s);
    }
}

int main(void) {
    const char *hosts[] = {"127.0.0.1", "127.1.2.3", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1"};
    for (int i = 0; i < 6; i++) {
        reach(SOCK_STREAM, hosts[i], @TCP_PORT@);
        reach(SOCK_DGRAM, hosts[i], @UDP_PORT@);
    }
    if (!odd)
        puts("42");
    return 0;
}
