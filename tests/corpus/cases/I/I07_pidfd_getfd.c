// id: I07-pidfd_getfd
// tries: to get at the init by pidfd_getfd, which has seen what is secret
// stops: [filter, program-user, undumpable-init]
// needs: [x86_64]
// reason: pidfd_getfd
// expect: [RTE]
#define _GNU_SOURCE
#include <stdio.h>
#include <unistd.h>

int main(void) {
    long result = syscall(438, 0, 0, 0);
    fprintf(stderr, "BREACH: pidfd_getfd came back with %ld\n", result);
    puts("42");
}
