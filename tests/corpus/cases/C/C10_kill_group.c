// id: C10-group
// tries: to kill its group of processes with somebody of the judge in it
// stops: [setsid]
// limits: {cpu_ms: 1000, pids: 8}
// expect: [RTE]
// reason: "signal 9"
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    if (fork() == 0) for (;;) pause();
    puts("42");
    fflush(stdout);
    kill(0, SIGKILL);
    puts("BREACH: alive");
    return 0;
}
