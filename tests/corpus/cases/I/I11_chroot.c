// id: I11-chroot
// tries: the old way out, a root below the directory that it is in
// stops: [filter, capabilities]
// needs: [x86_64]
// reason: chroot
// expect: [RTE]
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    mkdir("d", 0700);
    long result = chroot("d");
    for (int i = 0; i < 64; i++) (void)!chdir("..");
    if (access("boot", F_OK) == 0) fprintf(stderr, "BREACH: outside\n");
    fprintf(stderr, "BREACH: it came back with %ld\n", result);
    puts("42");
}
