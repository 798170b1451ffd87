// id: G05
// tries: to open sockets and pairs of every family and type, which loads modules of the kernel where it may
// stops: [filter-socket, filter-socketpair]
// expect: [AC]

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void) {
    int odd = 0, pairs = 0;
    for (int family = 0; family < 256; family++)
        for (int type = 0; type <= 10; type++)
            for (int flags = 0; flags < 2; flags++) {
                int kind = type | (flags ? SOCK_CLOEXEC | SOCK_NONBLOCK : 0), pair[2];
                for (int protocol = 0; protocol < 3; protocol++) {
                    int s = socket(family, kind, protocol);
                    if (s >= 0) {
                        fprintf(stderr, "BREACH: a socket of family %d, type %d\n", family, type);
                        close(s);
                        odd = 1;
                    } else if (errno != EAFNOSUPPORT && !odd++)
                        printf("socket(%d, %d, %d): %m\n", family, kind, protocol);
                }
                if (socketpair(family, kind, 0, pair) == 0) {
                    close(pair[0]);
                    close(pair[1]);
                    if (family == AF_UNIX)
                        pairs++;
                    else
                        odd = 1, fprintf(stderr, "BREACH: a pair of family %d, type %d\n", family, type);
                } else if (family != AF_UNIX && errno != EAFNOSUPPORT && !odd++)
                    printf("socketpair(%d, %d): %m\n", family, kind);
            }
    // Pairs of streams, datagrams, raw (which is datagrams) and ordered packets are what programs need.
    if (pairs != 8) {
        printf("%d kinds of pairs\n", pairs);
        odd = 1;
    }
    if (!odd)
        puts("42");
    return 0;
}
