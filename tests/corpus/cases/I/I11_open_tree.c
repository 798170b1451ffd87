// id: I11-open_tree
// tries: to take a copy of the mounts without a place
// stops: [filter, capabilities]
// needs: [x86_64]
// reason: open_tree
// expect: [RTE]
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    mkdir("d", 0700);
    long result = syscall(428, -100, "/", 1);
    fprintf(stderr, "BREACH: it came back with %ld\n", result);
    puts("42");
}
