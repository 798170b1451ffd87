// id: C17-sys
// tries: to look as if it had made a forbidden call, by the signal alone
// stops: [seccomp-notify]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [RTE]
// reason: "signal 31"
#include <signal.h>
#include <stdio.h>

int main(void) {
    puts("42");
    fflush(stdout);
    raise(SIGSYS);
    return 0;
}
