// id: G12-trace
// tries: to trace processes, or to read and write their memory, whoever they belong to
// stops: [filter-kill, pid-namespace, user-per-slot]
// expect: [RTE]
// reason: ptrace
// message:
//   stop: never
//   tests:
//     - {id: attach, stdin: "0\n", expected: "42\n"}
//     - {id: seize, stdin: "1\n", expected: "42\n"}
//     - {id: read, stdin: "2\n", expected: "42\n"}
//     - {id: write, stdin: "3\n", expected: "42\n"}

#define _GNU_SOURCE
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

int main(void) {
    int which = 0;
    char text[8] = "";
    scanf("%d", &which);
    for (int pid = 1; pid < 2000; pid++) {
        if (pid == getpid())
            continue;
        struct iovec here = {text, sizeof text}, there = {(void *)0x400000, sizeof text};
        long got = which == 0   ? ptrace(PTRACE_ATTACH, pid, 0, 0)
                   : which == 1 ? ptrace(PTRACE_SEIZE, pid, 0, 0)
                   : which == 2 ? syscall(SYS_process_vm_readv, pid, &here, 1L, &there, 1L, 0L)
                                : syscall(SYS_process_vm_writev, pid, &here, 0L, &there, 0L, 0L);
        if (got >= 0 || pid == 1)
            fprintf(stderr, "BREACH: process %d: the call returned %ld\n", pid, got);
    }
    puts("42");
    return 0;
}
