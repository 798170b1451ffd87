// id: J11-ticks
// tries: to compute between the ticks of the clock and to sleep when it ticks, so that each sample finds it asleep
// stops: [exact-cpu-accounting]
// limits: {cpu_ms: 1000, wall_ms: 9000}
// expect: [TLE]
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static double at(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

int main(void) {
    volatile unsigned long work = 0;
    while (at(CLOCK_PROCESS_CPUTIME_ID) < 3) {
        // Wakes just after a tick and sleeps before the next.
        usleep(50);
        double end = at(CLOCK_MONOTONIC) + 0.0008;
        while (at(CLOCK_MONOTONIC) < end) work++;
    }
    puts("BRE" "ACH: 3 seconds of CPU time within 1");
    puts("42");
    return 0;
}
