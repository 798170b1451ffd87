// id: D10
// tries: to fill the kernel's memory with names of files that do not exist
// stops: [memory-limit, cpu-limit]
// limits: {cpu_ms: 700, wall_ms: 30000, memory_mib: 8}
// expect: [TLE, MLE]
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

static double used(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

int main(void) {
    struct stat meta;
    char name[160];
    for (unsigned long i = 0; used() < 6; i++)
        for (int n = 0; n < 256; n++) {
            snprintf(name, sizeof name, "/usr/%0120lu.%d", i, n);
            stat(name, &meta);
        }
    fputs("BREACH: six seconds of names\n", stderr);
    puts("42");
}
