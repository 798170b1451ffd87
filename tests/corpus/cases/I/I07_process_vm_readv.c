// id: I07-process_vm_readv
// tries: to get at the init by process_vm_readv, which has seen what is secret
// stops: [filter, program-user, undumpable-init]
// needs: [x86_64]
// reason: process_vm_readv
// expect: [RTE]
#define _GNU_SOURCE
#include <stdio.h>
#include <unistd.h>

int main(void) {
    long result = syscall(310, 1, 0, 0, 0, 0, 0);
    fprintf(stderr, "BREACH: process_vm_readv came back with %ld\n", result);
    puts("42");
}
