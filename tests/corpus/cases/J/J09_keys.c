// id: J09-keys
// tries: to leave word for the next test in the kernel's keys, whose user may be the same
// stops: [seccomp-keys]
// needs: [x86_64]
// expect: [RTE]
// reason: add_key
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    long key = syscall(SYS_add_key, "user", "assay-left", "42", 2, -4);
    if (key > 0) printf("BRE" "ACH: key %ld\n", key);
    puts("42");
    return 0;
}
