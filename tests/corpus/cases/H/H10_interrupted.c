// id: H10-interrupted
// tries: to make a forbidden call and to be interrupted in it, so that whoever listens to the filter hears of it too late
// stops: [filter-kill, end-at-first-forbidden-call]
// expect: [RTE]
// reason: ptrace (

#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static void nothing(int signal) {
    (void)signal;
}

int main(void) {
    // Without SA_RESTART the call comes back interrupted, if it comes back.
    struct sigaction a = {.sa_handler = nothing};
    sigaction(SIGALRM, &a, 0);
    // A sibling kills the one that calls, too, as soon as it may have called.
    for (int i = 0; i < 20; i++) {
        int child = fork();
        if (child == 0) {
            syscall(SYS_ptrace, -1L, -1L, 0L, 0L);
            _exit(0);
        }
        if (i % 2)
            usleep(10 * i);
        kill(child, SIGKILL);
        waitpid(child, 0, 0);
    }
    struct itimerval often = {{0, 20}, {0, 20}};
    setitimer(ITIMER_REAL, &often, 0);
    for (int i = 0; i < 2000; i++) {
        long r = syscall(SYS_ptrace, -1L, -1L, 0L, 0L);
        if (r >= 0 || errno != EINTR) {
            fprintf(stderr, "BREACH: the call returned %ld: %m\n", r);
            break;
        }
    }
    puts("42");
    return 0;
}
