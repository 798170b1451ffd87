// id: I11-remount
// tries: to take the read-only flag off a mount
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
    long result = mount(NULL, "/usr", NULL, 32 | 4096 /* remount, bind */, NULL);
    fprintf(stderr, "BREACH: it came back with %ld\n", result);
    puts("42");
}
