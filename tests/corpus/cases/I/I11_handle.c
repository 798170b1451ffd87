// id: I11-handle
// tries: to open a file by its number on the file system, whatever the directory
// stops: [filter, capabilities]
// needs: [x86_64]
// reason: open_by_handle_at
// expect: [RTE]
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    mkdir("d", 0700);
    long result = syscall(304 /* open_by_handle_at */, 0, NULL, 0);
    fprintf(stderr, "BREACH: it came back with %ld\n", result);
    puts("42");
}
