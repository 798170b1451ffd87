// id: E02-locks
// tries: to have two threads wait for each other
// stops: [wall-limit]
// limits: {cpu_ms: 500, wall_ms: 700, memory_mib: 32}
// expect: [ILE]
#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER, other = PTHREAD_MUTEX_INITIALIZER;

static void take(pthread_mutex_t *lock) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 20;
    pthread_mutex_timedlock(lock, &until);
}

static void *second(void *nothing) {
    take(&other);
    usleep(50000);
    take(&one);
    return nothing;
}

int main(void) {
    pthread_t thread;
    take(&one);
    if (pthread_create(&thread, NULL, second, NULL)) return 3;
    usleep(50000);
    take(&other);
    fputs("BREACH: 20 seconds\n", stderr);
    puts("42");
}
