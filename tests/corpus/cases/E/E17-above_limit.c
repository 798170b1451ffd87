// id: E17-above
// tries: to go 20 ms beyond its limit
// stops: [cpu-limit]
// message: {limits: {cpu_ms: 200, wall_ms: 5000, memory_bytes: 16777216, pids: 1}}
// repeat: 20
// needs: [fast]
// expect: [TLE]
#include <stdio.h>
#include <time.h>

static double used(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

int main(void) {
    while (used() < 0.22) {}
    puts("42");
}
