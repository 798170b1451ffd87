// id: E07-random
// tries: to have the kernel compute for it, by drawing random numbers
// stops: [cpu-limit]
// limits: {cpu_ms: 500, wall_ms: 20000, memory_mib: 16}
// expect: [TLE]
#include <sys/random.h>
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
    while (used() < 5)
        getrandom(block, 65536, 0);
    fputs("BREACH: five seconds in the kernel\n", stderr);
    puts("42");
}
