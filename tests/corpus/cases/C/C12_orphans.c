// id: C12-orphans
// tries: to be a success by orphans that the init reaps first, with the exit code and exit signals of their choice
// stops: [exact-pid]
// limits: {cpu_ms: 1000, pids: 16}
// expect: [RTE]
// reason: "exit code 7"
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    int exit_signals[] = {SIGCHLD, 0, SIGKILL, SIGSTOP, SIGUSR1, 63};
    puts("42");
    fflush(stdout);
    for (int i = 0; i < 6; i++) {
        int between = fork();
        if (between == 0) {
            if (syscall(SYS_clone, (long)exit_signals[i], 0, 0, 0, 0) == 0) {
                usleep(20000);
                _exit(0);
            }
            _exit(0);
        }
        waitpid(between, 0, 0);
    }
    usleep(100000);
    _exit(7);
}
