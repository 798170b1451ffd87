// id: D14-thread
// tries: to run over the end of a thread's stack, into what lies behind
// stops: [kernel]
// limits: {cpu_ms: 10000, wall_ms: 30000, memory_mib: 64}
// expect: [RTE]
// reason: SIGSEGV
#include <pthread.h>
#include <stdio.h>

static int __attribute__((noinline)) deeper(int depth) {
    volatile char frame[4096];
    frame[0] = frame[4095] = (char)depth;
    if (depth == 1000) return frame[0];
    return deeper(depth + 1) + frame[4095] - frame[0];
}

static void *run(void *nothing) {
    fprintf(stderr, "BREACH: 4 MiB on a stack of 64 KiB (%d)\n", deeper(1));
    return nothing;
}

int main(void) {
    pthread_attr_t small;
    pthread_t thread;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 1 << 16);
    if (pthread_create(&thread, &small, run, NULL)) return 3;
    pthread_join(thread, NULL);
    puts("42");
}
