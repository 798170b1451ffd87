// id: D11-nested
// tries: to have the kernel walk through watchers that watch each other
// stops: [kernel]
// limits: {memory_mib: 32}
// expect: [AC]
#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>

int main(void) {
    int chain[40], deepest = 0;
    struct epoll_event event = {.events = EPOLLIN};
    for (int i = 0; i < 40; i++)
        if ((chain[i] = epoll_create1(0)) < 0) return 3;
    for (int i = 1; i < 40; i++) {
        if (epoll_ctl(chain[i], EPOLL_CTL_ADD, chain[i - 1], &event)) break;
        deepest = i;
    }
    if (deepest > 10) fprintf(stderr, "BREACH: %d of them one in the other\n", deepest);
    if (deepest < 1) return 4;
    if (!epoll_ctl(chain[0], EPOLL_CTL_ADD, chain[deepest], &event)) fputs("BREACH: a ring\n", stderr);
    if (!epoll_ctl(chain[0], EPOLL_CTL_ADD, chain[0], &event)) fputs("BREACH: itself\n", stderr);
    puts("42");
}
