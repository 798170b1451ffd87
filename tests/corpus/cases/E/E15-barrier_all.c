// id: E15-barrier
// tries: to make every processor of the machine wait for it, again and again
// stops: [cpu-limit, wall-limit]
// limits: {cpu_ms: 500, wall_ms: 2000, memory_mib: 32}
// expect: [TLE, ILE]
#include <pthread.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static double used(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static void *press(void *nothing) {
    struct timespec begin, now;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    do {
        // All of the kernel's ways, those that need to be asked for first among them.
        for (int command = 1; command <= 128; command *= 2) syscall(SYS_membarrier, command, 0, 0);
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (used() < 5 && now.tv_sec - begin.tv_sec < 30);
    return nothing;
}

int main(void) {
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        if (pthread_create(&threads[i], NULL, press, NULL)) return 3;
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    fputs("BREACH: five seconds of CPU time or 30 on the wall\n", stderr);
    puts("42");
}
