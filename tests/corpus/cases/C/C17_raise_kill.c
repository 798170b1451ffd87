// id: C17-kill
// tries: to look as if the judge had killed it, by SIGKILL from itself
// stops: [kernel-counters]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [RTE]
// reason: "signal 9"
#include <signal.h>
#include <stdio.h>

int main(void) {
    puts("42");
    fflush(stdout);
    raise(SIGKILL);
    return 0;
}
