// id: E14-vectors
// tries: to read two gigabytes with a single call
// stops: [cpu-limit]
// limits: {cpu_ms: 500, wall_ms: 20000, memory_mib: 32}
// expect: [TLE]
#include <fcntl.h>
#include <stdio.h>
#include <sys/uio.h>
#include <time.h>

#define SIZE (2 << 20)

static char block[SIZE];

static double used(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

int main(void) {
    struct iovec parts[1024];
    int zeros = open("/dev/zero", O_RDONLY);
    if (zeros < 0) return 3;
    for (int i = 0; i < 1024; i++) parts[i] = (struct iovec){block, SIZE};
    while (used() < 5) readv(zeros, parts, 1024);
    fputs("BREACH: five seconds of CPU time\n", stderr);
    puts("42");
}
