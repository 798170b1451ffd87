// id: G03
// tries: to ask the addresses where clouds tell their machines who they are
// stops: [filter-socket, net-namespace]
// expect: [AC]

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int odd;

static void ask(const char *host) {
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(80)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(80)};
    int old = inet_pton(AF_INET, host, &v4.sin_addr) == 1;
    if (!old)
        inet_pton(AF_INET6, host, &v6.sin6_addr);
    int s = socket(old ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (s < 0) {
        if (errno != EAFNOSUPPORT) {
            odd = 1;
            printf("socket: %m\n");
        }
        return;
    }
    odd = 1;
    printf("there is a socket for %s\n", host);
    connect(s, old ? (void *)&v4 : (void *)&v6, old ? sizeof v4 : sizeof v6);
    struct pollfd p = {s, POLLOUT, 0};
    static const char request[] = "GET / HTTP/1.0\r\n\r\n";
    char answer[128] = "";
    if (poll(&p, 1, 300) == 1 && send(s, request, strlen(request), MSG_NOSIGNAL) > 0) {
        p.events = POLLIN;
        if (poll(&p, 1, 300) == 1 && recv(s, answer, sizeof answer - 1, 0) > 0)
            fprintf(stderr, "BREACH: %s says %.40s\n", host, answer);
        else
            fprintf(stderr, "BREACH: %s takes a connection\n", host);
    }
    close(s);
}

int main(void) {
    const char *hosts[] = {"169.254.169.254", "169.254.170.2", "fd00:ec2::254", "100.100.100.200", "192.0.0.192",
                           "168.63.129.16", "169.254.169.123"};
    for (unsigned i = 0; i < sizeof hosts / sizeof *hosts; i++)
        ask(hosts[i]);
    if (!odd)
        puts("42");
    return 0;
}
