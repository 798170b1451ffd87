// id: C03
// tries: to have more threads than its limit of processes
// stops: [pids-max]
// limits: {cpu_ms: 1000, pids: 16}
// expect: [TLE]
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static void *wait_for_ever(void *none) {
    for (;;) pause();
    return none;
}

int main(void) {
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 16384);
    int threads = 1;
    for (int tries = 0; tries < 1000; tries++) {
        pthread_t thread;
        threads += pthread_create(&thread, &small, wait_for_ever, 0) == 0;
    }
    if (threads > 16) {
        printf("BREACH: %d threads\n42\n", threads);
        return 0;
    }
    for (volatile long i = 0; i < 100000000000; i++);
}
