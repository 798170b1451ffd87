// id: C17-xcpu
// tries: to look as if its time had been over
// stops: [kernel-counters]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [RTE]
// reason: "signal 24"
#include <signal.h>
#include <stdio.h>

int main(void) {
    puts("42");
    fflush(stdout);
    raise(SIGXCPU);
    return 0;
}
