// id: E02-queue
// tries: to idle and to look as if it waited for a CPU, which does not count as idling
// stops: [wall-limit, cpu-limit]
// limits: {cpu_ms: 500, wall_ms: 1000, memory_mib: 32, pids: 40}
// expect: [TLE, ILE]
#include <pthread.h>
#include <stdio.h>
#include <time.h>

static double now(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static void *wake_up(void *nothing) {
    // All of them want to run for a moment at the same moment, ten times a second.
    for (int i = 0; i < 200; i++) {
        double next = now(CLOCK_MONOTONIC);
        next = (long)(next * 10 + 1) / 10.0;
        struct timespec until = {(time_t)next, (long)((next - (time_t)next) * 1e9)};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
        double end = now(CLOCK_THREAD_CPUTIME_ID) + 0.0002;
        while (now(CLOCK_THREAD_CPUTIME_ID) < end) {}
    }
    return nothing;
}

int main(void) {
    pthread_t threads[32];
    double begin = now(CLOCK_MONOTONIC);
    for (int i = 0; i < 32; i++)
        if (pthread_create(&threads[i], NULL, wake_up, NULL)) return 3;
    for (int i = 0; i < 32; i++) pthread_join(threads[i], NULL);
    fprintf(stderr, "BREACH: %.1f seconds on the wall with %.1f of CPU time\n", now(CLOCK_MONOTONIC) - begin, now(CLOCK_PROCESS_CPUTIME_ID));
    puts("42");
}
