// id: E03
// tries: to share its computing out among threads, none of which takes long
// stops: [cpu-limit]
// limits: {cpu_ms: 500, wall_ms: 20000, memory_mib: 32}
// expect: [TLE]
#include <pthread.h>
#include <stdio.h>
#include <time.h>

static void *compute(void *nothing) {
    struct timespec now;
    // Eight of these are ten times the limit.
    do clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    while (now.tv_sec + now.tv_nsec / 1e9 < 0.625);
    return nothing;
}

int main(void) {
    pthread_t threads[8];
    for (int i = 0; i < 8; i++)
        if (pthread_create(&threads[i], NULL, compute, NULL)) return 3;
    for (int i = 0; i < 8; i++) pthread_join(threads[i], NULL);
    fputs("BREACH: five seconds in eight threads\n", stderr);
    puts("42");
}
