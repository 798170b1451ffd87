// id: I11-mount
// tries: to mount a file system of its own
// stops: [filter, capabilities]
// needs: [x86_64]
// reason: mount
// expect: [RTE]
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    mkdir("d", 0700);
    long result = mount("none", "d", "tmpfs", 0, "");
    fprintf(stderr, "BREACH: it came back with %ld\n", result);
    puts("42");
}
