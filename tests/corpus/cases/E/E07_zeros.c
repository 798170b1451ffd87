// id: E07
// tries: to have the kernel compute for it, by reading zeros
// stops: [cpu-limit]
// limits: {cpu_ms: 500, wall_ms: 20000, memory_mib: 16}
// expect: [TLE]
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static char block[1 << 20];

static double used(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

int main(void) {
    int file = open("/dev/zero", O_RDONLY);
    if (file < 0) return 3;
    while (used() < 5)
        read(file, block, sizeof block);
    fputs("BREACH: five seconds in the kernel\n", stderr);
    puts("42");
}
