// id: G04
// tries: to get sockets for packets, for raw IP and for talking to the kernel
// stops: [filter-socket, net-namespace, capabilities]
// expect: [AC]

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void) {
    int odd = 0;
    struct {
        const char *name;
        int family, type, protocol;
    } tries[] = {
        {"all packets", AF_PACKET, SOCK_RAW, 0x0300},
        {"packets without headers", AF_PACKET, SOCK_DGRAM, 0x0300},
        {"old packets", AF_INET, SOCK_PACKET, 0x0300},
        {"raw ICMP", AF_INET, SOCK_RAW, 1},
        {"raw TCP", AF_INET, SOCK_RAW, 6},
        {"any raw", AF_INET, SOCK_RAW, 255},
        {"raw ICMPv6", AF_INET6, SOCK_RAW, 58},
        {"ping", AF_INET, SOCK_DGRAM, 1},
        {"ping6", AF_INET6, SOCK_DGRAM, 58},
        {"netlink route", AF_NETLINK, SOCK_RAW, 0},
        {"netlink sock_diag", AF_NETLINK, SOCK_RAW, 4},
        {"netlink xfrm", AF_NETLINK, SOCK_RAW, 6},
        {"netlink audit", AF_NETLINK, SOCK_RAW, 9},
        {"netlink netfilter", AF_NETLINK, SOCK_RAW, 12},
        {"netlink uevent", AF_NETLINK, SOCK_RAW, 15},
        {"netlink generic", AF_NETLINK, SOCK_RAW, 16},
        {"netlink crypto", AF_NETLINK, SOCK_RAW, 21},
        {"keys of IPsec", AF_KEY, SOCK_RAW, 2},
    };
    for (unsigned i = 0; i < sizeof tries / sizeof *tries; i++) {
        int s = socket(tries[i].family, tries[i].type | SOCK_CLOEXEC, tries[i].protocol);
        if (s >= 0) {
            fprintf(stderr, "BREACH: a socket for %s\n", tries[i].name);
            close(s);
            odd = 1;
        } else if (errno != EAFNOSUPPORT) {
            printf("%s: %m\n", tries[i].name);
            odd = 1;
        }
    }
    if (!odd)
        puts("42");
    return 0;
}
