// id: E05
// tries: to compute in thousands of processes that live for a millisecond and that nobody waits for
// stops: [cpu-limit]
// limits: {cpu_ms: 500, wall_ms: 30000, memory_mib: 16}
// expect: [TLE]
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static double used(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

int main(void) {
    volatile long *all = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED) return 3;
    // So the kernel forgets them without adding their time to anybody's.
    signal(SIGCHLD, SIG_IGN);
    while (*all < 4000000) {
        pid_t child = fork();
        if (child < 0) {
            usleep(100);
            continue;
        }
        if (child == 0) {
            while (used() < 0.001) {}
            __atomic_add_fetch(all, (long)(used() * 1e6), __ATOMIC_SEQ_CST);
            _exit(0);
        }
    }
    fputs("BREACH: four seconds in small processes\n", stderr);
    puts("42");
}
