// id: J11-threads
// tries: to compute in threads that end before anybody adds their time up
// stops: [cpu-of-the-group]
// limits: {cpu_ms: 1000, wall_ms: 9000}
// expect: [TLE]
#include <pthread.h>
#include <stdio.h>
#include <time.h>

static void *burn(void *arg) {
    struct timespec now = {0};
    while (now.tv_nsec < 5000000) clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return arg;
}

int main(void) {
    for (int i = 0; i < 200; i++) {
        pthread_t all[4];
        for (int k = 0; k < 4; k++) pthread_create(&all[k], NULL, burn, NULL);
        for (int k = 0; k < 4; k++) pthread_join(all[k], NULL);
    }
    puts("BRE" "ACH: 4 seconds of CPU time within 1");
    puts("42");
    return 0;
}
