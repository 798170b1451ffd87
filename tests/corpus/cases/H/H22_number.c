// id: H22-number
// tries: to get past the filter by bits in the upper half of the number of the call
// stops: [filter-kill, filter-default]
// needs: [x86_64]
// expect: [RTE]
// reason: ptrace (
// message:
//   stop: never
//   tests:
//     - {id: bit32, stdin: "100000000\n", expected: "42\n"}
//     - {id: bit63, stdin: "8000000000000000\n", expected: "42\n"}
//     - {id: all, stdin: "ffffffff00000000\n", expected: "42\n"}

#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    unsigned long high = 0;
    scanf("%lx", &high);
    const long others[] = {SYS_socket, SYS_clone3, SYS_io_uring_setup, SYS_seccomp, SYS_shmget};
    for (int i = 0; i < 5; i++)
        if (syscall(others[i] | high, 2L, 1L, 0L, 0L, 0L, 0L) >= 0 ||
            (errno != ENOSYS && errno != EAFNOSUPPORT && errno != EPERM))
            fprintf(stderr, "BREACH: call %#lx: %m\n", others[i] | high);
    long r = syscall(SYS_ptrace | high, 0L, 0L, 0L, 0L, 0L, 0L);
    fprintf(stderr, "BREACH: call %#lx returned %ld: %m\n", SYS_ptrace | high, r);
    puts("42");
    return 0;
}
