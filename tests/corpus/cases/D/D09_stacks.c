// id: D09
// tries: to use the stacks that the kernel has for threads as memory
// stops: [memory-limit]
// limits: {cpu_ms: 10000, wall_ms: 30000, memory_mib: 16, pids: 4096}
// expect: [MLE]
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static void *wait_for_ever(void *nothing) {
    pause();
    return nothing;
}

int main(void) {
    pthread_attr_t small;
    pthread_t thread;
    int made = 0;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 16384);
    while (made < 3000 && !pthread_create(&thread, &small, wait_for_ever, NULL)) made++;
    // 16 KiB each in the kernel alone.
    if (made >= 2000) fprintf(stderr, "BREACH: %d threads\n", made);
    puts("42");
}
