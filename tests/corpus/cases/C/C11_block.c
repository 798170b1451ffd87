// id: C11-block
// tries: to outlast its time by blocking every signal in threads and children that handle them too
// stops: [cpu-limit, kill-all]
// limits: {cpu_ms: 1000, pids: 12}
// expect: [TLE]
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static void handler(int number) { signal(number, handler); }

static void *spin(void *none) {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, 0);
    struct timespec used;
    do {
        for (volatile int i = 0; i < 1000000; i++);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    } while (used.tv_sec < 20);
    puts("BREACH: 20 seconds\n42");
    return none;
}

int main(void) {
    for (int number = 1; number < 65; number++) signal(number, handler);
    fork();
    fork();
    pthread_t thread;
    pthread_create(&thread, 0, spin, 0);
    spin(0);
    return 0;
}
