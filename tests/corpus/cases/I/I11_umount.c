// id: I11-umount
// tries: to take away the mount that hides another
// stops: [filter, capabilities]
// needs: [x86_64]
// reason: umount2
// expect: [RTE]
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    mkdir("d", 0700);
    long result = umount2("/proc", 2 /* detach */);
    fprintf(stderr, "BREACH: it came back with %ld\n", result);
    puts("42");
}
