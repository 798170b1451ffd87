// id: E01
// tries: to compute for ever
// stops: [cpu-limit]
// limits: {cpu_ms: 500, wall_ms: 8000, memory_mib: 16}
// expect: [TLE]
// reason: more CPU time than
#include <stdio.h>
#include <time.h>

static double used(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

int main(void) {
    // Ten times the limit is enough.
    while (used() < 5) {}
    fputs("BREACH: five seconds of CPU time\n", stderr);
    puts("42");
}
