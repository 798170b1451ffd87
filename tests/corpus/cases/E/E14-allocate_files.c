// id: E14-allocate
// tries: to keep the kernel busy with giving it blocks of files and taking them back
// stops: [cpu-limit]
// limits: {cpu_ms: 500, wall_ms: 20000, memory_mib: 64}
// expect: [TLE]
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static double used(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

int main(void) {
    int file = open("/tmp/large", O_RDWR | O_CREAT, 0600);
    if (file < 0) return 3;
    signal(SIGXFSZ, SIG_IGN);
    while (used() < 5) {
        // The first is more than there may be.
        if (!fallocate(file, 0, 0, 1 << 30)) fputs("BREACH: a file of 1 GiB\n", stderr);
        if (fallocate(file, 0, 0, 12 << 20)) return 4;
        if (ftruncate(file, 0)) return 5;
    }
    fputs("BREACH: five seconds of CPU time\n", stderr);
    puts("42");
}
