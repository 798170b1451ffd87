// id: D11-timers
// tries: to have more timers than it may, each of which keeps a signal in the kernel
// stops: [rlimit-sigpending]
// limits: {memory_mib: 64}
// expect: [AC]
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int make(void) {
    int made = 0;
    timer_t timer;
    while (made < 1000 && !timer_create(CLOCK_MONOTONIC, NULL, &timer)) made++;
    return made;
}

int main(void) {
    volatile int *all = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct rlimit more = {4096, 4096};
    if (all == MAP_FAILED) return 3;
    if (!setrlimit(RLIMIT_SIGPENDING, &more)) fputs("BREACH: the limit could be raised\n", stderr);
    *all = make();
    if (*all == 0) return 4;
    // The limit is the user's and not each process's.
    for (int child = 0; child < 2; child++) {
        int done[2];
        char byte;
        if (pipe(done)) return 5;
        if (fork() == 0) {
            *all += make();
            write(done[1], "d", 1);
            pause();
        }
        if (read(done[0], &byte, 1) != 1) return 6;
    }
    if (*all > 256) fprintf(stderr, "BREACH: %d timers\n", *all);
    puts("42");
}
