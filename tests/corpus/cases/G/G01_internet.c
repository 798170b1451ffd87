// id: G01
// tries: to reach servers on the internet by TCP and UDP, and to ask a name server
// stops: [filter-socket, net-namespace]
// expect: [AC]

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int odd;

static void reach(int family, int type, const char *host, int port) {
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    inet_pton(family, host, family == AF_INET ? (void *)&v4.sin_addr : (void *)&v6.sin6_addr);
    int s = socket(family, type | SOCK_NONBLOCK, 0);
    if (s < 0) {
        if (errno != EAFNOSUPPORT) {
            odd = 1;
            printf("socket: %m\n");
        }
        return;
    }
    odd = 1;
    printf("there is a socket of family %d\n", family);
    if (connect(s, family == AF_INET ? (void *)&v4 : (void *)&v6, family == AF_INET ? sizeof v4 : sizeof v6) < 0 &&
        errno != EINPROGRESS)
        return;
    // A question for the address of example.org, which is also sent where nobody expects it.
    static const char question[] = "\x12\x34\x01\0\0\1\0\0\0\0\0\0\7example\3org\0\0\1\0\1";
    struct pollfd p = {s, POLLOUT, 0};
    int error = 0;
    socklen_t length = sizeof error;
    if (poll(&p, 1, 300) == 1 && getsockopt(s, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0) {
        if (type == SOCK_STREAM)
            fprintf(stderr, "BREACH: a connection to %s\n", host);
        send(s, question, sizeof question - 1, 0);
        p.events = POLLIN;
        char answer[512];
        if (poll(&p, 1, 300) == 1 && recv(s, answer, sizeof answer, 0) > 0)
            fprintf(stderr, "BREACH: an answer from %s\n", host);
    }
    close(s);
}

int main(void) {
    const char *v4[] = {"1.1.1.1", "8.8.8.8", "192.0.2.1", "10.0.0.1", "172.17.0.1", "255.255.255.255"};
    const int ports[] = {53, 80, 443};
    for (int i = 0; i < 6; i++)
        for (int p = 0; p < 3 && !(odd && p); p++) {
            reach(AF_INET, SOCK_STREAM, v4[i], ports[p]);
            reach(AF_INET, SOCK_DGRAM, v4[i], ports[p]);
        }
    reach(AF_INET6, SOCK_STREAM, "2606:4700:4700::1111", 53);
    reach(AF_INET6, SOCK_DGRAM, "2001:4860:4860::8888", 53);
    if (!odd)
        puts("42");
    return 0;
}
