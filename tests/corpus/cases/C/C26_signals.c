// id: C26
// tries: to find signals that are ignored, blocked or handled before it has begun
// stops: [signal-reset]
// limits: {cpu_ms: 1000, pids: 4}
// expect: [AC]
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

int main(void) {
    for (int number = 1; number < 65; number++) {
        unsigned long action[4] = {1, 1, 1, 1};
        syscall(SYS_rt_sigaction, number, 0, action, 8);
        if (action[0] != 0) printf("BREACH: signal %d has the action %lu\n", number, action[0]);
    }
    unsigned long mask = 0, pending = 0;
    syscall(SYS_rt_sigprocmask, SIG_BLOCK, 0, &mask, 8);
    if (mask) printf("BREACH: the mask is %lx\n", mask);
    syscall(SYS_rt_sigpending, &pending, 8);
    if (pending) printf("BREACH: %lx is pending\n", pending);
    stack_t stack;
    sigaltstack(0, &stack);
    if (!(stack.ss_flags & SS_DISABLE)) puts("BREACH: there is another stack");
    for (int which = 0; which < 3; which++) {
        struct itimerval timer;
        getitimer(which, &timer);
        if (timer.it_value.tv_sec || timer.it_value.tv_usec) printf("BREACH: timer %d runs\n", which);
    }
    if (getpriority(PRIO_PROCESS, 0) != 0) puts("BREACH: another priority");
    mode_t mask_of_files = umask(0);
    if (mask_of_files != 022) printf("BREACH: the mask of files is %o\n", mask_of_files);
    puts("42");
    return 0;
}
