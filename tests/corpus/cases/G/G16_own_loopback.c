// id: G16
// tries: to use the loopback interface of its own network, and to bring it up
// stops: [filter-socket, filter-refuse, filter-ioctl]
// expect: [AC]

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int odd;

static void refused(const char *what, long result, int wanted) {
    if (result >= 0) {
        odd = 1;
        fprintf(stderr, "BREACH: %s\n", what);
    } else if (errno != wanted) {
        odd = 1;
        printf("%s: %m\n", what);
    }
}

int main(void) {
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(4242), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    refused("a socket to listen", socket(AF_INET, SOCK_STREAM, 0), EAFNOSUPPORT);
    refused("a socket for datagrams", socket(AF_INET6, SOCK_DGRAM, 0), EAFNOSUPPORT);
    // A pair is the only socket; what would make more of it, or ask it about interfaces, is refused.
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) {
        printf("socketpair: %m\n");
        return 0;
    }
    struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "\0assay-g16"};
    int one = 1, port = 0;
    socklen_t length = sizeof here;
    refused("bind", bind(pair[0], (void *)&name, 12), EPERM);
    refused("bind by itself", bind(pair[0], (void *)&name, 2), EPERM);
    refused("listen", listen(pair[0], 1), EPERM);
    refused("accept", accept(pair[0], 0, 0), EPERM);
    refused("accept4", accept4(pair[0], 0, 0, 0), EPERM);
    refused("connect", connect(pair[0], (void *)&here, length), EPERM);
    refused("setsockopt", setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &one, sizeof one), EPERM);
    refused("sendmmsg", sendmmsg(pair[0], 0, 0, 0), EPERM);
    refused("recvmmsg", recvmmsg(pair[0], 0, 0, 0, 0), EPERM);
    struct ifreq lo = {.ifr_name = "lo"};
    struct ifconf all = {.ifc_len = 0};
    refused("the list of interfaces", ioctl(pair[0], SIOCGIFCONF, &all), ENOSYS);
    refused("the number of lo", ioctl(pair[0], SIOCGIFINDEX, &lo), ENOSYS);
    refused("the state of lo", ioctl(pair[0], SIOCGIFFLAGS, &lo), ENOSYS);
    lo.ifr_flags = IFF_UP | IFF_RUNNING;
    refused("lo up", ioctl(pair[0], SIOCSIFFLAGS, &lo), ENOSYS);
    refused("the namespace of a socket", ioctl(pair[0], 0x894c, &port), ENOSYS);
    if (!odd)
        puts("42");
    return 0;
}
