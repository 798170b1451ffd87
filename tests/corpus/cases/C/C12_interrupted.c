// id: C12-interrupted
// tries: to have the effect of a forbidden call by interrupting it with a signal before anybody has looked at it
// stops: [seccomp-notify]
// limits: {cpu_ms: 1000, pids: 8}
// repeat: 10
// expect: [RTE, AC]
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <time.h>
#include <unistd.h>

static void handler(int number) { (void)number; }

int main(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    sigaction(SIGALRM, &action, 0);
    timer_t timer;
    timer_create(CLOCK_MONOTONIC, 0, &timer);
    // Whoever is to look at it has to wait for a processor first.
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            for (volatile long turns = 0; turns < 300000000; turns++);
            _exit(0);
        }
    usleep(3000);
    for (int after = 2000; after < 10000; after += 1000) {
        struct itimerspec soon = {.it_value = {0, after}};
        timer_settime(timer, 0, &soon, 0);
        // What is interrupted has had no effect; that it goes without a verdict is possible.
        if (ptrace(PTRACE_TRACEME, 0, 0, 0) == 0 || errno != EINTR) printf("BREACH: ptrace: %s\n", strerror(errno));
    }
    puts("42");
    fflush(stdout);
    _exit(0);
}
