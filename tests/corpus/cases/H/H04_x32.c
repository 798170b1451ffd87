// id: H04
// tries: to call the kernel by the numbers of programs with short pointers, or by numbers beyond all calls
// stops: [filter-arch]
// needs: [x86_64]
// expect: [RTE]
// reason: another architecture
// message:
//   stop: never
//   tests:
//     - {id: getpid, stdin: "40000027\n", expected: "42\n"}
//     - {id: write, stdin: "40000001\n", expected: "42\n"}
//     - {id: ptrace, stdin: "40000209\n", expected: "42\n"}
//     - {id: execve, stdin: "40000208\n", expected: "42\n"}
//     - {id: mount, stdin: "400000a5\n", expected: "42\n"}
//     - {id: last, stdin: "7fffffff\n", expected: "42\n"}
//     - {id: negative, stdin: "80000027\n", expected: "42\n"}

#define _GNU_SOURCE
#include <stdio.h>
#include <unistd.h>

int main(void) {
    unsigned long number = 0;
    scanf("%lx", &number);
    long got = syscall(number, 0L, 0L, 0L, 0L, 0L, 0L);
    fprintf(stderr, "BREACH: call %#lx returned %ld: %m\n", number, got);
    puts("42");
    return 0;
}
