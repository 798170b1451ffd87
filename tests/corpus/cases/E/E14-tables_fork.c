// id: E14-tables
// tries: to keep the kernel busy with a single call, copying and removing what maps a huge range
// stops: [cpu-limit]
// limits: {cpu_ms: 500, wall_ms: 20000, memory_mib: 48}
// expect: [TLE]
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double used(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

int main(void) {
    // Shared pages, all of which are mapped anew at each fork that touches them.
    size_t size = 12 << 20;
    char *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) return 3;
    memset(at, 1, size);
    int rounds = 0;
    while (used() < 5 && rounds < 1000000) {
        pid_t child = fork();
        if (child == 0) {
            madvise(at, size, MADV_DONTNEED);
            _exit(0);
        }
        if (child > 0) waitpid(child, NULL, 0);
        rounds++;
    }
    fputs("BREACH: five seconds of CPU time\n", stderr);
    puts("42");
}
