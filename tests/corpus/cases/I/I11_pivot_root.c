// id: I11-pivot_root
// tries: to make another directory the root
// stops: [filter, capabilities]
// needs: [x86_64]
// reason: pivot_root
// expect: [RTE]
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    mkdir("d", 0700);
    long result = syscall(SYS_pivot_root, ".", ".");
    fprintf(stderr, "BREACH: it came back with %ld\n", result);
    puts("42");
}
