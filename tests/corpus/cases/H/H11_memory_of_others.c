// id: H11
// tries: to trace, to copy and to compare what other processes have, even its own children
// stops: [filter-kill]
// expect: [RTE]
// reason: ptrace (
// message:
//   stop: never
//   tests:
//     - {id: traceme, stdin: "0\n", expected: "42\n"}
//     - {id: attach_child, stdin: "1\n", expected: "42\n"}
//     - {id: read, stdin: "2\n", expected: "42\n"}
//     - {id: write, stdin: "3\n", expected: "42\n"}
//     - {id: kcmp, stdin: "4\n", expected: "42\n"}
//     - {id: pidfd_getfd, stdin: "5\n", expected: "42\n"}

#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

int main(void) {
    int which = -1;
    long r = 0;
    char word[8] = "";
    scanf("%d", &which);
    int child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    struct iovec v = {word, sizeof word};
    switch (which) {
        case 0: r = ptrace(PTRACE_TRACEME, 0, 0, 0); break;
        case 1: r = ptrace(PTRACE_ATTACH, child, 0, 0); break;
        case 2: r = syscall(SYS_process_vm_readv, child, &v, 1L, &v, 1L, 0L); break;
        case 3: r = syscall(SYS_process_vm_writev, child, &v, 1L, &v, 1L, 0L); break;
        case 4: r = syscall(SYS_kcmp, getpid(), child, 0, 0L, 0L); break;
        case 5: r = syscall(SYS_pidfd_getfd, 0, 0, 0); break;
    }
    fprintf(stderr, "BREACH: call %d returned %ld: %m\n", which, r);
    kill(child, SIGKILL);
    puts("42");
    return 0;
}
