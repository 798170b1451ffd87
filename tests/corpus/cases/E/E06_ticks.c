// id: E06
// tries: to be asleep whenever the clock ticks, where a kernel counts CPU time by ticks
// stops: [cpu-limit]
// limits: {cpu_ms: 500, wall_ms: 20000, memory_mib: 16}
// needs: [fast]
// expect: [TLE]
#include <stdio.h>
#include <time.h>

static double now(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

int main(void) {
    struct timespec moment = {0, 1};
    double computed = 0;
    // A sleep that ends with a tick's work, and then most of the time to the next one.
    while (computed < 3) {
        nanosleep(&moment, NULL);
        double begin = now(CLOCK_MONOTONIC);
        while (now(CLOCK_MONOTONIC) - begin < 0.0034) {}
        // Not what others had of it; the machine may be busy.
        double spent = now(CLOCK_MONOTONIC) - begin;
        computed += spent < 0.004 ? spent : 0;
    }
    fprintf(stderr, "BREACH: %.1f seconds, of which %.1f were seen\n", computed, now(CLOCK_PROCESS_CPUTIME_ID));
    puts("42");
}
