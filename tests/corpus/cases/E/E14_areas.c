// id: E14
// tries: to keep the kernel busy with a single call, removing tens of thousands of areas at once
// stops: [cpu-limit]
// limits: {cpu_ms: 500, wall_ms: 20000, memory_mib: 64}
// expect: [TLE]
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>

#define AREAS 60000

static double used(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

int main(void) {
    while (used() < 5) {
        size_t size = (size_t)AREAS * 4096;
        char *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (at == MAP_FAILED) return 3;
        // Neighbours of different rights are areas of their own.
        for (size_t i = 0; i < AREAS && used() < 5; i += 2)
            if (mprotect(at + i * 4096, 4096, PROT_READ)) return 4;
        munmap(at, size);
    }
    fputs("BREACH: five seconds of CPU time\n", stderr);
    puts("42");
}
