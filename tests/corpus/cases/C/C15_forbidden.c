// id: C15-forbidden
// tries: to be missed by the kill after a forbidden call, as a crowd that forks all the time
// stops: [seccomp-notify, kill-all, pid-namespace]
// limits: {cpu_ms: 2000, wall_ms: 6000, pids: 32}
// repeat: 5
// expect: [RTE]
// reason: "ptrace"
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <unistd.h>

int main(void) {
    for (int i = 0; i < 10; i++) {
        if (fork() == 0) {
            setsid();
            for (int generation = 0; generation < 4000; generation++) {
                if (fork() > 0) _exit(0);
                usleep(100);
            }
            _exit(0);
        }
    }
    usleep(10000);
    puts("42");
    fflush(stdout);
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    puts("BREACH: ptrace came back");
    return 0;
}
