// id: J11-clock
// tries: to set clocks back, to be counted less, and to stop itself so that the wall clock stands still
// stops: [no-capabilities, monotonic-clock]
// limits: {cpu_ms: 500, wall_ms: 2000}
// expect: [TLE, ILE]
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

int main(void) {
    struct timespec zero = {1, 0};
    struct timeval early = {1, 0};
    struct timex slow = {.modes = ADJ_TICK, .tick = 9000};
    struct sched_param param = {.sched_priority = 1};
    struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
    if (clock_settime(CLOCK_REALTIME, &zero) == 0 || settimeofday(&early, NULL) == 0) puts("BRE" "ACH: the clock was set");
    if (adjtimex(&slow) >= 0) puts("BRE" "ACH: the clock was slowed");
    if (sched_setscheduler(0, SCHED_FIFO, &param) == 0) puts("BRE" "ACH: it is before all others");
    if (setrlimit(RLIMIT_CPU, &none) == 0) {
        struct rlimit now;
        getrlimit(RLIMIT_CPU, &now);
    }
    prctl(PR_SET_TIMERSLACK, 1000000000);
    if (fork() == 0) {
        usleep(1700000);
        kill(getppid(), SIGCONT);
        _exit(0);
    }
    kill(getpid(), SIGSTOP);
    while (clock() < 2 * CLOCKS_PER_SEC) {}
    puts("BRE" "ACH: 2 seconds of CPU time within a half");
    puts("42");
    return 0;
}
