// id: G06
// tries: to get a socket by a family whose upper half, which the kernel cuts off, hides it from a filter
// stops: [filter-socket, filter-socketpair, filter-masks]
// expect: [AC]

#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    int odd = 0;
    const unsigned long high[] = {0, 1UL << 32, 1UL << 63, 0xffffffff00000000UL, 0xdeadbeef00000000UL};
    for (long family = 0; family < 64; family++)
        for (int h = 0; h < 5; h++)
            for (long type = 1; type <= 6; type++) {
                int pair[2];
                long s = syscall(SYS_socket, family | high[h], type | high[h], high[h]);
                if (s >= 0) {
                    fprintf(stderr, "BREACH: a socket by family %#lx\n", family | high[h]);
                    close(s);
                    odd = 1;
                } else if (errno != EAFNOSUPPORT && !odd++)
                    printf("socket(%#lx): %m\n", family | high[h]);
                if (family == AF_UNIX)
                    continue;
                s = syscall(SYS_socketpair, family | high[h], type, 0L, pair);
                if (s >= 0) {
                    fprintf(stderr, "BREACH: a pair by family %#lx\n", family | high[h]);
                    close(pair[0]);
                    close(pair[1]);
                    odd = 1;
                } else if (errno != EAFNOSUPPORT && !odd++)
                    printf("socketpair(%#lx): %m\n", family | high[h]);
            }
    if (!odd)
        puts("42");
    return 0;
}
