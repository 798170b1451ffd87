// id: E15
// tries: to interrupt the machine as often as it can, with timers that end every nanosecond
// stops: [cpu-limit]
// limits: {cpu_ms: 500, wall_ms: 20000, memory_mib: 32}
// expect: [TLE]
#include <signal.h>
#include <stdio.h>
#include <stdint.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static volatile long ticks;

static void tick(int number) {
    (void)number;
    ticks++;
}

static double used(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

int main(void) {
    struct itimerspec often = {{0, 1}, {0, 1}};
    signal(SIGALRM, tick);
    int files = 0, clocks = 0;
    for (; files < 200; files++) {
        int fd = timerfd_create(CLOCK_MONOTONIC, 0);
        if (fd < 0 || timerfd_settime(fd, 0, &often, NULL)) break;
    }
    for (; clocks < 10000; clocks++) {
        timer_t timer;
        if (timer_create(CLOCK_MONOTONIC, NULL, &timer)) break;
        timer_settime(timer, 0, &often, NULL);
    }
    if (clocks > 256) fprintf(stderr, "BREACH: %d timers\n", clocks);
    while (used() < 5) {
        uint64_t ended;
        for (int fd = 3; fd < 3 + files; fd++) read(fd, &ended, sizeof ended);
    }
    fprintf(stderr, "BREACH: five seconds of CPU time and %ld ticks\n", ticks);
    puts("42");
}
