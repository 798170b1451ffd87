// id: E09
// tries: to be scheduled before everybody else
// stops: [filter]
// limits: {memory_mib: 16}
// expect: [AC]
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

struct attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
    uint32_t clamp_min, clamp_max;
};

static void check(const char *what, long result) {
    if (result >= 0) fprintf(stderr, "BREACH: %s\n", what);
}

int main(void) {
    struct sched_param param = {.sched_priority = 1};
    struct attributes some = {.size = sizeof some};
    for (int which = PRIO_PROCESS; which <= PRIO_USER; which++) check("setpriority -20", setpriority(which, 0, -20));
    check("setpriority -1", setpriority(PRIO_PROCESS, 0, -1));
    errno = 0;
    if (nice(-5) != -1 || errno == 0) fputs("BREACH: nice\n", stderr);
    check("SCHED_FIFO", sched_setscheduler(0, SCHED_FIFO, &param));
    check("SCHED_RR", sched_setscheduler(0, SCHED_RR, &param));
    check("SCHED_FIFO until fork", sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &param));
    check("SCHED_RR until fork", sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &param));
    param.sched_priority = 0;
    for (int policy = SCHED_BATCH; policy <= 7; policy++) check("batch, idle, or a later policy", sched_setscheduler(0, policy, &param));
    check("sched_setparam", sched_setparam(0, &param));
    some.policy = SCHED_FIFO, some.priority = 1;
    check("sched_setattr FIFO", syscall(SYS_sched_setattr, 0, &some, 0));
    some.policy = 6, some.priority = 0, some.runtime = 10000000, some.deadline = some.period = 30000000;
    check("sched_setattr DEADLINE", syscall(SYS_sched_setattr, 0, &some, 0));
    some.policy = SCHED_OTHER, some.runtime = some.deadline = some.period = 0, some.nice = -20;
    check("sched_setattr nice", syscall(SYS_sched_setattr, 0, &some, 0));
    some.nice = 0, some.flags = 0x20 | 0x40 | 0x08, some.clamp_min = some.clamp_max = 1024;
    check("sched_setattr clamp", syscall(SYS_sched_setattr, 0, &some, 0));
    // Real-time and idle classes of the disk, for a process, a group and a user.
    for (int who = 1; who <= 3; who++)
        for (int class = 1; class <= 3; class += 2) check("ioprio_set", syscall(SYS_ioprio_set, who, 0, class << 13));
    int fd = open("/proc/self/autogroup", O_WRONLY);
    if (fd >= 0) check("autogroup", write(fd, "-20", 3));
    if (getpriority(PRIO_PROCESS, 0) != 0 || sched_getscheduler(0) != SCHED_OTHER) fputs("BREACH: it has another priority\n", stderr);
    puts("42");
}
