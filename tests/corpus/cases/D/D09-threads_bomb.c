// id: D09-threads
// tries: to have more threads than it may, in several processes
// stops: [process-limit]
// limits: {memory_mib: 64, pids: 12}
// expect: [AC]
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void *wait_for_ever(void *nothing) {
    pause();
    return nothing;
}

int main(void) {
    volatile int *alive = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int done[2];
    char byte;
    if (alive == MAP_FAILED || pipe(done)) return 3;
    int children = 0;
    *alive = 1;
    for (; children < 4; children++) {
        pid_t child = fork();
        if (child < 0) break;
        if (child) continue;
        pthread_t thread;
        __atomic_add_fetch(alive, 1, __ATOMIC_SEQ_CST);
        for (int i = 0; i < 16 && !pthread_create(&thread, NULL, wait_for_ever, NULL); i++)
            __atomic_add_fetch(alive, 1, __ATOMIC_SEQ_CST);
        write(done[1], "d", 1);
        pause();
        _exit(0);
    }
    for (int i = 0; i < children; i++)
        if (read(done[0], &byte, 1) != 1) return 4;
    if (*alive > 12) fprintf(stderr, "BREACH: %d threads\n", *alive);
    if (*alive < 3) return 5;
    puts("42");
}
