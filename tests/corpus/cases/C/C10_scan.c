// id: C10-scan
// tries: to find processes that are not its own by asking for every number
// stops: [pid-namespace]
// limits: {cpu_ms: 2000, pids: 8}
// expect: [AC]
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    if (getppid() != 1) printf("BREACH: the parent is %d\n", getppid());
    int others = 0;
    for (int pid = 2; pid <= 200000; pid++) {
        if (pid == getpid()) continue;
        cpu_set_t set;
        int seen = (kill(pid, 0) == 0 || errno != ESRCH) || getsid(pid) >= 0;
        if (pid < 70000 && sched_getaffinity(pid, sizeof set, &set) >= 0) seen = 1;
        if (seen && ++others < 10) printf("BREACH: there is a process %d\n", pid);
    }
    puts("42");
    return 0;
}
