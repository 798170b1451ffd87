// id: I08
// tries: to raise its limits, or another process's
// stops: [rlimit-fsize, rlimit-cpu, rlimit-nofile, rlimit-memlock, rlimit-msgqueue, rlimit-nice, rlimit-rtprio, rlimit-sigpending, rlimit-core, filter, program-user]
// expect: [AC]
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void refused(const char *what, long result) {
    if (result >= 0) fprintf(stderr, "BREACH: %s\n", what);
}

int main(void) {
    for (int resource = 0; resource < 16; resource++) {
        struct rlimit old, new, other;
        getrlimit(resource, &old);
        if (old.rlim_cur != old.rlim_max) fprintf(stderr, "BREACH: limit %d is %lu of %lu\n", resource, old.rlim_cur, old.rlim_max);
        char what[64];
        for (int way = 0; way < 4 && old.rlim_max != RLIM_INFINITY; way++) {
            new = old;
            if (way < 2) new.rlim_max++;
            else new.rlim_max = RLIM_INFINITY;
            if (way % 2) new.rlim_cur = new.rlim_max;
            snprintf(what, sizeof what, "limit %d raised to %lu of %lu", resource, new.rlim_cur, new.rlim_max);
            refused(what, setrlimit(resource, &new));
            refused(what, prlimit(0, resource, &new, NULL));
            refused(what, prlimit(getpid(), resource, &new, &other));
        }
        snprintf(what, sizeof what, "limit %d of the init", resource);
        refused(what, prlimit(1, resource, NULL, &other));
        refused(what, prlimit(1, resource, &old, NULL));
    }
    refused("niceness", setpriority(PRIO_PROCESS, 0, -5));
    refused("niceness of the init", setpriority(PRIO_PROCESS, 1, 0));
    struct sched_param param = {.sched_priority = 1};
    refused("real time", sched_setscheduler(0, SCHED_FIFO, &param));
    refused("round robin", sched_setscheduler(0, SCHED_RR, &param));
    unsigned long attr[6] = {48 | (6ul << 32), 0, 0, 1000000, 10000000, 10000000};
    refused("deadline", syscall(SYS_sched_setattr, 0, attr, 0));
    refused("ioprio", syscall(SYS_ioprio_set, 1, 0, 1 << 13));
    int score = open("/proc/self/oom_score_adj", O_WRONLY);
    refused("score", score);
    // What the limits say holds.
    refused("locking of 1 MiB", mlock(mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 1 << 20));
    refused("locking of everything", mlockall(MCL_CURRENT | MCL_FUTURE));
    int count = 0;
    while (count < 1000 && dup(1) >= 0) count++;
    if (count != 253) fprintf(stderr, "BREACH: %d more descriptors\n", count);
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    for (count = 0; count < 1000; count++) {
        timer_t timer;
        struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
        if (timer_create(CLOCK_MONOTONIC, &event, &timer)) break;
    }
    if (count > 256) fprintf(stderr, "BREACH: %d timers\n", count);
    puts("42");
}
