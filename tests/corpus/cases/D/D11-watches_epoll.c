// id: D11-watches
// tries: to use the kernel's lists of who waits for what as memory
// stops: [memory-limit]
// limits: {cpu_ms: 10000, wall_ms: 30000, memory_mib: 10, pids: 20}
// expect: [MLE]
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

int main(void) {
    int done[2];
    char byte;
    if (pipe(done)) return 3;
    for (int child = 0; child < 14; child++) {
        if (fork()) continue;
        int files[130];
        for (int i = 0; i < 130; i++) files[i] = eventfd(0, 0);
        for (int n = 0; n < 115; n++) {
            int poll = epoll_create1(0);
            struct epoll_event event = {.events = EPOLLIN};
            for (int i = 0; i < 130; i++) epoll_ctl(poll, EPOLL_CTL_ADD, files[i], &event);
        }
        write(done[1], "d", 1);
        pause();
    }
    for (int child = 0; child < 14; child++)
        if (read(done[0], &byte, 1) != 1) return 4;
    // About 190 bytes for each of them.
    fputs("BREACH: 209300 watches\n", stderr);
    puts("42");
}
