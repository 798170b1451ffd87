// id: I07-kcmp
// tries: to get at the init by kcmp, which has seen what is secret
// stops: [filter, program-user, undumpable-init]
// needs: [x86_64]
// reason: kcmp
// expect: [RTE]
#define _GNU_SOURCE
#include <stdio.h>
#include <unistd.h>

int main(void) {
    long result = syscall(312, 1, 2, 0, 0, 0);
    fprintf(stderr, "BREACH: kcmp came back with %ld\n", result);
    puts("42");
}
