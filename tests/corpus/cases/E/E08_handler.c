// id: E08
// tries: to go on when it is told that its time is over
// stops: [cpu-limit]
// limits: {cpu_ms: 500, wall_ms: 20000, memory_mib: 16}
// expect: [TLE]
#include <signal.h>
#include <stdio.h>
#include <time.h>

static double used(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

int main(void) {
    int catchable[] = {SIGXCPU, SIGALRM, SIGVTALRM, SIGPROF, SIGTERM, SIGINT, SIGHUP, SIGQUIT};
    sigset_t all;
    sigfillset(&all);
    for (int i = 0; i < 8; i++) signal(catchable[i], SIG_IGN);
    sigprocmask(SIG_BLOCK, &all, NULL);
    while (used() < 5) {}
    fputs("BREACH: five seconds of CPU time\n", stderr);
    puts("42");
}
