// id: E13
// tries: nothing, it computes for a while; a machine that has no time for it must not change what comes out
// stops: [cpu-limit, queue-time]
// limits: {cpu_ms: 1000, wall_ms: 1500, memory_mib: 16}
// expect: [AC]
#include <stdio.h>
#include <time.h>

static double used(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

int main(void) {
    while (used() < 0.6) {}
    puts("42");
}
