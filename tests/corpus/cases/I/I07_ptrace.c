// id: I07-ptrace
// tries: to get at the init by ptrace, which has seen what is secret
// stops: [filter, program-user, undumpable-init]
// needs: [x86_64]
// reason: ptrace
// expect: [RTE]
#define _GNU_SOURCE
#include <stdio.h>
#include <unistd.h>

int main(void) {
    long result = syscall(101, 16, 1, 0, 0);
    fprintf(stderr, "BREACH: ptrace came back with %ld\n", result);
    puts("42");
}
