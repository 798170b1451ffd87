// id: E07-mappings
// tries: to have the kernel compute for it, by making and removing mappings
// stops: [cpu-limit]
// limits: {cpu_ms: 500, wall_ms: 20000, memory_mib: 16}
// expect: [TLE]
#include <sys/mman.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static double used(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

int main(void) {
    while (used() < 5)
        {
            void *at = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
            if (at != MAP_FAILED) munmap(at, 1 << 20);
        }
    fputs("BREACH: five seconds in the kernel\n", stderr);
    puts("42");
}
