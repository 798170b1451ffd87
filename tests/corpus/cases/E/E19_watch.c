// id: E19
// tries: to watch its own clock, and to guess just before its time is over, which it may
// stops: []
// message: {limits: {cpu_ms: 600, wall_ms: 5000, memory_bytes: 16777216, pids: 1}}
// expect: [AC]
#include <stdio.h>
#include <time.h>

static double used(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

int main(void) {
    while (used() < 0.5) {}
    puts("42");
}
