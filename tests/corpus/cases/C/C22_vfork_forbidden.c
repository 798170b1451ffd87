// id: C22-forbidden
// tries: to be out of reach while its child, for which it waits in the kernel, does what is forbidden
// stops: [seccomp-notify, kill-all]
// limits: {cpu_ms: 1000, wall_ms: 3000, pids: 4}
// expect: [RTE]
// reason: "ptrace"
#include <stdio.h>
#include <sys/ptrace.h>
#include <unistd.h>

int main(void) {
    if (vfork() == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        _exit(0);
    }
    puts("BREACH: ptrace came back\n42");
    return 0;
}
