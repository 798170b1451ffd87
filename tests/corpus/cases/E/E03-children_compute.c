// id: E03-children
// tries: to have children compute, whose time is its own only when it waits for them
// stops: [cpu-limit]
// limits: {cpu_ms: 500, wall_ms: 20000, memory_mib: 32}
// expect: [TLE]
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static double used(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

int main(void) {
    int done[2];
    char byte;
    if (pipe(done)) return 3;
    for (int child = 0; child < 8; child++) {
        if (fork()) continue;
        while (used() < 0.625) {}
        write(done[1], "d", 1);
        pause();
    }
    for (int child = 0; child < 8; child++)
        if (read(done[0], &byte, 1) != 1) return 4;
    fputs("BREACH: five seconds in eight processes\n", stderr);
    puts("42");
}
